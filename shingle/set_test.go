package shingle

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestNewSet(t *testing.T) {
	t.Parallel()
	shingles := []uint64{3, 1, math.MaxUint64, 3, 0, 1}
	if got, want := NewSet(shingles), (Set{0, 1, 3, math.MaxUint64}); !slices.Equal(got, want) {
		t.Errorf("NewSet(%v) = %v, want %v", shingles, got, want)
	}
	if want := []uint64{3, 1, math.MaxUint64, 3, 0, 1}; !slices.Equal(shingles, want) {
		t.Errorf("NewSet changed its argument to %v, want %v", shingles, want)
	}
	if got := NewSet(nil); len(got) != 0 {
		t.Errorf("NewSet(nil) = %v, want an empty set", got)
	}
}

func TestNewSetIsSortedAndDistinct(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		shingles := rapid.SliceOfN(rapid.Uint64(), 0, 300).Draw(t, "shingles")
		few := rapid.SliceOfN(rapid.Uint64Range(0, 40), 0, 300).Draw(t, "in one bucket")
		shingles = append(append(shingles, few...), shingles...)
		want := slices.Compact(slices.Sorted(slices.Values(shingles)))
		if got := NewSet(shingles); !slices.Equal(got, want) {
			t.Fatalf("NewSet(%x) = %x, want %x", shingles, got, want)
		}
	})
}

func TestJaccardAndContainment(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name            string
		a, b            Set
		common          int
		jaccard, ab, ba float64
	}{
		{"both empty", Set{}, nil, 0, 0, 0, 0},
		{"one empty", Set{1, 2}, Set{}, 0, 0, 0, 0},
		{"equal", Set{1, 2, 3}, Set{1, 2, 3}, 3, 1, 1, 1},
		{"disjoint", Set{1, 3}, Set{2, 4}, 0, 0, 0, 0},
		{"overlapping", Set{1, 2, 3}, Set{2, 3, 4, 5}, 2, 0.4, 2.0 / 3, 0.5},
		{"contained", Set{2, 4}, Set{1, 2, 3, 4}, 2, 0.5, 1, 0.5},
	}
	for _, tt := range tests {
		if got := Common(tt.a, tt.b); got != tt.common {
			t.Errorf("%s: Common(%v, %v) = %d, want %d", tt.name, tt.a, tt.b, got, tt.common)
		}
		if got := Jaccard(tt.a, tt.b); got != tt.jaccard {
			t.Errorf("%s: Jaccard(%v, %v) = %g, want %g", tt.name, tt.a, tt.b, got, tt.jaccard)
		}
		if got := Containment(tt.a, tt.b); got != tt.ab {
			t.Errorf("%s: Containment(%v, %v) = %g, want %g", tt.name, tt.a, tt.b, got, tt.ab)
		}
		if got := Containment(tt.b, tt.a); got != tt.ba {
			t.Errorf("%s: Containment(%v, %v) = %g, want %g", tt.name, tt.b, tt.a, got, tt.ba)
		}
	}
}

func TestSetProperties(t *testing.T) {
	t.Parallel()
	hash := rapid.Uint64Range(0, 300)
	rapid.Check(t, func(t *rapid.T) {
		a := NewSet(rapid.SliceOfN(hash, 0, 20).Draw(t, "a"))
		b := NewSet(rapid.SliceOfN(hash, 0, 600).Draw(t, "b")) // long enough for the binary search
		common := 0
		for _, x := range a {
			if slices.Contains(b, x) {
				common++
			}
		}
		if got := Common(a, b); got != common || Common(b, a) != common {
			t.Errorf("Common = %d and %d, want %d", got, Common(b, a), common)
		}
		j := Jaccard(a, b)
		if j != Jaccard(b, a) || j < 0 || j > 1 || (j == 1) != (len(a) > 0 && slices.Equal(a, b)) {
			t.Errorf("Jaccard(%v, %v) = %g, the other way %g", a, b, j, Jaccard(b, a))
		}
		c := Containment(a, b)
		if c < j || c > 1 || (c == 1) != (len(a) > 0 && common == len(a)) {
			t.Errorf("Containment(%v, %v) = %g, Jaccard %g", a, b, c, j)
		}
	})
}

// TestBroder checks the numbers of the package comment: the resemblance J of a text of n words with its copy in which one word
// inside is another, and what is left of it when a part p of the words is changed at random.
func TestBroder(t *testing.T) {
	t.Parallel()
	a := make([]uint64, 0, 200)
	b := make([]uint64, 0, 200)
	for i := range uint64(200) {
		a, b = append(a, i), append(b, i)
	}
	b[100] = 1000
	asSet := func(hashes []uint64) Set {
		w := Words{Hashes: hashes, Weights: slices.Repeat([]uint8{WordWeight}, len(hashes))}
		return NewSet(w.Shingles(nil))
	}
	if got, want := Jaccard(asSet(a), asSet(b)), 191.0/201; got != want {
		t.Errorf("one of 200 words changed: Jaccard = %g, want %g", got, want)
	}
	if got, want := Containment(asSet(a[:50]), asSet(a)), 1.0; got != want {
		t.Errorf("the first 50 of 200 words: Containment = %g, want %g", got, want)
	}
	if got, want := Jaccard(asSet(a[:50]), asSet(a)), 46.0/196; got != want {
		t.Errorf("the first 50 of 200 words: Jaccard = %g, want %g", got, want)
	}
	for p, want := range map[float64]float64{0.1: 0.42, 0.2: 0.20} {
		kept := math.Pow(1-p, ShingleWords)
		if got := kept / (2 - kept); math.Abs(got-want) > 0.005 {
			t.Errorf("%g of the words changed: J = %.3f, want %.2f", p, got, want)
		}
	}
}
