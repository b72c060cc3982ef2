package columns

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go/format"
)

// value is one value of a column, not null. bytes has it if its physical type is BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY or INT96; else bits:
// integers extended with their sign, floats as in IEEE 754, booleans as 0 and 1.
type value struct {
	bits  uint64
	bytes []byte
}

// scalar is a type of values: what they look like in JSON.
type scalar interface {
	// appendJSON appends v. Where v has no form of its own in this type, such as a date in the year 12,000, it reports false
	// and appends nothing.
	appendJSON(dst []byte, v value) ([]byte, bool)

	// parseJSON is the inverse: raw is valid JSON without space around it. The value may refer to raw. Errors say what was wanted.
	parseJSON(raw []byte) (value, error)
}

// scalarOf returns the type of the values of a column. An annotation that is unknown, or makes no sense with the physical type,
// does not count.
func scalarOf(e *format.SchemaElement) scalar {
	physical := e.Type.V
	switch a := annotation(e).(type) {
	case *format.StringType, *format.EnumType:
		if physical == format.ByteArray {
			return textScalar{}
		}
	case *format.JsonType:
		if physical == format.ByteArray {
			return jsonScalar{}
		}
	case *format.IntType:
		if physical == format.Int32 && a.BitWidth > 0 && a.BitWidth <= 32 || physical == format.Int64 && a.BitWidth == 64 {
			return intScalar{bits: int(a.BitWidth), signed: a.IsSigned}
		}
	case *format.DecimalType:
		if d, ok := decimalOf(e, a); ok {
			return d
		}
	case *format.DateType:
		if physical == format.Int32 {
			return dateScalar{}
		}
	case *format.TimeType:
		if a.Unit.Value != nil && (physical == format.Int32) == (unitOf(a.Unit) == millisecond) && physical <= format.Int64 {
			return clockScalar{unit: unitOf(a.Unit), utc: a.IsAdjustedToUTC}
		}
	case *format.TimestampType:
		if a.Unit.Value != nil && physical == format.Int64 {
			return momentScalar{unit: unitOf(a.Unit), utc: a.IsAdjustedToUTC}
		}
	case *format.UUIDType:
		if physical == format.FixedLenByteArray && e.TypeLength.V == uuidBytes {
			return uuidScalar{}
		}
	}
	switch physical {
	case format.Boolean:
		return boolScalar{}
	case format.Int32:
		return intScalar{bits: 32, signed: true}
	case format.Int64:
		return intScalar{bits: 64, signed: true}
	case format.Int96:
		return int96Scalar{}
	case format.Float:
		return floatScalar{bits: 32}
	case format.Double:
		return floatScalar{bits: 64}
	case format.FixedLenByteArray:
		return fixedScalar{}
	}
	return bytesScalar{}
}

// appendJSON appends v as a value of the column. What has no form in its type becomes {"base64": "…"}, of the bytes that the encoding PLAIN
// has for it.
func (l *leaf) appendJSON(dst []byte, v value) []byte {
	dst, ok := l.scalar.appendJSON(dst, v)
	if ok {
		return dst
	}
	dst = append(dst, `{"base64":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, l.plain(v))
	return append(dst, `"}`...)
}

// plain returns the bytes of v; for byte arrays without their length.
func (l *leaf) plain(v value) []byte {
	switch l.physical {
	case format.Int32:
		return binary.LittleEndian.AppendUint32(nil, uint32(v.bits))
	case format.Int64:
		return binary.LittleEndian.AppendUint64(nil, v.bits)
	}
	return v.bytes // booleans and floats have a form, always
}

// parseJSON is the inverse of appendJSON. raw is valid JSON without space around it, and the value may refer to it.
func (l *leaf) parseJSON(raw []byte) (value, error) {
	switch l.scalar.(type) {
	case jsonScalar, textScalar:
	default:
		if raw[0] != '{' {
			break
		}
		b, err := parseBase64(raw)
		if err != nil {
			return value{}, err
		}
		return l.load(b)
	}
	v, err := l.scalar.parseJSON(raw)
	if err == nil && l.physical == format.FixedLenByteArray && len(v.bytes) != l.width {
		return value{}, fmt.Errorf("want %d bytes", l.width)
	}
	return v, err
}

// parseBase64 returns the bytes in {"base64": "…"}.
func parseBase64(raw []byte) ([]byte, error) {
	wrong := errors.New(`the one object that fits is {"base64": "…"}`)
	var b []byte
	for key, member := range members(raw) {
		if string(key) != "base64" || b != nil || json.Unmarshal(member, &b) != nil || b == nil {
			return nil, wrong
		}
	}
	if b == nil {
		return nil, wrong
	}
	return b, nil
}

// load is the inverse of plain.
func (l *leaf) load(b []byte) (value, error) {
	want := 0
	switch l.physical {
	case format.ByteArray:
		return value{bytes: b}, nil
	case format.Int32:
		want = 4
	case format.Int64:
		want = 8
	case format.Int96:
		want = 12
	case format.FixedLenByteArray:
		want = l.width
	}
	switch {
	case len(b) != want || want == 0:
		return value{}, fmt.Errorf("base64 of %d bytes does not fit", len(b))
	case l.physical == format.Int32:
		return value{bits: uint64(int64(int32(binary.LittleEndian.Uint32(b))))}, nil
	case l.physical == format.Int64:
		return value{bits: binary.LittleEndian.Uint64(b)}, nil
	}
	return value{bytes: b}, nil
}

type boolScalar struct{}

func (boolScalar) appendJSON(dst []byte, v value) ([]byte, bool) {
	return strconv.AppendBool(dst, v.bits != 0), true
}

func (boolScalar) parseJSON(raw []byte) (value, error) {
	switch raw[0] {
	case 't':
		return value{bits: 1}, nil
	case 'f':
		return value{}, nil
	}
	return value{}, errors.New("want true or false")
}

type intScalar struct {
	bits   int
	signed bool
}

func (s intScalar) appendJSON(dst []byte, v value) ([]byte, bool) {
	switch {
	case s.signed:
		return strconv.AppendInt(dst, int64(v.bits), 10), true
	case s.bits <= 32:
		return strconv.AppendUint(dst, uint64(uint32(v.bits)), 10), true
	}
	return strconv.AppendUint(dst, v.bits, 10), true
}

// parseJSON takes what INT32 has for an unsigned number, which is a negative one where it is 2³¹ or more.
func (s intScalar) parseJSON(raw []byte) (value, error) {
	if s.signed {
		i, err := strconv.ParseInt(string(raw), 10, s.bits)
		if err != nil {
			return value{}, fmt.Errorf("want an integer of %d bits", s.bits)
		}
		return value{bits: uint64(i)}, nil
	}
	u, err := strconv.ParseUint(string(raw), 10, s.bits)
	if err != nil {
		return value{}, fmt.Errorf("want an unsigned integer of %d bits", s.bits)
	}
	if s.bits <= 32 {
		u = uint64(int64(int32(u)))
	}
	return value{bits: u}, nil
}

type floatScalar struct{ bits int }

// appendJSON writes the shortest number that is read back as the same one, with an exponent where encoding/json has one. What is
// no number is a string, named as in the JSON mapping of Protocol Buffers.
func (s floatScalar) appendJSON(dst []byte, v value) ([]byte, bool) {
	f := s.float(v)
	switch abs := math.Abs(f); {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...), true
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...), true
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...), true
	case abs != 0 && (abs < 1e-6 || abs >= 1e21):
		return strconv.AppendFloat(dst, f, 'e', -1, s.bits), true
	}
	return strconv.AppendFloat(dst, f, 'f', -1, s.bits), true
}

func (s floatScalar) float(v value) float64 {
	if s.bits == 32 {
		return float64(math.Float32frombits(uint32(v.bits)))
	}
	return math.Float64frombits(v.bits)
}

func (s floatScalar) parseJSON(raw []byte) (value, error) {
	var f float64
	switch string(raw) {
	case `"NaN"`:
		f = math.NaN()
	case `"Infinity"`:
		f = math.Inf(1)
	case `"-Infinity"`:
		f = math.Inf(-1)
	default:
		var err error
		if f, err = strconv.ParseFloat(string(raw), s.bits); err != nil || !isNumber(raw) {
			return value{}, fmt.Errorf("want a number of %d bits", s.bits)
		}
	}
	if s.bits == 32 {
		return value{bits: uint64(math.Float32bits(float32(f)))}, nil
	}
	return value{bits: math.Float64bits(f)}, nil
}

// isNumber reports whether valid JSON is a number.
func isNumber(raw []byte) bool { return raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' }

type textScalar struct{}

func (textScalar) appendJSON(dst []byte, v value) ([]byte, bool) {
	return appendString(dst, v.bytes), true
}

func (textScalar) parseJSON(raw []byte) (value, error) {
	if raw[0] != '"' {
		return value{}, errors.New("want a string")
	}
	return value{bytes: unquote(raw)}, nil
}

// bytesScalar is BYTE_ARRAY without annotation: text in old files of Spark, Hive and Impala, and bytes elsewhere.
type bytesScalar struct{ textScalar }

func (bytesScalar) appendJSON(dst []byte, v value) ([]byte, bool) {
	if !utf8.Valid(v.bytes) {
		return dst, false
	}
	return appendString(dst, v.bytes), true
}

// fixedScalar is FIXED_LEN_BYTE_ARRAY without annotation, mostly digests and ids.
type fixedScalar struct{}

func (fixedScalar) appendJSON(dst []byte, v value) ([]byte, bool) {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, v.bytes)
	return append(dst, '"'), true
}

func (fixedScalar) parseJSON(raw []byte) (value, error) {
	if raw[0] == '"' {
		if b, err := base64.StdEncoding.DecodeString(string(unquote(raw))); err == nil {
			return value{bytes: b}, nil
		}
	}
	return value{}, errors.New("want a string in base64")
}

// jsonScalar is JSON in a BYTE_ARRAY, which becomes part of the row. Text that is no JSON becomes a string.
type jsonScalar struct{}

func (jsonScalar) appendJSON(dst []byte, v value) ([]byte, bool) {
	if utf8.Valid(v.bytes) {
		if row, ok := appendCompact(dst, v.bytes); ok {
			return row, true
		}
	}
	return appendString(dst, v.bytes), true
}

func (jsonScalar) parseJSON(raw []byte) (value, error) { return value{bytes: raw}, nil }

type uuidScalar struct{}

const uuidBytes = 16

func (uuidScalar) appendJSON(dst []byte, v value) ([]byte, bool) {
	b := v.bytes
	return fmt.Appendf(dst, `"%x-%x-%x-%x-%x"`, b[:4], b[4:6], b[6:8], b[8:10], b[10:]), true
}

func (uuidScalar) parseJSON(raw []byte) (value, error) {
	if len(raw) == len(`"00000000-0000-0000-0000-000000000000"`) && raw[0] == '"' &&
		raw[9] == '-' && raw[14] == '-' && raw[19] == '-' && raw[24] == '-' {
		b := make([]byte, 0, uuidBytes)
		for _, part := range [][]byte{raw[1:9], raw[10:14], raw[15:19], raw[20:24], raw[25:37]} {
			for ; len(part) > 0; part = part[2:] {
				u, err := strconv.ParseUint(string(part[:2]), 16, 8)
				if err != nil {
					break
				}
				b = append(b, byte(u))
			}
		}
		if len(b) == uuidBytes {
			return value{bytes: b}, nil
		}
	}
	return value{}, errors.New("want a UUID such as 8a9f2b0e-7d6c-4f1a-9b3e-2c5d4e6f7a8b")
}
