package minhash_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dedupe-news/dedupe/minhash"
	"pgregory.net/rapid"
)

// A table counts what Overlap counts, also where hashes are crowded, where it was filled before, and with the hash 0.
func TestTableEqualsOverlap(t *testing.T) {
	var table minhash.Table
	sketch := rapid.Custom(func(t *rapid.T) minhash.Sketch {
		n := rapid.SampledFrom([]int{0, 1, 5, 100, 3000}).Draw(t, "hashes")
		from := rand.New(rand.NewPCG(rapid.Uint64Range(0, 3).Draw(t, "seed"), 0))
		hashes := make([]uint64, n)
		for i := range hashes {
			hashes[i] = from.Uint64() >> rapid.SampledFrom([]int{0, 4, 52}).Draw(t, "shift") >> 32 << 32
		}
		if rapid.Bool().Draw(t, "has 0") {
			hashes = append(hashes, 0)
		}
		return minhash.New(hashes, rapid.SampledFrom([]int{24, 72, 4000}).Draw(t, "least"))
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := sketch.Draw(t, "a"), sketch.Draw(t, "b")
		table.Fill(a)
		common, onlyA, onlyB := table.Overlap(b)
		wantCommon, wantA, wantB := minhash.Overlap(a, b, nil)
		if common != wantCommon || onlyA != wantA || onlyB != wantB {
			t.Fatalf("Overlap of %d and %d hashes = %d, %d, %d, want %d, %d, %d",
				len(a.Hashes), len(b.Hashes), common, onlyA, onlyB, wantCommon, wantA, wantB)
		}
	})
}

// BenchmarkTable compares sketches of a hundred hashes, a fifth of which are common: one with 16 others, as a crawl does.
func BenchmarkTable(b *testing.B) {
	sketches := make([]minhash.Sketch, 1024)
	shared := random(1, 200)
	for i := range sketches {
		sketches[i] = minhash.New(slices.Concat(shared[:150], random(uint64(i+2), 750)), 72)
	}
	b.Run("Overlap", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			minhash.Overlap(sketches[i/16%1024], sketches[i%1024], nil)
		}
	})
	b.Run("Table", func(b *testing.B) {
		var table minhash.Table
		for i := 0; b.Loop(); i++ {
			if i%16 == 0 {
				table.Fill(sketches[i/16%1024])
			}
			table.Overlap(sketches[i%1024])
		}
	})
}
