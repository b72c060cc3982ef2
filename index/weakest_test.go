package index

import (
	"math"
	"testing"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

func TestWeakestLink(t *testing.T) {
	t.Parallel()
	x := filled(t, Options{}, append(singles(6, 50), article.Article{ID: "0 again", Text: story(0, 50)}))
	x.mu.Lock()
	c := x.begin()
	link := func(a, b number, kind match.Kind, coverage float64) {
		v := match.Verdict{Kind: kind, Story: true, CoverageA: coverage, CoverageB: coverage}
		if err := c.connect(a, b, &v); err != nil {
			t.Fatal(err)
		}
	}
	// 1 and 2 are copies, 3 hangs on them by a rewrite, 5 and 6 are alone
	link(1, 2, match.Copy, .9)
	link(1, 3, match.Rewrite, .5)
	link(2, 3, match.Rewrite, .4)
	link(4, 5, match.Copy, .6)
	if err := c.settle([]number{1, 2, 3, 4, 5}); err != nil {
		t.Fatal(err)
	}
	if err := c.commit(); err != nil {
		t.Fatal(err)
	}
	c.discard()
	x.mu.Unlock()
	weakest := func(least match.Kind) map[string]float64 {
		of := make(map[string]float64)
		for _, c := range clusters(t, x, least) {
			of[c.ID] = c.Weakest
		}
		return of
	}
	want := func(what string, got map[string]float64, want map[string]float64) {
		t.Helper()
		if len(got) != len(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
		for id := range want {
			if math.Abs(got[id]-want[id]) > 1e-6 {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
	}
	want("stories", weakest(match.Rewrite), map[string]float64{"c1": .5, "c4": .6})
	want("copies", weakest(match.Excerpt), map[string]float64{"c1": .9, "c4": .6})
	if alone, err := x.ClusterOf(t.Context(), "5"); err != nil || alone.Weakest != 0 {
		t.Errorf("ClusterOf(one alone) = %+v, %v, want no weakest link", alone, err)
	}

	// above its weakest link a story loses an article; below it loses none
	mustRecut(t, x, Thresholds{Story: .5})
	want("at 0.5", weakest(match.Rewrite), map[string]float64{"c1": .5, "c4": .6})
	mustRecut(t, x, Thresholds{Story: .51})
	want("at 0.51", weakest(match.Rewrite), map[string]float64{"c1": .9, "c4": .6})
	mustRecut(t, x, Thresholds{Story: .95})
	want("at 0.95", weakest(match.Rewrite), map[string]float64{"c1": 1})
}
