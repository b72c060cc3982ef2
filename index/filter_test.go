package index

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// A filter has all keys that were added, however often it is folded, and the rest as rarely as its comment says.
func TestFilterFolds(t *testing.T) {
	t.Parallel()
	const n = 100_000
	random := rand.New(rand.NewPCG(3, 4))
	f := &filter{lines: make([][8]uint64, linesFor(n))}
	added := make([]uint64, n)
	made := filling{filter: f}
	for i := range added {
		added[i] = uint64(random.Uint32()) | 1
		made.add(added[i])
	}
	made.flush()
	for folds, most := range []float64{0.02, 0.13, 0.45} {
		if folds > 0 {
			half := f.folded()
			if 2*half.bytes() != f.bytes() {
				t.Errorf("folded %d times: %d bytes of %d", folds, half.bytes(), f.bytes())
			}
			f = half
		}
		for _, key := range added {
			if !f.has(key) {
				t.Fatalf("folded %d times: key %x was added, and is not there", folds, key)
			}
		}
		seem := 0
		for range n {
			if f.has(uint64(random.Uint32()) &^ 1) {
				seem++
			}
		}
		if rate := float64(seem) / n; rate > most || rate < most/2 {
			t.Errorf("folded %d times: %.3f of the keys that are not there seem to be, want %.2f at most and at least half of it", folds, rate, most)
		}
	}
}

// Whatever files come and go, filters keep to their share, the largest are the first to be folded, and the small ones stay whole.
func TestFiltersKeepToTheirShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := &filters{share: rapid.Int64Range(0, 200_000).Draw(t, "share"), files: make(map[uint32]sized)}
		keys := make(map[uint32]int)
		for id := range uint32(rapid.IntRange(1, 20).Draw(t, "files")) {
			if rapid.Bool().Draw(t, "drop") {
				f.drop(id / 2)
			}
			keys[id] = rapid.IntRange(0, 60_000).Draw(t, "keys")
			if made := f.reserve(id, keys[id], id%2 == 0); made != f.files[id].filter {
				t.Fatalf("reserve(%d) is not what is kept", id)
			}
			sum, largest := int64(0), int64(0)
			for id, s := range f.files {
				lines := linesFor(keys[id]) >> s.folds
				if id%2 == 0 {
					lines += linesFor(keys[id] / severalShare)
				}
				if sum += s.bytes(); s.bytes() != int64(lines)*lineBytes {
					t.Fatalf("filter of %d keys, folded %d times: %d bytes", keys[id], s.folds, s.bytes())
				}
				largest = max(largest, s.bytes())
			}
			if sum > f.share {
				t.Fatalf("filters of %d bytes in a share of %d", sum, f.share)
			}
		}
	})
}

func TestNoFilterHasEverything(t *testing.T) {
	t.Parallel()
	var f filters
	if f.add(1, 100, false); f.of(1) != nil {
		t.Errorf("add before filters are made makes %v, want none", f.of(1))
	}
	made := filling{filter: f.of(1)}
	made.add(7)
	made.flush()
	if !f.of(1).has(8) {
		t.Error("without a filter a key is not there")
	}
}
