package shingle

import (
	"math/bits"
	"slices"
)

// A Set is the shingle set of an article: its distinct shingle hashes, in rising order.
type Set []uint64

// NewSet returns the set of shingles, which may be in any order, have doubles, and stays as it is. The set is newly allocated.
func NewSet(shingles []uint64) Set { return new(SetRoom).NewSet(shingles) }

// A SetRoom is memory for one set after the other. The zero value is ready to use. It is for one goroutine.
type SetRoom struct {
	set  Set
	ends []uint32 // of buckets
}

// NewSet is the function NewSet with a set that is good until the next call.
func (r *SetRoom) NewSet(shingles []uint64) Set {
	// Hashes are uniform, so their upper bits put them almost in order: one pass of insertions does the rest. Buckets of
	// more than chance puts there, as of text that repeats itself, are sorted one by one.
	const bucketSize, full = 2, 16
	shift := 64 - bits.Len(uint(len(shingles)/bucketSize))
	r.ends = slices.Grow(r.ends[:0], 1<<(64-shift)+1)[:1<<(64-shift)+1]
	r.set = slices.Grow(r.set[:0], len(shingles))[:len(shingles)]
	ends, set := r.ends, r.set
	clear(ends)
	for _, h := range shingles {
		ends[h>>shift+1]++
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	for _, h := range shingles {
		set[ends[h>>shift]] = h
		ends[h>>shift]++
	}
	begin := uint32(0)
	for _, end := range ends[:len(ends)-1] {
		if end-begin > full {
			slices.Sort(set[begin:end])
		}
		begin = end
	}
	for i := 1; i < len(set); i++ {
		h, j := set[i], i
		for ; j > 0 && set[j-1] > h; j-- {
			set[j] = set[j-1]
		}
		set[j] = h
	}
	return slices.Compact(set)
}

// Common is |A∩B|, the number of shingles that stand in both sets; of the upper halves of shingles too, in rising order, among which some may
// stand twice. It takes time O(|A|+|B|), or O(|A|·log |B|) where that is much less.
func Common[S ~[]T, T uint32 | uint64](a, b S) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a)*16 < len(b) {
		return commonBySearch(a, b)
	}
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); { // without branches, which no processor could foresee
		x, y := a[i], b[j]
		var here, there int
		if x <= y {
			here = 1
		}
		if y <= x {
			there = 1
		}
		n += here & there
		i += here
		j += there
	}
	return n
}

func commonBySearch[S ~[]T, T uint32 | uint64](small, large S) int {
	n := 0
	for _, x := range small {
		i, found := slices.BinarySearch(large, x)
		if found {
			n++
		}
		large = large[i:]
	}
	return n
}

// Jaccard is |A∩B| / |A∪B|, the resemblance of Broder 1997: 0 for nothing in common, 1 for equal sets. It is 0 for two empty
// sets, for an empty text is no copy of another empty text. Jaccard(a, b) = Jaccard(b, a).
func Jaccard(a, b Set) float64 {
	common := Common(a, b)
	if common == 0 {
		return 0
	}
	return float64(common) / float64(len(a)+len(b)-common)
}

// Containment is |A∩B| / |A|: the part of a that is contained in b, from 0 to 1. It is not symmetric. It is 0 if a is empty.
func Containment(a, b Set) float64 {
	if len(a) == 0 {
		return 0
	}
	return float64(Common(a, b)) / float64(len(a))
}
