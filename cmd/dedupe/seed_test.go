package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

// seed is an agency report with all that becomes of it, on six sites of its language (see testdata/seed).
type seed struct {
	name     string
	articles map[string]article.Article // by id: the part of the test's name that they are about
}

// What becomes of a report. The copies are one strict cluster; the rewrite tells the same story; the others do not.
var (
	seedCopies = []string{"wire", "elsewhere", "trimmed", "extended", "house", "reordered"}
	seedOthers = []string{"quote", "other1", "other2", "other3"}
)

func readSeeds(t *testing.T) []seed {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "seed", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var seeds []seed
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		language, story, _ := strings.Cut(name, "-")
		if story != "sites" {
			sites := sectionsOf(t, filepath.Join("testdata", "seed", language+"-sites.txtar"))
			seeds = append(seeds, seed{name, newSeed(t, sectionsOf(t, file), sites)})
		}
	}
	return seeds
}

func sectionsOf(t *testing.T, file string) map[string]string {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sections := make(map[string]string)
	for _, f := range archive.Files {
		sections[f.Name] = strings.TrimSpace(string(f.Data))
	}
	return sections
}

func newSeed(t *testing.T, story, sites map[string]string) map[string]article.Article {
	t.Helper()
	articles := make(map[string]article.Article)
	print := func(id string, site int, text string) {
		name := fmt.Sprint("site", site)
		articles[id] = article.Article{
			ID: id, Site: name + ".example", Text: strings.Replace(sites[name], "@", text, 1),
		}
	}
	wire := story["wire"]
	paragraphs := strings.Split(wire, "\n\n")
	print("wire", 1, wire)
	print("elsewhere", 2, wire)
	print("trimmed", 3, strings.Join(paragraphs[:(len(paragraphs)+1)/2], "\n\n"))
	print("extended", 4, wire+"\n\n"+story["local"])
	print("house", 5, inHouseStyle(t, wire, story["house"]))
	reordered := slices.Clone(paragraphs)
	slices.Reverse(reordered[1:])
	print("reordered", 6, strings.Join(reordered, "\n\n"))
	print("rewrite", 4, story["rewrite"])
	print("quote", 5, story["quote"])
	for i := range 3 {
		id := fmt.Sprint("other", i+1)
		print(id, i+1, sites[id])
	}
	return articles
}

// inHouseStyle replaces what each line of style ("from => to") tells.
func inHouseStyle(t *testing.T, text, style string) string {
	t.Helper()
	for line := range strings.SplitSeq(style, "\n") {
		from, to, ok := strings.Cut(line, " => ")
		if !ok || strings.Count(text, from) != 1 {
			t.Fatalf("house style %q: want one place for it in the report", line)
		}
		text = strings.Replace(text, from, to, 1)
	}
	return text
}

// clustersWithWire are the ids in the cluster of the report: its copies, and its whole story.
func clustersWithWire(t *testing.T, x *index.Index, least match.Kind) []string {
	t.Helper()
	var ids []string
	for c, err := range x.Clusters(context.Background(), index.ClusterOptions{MinKind: least}) {
		if err != nil {
			t.Fatal(err)
		}
		var members []string
		for _, m := range c.Members {
			members = append(members, m.ID)
		}
		if slices.Contains(members, "wire") {
			ids = members
		}
	}
	slices.Sort(ids)
	return ids
}

// TestSeedArticle follows an agency report through the newsrooms.
func TestSeedArticle(t *testing.T) {
	t.Parallel()
	const orders = 12
	copies := slices.Sorted(slices.Values(seedCopies))
	story := slices.Sorted(slices.Values(append(slices.Clone(seedCopies), "rewrite")))
	for _, s := range readSeeds(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for order := range orders {
				x, err := index.Open(t.TempDir(), index.Options{Create: true})
				if err != nil {
					t.Fatal(err)
				}
				defer x.Close()
				ids := slices.Sorted(maps.Keys(s.articles))
				rand.New(rand.NewPCG(uint64(order), 0)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
				for _, id := range ids {
					if _, err := x.Add(context.Background(), []article.Article{s.articles[id]}); err != nil {
						t.Fatal(err)
					}
				}
				holds := func(when string) {
					if got := clustersWithWire(t, x, match.Excerpt); !slices.Equal(got, copies) {
						t.Errorf("%s, added %v: copies are %v, want %v", when, ids, got, copies)
					}
					if got := clustersWithWire(t, x, match.Rewrite); !slices.Equal(got, story) {
						t.Errorf("%s, added %v: the story is %v, want %v", when, ids, got, story)
					}
				}
				holds("after add")
				if _, err := x.Recluster(context.Background(), nil); err != nil {
					t.Fatal(err)
				}
				holds("after recluster")
			}
		})
	}
}

// TestSeedPairs says of each pair what a reader would say.
func TestSeedPairs(t *testing.T) {
	t.Parallel()
	for _, s := range readSeeds(t) {
		for i, a := range seedCopies {
			for _, b := range seedCopies[i+1:] {
				wantKind(t, s, a, b, match.Excerpt, match.Copy)
			}
			least := match.Rewrite
			if a == "trimmed" { // of which the rewrite may have too little
				least = match.None
			}
			wantKind(t, s, a, "rewrite", least, match.Rewrite)
			for _, b := range seedOthers {
				wantKind(t, s, a, b, match.None, match.Quote)
			}
		}
	}
}

func wantKind(t *testing.T, s seed, a, b string, least, most match.Kind) {
	t.Helper()
	c, err := index.Compare(s.articles[a], s.articles[b])
	if err != nil {
		t.Fatal(err)
	}
	if c.Kind < least || c.Kind > most {
		t.Errorf("%s: %s and %s: %v, want %v to %v: %s", s.name, a, b, c.Kind, least, most, c.Why)
	}
}
