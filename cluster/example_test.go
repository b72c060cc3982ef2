package cluster_test

import (
	"fmt"
	"time"

	"github.com/dedupe-news/dedupe/cluster"
)

// Articles 1 to 3 are copies of a story and 4 is a rewrite of it; 5 is a digest that quotes it.
func ExampleAssign() {
	edges := []cluster.Edge{
		{A: 1, B: 2, Weight: 0.95, Strict: true},
		{A: 1, B: 3, Weight: 0.9, Strict: true},
		{A: 2, B: 3, Weight: 0.8, Strict: true},
		{A: 1, B: 4, Weight: 0.5},
		{A: 2, B: 4, Weight: 0.45},
		{A: 3, B: 5, Weight: 0.4},
	}
	for _, a := range cluster.Assign([]uint32{1, 2, 3, 4, 5}, edges) {
		fmt.Printf("article %d: copies %d, story %d\n", a.Node, a.Strict, a.Story)
	}
	// Output:
	// article 1: copies 1, story 1
	// article 2: copies 1, story 1
	// article 3: copies 1, story 1
	// article 4: copies 4, story 1
	// article 5: copies 5, story 5
}

func ExampleEnough() {
	fmt.Println("one link to one of three:", cluster.Enough(1, 1, 3))
	fmt.Println("four links to a story of 5,000:", cluster.Enough(4, 1, 5000))
	// Output:
	// one link to one of three: false
	// four links to a story of 5,000: true
}

func ExampleRepresentative() {
	noon := time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)
	articles := []cluster.Candidate{
		{ID: "undated"},
		{ID: "later", Published: noon.Add(time.Hour)},
		{ID: "first", Published: noon},
	}
	fmt.Println(articles[cluster.Representative(articles)].ID)
	// Output: first
}
