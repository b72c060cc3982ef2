package index

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dedupe-news/dedupe/match"
)

// maxEdges is the number of edges that an article brings with it, the best ones: enough
// to join any cluster, and a copy of a story with thousands of copies costs no more than another.
const maxEdges = 16

// edgesOf returns the edges of a holder, at most maxComponent, by rising number of the
// other end. The caller must not change the slice.
func (c *changes) edgesOf(n number) ([]edge, error) {
	list, err := c.readEdges(n)
	if err == nil {
		c.edges[n] = list
	}
	return list, err
}

// readEdges is edgesOf without keeping what was read, so that many may call it at the same time.
func (c *changes) readEdges(n number) ([]edge, error) {
	for with := c; with != nil; with = with.parent {
		if list, ok := with.edges[n]; ok {
			return list, nil
		}
	}
	value, err := get(c.txn, keyEdges(c.x.state.Generation, n))
	if value == nil || err != nil {
		return nil, err
	}
	list, err := decodeEdges(value)
	if err != nil {
		return nil, fmt.Errorf("edges of article number %d: %w", n, err)
	}
	return list, nil
}

// setEdges makes list the edges of a holder.
func (c *changes) setEdges(n number, list []edge) {
	c.edges[n] = list
	if !c.linked[n] {
		c.linked[n] = true
		c.bytes += min(2*edgeBytes*(len(list)+1), valueThreshold)
	}
}

func placeOf(list []edge, other number) (int, bool) {
	return slices.BinarySearchFunc(list, other, func(e edge, n number) int { return cmp.Compare(e.Other, n) })
}

// putEdge enters one end of an edge.
func (c *changes) putEdge(n number, e edge) error {
	list, err := c.edgesOf(n)
	if err != nil {
		return err
	}
	list = slices.Clone(list)
	if i, there := placeOf(list, e.Other); there {
		list[i] = e
	} else {
		list = slices.Insert(list, i, e)
	}
	c.setEdges(n, list)
	return nil
}

// connect enters an edge between two holders; v is about a and b.
func (c *changes) connect(a, b number, v *match.Verdict) error {
	swapped := v.Swap()
	if err := c.putEdge(a, edgeTo(b, v)); err != nil {
		return err
	}
	return c.putEdge(b, edgeTo(a, &swapped))
}

// disconnect takes the edge between two holders away.
func (c *changes) disconnect(a, b number) error {
	for _, side := range [][2]number{{a, b}, {b, a}} {
		list, err := c.edgesOf(side[0])
		if err != nil {
			return err
		}
		if i, there := placeOf(list, side[1]); there {
			c.setEdges(side[0], slices.Delete(slices.Clone(list), i, i+1))
		}
	}
	return nil
}

// edgeTo is the edge to holder other that the verdict v, on this one (A) and other (B), makes.
func edgeTo(other number, v *match.Verdict) edge {
	return edge{
		Other: other, Kind: v.Kind, Jaccard: float32(v.Jaccard), Weight: float32(min(v.Weight(), 1)),
		Containment: float32(v.ContainmentA), Contains: float32(v.ContainmentB),
	}
}

// neighbours are the other ends of the edges of a holder.
func (c *changes) neighbours(n number) ([]number, error) {
	edges, err := c.edgesOf(n)
	if err != nil {
		return nil, err
	}
	list := make([]number, len(edges))
	for i, e := range edges {
		list[i] = e.Other
	}
	return list, nil
}

// holdersOf returns the holders of the story that holder n is in, by rising number.
func (c *changes) holdersOf(n number) ([]number, error) {
	rel, err := c.relation(n)
	if err != nil {
		return nil, err
	}
	if rel.Story == 0 {
		return []number{n}, nil
	}
	return c.membersOf(rel.Story, 0)
}

// membersOf returns the holders of a story, by rising number, up to limit (0: all); none if it is a holder alone.
func (c *changes) membersOf(story number, limit int) ([]number, error) {
	members := make(map[number]bool)
	for key := range keysWith(c.txn, prefixMembers(c.x.state.Generation, story)) {
		c.x.work.visited.Add(1)
		m := numberOf(key)
		if rel := c.known(m); rel == nil || rel.Story == story {
			members[m] = true
			if len(members) == limit {
				break
			}
		}
	}
	for with := c; with != nil; with = with.parent {
		for m := range with.dirty {
			if c.known(m).Story == story {
				members[m] = true
			}
		}
	}
	list := slices.Sorted(maps.Keys(members))
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	return list, nil
}

// exactCopies returns the exact copies of a holder, by rising number, up to limit (0: all).
func (c *changes) exactCopies(holder number, limit int) []number {
	prefix := prefixExactOf(holder)
	changed := make(map[string]bool) // whether they are there
	for with := c; with != nil; with = with.parent {
		for key, value := range with.writes {
			if _, later := changed[key]; !later && strings.HasPrefix(key, string(prefix)) {
				changed[key] = value != nil
			}
		}
	}
	var copies []number
	for key := range keysWith(c.txn, prefix) {
		if _, is := changed[string(key)]; is {
			continue
		}
		if copies = append(copies, numberOf(key)); len(copies) == limit {
			break
		}
	}
	for key, there := range changed {
		if there {
			copies = append(copies, numberOf([]byte(key)))
		}
	}
	slices.Sort(copies)
	if limit > 0 && len(copies) > limit {
		copies = copies[:limit]
	}
	return copies
}
