package index

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

// What cannot be added is told one by one, and stops nothing else.
func TestUnusableArticlesAreReportedAndSkipped(t *testing.T) {
	t.Parallel()
	x := newIndex(t, Options{})
	long := strings.Repeat("word ", MaxTextBytes/5+1)
	for i, test := range []struct {
		name, id, text string
		want           error
	}{
		{"empty", "empty", "", ErrNoWords},
		{"empty, another", "empty 2", "", ErrNoWords},
		{"space", "space", " \n\t ", ErrNoWords},
		{"punctuation", "dots", "… — !?", ErrNoWords},
		{"zero-width characters", "zero", "\u200b\u200d\ufeff\u00ad", ErrNoWords},
		{"too long", "long", long, ErrTooLong},
		{"no id", "", "some text", ErrBadID},
		{"long id", strings.Repeat("x", MaxIDBytes+1), "some text", ErrBadID},
		{"longest id", strings.Repeat("x", MaxIDBytes), "first of all good words", nil},
		{"not UTF-8", "\xff\xfe", "second \xff\xfe of all", nil},
		{"id with a line feed and a zero", "a\nb\x00", "third of them all", nil},
		{"longest text", "longest", strings.Repeat("long ", fewer(MaxTextBytes/5, 20)), nil},
	} {
		neighbour := article.Article{ID: fmt.Sprint(i), Text: story(uint64(i), 30)}
		a := article.Article{ID: test.id, Text: test.text}
		added, err := x.Add(context.Background(), []article.Article{a, neighbour})
		if err != nil || len(added) != 2 || added[1].Err != nil || added[1].Status != New {
			t.Fatalf("%s: Add = %.300v, %v", test.name, added, err)
		}
		if !errors.Is(added[0].Err, test.want) || added[0].ID != test.id {
			t.Errorf("%s: Added.Err = %v, want %v", test.name, added[0].Err, test.want)
		}
		_, err = x.Query(context.Background(), article.Article{ID: cmpOr(test.id, "u"), Text: test.text}, QueryOptions{})
		if want := test.want; want != ErrBadID && !errors.Is(err, want) {
			t.Errorf("%s: Query: %v, want %v", test.name, err, want)
		}
		_, err = x.Get(context.Background(), test.id)
		switch {
		case test.want == nil && err != nil:
			t.Errorf("%s: Get: %v", test.name, err)
		case test.want != nil:
			if added[0].Status != "" || added[0].Cluster != "" || added[0].Match != nil {
				t.Errorf("%s: Added = %+v, want the id and the error only", test.name, added[0])
			}
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: Get: %v, want ErrNotFound", test.name, err)
			}
		}
	}
	mustCheck(t, x, 16)
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func TestVeryShortTexts(t *testing.T) {
	t.Parallel()
	for _, opts := range []Options{{}, {NoText: true}} {
		x := newIndex(t, opts)
		for _, test := range []struct {
			id, text string
			want     Status
		}{
			{"one word", "Goal", New},
			{"another word", "Penalty", New},
			{"the word again", "GOAL!", "exact"},
			{"four words", "Goal by Marta Venn", New},
			{"four other words", "Goal by Ines Calloway", New},
			{"the four again", "goal by marta venn", "exact"},
			{"one word many times", strings.Repeat("goal ", 500), New},
			{"fewer times", strings.Repeat("goal ", 400), ""}, // the same one shingle: not asked
			{"one character", "球", New},
			{"one emoji and a word", "⚽ kick", New},
		} {
			added := mustAdd(t, x, article.Article{ID: test.id, Text: test.text})[0]
			if test.want != "" && added.Status != test.want {
				t.Errorf("NoText=%v: Add(%s) = %+v, want %s", opts.NoText, test.id, added, test.want)
			}
		}
		mustCheck(t, x, 10)
	}
}

// The same text on 300 sites costs one text's postings, and all stand in one cluster.
func TestExactCopiesCostNoPostings(t *testing.T) {
	t.Parallel()
	for _, opts := range []Options{{}, {NoText: true}} {
		x := newIndex(t, opts)
		text := wire(t)[0].Text
		var articles []article.Article
		for i := range 300 {
			articles = append(articles, article.Article{
				ID: fmt.Sprintf("copy %03d", i), Text: text, Site: fmt.Sprintf("site%d.example", i), Published: day.Add(time.Duration(-i) * time.Minute),
			})
		}
		mustAdd(t, x, articles[0])
		first, stats := mustCheck(t, x, 1), mustStats(t, x)
		added := mustAdd(t, x, articles[1:]...)
		for i, a := range added {
			if a.Status != "exact" || a.Cluster != "c1" || a.Representative != a.ID || a.Match.ID != "copy 000" || a.Match.Jaccard != 1 { // each is older
				t.Errorf("Added[%d] = %+v, want an exact copy that stands for the cluster", i, a)
			}
		}
		all := mustCheck(t, x, 300)
		if all.Postings != first.Postings || all.Edges != 0 || all.Clusters != 1 {
			t.Errorf("NoText=%v: Check() = %+v, want the %d postings of one text, and one cluster", opts.NoText, all, first.Postings)
		}
		if got := mustStats(t, x); got.FurnitureShingles != stats.FurnitureShingles || got.ExactCopies != 299 || got.StoryMembers != 300 {
			t.Errorf("NoText=%v: Stats() = %+v", opts.NoText, got)
		}
		for _, least := range []match.Kind{match.Rewrite, match.Excerpt} {
			got := clusters(t, x, least)
			if len(got) != 1 || len(got[0].Members) != 300 || got[0].Representative != "copy 299" || got[0].Members[0].ID != "copy 299" {
				t.Fatalf("NoText=%v: %d clusters of level %s, want one of 300", opts.NoText, len(got), least)
			}
			for _, m := range got[0].Members {
				if m.Kind != match.Exact || m.Jaccard != 1 || m.Estimated || m.Via != "" {
					t.Errorf("member %+v, want exact", m)
				}
			}
		}
		if got := mustQuery(t, x, article.Article{ID: "asking", Text: text}, QueryOptions{}); len(got) != 1+mostCopies || got[0].ID != "copy 000" || got[0].Copies != 299 {
			t.Errorf("Query = %d matches, want the first with %d of its 299 copies, by id", len(got), mostCopies)
		}
		mustRecluster(t, x)
		if again := mustCheck(t, x, 300); again.Postings != first.Postings {
			t.Errorf("Check() after Recluster = %+v", again)
		}
	}
}

// A story that 1,500 sites print, each slightly otherwise, stays one cluster, and its postings stay few.
func TestHotStoryIsOneCluster(t *testing.T) {
	t.Parallel()
	variants := fewer(1500, 5)
	original := byID(t, wire(t), "en-mill-wire")[0]
	e := newEditor(wire(t), 1)
	background := slices.DeleteFunc(wire(t), func(a article.Article) bool { return strings.HasPrefix(a.ID, "en-mill") })
	articles := slices.Clone(background)
	for i := range variants {
		articles = append(articles, article.Article{
			ID: fmt.Sprintf("hot %04d", i), Text: e.edit(original, 0.03), Site: fmt.Sprintf("site%d.example", i), Published: day.Add(time.Duration(i) * time.Minute),
		})
	}
	x := filled(t, Options{}, articles)
	report := mustCheck(t, x, len(articles))
	wantHot := func(what string) {
		t.Helper()
		largest := clusters(t, x, match.Excerpt)[0]
		if n := len(largest.Members); n < variants*95/100 || n > variants {
			t.Errorf("%s: the largest cluster has %d members, want at least 95 %% of %d", what, n, variants)
		}
		for _, m := range largest.Members {
			if !strings.HasPrefix(m.ID, "hot ") {
				t.Errorf("%s: %s is in the cluster of the hot story", what, m.ID)
			}
		}
	}
	wantHot("added")
	c := x.begin()
	defer c.discard()
	eachList(collected(t, x.allPostings(c.txn)), func(key uint64, list []posting) {
		if len(list) > frozenPostings {
			t.Errorf("%d postings under key %x, want at most %d", len(list), key, frozenPostings)
		}
	})
	if most := 12*variants + 40*len(background); report.Postings > most { // measured: 12,633. Each edit makes new keys; those that all share have two postings
		t.Errorf("%d postings for %d articles, want at most %d", report.Postings, len(articles), most)
	}
	mustRecluster(t, x)
	mustCheck(t, x, len(articles))
	wantHot("Recluster")
}

// A transaction of Badger has a size; texts and batches may be larger than is usual.
func TestLargeTextsAndBatches(t *testing.T) {
	t.Parallel()
	x := newIndex(t, Options{})
	huge := article.Article{ID: "huge", Text: story(1, fewer(1_200_000, 8))} // 8 MB
	mustAdd(t, x, huge)
	var articles []article.Article
	for i := range fewer(300, 10) {
		articles = append(articles, article.Article{ID: fmt.Sprint(i), Text: story(uint64(i), 5000)}) // 32 KB, which zstd makes 20 KB
	}
	mustAdd(t, x, articles...)
	mustCheck(t, x, len(articles)+1)
	x = reopened(t, x, Options{})
	if e, err := x.Get(context.Background(), "huge"); err != nil || e.Article.Text != huge.Text {
		t.Errorf("Get(huge): %d bytes, %v", len(e.Article.Text), err)
	}
	if got := mustQuery(t, x, article.Article{ID: "asking", Text: huge.Text}, QueryOptions{}); len(got) != 1 || got[0].Kind != match.Exact {
		t.Errorf("Query(huge) = %+v", got)
	}
	var ids []string
	for _, a := range articles {
		ids = append(ids, a.ID)
	}
	mustRemove(t, x, append(ids, "huge")...)
	mustCheck(t, x, 0)
}

func TestCancelledAddKeepsWhatItReturned(t *testing.T) {
	t.Parallel()
	x := newIndex(t, Options{})
	var articles []article.Article
	for i := range 2000 {
		articles = append(articles, article.Article{ID: fmt.Sprint(i), Text: story(uint64(i), 60)})
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if added, err := x.Add(cancelled, articles); !errors.Is(err, context.Canceled) || len(added) != 0 {
		t.Errorf("Add(cancelled) = %d results, %v, want none and context.Canceled", len(added), err)
	}
	mustCheck(t, x, 0)

	ctx := &afterBatches{Context: context.Background(), left: 3}
	added, err := x.Add(ctx, articles)
	if !errors.Is(err, context.Canceled) || len(added) == 0 || len(added) == len(articles) {
		t.Fatalf("Add, cancelled in the middle = %d results, %v", len(added), err)
	}
	mustCheck(t, x, len(added))
	for i, a := range added {
		if _, err := x.Get(context.Background(), a.ID); err != nil || a.ID != articles[i].ID {
			t.Errorf("Get(%s): %v, though it was added", a.ID, err)
		}
	}
	for _, call := range []func(ctx context.Context) error{
		func(ctx context.Context) error { _, err := x.Query(ctx, articles[0], QueryOptions{}); return err },
		func(ctx context.Context) error { _, err := x.Get(ctx, "1"); return err },
		func(ctx context.Context) error { _, err := x.ClusterOf(ctx, "1"); return err },
		func(ctx context.Context) error { _, err := x.StoryOf(ctx, "1"); return err },
		func(ctx context.Context) error { _, err := x.Check(ctx); return err },
		func(ctx context.Context) error { _, err := x.Stats(ctx); return err },
		func(ctx context.Context) error { _, err := x.Recluster(ctx, nil); return err },
		func(ctx context.Context) error { _, err := x.Compare(ctx, articles[0], articles[1]); return err },
		func(ctx context.Context) error { return x.Remove(ctx, "1") },
	} {
		if err := call(cancelled); !errors.Is(err, context.Canceled) {
			t.Errorf("with a cancelled context: %v, want context.Canceled", err)
		}
	}
	mustCheck(t, x, len(added))
	statuses := make(map[Status]int)
	for _, a := range mustAdd(t, x, articles...) {
		statuses[a.Status]++
	}
	if statuses[Unchanged] != len(added) || statuses[New] != len(articles)-len(added) {
		t.Errorf("Add, resumed: %v, want %d unchanged and the others new", statuses, len(added))
	}
	mustCheck(t, x, len(articles))
}

// afterBatches is cancelled once it was asked so many times.
type afterBatches struct {
	context.Context
	left int
}

func (c *afterBatches) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// A Recluster that is cancelled leaves the index as it was.
func TestCancelledReclusterChangesNothing(t *testing.T) {
	t.Parallel()
	x := filled(t, Options{}, shuffled(wire(t), 0))
	before, stats := members(t, x), mustStats(t, x)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := x.Recluster(ctx, func(done, total int) {
		if done > 0 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("Recluster = %v, want context.Canceled", err)
	}
	wantSameClusters(t, "after a cancelled Recluster", members(t, x), before)
	if got := mustStats(t, x); got != stats {
		t.Errorf("Stats() = %+v, want %+v", got, stats)
	}
	mustCheck(t, x, 103)
	mustRecluster(t, x)
	mustCheck(t, x, 103)
}

func TestClosedIndexSaysSo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := filled(t, Options{}, wire(t)[:2])
	for range 2 {
		if err := x.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
	a, b := wire(t)[0], wire(t)[1]
	for i, err := range []error{
		second(x.Add(ctx, []article.Article{a})),
		second(x.Query(ctx, b, QueryOptions{})),
		second(x.Get(ctx, a.ID)),
		second(x.ClusterOf(ctx, a.ID)),
		second(x.StoryOf(ctx, a.ID)),
		second(x.Check(ctx)),
		second(x.Stats(ctx)),
		second(x.Recluster(ctx, nil)),
		second(x.Compare(ctx, a, b)),
		x.Remove(ctx, a.ID),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("call %d on a closed index: %v, want ErrClosed", i, err)
		}
	}
	n := 0
	for _, err := range x.Clusters(ctx, ClusterOptions{}) {
		if n++; !errors.Is(err, ErrClosed) {
			t.Errorf("Clusters of a closed index: %v, want ErrClosed", err)
		}
	}
	if n != 1 {
		t.Errorf("Clusters of a closed index yields %d times, want once", n)
	}
}

func second[T any](_ T, err error) error { return err }
