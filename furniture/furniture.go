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
	"math/bits"
	"slices"

	"github.com/dedupe-news/dedupe/rice"
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
	N     int8 // −MaxStories…MaxStories, saturating
}

// MaxStories is the largest count; a print that stands in more stories is counted for so many. What was counted so often stays so: how many stories a removed
// article leaves is not known.
const MaxStories = math.MaxInt8

// Tally counts prints in memory. The zero Tally is empty and ready.
type Tally struct {
	slots []slot
	n     int
}

// slot is a place in the table of a Tally; eight bytes, so that a look-up touches one cache line.
type slot struct {
	print Print
	count int8
	used  bool
}

// Len is the number of distinct prints counted (or uncounted to zero).
func (t *Tally) Len() int { return t.n }

// Add adds n to the count of p.
func (t *Tally) Add(p Print, n int) {
	if 4*t.n >= 3*len(t.slots) {
		t.grow()
	}
	s := t.slot(p)
	if !s.used {
		s.used, s.print = true, p
		t.n++
	}
	if s.count < MaxStories {
		s.count = saturate(int(s.count) + n)
	}
}

// Get is the count of p, 0 if it was never added.
func (t *Tally) Get(p Print) int {
	if t.n == 0 {
		return 0
	}
	return int(t.slot(p).count)
}

// Reset empties t and keeps its memory.
func (t *Tally) Reset() {
	clear(t.slots)
	t.n = 0
}

// Sorted returns the counts by rising print, without those that are zero. The
// slice is new.
func (t *Tally) Sorted() []Count {
	counts := make([]Count, 0, t.n)
	for _, s := range t.slots {
		if s.count != 0 {
			counts = append(counts, Count{s.print, s.count})
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
		var of total
		p := counts[i].Print
		for ; i < len(counts) && counts[i].Print == p; i++ {
			of.add(int(counts[i].N))
		}
		if n := of.count(); n != 0 {
			sum = append(sum, Count{p, n})
		}
	}
	return sum
}

// SumSorted adds up the neighbours of one print, as [Sum] does, while the counts come by rising print. An error
// among them is the last that it yields.
func SumSorted(counts iter.Seq2[Count, error]) iter.Seq2[Count, error] {
	return func(yield func(Count, error) bool) {
		var p Print
		var of total // of p
		for c, err := range counts {
			if err != nil {
				yield(Count{}, err)
				return
			}
			if c.Print != p {
				if n := of.count(); n != 0 && !yield(Count{p, n}, nil) {
					return
				}
				p, of = c.Print, total{}
			}
			of.add(int(c.N))
		}
		if n := of.count(); n != 0 {
			yield(Count{p, n}, nil)
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

// slot is where p stands, or would.
func (t *Tally) slot(p Print) *slot {
	mask := len(t.slots) - 1
	i := int(uint32(p)*0x9E3779B1>>7) & mask
	for t.slots[i].used && t.slots[i].print != p {
		i = (i + 1) & mask
	}
	return &t.slots[i]
}

func (t *Tally) grow() {
	old := t.slots
	t.slots = make([]slot, max(1024, 2*len(old)))
	for _, s := range old {
		if s.used {
			*t.slot(s.print) = s
		}
	}
}

// total adds up counts of one print, in whatever order.
type total struct {
	n    int
	most bool // one of them was MaxStories
}

func (t *total) add(n int) {
	t.n += n
	t.most = t.most || n == MaxStories
}

func (t *total) count() int8 {
	if t.most {
		return MaxStories
	}
	return saturate(t.n)
}

func saturate(n int) int8 { return int8(min(max(n, -MaxStories), MaxStories)) }

// ErrPage: the bytes are no page.
var ErrPage = errors.New("damaged page of furniture counts")

// AppendPage appends sorted counts to dst as a page: nothing for none, else their number as unsigned varint, two bytes s and k, and bits as
// package rice writes them: for each count the difference to the print before (the first: to first) without its s lower bits, which are 0 in
// all of them, and less 1 (but the first), with parameter k; and its N as number 0 (for 1) to 126 (127), 127 (−1) to 253 (−127), with
// parameter 0. s and k follow from the prints, so that there is one page of given counts. About 1.6 bytes a count in
// pages of 512 among four million.
func AppendPage(dst []byte, first Print, counts []Count) []byte {
	if len(counts) == 0 {
		return dst
	}
	h := headOf(first, counts)
	dst = append(binary.AppendUvarint(dst, uint64(len(counts))), byte(h.shift), byte(h.k))
	w := rice.NewWriter(dst)
	before := first
	for i, c := range counts {
		gap := uint64(c.Print-before) >> h.shift
		if i > 0 {
			gap--
		}
		w.Put(gap, h.k)
		w.Put(codeOf(c.N), 0)
		before = c.Print
	}
	return w.Bytes()
}

// head is what stands before the bits of a page.
type head struct {
	n        int
	shift, k uint
}

func headOf(first Print, counts []Count) head {
	all, before := Print(0), first
	for _, c := range counts {
		all |= c.Print - before
		before = c.Print
	}
	h := head{n: len(counts)}
	if all != 0 {
		h.shift = uint(bits.TrailingZeros32(uint32(all)))
	}
	h.k = rice.Parameter(h.n, uint64(before-first)>>h.shift)
	return h
}

// codeOf is N as a number, the commonest first.
func codeOf(n int8) uint64 {
	if n > 0 {
		return uint64(n) - 1
	}
	return uint64(math.MaxInt8 - 1 - int(n))
}

// countOf is the N of a number; 0 if it is none.
func countOf(code uint64) int8 {
	switch {
	case code < math.MaxInt8:
		return int8(code + 1)
	case code < 2*math.MaxInt8:
		return int8(math.MaxInt8 - 1 - int(code))
	default:
		return 0
	}
}

// readHead reads the head of a page that is not empty, and says where its bits begin.
func readHead(page []byte) (h head, at uint, ok bool) {
	n, used := binary.Uvarint(page)
	if used <= 0 || used != uvarintLen(n) || len(page) < used+2 || n == 0 || n > 4*uint64(len(page)) { // a count has two bits at least
		return h, 0, false
	}
	h = head{int(n), uint(page[used]), uint(page[used+1])}
	return h, 8 * uint(used+2), h.shift < 32 && h.k <= rice.MaxParameter
}

// walk is a place in a page.
type walk struct {
	bits   rice.Reader
	before Print
	begins bool // nothing was read yet
}

// next decodes a count. It is false if AppendPage cannot have made it.
func (w *walk) next(h *head) (Count, bool) {
	gap := w.bits.Get(h.k)
	n := countOf(w.bits.Get(0))
	if !w.begins {
		gap++
	}
	w.begins = false
	if gap > math.MaxUint32>>h.shift || gap<<h.shift+uint64(w.before) > math.MaxUint32 || n == 0 {
		return Count{}, false
	}
	w.before += Print(gap << h.shift)
	return Count{w.before, n}, true
}

// DecodePage appends the counts of a page to dst; first as in AppendPage. It
// returns ErrPage, and dst as it was, for bytes that AppendPage cannot have made.
func DecodePage(dst []Count, first Print, page []byte) ([]Count, error) {
	if len(page) == 0 {
		return dst, nil
	}
	h, at, ok := readHead(page)
	if !ok {
		return dst, ErrPage
	}
	return decode(dst, nil, first, page, h, at)
}

// decode is DecodePage of a page with head h, whose bits begin at at. It calls at each stop, if stopped is not nil.
func decode(dst []Count, stopped func(stop), first Print, page []byte, h head, at uint) ([]Count, error) {
	was := len(dst)
	w := walk{rice.NewReader(page, at), first, true}
	for i := range h.n {
		if stopped != nil && i > 0 && i%stopCounts == 0 {
			stopped(stop{w.before, uint32(w.bits.At())})
		}
		c, ok := w.next(&h)
		if !ok || !w.bits.Good() {
			return dst[:was:was], ErrPage
		}
		dst = append(dst, c)
	}
	if rest, ok := w.bits.Rest(); !ok || len(rest) > 0 || headOf(first, dst[was:]) != h {
		return dst[:was:was], ErrPage
	}
	return dst, nil
}

// Page is a page to look counts up in: as it is on disk, which is a quarter of the memory that its counts take, with a stop after
// every 16 counts, from which a count is found in a tenth of the time that decoding the page takes.
type Page struct {
	bytes []byte
	first Print
	head  head
	at    uint   // bit where the first count begins
	stops []stop // before every 16th count but the first
}

// stop is a place between two counts of a page.
type stop struct {
	before Print  // the print before it
	at     uint32 // the bit after it
}

const stopCounts = 16

// NewPage returns the page of these bytes, which it keeps; first as in AppendPage. It returns ErrPage for bytes that AppendPage cannot
// have made.
func NewPage(first Print, page []byte) (*Page, error) {
	p := &Page{bytes: page, first: first}
	if len(page) == 0 {
		return p, nil
	}
	var ok bool
	if p.head, p.at, ok = readHead(page); !ok {
		return nil, ErrPage
	}
	p.stops = make([]stop, 0, (p.head.n-1)/stopCounts)
	var room [512]Count // of a page of an index, twice over
	if _, err := decode(room[:0], func(s stop) { p.stops = append(p.stops, s) }, first, page, p.head, p.at); err != nil {
		return nil, err
	}
	return p, nil
}

// Bytes is the memory that p takes, about.
func (p *Page) Bytes() int { return 96 + len(p.bytes) + 8*cap(p.stops) }

// Count is the count of a print, 0 if it is not in the page.
func (p *Page) Count(of Print) int {
	w, left := walk{rice.NewReader(p.bytes, p.at), p.first, true}, p.head.n
	if i, _ := slices.BinarySearchFunc(p.stops, of, func(s stop, of Print) int { return cmp.Compare(s.before, of) }); i > 0 {
		s := p.stops[i-1]
		w, left = walk{rice.NewReader(p.bytes, uint(s.at)), s.before, false}, left-i*stopCounts
	}
	for range left {
		if c, _ := w.next(&p.head); c.Print >= of {
			if c.Print > of {
				return 0
			}
			return int(c.N)
		}
	}
	return 0
}

// uvarintLen is the length of the one canonical encoding of v.
func uvarintLen(v uint64) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}
