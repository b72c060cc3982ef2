package minhash_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/dedupe-news/dedupe/minhash"
)

func random(seed uint64, n int) []uint64 {
	r := rand.New(rand.NewPCG(seed, 1))
	hashes := make([]uint64, n)
	for i := range hashes {
		hashes[i] = r.Uint64()
	}
	return hashes
}

func TestNewKeepsEnough(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 23, 24, 25, 100, 1000, 50000} {
		s := minhash.New(random(uint64(n), n), 24)
		if want := min(n, 24); len(s.Hashes) < want {
			t.Errorf("New(%d hashes, 24) keeps %d, want at least %d", n, len(s.Hashes), want)
		}
		if n <= 24 && s.Scale != 0 {
			t.Errorf("New(%d hashes, 24).Scale = %d, want 0", n, s.Scale)
		}
		if len(s.Hashes) > 100 {
			t.Errorf("New(%d hashes, 24) keeps %d", n, len(s.Hashes))
		}
	}
}

// The plain definition: the coarsest scale with at least least distinct hashes below its limit.
func plainNew(hashes []uint64, least int) minhash.Sketch {
	set := slices.Compact(slices.Sorted(slices.Values(hashes)))
	if least < 1 || len(set) == 0 {
		return minhash.Sketch{}
	}
	for scale := minhash.MaxScale; ; scale-- {
		var kept []uint64
		for _, h := range set {
			if h <= minhash.Limit(uint8(scale)) {
				kept = append(kept, h)
			}
		}
		if len(kept) >= least || scale == 0 {
			return minhash.Sketch{Scale: uint8(scale), Hashes: kept}
		}
	}
}

func TestNewEqualsDefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hashes := rapid.SliceOf(rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 50), rapid.Uint64Range(0, 1<<50))).Draw(t, "hashes")
		least := rapid.IntRange(0, 30).Draw(t, "least")
		checkNew(t, hashes, least)
	})
}

// Sets of the size of articles, with doubles and without, and sets that are not uniform.
func TestNewOfManyHashes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hashes := random(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 3000).Draw(t, "n"))
		shift := rapid.SampledFrom([]int{0, 0, 1, 20, 60}).Draw(t, "shift")
		for i := range hashes {
			hashes[i] >>= shift
		}
		for range rapid.IntRange(0, 5).Draw(t, "doublings") {
			hashes = append(hashes, hashes[:min(len(hashes), 1000)]...)
		}
		checkNew(t, hashes, rapid.SampledFrom([]int{1, 24, 96, 1000}).Draw(t, "least"))
	})
}

func checkNew(t *rapid.T, hashes []uint64, least int) {
	before := slices.Clone(hashes)
	want := plainNew(hashes, least)
	if got := minhash.New(hashes, least); got.Scale != want.Scale || !slices.Equal(got.Hashes, want.Hashes) {
		t.Fatalf("New(%v, %d) = %v, want %v", hashes, least, got, want)
	}
	buffer := random(1, rapid.IntRange(0, 300).Draw(t, "buffer"))
	if got := minhash.NewIn(buffer, hashes, least); got.Scale != want.Scale || !slices.Equal(got.Hashes, want.Hashes) {
		t.Fatalf("NewIn(%v, %d) = %v, want %v", hashes, least, got, want)
	}
	if !slices.Equal(hashes, before) {
		t.Fatalf("New changes its input %v to %v", before, hashes)
	}
}

func TestKeysAreCoarserSketch(t *testing.T) {
	t.Parallel()
	for n := 1; n < 5000; n = n*3 + 1 {
		hashes := random(uint64(n), n)
		fine, keys := minhash.New(hashes, 128), minhash.New(hashes, 24)
		if got := fine.Keys(24); got.Scale != keys.Scale || !slices.Equal(got.Hashes, keys.Hashes) {
			t.Errorf("New(%d hashes, 128).Keys(24) = %v, want %v", n, got, keys)
		}
	}
}

// Estimates stay within four standard errors of the exact value, and on average hit it.
func TestEstimates(t *testing.T) {
	t.Parallel()
	for _, jaccard := range []float64{0.1, 0.2, 0.42, 0.8} {
		const union, trials = 2000, 200
		sum, m := 0.0, 0
		for seed := range uint64(trials) {
			all := random(seed+1000, union)
			common := int(jaccard * union)
			half := (union - common) / 2
			a := minhash.New(all[:common+half], 128)
			b := minhash.New(append(slices.Clone(all[:common]), all[common+half:]...), 128)
			common, onlyA, onlyB := minhash.Overlap(a, b, nil)
			m = common + onlyA + onlyB
			got := minhash.EstimateJaccard(a, b)
			if bound := 4 * minhash.StandardError(jaccard, m); math.Abs(got-jaccard) > bound {
				t.Errorf("EstimateJaccard at J = %v, seed %d = %v, off by more than %v", jaccard, seed, got, bound)
			}
			sum += got
		}
		if mean, bound := sum/trials, 4*minhash.StandardError(jaccard, trials*m); math.Abs(mean-jaccard) > bound {
			t.Errorf("mean of EstimateJaccard at J = %v is %v, off by more than %v", jaccard, mean, bound)
		}
	}
}

func TestContainmentAcrossScales(t *testing.T) {
	t.Parallel()
	long := random(7, 20000)
	short := long[:500]
	a, b := minhash.New(short, 128), minhash.New(long, 128)
	if a.Scale >= b.Scale {
		t.Fatalf("scales %d and %d: the long text should be coarser", a.Scale, b.Scale)
	}
	if got := minhash.EstimateContainment(a, b); got != 1 {
		t.Errorf("EstimateContainment(part, whole) = %v, want 1", got)
	}
	if got := minhash.EstimateContainment(b, a); got > 0.08 {
		t.Errorf("EstimateContainment(whole, part) = %v, want about 0.025", got)
	}
}

func TestOverlapSkips(t *testing.T) {
	t.Parallel()
	a := minhash.Sketch{Hashes: []uint64{1, 2, 3, 4}}
	b := minhash.Sketch{Hashes: []uint64{2, 3, 5}}
	common, onlyA, onlyB := minhash.Overlap(a, b, func(h uint64) bool { return h == 3 || h == 4 })
	if common != 1 || onlyA != 1 || onlyB != 1 {
		t.Errorf("Overlap = %d, %d, %d, want 1, 1, 1", common, onlyA, onlyB)
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	empty := minhash.New(nil, 24)
	if got := minhash.EstimateJaccard(empty, empty); got != 0 {
		t.Errorf("EstimateJaccard(empty, empty) = %v, want 0", got)
	}
}

// The numbers that the package comment works out.
func TestWorkedNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		got, want float64
		places    float64
	}{
		{"standard error at J = 0.8, m = 128", minhash.StandardError(0.8, 128), 0.035, 1e-3},
		{"two of 24 keys at J = 0.2", minhash.ShareTwo(24, 0.2), 0.97, 1e-2},
		{"two of 24 keys at J = 0.42", minhash.ShareTwo(24, 0.42), 0.99996, 1e-5},
	} {
		if math.Abs(c.got-c.want) > c.places {
			t.Errorf("%s = %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestNewAllocatesOnce(t *testing.T) {
	hashes := random(1, 1000)
	if got := testing.AllocsPerRun(10, func() { minhash.New(hashes, 24) }); got != 1 {
		t.Errorf("New allocates %g times, want 1", got)
	}
}

// Each sketch is of other hashes, so that no processor learns their order by heart.
func BenchmarkNewIn(b *testing.B) {
	const n = 1000
	hashes := random(1, 64*n)
	var s minhash.Sketch
	b.ReportAllocs()
	b.SetBytes(n * 8)
	for i := 0; b.Loop(); i = (i + 1) % 64 {
		s = minhash.NewIn(s.Hashes, hashes[i*n:][:n], 24)
	}
}

func ExampleEstimateJaccard() {
	a := minhash.New([]uint64{1, 2, 3, 4}, 24)
	b := minhash.New([]uint64{3, 4, 5, 6}, 24)
	fmt.Printf("%.2f %.2f\n", minhash.EstimateJaccard(a, b), minhash.EstimateContainment(a, b))
	// Output: 0.33 0.50
}
