package shingle

import (
	"math/bits"
	"slices"
)

// A Set is the shingle set of an article: its distinct shingle hashes, in rising order.
type Set []uint64

// NewSet returns the set of shingles, which may be in any order, have doubles, and stays as it is. The set is newly allocated.
func NewSet(shingles []uint64) Set {
	// Hashes are uniform, so their upper bits put them almost in order: buckets of about
	// eight are sorted one by one, four times as fast as all at once.
	const bucketSize = 8
	shift := 64 - bits.Len(uint(len(shingles)/bucketSize))
	ends := make([]int, 1<<(64-shift)+1)
	for _, h := range shingles {
		ends[h>>shift+1]++
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	set := make(Set, len(shingles))
	for _, h := range shingles {
		set[ends[h>>shift]] = h
		ends[h>>shift]++
	}
	for begin, b := 0, 0; b < len(ends)-1; b++ {
		slices.Sort(set[begin:ends[b]])
		begin = ends[b]
	}
	return slices.Compact(set)
}

// Common is |A∩B|, the number of shingles that stand in both sets. It takes time O(|A|+|B|), or O(|A|·log |B|) where that is much less.
func Common(a, b Set) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a)*16 < len(b) {
		return commonBySearch(a, b)
	}
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		x, y := a[i], b[j]
		nextA, nextB := 0, 0 // which is less cannot be foretold: numbers are added quicker than a processor guesses wrong
		if x <= y {
			nextA = 1
		}
		if y <= x {
			nextB = 1
		}
		i, j, n = i+nextA, j+nextB, n+nextA&nextB
	}
	return n
}

func commonBySearch(small, large Set) int {
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
