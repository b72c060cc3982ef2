package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dgraph-io/badger/v4"
)

// Recut sets the thresholds of the edges that clusters are made of, and makes the clusters anew from the edges that are stored. No text is
// read and nothing is compared, so it takes seconds where [Index.Recluster] takes minutes. Whatever adds, removes or reclusters later keeps to
// the thresholds; the zero Thresholds take the clusters back to what the rules alone make of the edges.
//
// After Recluster the clusters are those that Recluster would make with these thresholds, but for stories in which an article has
// 512 edges and takes no more: an article of which no edge is stored for that reason stays with the first of its strict
// cluster, or else of its story, that has edges.
//
// Memory: Options.MemoryBytes, some 150 bytes an article and 130 an edge; postings are sorted in files, as Recluster does it. If it is
// cancelled or fails, the index is as before.
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
	return x.withTemporary(ctx, func(r *reclustering) (Reclustered, error) {
		if x.state.Sealed < x.state.Next || x.state.FirstLog < x.state.NextLog {
			if err := x.seal(); err != nil { // so that all postings stand in segments, which are replaced
				return Reclustered{}, err
			}
		}
		return r.rewrite(func(txn *badger.Txn) error {
			r.files.state.Thresholds = t
			return r.recutStages(txn)
		})
	})
}

// recutStages are the stages of Recut, with the edges that are stored, and with all of the relations but the clusters.
func (r *reclustering) recutStages(txn *badger.Txn) error {
	if err := r.order(); err != nil {
		return err
	}
	if err := r.post(); err != nil {
		return err
	}
	if err := r.readEdges(txn); err != nil {
		return err
	}
	old, err := r.readRelations(txn)
	if err != nil {
		return err
	}
	r.cluster()
	r.follow(old)
	r.keepCores(old)
	return r.ctx.Err()
}

func (r *reclustering) readEdges(txn *badger.Txn) error {
	lists := make([][]edge, len(r.numbers)) // by place
	err := r.x.eachEdges(txn, func(n number, edges []edge) error {
		place, is := r.placeOf(n)
		for _, e := range edges {
			_, other := r.placeOf(e.Other)
			is = is && other
		}
		if !is {
			return fmt.Errorf("edges of article number %d: %w: an end is no holder", n, ErrCorrupt)
		}
		lists[place] = edges
		return nil
	})
	if err != nil {
		return err
	}
	for _, list := range lists {
		r.edges.begins = append(r.edges.begins, uint32(len(r.edges.edges)))
		r.edges.edges = append(r.edges.edges, list...)
	}
	all := len(r.edges.edges)
	r.edges.begins, r.edges.gone = append(r.edges.begins, uint32(all)), newBitset(all)
	return nil
}

// readRelations makes the relations those that are stored, but for the clusters: of these are only exact copies yet. It returns the whole ones.
func (r *reclustering) readRelations(txn *badger.Txn) (old []relation, err error) {
	old = slices.Repeat([]relation{{Group: 1}}, len(r.numbers))
	err = r.x.eachRelation(txn, func(n number, rel relation) error {
		if place, is := r.placeOf(n); is {
			old[place] = rel
		}
		return nil
	})
	r.relations = slices.Clone(old)
	for i, n := range r.numbers {
		rel := &r.relations[i]
		rel.Story, rel.Strict = 0, 0
		if rel.Group > 1 {
			rel.Story, rel.Strict = n, n
		}
	}
	return old, err
}

// follow takes the holders of which no edge is stored, although they were in a story with others, with those.
func (r *reclustering) follow(old []relation) {
	connected := func(place uint32) bool { return len(r.edges.of(place)) > 0 }
	inStrict, inStory := make(map[number]number), make(map[number]number) // the first with edges
	holders := slices.Sorted(slices.Values(r.numbers))
	for _, n := range holders {
		if was := old[r.place[n]]; was.Story != 0 && connected(r.place[n]) {
			inStrict[was.Strict] = cmp.Or(inStrict[was.Strict], n)
			inStory[was.Story] = cmp.Or(inStory[was.Story], n)
		}
	}
	for _, n := range holders {
		was := old[r.place[n]]
		anchor := cmp.Or(inStrict[was.Strict], inStory[was.Story])
		if was.Story == 0 || connected(r.place[n]) || anchor == 0 {
			continue
		}
		first, rel := &r.relations[r.place[anchor]], &r.relations[r.place[n]]
		first.Story, first.Strict = first.story(anchor), first.strict(anchor) // it may have been alone
		rel.Story, rel.Strict = first.Story, n
		if inStrict[was.Strict] != 0 {
			rel.Strict = first.Strict
		}
	}
}
