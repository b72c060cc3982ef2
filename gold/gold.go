// Package gold scores a detector of copies against what readers say of pairs of articles.
//
// # The idea
//
// A reader says of two articles whether one is a copy of the other, and whether a user of deduplication would want both in one
// cluster: a [Reading]. A detector says which pairs it [Reported]. Three tasks are scored, for a detector that keeps two articles
// apart only if they are no copies is a good one for cleaning a crawl, and a bad one for following a story:
//
//	          right                                        wrong                                        neither
//	copies    copy with cluster yes                        cluster no, but hand copy                    the rest
//	stories   cluster yes; rewrite with cluster maybe      cluster no, but hand copy, rewrite, unsure   the rest
//	matches   copy, rewrite                                boilerplate, template                        the rest
//
// Some pairs are right in no task and wrong in none: the edge between a copy and a rewrite is soft, and a detector is neither
// praised nor blamed there.
//
// # The mathematics
//
// Of the pairs that are right (wanted), found were reported; wrong is how many were reported and should not be:
//
//	precision = found / (found + wrong)    recall = found / wanted    F1 = 2·found / (found + wrong + wanted)
//
// With 60 wanted pairs of which 54 are found, and 6 wrong ones, precision, recall and F1 are all 0.9.
//
// A list is complete if it has every pair of the set that overlaps at all: then a reported pair that it does not have is wrong in each
// task ([Gold.Score]). A list of some pairs says nothing of the others ([Gold.ScoreListed]), and its precision is that among the
// listed pairs, which depends on how they were chosen.
//
// The package does no I/O but for the reader that [Read] is given, and compares no texts.
package gold

import (
	"iter"
	"maps"
	"slices"
)

// Pair is two ids, the lower one first.
type Pair [2]string

// PairOf puts two ids in order.
func PairOf(a, b string) Pair { return Pair{min(a, b), max(a, b)} }

// ComparePairs orders pairs by the lower id, then by the other one.
func ComparePairs(a, b Pair) int { return slices.Compare(a[:], b[:]) }

// Reading is what a reader says of a pair. The zero Reading means that the pair is not listed.
type Reading struct {
	Hand    string // copy, rewrite, quotes, background, template, boilerplate or unsure
	Cluster string // yes, maybe or no: would one want the two in one cluster
}

// Gold is what readers say of the pairs of a set.
type Gold map[Pair]Reading

// OfGroups is the truth where those of one group, and no others, should be reported. group has the group of each id.
func OfGroups(group map[string]string) Gold {
	byGroup := make(map[string][]string)
	for id, g := range group {
		byGroup[g] = append(byGroup[g], id)
	}
	gold := make(Gold)
	for _, ids := range byGroup {
		for i, a := range ids {
			for _, b := range ids[i+1:] {
				gold[PairOf(a, b)] = Reading{"copy", "yes"}
			}
		}
	}
	return gold
}

// Reported are the pairs that a detector reports.
type Reported interface {
	Has(Pair) bool
	Len() int
	All() iter.Seq[Pair] // each once, in any order
}

// Pairs is a set of pairs.
type Pairs map[Pair]struct{}

// Add adds the pair of a and b, unless they are one.
func (p Pairs) Add(a, b string) {
	if a != b {
		p[PairOf(a, b)] = struct{}{}
	}
}

// AddAll adds each two of the ids.
func (p Pairs) AddAll(ids []string) {
	for i, a := range ids {
		for _, b := range ids[i+1:] {
			p.Add(a, b)
		}
	}
}

// Has reports whether a pair is in p.
func (p Pairs) Has(pair Pair) bool {
	_, has := p[pair]
	return has
}

// Len is the number of pairs.
func (p Pairs) Len() int { return len(p) }

// All yields the pairs in random order.
func (p Pairs) All() iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		for pair := range p {
			if !yield(pair) {
				return
			}
		}
	}
}

// Part has the pairs of which keep holds.
func (p Pairs) Part(keep func(Pair) bool) Pairs {
	part := maps.Clone(p)
	maps.DeleteFunc(part, func(pair Pair, _ struct{}) bool { return !keep(pair) })
	return part
}

// Clusters are pairs too: each two of a cluster. They are not written out, for a cluster of 10,000 articles has 50 million. The zero
// Clusters has none and is ready.
type Clusters struct {
	of      map[string]int // cluster of an id
	members [][]string
	pairs   int
}

// Add adds a cluster. No id is in two of them, or twice in one.
func (c *Clusters) Add(ids []string) {
	if c.of == nil {
		c.of = make(map[string]int)
	}
	for _, id := range ids {
		c.of[id] = len(c.members)
	}
	c.members = append(c.members, ids)
	c.pairs += len(ids) * (len(ids) - 1) / 2
}

// Has reports whether both of a pair are in one cluster.
func (c *Clusters) Has(pair Pair) bool {
	a, ofA := c.of[pair[0]]
	b, ofB := c.of[pair[1]]
	return ofA && ofB && a == b
}

// Len is the number of pairs.
func (c *Clusters) Len() int { return c.pairs }

// All yields the pairs, cluster by cluster.
func (c *Clusters) All() iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		for _, ids := range c.members {
			for i, a := range ids {
				for _, b := range ids[i+1:] {
					if !yield(PairOf(a, b)) {
						return
					}
				}
			}
		}
	}
}
