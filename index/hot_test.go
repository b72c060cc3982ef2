package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

// dump is everything in the index that must not depend on batches, workers, seals and openings: the records but
// those that tell where postings and counts are kept, the times of adding and the texts; then postings and counts.
func dump(t testing.TB, x *Index) []string {
	t.Helper()
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	var lines []string
	for key, value := range valuesWith(txn, nil) {
		b, err := value()
		if err != nil {
			t.Fatal(err)
		}
		switch key[0] {
		case prefixMeta, prefixState, prefixLog, prefixSegment, prefixFences, prefixRun, prefixText:
			continue
		case prefixArticle:
			r, err := decodeRecord(b)
			if err != nil {
				t.Fatal(err)
			}
			r.Added = time.Time{}
			b = fmt.Appendf(nil, "%+v", r)
		case prefixRelation:
			r, err := decodeRelation(b)
			if err != nil {
				t.Fatal(err)
			}
			r.GroupRep = cmp.Or(r.GroupRep, numberOf(key)) // 0 means itself
			b = fmt.Appendf(nil, "%+v", r)
		}
		lines = append(lines, fmt.Sprintf("%c %x %q", key[0], key[1:], b))
	}
	for _, p := range collected(t, x.allPostings(txn)) {
		lines = append(lines, fmt.Sprintf("posting %x of %d", p.Key, p.Number))
	}
	for _, c := range collected(t, x.allCounts(txn)) {
		lines = append(lines, fmt.Sprintf("count %x: %d", c.Print, c.N))
	}
	slices.Sort(lines)
	return lines
}

func wantSameDump(t testing.TB, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	less := func(list, than []string) (missing []string) {
		for _, line := range list {
			if _, there := slices.BinarySearch(than, line); !there && len(missing) < 4 {
				missing = append(missing, line)
			}
		}
		return missing
	}
	t.Errorf("%s: %d records, want %d\nextra   %s\nmissing %s", what, len(got), len(want),
		strings.Join(less(got, want), "\n        "), strings.Join(less(want, got), "\n        "))
}

// variants are n copies of one story, the first unchanged and each other with a word of its own.
func variants(seed uint64, words, n int) []article.Article {
	list := make([]article.Article, n)
	for i := range list {
		w := strings.Fields(story(seed, words))
		if i > 0 {
			w[i%words] = fmt.Sprint("own", i)
		}
		list[i] = article.Article{ID: fmt.Sprint(i), Text: strings.Join(w, " ")}
	}
	return list
}

// singles are n articles that have nothing in common.
func singles(n, words int) []article.Article {
	list := make([]article.Article, n)
	for i := range list {
		list[i] = article.Article{ID: fmt.Sprint(i), Text: story(uint64(i), words)}
	}
	return list
}

// connected changes an index whose articles have nothing in common behind their back.
func connected(t testing.TB, x *Index, do func(c *changes, connect func(a, b number))) {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	c := x.begin()
	defer func() { c.discard() }()
	v := match.Verdict{Kind: match.Copy, Story: true, Jaccard: .9, ContainmentA: .9, ContainmentB: .9}
	do(c, func(a, b number) {
		if err := c.connect(a, b, &v); err != nil {
			t.Fatal(err)
		}
	})
	if err := c.commit(); err != nil {
		t.Fatal(err)
	}
}

// putStory puts holders into a story by hand.
func putStory(t testing.TB, c *changes, name number, holders []number) {
	t.Helper()
	for _, n := range holders {
		rel, err := c.relation(n)
		if err != nil {
			t.Fatal(err)
		}
		rel.Story, rel.Strict = name, name
		c.touch(n)
	}
	if err := c.putCluster(name, holders); err != nil {
		t.Fatal(err)
	}
}

// numbers are from…to.
func numbers(from, to number) []number {
	var list []number
	for n := from; n <= to; n++ {
		list = append(list, n)
	}
	return list
}

// wantCluster asks for the story of an article: how many members, and who stands for it.
func wantCluster(t testing.TB, x *Index, id, representative string, size int) {
	t.Helper()
	c, err := x.ClusterOf(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	if c.Representative != representative || len(c.Members) != size {
		t.Errorf("ClusterOf(%q) has %d members and %q stands for it, want %d and %q", id, len(c.Members), c.Representative, size, representative)
	}
	wantStoryOf(t, x, id, c)
}

// wantStoryOf asks for what is known of the story of an article, which is that of its cluster.
func wantStoryOf(t testing.TB, x *Index, id string, c Cluster) {
	t.Helper()
	s, err := x.StoryOf(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	x.mu.RLock()
	of := x.begin()
	texts, err := of.membersOf(number(c.Ordinal), 0)
	of.discard()
	x.mu.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) > maxComponent {
		c.Weakest = 0
	}
	if s.ID != c.ID || s.Articles != len(c.Members) || s.Weakest != c.Weakest || s.Representative.ID != c.Representative || !s.Representative.Published.Equal(c.Members[0].Published) {
		t.Errorf("StoryOf(%q) = %+v, want that of cluster %s of %d articles, weakest link %v, for which %q stands", id, s, c.ID, len(c.Members), c.Weakest, c.Representative)
	}
}

// The weakest link is told of a story of up to 512 texts.
func TestStoryOf(t *testing.T) {
	t.Parallel()
	v := match.Verdict{Kind: match.Copy, Story: true, Jaccard: .9, ContainmentA: .9, ContainmentB: .9, CoverageA: .9, CoverageB: .9}
	for _, texts := range []number{2, maxComponent, maxComponent + 1} {
		x := filled(t, Options{NoText: true}, singles(int(texts)+1, 6))
		connected(t, x, func(c *changes, _ func(a, b number)) {
			for n := number(2); n <= texts; n++ {
				if err := c.connect(1, n, &v); err != nil {
					t.Fatal(err)
				}
			}
			putStory(t, c, 1, numbers(1, texts))
		})
		s, err := x.StoryOf(t.Context(), "1")
		if err != nil || s.Articles != int(texts) || (s.Weakest > 0) != (texts <= maxComponent) {
			t.Errorf("StoryOf(%d texts) = %+v, %v, want the weakest link up to %d", texts, s, err, maxComponent)
		}
		wantCluster(t, x, "1", "0", int(texts))
		wantCluster(t, x, fmt.Sprint(texts), fmt.Sprint(texts), 1)
		if _, err := x.StoryOf(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
			t.Errorf("StoryOf(nobody) = %v, want ErrNotFound", err)
		}
		if err := x.db.Update(func(txn *badger.Txn) error { return txn.Delete(keyCluster(x.state.Generation, 1)) }); err != nil {
			t.Fatal(err)
		}
		if s, err := x.StoryOf(t.Context(), "1"); !errors.Is(err, ErrCorrupt) {
			t.Errorf("StoryOf without the record of the cluster = %+v, %v, want ErrCorrupt", s, err)
		}
	}
}

func TestSplitStoryKeepsItsExactCopiesTogether(t *testing.T) {
	t.Parallel()
	left, right := story(1, 200), story(2, 200)
	for _, opts := range []Options{{}, {NoText: true}} {
		x := filled(t, opts, []article.Article{
			{ID: "left", Text: left}, {ID: "left too", Text: left}, {ID: "middle", Text: left + " " + right}, {ID: "right", Text: right},
		})
		mustCheck(t, x, 4)
		wantCluster(t, x, "right", "left", 4)
		mustRemove(t, x, "middle")
		mustCheck(t, x, 3)
		wantCluster(t, x, "left too", "left", 2)
		wantCluster(t, x, "right", "right", 1)
		if s := mustStats(t, x); s.Stories != 1 || s.StoryMembers != 2 {
			t.Errorf("NoText=%v: Stats() = %d stories of %d articles, want 1 of 2", opts.NoText, s.Stories, s.StoryMembers)
		}
		mustAdd(t, x, article.Article{ID: "left again", Text: left})
		mustCheck(t, x, 4)
		wantCluster(t, x, "left too", "left", 3)
	}
}

func TestLongTitlesAreAddedInOneCall(t *testing.T) {
	t.Parallel()
	articles := singles(batchArticles, 60)
	for i := range articles {
		articles[i].Title = story(uint64(i), 2000)
	}
	if n := len(articles[0].Title); n < 13000 {
		t.Fatalf("a title has %d bytes, want 13,000", n)
	}
	x := filled(t, Options{}, articles)
	mustCheck(t, x, len(articles))
	for _, a := range articles {
		if e, err := x.Get(context.Background(), a.ID); err != nil || e.Article.Title != a.Title {
			t.Errorf("Get(%q) = a title of %d bytes, %v, want that added", a.ID, len(e.Article.Title), err)
		}
	}
}

// 128 articles that stand in as many places have postings in all blocks of all segments.
func TestManyUpdatesAndRemovalsInOneCall(t *testing.T) {
	t.Parallel()
	n := fewer(3000, 4)
	x := filled(t, Options{}, singles(n, 60))
	step := n / 150
	var updates []article.Article
	var ids []string
	for i := range 128 {
		updates = append(updates, article.Article{ID: fmt.Sprint(i * step), Text: story(uint64(1_000_000+i), 60)})
		ids = append(ids, fmt.Sprint(i*step+1))
	}
	for _, a := range mustAdd(t, x, updates...) {
		if a.Status != Updated || a.Match != nil {
			t.Errorf("Add(%q with another text) = %+v, want it updated and alone", a.ID, a)
		}
	}
	mustCheck(t, x, n)
	mustRemove(t, x, ids...)
	mustCheck(t, x, n-len(ids))
	for i, id := range ids {
		if _, err := x.Get(context.Background(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("Get(%q) after its removal: %v", id, err)
		}
		if e, err := x.Get(context.Background(), updates[i].ID); err != nil || e.Article.Text != updates[i].Text {
			t.Errorf("Get(%q) has not its new text: %v", updates[i].ID, err)
		}
	}
	mustCheck(t, reopened(t, x, Options{}), n-len(ids))
}

// mostEdges is the largest number of edges of a holder, which all stay within maxComponent.
func mostEdges(t testing.TB, x *Index) int {
	t.Helper()
	c := x.begin()
	defer c.discard()
	most := 0
	for key := range keysWith(c.txn, prefixGeneration(prefixEdge, x.state.Generation)) {
		edges, err := c.edgesOf(numberOf(key))
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, len(edges))
	}
	if most > maxComponent {
		t.Errorf("a holder has %d edges, want at most %d", most, maxComponent)
	}
	return most
}

// The first of hundreds of copies is the best match of them all.
func TestHubIsRemovedAndUpdatedWithBoundedWork(t *testing.T) {
	t.Parallel()
	for _, opts := range []Options{{}, {NoText: true}} {
		articles := variants(1, 50, fewer(720, 6))
		n := len(articles)
		x := filled(t, opts, articles)
		mustCheck(t, x, n)
		if most := mostEdges(t, x); !raceBuild && most < maxComponent {
			t.Errorf("NoText=%v: a holder has at most %d edges, so this is no hub", opts.NoText, most)
		}
		wantCluster(t, x, "1", "0", n)

		x.mu.Lock() // as Remove does
		c := x.begin()
		err := c.remove(1)
		entries := len(c.writes) + len(c.dirty)
		full := c.isFull()
		err = errors.Join(err, c.commit())
		c.discard()
		x.mu.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		if most := 4*maxComponent + 1000; entries > most || full {
			t.Errorf("NoText=%v: removing the hub changes %d records (full: %v), want at most %d", opts.NoText, entries, full, most)
		}
		mustCheck(t, x, n-1)

		start := time.Now()
		mustAdd(t, x, articles[0])
		mustAdd(t, x, article.Article{ID: "0", Text: story(2, 100)}, article.Article{ID: "1", Text: story(3, 100)})
		mustRemove(t, x, "2", "3")
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("NoText=%v: 3 updates and 2 removals of hubs took %v", opts.NoText, took)
		}
		mustCheck(t, x, n-2)
		mostEdges(t, x)
		wantCluster(t, x, "0", "0", 1)
		if s := mustStats(t, x); s.Stories != 1 || s.StoryMembers != n-4 {
			t.Errorf("NoText=%v: %d stories of %d articles, want one of %d", opts.NoText, s.Stories, s.StoryMembers, n-4)
		}
		mustRecluster(t, x)
		mustCheck(t, x, n-2)
		mostEdges(t, x)
	}
}

// Clusters are named by their lowest number; a lower one may come in later where too much hangs together to be clustered anew.
func TestOlderHolderJoinsAYoungerLargeStoryForGood(t *testing.T) {
	t.Parallel()
	const last = 11 + maxComponent
	x := filled(t, Options{NoText: true}, singles(last, 6)) // article "0" has number 1
	connected(t, x, func(c *changes, connect func(a, b number)) {
		for m := number(12); m <= last; m++ {
			connect(m, 11)
		}
		for m := number(12); m <= 20; m++ {
			connect(5, m)
		}
		putStory(t, c, 11, numbers(11, 20))
	})
	mustCheck(t, x, last)
	wantCluster(t, x, "4", "4", 1)
	mustRemove(t, x, "11") // number 12, a neighbour of 5
	mustCheck(t, x, last-1)
	joined, err := x.ClusterOf(context.Background(), "4")
	if err != nil || len(joined.Members) < 10 {
		t.Fatalf("ClusterOf(4) = %+v, %v, want it in the story of its nine neighbours", joined, err)
	}
	before, all := members(t, x), dump(t, x)
	x = reopened(t, x, Options{})
	mustCheck(t, x, last-1)
	wantSameClusters(t, "opened again", members(t, x), before)
	wantSameDump(t, "opened again", dump(t, x), all)
	mustAdd(t, x, article.Article{ID: "copy", Text: story(4, 6)})
	mustCheck(t, x, last)
	wantCluster(t, x, "copy", joined.Representative, len(joined.Members)+1)
	mustRemove(t, x, "4") // hands over; the heir is judged anew, and has nothing in common with the others
	mustCheck(t, x, last-1)
	wantCluster(t, x, "copy", "copy", 1)
}

func TestHandOverWithinALargeStory(t *testing.T) {
	t.Parallel()
	const n = maxComponent + 100
	x := filled(t, Options{NoText: true}, singles(n, 6))
	connected(t, x, func(c *changes, connect func(a, b number)) {
		for m := number(2); m <= n; m++ {
			for other := max(m, 9) - 8; other < m; other++ {
				connect(m, other)
			}
			if m > 9 && m < maxComponent {
				connect(m, 1)
			}
		}
		putStory(t, c, 1, numbers(1, n))
	})
	mustAdd(t, x, article.Article{ID: "heir", Text: story(0, 6)}, article.Article{ID: "heir 2", Text: story(0, 6)})
	mustCheck(t, x, n+2)
	wantCluster(t, x, "heir", "0", n+2)
	edges := mustStats(t, x).Edges
	for i, id := range []string{"0", "heir", "heir 2"} {
		mustRemove(t, x, id)
		mustCheck(t, x, n+1-i)
		wantCluster(t, x, "7", "1", n+1-i)
		if got := mustStats(t, x).Edges; i < 2 && got != edges {
			t.Errorf("after removing %q there are %d edges, want %d", id, got, edges)
		}
		mostEdges(t, x)
	}
	mustCheck(t, reopened(t, x, Options{}), n-1)
}

// An event of a history: articles that are added, or ids that are removed.
type event struct {
	add    []article.Article
	remove []string
}

// history is a random one: articles of paragraphs that many share, under few ids, so that many are updates.
func history(seed uint64) []event {
	const ids = 70
	r := rand.New(rand.NewPCG(seed, 7))
	var events []event
	there := make(map[string]bool)
	for range 4 {
		var e event
		for range 30 + r.IntN(20) {
			var paragraphs []string
			for range 1 + r.IntN(4) {
				paragraphs = append(paragraphs, story(uint64(r.IntN(25)), 60))
			}
			a := article.Article{ID: fmt.Sprint(r.IntN(ids)), Text: strings.Join(paragraphs, "\n"), Site: []string{"", "a", "b"}[r.IntN(3)]}
			if r.IntN(2) == 0 {
				a.Published = day.AddDate(0, 0, -r.IntN(100))
			}
			e.add = append(e.add, a)
			there[a.ID] = true
		}
		for i := range ids {
			if id := fmt.Sprint(i); there[id] && r.IntN(4) == 0 {
				e.remove = append(e.remove, id)
				delete(there, id)
			}
		}
		r.Shuffle(len(e.remove), func(i, j int) { e.remove[i], e.remove[j] = e.remove[j], e.remove[i] })
		events = append(events, e)
	}
	return events
}

func TestHistoriesDoNotDependOnBatchesWorkersAndOpenings(t *testing.T) {
	t.Parallel()
	for seed := range uint64(fewer(4, 2)) {
		opts := Options{NoText: seed%3 == 1}
		t.Run(fmt.Sprintf("%d NoText=%v", seed, opts.NoText), func(t *testing.T) {
			t.Parallel()
			var want [][]string // after each event
			for workers, size := range []int{1, 7, 120} {
				opts.Workers = workers + 1
				x := newIndex(t, opts)
				there := make(map[string]bool)
				for i, e := range history(seed) {
					for part := range slices.Chunk(e.add, size) {
						mustAdd(t, x, part...)
					}
					for _, a := range e.add {
						there[a.ID] = true
					}
					mustCheck(t, x, len(there))
					for part := range slices.Chunk(e.remove, size) {
						mustRemove(t, x, part...)
					}
					for _, id := range e.remove {
						delete(there, id)
					}
					mustCheck(t, x, len(there))
					got := dump(t, x)
					if size == 1 {
						want = append(want, got)
					}
					what := fmt.Sprintf("batches of %d, event %d", size, i)
					wantSameDump(t, what, got, want[i])
					if size != 120 || i == 3 {
						x = reopened(t, x, Options{Workers: opts.Workers})
						wantSameDump(t, what+", opened again", dump(t, x), got)
					}
				}
				left := len(there)
				order := shuffled(slices.Sorted(maps.Keys(there)), seed)
				for _, id := range order {
					mustRemove(t, x, id)
					if left--; left%10 == 0 {
						mustCheck(t, x, left)
					}
				}
				wantSameDump(t, "everything removed", dump(t, x), nil)
			}
		})
	}
}

// Each removal writes a log, which opening reads.
func TestManySingleRemovalsLeaveFewLogs(t *testing.T) {
	t.Parallel()
	removals := sealLogs + 100
	x := filled(t, Options{NoText: true}, singles(removals+100, 30))
	most := uint32(0)
	for i := range removals {
		mustRemove(t, x, fmt.Sprint(i))
		most = max(most, x.state.NextLog-x.state.FirstLog)
	}
	if x.state.NextLog < uint32(removals) {
		t.Fatalf("%d logs were written by %d removals", x.state.NextLog, removals)
	}
	if most >= sealLogs+2 {
		t.Errorf("there were up to %d logs, want fewer than %d", most, sealLogs+2)
	}
	mustCheck(t, x, 100)
	before := dump(t, x)
	x = reopened(t, x, Options{})
	if n := x.state.NextLog - x.state.FirstLog; n >= sealLogs+2 {
		t.Errorf("opening reads %d logs", n)
	}
	wantSameDump(t, "opened again", dump(t, x), before)
	mustCheck(t, x, 100)
}
