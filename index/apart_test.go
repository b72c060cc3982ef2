package index

import (
	"math/rand/v2"
	"testing"

	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/shingle"
)

// Sets of hashes with few different upper halves, so that many are the same once they are cut.
func TestCutSetsHaveNoLessInCommon(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	hopeless, more := 0, 0
	for range 2000 {
		halves := 1 + random.Uint64N(4000)
		shingles := func(n int) []uint64 {
			list := make([]uint64, n)
			for i := range list {
				list[i] = random.Uint64N(halves)<<32 | random.Uint64N(8)
			}
			return list
		}
		both := shingles(random.IntN(20))
		a, b := shingle.NewSet(append(shingles(random.IntN(100)), both...)), shingle.NewSet(append(shingles(random.IntN(100)), both...))
		common, most := shingle.Common(a, b), shingle.Common(cut(a).halves, cut(b).halves)
		if most < common {
			t.Fatalf("%d shingles in common, and %d once they are cut", common, most)
		}
		if most > common {
			more++
		}
		if cut(a).hopeless(cut(b)) {
			hopeless++
			if !match.Hopeless(len(a), len(b), common) {
				t.Fatalf("sets of %d and %d with %d in common are hopeless only once they are cut", len(a), len(b), common)
			}
		}
	}
	if hopeless < 100 || more < 100 {
		t.Errorf("of 2,000 pairs %d are hopeless, %d have more in common once they are cut: too few to tell", hopeless, more)
	}
}
