package index

import (
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
			mustRemove(t, x, fmt.Sprint("same", round))
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

// Heads are gathered for most articles of a large index only.
func TestGatheringPays(t *testing.T) {
	t.Parallel()
	x := filled(t, Options{NoText: true}, pairsOfCopies(int(gatherFrom)))
	groups, err := x.groups(ClusterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		groups int
		pays   bool
	}{{len(groups), true}, {len(groups) / gatherShare, true}, {len(groups)/gatherShare - 1, false}} {
		if got := x.gatheringPays(partsOf(groups[:c.groups])); got != c.pays {
			t.Errorf("for %d of %d pairs gathering pays: %v, want %v", c.groups, len(groups), got, c.pays)
		}
	}
	if small := filled(t, Options{NoText: true}, pairsOfCopies(10)); small.gatheringPays([][]group{{{size: 20}}}) {
		t.Error("gathering pays for all of 20 articles")
	}
}

// What a crash left is removed when the index is opened.
func TestGatheredAndKilled(t *testing.T) {
	t.Parallel()
	x := filled(t, Options{NoText: true}, pairsOfCopies(3))
	left := filepath.Join(x.dir, temporaryName+"-123")
	if err := os.MkdirAll(filepath.Join(left, "below"), 0o777); err != nil {
		t.Fatal(err)
	}
	x = reopened(t, x, Options{})
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", left, err)
	}
	mustCheck(t, x, 6)
}
