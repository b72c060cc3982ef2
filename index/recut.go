package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/dedupe-news/dedupe/cluster"
)

// Recut sets the thresholds of the edges that clusters are made of, and makes the clusters anew from the edges that are stored. No text is
// read and nothing is compared, so it takes seconds where [Index.Recluster] takes minutes. Whatever adds, removes or reclusters later keeps to
// the thresholds; the zero Thresholds take the clusters back to what the rules alone make of the edges.
//
// After Recluster the clusters are those that Recluster would make with these thresholds, but for stories in which an article has
// 512 edges and takes no more: an article of which no edge is stored for that reason stays with the first of its strict
// cluster, or else of its story, that has edges.
//
// Memory: about 2 KB an article (measured with 37,554). If it is cancelled or fails, the index is as before.
func (x *Index) Recut(ctx context.Context, t Thresholds) (Reclustered, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	report, err := x.recut(ctx, t)
	if err != nil {
		return Reclustered{}, fmt.Errorf("recut index %s: %w", x.dir, err)
	}
	return report, nil
}

func (x *Index) recut(ctx context.Context, t Thresholds) (Reclustered, error) {
	if err := errors.Join(x.usable(), t.validate(), ctx.Err()); err != nil {
		return Reclustered{}, err
	}
	if err := x.checkDisk(); err != nil {
		return Reclustered{}, err
	}
	if x.state.Sealed < x.state.Next || x.state.FirstLog < x.state.NextLog {
		if err := x.seal(); err != nil { // so that all postings stand in segments, which are replaced
			return Reclustered{}, err
		}
	}
	r := &recutting{x: x, ctx: ctx, c: x.begin(), thresholds: t}
	defer r.c.discard()
	for _, step := range []func() error{r.readArticles, r.readRelations, r.readEdges, r.assign} {
		if err := errors.Join(ctx.Err(), step()); err != nil {
			return Reclustered{}, err
		}
	}
	return r.report(), r.write()
}

// recutting is one run of Recut.
type recutting struct {
	x          *Index
	ctx        context.Context
	c          *changes // for reading
	thresholds Thresholds
	candidates map[number]cluster.Candidate // of all articles
	holders    []number                     // by rising number
	postings   []posting                    // of all holders, under all of their keys
	old, new   map[number]relation          // of holders; default ones are left out
	links      []cluster.Edge               // that count
	edges      int                          // all, from both ends
	connected  map[number]bool              // holders that have an edge, whether it counts or not
}

func (r *recutting) readArticles() error {
	r.candidates = make(map[number]cluster.Candidate, r.x.state.Articles)
	for key, value := range valuesWith(r.c.txn, []byte{prefixArticle}) {
		n := numberOf(key)
		b, err := value()
		if err != nil {
			return err
		}
		rec, err := decodeRecord(b)
		if err != nil {
			return fmt.Errorf("article number %d: %w", n, err)
		}
		r.candidates[n] = rec.candidate()
		if rec.Holder != 0 {
			continue
		}
		r.holders = append(r.holders, n)
		for _, key := range keysOf(rec.Sketch) {
			r.postings = append(r.postings, posting{key, n})
		}
	}
	return nil
}

func (r *recutting) readRelations() error {
	r.old = make(map[number]relation)
	for key, value := range valuesWith(r.c.txn, prefixGeneration(prefixRelation, r.x.state.Generation)) {
		b, err := value()
		if err != nil {
			return err
		}
		if r.old[numberOf(key)], err = decodeRelation(b); err != nil {
			return fmt.Errorf("relation of article number %d: %w", numberOf(key), err)
		}
	}
	return nil
}

func (r *recutting) readEdges() error {
	r.connected = make(map[number]bool)
	return r.eachHolder(func(n number, edges []edge) error {
		r.edges += len(edges)
		r.connected[n] = true
		for _, e := range edges {
			if link, counts := r.thresholds.link(n, e); counts && n < e.Other {
				r.links = append(r.links, link)
			}
		}
		return nil
	})
}

// eachHolder calls do with each holder that has edges, and these.
func (r *recutting) eachHolder(do func(n number, edges []edge) error) error {
	for key, value := range valuesWith(r.c.txn, prefixGeneration(prefixEdge, r.x.state.Generation)) {
		n := numberOf(key)
		b, err := value()
		if err != nil {
			return err
		}
		edges, err := decodeEdges(b)
		if err != nil {
			return fmt.Errorf("edges of article number %d: %w", n, err)
		}
		if err := do(n, edges); err != nil {
			return err
		}
	}
	return nil
}

// relation is that of a holder before.
func (r *recutting) relation(n number) relation {
	if rel, there := r.old[n]; there {
		return rel
	}
	return relation{Group: 1}
}

// first is the representative of a holder and its exact copies.
func (r *recutting) first(n number) number { return cmp.Or(r.old[n].GroupRep, n) }

// assign makes the new relations.
func (r *recutting) assign() error {
	var nodes []number
	var first []cluster.Candidate
	assigned := make(map[number]cluster.Assignment)
	for _, n := range r.holders {
		assigned[n] = cluster.Assignment{Node: n, Strict: n, Story: n}
		if r.connected[n] {
			nodes = append(nodes, n)
			first = append(first, r.candidates[r.first(n)])
		}
	}
	for _, a := range assignByAge(nodes, first, r.links) {
		assigned[a.Node] = a
	}
	r.follow(assigned)
	size := make(map[number]int)
	for n, a := range assigned {
		size[a.Story] += r.relation(n).Group
	}
	r.new = make(map[number]relation)
	for n, a := range assigned {
		rel := r.relation(n)
		rel.Story, rel.Strict = 0, 0
		if size[a.Story] > 1 {
			rel.Story, rel.Strict = a.Story, a.Strict
		}
		if !rel.isDefault() {
			r.new[n] = rel
		}
	}
	return nil
}

// follow takes the holders of which no edge is stored, although they are in a story with others, with those.
func (r *recutting) follow(assigned map[number]cluster.Assignment) {
	inStrict, inStory := make(map[number]number), make(map[number]number) // the first with edges
	for _, n := range r.holders {
		if rel := r.relation(n); rel.Story != 0 && r.connected[n] {
			inStrict[rel.Strict] = cmp.Or(inStrict[rel.Strict], n)
			inStory[rel.Story] = cmp.Or(inStory[rel.Story], n)
		}
	}
	for _, n := range r.holders {
		rel := r.relation(n)
		if rel.Story == 0 || r.connected[n] {
			continue
		}
		if anchor := inStrict[rel.Strict]; anchor != 0 {
			assigned[n] = cluster.Assignment{Node: n, Strict: assigned[anchor].Strict, Story: assigned[anchor].Story}
		} else if anchor := inStory[rel.Story]; anchor != 0 {
			assigned[n] = cluster.Assignment{Node: n, Strict: n, Story: assigned[anchor].Story}
		}
	}
}

func (r *recutting) report() Reclustered {
	report := Reclustered{Articles: r.x.state.Articles, Edges: r.edges / 2}
	before, after := make(map[number][]number), make(map[number][]number)
	copies := make(map[number]int)
	for _, n := range r.holders {
		was, is := r.relation(n), r.new[n]
		before[was.story(n)] = append(before[was.story(n)], n)
		after[is.story(n)] = append(after[is.story(n)], n)
		if is.Strict != 0 {
			copies[is.Strict] += is.Group
		}
	}
	for name, members := range after {
		size := 0
		for _, n := range members {
			size += r.relation(n).Group
		}
		if size > 1 {
			report.Stories++
		}
		if !slices.Equal(before[name], members) {
			report.Moved += size
		}
	}
	for _, n := range copies {
		if n > 1 {
			report.CopyClusters++
		}
	}
	return report
}

// write stores the clusters under a new generation, and the postings that hot keys have room for now that stories
// are other ones, and switches to them.
func (r *recutting) write() error {
	x := r.x
	old, next := x.state.Generation, x.state.Generation+1
	if err := x.deleteGeneration(next); err != nil {
		return err
	}
	f := x.newFiles()
	defer f.batch.Cancel()
	if err := r.writeClusters(f, next); err != nil {
		return err
	}
	err := r.eachHolder(func(n number, edges []edge) error { return f.batch.Set(keyEdges(next, n), appendEdges(nil, edges)) })
	if err != nil {
		return err
	}
	level := 0
	for n := int(sealArticles); n < len(r.holders); n *= mergeSegments {
		level++
	}
	f.replacesSegments(x.state.Segments)
	if err := f.segment(level, r.postingsKept()); err != nil {
		return err
	}
	c := x.begin()
	defer c.discard()
	f.state.Generation, f.state.Stale, f.state.Thresholds = next, &old, r.thresholds
	if err := f.commit(c); err != nil {
		return err
	}
	return x.deleteObsolete()
}

func (r *recutting) writeClusters(f *files, generation byte) error {
	clusters := make(map[number]clusterRecord)
	for _, n := range slices.Sorted(maps.Keys(r.new)) {
		rel := r.new[n]
		if err := f.batch.Set(keyRelation(generation, n), rel.append(nil)); err != nil {
			return err
		}
		if rel.Story == 0 {
			continue
		}
		if err := f.batch.Set(keyMember(generation, rel.Story, n), []byte{}); err != nil {
			return err
		}
		k := clusters[rel.Story]
		k.Size += rel.Group
		if first := r.first(n); k.Representative == 0 || r.candidates[first].Before(r.candidates[k.Representative]) {
			k.Representative = first
		}
		clusters[rel.Story] = k
	}
	for _, name := range slices.Sorted(maps.Keys(clusters)) {
		if err := f.batch.Set(keyCluster(generation, name), clusters[name].append(nil)); err != nil {
			return err
		}
	}
	return nil
}

// postingsKept are the postings by the rules that Add has for hot keys: the earliest articles of a story have them, as after Recluster.
func (r *recutting) postingsKept() []posting {
	byAge := slices.Clone(r.holders)
	slices.SortFunc(byAge, func(a, b number) int {
		x, y := r.candidates[r.first(a)], r.candidates[r.first(b)]
		return boolCompare(x.Before(y), y.Before(x))
	})
	age := make(map[number]number, len(byAge))
	for i, n := range byAge {
		age[n] = number(i)
	}
	for i := range r.postings {
		r.postings[i].Number = age[r.postings[i].Number]
	}
	slices.SortFunc(r.postings, comparePostings)
	kept := r.postings[:0]
	eachList(r.postings, func(_ uint64, list []posting) {
		under := make(map[number]int) // story → postings
		all := 0
		for _, p := range list {
			n := byAge[p.Number]
			rel := r.new[n]
			if story := rel.story(n); all < frozenPostings && under[story] < clusterPostings {
				under[story]++
				all++
				kept = append(kept, posting{p.Key, n})
			}
		}
	})
	slices.SortFunc(kept, comparePostings)
	return kept
}

// eachList calls do with the holders under each key.
func eachList(postings []posting, do func(key uint64, list []posting)) {
	for i := 0; i < len(postings); {
		j := i
		for j < len(postings) && postings[j].Key == postings[i].Key {
			j++
		}
		do(postings[i].Key, postings[i:j])
		i = j
	}
}
