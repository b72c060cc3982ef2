package index

import (
	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
)

// furnitureSet are the prints that are furniture, each with the numbers of stories, from match.FurnitureStories to match.FurnitureStoriesAlike, for which it is. First they are
// added; then, finished, they are asked for.
//
// It is a hash table of twice as many places as there are prints, with linear probing (Knuth, The Art of Computer Programming 3, 6.4): of ten million made-up articles 30 million
// are furniture, and a question takes a read or two of memory mostly, where a binary search waits for it at each step. Prints themselves are not even, as hashes are: where sketches are kept, which have low
// hashes only of long texts, three in four of these were in the lower half. It takes 10 bytes a print, and 15 while it is made.
type furnitureSet struct {
	prints []furniture.Print // finished: by place; 0: it is free
	levels []uint8           // for how many of the numbers of stories, the lowest first, the print is furniture
	zero   uint8             // … the print 0
}

// add enters a print with the number of stories that it stands in, if it is furniture. Each is added once.
func (s *furnitureSet) add(c furniture.Count, cores *cores) {
	if int(c.N) < match.FurnitureStories {
		return
	}
	level := uint8(0)
	for least := match.FurnitureStories; least <= match.FurnitureStoriesAlike && int(c.N) >= cores.furnitureFrom(c.Print, least); least++ {
		level++
	}
	switch {
	case level == 0:
	case c.Print == 0:
		s.zero = level
	default:
		s.prints, s.levels = append(s.prints, c.Print), append(s.levels, level)
	}
}

// finish makes s ready to be asked.
func (s *furnitureSet) finish() {
	added := *s
	places := 2*len(added.prints) + 1
	s.prints, s.levels = make([]furniture.Print, places), make([]uint8, places)
	for i, p := range added.prints {
		place := s.place(p)
		s.prints[place], s.levels[place] = p, added.levels[i]
	}
}

// place is where a print stands, or else would stand.
func (s *furnitureSet) place(p furniture.Print) int {
	const golden = 0x9e3779b1 // 2³² divided by the golden ratio
	place := int(uint64(p*golden) * uint64(len(s.prints)) >> 32)
	for s.prints[place] != 0 && s.prints[place] != p {
		if place++; place == len(s.prints) {
			place = 0
		}
	}
	return place
}

// has says whether a print is furniture that stands in so many stories.
func (s *furnitureSet) has(p furniture.Print, least int) bool {
	if p == 0 {
		return int(s.zero) > least-match.FurnitureStories
	}
	place := s.place(p)
	return s.prints[place] == p && int(s.levels[place]) > least-match.FurnitureStories
}
