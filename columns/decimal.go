package columns

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"github.com/parquet-go/parquet-go/format"
)

// decimalScalar is an integer divided by a power of ten. In JSON it is a number with all digits after the point, also those that are zero:
// 12.50. It must not be read as a floating point number where it has more than 15 digits.
type decimalScalar struct {
	scale    int // digits after the point
	physical format.Type
	width    int // bytes, if FIXED_LEN_BYTE_ARRAY
}

// Limits that keep a damaged file from being slow: numbers in use have 38 digits or 76.
const (
	maxScale          = 400
	maxDecimalBytes   = 400  // 963 digits
	maxDecimalLiteral = 1000 // bytes of JSON; no number within the limits above needs more
)

// decimalOf returns the type of column e annotated with a; not if that makes no sense.
func decimalOf(e *format.SchemaElement, a *format.DecimalType) (decimalScalar, bool) {
	s := decimalScalar{scale: int(a.Scale), physical: e.Type.V, width: int(e.TypeLength.V)}
	switch s.physical {
	case format.Int32, format.Int64, format.ByteArray, format.FixedLenByteArray:
		return s, a.Scale >= 0 && a.Scale <= maxScale
	}
	return s, false
}

func (s decimalScalar) appendJSON(dst []byte, v value) ([]byte, bool) {
	var digits []byte
	switch {
	case s.physical == format.Int32 || s.physical == format.Int64:
		digits = strconv.AppendInt(nil, int64(v.bits), 10)
	case len(v.bytes) == 0 || len(v.bytes) > maxDecimalBytes:
		return dst, false
	default:
		digits = bigEndian(v.bytes).Append(nil, 10)
	}
	if digits[0] == '-' {
		dst, digits = append(dst, '-'), digits[1:]
	}
	if missing := s.scale + 1 - len(digits); missing > 0 {
		digits = append(bytes.Repeat([]byte{'0'}, missing), digits...)
	}
	point := len(digits) - s.scale
	dst = append(dst, digits[:point]...)
	if s.scale > 0 {
		dst = append(dst, '.')
		dst = append(dst, digits[point:]...)
	}
	return dst, true
}

// bigEndian returns the number in two's complement.
func bigEndian(b []byte) *big.Int {
	i := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		i.Sub(i, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return i
}

func (s decimalScalar) parseJSON(raw []byte) (value, error) {
	if raw[0] == '"' {
		raw = unquote(raw)
	}
	i, err := s.parse(raw)
	if err != nil {
		return value{}, err
	}
	switch s.physical {
	case format.Int32:
		if !i.IsInt64() || i.Int64() != int64(int32(i.Int64())) {
			return value{}, errors.New("want a decimal of 32 bits")
		}
		return value{bits: uint64(i.Int64())}, nil
	case format.Int64:
		if !i.IsInt64() {
			return value{}, errors.New("want a decimal of 64 bits")
		}
		return value{bits: uint64(i.Int64())}, nil
	}
	b := twosComplement(i)
	if s.physical == format.ByteArray {
		return value{bytes: b}, nil
	}
	if len(b) > s.width {
		return value{}, fmt.Errorf("want a decimal of %d bytes", s.width)
	}
	sign := byte(0)
	if i.Sign() < 0 {
		sign = 0xff
	}
	return value{bytes: append(bytes.Repeat([]byte{sign}, s.width-len(b)), b...)}, nil
}

// parse returns the number times 10^scale: of digits with or without a point, and no exponent.
func (s decimalScalar) parse(number []byte) (*big.Int, error) {
	unsigned, negative := bytes.CutPrefix(number, []byte{'-'})
	whole, fraction, _ := bytes.Cut(unsigned, []byte{'.'})
	fraction = bytes.TrimRight(fraction, "0")
	if len(number) > maxDecimalLiteral || len(fraction) > s.scale {
		return nil, fmt.Errorf("want a decimal with at most %d digits after the point", s.scale)
	}
	digits := slices.Concat(whole, fraction, bytes.Repeat([]byte{'0'}, s.scale-len(fraction)))
	if len(whole) == 0 || len(bytes.Trim(digits, "0123456789")) > 0 {
		return nil, errors.New("want a decimal without exponent")
	}
	i, _ := new(big.Int).SetString(string(digits), 10)
	if negative {
		i.Neg(i)
	}
	return i, nil
}

// twosComplement returns the shortest big-endian bytes of i.
func twosComplement(i *big.Int) []byte {
	if i.Sign() < 0 {
		n := new(big.Int).Not(i).BitLen()/8 + 1 // with room for the sign
		return new(big.Int).Add(i, new(big.Int).Lsh(big.NewInt(1), uint(8*n))).FillBytes(make([]byte, n))
	}
	return i.FillBytes(make([]byte, i.BitLen()/8+1))
}
