package index

import (
	"cmp"
	"slices"

	"github.com/dedupe-news/dedupe/cluster"
)

// edgeLists are the edges of all holders, by place and then by the number of the other end.
type edgeLists struct {
	begins []uint32 // by place; one more than places
	edges  []edge
	gone   bitset // edges that are not kept
}

func (l *edgeLists) of(place uint32) []edge { return l.edges[l.begins[place]:l.begins[place+1]] }

// connect makes edges of links.
func (r *reclustering) connect(links []link) edgeLists {
	lists := edgeLists{begins: make([]uint32, len(r.numbers)+1), edges: make([]edge, 2*len(links)), gone: newBitset(2 * len(links))}
	for _, l := range links {
		lists.begins[l.pair.earlier()+1]++
		lists.begins[l.pair.later()+1]++
	}
	for i := range r.numbers {
		lists.begins[i+1] += lists.begins[i]
	}
	next := slices.Clone(lists.begins)
	put := func(place uint32, e edge) {
		lists.edges[next[place]] = e
		next[place]++
	}
	for _, l := range links {
		weight := float32(min(l.weight, 1))
		put(l.pair.earlier(), edge{r.numbers[l.pair.later()], l.kind, l.jaccard, l.earlier, l.later, weight})
		put(l.pair.later(), edge{r.numbers[l.pair.earlier()], l.kind, l.jaccard, l.later, l.earlier, weight})
	}
	for i := range r.numbers {
		slices.SortFunc(lists.of(uint32(i)), func(a, b edge) int { return cmp.Compare(a.Other, b.Other) })
	}
	return lists
}

// limit leaves out edges of holders that have more than are kept.
func (l *edgeLists) limit(r *reclustering) {
	kept := make([]uint16, len(r.numbers))
	for i := range r.numbers {
		a := uint32(i)
		for k, e := range l.of(a) {
			b := r.place[e.Other]
			if a > b {
				continue
			}
			if kept[a] < maxComponent && kept[b] < maxComponent {
				kept[a], kept[b] = kept[a]+1, kept[b]+1
				continue
			}
			back, _ := placeOf(l.of(b), r.numbers[a])
			l.gone.add(l.begins[a] + uint32(k))
			l.gone.add(l.begins[b] + uint32(back))
		}
	}
}

// appendKept appends the edges of a place that are kept to dst.
func (l *edgeLists) appendKept(dst []edge, place uint32) []edge {
	for k, e := range l.of(place) {
		if !l.gone.has(l.begins[place] + uint32(k)) {
			dst = append(dst, e)
		}
	}
	return dst
}

// relate makes the relations of the holders by what was found out about them, and clusters them.
func (r *reclustering) relate() {
	r.relations = make([]relation, len(r.numbers))
	for i, n := range r.numbers {
		rel := &r.relations[i]
		rel.Uncounted = r.begun[i] != uint32(i)
		rel.Group = int(r.group[i])
		if rel.Group > 1 {
			rel.Story, rel.Strict, rel.GroupRep = n, n, r.first[i]
		}
	}
	r.begun = nil
	r.cluster()
}

// cluster clusters the holders by their edges: each connected component for itself. Those that have none stay as they are.
func (r *reclustering) cluster() {
	root := r.components(func(yield func(a, b uint32)) {
		for i := range r.numbers {
			for _, e := range r.edges.of(uint32(i)) {
				yield(uint32(i), r.place[e.Other])
			}
		}
	})
	var members []uint64 // root and place, of those with edges
	for i, first := range root {
		if len(r.edges.of(uint32(i))) > 0 {
			members = append(members, uint64(first)<<32|uint64(i))
		}
	}
	sortWords(members, make([]uint64, len(members)))
	components := slices.Collect(groups(members))
	r.x.parallel(len(components), func(i int) { r.assign(components[i]) })
}

// assign clusters the holders of one component. Places are in the order of publication, as package cluster wants it. Clusters are named by their lowest number.
func (r *reclustering) assign(component []uint64) {
	nodes := make([]uint32, len(component))
	var edges []cluster.Edge
	for i, member := range component {
		a := uint32(member)
		nodes[i] = a
		for _, e := range r.edges.of(a) {
			story, strict := r.files.state.Thresholds.counts(e)
			if b := r.place[e.Other]; story && a < b {
				edges = append(edges, cluster.Edge{A: a, B: b, Weight: float64(e.Weight), Strict: strict})
			}
		}
	}
	type named struct {
		name number
		size int // articles
	}
	assigned := cluster.Assign(nodes, edges)
	stories, strict := make(map[uint32]named), make(map[uint32]named)
	enter := func(all map[uint32]named, group, place uint32) {
		n, g := r.numbers[place], all[group]
		if g.name == 0 || n < g.name {
			g.name = n
		}
		g.size += r.relations[place].Group
		all[group] = g
	}
	for _, a := range assigned {
		enter(stories, a.Story, a.Node)
		enter(strict, a.Strict, a.Node)
	}
	for _, a := range assigned {
		if story := stories[a.Story]; story.size > 1 {
			rel := &r.relations[a.Node]
			rel.Story, rel.Strict = story.name, strict[a.Strict].name
		}
	}
}
