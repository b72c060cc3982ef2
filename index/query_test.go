package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/shingle"
)

func TestEveryArticleFindsItself(t *testing.T) {
	t.Parallel()
	for _, opts := range []Options{{}, {NoText: true}} {
		x := filled(t, opts, wire(t))
		for _, a := range wire(t) {
			id := a.ID
			a.ID = "asking"
			matches := mustQuery(t, x, a, QueryOptions{})
			i := slices.IndexFunc(matches, func(m Match) bool { return m.ID == id })
			if i < 0 {
				t.Errorf("Query(text of %s) does not find it: %+v", id, matches)
				continue
			}
			m := matches[i]
			if m.Kind != match.Exact || m.Jaccard != 1 || m.Containment != 1 || m.Estimated || m.Title != a.Title || m.URL != a.URL ||
				m.Site != a.Site || !m.Published.Equal(a.Published) {
				t.Errorf("Query(text of %s) = %+v, want it as exact, with Jaccard 1", id, m)
			}
			if e, err := x.Get(context.Background(), id); err != nil || e.Cluster != m.Cluster {
				t.Errorf("Get(%s).Cluster = %s, %v; the match says %s", id, e.Cluster, err, m.Cluster)
			}
			a.ID = id
			for _, m := range mustQuery(t, x, a, QueryOptions{MinKind: match.Quote}) {
				if m.ID == id {
					t.Errorf("Query(%s) found itself", id)
				}
			}
		}
	}
}

// What Query finds has the figures of its texts, in the order that is promised, and no more than was asked for.
func TestQueryOrderFiguresAndLimits(t *testing.T) {
	t.Parallel()
	for _, opts := range []Options{{}, {NoText: true}} {
		x := filled(t, opts, wire(t))
		sets := make(map[string]shingle.Set)
		for _, a := range wire(t) {
			sets[a.ID] = shingle.NewSet(shingle.Scan(a.Text).Shingles(nil))
		}
		kinds := make(map[match.Kind]int)
		for _, a := range wire(t) {
			all := mustQuery(t, x, a, QueryOptions{MinKind: match.Quote})
			if !slices.IsSortedFunc(all, compareMatches) {
				t.Errorf("Query(%s) = %+v, not sorted", a.ID, all)
			}
			seen := make(map[string]bool)
			for _, m := range all {
				kinds[m.Kind]++
				if seen[m.ID] {
					t.Errorf("Query(%s) has %s twice", a.ID, m.ID)
				}
				seen[m.ID] = true
				checkFigures(t, opts, a.ID, m, sets)
			}
			for _, least := range []match.Kind{match.None, match.Rewrite, match.Excerpt, match.Copy, match.Exact} {
				want := slices.DeleteFunc(slices.Clone(all), func(m Match) bool { return m.Kind < max(least, match.Rewrite) })
				if got := mustQuery(t, x, a, QueryOptions{MinKind: least}); !slices.Equal(got, want) {
					t.Errorf("Query(%s, MinKind %s) = %+v, want %+v", a.ID, least, got, want)
				}
				for _, limit := range []int{1, 2, 100} {
					if got := mustQuery(t, x, a, QueryOptions{MinKind: least, Limit: limit}); !slices.Equal(got, want[:min(limit, len(want))]) {
						t.Errorf("Query(%s, MinKind %s, Limit %d) = %+v, want the first of %+v", a.ID, least, limit, got, want)
					}
				}
			}
		}
		for _, kind := range []match.Kind{match.Rewrite, match.Excerpt, match.Copy, match.Exact} {
			if kinds[kind] == 0 {
				t.Errorf("NoText=%v: no query found a match of kind %s", opts.NoText, kind)
			}
		}
	}
}

func checkFigures(t *testing.T, opts Options, id string, m Match, sets map[string]shingle.Set) {
	t.Helper()
	if m.Estimated != (opts.NoText && m.Kind != match.Exact) {
		t.Errorf("%s and %s: Estimated = %v in an index with NoText=%v", id, m.ID, m.Estimated, opts.NoText)
	}
	if m.Jaccard < 0 || m.Jaccard > 1 || m.Containment < m.Jaccard || m.Containment > 1 {
		t.Errorf("%s and %s: Jaccard %v, containment %v", id, m.ID, m.Jaccard, m.Containment)
	}
	if m.Contained != id && m.Contained != m.ID {
		t.Errorf("%s and %s: contained is %q", id, m.ID, m.Contained)
	}
	if m.Estimated {
		return
	}
	a, b := sets[id], sets[m.ID]
	if m.Contained == m.ID {
		a, b = b, a
	}
	if want := shingle.Jaccard(a, b); m.Jaccard != want {
		t.Errorf("%s and %s: Jaccard %v, want %v", id, m.ID, m.Jaccard, want)
	}
	if want := shingle.Containment(a, b); m.Containment != want || shingle.Containment(b, a) > want {
		t.Errorf("%s and %s: containment of %s %v, want %v, the larger of both", id, m.ID, m.Contained, m.Containment, want)
	}
}

// Two articles that share a statement only match as quote, which queries leave out unless asked.
func TestQueryLeavesQuotesOut(t *testing.T) {
	t.Parallel()
	statement := "\n“" + story(1, 120) + "”\n"
	x := filled(t, Options{}, []article.Article{{ID: "a", Text: story(2, 120) + statement + story(3, 60)}})
	asking := article.Article{ID: "asking", Text: story(4, 120) + statement + story(5, 60)}
	if got := mustQuery(t, x, asking, QueryOptions{}); len(got) > 0 {
		t.Errorf("Query = %+v, want nothing", got)
	}
	if got := mustQuery(t, x, asking, QueryOptions{MinKind: match.Quote}); len(got) != 1 || got[0].Kind != match.Quote {
		t.Errorf("Query(MinKind quote) = %+v, want a as quote", got)
	}
	if added := mustAdd(t, x, asking)[0]; added.Status != New || added.Match != nil {
		t.Errorf("Add = %+v, want new", added)
	}
	if got := clusters(t, x, 0); len(got) > 0 {
		t.Errorf("clusters = %+v, want none", got)
	}
}

func TestQueryWithoutIDDerivesOne(t *testing.T) {
	t.Parallel()
	a := article.Article{URL: "https://one.example/1", Text: story(1, 100)}
	a.ID = article.DeriveID(a.URL, a.Text)
	x := filled(t, Options{}, []article.Article{a})
	a.ID = ""
	if matches := mustQuery(t, x, a, QueryOptions{}); len(matches) > 0 {
		t.Errorf("Query of an article without id = %+v, want nothing: it is the one in the index", matches)
	}
	a.URL = "https://two.example/1"
	if matches := mustQuery(t, x, a, QueryOptions{}); len(matches) != 1 || matches[0].Kind != match.Exact {
		t.Errorf("Query of its copy = %+v, want it", matches)
	}
}

// A query changes nothing.
func TestQueryLeavesTheIndexAsItIs(t *testing.T) {
	t.Parallel()
	x := filled(t, Options{}, wire(t)[:50])
	stats, before := mustStats(t, x), members(t, x)
	for _, a := range wire(t) {
		mustQuery(t, x, a, QueryOptions{})
	}
	if got := mustStats(t, x); got != stats {
		t.Errorf("Stats() after queries = %+v, want %+v", got, stats)
	}
	wantSameClusters(t, "after queries", members(t, x), before)
}

// Copies of which one word in ten, or in five, was replaced by another at random are found: at 10 % at least
// 999 of 1,000, at 20 % at least 99 of 100 (articles of 200 words and more). Measured: 3,040 and 3,023 of 3,040.
func TestEditedCopiesAreFound(t *testing.T) {
	t.Parallel()
	seeds := fewer(40, 10)
	x := filled(t, Options{}, wire(t))
	mustRecluster(t, x)
	var originals []article.Article
	for _, a := range wire(t) {
		if len(wordsOf(a.Text)) >= 200 {
			originals = append(originals, a)
		}
	}
	for _, test := range []struct {
		edited float64 // share of the words
		want   float64 // share of the copies that are found
	}{{0.10, 0.999}, {0.20, 0.99}} {
		found := make([]int, seeds)
		kinds := make([]map[match.Kind]int, seeds)
		x.parallel(seeds, func(seed int) {
			kinds[seed] = make(map[match.Kind]int)
			e := newEditor(wire(t), uint64(seed))
			for _, a := range originals {
				edited := article.Article{ID: "edited", Text: e.edit(a, test.edited)}
				matches, err := x.Query(context.Background(), edited, QueryOptions{MinKind: match.Quote})
				if err != nil {
					t.Error(err)
					return
				}
				i := slices.IndexFunc(matches, func(m Match) bool { return m.ID == a.ID })
				if i >= 0 {
					found[seed]++
					kinds[seed][matches[i].Kind]++
				}
			}
		})
		n := 0
		all := make(map[match.Kind]int)
		for seed := range seeds {
			n += found[seed]
			for k, m := range kinds[seed] {
				all[k] += m
			}
		}
		rate := float64(n) / float64(seeds*len(originals))
		if rate < test.want {
			t.Errorf("with %.0f %% of the words edited, %.4f of %d copies are found, want %.4f; kinds %v",
				100*test.edited, rate, seeds*len(originals), test.want, all)
		}
	}
}

// Readers work beside a writer, and see whole batches.
func TestQueriesBesideAdd(t *testing.T) {
	t.Parallel()
	x := newIndex(t, Options{})
	articles := wire(t)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for r := range 4 {
		readers.Go(func() {
			ctx := context.Background()
			for i := r; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				a := articles[i%len(articles)]
				matches, err := x.Query(ctx, a, QueryOptions{MinKind: match.Quote})
				if err != nil {
					t.Error(err)
					return
				}
				for _, m := range matches {
					if _, err := x.Get(ctx, m.ID); err != nil && !errors.Is(err, ErrNotFound) { // removed meanwhile
						t.Error(err)
						return
					}
				}
				if i%20 == 0 {
					if _, err := x.Stats(ctx); err != nil {
						t.Error(err)
						return
					}
					for _, err := range x.Clusters(ctx, ClusterOptions{}) {
						if err != nil {
							t.Error(err)
							return
						}
					}
				}
			}
		})
	}
	for part := range slices.Chunk(articles, 10) {
		mustAdd(t, x, part...)
	}
	var again []article.Article
	for i, a := range articles {
		a.ID += " again"
		a.Text = strings.Replace(a.Text, " ", " once ", 1)
		again = append(again, a)
		if i%30 == 29 {
			mustRemove(t, x, articles[i].ID)
			mustRecluster(t, x)
		}
	}
	mustAdd(t, x, again...)
	close(done)
	readers.Wait()
	mustCheck(t, x, 203)
}

func TestYearsThatJSONCannotSpellAreUnknown(t *testing.T) {
	t.Parallel()
	first, second := wire(t)[0], wire(t)[0]
	first.Published = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
	second.ID, second.Published = "second", time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)
	x := filled(t, Options{}, []article.Article{first, second})
	for _, c := range clusters(t, x, match.Excerpt) {
		if len(c.Members) != 2 {
			t.Errorf("the cluster has %d members, want 2", len(c.Members))
		}
		for _, m := range c.Members {
			if !m.Published.IsZero() {
				t.Errorf("%s was published %v, want unknown", m.ID, m.Published)
			}
		}
		if _, err := json.Marshal(c); err != nil {
			t.Error(err)
		}
	}
}

// Of a text that has hundreds of exact copies a hundred are listed, the one that was published first among them.
func TestQueryOfManyExactCopies(t *testing.T) {
	t.Parallel()
	x := newIndex(t, Options{})
	var copies []article.Article
	for i := range 3 * mostCopies {
		copies = append(copies, article.Article{ID: fmt.Sprint(i), Text: story(1, 60), Published: day.AddDate(0, 0, 1+i%7)})
	}
	earliest := &copies[len(copies)-9]
	earliest.Published = day
	mustAdd(t, x, copies...)
	matches, err := x.Query(t.Context(), article.Article{ID: "asked", Text: story(1, 60)}, QueryOptions{})
	if err != nil || len(matches) != 1+mostCopies {
		t.Fatalf("Query = %d matches, %v, want the first article and %d copies", len(matches), err, mostCopies)
	}
	seen := make(map[string]bool)
	for _, m := range matches {
		seen[m.ID] = true
		if m.Copies != len(copies)-1 {
			t.Errorf("match %s has %d copies, want %d", m.ID, m.Copies, len(copies)-1)
		}
	}
	if len(seen) != len(matches) || !seen["0"] || !seen[earliest.ID] {
		t.Errorf("%d different articles, the first added %v, the first published %v; want all", len(seen), seen["0"], seen[earliest.ID])
	}
	again, err := x.Query(t.Context(), copies[0], QueryOptions{Limit: 1}) // it is the first one itself
	if err != nil || len(again) != 1 || again[0].Copies != len(copies)-1 {
		t.Errorf("Query of the first of them = %+v, %v", again, err)
	}
	mustRemove(t, x, "5")
	if found, err := x.ClusterOf(t.Context(), "0"); err != nil || len(found.Members) != len(copies)-1 {
		t.Errorf("the cluster has %d members, %v, want %d", len(found.Members), err, len(copies)-1)
	}
}
