package index

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/cluster"
	"github.com/dedupe-news/dedupe/match"
)

func mustRecut(t testing.TB, x *Index, to Thresholds) Reclustered {
	t.Helper()
	report, err := x.Recut(context.Background(), to)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// dumpOfAny is dump without the number of the generation.
func dumpOfAny(t testing.TB, x *Index) []string {
	lines := dump(t, x)
	for i, line := range lines {
		switch line[0] {
		case prefixRelation, prefixEdge, prefixMember, prefixCluster:
			lines[i] = line[:2] + line[4:]
		}
	}
	slices.Sort(lines)
	return lines
}

// clusteredAnew are the clusters that the stored edges make which reach t, by package cluster alone.
func clusteredAnew(t testing.TB, x *Index, to Thresholds) membership {
	t.Helper()
	x.mu.RLock()
	defer x.mu.RUnlock()
	c := x.begin()
	defer c.discard()
	type node struct {
		holder number
		first  cluster.Candidate
		ids    []string
	}
	var nodes []node
	for n := number(1); n < x.state.Next; n++ {
		r, err := c.record(n)
		if err != nil {
			t.Fatal(err)
		}
		if r == nil || r.Holder != 0 {
			continue
		}
		group := []cluster.Candidate{r.candidate()}
		for _, m := range c.exactCopies(n, 0) {
			other, err := c.record(m)
			if err != nil {
				t.Fatal(err)
			}
			group = append(group, other.candidate())
		}
		a := node{holder: n, first: group[cluster.Representative(group)]}
		for _, g := range group {
			a.ids = append(a.ids, g.ID)
		}
		nodes = append(nodes, a)
	}
	slices.SortFunc(nodes, func(a, b node) int { return boolCompare(a.first.Before(b.first), b.first.Before(a.first)) })
	place := make(map[number]uint32)
	var places []uint32
	for i, a := range nodes {
		place[a.holder] = uint32(i)
		places = append(places, uint32(i))
	}
	var links []cluster.Edge
	for _, a := range nodes {
		edges, err := c.edgesOf(a.holder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range edges {
			if e.Weight < float32(to.Story) {
				continue
			}
			links = append(links, cluster.Edge{
				A: place[a.holder], B: place[e.Other], Weight: float64(e.Weight),
				Strict: e.Kind != match.Rewrite && e.Weight >= float32(to.Strict),
			})
		}
	}
	stories, copies := make(map[uint32][]string), make(map[uint32][]string)
	assigned := cluster.Assign(places, links)
	for i, a := range assigned {
		stories[a.Story] = append(stories[a.Story], nodes[i].ids...)
		copies[a.Strict] = append(copies[a.Strict], nodes[i].ids...)
	}
	return membership{stories: joined(stories), copies: joined(copies)}
}

// joined are groups of two or more as in membership.
func joined(groups map[uint32][]string) map[string]string {
	of := make(map[string]string)
	for _, ids := range groups {
		slices.Sort(ids)
		text := ""
		for i, id := range ids {
			if i > 0 {
				text += " "
			}
			text += id
		}
		for _, id := range ids {
			if len(ids) > 1 {
				of[id] = text
			}
		}
	}
	return of
}

// Recut makes what clustering anew from the filtered edges makes, whatever the thresholds were before; the
// whole index is then as Recluster leaves it with them, and back at the defaults it is as it was.
func TestRecutClustersTheEdgesThatCount(t *testing.T) {
	t.Parallel()
	for _, opts := range []Options{{}, {NoText: true}} {
		x := filled(t, opts, withUpdates(wire(t)))
		mustRecluster(t, x)
		byRule, dumped := members(t, x), dumpOfAny(t, x)
		tried := map[string]bool{}
		for _, to := range []Thresholds{{Story: .6}, {Strict: .9}, {Story: .8, Strict: .95}, {Story: .95, Strict: .5}, {Story: 1, Strict: 1}, {Story: .2}, {Story: .45, Strict: .7}} {
			name := fmt.Sprintf("NoText=%v, %+v", opts.NoText, to)
			report := mustRecut(t, x, to)
			got := members(t, x)
			wantSameClusters(t, name, got, clusteredAnew(t, x, to))
			if x.Thresholds() != to {
				t.Errorf("%s: Thresholds() = %+v", name, x.Thresholds())
			}
			mustCheck(t, x, 103)
			stats := mustStats(t, x)
			if report.Stories != stats.Stories || report.CopyClusters != stats.CopyClusters || report.Edges != stats.Edges || report.Articles != 103 || stats.Thresholds != to {
				t.Errorf("%s: Recut() = %+v, Stats() = %+v", name, report, stats)
			}
			tried[fmt.Sprint(got)] = true

			recut := dumpOfAny(t, x)
			if again := mustRecluster(t, x); again.Moved != 0 || again.EdgesGone != 0 || again.EdgesNew != 0 {
				t.Errorf("%s: Recluster() after Recut() = %+v, want no change", name, again)
			}
			wantSameDump(t, name+": after Recluster", dumpOfAny(t, x), recut)
		}
		if len(tried) < 5 {
			t.Errorf("NoText=%v: the thresholds made %d different clusterings only", opts.NoText, len(tried))
		}
		mustRecut(t, x, Thresholds{})
		wantSameClusters(t, "back at the defaults", members(t, x), byRule)
		wantSameDump(t, "back at the defaults", dumpOfAny(t, x), dumped)
	}
}

// What is added and removed later keeps to the thresholds, also after the index was closed.
func TestThresholdsHoldForLaterChanges(t *testing.T) {
	t.Parallel()
	to := Thresholds{Story: .6, Strict: .9}
	dir := t.TempDir()
	x, err := Open(dir, Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	mustRecut(t, x, to)
	articles := wire(t)
	mustAdd(t, x, articles[:50]...)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = openIndex(t, dir, Options{})
	mustAdd(t, x, articles[50:]...)
	wantSameClusters(t, "added", members(t, x), clusteredAnew(t, x, to))
	for i := 0; i < len(articles); i += 5 {
		mustRemove(t, x, articles[i].ID)
	}
	wantSameClusters(t, "removed", members(t, x), clusteredAnew(t, x, to))
	mustCheck(t, x, 103-21)
}

// Not all edges of a story of more than 512 texts are stored: those of which none is stay in it.
func TestRecutKeepsLargeStories(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("600 copies of one story take some seconds")
	}
	const n = 600
	x := filled(t, Options{}, variants(1, 120, n))
	for _, to := range []Thresholds{{Strict: .6}, {}} {
		report := mustRecut(t, x, to)
		if all := clusters(t, x, match.Excerpt); len(all) != 1 || len(all[0].Members) != n || report.Moved != 0 {
			t.Errorf("Recut(%+v) = %+v, %d clusters, want the one of %d", to, report, len(all), n)
		}
		mustCheck(t, x, n)
	}
	mustRecut(t, x, Thresholds{Story: 1})
	mustCheck(t, x, n)
	added := mustAdd(t, x, article.Article{ID: "again", Text: variants(1, 120, 1)[0].Text})
	if added[0].Status != "exact" {
		t.Errorf("Add(the first once more) = %+v", added[0])
	}
	mustCheck(t, x, n+1)
}

func TestRecutRefusesWhatIsNoThreshold(t *testing.T) {
	t.Parallel()
	x := filled(t, Options{}, wire(t)[:10])
	before := dumpOfAny(t, x)
	for _, to := range []Thresholds{{Story: -.1}, {Strict: 1.1}, {Story: math.NaN()}} {
		if _, err := x.Recut(context.Background(), to); !errors.Is(err, errThreshold) {
			t.Errorf("Recut(%+v): %v, want %v", to, err, errThreshold)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := x.Recut(ctx, Thresholds{Story: .9}); !errors.Is(err, context.Canceled) {
		t.Errorf("Recut, cancelled: %v", err)
	}
	wantSameDump(t, "after errors", dumpOfAny(t, x), before)
	if x.Thresholds() != (Thresholds{}) {
		t.Errorf("Thresholds() = %+v after errors", x.Thresholds())
	}
	if least := x.LeastThresholds(); least != (Thresholds{Story: .36, Strict: .5}) {
		t.Errorf("LeastThresholds() = %+v", least)
	}
	for _, w := range weights(t, x) {
		if w < float32(x.LeastThresholds().Story) {
			t.Errorf("an edge of weight %v is stored", w)
		}
	}
}

// weights are those of the stored edges.
func weights(t testing.TB, x *Index) []float32 {
	t.Helper()
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	var found []float32
	for _, value := range valuesWith(txn, prefixGeneration(prefixEdge, x.state.Generation)) {
		b, err := value()
		if err != nil {
			t.Fatal(err)
		}
		edges, err := decodeEdges(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range edges {
			found = append(found, e.Weight)
		}
	}
	return found
}

// Edges with an end that is no holder are told of, and change nothing.
func TestRecutRefusesDanglingEdges(t *testing.T) {
	t.Parallel()
	to := func(other number) []byte {
		return appendEdges(nil, []edge{{Other: other, Kind: match.Copy, Jaccard: 1, Containment: 1, Contains: 1, Weight: 1}})
	}
	for _, test := range []struct {
		name     string
		from, to number
	}{
		{"to a number that is not given", 1, 500},
		{"to an exact copy", 1, 4},
		{"of an exact copy", 4, 1},
		{"of a number that is not given", 500, 1},
	} {
		x := filled(t, Options{}, append(singles(3, 50), article.Article{ID: "0 again", Text: story(0, 50)}))
		x.mu.Lock()
		c := x.begin()
		c.put(keyEdges(x.state.Generation, test.from), to(test.to))
		err := c.commit()
		c.discard()
		x.mu.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		before := dump(t, x)
		if report, err := x.Recut(context.Background(), Thresholds{Story: .5}); !errors.Is(err, ErrCorrupt) {
			t.Errorf("an edge %s: Recut() = %+v, %v, want ErrCorrupt", test.name, report, err)
		}
		wantSameDump(t, "an edge "+test.name, dump(t, x), before)
	}
}

// A holder of which no edge is stored follows the first one of its story that has edges, also if that came later, and alone.
func TestRecutTakesHoldersWithoutEdgesAlong(t *testing.T) {
	t.Parallel()
	x := filled(t, Options{}, singles(4, 50))
	x.mu.Lock()
	c := x.begin()
	v := match.Verdict{Kind: match.Copy, Story: true, Jaccard: .9, CoverageA: .9, CoverageB: .9}
	if err := c.connect(2, 3, &v); err != nil {
		t.Fatal(err)
	}
	for n, strict := range map[number]number{1: 1, 2: 2, 3: 2} {
		rel, err := c.relation(n)
		if err != nil {
			t.Fatal(err)
		}
		rel.Story, rel.Strict = 1, strict
		c.touch(n)
	}
	if err := errors.Join(c.putCluster(1, []number{1, 2, 3}), c.commit()); err != nil {
		t.Fatal(err)
	}
	c.discard()
	x.mu.Unlock()
	for _, test := range []struct {
		to              Thresholds
		stories, copies string
	}{
		{Thresholds{Story: .5}, "c2 of 0 1 2", "c2 of 1 2"},
		{Thresholds{Story: .95}, "c2 of 0 1", ""},
	} {
		mustRecut(t, x, test.to)
		for least, want := range map[match.Kind]string{match.Rewrite: test.stories, match.Excerpt: test.copies} {
			got := ""
			for _, c := range clusters(t, x, least) {
				ids := make([]string, len(c.Members))
				for i, m := range c.Members {
					ids[i] = m.ID
				}
				slices.Sort(ids)
				got += c.ID + " of " + strings.Join(ids, " ")
			}
			if got != want {
				t.Errorf("after Recut(%+v) the clusters at %s are %q, want %q", test.to, least, got, want)
			}
		}
		mustCheck(t, x, 4)
	}
}
