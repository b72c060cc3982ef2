package index

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A list of pairs is a slice, also where its blocks end.
func TestPairList(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var l pairList
		var want []pairState
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			for range rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(pairBlock-1, pairBlock+1)).Draw(t, "added") {
				p := pairState{pair: pairOf(len(want)), shared: uint32(l.n)}
				l.add(p)
				want = append(want, p)
			}
			if rapid.Bool().Draw(t, "cut") {
				n := rapid.OneOf(rapid.IntRange(0, len(want)), rapid.Just(min(len(want), pairBlock))).Draw(t, "left")
				l.cut(n)
				want = want[:n]
			}
		}
		var got []pairState
		for i := range l.n {
			got = append(got, *l.at(i))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("a list of %d pairs, want %d, or they are others", len(got), len(want))
		}
	})
}
