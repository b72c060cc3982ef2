// Package furniture counts in how many stories a shingle stands.
//
// # The idea
//
// What a site prints around its stories (galleries, newsletter boxes, legal
// lines) stands in many stories; a sentence of one story stands in the copies of
// that story only. So shingles are counted, once a story however many sites carry
// it, and a shingle that stands in three stories or more is furniture.
//
// One shingle in four is counted, those with the smallest hashes: enough to see
// blocks of a dozen words, at a quarter of the memory. Of the 62 bits that are
// left of such a hash, 32 are kept, its [Print].
//
// # The mathematics
//
// Among n counted prints a new one meets a foreign one with probability n/2³²:
// 0.002 for ten million, which is 40,000 news articles of 1,000 words. To make a
// shingle of the story look like furniture, it must meet one that stands in two stories
// already, of which there are far fewer, or two others; and one shingle marks five words only. A print is found in a page by its upper bits,
// for hashes are uniform.
//
// The package does no I/O: a [Tally] is the newest counts in memory, a page is a
// sorted block of older ones as bytes; package index stores them.
package furniture

import (
	"cmp"
	"encoding/binary"
	"errors"
	"iter"
	"math"
	"slices"
)

// Print is the part of a counted shingle hash that is kept: bits 30 to 61.
type Print uint32

// PrintOf is the print of a counted shingle hash (one below 2⁶²).
func PrintOf(hash uint64) Print { return Print(hash >> 30) }

// Count is one print with the number of stories it stands in. In a sum of which
// some parts lie elsewhere it may be negative: a removed article takes away what
// an older part counted.
type Count struct {
	Print Print
	N     int8 // −127…127, saturating
}

// Tally counts prints in memory. The zero Tally is empty and ready.
type Tally struct {
	prints []Print
	counts []int8
	used   []bool
	n      int
}

// Len is the number of distinct prints counted (or uncounted to zero).
func (t *Tally) Len() int { return t.n }

// Add adds n to the count of p.
func (t *Tally) Add(p Print, n int) {
	if 4*t.n >= 3*len(t.prints) {
		t.grow()
	}
	i := t.slot(p)
	if !t.used[i] {
		t.used[i], t.prints[i] = true, p
		t.n++
	}
	t.counts[i] = saturate(int(t.counts[i]) + n)
}

// Get is the count of p, 0 if it was never added.
func (t *Tally) Get(p Print) int {
	if t.n == 0 {
		return 0
	}
	return int(t.counts[t.slot(p)])
}

// Reset empties t and keeps its memory.
func (t *Tally) Reset() {
	clear(t.prints)
	clear(t.counts)
	clear(t.used)
	t.n = 0
}

// Sorted returns the counts by rising print, without those that are zero. The
// slice is new.
func (t *Tally) Sorted() []Count {
	counts := make([]Count, 0, t.n)
	for i, used := range t.used {
		if used && t.counts[i] != 0 {
			counts = append(counts, Count{t.prints[i], t.counts[i]})
		}
	}
	return sortCounts(counts)
}

// sortCounts sorts by print, in place: a radix sort with three passes of 11 bits,
// twenty times as fast as comparing for half a million prints.
func sortCounts(counts []Count) []Count {
	const bits, buckets = 11, 1 << 11
	from, to := counts, make([]Count, len(counts))
	for shift := 0; shift < 32; shift += bits {
		var ends [buckets + 1]int
		for _, c := range from {
			ends[c.Print>>shift&(buckets-1)+1]++
		}
		for i := range buckets {
			ends[i+1] += ends[i]
		}
		for _, c := range from {
			b := c.Print >> shift & (buckets - 1)
			to[ends[b]] = c
			ends[b]++
		}
		from, to = to, from
	}
	copy(counts, from) // three passes end in the other slice
	return counts
}

// Sum sorts counts by print and adds up those of one print, without those that
// come to zero. The counts are overwritten, and the result shares their memory.
func Sum(counts []Count) []Count {
	sortCounts(counts)
	sum := counts[:0]
	for i := 0; i < len(counts); {
		n, p := 0, counts[i].Print
		for ; i < len(counts) && counts[i].Print == p; i++ {
			n += int(counts[i].N)
		}
		if n != 0 {
			sum = append(sum, Count{p, saturate(n)})
		}
	}
	return sum
}

// SumSorted adds up the neighbours of one print, as [Sum] does, while the counts come by rising print. An error
// among them is the last that it yields.
func SumSorted(counts iter.Seq2[Count, error]) iter.Seq2[Count, error] {
	return func(yield func(Count, error) bool) {
		var p Print
		n := 0 // of p
		for c, err := range counts {
			if err != nil {
				yield(Count{}, err)
				return
			}
			if c.Print != p {
				if n != 0 && !yield(Count{p, saturate(n)}, nil) {
					return
				}
				p, n = c.Print, 0
			}
			n += int(c.N)
		}
		if n != 0 {
			yield(Count{p, saturate(n)}, nil)
		}
	}
}

// CountSorted counts sorted prints.
func CountSorted(prints []uint32) []Count {
	counts := make([]Count, 0, len(prints))
	for i := 0; i < len(prints); {
		j := i + 1
		for j < len(prints) && prints[j] == prints[i] {
			j++
		}
		counts = append(counts, Count{Print(prints[i]), saturate(j - i)})
		i = j
	}
	return counts
}

func (t *Tally) slot(p Print) int {
	mask := len(t.prints) - 1
	i := int(uint32(p)*0x9E3779B1>>7) & mask
	for t.used[i] && t.prints[i] != p {
		i = (i + 1) & mask
	}
	return i
}

func (t *Tally) grow() {
	old := *t
	size := max(1024, 2*len(old.prints))
	*t = Tally{prints: make([]Print, size), counts: make([]int8, size), used: make([]bool, size), n: old.n}
	for i, used := range old.used {
		if used {
			j := t.slot(old.prints[i])
			t.used[j], t.prints[j], t.counts[j] = true, old.prints[i], old.counts[i]
		}
	}
}

func saturate(n int) int8 { return int8(min(max(n, -math.MaxInt8), math.MaxInt8)) }

// ErrPage: the bytes are no page.
var ErrPage = errors.New("damaged page of furniture counts")

// AppendPage appends sorted counts to dst as a page: for each the difference to
// the print before (the first: to first), doubled, as unsigned varint; it is odd
// if the count is not 1, and the count follows as one signed byte. About two
// bytes a count in pages of 512 among four million.
func AppendPage(dst []byte, first Print, counts []Count) []byte {
	before := first
	for _, c := range counts {
		v := uint64(c.Print-before) << 1
		if c.N != 1 {
			v |= 1
		}
		dst = binary.AppendUvarint(dst, v)
		if c.N != 1 {
			dst = append(dst, byte(c.N))
		}
		before = c.Print
	}
	return dst
}

// DecodePage appends the counts of a page to dst; first as in AppendPage. It
// returns ErrPage, and dst as it was, for bytes that AppendPage cannot have made.
func DecodePage(dst []Count, first Print, page []byte) ([]Count, error) {
	was, before := dst, first
	for at := 0; at < len(page); {
		c, n := checked(before, at == 0, page[at:])
		if n == 0 {
			return was, ErrPage
		}
		dst = append(dst, c)
		before, at = c.Print, at+n
	}
	return dst, nil
}

// checked decodes the first count of a page, or of what is left of it, and says in how many bytes it stands; in 0 if AppendPage cannot have made them.
func checked(before Print, begins bool, page []byte) (Count, int) {
	v, n := binary.Uvarint(page)
	if n <= 0 || n != uvarintLen(v) {
		return Count{}, 0
	}
	delta := v >> 1
	if delta > math.MaxUint32 || uint64(before)+delta > math.MaxUint32 || !begins && delta == 0 {
		return Count{}, 0
	}
	c := Count{Print: before + Print(delta), N: 1}
	if v&1 == 1 {
		if len(page) == n || page[n] == 0 || page[n] == 1 || page[n] == 0x80 {
			return Count{}, 0
		}
		c.N = int8(page[n])
		n++
	}
	return c, n
}

// Page is a page to look counts up in: as it is on disk, which is a quarter of the memory that its counts take, with a stop after
// every 16 counts, from which a count is found in a tenth of the time that decoding the page takes.
type Page struct {
	bytes []byte
	first Print
	stops []stop
}

// stop is a place between two counts of a page.
type stop struct {
	before Print  // the print before it
	at     uint32 // the byte after it
}

const stopCounts = 16

// NewPage returns the page of these bytes, which it keeps; first as in AppendPage. It returns ErrPage for bytes that AppendPage cannot
// have made.
func NewPage(first Print, page []byte) (*Page, error) {
	p := &Page{bytes: page, first: first, stops: make([]stop, 0, len(page)/(2*stopCounts))}
	before := first
	for i, at := 1, 0; at < len(page); i++ {
		c, n := checked(before, at == 0, page[at:])
		if n == 0 {
			return nil, ErrPage
		}
		before, at = c.Print, at+n
		if i%stopCounts == 0 {
			p.stops = append(p.stops, stop{before, uint32(at)})
		}
	}
	return p, nil
}

// Bytes is the memory that p takes, about.
func (p *Page) Bytes() int { return 64 + len(p.bytes) + 8*cap(p.stops) }

// Count is the count of a print, 0 if it is not in the page.
func (p *Page) Count(of Print) int {
	before, rest := p.first, p.bytes
	if i, _ := slices.BinarySearchFunc(p.stops, of, func(s stop, of Print) int { return cmp.Compare(s.before, of) }); i > 0 {
		before, rest = p.stops[i-1].before, rest[p.stops[i-1].at:]
	}
	for len(rest) > 0 {
		c, n := next(before, rest)
		if c.Print >= of {
			if c.Print > of {
				return 0
			}
			return int(c.N)
		}
		before, rest = c.Print, rest[n:]
	}
	return 0
}

// next decodes the first count of a good page, and says in how many bytes it stands.
func next(before Print, page []byte) (Count, int) {
	v, n := binary.Uvarint(page)
	c := Count{before + Print(v>>1), 1}
	if v&1 == 1 {
		c.N = int8(page[n])
		n++
	}
	return c, n
}

// uvarintLen is the length of the one canonical encoding of v.
func uvarintLen(v uint64) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}
