package columns

import (
	"encoding/binary"
	"math"

	"github.com/parquet-go/parquet-go/format"
)

// deltas are DELTA_BINARY_PACKED: blocks of differences, packed after the least of the block has been taken from them. Sums wrap
// around, as the format wants it.
type deltas struct {
	src     []byte // behind what has been read
	perMini int    // numbers in a miniblock, a multiple of 32
	minis   int    // miniblocks in a block
	left    int64  // numbers left, with the first
	last    int64
	started bool
	least   int64
	widths  []byte // of the miniblocks of the block that are left
	packed  []byte // the miniblock
	width   int
	bit     int
	inMini  int // numbers left in the miniblock
}

func newDelta(src []byte) (*deltas, error) {
	d := new(deltas)
	var head [3]uint64 // numbers in a block, miniblocks in a block, all numbers
	for i := range head {
		n := 0
		if head[i], n = binary.Uvarint(src); n <= 0 || head[i] > math.MaxInt32 {
			return nil, errDelta
		}
		src = src[n:]
	}
	first, n := binary.Varint(src)
	if n <= 0 || head[1] == 0 || head[0]%head[1] != 0 || head[0]/head[1]%32 != 0 || head[0] == 0 {
		return nil, errDelta
	}
	d.src, d.last = src[n:], first
	d.perMini, d.minis, d.left = int(head[0]/head[1]), int(head[1]), int64(head[2])
	return d, nil
}

func (d *deltas) next() (int64, error) {
	if d.left == 0 {
		return 0, errShort
	}
	d.left--
	if !d.started {
		d.started = true
		return d.last, nil
	}
	if d.inMini == 0 {
		if err := d.nextMini(); err != nil {
			return 0, err
		}
	}
	d.inMini--
	if d.width > 0 {
		if d.bit+d.width > 8*len(d.packed) {
			return 0, errShort
		}
		d.last += int64(unpack(d.packed, d.bit, d.width))
		d.bit += d.width
	}
	d.last += d.least
	return d.last, nil
}

func (d *deltas) nextMini() error {
	if len(d.widths) == 0 {
		least, n := binary.Varint(d.src)
		if n <= 0 || len(d.src)-n < d.minis {
			return errShort
		}
		d.least = least
		d.widths, d.src = d.src[n:n+d.minis], d.src[n+d.minis:]
	}
	d.width, d.widths = int(d.widths[0]), d.widths[1:]
	if d.width > 64 {
		return errDelta
	}
	size := min(d.perMini/8*d.width, len(d.src)) // some writers do not fill the last one
	d.packed, d.src = d.src[:size], d.src[size:]
	d.bit, d.inMini = 0, d.perMini
	return nil
}

// end returns what follows the numbers. It does not move d.
func (d *deltas) end() ([]byte, error) {
	e := *d
	for left := e.left - 1; left > 0; left -= int64(e.perMini) {
		if err := e.nextMini(); err != nil {
			return nil, err
		}
	}
	return e.src, nil
}

// newDeltaBefore returns a decoder of the numbers with which src begins, and what follows them.
func newDeltaBefore(src []byte) (*deltas, []byte, error) {
	d, err := newDelta(src)
	if err != nil {
		return nil, nil, err
	}
	rest, err := d.end()
	return d, rest, err
}

type deltaDecoder struct {
	deltas *deltas
	narrow bool // INT32
}

func (d *deltaDecoder) next() (value, error) {
	i, err := d.deltas.next()
	if d.narrow {
		i = int64(int32(i))
	}
	return value{bits: uint64(i)}, err
}

// deltaLength is DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes.
type deltaLength struct {
	lengths *deltas
	src     []byte
}

func newDeltaLength(src []byte) (*deltaLength, error) {
	lengths, rest, err := newDeltaBefore(src)
	return &deltaLength{lengths, rest}, err
}

func (d *deltaLength) next() (value, error) {
	n, err := d.lengths.next()
	if err != nil {
		return value{}, err
	}
	if n < 0 || n > int64(len(d.src)) {
		return value{}, errShort
	}
	v := value{bytes: d.src[:n]}
	d.src = d.src[n:]
	return v, nil
}

// deltaBytes is DELTA_BYTE_ARRAY: how much each value has in common with the beginning of the one before, and then the rest of each.
type deltaBytes struct {
	prefixes *deltas
	suffixes *deltaLength
	last     []byte
	width    int // of each value, 0 if it varies
}

func newDeltaBytes(l *leaf, src []byte) (*deltaBytes, error) {
	prefixes, rest, err := newDeltaBefore(src)
	if err != nil {
		return nil, err
	}
	suffixes, err := newDeltaLength(rest)
	d := &deltaBytes{prefixes: prefixes, suffixes: suffixes}
	if l.physical == format.FixedLenByteArray {
		d.width = l.width
	}
	return d, err
}

func (d *deltaBytes) next() (value, error) {
	n, err := d.prefixes.next()
	if err != nil {
		return value{}, err
	}
	suffix, err := d.suffixes.next()
	if err != nil {
		return value{}, err
	}
	if n < 0 || n > int64(len(d.last)) {
		return value{}, errShort
	}
	d.last = append(d.last[:n], suffix.bytes...)
	if d.width > 0 && len(d.last) != d.width {
		return value{}, errShort
	}
	return value{bytes: d.last}, nil
}
