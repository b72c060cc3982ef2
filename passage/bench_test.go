package passage

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// benchTexts are two texts of that many words, of a vocabulary and frequencies like those of prose; half of the second
// is copied from the first, in passages of 40 words.
func benchTexts(words int) (a, b Sequence) {
	random := rand.New(rand.NewPCG(1, 2))
	frequency := rand.NewZipf(random, 1.1, 3, 20_000)
	write := func(s *Sequence, n int) {
		for range n {
			s.add(fmt.Sprint(frequency.Uint64()), 9)
		}
	}
	write(&a, words)
	for len(b.Hashes) < words {
		begin := random.IntN(words - 40)
		b.Hashes = append(b.Hashes, a.Hashes[begin:begin+40]...)
		b.Weights = append(b.Weights, a.Weights[begin:begin+40]...)
		write(&b, 40)
	}
	return a, b
}

func BenchmarkNewRuns(b *testing.B) {
	x, _ := benchTexts(1000)
	b.ReportAllocs()
	for b.Loop() {
		NewRuns(x)
	}
}

func BenchmarkCover(b *testing.B) {
	x, y := benchTexts(1000)
	rx, ry := NewRuns(x), NewRuns(y)
	b.ReportAllocs()
	for b.Loop() {
		rx.Cover(ry)
	}
}

func BenchmarkNewRunsAndCover(b *testing.B) {
	x, y := benchTexts(1000)
	b.ReportAllocs()
	for b.Loop() {
		NewRuns(x).Cover(NewRuns(y))
	}
}

func BenchmarkFind(b *testing.B) {
	x, y := benchTexts(1000)
	b.ReportAllocs()
	for b.Loop() {
		Find(x, y)
	}
}
