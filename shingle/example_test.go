package shingle_test

import (
	"fmt"

	"github.com/dedupe-news/dedupe/shingle"
)

func Example() {
	set := func(text string) shingle.Set {
		return shingle.NewSet(shingle.Scan(text).Shingles(nil))
	}
	wire := set("The council approved the plan on Tuesday, ending a long dispute.")
	trimmed := set("The council approved the plan on Tuesday.")
	fmt.Printf("Jaccard %.2f\n", shingle.Jaccard(trimmed, wire))
	fmt.Printf("contained %.2f\n", shingle.Containment(trimmed, wire))
	// Output:
	// Jaccard 0.43
	// contained 1.00
}

func ExampleWords_Scan() {
	const text = "L’ÉTÉ 2024, 東京。"
	var w shingle.Words
	w.Scan(text)
	for i := range w.Len() {
		fmt.Printf("%q weighs %d\n", text[w.Starts[i]:w.Ends[i]], w.Weights[i])
	}
	// Output:
	// "L’ÉTÉ" weighs 9
	// "2024" weighs 9
	// "東" weighs 5
	// "京" weighs 5
}

func ExampleWords_Shingles() {
	const text = "To be, or not to be: that is the question."
	w := shingle.Scan(text)
	for i := range w.Shingles(nil) {
		fmt.Println(text[w.Starts[i]:w.Ends[w.ShingleEnd(i)-1]])
	}
	// Output:
	// To be, or not to
	// be, or not to be
	// or not to be: that
	// not to be: that is
	// to be: that is the
	// be: that is the question
}

func ExampleWords_Digest() {
	a := shingle.Scan("Don’t copy that co\u00adpy!")
	b := shingle.Scan("DON'T COPY THAT COPY")
	fmt.Println(a.Digest() == b.Digest())
	// Output: true
}

func ExampleNewSet() {
	fmt.Println(shingle.NewSet([]uint64{5, 2, 5, 1}))
	// Output: [1 2 5]
}

func ExampleCommon() {
	fmt.Println(shingle.Common(shingle.Set{1, 2, 3}, shingle.Set{2, 3, 4, 5}))
	// Output: 2
}

func ExampleJaccard() {
	fmt.Println(shingle.Jaccard(shingle.Set{1, 2, 3}, shingle.Set{2, 3, 4, 5}))
	// Output: 0.4
}

func ExampleContainment() {
	fmt.Println(shingle.Containment(shingle.Set{1, 2}, shingle.Set{1, 2, 3, 4}))
	fmt.Println(shingle.Containment(shingle.Set{1, 2, 3, 4}, shingle.Set{1, 2}))
	// Output:
	// 1
	// 0.5
}
