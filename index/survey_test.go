package index

import (
	"context"
	"errors"
	"testing"

	"github.com/dedupe-news/dedupe/match"
)

// surveyed is what Survey yields.
func surveyed(t testing.TB, x *Index, limit int) []Surveyed {
	t.Helper()
	var list []Surveyed
	for s, err := range x.Survey(t.Context(), limit) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// Survey has the pairs of Query, with the verdicts of Compare, each once; besides, those that are not related.
func TestSurvey(t *testing.T) {
	t.Parallel()
	x := filled(t, Options{}, wire(t))
	unrelated := 0
	kinds := map[[2]string]match.Kind{}
	faint := make(map[[2]string]bool)
	for _, s := range surveyed(t, x, 0) {
		a, err := x.Get(t.Context(), s.Article.ID)
		if err != nil {
			t.Fatal(err)
		}
		a.Article.Text = ""
		if s.Article != a.Article || s.Words != a.Words || s.Furniture < 0 || s.Furniture > s.Words {
			t.Errorf("Survey yields %+v, want the words of %+v, and furniture among them", s, a)
		}
		for _, c := range s.Compared {
			pair := [2]string{min(s.Article.ID, c.Other.ID), max(s.Article.ID, c.Other.ID)}
			if _, was := kinds[pair]; was || pair[0] == pair[1] {
				t.Errorf("Survey yields the pair %s twice, or of one article", pair)
			}
			kinds[pair] = c.Kind
			if c.Kind == match.None {
				unrelated++
			}
			if c.Kind == match.None && c.OwnA == 0 { // too little in common
				faint[pair] = true
				continue
			}
			b, err := x.Get(t.Context(), c.Other.ID)
			if err != nil {
				t.Fatal(err)
			}
			if a, err = x.Get(t.Context(), s.Article.ID); err != nil {
				t.Fatal(err)
			}
			want, err := x.Compare(t.Context(), a.Article, b.Article)
			if err != nil || c.Kind != want.Kind || c.Jaccard != want.Jaccard || c.CoverageA != want.CoverageA {
				t.Errorf("Survey says of %s: %s, %g, %g; Compare says %s, %g, %g (%v)",
					pair, c.Kind, c.Jaccard, c.CoverageA, want.Kind, want.Jaccard, want.CoverageA, err)
			}
			if c.Kind == match.None && c.CopyMargin() >= 0 && c.Why() == "" {
				t.Errorf("%s has no reason", pair)
			}
			if (c.Kind == match.Copy || c.Kind == match.Excerpt) && c.CopyMargin() < 0 {
				t.Errorf("%s is of kind %s, %g below the least coverage", pair, c.Kind, -c.CopyMargin())
			}
		}
	}
	if unrelated == 0 {
		t.Error("Survey yields no pair that is not related")
	}
	for _, a := range wire(t) {
		for _, m := range mustQuery(t, x, a, QueryOptions{MinKind: match.Quote}) {
			pair := [2]string{min(a.ID, m.ID), max(a.ID, m.ID)}
			if kind, there := kinds[pair]; there && kind != m.Kind && !(faint[pair] && m.Kind == match.Quote) {
				t.Errorf("Survey says %s of %s, Query says %s", kind, pair, m.Kind)
			} else if !there && m.Kind > match.Quote && m.Kind != match.Exact && !hasExactCopy(t, x, pair) {
				t.Errorf("Survey lacks %s, of kind %s", pair, m.Kind)
			}
		}
	}
}

// hasExactCopy says whether one of a pair has the words of another article; then Survey has the pair with that one only, perhaps.
func hasExactCopy(t testing.TB, x *Index, pair [2]string) bool {
	t.Helper()
	for _, id := range pair {
		a, err := x.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mustQuery(t, x, a.Article, QueryOptions{MinKind: match.Exact}) {
			if m.Kind == match.Exact {
				return true
			}
		}
	}
	return false
}

func TestSurveyOfSome(t *testing.T) {
	t.Parallel()
	articles := wire(t)
	x := filled(t, Options{}, articles)
	mustRemove(t, x, articles[0].ID)
	for limit, want := range map[int]int{0: 102, 1: 0, 10: 9, 51: 34, 103: 102, 500: 102} { // the first is not there any more
		if got := len(surveyed(t, x, limit)); got != want {
			t.Errorf("Survey(%d) yields %d articles, want %d", limit, got, want)
		}
	}
	for range x.Survey(t.Context(), 0) {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range x.Survey(ctx, 0) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Survey after cancel = %v, want %v", err, context.Canceled)
		}
	}
	none := filled(t, Options{NoText: true}, articles[:3])
	for _, err := range none.Survey(t.Context(), 0) {
		if !errors.Is(err, ErrNoText) {
			t.Errorf("Survey without texts = %v, want %v", err, ErrNoText)
		}
	}
	if got := surveyed(t, newIndex(t, Options{}), 0); len(got) != 0 {
		t.Errorf("Survey of an empty index = %v", got)
	}
}
