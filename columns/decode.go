package columns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/parquet-go/parquet-go/format"
)

// The encodings of Parquet (Encodings.md of the format), as decoders that give one value at a time. None of them allocates by what a
// page claims to hold: a run of two billion equal values is two numbers here. That, and that damaged pages could make the decoders of
// parquet-go allocate gigabytes or read past their input, is why they are our own. The tests hold them against parquet-go and pyarrow.

var (
	errShort  = errors.New("page ends before its values do")
	errLevels = errors.New("levels out of range")
	errIndex  = errors.New("index into the dictionary is out of range")
	errDelta  = errors.New("malformed DELTA_BINARY_PACKED")
)

// plainDictionary is what old writers call both the indexes and the dictionary, which are RLE_DICTIONARY and PLAIN.
const plainDictionary = format.Encoding(2)

// decoder gives the values of a page, without nulls. What a value refers to is valid until the next one.
type decoder interface {
	next() (value, error)
}

// newDecoder returns a decoder of the values in src. dict is that of the column, nil if it has none.
func newDecoder(l *leaf, encoding format.Encoding, src []byte, dict *dictionary) (decoder, error) {
	integer := l.physical == format.Int32 || l.physical == format.Int64
	switch encoding {
	case format.Plain:
		return newPlain(l, src), nil
	case plainDictionary, format.RLEDictionary:
		return newIndexed(dict, src)
	case format.RLE:
		if l.physical == format.Boolean {
			return newRunBooleans(src)
		}
	case format.DeltaBinaryPacked:
		if integer {
			d, err := newDelta(src)
			return &deltaDecoder{deltas: d, narrow: l.physical == format.Int32}, err
		}
	case format.DeltaLengthByteArray:
		if l.physical == format.ByteArray {
			return newDeltaLength(src)
		}
	case format.DeltaByteArray:
		if l.physical == format.ByteArray || l.physical == format.FixedLenByteArray {
			return newDeltaBytes(l, src)
		}
	case format.ByteStreamSplit:
		if n := l.fixedBytes(); n > 0 {
			return &splitDecoder{leaf: l, src: src, count: len(src) / n, buf: make([]byte, n)}, nil
		}
	}
	return nil, fmt.Errorf("values of type %v cannot be encoded as %v", l.physical, encoding)
}

// fixedBytes returns the length of a value in PLAIN; 0 if it varies, or is no whole byte.
func (l *leaf) fixedBytes() int {
	switch l.physical {
	case format.Int32, format.Float:
		return 4
	case format.Int64, format.Double:
		return 8
	case format.Int96:
		return 12
	case format.FixedLenByteArray:
		return l.width
	}
	return 0
}

// fixed returns the value in b, which is of fixedBytes.
func (l *leaf) fixed(b []byte) value {
	switch l.physical {
	case format.Int32:
		return value{bits: uint64(int64(int32(binary.LittleEndian.Uint32(b))))}
	case format.Float:
		return value{bits: uint64(binary.LittleEndian.Uint32(b))}
	case format.Int64, format.Double:
		return value{bits: binary.LittleEndian.Uint64(b)}
	}
	return value{bytes: b}
}

func newPlain(l *leaf, src []byte) decoder {
	switch l.physical {
	case format.Boolean:
		return &booleans{src: src}
	case format.ByteArray:
		return &byteArrays{src: src}
	}
	return &fixedDecoder{leaf: l, src: src, width: l.fixedBytes()}
}

type fixedDecoder struct {
	leaf  *leaf
	src   []byte
	width int
}

func (d *fixedDecoder) next() (value, error) {
	if len(d.src) < d.width {
		return value{}, errShort
	}
	v := d.leaf.fixed(d.src[:d.width])
	d.src = d.src[d.width:]
	return v, nil
}

// booleans are bits, the first one the lowest of its byte.
type booleans struct {
	src []byte
	i   int
}

func (d *booleans) next() (value, error) {
	if d.i>>3 >= len(d.src) {
		return value{}, errShort
	}
	bit := d.src[d.i>>3] >> (d.i & 7) & 1
	d.i++
	return value{bits: uint64(bit)}, nil
}

// byteArrays are each preceded by their length in four bytes.
type byteArrays struct{ src []byte }

func (d *byteArrays) next() (value, error) {
	if len(d.src) < 4 {
		return value{}, errShort
	}
	n := binary.LittleEndian.Uint32(d.src)
	if uint64(n) > uint64(len(d.src)-4) {
		return value{}, errShort
	}
	v := value{bytes: d.src[4 : 4+n]}
	d.src = d.src[4+n:]
	return v, nil
}

// dictionary is the distinct values of a column chunk.
type dictionary struct {
	leaf    *leaf
	src     []byte
	offsets []uint32 // of byte arrays, where each begins in src; nil for other types
	count   int
}

// newDictionary keeps src, which is encoded as PLAIN. count is how many values it claims to hold.
func newDictionary(l *leaf, src []byte, count int) (*dictionary, error) {
	d := &dictionary{leaf: l, src: src}
	switch width := l.fixedBytes(); {
	case l.physical == format.Boolean:
		return nil, errors.New("dictionary of booleans")
	case width > 0:
		d.count = len(src) / width
	default:
		if count > len(src)/4 {
			return nil, errShort
		}
		d.offsets = make([]uint32, 0, count)
		for values := (byteArrays{src}); len(d.offsets) < count; {
			d.offsets = append(d.offsets, uint32(len(src)-len(values.src)))
			if _, err := values.next(); err != nil {
				return nil, err
			}
		}
		d.count = len(d.offsets)
	}
	if d.count < count {
		return nil, errShort
	}
	return d, nil
}

func (d *dictionary) at(i uint32) (value, error) {
	if uint64(i) >= uint64(d.count) {
		return value{}, errIndex
	}
	if d.offsets != nil {
		b := byteArrays{d.src[d.offsets[i]:]}
		return b.next()
	}
	width := d.leaf.fixedBytes()
	return d.leaf.fixed(d.src[int(i)*width:][:width]), nil
}

// indexed values are indexes into a dictionary.
type indexed struct {
	dict *dictionary
	runs runs
}

func newIndexed(dict *dictionary, src []byte) (decoder, error) {
	switch {
	case dict == nil:
		return nil, errors.New("dictionary missing")
	case len(src) == 0: // a page of nulls
		return &indexed{dict: dict}, nil
	case src[0] > 32:
		return nil, errIndex
	}
	return &indexed{dict: dict, runs: runs{src: src[1:], width: int(src[0])}}, nil
}

func (d *indexed) next() (value, error) {
	i, err := d.runs.next()
	if err != nil {
		return value{}, err
	}
	return d.dict.at(i)
}

// runs are the hybrid of run lengths and packed bits, which has levels, indexes and some booleans.
type runs struct {
	src    []byte
	width  int // bits of a number, 0 to 32
	left   int // numbers left in the run
	packed []byte
	bit    int    // in packed, of the next number
	number uint32 // of each in the run, if packed is nil
}

func (r *runs) next() (uint32, error) {
	for r.left == 0 {
		if err := r.nextRun(); err != nil {
			return 0, err
		}
	}
	r.left--
	if r.packed == nil {
		return r.number, nil
	}
	number := uint32(unpack(r.packed, r.bit, r.width))
	r.bit += r.width
	return number, nil
}

func (r *runs) nextRun() error {
	head, n := binary.Uvarint(r.src)
	if n <= 0 || head>>1 > math.MaxInt32 {
		return errShort
	}
	r.src = r.src[n:]
	r.packed, r.bit = nil, 0
	if head&1 == 0 {
		width := (r.width + 7) / 8
		if len(r.src) < width {
			return errShort
		}
		var number [4]byte
		copy(number[:], r.src[:width])
		r.number, r.left = binary.LittleEndian.Uint32(number[:]), int(head>>1)
		r.src = r.src[width:]
		return nil
	}
	groups := int(head >> 1) // of eight numbers, which take as many bytes as a number takes bits
	r.left = 8 * groups
	if r.width == 0 {
		r.number = 0
		return nil
	}
	size := min(groups*r.width, len(r.src)) // some writers do not fill the last group
	r.left = min(r.left, size*8/r.width)
	r.packed, r.src = r.src[:size], r.src[size:]
	return nil
}

// unpack returns the number of width bits, at most 64, that begins at the given bit, the first one the lowest. It lies within b.
func unpack(b []byte, bit, width int) uint64 {
	b, shift := b[bit>>3:], bit&7
	var low uint64
	if len(b) >= 8 {
		low = binary.LittleEndian.Uint64(b)
	} else {
		for i, c := range b {
			low |= uint64(c) << (8 * i)
		}
	}
	number := low >> shift
	if shift+width > 64 {
		number |= uint64(b[8]) << (64 - shift)
	}
	return number & (1<<width - 1)
}

type runBooleans struct{ runs runs }

func newRunBooleans(src []byte) (decoder, error) {
	if len(src) < 4 {
		return nil, errShort
	}
	n := binary.LittleEndian.Uint32(src)
	if uint64(n) > uint64(len(src)-4) {
		return nil, errShort
	}
	return &runBooleans{runs{src: src[4 : 4+n], width: 1}}, nil
}

func (d *runBooleans) next() (value, error) {
	number, err := d.runs.next()
	return value{bits: uint64(number)}, err
}

// splitDecoder is BYTE_STREAM_SPLIT: the first bytes of all values, then the second ones, and so on.
type splitDecoder struct {
	leaf  *leaf
	src   []byte
	count int
	i     int
	buf   []byte
}

func (d *splitDecoder) next() (value, error) {
	if d.i >= d.count {
		return value{}, errShort
	}
	for j := range d.buf {
		d.buf[j] = d.src[j*d.count+d.i]
	}
	d.i++
	return d.leaf.fixed(d.buf), nil
}
