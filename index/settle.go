package index

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/dedupe-news/dedupe/cluster"
	"github.com/dedupe-news/dedupe/match"
)

// maxComponent is the number of holders up to which a connected component is
// clustered anew whenever one of its edges changes.
const maxComponent = 512

// settle puts the holders in touched, whose edges changed, into clusters, with all
// that hangs together with them.
func (c *changes) settle(touched []number) error {
	seen := make(map[number]bool)
	for _, n := range touched {
		if seen[n] {
			continue
		}
		component, whole, err := c.component(n)
		if err != nil {
			return err
		}
		for _, m := range component {
			seen[m] = true
		}
		if whole {
			err = c.assign(component)
		} else {
			err = c.join(n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// component returns the holders that hang together with n, by rising number, and
// whether these are all: it stops above maxComponent.
func (c *changes) component(n number) ([]number, bool, error) {
	seen := map[number]bool{n: true}
	for queue := []number{n}; len(queue) > 0; queue = queue[1:] {
		edges, err := c.edgesOf(queue[0])
		if err != nil {
			return nil, false, err
		}
		for _, e := range edges {
			if !seen[e.Other] {
				seen[e.Other] = true
				queue = append(queue, e.Other)
			}
		}
		if len(seen) > maxComponent {
			return []number{n}, false, nil
		}
	}
	return slices.Sorted(maps.Keys(seen)), true, nil
}

// assign clusters a whole component anew.
func (c *changes) assign(component []number) error {
	var edges []cluster.Edge
	affected := make(map[number]bool) // stories that are or were there
	for _, n := range component {
		rel, err := c.relation(n)
		if err != nil {
			return err
		}
		affected[rel.story(n)] = true
		list, err := c.edgesOf(n)
		if err != nil {
			return err
		}
		for _, e := range list {
			if n < e.Other {
				edges = append(edges, clusterEdge(n, e))
			}
		}
	}
	first := make([]cluster.Candidate, len(component))
	for i, n := range component {
		rel, err := c.relation(n)
		if err != nil {
			return err
		}
		r, err := c.record(cmp.Or(rel.GroupRep, n))
		if err != nil {
			return err
		}
		if r == nil {
			return fmt.Errorf("article number %d: %w: it is missing", n, ErrCorrupt)
		}
		first[i] = r.candidate()
	}
	members := make(map[number][]number)
	for _, a := range assignByAge(component, first, edges) {
		rel, err := c.relation(a.Node)
		if err != nil {
			return err
		}
		members[a.Story] = append(members[a.Story], a.Node)
		if rel.story(a.Node) != a.Story || rel.strict(a.Node) != a.Strict || rel.Story == 0 {
			rel.Story, rel.Strict = a.Story, a.Strict
			c.touch(a.Node)
		}
		affected[a.Story] = true
	}
	for story := range affected {
		if err := c.putCluster(story, members[story]); err != nil {
			return err
		}
	}
	return nil
}

// assignByAge clusters holders (by rising number), of which first has the earliest article with
// their words. Clusters are named by their lowest number.
func assignByAge(holders []number, first []cluster.Candidate, edges []cluster.Edge) []cluster.Assignment {
	byAge := make([]int, len(holders))
	for i := range byAge {
		byAge[i] = i
	}
	slices.SortFunc(byAge, func(i, j int) int {
		return cmp.Or(boolCompare(first[i].Before(first[j]), first[j].Before(first[i])), cmp.Compare(i, j))
	})
	rank := make(map[number]uint32, len(holders))
	nodes := make([]uint32, len(holders))
	for i, place := range byAge {
		rank[holders[place]] = uint32(i)
		nodes[i] = uint32(i)
	}
	ranked := make([]cluster.Edge, len(edges))
	for i, e := range edges {
		ranked[i] = e
		ranked[i].A, ranked[i].B = rank[e.A], rank[e.B]
	}
	assigned := cluster.Assign(nodes, ranked)
	lowest := make(map[[2]uint32]number) // level and rank → number
	for i, a := range assigned {
		n := holders[byAge[a.Node]]
		for _, key := range [][2]uint32{{0, a.Strict}, {1, a.Story}} {
			if low, ok := lowest[key]; !ok || n < low {
				lowest[key] = n
			}
		}
		assigned[i].Node = n
	}
	for i, a := range assigned {
		assigned[i].Strict, assigned[i].Story = lowest[[2]uint32{0, a.Strict}], lowest[[2]uint32{1, a.Story}]
	}
	slices.SortFunc(assigned, func(a, b cluster.Assignment) int { return cmp.Compare(a.Node, b.Node) })
	return assigned
}

// clusterEdge is edge e of holder n as package cluster takes it.
func clusterEdge(n number, e edge) cluster.Edge {
	return cluster.Edge{A: n, B: e.Other, Weight: float64(e.Weight), Strict: e.Kind >= match.Excerpt}
}

// putCluster writes the record of the cluster story, whose holders are members;
// it goes if it has fewer than two articles.
func (c *changes) putCluster(story number, members []number) error {
	var k clusterRecord
	for _, n := range members {
		rel, err := c.relation(n)
		if err != nil {
			return err
		}
		k.Size += rel.Group
		first := cmp.Or(rel.GroupRep, n)
		if k.Representative == 0 {
			k.Representative = first
		} else if k.Representative, err = c.earlier(k.Representative, first); err != nil {
			return err
		}
	}
	key := keyCluster(c.x.state.Generation, story)
	if k.Size >= 2 {
		c.put(key, k.append(nil))
		return nil
	}
	c.delete(key)
	for _, n := range members { // alone
		rel, err := c.relation(n)
		if err != nil {
			return err
		}
		rel.Story, rel.Strict = 0, 0
		c.touch(n)
	}
	return nil
}

// join puts holder n, which hangs together with more holders than are clustered anew, into
// the cluster with which it has enough edges; if there are several, where its strongest edge leads.
func (c *changes) join(n number) error {
	rel, err := c.relation(n)
	if err != nil {
		return err
	}
	if rel.Story != 0 {
		return nil // it is in one; Recluster will look again
	}
	type target struct {
		story, strict number
		links         int
		weight        float32
		isCopy        bool
	}
	edges, err := c.edgesOf(n)
	if err != nil {
		return err
	}
	var stories []target
	for _, e := range edges {
		other, err := c.relation(e.Other)
		if err != nil {
			return err
		}
		story := other.story(e.Other)
		i := slices.IndexFunc(stories, func(t target) bool { return t.story == story })
		if i < 0 {
			i = len(stories)
			stories = append(stories, target{story: story})
		}
		t := &stories[i]
		t.links++
		if isCopy := e.Kind >= match.Excerpt; isCopy && !t.isCopy || isCopy == t.isCopy && e.Weight > t.weight {
			t.weight, t.isCopy, t.strict = e.Weight, isCopy, other.strict(e.Other)
		}
	}
	var best *target
	for i := range stories {
		k, err := c.clusterAt(stories[i].story)
		if err != nil {
			return err
		}
		if cluster.Enough(stories[i].links, 1, max(k.Size, 1)) && (best == nil || stories[i].weight > best.weight) {
			best = &stories[i]
		}
	}
	if best == nil {
		return nil
	}
	rel.Story, rel.Strict = best.story, n
	if best.isCopy {
		rel.Strict = best.strict
	}
	c.touch(n)
	k, err := c.clusterAt(best.story)
	if err != nil {
		return err
	}
	if k.Size == 0 {
		other, err := c.relation(best.story)
		if err != nil {
			return err
		}
		other.Story, other.Strict = best.story, best.story
		c.touch(best.story)
		return c.putCluster(best.story, []number{best.story, n})
	}
	k.Size += rel.Group
	if k.Representative, err = c.earlier(k.Representative, cmp.Or(rel.GroupRep, n)); err != nil {
		return err
	}
	c.put(keyCluster(c.x.state.Generation, best.story), k.append(nil))
	return nil
}
