package main

import (
	"slices"
	"strings"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/spell"
)

// tally counts articles by status.
type tally map[index.Status]int

func (t *tally) count(s index.Status) {
	if *t == nil {
		*t = tally{}
	}
	(*t)[s]++
}

// handled is how many of the articles that were given are in the index now.
func (t tally) handled() int {
	n := 0
	for _, count := range t {
		n += count
	}
	return n
}

// addedStatuses are those of articles that were not in the index before.
var addedStatuses = []index.Status{index.New, "exact", "copy", "excerpt", "rewrite"}

// added is how many articles were added: all but those that were there before.
func (t tally) added() int {
	n := 0
	for _, s := range addedStatuses {
		n += t[s]
	}
	return n
}

// soFar says what was done before add had to stop: "5 articles were added, 1 updated".
func (t tally) soFar() string {
	text := "nothing was added"
	switch n := t.added(); n {
	case 0:
	case 1:
		text = "1 article was added"
	default:
		text = spell.Counted(n, "article") + " were added"
	}
	if n := t[index.Updated]; n > 0 {
		text += ", " + spell.Grouped(n) + " updated"
	}
	return text
}

// interrupted is soFar, and how the rest of the inputs can be added.
func (t tally) interrupted(inputs []string) string {
	text := "interrupted: " + t.soFar()
	if slices.Contains(inputs, "-") { // what was read from it is gone
		return text
	}
	return text + "; run the same command again to add the rest"
}

// summary says in one line what was done: "added 103 articles: 60 new, 4 exact; 2 skipped".
func (t tally) summary(skipped int) string {
	var kinds []string
	for _, s := range addedStatuses {
		if t[s] > 0 {
			kinds = append(kinds, spell.Grouped(t[s])+" "+string(s))
		}
	}
	parts := []string{"nothing was added"}
	if added := t.added(); added > 0 {
		parts = []string{"added " + spell.Counted(added, "article") + ": " + strings.Join(kinds, ", ")}
	}
	for _, s := range []index.Status{index.Updated, index.Unchanged} {
		if t[s] > 0 {
			parts = append(parts, spell.Grouped(t[s])+" "+string(s))
		}
	}
	if skipped > 0 {
		parts = append(parts, spell.Grouped(skipped)+" skipped")
	}
	return strings.Join(parts, "; ")
}
