package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

// Clusters are the same whether the heads of their members were gathered or are looked up, also those without a stored edge, which are compared by
// their sketches; and of those removed meanwhile nothing comes back.
func TestGatheredHeads(t *testing.T) {
	t.Parallel()
	for _, noText := range []bool{false, true} {
		articles := wire(t)
		for i := range 40 {
			text := story(uint64(i), 80)
			for _, kind := range []string{"first", "same", "longer"} {
				a := article.Article{ID: fmt.Sprint(kind, i), URL: fmt.Sprintf("https://%s.example/%d", kind, i), Title: kind, Text: text}
				if kind == "longer" {
					a.Text += " " + story(uint64(1000+i), 10)
				}
				articles = append(articles, a)
			}
		}
		for i := range 3 * maxEdges { // more than each is linked with, the representative last
			articles = append(articles, article.Article{
				ID: fmt.Sprint("teller ", i), Text: story(5000, 200) + " " + story(uint64(5001+i), 20), Published: time.Unix(int64(1e9-i), 0),
			})
		}
		x := reopened(t, filled(t, Options{NoText: noText}, articles), Options{}) // with empty caches
		for round, opts := range []ClusterOptions{{MinKind: match.Rewrite}, {MinKind: match.Excerpt}} {
			groups, err := x.groups(opts)
			if err != nil {
				t.Fatal(err)
			}
			parts := partsOf(groups)
			heads, err := x.gather(t.Context(), parts)
			if err != nil || heads == nil {
				t.Fatalf("gather = %v, %v, want the heads of %d groups", heads, err, len(groups))
			}
			wantGathered(t, x, heads, parts, opts, true)
			moved := &gathered{ // as if something had been committed while this was gathered
				at: heads.at - 1, begins: newBegins(len(parts)), sorter: newKeyedSorter(t.TempDir(), 0, 1),
			}
			if _, next, err := x.behindLast(); err != nil || x.gatherInto(t.Context(), moved, parts, next) != nil || !moved.moved.Load() {
				t.Errorf("%v: gathering in an index that has moved: %v, moved %v", opts, err, moved.moved.Load())
			}
			wantGathered(t, x, moved, parts, opts, false)
			if err := moved.close(); err != nil {
				t.Fatal(err)
			}
			mustRemove(t, x, fmt.Sprint("same", round), fmt.Sprint("first", 5+round), fmt.Sprint("longer", 10+round)) // holders that hand over, too
			if round == 1 {
				mustRecluster(t, x)
			}
			wantGathered(t, x, heads, parts, opts, false)
			if err := heads.close(); err != nil {
				t.Fatal(err)
			}
		}
		if left, err := filepath.Glob(filepath.Join(x.dir, temporaryName+"*")); len(left) > 0 || err != nil {
			t.Errorf("gathering left %q, %v", left, err)
		}
	}
}

// wantGathered checks that clusters are the same by what was gathered, and that this is all of it, or, once something has changed, the heads.
func wantGathered(t *testing.T, x *Index, g *gathered, parts [][]group, opts ClusterOptions, all bool) {
	t.Helper()
	for i, part := range parts {
		ahead, err := g.part(i)
		if err != nil {
			t.Fatal(err)
		}
		var lists [2][]Cluster // by what was gathered, and looked up
		for k, with := range []*gatheredPart{ahead, nil} {
			if lists[k], err = x.makeClusters(t.Context(), part, opts, with); err != nil {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(lists[0], lists[1]) {
			t.Errorf("%v: part %d is\n%v\nby what was gathered, want\n%v", opts, i, lists[0], lists[1])
		}
		for _, c := range lists[1] {
			if opts.MinKind == match.Rewrite {
				wantStoryOf(t, x, c.Members[len(c.Members)-1].ID, c)
			}
		}
		size, holders := 0, 0
		for _, g := range part {
			size += g.size
			holders += len(g.holders)
		}
		c := x.begin()
		ahead.enter(c, part)
		if !all {
			holders = 0
		}
		if len(c.heads) != size || len(c.relations) != holders || len(c.edges) != holders {
			t.Errorf("%v: of part %d are known %d heads, %d relations and %d lists of edges; want %d, %d and %d", opts, i, len(c.heads), len(c.relations), len(c.edges), size, holders, holders)
		}
		c.discard()
	}
}

// What is damaged is told of where it stands, not where it was gathered.
func TestGatheredDamage(t *testing.T) {
	t.Parallel()
	for _, key := range [][]byte{keyEdges(0, 1), keyRelation(0, 1)} {
		articles := pairsOfCopies(int(gatherFrom))
		for i := 1; i < len(articles); i += 2 {
			articles[i].Text += " Other words stand behind it."
		}
		x := filled(t, Options{NoText: true}, articles)
		groups, err := x.groups(ClusterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := x.db.Update(set(key, []byte{0xff})); err != nil {
			t.Fatal(err)
		}
		x = reopened(t, x, Options{}) // with empty caches
		err = x.eachCluster(t.Context(), groups, ClusterOptions{}, func(Cluster) bool { return true })
		if !errors.Is(err, ErrCorrupt) || !strings.Contains(fmt.Sprint(err), "of article number 1:") {
			t.Errorf("with %q damaged: %v, want ErrCorrupt, and the article", key, err)
		}
	}
}

// Heads are gathered for most articles of a large index only, and where the disk has room for them.
func TestGatheringPays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		members  int
		articles number
		pays     bool
	}{
		{int(gatherFrom), gatherFrom, true}, {int(gatherFrom) / gatherShare, gatherFrom, true}, {int(gatherFrom)/gatherShare - 1, gatherFrom, false},
		{int(gatherFrom), gatherFrom - 1, false},
	} {
		if got := gatheringPays(c.members, c.articles); got != c.pays {
			t.Errorf("for %d members of %d articles gathering pays: %v, want %v", c.members, c.articles, got, c.pays)
		}
	}
	x := filled(t, Options{NoText: true}, pairsOfCopies(int(gatherFrom)))
	groups, err := x.groups(ClusterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	gathers := func(ctx context.Context, want bool) {
		t.Helper()
		g, err := x.gather(ctx, partsOf(groups))
		if (g != nil) != want || !errors.Is(err, ctx.Err()) {
			t.Errorf("gather = %v, %v, want something: %v, and %v", g, err, want, ctx.Err())
		}
		if err := g.close(); err != nil {
			t.Error(err)
		}
		if left, err := filepath.Glob(filepath.Join(x.dir, temporaryName+"*")); len(left) > 0 || err != nil {
			t.Errorf("gathering left %q, %v", left, err)
		}
	}
	gathers(t.Context(), true)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	gathers(cancelled, false)
	spare := x.spare
	x.spare = 1 << 62
	gathers(t.Context(), false)
	x.spare = spare
	if err := x.db.Update(set(keyArticle(3), []byte{0xff})); err != nil {
		t.Fatal(err)
	}
	gathers(t.Context(), false)
}

// What a crash left is removed when the index is opened, and nothing else.
func TestLeftoversOfGatheringAreRemoved(t *testing.T) {
	t.Parallel()
	x := filled(t, Options{NoText: true}, pairsOfCopies(3))
	left, stays := filepath.Join(x.dir, temporaryName+"-123"), filepath.Join(x.dir, temporaryName+"orary notes")
	for _, dir := range []string{left, stays} {
		if err := os.MkdirAll(filepath.Join(dir, "below"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	x = reopened(t, x, Options{})
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", left, err)
	}
	if _, err := os.Stat(stays); err != nil {
		t.Error(err)
	}
	mustCheck(t, x, 6)
}
