package index

import (
	"errors"
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

// The members that are looked at are spread over all, also where a crawler visited sites in turn.
func TestCorePlaces(t *testing.T) {
	t.Parallel()
	for _, n := range []int{coreHolders, 1024, 5000, 100_000} {
		places := corePlaces(n)
		if len(places) != coreSample || places[0] < 0 || places[coreSample-1] >= n || !slices.IsSorted(places) || len(slices.Compact(slices.Clone(places))) != coreSample {
			t.Fatalf("corePlaces(%d) = %v", n, places)
		}
		for period := 9; period < 200; period++ {
			sites := make(map[int]bool)
			for _, place := range places {
				sites[place%period] = true
			}
			if len(sites) < coreSites {
				t.Errorf("of %d members on %d sites in turn, those on %d are looked at", n, period, len(sites))
			}
		}
	}
}

// A core is found by the number of texts, also where most have exact copies, and stays with most members of the story whoever goes.
func TestCoreOfCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("adds a thousand articles")
	}
	t.Parallel()
	var articles []article.Article
	for i := range 640 {
		r := rand.New(rand.NewPCG(uint64(i), 19))
		text := printed(r, story(1, 200), 0.05, 1)
		for k := range 2 {
			articles = append(articles, article.Article{ID: fmt.Sprint(i, ".", k), Site: fmt.Sprintf("site%d.example", i%40), Text: text})
		}
	}
	x := newIndex(t, Options{NoText: true})
	mustAdd(t, x, articles...)
	wantCores(t, x, 1)
	mustRemove(t, x, "0.0", "0.1")
	mustRecut(t, x, Thresholds{})
	wantCores(t, x, 1)
	for i := 1; len(x.cores.stories) > 0 && i < 200; i++ {
		mustRemove(t, x, fmt.Sprint(i, ".0"), fmt.Sprint(i, ".1"))
	}
	wantCores(t, x, 0)
	mustCheck(t, x, mustStats(t, x).Articles)
}

// What is furniture in a story with a core, and what is not.
func TestFurnitureOfCores(t *testing.T) {
	t.Parallel()
	x := newIndex(t, Options{NoText: true})
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	const print, other = 7, 8
	x.cores.set(1, core{articles: 600, holders: 600, counts: []furniture.Count{{Print: print, N: 40}}})
	for n := range 60 {
		for _, test := range []struct {
			print furniture.Print
			least int
			want  bool
		}{
			{print, match.FurnitureStories, n >= 40}, {print, match.FurnitureStoriesAlike, n >= 40+match.FurnitureStoriesAlike-match.FurnitureStories},
			{other, match.FurnitureStories, n >= match.FurnitureStories},
		} {
			if is, err := x.standsIn(txn, test.print, test.least); is != test.want || err != nil {
				t.Errorf("print %d in %d stories: standsIn(%d) = %v, %v", test.print, n, test.least, is, err)
			}
		}
		x.tailCounts.Add(print, 1)
		x.tailCounts.Add(other, 1)
	}
}

// mustSeal makes a segment and a run of the tail.
func mustSeal(t *testing.T, x *Index) {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := errors.Join(x.land(), x.seal()); err != nil {
		t.Fatal(err)
	}
}

// What stands in more stories than are counted stays furniture when articles go.
func TestFurnitureOfVeryMany(t *testing.T) {
	x := newIndex(t, Options{NoText: true})
	block := story(99, 40)
	articles := singles(2*furniture.MaxStories, 200)
	for i := range articles {
		articles[i].Site = fmt.Sprintf("site%d.example", i%50)
		articles[i].Text += "\n" + block
	}
	mustAdd(t, x, articles...)
	mustSeal(t, x)
	txn := x.db.NewTransaction(false)
	var most []furniture.Print
	for _, c := range collected(t, x.allCounts(txn)) {
		if c.N == furniture.MaxStories {
			most = append(most, c.Print)
		}
	}
	txn.Discard()
	if len(most) == 0 {
		t.Fatal("nothing is counted so often")
	}
	for _, a := range articles[:60] {
		mustRemove(t, x, a.ID)
	}
	for _, sealed := range []bool{false, true} {
		if sealed {
			mustSeal(t, x)
		}
		x.known.forget() // as an index that was just opened
		txn := x.db.NewTransaction(false)
		for _, p := range most {
			if is, err := x.standsIn(txn, p, furniture.MaxStories); !is || err != nil {
				t.Errorf("sealed %v: print %d is not in very many stories any more, %v", sealed, p, err)
			}
		}
		txn.Discard()
	}
}

// editedStory are n copies of one story, of which one in four has so large a part of the words changed, and one in four is edited so much that often nothing leads
// from it to the others; and other stories on the same sites. All have a block of so many words.
func editedStory(n, words int, rate float64) *told {
	c := &told{story: make(map[string]int), unsure: make(map[string]bool)}
	block := story(99, words)
	for i := range n {
		r := rand.New(rand.NewPCG(uint64(i), 17))
		rate := []float64{0.02, rate, 0, 0.4}[i%4]
		a := article.Article{Site: fmt.Sprintf("site%d.example", i%300), Text: printed(r, story(1, 300), rate, 1) + "\n" + block}
		if i%4 == 3 {
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
	}{{"with texts", Options{}, 60, 0.2}, {"without texts", Options{NoText: true}, 15, 0.12}} {
		opts := test.opts
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			made := editedStory(2500, test.block, test.rate)
			x := newIndex(t, opts)
			for part := range slices.Chunk(made.articles, 100) {
				mustAdd(t, x, part...)
			}
			if !opts.NoText { // adding by sketches finds less, with cores and without
				wantTold(t, "after Add", x, made)
			}
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
