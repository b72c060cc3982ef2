package index_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

// Three articles about a ferry (a wire story, a copy that was cut, and one rewritten), and another one.
var articles = []article.Article{
	{ID: "wire", Title: "Ferries collide", Site: "northlight.example", Text: `Two car ferries collided in thick fog at the mouth of
Callen Sound early on Monday, injuring 37 people and leaving one of the vessels aground on a sandbank with 412 passengers
on board, the coastguard said. Four lifeboats, a naval tug and more than a dozen fishing boats took off the passengers in
a rescue that lasted nearly five hours.`},
	{ID: "cut", Title: "Fog collision", Site: "beacon.example", Text: `Two car ferries collided in thick fog at the mouth of
Callen Sound early on Monday, injuring 37 people and leaving one of the vessels aground on a sandbank with 412 passengers
on board.`},
	{ID: "capitals", Title: "FERRIES", Site: "gazette.example", Text: `TWO CAR FERRIES COLLIDED IN THICK FOG AT THE MOUTH OF
CALLEN SOUND EARLY ON MONDAY, INJURING 37 PEOPLE AND LEAVING ONE OF THE VESSELS AGROUND ON A SANDBANK WITH 412 PASSENGERS
ON BOARD, THE COASTGUARD SAID. FOUR LIFEBOATS, A NAVAL TUG AND MORE THAN A DOZEN FISHING BOATS TOOK OFF THE PASSENGERS IN
A RESCUE THAT LASTED NEARLY FIVE HOURS.`},
	{ID: "chess", Title: "A draw", Site: "beacon.example", Text: `The fourth game of the match ended in a draw after 61 moves and
almost six hours of play, in which neither side came near a win.`},
}

// filled is a new index, in a directory that done removes, with the four articles.
func filled() (x *index.Index, done func()) {
	dir, err := os.MkdirTemp("", "dedupe")
	if err != nil {
		log.Fatal(err)
	}
	if x, err = index.Open(dir, index.Options{Create: true}); err != nil {
		log.Fatal(err)
	}
	if _, err = x.Add(context.Background(), articles); err != nil {
		log.Fatal(err)
	}
	return x, func() {
		if err := x.Close(); err != nil {
			log.Fatal(err)
		}
		os.RemoveAll(dir)
	}
}

func Example() {
	dir, err := os.MkdirTemp("", "dedupe")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	x, err := index.Open(dir, index.Options{Create: true})
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()

	added, err := x.Add(context.Background(), articles)
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range added {
		if a.Err != nil { // this one was skipped
			fmt.Println(a.ID, a.Err)
			continue
		}
		fmt.Println(a.ID, a.Status, a.Cluster)
	}
	// Output:
	// wire new c1
	// cut excerpt c1
	// capitals exact c1
	// chess new c4
}

func ExampleIndex_Query() {
	x, done := filled()
	defer done()

	ours := article.Article{ID: "ours", Text: `Two car ferries collided in thick fog at the mouth of Callen Sound early
this week, injuring 37 people and leaving one of the vessels aground on a sandbank with 412 passengers on board.`}
	matches, err := x.Query(context.Background(), ours, index.QueryOptions{MinKind: match.Excerpt})
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range matches {
		fmt.Printf("%s %s of %s: %.0f %% of %s\n", m.Kind, m.ID, m.Cluster, 100*m.Containment, m.Contained)
	}
	// Output:
	// copy cut of c1: 80 % of ours
	// excerpt capitals of c1: 80 % of ours
	// excerpt wire of c1: 80 % of ours
}

func ExampleIndex_Clusters() {
	x, done := filled()
	defer done()

	for c, err := range x.Clusters(context.Background(), index.ClusterOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.ID, "has", len(c.Members), "articles")
		for _, m := range c.Members {
			fmt.Printf("%s %s, Jaccard %.2f\n", m.Kind, m.ID, m.Jaccard)
		}
	}
	// Output:
	// c1 has 3 articles
	// exact capitals, Jaccard 1.00
	// exact wire, Jaccard 1.00
	// excerpt cut, Jaccard 0.53
}

func ExampleIndex_StoryOf() {
	x, done := filled()
	defer done()

	story, err := x.StoryOf(context.Background(), "cut")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(story.ID, "has", story.Articles, "articles,", story.Representative.ID, "stands for it")
	// Output: c1 has 3 articles, capitals stands for it
}

func ExampleIndex_Remove() {
	x, done := filled()
	defer done()

	if err := x.Remove(context.Background(), "wire"); err != nil {
		log.Fatal(err)
	}
	c, err := x.ClusterOf(context.Background(), "cut")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Representative, len(c.Members))
	// Output:
	// capitals 2
}

func ExampleCompare() {
	c, err := index.Compare(articles[0], articles[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %.0f %% of B stand in A\n", c.Kind, 100*c.ContainmentB)
	for _, p := range c.Passages {
		fmt.Printf("%d words from byte %d of A and %d of B\n", p.Words, p.A.Start, p.B.Start)
	}
	fmt.Println(c.Why)
	// Output:
	// excerpt: 100 % of B stand in A
	// 34 words from byte 0 of A and 0 of B
	// 100 % of the smaller article's 34 own words stand in shared passages, and the lead; of the larger article 56 %: one is an excerpt of the other
}
