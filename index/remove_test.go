package index

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

// Whatever is removed, in whatever order: the index is as if it had never been there.
func TestRemovalLeavesNoTrace(t *testing.T) {
	t.Parallel()
	for _, opts := range []Options{{}, {NoText: true}} {
		for seed := range uint64(4) {
			t.Run(fmt.Sprintf("NoText=%v/%d", opts.NoText, seed), func(t *testing.T) {
				t.Parallel()
				testRemoval(t, opts, seed)
			})
		}
	}
}

func testRemoval(t *testing.T, opts Options, seed uint64) {
	articles := shuffled(wire(t), seed)
	kept := articles[10+20*int(seed):]
	var gone []string
	for _, a := range articles[:len(articles)-len(kept)] {
		gone = append(gone, a.ID)
	}
	x := newIndex(t, opts)
	for part := range slices.Chunk(shuffled(articles, seed+100), 20) { // several seals
		mustAdd(t, x, part...)
	}
	mustRemove(t, x, gone[:len(gone)/2]...)
	mustCheck(t, x, len(articles)-len(gone)/2)
	for _, id := range gone[len(gone)/2:] {
		mustRemove(t, x, id)
	}
	mustCheck(t, x, len(kept))
	for _, id := range gone {
		if _, err := x.Get(context.Background(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("Get(%q) after its removal: %v, want ErrNotFound", id, err)
		}
	}
	left := make(map[string]bool)
	for _, a := range kept {
		left[a.ID] = true
	}
	for _, least := range []match.Kind{match.Rewrite, match.Excerpt} {
		for _, c := range clusters(t, x, least) {
			for _, m := range c.Members {
				if !left[m.ID] || !left[c.Representative] {
					t.Errorf("cluster %s still has %s", c.ID, m.ID)
				}
			}
		}
	}
	for _, a := range byID(t, articles, gone[:10]...) {
		a.ID = "asking"
		for _, m := range mustQuery(t, x, a, QueryOptions{MinKind: match.Quote}) {
			if !left[m.ID] || !left[m.Contained] && m.Contained != "asking" {
				t.Errorf("Query found %+v, which was removed", m)
			}
		}
	}
	stats := mustStats(t, x)
	x = reopened(t, x, opts)
	mustCheck(t, x, len(kept))
	if got := mustStats(t, x); got != stats {
		t.Errorf("Stats() after opening again = %+v, want %+v", got, stats)
	}

	fresh := filled(t, opts, kept)
	mustRecluster(t, x)
	mustRecluster(t, fresh)
	mustCheck(t, x, len(kept))
	wantSameClusters(t, "after removal and Recluster", members(t, x), members(t, fresh))
	got, want := mustStats(t, x), mustStats(t, fresh)
	got.Segments, want.Segments = 0, 0
	if got != want {
		t.Errorf("Stats() after removal and Recluster = %+v, want %+v", got, want)
	}
	for i, a := range articles {
		if i%3 != 0 {
			continue
		}
		a.ID = "asking"
		got, want := mustQuery(t, x, a, QueryOptions{MinKind: match.Quote}), mustQuery(t, fresh, a, QueryOptions{MinKind: match.Quote})
		if !reflect.DeepEqual(nameless(got), nameless(want)) {
			t.Errorf("Query(text of %s) after removal and Recluster = %+v, want %+v", articles[i].ID, got, want)
		}
	}
}

// reopened closes x and opens its directory again.
func reopened(t testing.TB, x *Index, opts Options) *Index {
	t.Helper()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	return openIndex(t, x.dir, opts)
}

func TestRemovingWhatHoldsAClusterTogetherSplitsIt(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	// The two ends have nothing in common, and both stand in the middle.
	left, right := story(3, 100)+" "+story(4, 100), story(5, 100)+" "+story(6, 100)
	for _, opts := range []Options{{}, {NoText: true}} {
		articles := []article.Article{{ID: "left", Text: left}, {ID: "middle", Text: left + " " + right}, {ID: "right", Text: right}}
		for seed := range uint64(4) {
			x := filled(t, opts, shuffled(articles, seed))
			if c, err := x.ClusterOf(ctx, "left"); err != nil || len(c.Members) != 3 {
				t.Fatalf("NoText=%v: ClusterOf(left) = %+v, %v, want all three", opts.NoText, c, err)
			}
			if matches := mustQuery(t, x, articles[0], QueryOptions{MinKind: match.Quote}); len(matches) != 1 || matches[0].ID != "middle" {
				t.Errorf("NoText=%v: Query(left) = %+v, want the middle only", opts.NoText, matches)
			}
			mustRemove(t, x, "middle")
			mustCheck(t, x, 2)
			if got := clusters(t, x, 0); len(got) != 0 {
				t.Errorf("NoText=%v: clusters without the middle = %+v, want none", opts.NoText, got)
			}
			for _, id := range []string{"left", "right"} {
				if c, err := x.ClusterOf(ctx, id); err != nil || len(c.Members) != 1 || c.Representative != id {
					t.Errorf("NoText=%v: ClusterOf(%s) = %+v, %v, want it alone", opts.NoText, id, c, err)
				}
			}
			for _, a := range mustAdd(t, x, articles[1]) {
				if a.Status != "excerpt" {
					t.Errorf("NoText=%v: Add(middle) = %+v, want an excerpt again", opts.NoText, a)
				}
			}
			if c, err := x.ClusterOf(ctx, "right"); err != nil || len(c.Members) != 3 {
				t.Errorf("NoText=%v: ClusterOf(right) = %+v, %v, want all three again", opts.NoText, c, err)
			}
			mustCheck(t, x, 3)
		}
	}
}

func TestRemovingAHolderHandsOver(t *testing.T) {
	t.Parallel()
	for _, opts := range []Options{{}, {NoText: true}} {
		text := story(7, 200)
		x := filled(t, opts, []article.Article{
			{ID: "holder", Text: text, Site: "one.example", Published: day},
			{ID: "edited", Text: text + " an edit", Site: "two.example", Published: day.AddDate(0, 0, 1)},
			{ID: "copy 1", Text: text, Site: "three.example", Published: day.AddDate(0, 0, 3)},
			{ID: "copy 2", Text: strings.ToUpper(text), Site: "four.example", Published: day.AddDate(0, 0, 2)},
		})
		mustCheck(t, x, 4)
		for i, want := range []string{"holder", "edited", "copy 2"} {
			c, err := x.ClusterOf(context.Background(), "copy 1")
			if err != nil || c.Representative != want || len(c.Members) != 4-i {
				t.Fatalf("NoText=%v: ClusterOf(copy 1) = %+v, %v, want %d members, for which %q stands", opts.NoText, c, err, 4-i, want)
			}
			if e, err := x.Get(context.Background(), "copy 1"); err != nil || e.Cluster != c.ID {
				t.Errorf("Get(copy 1) = %+v, %v, want it in %s", e, err, c.ID)
			}
			matches := mustQuery(t, x, article.Article{ID: "asking", Text: text}, QueryOptions{})
			if len(matches) != 4-i || matches[0].Kind != match.Exact {
				t.Errorf("NoText=%v: Query = %+v, want %d matches", opts.NoText, matches, 4-i)
			}
			mustRemove(t, x, want)
			mustCheck(t, x, 3-i)
		}
		added := mustAdd(t, x, article.Article{ID: "late", Text: text})[0]
		if added.Status != Status("exact") || added.Representative != "copy 1" || added.Match.ID != "copy 1" {
			t.Errorf("NoText=%v: Add(late) = %+v, want an exact copy of copy 1", opts.NoText, added)
		}
		mustCheck(t, x, 2)
	}
}

func TestRemovingEverythingLeavesAnEmptyIndex(t *testing.T) {
	t.Parallel()
	for _, opts := range []Options{{}, {NoText: true}} {
		x := newIndex(t, opts)
		empty := mustStats(t, x)
		for part := range slices.Chunk(wire(t), 30) {
			mustAdd(t, x, part...)
		}
		var ids []string
		for _, a := range wire(t) {
			ids = append(ids, a.ID)
		}
		mustRemove(t, x, shuffled(ids, 5)...)
		report := mustCheck(t, x, 0)
		if report.Postings != 0 || report.Clusters != 0 || report.Edges != 0 {
			t.Errorf("Check() of an emptied index = %+v, want nothing", report)
		}
		got := mustStats(t, x)
		got.Segments = 0
		if got != empty {
			t.Errorf("Stats() of an emptied index = %+v, want %+v", got, empty)
		}
		for _, a := range wire(t)[:10] {
			if matches := mustQuery(t, x, a, QueryOptions{MinKind: match.Quote}); len(matches) > 0 {
				t.Errorf("Query in an emptied index = %+v", matches)
			}
		}
		x = reopened(t, x, Options{})
		mustCheck(t, x, 0)
		mustRecluster(t, x)
		mustCheck(t, x, 0)
		for _, a := range mustAdd(t, x, byID(t, wire(t), "en-ferry-wire", "en-ferry-beacon")...) {
			if a.ID == "en-ferry-wire" && a.Status != New || a.ID == "en-ferry-beacon" && a.Status != "copy" {
				t.Errorf("Add in an emptied index = %+v", a)
			}
		}
	}
}

func TestRemoveRefusesUnknownIDsAndThenRemovesNothing(t *testing.T) {
	t.Parallel()
	x := newIndex(t, Options{})
	var articles []article.Article
	var ids []string
	for i := range 300 { // more than a batch
		articles = append(articles, article.Article{ID: fmt.Sprint(i), Text: story(uint64(i), 20)})
		ids = append(ids, fmt.Sprint(i))
	}
	mustAdd(t, x, articles...)
	err := x.Remove(context.Background(), append(ids, "nobody")...)
	if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), `"nobody"`) {
		t.Errorf("Remove(…, nobody) = %v, want ErrNotFound that names it", err)
	}
	mustCheck(t, x, 300)
	mustRemove(t, x, "7", "7", "8") // named twice
	mustCheck(t, x, 298)
	mustRemove(t, x)
	mustCheck(t, x, 298)
}

// Two copies of a story fill its keys for all of it: the others, that have no postings of their own there, get them when it falls apart.
func TestCopiesAreFoundWithoutTheStoryTheyLeft(t *testing.T) {
	t.Parallel()
	edited := func(i number) article.Article {
		words := strings.Fields(story(1, 200))
		words[40*i] = "edited"
		return article.Article{ID: fmt.Sprint(i), Text: strings.Join(words, " ")}
	}
	x := filled(t, Options{NoText: true}, []article.Article{edited(1), edited(2), edited(3), edited(4)})
	wantCluster(t, x, "4", "1", 4)
	connected(t, x, func(c *changes, _ func(a, b number)) {
		for _, a := range numbers(1, 2) {
			for _, b := range numbers(3, 4) {
				if err := c.disconnect(a, b); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := c.settle(numbers(1, 4)); err != nil {
			t.Fatal(err)
		}
	})
	wantCluster(t, x, "4", "3", 2)
	mustRemove(t, x, "1", "2")
	mustCheck(t, x, 2)
	asking := edited(4)
	asking.ID = "asking"
	if found := mustQuery(t, x, asking, QueryOptions{}); len(found) != 2 {
		t.Errorf("Query found %+v, want 3 and 4", found)
	}
}
