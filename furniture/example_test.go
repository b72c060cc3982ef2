package furniture_test

import (
	"fmt"

	"github.com/dedupe-news/dedupe/furniture"
)

// A newsletter box stands in three stories, a sentence of the story in one; then one of the stories is removed.
func Example() {
	const box, sentence = 0x1234_5678_9ABC_DEF0, 0x0FED_CBA9_8765_4321 // shingle hashes
	var newest furniture.Tally
	for range 3 {
		newest.Add(furniture.PrintOf(box), 1)
	}
	newest.Add(furniture.PrintOf(sentence), 1)
	fmt.Println("the box stands in", newest.Get(furniture.PrintOf(box)), "stories, the sentence in", newest.Get(furniture.PrintOf(sentence)))

	stored := newest.Sorted() // by rising print
	page := furniture.AppendPage(nil, stored[0].Print, stored)
	older, err := furniture.DecodePage(nil, stored[0].Print, page)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("on disk: % x\n", page)

	newest.Reset()
	newest.Add(furniture.PrintOf(box), -1)
	newest.Add(furniture.PrintOf(sentence), -1)
	for _, c := range furniture.Sum(append(older, newest.Sorted()...)) {
		fmt.Println("left:", c.N, "of", c.Print == furniture.PrintOf(box))
	}
	// Output:
	// the box stands in 3 stories, the sentence in 1
	// on disk: 02 02 18 01 00 00 d2 59 d1 88
	// left: 2 of true
}

func ExampleSum() {
	fmt.Println(furniture.Sum([]furniture.Count{{Print: 7, N: 1}, {Print: 3, N: 2}, {Print: 7, N: 1}, {Print: 5, N: 1}, {Print: 5, N: -1}}))
	// Output: [{3 2} {7 2}]
}
