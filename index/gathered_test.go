package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

// Clusters are the same whether the heads of their members were gathered or are looked up, also those without a stored edge, which are compared by
// their sketches; and of those removed meanwhile nothing comes back.
func TestGatheredHeads(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
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
			heads, err := x.gather(ctx, parts)
			if err != nil || heads == nil {
				t.Fatalf("gather = %v, %v, want the heads of %d groups", heads, err, len(groups))
			}
			mustRemove(t, x, fmt.Sprint("same", round), fmt.Sprint("first", 5+round), fmt.Sprint("longer", 10+round)) // holders that hand over, too
			if round == 1 {
				mustRecluster(t, x)
			}
			for i, part := range parts {
				ahead, err := heads.heads(i)
				if err != nil {
					t.Fatal(err)
				}
				size := 0
				for _, g := range part {
					size += g.size
					gathered, err := x.makeCluster(ctx, g, opts, ahead)
					if err != nil {
						t.Fatal(err)
					}
					lookedUp, err := x.makeCluster(ctx, g, opts, nil)
					if err != nil {
						t.Fatal(err)
					}
					if !reflect.DeepEqual(gathered, lookedUp) {
						t.Errorf("%v: cluster %d is\n%v\nby what was gathered, want\n%v", opts, g.name, gathered, lookedUp)
					}
					if opts.MinKind == match.Rewrite && len(lookedUp.Members) > 0 {
						wantStoryOf(t, x, lookedUp.Members[len(lookedUp.Members)-1].ID, lookedUp)
					}
				}
				if len(ahead) != size {
					t.Errorf("%v: part %d has %d heads, want %d", opts, i, len(ahead), size)
				}
			}
			if err := heads.close(); err != nil {
				t.Fatal(err)
			}
		}
		if left, err := filepath.Glob(filepath.Join(x.dir, temporaryName+"*")); len(left) > 0 || err != nil {
			t.Errorf("gathering left %q, %v", left, err)
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
