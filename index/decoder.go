package index

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// decoder reads the fields of a record one after another. The first failure
// sticks, and all reads after it give zero.
type decoder struct {
	b   []byte
	err error
}

var errEarly = errors.New("record ends early")

func (d *decoder) fail(what string) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", ErrCorrupt, what)
		d.b = nil
	}
}

// end is the error of the decoder, and ErrCorrupt if bytes are left.
func (d *decoder) end() error {
	if len(d.b) > 0 {
		d.fail("record goes on too long")
	}
	return d.err
}

func (d *decoder) bytes(n int) []byte {
	if d.err != nil || n < 0 || n > len(d.b) {
		d.fail(errEarly.Error())
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) byte() byte {
	if b := d.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint32() uint32 {
	if b := d.bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) uvarint(most uint64) uint64 {
	v, n := binary.Uvarint(d.b)
	if d.err != nil || n <= 0 || v > most {
		d.fail("bad number")
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	if d.err != nil || n <= 0 {
		d.fail("bad number")
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) number() number {
	n := number(d.uvarint(math.MaxUint32))
	if n == 0 {
		d.fail("article number 0")
	}
	return n
}

// count reads the number of things that follow, each of at least size bytes.
func (d *decoder) count(size int) int {
	n := d.uvarint(math.MaxUint32)
	if n > uint64(len(d.b)/size) {
		d.fail("count larger than the record")
		return 0
	}
	return int(n)
}

func appendNumber(n number) []byte { return binary.AppendUvarint(nil, uint64(n)) }

func decodeNumber(b []byte) (number, error) {
	d := decoder{b: b}
	n := d.number()
	return n, d.end()
}

func decodeJSON[T any](b []byte) (T, error) {
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		return v, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return v, nil
}
