package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
)

func TestCoreOf(t *testing.T) {
	t.Parallel()
	// Member i stands on site i modulo sites, and has the prints of which it is told.
	sample := func(sites int, has func(i int) []furniture.Print) []coreMember {
		list := make([]coreMember, coreSample)
		for i := range list {
			list[i] = coreMember{fmt.Sprint("site", i%sites), has(i)}
		}
		return list
	}
	all := func(int) []furniture.Print { return []furniture.Print{3, 7} }
	tests := []struct {
		name    string
		holders int
		sample  []coreMember
		want    []furniture.Count
	}{
		{"of the smallest story", coreHolders, sample(64, all), []furniture.Count{{Print: 3, N: 8}, {Print: 7, N: 8}}},
		{"of a story of thousands", 5000, sample(64, all), []furniture.Count{{Print: 3, N: 78}, {Print: 7, N: 78}}},
		{"of a story of very many", 1_000_000, sample(64, all), []furniture.Count{{Print: 3, N: furniture.MaxStories}, {Print: 7, N: furniture.MaxStories}}},
		{"on eight sites", coreHolders, sample(coreSites, all), []furniture.Count{{Print: 3, N: 8}, {Print: 7, N: 8}}},
		{"on seven sites", coreHolders, sample(coreSites-1, all), nil},
		{"a print of every second member", coreHolders, sample(64, func(i int) []furniture.Print {
			return []furniture.Print{3, 7}[:1+i%2]
		}), []furniture.Count{{Print: 3, N: 8}, {Print: 7, N: 4}}},
		{"a print of the pages of one site", coreHolders, sample(32, func(i int) []furniture.Print {
			if i%32 == 0 {
				return []furniture.Print{3, 9}
			}
			return []furniture.Print{3}
		}), []furniture.Count{{Print: 3, N: 8}}},
		{"a print that three stories make furniture of", coreHolders, sample(64, func(i int) []furniture.Print {
			if i%4 == 0 {
				return []furniture.Print{3, 9}
			}
			return []furniture.Print{3}
		}), []furniture.Count{{Print: 3, N: 8}}},
	}
	for _, test := range tests {
		if got := coreOf(test.holders, test.sample); !slices.Equal(got, test.want) {
			t.Errorf("core %s: %v, want %v", test.name, got, test.want)
		}
	}
}

// editedStory are n copies of one story, half of them cut in half, with up to so large a part of the words changed, of which one in ten is edited so
// much that often nothing leads from it to the others; and other stories on the same sites. All have a block of so many words.
func editedStory(n, words int, rate float64) *told {
	c := &told{story: make(map[string]int), unsure: make(map[string]bool)}
	block := story(99, words)
	for i := range n {
		r := rand.New(rand.NewPCG(uint64(i), 17))
		rate := rate * r.Float64()
		if i%10 == 9 {
			rate = 0.45
		}
		a := article.Article{Site: fmt.Sprintf("site%d.example", i%300), Text: printed(r, story(1, 300), rate, 1-float64(i%2)/2) + "\n" + block}
		if i%10 == 9 {
			c.unsure[fmt.Sprint("a", len(c.articles))] = true
			c.add(a, -1)
			continue
		}
		c.add(a, 1)
		if i%4 == 0 {
			c.add(article.Article{Site: a.Site, Text: story(uint64(1000+i), 120) + "\n" + block}, -1)
		}
	}
	return c
}

// A story that thousands tell is no furniture, though dozens of its copies are taken for stories of their own; and what stands in many other stories is
// furniture, though all copies of that story have it.
func TestStoryThatThousandsTell(t *testing.T) {
	if testing.Short() {
		t.Skip("adds thousands of articles")
	}
	for _, test := range []struct {
		name  string
		opts  Options
		block int // more than an eighth of the words is not told from retelling by sketches
		rate  float64
	}{{"with texts", Options{}, 60, 0.18}, {"without texts", Options{NoText: true}, 15, 0.14}} {
		opts := test.opts
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			made := editedStory(2500, test.block, test.rate)
			x := newIndex(t, opts)
			for part := range slices.Chunk(made.articles, 100) {
				mustAdd(t, x, part...)
			}
			wantTold(t, "after Add", x, made)
			wantCores(t, x, 1)
			mustCheck(t, x, len(made.articles))
			before := dump(t, x)
			x = reopened(t, x, opts)
			wantSameDump(t, "opened again", dump(t, x), before)
			wantCores(t, x, 1)
			mustRecluster(t, x)
			wantTold(t, "after Recluster", x, made)
			wantCores(t, x, 1)
			mustCheck(t, x, len(made.articles))
			if _, err := x.Recut(t.Context(), Thresholds{Story: 0.3}); err != nil {
				t.Fatal(err)
			}
			wantCores(t, x, 1)
			mustCheck(t, x, len(made.articles))
		})
	}
}

// wantCores asks for so many stories with a core that is not empty.
func wantCores(t *testing.T, x *Index, want int) {
	t.Helper()
	n := 0
	for _, c := range x.cores.stories {
		if len(c.counts) > 0 {
			n++
		}
	}
	if n != want {
		t.Errorf("%d stories have a core, want %d", n, want)
	}
	for p, more := range x.cores.more {
		if more <= 0 || more > furniture.MaxStories-match.FurnitureStories {
			t.Errorf("print %d is furniture from %d stories more on", p, more)
		}
	}
}
