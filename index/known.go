package index

import (
	"math"

	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
)

// furnitureSet are the prints that are furniture, each with the numbers of stories, from match.FurnitureStories to match.FurnitureStoriesAlike, for which it is. First they are added, in rising
// order; then, finished, they are asked for.
//
// Prints are uniform. So they stand in a table of half as many places more, each at the place where it would be if they were evenly spaced, or at the next free
// one: still in rising order. To look for one takes one read of memory mostly, where a binary search in tens of millions of them waits for the memory at each step.
type furnitureSet struct {
	prints []furniture.Print // finished: with room between them, in which the next one stands, too
	levels []uint8           // for how many of the numbers of stories that are asked for, the lowest first, it is furniture; 0: it only fills room
	places uint64
}

// add enters a print, higher than all before, with the number of stories that it stands in, if it is furniture.
func (s *furnitureSet) add(c furniture.Count, cores *cores) {
	if int(c.N) < match.FurnitureStories {
		return
	}
	level := uint8(0)
	for least := match.FurnitureStories; least <= match.FurnitureStoriesAlike && int(c.N) >= cores.furnitureFrom(c.Print, least); least++ {
		level++
	}
	if level > 0 {
		s.prints, s.levels = append(s.prints, c.Print), append(s.levels, level)
	}
}

// finish makes s ready to be asked.
func (s *furnitureSet) finish() {
	s.places = 3 * uint64(len(s.prints)) / 2
	prints, levels := make([]furniture.Print, 0, s.places+1), make([]uint8, 0, s.places+1)
	fill := func(n uint64, p furniture.Print) {
		for uint64(len(prints)) < n {
			prints, levels = append(prints, p), append(levels, 0)
		}
	}
	for i, p := range s.prints {
		fill(s.place(p), p)
		prints, levels = append(prints, p), append(levels, s.levels[i])
	}
	fill(max(s.places, uint64(len(prints)))+1, math.MaxUint32) // where each search ends
	s.prints, s.levels = prints, levels
}

// place is where a print stands, or before it.
func (s *furnitureSet) place(p furniture.Print) uint64 { return uint64(p) * s.places >> 32 }

// has says whether a print is furniture that stands in so many stories.
func (s *furnitureSet) has(p furniture.Print, least int) bool {
	i := s.place(p)
	for s.prints[i] < p {
		i++
	}
	return s.prints[i] == p && int(s.levels[i]) > least-match.FurnitureStories
}
