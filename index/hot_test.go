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

func TestAbsurdStateIsCorrupt(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`,
		`{"next":2,"sealed":3,"next_file":2}`,
		`{"next":2,"sealed":1,"next_file":2,"next_log":1,"first_log":2}`,
		`{"next":2,"sealed":1,"next_file":2,"articles":-1}`,
		`{"next":2,"sealed":1,"next_file":2,"exact":-1}`,
		`{"next":2,"sealed":1,"next_file":2,"exact":1}`,
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":1,"bits":200}]}`,
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":1,"bits":33}]}`,
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":1,"bits":1,"counts":-5}]}`,
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":1,"bits":1,"counts":1152921504606846976}]}`,
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":1,"bits":1,"level":-1}]}`,
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":1,"level":1152921504606846976}]}`, // sealing would count up to it
		`{"next":2,"sealed":1,"next_file":2,"next_log":4294967295}`,                         // 300 GB
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":2}]}`,
		`{"next":2,"sealed":1,"next_file":2,"segments":[{"id":1}]}`, // it has no fences
		`{"next":2,"sealed":1,"next_file":2,"segments":[{"id":2}]}`,
		`{"next":2,"sealed":1,"next_file":2,"segments":[{"id":1,"postings":-1}]}`,
		`{"next":2,"sealed":1,"next_file":2,"segments":[{"id":1,"level":-1}]}`,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if s, err := decodeJSON[state]([]byte(text)); err != nil || s.NextLog > 1<<30 && !errors.Is(s.validate(), ErrCorrupt) {
				t.Fatalf("four billion logs are valid (%v): Open would run out of memory, which kills the process", err)
			}
			dir := closedIndex(t, Options{}, 1)
			behindItsBack(t, dir, set(keyState, []byte(text)))
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("panic: %v", p)
				}
			}()
			x, err := Open(dir, Options{})
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("Open = %v, want ErrCorrupt", err)
			}
			if err != nil {
				return
			}
			defer x.Close()
			if _, err := x.Stats(context.Background()); !errors.Is(err, ErrCorrupt) {
				t.Errorf("Stats = %v, want ErrCorrupt", err)
			}
		})
	}
}

func TestMissingFencesAreCorrupt(t *testing.T) {
	t.Parallel()
	dir := closedIndex(t, Options{}, 40)
	behindItsBack(t, dir, func(txn *badger.Txn) error {
		if _, err := txn.Get(keyFences(1)); err != nil {
			return err
		}
		return txn.Delete(keyFences(1))
	})
	x, err := Open(dir, Options{})
	if !errors.Is(err, ErrCorrupt) || !strings.Contains(fmt.Sprint(err), "fences of posting segment 1") {
		t.Errorf("Open = %v, want ErrCorrupt of the fences of segment 1", err)
	}
	if err == nil {
		x.Close()
	}
}

func TestCancelledReclusterReturnsOneError(t *testing.T) {
	t.Parallel()
	articles := variants(1, 100, fewer(300, 3))
	x := filled(t, Options{NoText: true}, articles)
	before, stats := dump(t, x), mustStats(t, x)
	for _, half := range []int{0, 1} { // told the stories apart; giving verdicts
		ctx, cancel := context.WithCancel(context.Background())
		_, err := x.Recluster(ctx, func(done, total int) {
			if done > half*total/2 {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) || strings.Count(fmt.Sprint(err), context.Canceled.Error()) != 1 || strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("Recluster, cancelled in half %d = %.300q, want context.Canceled, once", half, fmt.Sprint(err))
		}
		wantSameDump(t, "after a cancelled Recluster", dump(t, x), before)
		if got := mustStats(t, x); got != stats {
			t.Errorf("Stats() = %+v, want %+v", got, stats)
		}
		mustCheck(t, x, len(articles))
	}
	mustAdd(t, x, article.Article{ID: "late", Text: story(5, 100)})
	mustRecluster(t, x)
	mustCheck(t, x, len(articles)+1)
}

func TestTheIndexCanBeUsedInALoopOverClusters(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := filled(t, Options{}, wire(t))
	want := len(clusters(t, x, match.Rewrite))
	type outcome struct {
		n   int
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		for c, err := range x.Clusters(ctx, ClusterOptions{}) {
			o.err = errors.Join(o.err, err)
			if err != nil {
				break
			}
			waiting := make(chan error, 1) // a writer that waits must not keep readers out
			go func() {
				waiting <- second(x.Add(ctx, []article.Article{{ID: fmt.Sprint("beside ", o.n), Text: story(uint64(1000+o.n), 50)}}))
			}()
			time.Sleep(time.Millisecond)
			o.err = errors.Join(o.err,
				second(x.Get(ctx, c.Representative)),
				second(x.Query(ctx, article.Article{ID: "asking", Text: story(uint64(o.n), 50)}, QueryOptions{})),
				second(x.Add(ctx, []article.Article{{ID: fmt.Sprint("within ", o.n), Text: story(uint64(o.n), 50)}})),
				second(x.ClusterOf(ctx, c.Representative)),
				<-waiting)
			o.n++
		}
		done <- o
	}()
	select {
	case o := <-done:
		if o.err != nil || o.n != want {
			t.Errorf("the loop saw %d clusters, want %d: %v", o.n, want, o.err)
		}
	case <-time.After(time.Minute):
		panic("deadlock: Add and Query within a loop over Clusters")
	}
	mustCheck(t, x, 103+2*want)
}

// An article whose text is damaged stops nothing: others come and go, and so does it.
func TestDamagedTextStopsNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	text := story(1, 200)
	edited := func(id string, place int) article.Article {
		w := strings.Fields(text)
		w[place] = "another"
		return article.Article{ID: id, Text: strings.Join(w, " ")}
	}
	articles := []article.Article{{ID: "damaged", Text: text}, edited("near", 20), edited("nearer", 40), {ID: "far", Text: story(2, 200)}}
	for _, damage := range []func(txn *badger.Txn) error{
		set(keyText(1), []byte{0xff, 0xff}),
		set(keyText(1), []byte{}),
		func(txn *badger.Txn) error { return txn.Delete(keyText(1)) },
	} {
		for _, goes := range []string{"removed", "updated", "handed over"} {
			x := filled(t, Options{}, articles)
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			behindItsBack(t, x.dir, damage)
			x = openIndex(t, x.dir, Options{})
			if _, err := x.Get(ctx, "damaged"); !errors.Is(err, ErrCorrupt) {
				t.Errorf("Get(damaged) = %v, want ErrCorrupt", err)
			}
			found := idsOf(mustQuery(t, x, edited("asking", 60), QueryOptions{}))
			if !found["near"] || !found["nearer"] || found["far"] {
				t.Errorf("%s: Query beside a damaged text = %v, want near and nearer", goes, found)
			}
			if a := mustAdd(t, x, edited("late", 80))[0]; a.Status != Status(match.Copy.String()) {
				t.Errorf("%s: Add beside a damaged text = %+v, want a copy", goes, a)
			}
			mustRemove(t, x, "near")
			switch want := 4; goes {
			case "removed":
				mustRemove(t, x, "damaged")
				mustCheck(t, x, want-1)
			case "updated":
				if a := mustAdd(t, x, article.Article{ID: "damaged", Text: story(3, 200)})[0]; a.Status != Updated || a.Match != nil {
					t.Errorf("Add(damaged with another text) = %+v, want it updated and alone", a)
				}
				mustCheck(t, x, want)
				wantCluster(t, x, "damaged", "damaged", 1)
			case "handed over":
				if a := mustAdd(t, x, article.Article{ID: "exact", Text: text})[0]; a.Status != Status(match.Exact.String()) {
					t.Errorf("Add(the text of the damaged) = %+v, want an exact copy", a)
				}
				mustRemove(t, x, "damaged")
				mustCheck(t, x, want)
				wantCluster(t, x, "exact", "exact", 3)
			}
			wantCluster(t, x, "far", "far", 1)
		}
	}
}
