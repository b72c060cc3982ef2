package index

import (
	"cmp"
	"errors"
	"iter"
	"slices"

	"github.com/dgraph-io/badger/v4"
)

// rewrite goes through stages with what is in the database, and stores what they make of it.
func (r *reclustering) rewrite(stages func(txn *badger.Txn) error) (Reclustered, error) {
	txn := r.x.db.NewTransaction(false)
	defer txn.Discard()
	if last := lastArticle(txn); last < r.next {
		r.next = last + 1 // of what the state says, which may be damaged, only what is there takes memory
	}
	r.from, r.files = &stored{r.x, txn}, r.x.newFiles()
	defer r.files.batch.Cancel()
	if err := stages(txn); err != nil {
		return Reclustered{}, err
	}
	report, err := r.report()
	if err != nil {
		return Reclustered{}, err
	}
	return report, r.write()
}

// write stores everything under a new generation and new files, and switches to them.
func (r *reclustering) write() error {
	x := r.x
	next := x.state.Generation + 1
	if err := x.deleteGeneration(next); err != nil {
		return err
	}
	r.files.replacesSegments(x.state.Segments)
	if err := r.writeAll(next); err != nil {
		return err
	}
	c := x.begin()
	defer c.discard()
	old := x.state.Generation
	c.deleteLogs()
	r.putCores(c)
	x.state.Sealed, x.state.FirstLog = x.state.Next, x.state.NextLog
	r.files.state.Generation, r.files.state.Stale = next, &old
	if err := r.files.commit(c); err != nil {
		return err
	}
	x.tail.reset()
	x.tailCounts.Reset()
	return x.deleteObsolete()
}

// writeAll writes what the stages made, but for the run, which they wrote.
func (r *reclustering) writeAll(generation byte) error {
	if err := r.files.writeSegment(r.level(), r.postings.len(), r.postingsKept()); err != nil {
		return err
	}
	if err := r.writeRelations(generation); err != nil {
		return err
	}
	return errors.Join(r.writeClusters(generation), r.postings.close())
}

// writeRelations writes relations and edges, by number.
func (r *reclustering) writeRelations(generation byte) error {
	var kept []edge
	for n := number(1); n < r.next; n++ {
		place, is := r.placeOf(n)
		if !is {
			continue
		}
		if rel := &r.relations[place]; !rel.isDefault() {
			if err := r.files.batch.Set(keyRelation(generation, n), rel.append(nil)); err != nil {
				return err
			}
		}
		if kept = r.edges.appendKept(kept[:0], place); len(kept) == 0 {
			continue
		}
		if err := r.files.batch.Set(keyEdges(generation, n), appendEdges(nil, kept)); err != nil {
			return err
		}
	}
	return nil
}

// placeOf is the place of article n, if it is a holder.
func (r *reclustering) placeOf(n number) (place uint32, is bool) {
	if n >= r.next {
		return 0, false
	}
	place = r.place[n]
	return place, int(place) < len(r.numbers) && r.numbers[place] == n
}

// writeClusters writes the clusters and their members, by name.
func (r *reclustering) writeClusters(generation byte) error {
	var members []uint64 // story and number
	for i, rel := range r.relations {
		if rel.Story != 0 {
			members = append(members, uint64(rel.Story)<<32|uint64(r.numbers[i]))
		}
	}
	sortWords(members, make([]uint64, len(members)))
	for list := range groups(members) {
		story := number(list[0] >> 32)
		var k clusterRecord
		earliest := uint32(len(r.numbers))
		for _, member := range list {
			n := number(member)
			k.Size += r.relations[r.place[n]].Group
			earliest = min(earliest, r.place[n])
			if err := r.files.batch.Set(keyMember(generation, story, n), []byte{}); err != nil {
				return err
			}
		}
		k.Representative = r.first[earliest]
		if err := r.files.batch.Set(keyCluster(generation, story), k.append(nil)); err != nil {
			return err
		}
	}
	return nil
}

// postingsKept yields the postings by the rules that Add has for hot keys, with article numbers.
func (r *reclustering) postingsKept() iter.Seq2[posting, error] {
	return func(yield func(posting, error) bool) {
		stories := make([]number, len(r.numbers)) // by place
		for i, n := range r.numbers {
			stories[i] = r.relations[i].story(n)
		}
		err := inOrder(r.x.workers, r.postings.chunks(), func(i int) (kept []posting, err error) {
			err = r.postings.chunk(i, func(chunk []uint64) error {
				kept = make([]posting, 0, len(chunk))
				holders := make([]number, len(chunk)) // all at once: the processor waits for many of them at the same time
				for i, p := range chunk {
					holders[i] = r.numbers[uint32(p)]
				}
				for list := range groups(chunk) {
					kept = keepOf(kept, list, holders, stories)
					holders = holders[len(list):]
				}
				return r.ctx.Err()
			})
			return kept, err
		}, func(kept []posting) error {
			for _, p := range kept {
				if !yield(p, nil) {
					return errStopped
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(posting{}, err)
		}
	}
}

// keepOf appends the postings of one key that are kept, by number. holders are the numbers of those in list, stories those of all holders, by place.
func keepOf(kept []posting, list []uint64, holders, stories []number) []posting {
	from := len(kept)
	if len(list) <= clusterPostings {
		for i, p := range list {
			kept = append(kept, posting{p >> 32, holders[i]})
		}
	} else {
		kept = keepFew(kept, list, holders, stories)
	}
	slices.SortFunc(kept[from:], func(a, b posting) int { return cmp.Compare(a.Number, b.Number) })
	return kept
}

// keepFew is keepOf where there may be more than are kept: frozenPostings, and clusterPostings of a story.
func keepFew(kept []posting, list []uint64, holders, stories []number) []posting {
	var of, told [frozenPostings]number // the stories of some of the list, and of those that are kept
	n := 0
	for at := 0; at < len(list) && n < len(told); at += len(of) {
		block := list[at:min(at+len(of), len(list))]
		for i, p := range block { // all at once, as postingsKept has holders
			of[i] = stories[uint32(p)]
		}
		for i, p := range block {
			if n < len(told) && countOfStory(told[:n], of[i]) < clusterPostings {
				told[n] = of[i]
				n++
				kept = append(kept, posting{p >> 32, holders[at+i]})
			}
		}
	}
	return kept
}

func countOfStory(stories []number, story number) int {
	n := 0
	for _, s := range stories {
		if s == story {
			n++
		}
	}
	return n
}

// report counts what there is, and what changes against what stood before.
func (r *reclustering) report() (Reclustered, error) {
	report := r.reportNew()
	old, err := r.oldStories()
	if err != nil {
		return report, err
	}
	moved := newBitset(int(r.next)) // clusters, old and new, of which a holder is in one of them only
	for i, n := range r.numbers {
		if was, is := old[i], r.relations[i].story(n); was != is {
			moved.add(was)
			moved.add(is)
		}
	}
	for i, n := range r.numbers {
		if moved.has(r.relations[i].story(n)) {
			report.Moved += int(r.group[i])
		}
	}
	oldEdges, stay, err := r.oldEdges()
	// each edge was seen from both ends
	report.EdgesNew, report.EdgesGone = report.Edges-stay/2, (oldEdges-stay)/2
	return report, err
}

// reportNew counts what there is.
func (r *reclustering) reportNew() Reclustered {
	report := Reclustered{Articles: r.x.state.Articles}
	stories, strict, copies := newBitset(int(r.next)), newBitset(int(r.next)), newBitset(int(r.next))
	var kept []edge
	for i := range r.relations {
		kept = r.edges.appendKept(kept[:0], uint32(i))
		report.Edges += len(kept)
		rel := &r.relations[i]
		if rel.Story == 0 {
			continue
		}
		if !stories.has(rel.Story) {
			stories.add(rel.Story)
			report.Stories++
		}
		if (rel.Group > 1 || strict.has(rel.Strict)) && !copies.has(rel.Strict) {
			copies.add(rel.Strict)
			report.CopyClusters++
		}
		strict.add(rel.Strict)
	}
	report.Edges /= 2
	report.EdgesNew = report.Edges
	return report
}

// oldStories are the stories that holders were in, by place.
func (r *reclustering) oldStories() ([]number, error) {
	old := slices.Clone(r.numbers)
	from, is := r.from.(*stored)
	if !is {
		return old, nil
	}
	err := r.x.eachRelation(from.txn, func(n number, rel relation) error {
		if place, is := r.placeOf(n); is && rel.Story < r.next {
			old[place] = rel.story(n)
		}
		return nil
	})
	return old, err
}

// oldEdges counts the ends of edges that there were, and of these those that stay.
func (r *reclustering) oldEdges() (all, stay int, err error) {
	from, is := r.from.(*stored)
	if !is {
		return 0, 0, nil
	}
	err = r.x.eachEdges(from.txn, func(n number, edges []edge) error {
		all += len(edges)
		place, is := r.placeOf(n)
		if !is {
			return nil
		}
		for _, e := range edges {
			if k, there := placeOf(r.edges.of(place), e.Other); there && !r.edges.gone.has(r.edges.begins[place]+uint32(k)) {
				stay++
			}
		}
		return nil
	})
	return all, stay, err
}
