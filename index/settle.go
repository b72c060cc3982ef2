package index

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/dedupe-news/dedupe/cluster"
)

// maxComponent is the number of holders up to which a connected component is
// clustered anew whenever one of its edges changes.
const maxComponent = 512

// settle puts the holders in touched, whose edges changed, into clusters, with all
// that hangs together with them, counts the stories that this concerns, and those in stories, anew, and posts
// the holders of those that fell apart.
func (c *changes) settle(touched []number, stories ...number) error {
	affected := make(map[number]bool)
	parts := make(parts)
	for _, story := range stories {
		affected[story] = true
	}
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
			err = c.assign(component, affected, parts)
		} else {
			err = c.join(n, nil, affected)
		}
		if err != nil {
			return err
		}
	}
	if err := c.recount(affected); err != nil {
		return err
	}
	return c.postApart(parts)
}

// parts tells where the holders of a story that was there before have gone, by its name.
type parts map[number][]moved

// moved is a holder and the story that it is in now.
type moved struct {
	holder, story number
}

// postApart posts the holders of the stories that fell apart under the keys that were filled for all of them together: of
// those that are there now, each has postings of its own.
func (c *changes) postApart(parts parts) error {
	for _, before := range slices.Sorted(maps.Keys(parts)) {
		holders := parts[before]
		if !slices.ContainsFunc(holders, func(m moved) bool { return m.story != holders[0].story }) {
			continue
		}
		for _, m := range holders {
			if err := c.postAnew(m.holder); err != nil {
				return err
			}
		}
	}
	return nil
}

// recount writes the records of stories anew.
func (c *changes) recount(stories map[number]bool) error {
	for _, story := range slices.Sorted(maps.Keys(stories)) {
		members, err := c.membersOf(story, 0)
		if err != nil {
			return err
		}
		if err := c.putCluster(story, members); err != nil {
			return err
		}
	}
	return nil
}

// component returns the holders that hang together with n by edges that count, by rising number, and
// whether these are all, so that they can be clustered anew: not above maxComponent, nor if one of them
// is in a story with so many holders, which need not all hang together.
func (c *changes) component(n number) ([]number, bool, error) {
	seen := map[number]bool{n: true}
	stories := make(map[number]bool)
	for queue := []number{n}; len(queue) > 0; queue = queue[1:] {
		rel, err := c.relation(queue[0])
		if err != nil {
			return nil, false, err
		}
		if !stories[rel.Story] && rel.Story != 0 {
			stories[rel.Story] = true
			if large, err := c.isLarge(rel.Story); large || err != nil {
				return []number{n}, false, err
			}
		}
		edges, err := c.edgesOf(queue[0])
		if err != nil {
			return nil, false, err
		}
		c.x.work.visited.Add(int64(len(edges)))
		for _, e := range edges {
			if counts, _ := c.x.state.Thresholds.counts(e); counts && !seen[e.Other] {
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

// isLarge says whether a story has more than maxComponent holders.
func (c *changes) isLarge(story number) (bool, error) {
	k, err := c.clusterAt(story)
	if err != nil || k.Size <= maxComponent {
		return false, err
	}
	if c.x.cores.stories[story].holders >= coreHolders { // putCluster forgets it when they are fewer
		return true, nil
	}
	members, err := c.membersOf(story, maxComponent+1)
	return len(members) > maxComponent, err
}

// assign clusters a whole component anew, and enters the stories that are or were there in affected, and
// who was in one in parts.
func (c *changes) assign(component []number, affected map[number]bool, parts parts) error {
	var edges []cluster.Edge
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
			if link, counts := c.x.state.Thresholds.link(n, e); counts && n < e.Other {
				edges = append(edges, link)
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
	for _, a := range assignByAge(component, first, edges) {
		rel, err := c.relation(a.Node)
		if err != nil {
			return err
		}
		if rel.Story != 0 {
			parts[rel.Story] = append(parts[rel.Story], moved{a.Node, a.Story})
		}
		if rel.story(a.Node) != a.Story || rel.strict(a.Node) != a.Strict || rel.Story == 0 {
			rel.Story, rel.Strict = a.Story, a.Strict
			c.touch(a.Node)
		}
		affected[a.Story] = true
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
	if len(members) < coreHolders {
		c.dropCore(story)
	}
	key := keyCluster(c.x.state.Generation, story)
	if k.Size >= 2 {
		c.put(key, k.append(nil))
		return nil
	}
	if old, err := c.clusterAt(story); old.Size != 0 || err != nil {
		if err != nil {
			return err
		}
		c.delete(key)
	}
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
// the cluster with which it has enough edges; if there are several, where its strongest edge leads. links
// are its edges, nil: those that are stored. Stories whose record is to be written go into affected.
func (c *changes) join(n number, links []edge, affected map[number]bool) error {
	rel, err := c.relation(n)
	if err != nil {
		return err
	}
	if rel.Story != 0 {
		return nil // it is in one; Recluster will look again
	}
	if links == nil {
		if links, err = c.edgesOf(n); err != nil {
			return err
		}
	}
	best, err := c.bestStory(links)
	if err != nil {
		return err
	}
	if best == nil {
		if rel.Group > 1 { // with its exact copies
			rel.Story, rel.Strict = n, n
			c.touch(n)
			affected[n] = true
		}
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
	if k.Size == 0 { // a holder alone
		other, err := c.relation(best.story)
		if err != nil {
			return err
		}
		other.Story, other.Strict = best.story, best.story
		c.touch(best.story)
		affected[best.story] = true
		return nil
	}
	k.Size += rel.Group
	if k.Representative, err = c.earlier(k.Representative, cmp.Or(rel.GroupRep, n)); err != nil {
		return err
	}
	c.put(keyCluster(c.x.state.Generation, best.story), k.append(nil))
	return nil
}

// target is a story that edges lead to.
type target struct {
	story, strict number // strict: where the strongest edge leads
	links         int
	weight        float32 // of the strongest edge
	isCopy        bool    // it is a copy
}

// bestStory is the story, of those with which links are enough to join it, where the strongest
// leads; nil: none.
func (c *changes) bestStory(links []edge) (*target, error) {
	var stories []target
	for _, e := range links {
		counts, isCopy := c.x.state.Thresholds.counts(e)
		if !counts {
			continue
		}
		other, err := c.relation(e.Other)
		if err != nil {
			return nil, err
		}
		story := other.story(e.Other)
		i := slices.IndexFunc(stories, func(t target) bool { return t.story == story })
		if i < 0 {
			i = len(stories)
			stories = append(stories, target{story: story})
		}
		t := &stories[i]
		t.links++
		if t.links == 1 || isCopy && !t.isCopy || isCopy == t.isCopy && e.Weight > t.weight {
			t.weight, t.isCopy, t.strict = e.Weight, isCopy, other.strict(e.Other)
		}
	}
	var best *target
	for i := range stories {
		holders, err := c.membersOf(stories[i].story, cluster.LargeGroup)
		if err != nil {
			return nil, err
		}
		if cluster.Enough(stories[i].links, 1, max(len(holders), 1)) && (best == nil || stories[i].weight > best.weight) {
			best = &stories[i]
		}
	}
	return best, nil
}
