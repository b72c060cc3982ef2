package main

import (
	"strings"

	"github.com/dedupe-news/dedupe/index"
)

// tally counts articles by status.
type tally map[index.Status]int

func (t *tally) count(s index.Status) {
	if *t == nil {
		*t = tally{}
	}
	(*t)[s]++
}

// inIndex is how many of the articles that were given are in the index now.
func (t tally) inIndex() int {
	n := 0
	for _, count := range t {
		n += count
	}
	return n
}

// summary says in one line what was done: "added 103 articles: 60 new, 4 exact; 2 skipped".
func (t tally) summary(skipped int) string {
	var kinds []string
	added := 0
	for _, s := range []index.Status{index.New, "exact", "copy", "excerpt", "rewrite"} {
		if t[s] > 0 {
			kinds = append(kinds, grouped(t[s])+" "+string(s))
			added += t[s]
		}
	}
	parts := []string{"added nothing"}
	if added > 0 {
		parts = []string{"added " + counted(added, "article") + ": " + strings.Join(kinds, ", ")}
	}
	for _, s := range []index.Status{index.Updated, index.Unchanged} {
		if t[s] > 0 {
			parts = append(parts, grouped(t[s])+" "+string(s))
		}
	}
	if skipped > 0 {
		parts = append(parts, grouped(skipped)+" skipped")
	}
	return strings.Join(parts, "; ")
}
