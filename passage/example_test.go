package passage_test

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/dedupe-news/dedupe/passage"
)

const (
	wire  = "The ferry struck a sandbank in thick fog on Monday and nobody was hurt the coastguard said"
	local = "Nobody was hurt the coastguard said after the ferry struck a sandbank near our town"
)

// sequence takes words as they come; package shingle does it properly.
func sequence(text string) (s passage.Sequence) {
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		h := fnv.New64a()
		h.Write([]byte(word))
		s.Hashes = append(s.Hashes, h.Sum64())
		s.Weights = append(s.Weights, 9)
	}
	return s
}

func ExampleFind() {
	words := strings.Fields(wire)
	for _, p := range passage.Find(sequence(wire), sequence(local)) {
		fmt.Printf("%d words, at %d and %d: %s\n", p.Words, p.A, p.B, strings.Join(words[p.A:p.A+p.Words], " "))
	}
	// Output:
	// 5 words, at 0 and 7: The ferry struck a sandbank
	// 6 words, at 11 and 0: nobody was hurt the coastguard said
}

func ExampleRuns_Cover() {
	a, b := passage.NewRuns(sequence(wire)), passage.NewRuns(sequence(local))
	for i, covered := range a.Cover(b) {
		if !covered {
			fmt.Println(strings.Fields(wire)[i])
		}
	}
	// Output:
	// in
	// thick
	// fog
	// on
	// Monday
	// and
}

func ExampleLongest() {
	passages := []passage.Passage{{A: 0, B: 7, Words: 5}, {A: 11, B: 0, Words: 6}}
	passage.Longest(passages)
	fmt.Println(passages)
	// Output: [{11 0 6} {0 7 5}]
}
