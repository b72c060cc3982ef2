package index

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

// told is a generated crawl: which articles tell which story is known. An article that tells none is alone.
type told struct {
	articles []article.Article
	story    map[string]int  // of the articles that tell one, by id
	unsure   map[string]bool // articles that may be in a cluster or not
}

func (c *told) add(a article.Article, story int) {
	a.ID = fmt.Sprint("a", len(c.articles))
	c.articles = append(c.articles, a)
	if story >= 0 {
		c.story[a.ID] = story
	}
}

// printed is a text as an editor prints it: words replaced at rate, in paragraphs of forty, of which the first part is kept.
func printed(r *rand.Rand, text string, rate, part float64) string {
	words := strings.Fields(text)
	words = words[:int(part*float64(len(words)))]
	for i := range words {
		if r.Float64() < rate {
			words[i] = story(r.Uint64(), 1)
		}
	}
	var paragraphs []string
	for p := range slices.Chunk(words, 40) {
		paragraphs = append(paragraphs, strings.Join(p, " "))
	}
	return strings.Join(paragraphs, "\n")
}

// pageOf is a text in the furniture of a site: thirty words above and forty below.
func pageOf(site int, text string) article.Article {
	frame := strings.Fields(story(uint64(1<<40+site), 70))
	return article.Article{
		Site: fmt.Sprintf("site%d.example", site),
		Text: strings.Join(frame[:30], " ") + "\n" + text + "\n" + strings.Join(frame[30:], " "),
	}
}

// hotStory is one story on n sites, each with up to 15 % of the words changed, half of them cut at the end; every tenth site
// has another story as well, which three sites have.
func hotStory(n int) *told {
	c := &told{story: make(map[string]int)}
	for site := range n {
		r := rand.New(rand.NewPCG(uint64(site), 11))
		part := 1.0
		if site%2 == 1 {
			part = 0.5 + r.Float64()/2
		}
		c.add(pageOf(site, printed(r, story(1, 400), 0.15*r.Float64(), part)), 1)
		if site%10 == 0 {
			other := 2 + site/30
			c.add(pageOf(site, printed(r, story(uint64(other), 300), 0.05, 1)), other)
		}
	}
	return c
}

// oneBlock is a block of a hundred words on n pages of two hundred sites, which otherwise have nothing in common.
func oneBlock(n int) *told {
	c := &told{story: make(map[string]int)}
	block := story(1, 100)
	for i := range n {
		own := story(uint64(1000+i), 60+i*37%140)
		c.add(article.Article{Site: fmt.Sprintf("site%d.example", i*7%200), Text: own + "\n" + block}, -1)
	}
	return c
}

// oneTemplate is a weekly price report of twenty markets on one site.
func oneTemplate(n int) *told {
	c := &told{story: make(map[string]int)}
	goods := strings.Fields("barley beans butter carrots cheese eggs flour hay honey leeks milk oats onions pears potatoes wool")
	for i := range n {
		r := rand.New(rand.NewPCG(uint64(i), 13))
		market, trader := story(uint64(i%20), 1), story(uint64(i%300), 2)
		var b strings.Builder
		fmt.Fprintf(&b, "What the week cost at the market of %s, as our reporter wrote it down from the boards on Saturday morning.\n", market)
		r.Shuffle(len(goods), func(i, j int) { goods[i], goods[j] = goods[j], goods[i] })
		for _, name := range goods[:12] {
			fmt.Fprintf(&b, "A sack of %s cost %d crowns, %d more than a week before and %d less than a year ago.\n", name, 10+r.IntN(900), r.IntN(90), r.IntN(90))
		}
		fmt.Fprintf(&b, "%s, who has a stall beside the well of %s, sold %d baskets. ", trader, market, 10+r.IntN(500))
		b.WriteString("All prices are for goods of the first quality, carried to the cart, without the fee of the market. The next report comes on Saturday.")
		published := day.AddDate(0, 0, 7*(i/20))
		c.add(article.Article{Site: "prices.example", Title: "Prices at " + market, Text: b.String(), Published: published}, -1)
	}
	return c
}

// spent is what an article cost, on average: see work.
type spent map[string]float64

func (x *Index) spent() spent {
	w := &x.work
	return spent{
		"pairs compared": float64(w.compared.Load()), "posting blocks read": float64(w.blocks.Load()), "pages of counts read": float64(w.pages.Load()),
		"holders visited": float64(w.visited.Load()), "entries written": float64(w.written.Load()),
	}
}

// addInTenths adds the articles, and asks that one of the last tenth costs no more than half as much again as one of the dearer of the first two.
func addInTenths(t *testing.T, x *Index, articles []article.Article) {
	t.Helper()
	var tenths []spent
	before := x.spent()
	for part := range slices.Chunk(articles, (len(articles)+9)/10) {
		mustAdd(t, x, part...)
		after, cost := x.spent(), make(spent)
		for what := range after {
			cost[what] = (after[what] - before[what]) / float64(len(part))
		}
		cost["posting blocks read"] /= levels(x)
		tenths, before = append(tenths, cost), after
	}
	for what, last := range tenths[len(tenths)-1] {
		early := max(tenths[0][what], tenths[1][what], 1)
		if last > 1.5*early {
			t.Errorf("%s: %.2f an article in the last tenth, %.2f in an early one", what, last, early)
		}
	}
}

// wantTold asks that no cluster has two stories, that 95 % of the articles of each large story, and of all smaller ones, are in the largest
// cluster of their story, and that no other article is in a cluster.
func wantTold(t *testing.T, when string, x *Index, c *told) {
	t.Helper()
	size, largest := make(map[int]int), make(map[int]int)
	for _, story := range c.story {
		size[story]++
	}
	mixed, strangers := 0, 0
	for _, found := range clusters(t, x, match.Rewrite) {
		in := make(map[int]int)
		for _, m := range found.Members {
			if story, ok := c.story[m.ID]; ok {
				in[story]++
			} else if !c.unsure[m.ID] {
				strangers++
			}
		}
		if len(in) > 1 {
			mixed++
		}
		for story, n := range in {
			largest[story] = max(largest[story], n)
		}
	}
	if mixed > 0 || strangers > 0 {
		t.Errorf("%s: %d clusters have several stories, %d articles that tell none are clustered; want 0 and 0", when, mixed, strangers)
	}
	small, smallFound := 0, 0
	for story, n := range size {
		if n < 100 {
			small += n
			smallFound += largest[story]
		} else if float64(largest[story]) < 0.95*float64(n) {
			t.Errorf("%s: the largest cluster of a story has %d of %d articles, want 0.95", when, largest[story], n)
		}
	}
	if float64(smallFound) < 0.95*float64(small) {
		t.Errorf("%s: %d of %d articles of small stories are in the largest cluster of theirs, want 0.95", when, smallFound, small)
	}
}

// levels is how many levels of segments there are, about: posting blocks are read from each, so that they grow with the logarithm of the articles.
func levels(x *Index) float64 {
	return 1 + math.Log(max(1, float64(x.state.Articles)/float64(sealArticles)))/math.Log(mergeSegments)
}

func testScale(t *testing.T, opts Options, made *told) {
	t.Helper()
	if testing.Short() {
		t.Skip("adds thousands of articles")
	}
	x := newIndex(t, opts)
	addInTenths(t, x, made.articles)
	wantTold(t, "after Add", x, made)
	mustRecluster(t, x)
	wantTold(t, "after Recluster", x, made)
	mustCheck(t, x, len(made.articles))
}

// scale is the part of the full size (a story on 5,000 sites, a block on 20,000 pages, a form with 10,000 issues) that the tests make.
var scale = flag.Float64("scale", 0.2, "size of the generated crawls: 1 is full, and takes ten minutes")

func scaled(n int) int { return int(*scale * float64(fewer(n, 5))) }

func TestScaleOfOneStory(t *testing.T) { testScale(t, Options{}, hotStory(scaled(5000))) }

func TestScaleOfOneBlock(t *testing.T) { testScale(t, Options{}, oneBlock(scaled(20000))) }

func TestScaleOfOneTemplate(t *testing.T) { testScale(t, Options{}, oneTemplate(scaled(10000))) }

func TestScaleOfOneTemplateWithoutTexts(t *testing.T) {
	testScale(t, Options{NoText: true}, oneTemplate(scaled(10000)))
}
