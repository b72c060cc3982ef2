package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/gold"
	"github.com/dedupe-news/dedupe/match"
)

func TestInReach(t *testing.T) {
	const (
		ferry = "The last ferry of the season left the island on Sunday evening with forty passengers, two goats and the piano of the school."
		short = "The last ferry of the season left the island on Sunday evening with forty passengers."
		snow  = "Snow closed the pass for the third time this month, and the bakery in the valley sold its bread from a sledge."
	)
	read := make(map[string]*match.Reading)
	for id, text := range map[string]string{"ferry 1": ferry, "ferry 2": short, "snow 1": snow, "snow 2": ferry} {
		read[id] = readingOf(article.Article{Text: text})
	}
	truth := gold.OfGroups(map[string]string{"ferry 1": "ferry", "ferry 2": "ferry", "snow 1": "snow", "snow 2": "snow"})
	reported := make(gold.Pairs)
	reported.Add("ferry 1", "snow 2") // one text, two names
	reported.Add("ferry 2", "snow 1") // nothing in common
	got := slices.SortedFunc(maps.Keys(inReach(read, truth, reported)), gold.ComparePairs)
	want := []gold.Pair{gold.PairOf("ferry 1", "ferry 2"), gold.PairOf("ferry 1", "snow 2")}
	if !slices.Equal(got, want) {
		t.Errorf("inReach = %v, want %v: what overlaps of the truth, and what nobody tells apart", got, want)
	}
}
