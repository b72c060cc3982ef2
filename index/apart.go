package index

import (
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/shingle"
)

// Most candidates have nothing in common but the furniture of their site. That is told by their shingle sets alone, and for that the upper
// halves of the shingles will do: sets have no less in common when they are cut, so that what is hopeless by the cut sets is hopeless. A cut set
// takes a twentieth of the memory of a text that is ready to be compared.

// cutSet is the shingle set of a text, cut to upper halves.
type cutSet struct {
	halves []uint32 // rising
	size   int      // of the whole set
}

func cut(set shingle.Set) cutSet {
	c := cutSet{halves: make([]uint32, len(set)), size: len(set)}
	for i, h := range set {
		c.halves[i] = uint32(h >> 32)
	}
	return c
}

// hopeless is true only if match.Pair.Hopeless is.
func (a cutSet) hopeless(b cutSet) bool {
	return match.Hopeless(a.size, b.size, shingle.Common(a.halves, b.halves))
}

// knownSet is the cut set of holder n, if it is in memory.
func (x *Index) knownSet(n number) (cutSet, bool) { return x.sets.get(numberID(n)) }

func (x *Index) keepSet(n number, c cutSet) {
	x.sets.put(numberID(n), c, 4*len(c.halves)+32)
}

// set is the cut set of p.
func (p *prepared) set() cutSet {
	if p.cut.halves == nil {
		p.cut = cut(p.subject.reading.Set())
	}
	return p.cut
}

// isApart says that p has so little in common with holder n that there is no match, as far as that is known without the text of n. Many may
// call it at the same time.
func (c *changes) isApart(p *prepared, n number) bool {
	if p.subject.reading == nil {
		return false
	}
	set, known := c.x.knownSet(n)
	return known && p.set().hopeless(set)
}

// isSingle says that holder n is in no story and has no edges: from what is apart from it nothing follows.
func (c *changes) isSingle(n number) (bool, error) {
	rel, err := c.relation(n)
	if err != nil || rel.Story != 0 {
		return false, err
	}
	edges, err := c.edgesOf(n)
	return len(edges) == 0, err
}
