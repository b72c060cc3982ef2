package index

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/dedupe-news/dedupe/rice"
)

// posting is an article under a key (the upper 32 bits of a hash).
type posting struct {
	Key    uint64
	Number number
}

// blockPostings is the number of postings in a block.
const blockPostings = 128

// appendBlock encodes sorted postings as a block. Its fence is the key that the
// first posting had when the segment was sealed.
func appendBlock(b []byte, fence uint64, postings []posting) []byte {
	if len(postings) == 0 {
		return b
	}
	highest := number(0)
	for _, p := range postings {
		highest = max(highest, p.Number)
	}
	width := uint(bits.Len32(highest))
	k := rice.Parameter(len(postings), postings[len(postings)-1].Key-fence)
	w := rice.NewWriter(append(binary.AppendUvarint(b, uint64(len(postings))), byte(k), byte(width)))
	before := fence
	for _, p := range postings {
		w.Put(p.Key-before, k)
		w.Bits(uint64(p.Number), width)
		before = p.Key
	}
	return w.Bytes()
}

// decodeBlock appends the postings of a block to dst.
func decodeBlock(dst []posting, fence uint64, b []byte) ([]posting, error) {
	if len(b) == 0 {
		return dst, nil
	}
	was := dst
	d := decoder{b: b}
	n := d.uvarint(8 * uint64(len(b))) // a posting has two bits at least
	k, width := uint(d.byte()), uint(d.byte())
	if n == 0 || k > rice.MaxParameter || width > 32 {
		d.fail("head of a block")
	}
	from := rice.NewReader(d.b, 0)
	before := posting{Key: fence}
	for range n {
		p := posting{Key: before.Key + from.Get(k), Number: number(from.Bits(width))}
		if d.err != nil || !from.Good() || p.Number == 0 || p.Key > math.MaxUint64>>hashShift {
			d.fail("posting out of range")
			return was, d.err
		}
		if p.Key == before.Key && p.Number <= before.Number {
			d.fail("postings out of order")
		}
		dst = append(dst, p)
		before = p
	}
	if rest, ok := from.Rest(); !ok || len(rest) > 0 {
		d.fail("block goes on too long")
	}
	if d.err != nil {
		return was, d.err
	}
	return dst, nil
}

func appendFences(b []byte, fences []uint64) []byte {
	before := uint64(0)
	for _, f := range fences {
		b = binary.AppendUvarint(b, f-before)
		before = f
	}
	return b
}

func decodeFences(b []byte) ([]uint64, error) {
	d := decoder{b: b}
	var fences []uint64
	before := uint64(0)
	for len(d.b) > 0 && d.err == nil {
		if before += d.uvarint(math.MaxUint64 >> hashShift); before > math.MaxUint64>>hashShift {
			d.fail("fence out of range")
		}
		fences = append(fences, before)
	}
	return fences, d.end()
}
