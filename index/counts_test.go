package index

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/minhash"
)

// prints are those of the counted shingles, sorted, each once: also if shingles stand close together, and come again.
func TestPrints(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		shift := rapid.IntRange(0, 63).Draw(t, "shift")
		shingles := rapid.SliceOf(rapid.Custom(func(t *rapid.T) uint64 { return rapid.Uint64().Draw(t, "hash") >> shift })).Draw(t, "shingles")
		var want []furniture.Print
		for _, h := range shingles {
			if match.Counted(h) {
				want = append(want, furniture.PrintOf(h))
			}
		}
		slices.Sort(want)
		want = slices.Compact(want)
		if got := new(printRoom).of(shingles); !slices.Equal(got, want) {
			t.Fatalf("prints of %x: %x, want %x", shingles, got, want)
		}
		sketch := minhash.New(shingles, 1000)
		if got := appendPrints(nil, sketch); !slices.Equal(got, want) {
			t.Fatalf("appendPrints of the sketch of %x = %x, want %x", shingles, got, want)
		}
	})
}
