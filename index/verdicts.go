package index

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"sync"

	"github.com/dedupe-news/dedupe/cluster"
	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/minhash"
)

// pairChunk is how many pairs a goroutine compares one after the other: neighbours have a holder in common.
const pairChunk = 256

// eachPair compares the pairs that are wanted (nil: all) in parallel and calls do with each, concurrently. do may not keep it.
func (r *reclustering) eachPair(wanted func(i int) bool, do func(i int, p *pairing)) error {
	errs := make([]error, (r.pairs.n+pairChunk-1)/pairChunk)
	r.x.parallel(len(errs), func(k int) {
		errs[k] = r.comparePairs(k*pairChunk, min((k+1)*pairChunk, r.pairs.n), wanted, do)
	})
	return firstError(errs)
}

var tables = sync.Pool{New: func() any { return new(minhash.Table) }}

func (r *reclustering) comparePairs(from, to int, wanted func(i int) bool, do func(i int, p *pairing)) error {
	var later *subject
	var at uint32 // its place
	var made pairing
	table := tables.Get().(*minhash.Table) // of the sketch of the later one, which stands in many pairs, one after the other
	defer tables.Put(table)
	compared := 0
	for i := from; i < to; i++ {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if wanted != nil && !wanted(i) {
			continue
		}
		p := r.pairs.at(i).pair
		if later == nil || p.later() != at {
			at = p.later()
			cached, err := r.subject(at)
			if err != nil {
				return err
			}
			made := *cached
			if later = &made; made.reading == nil {
				table.Fill(made.Sketch)
				made.Table = table
			}
		}
		earlier, err := r.subject(p.earlier())
		if err != nil {
			return err
		}
		made = pairingOf(earlier, later)
		do(i, &made)
		compared++
	}
	r.x.work.compared.Add(int64(compared))
	done := r.done.Add(int64(to - from))
	if r.progress != nil {
		r.progress(int(done), r.total)
	}
	return nil
}

// findSeeds finds which holders tell one story by the strict rule, and those that are the first to tell theirs.
func (r *reclustering) findSeeds() error {
	r.total = 3 * r.pairs.n
	r.compared = newComparedCache(len(r.numbers), r.x.budget.sorting/2)
	err := r.eachPair(nil, func(i int, p *pairing) {
		switch same, hopeless := p.seed(); {
		case hopeless:
			r.pairs.at(i).state = pairHopeless
		case same:
			r.pairs.at(i).state = pairSame
		}
	})
	r.begin()
	if err != nil {
		return err
	}
	return r.findRetold()
}

// begin finds by the pairs that tell one story which holders are the first to tell theirs.
func (r *reclustering) begin() {
	r.begun = r.components(func(yield func(a, b uint32)) {
		for i := range r.pairs.n {
			p := r.pairs.at(i)
			if p.state&pairSame != 0 {
				yield(p.pair.earlier(), p.pair.later())
			}
		}
	})
}

// findRetold joins single holders to stories that many tell, see match.Pair.Retells.
func (r *reclustering) findRetold() error {
	size := make([]uint32, len(r.numbers))
	for _, story := range r.begun {
		size[story]++
	}
	err := r.eachPair(func(i int) bool {
		p := r.pairs.at(i).pair
		a, b := size[r.begun[p.earlier()]], size[r.begun[p.later()]]
		return min(a, b) == 1 && max(a, b) >= cluster.LargeGroup
	}, func(i int, p *pairing) {
		if p.retells() {
			r.pairs.at(i).state |= pairSame
		}
	})
	r.begin()
	return err
}

// components returns for each place the lowest that hangs together with it.
func (r *reclustering) components(links func(yield func(a, b uint32))) []uint32 {
	root := make([]uint32, len(r.numbers))
	for i := range root {
		root[i] = uint32(i)
	}
	find := func(i uint32) uint32 {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	links(func(a, b uint32) {
		a, b = find(a), find(b)
		root[max(a, b)] = min(a, b)
	})
	for i := range root {
		root[i] = find(uint32(i))
	}
	return root
}

// count counts the prints of the articles that begin a story, writes the counts as a run, and keeps what is furniture.
func (r *reclustering) count() (err error) {
	s := newSorter[uint32](r.dir, 0, r.x.budget.sorting/4, r.x.workers)
	defer func() { err = errors.Join(err, s.close()) }()
	err = r.scan(func(from, to number) error {
		w := s.writer()
		defer w.release()
		var room printRoom
		return r.holders(from, to, func(place uint32, h *recordHead) error {
			if r.begun[place] != place {
				return nil
			}
			list, err := r.printsOf(place, h, &room)
			for _, p := range list {
				if err := w.add(uint32(p)); err != nil {
					return err
				}
			}
			return err
		})
	})
	s.finish()
	if err != nil {
		return err
	}
	if err := r.findCores(); err != nil {
		return err
	}
	return r.files.writeRun(r.level(), s.len(), r.sums(s))
}

var errStopped = errors.New("stopped")

// sums yields the counts of sorted prints, and notes those that are furniture.
func (r *reclustering) sums(s *sorter[uint32]) iter.Seq2[furniture.Count, error] {
	return func(yield func(furniture.Count, error) bool) {
		err := inOrder(r.x.workers, s.chunks(), func(i int) (counts []furniture.Count, err error) {
			err = s.chunk(i, func(chunk []uint32) error {
				counts = furniture.CountSorted(chunk)
				return r.ctx.Err()
			})
			return counts, err
		}, func(counts []furniture.Count) error {
			for _, c := range counts {
				r.known.add(c, &r.begunCores)
				if !yield(c, nil) {
					return errStopped
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(furniture.Count{}, err)
		}
	}
}

// isFurniture says whether a shingle stands in so many stories.
func (r *reclustering) isFurniture(least int) func(shingle uint64) bool {
	return func(shingle uint64) bool { return r.known.has(furniture.PrintOf(shingle), least) }
}

// link is a pair of holders that tell one story, with what an edge needs.
type link struct {
	pair    pairOf
	weight  float64
	kind    match.Kind
	jaccard float32
	earlier float32 // the part of the earlier one that stands in the later one
	later   float32
}

// judge gives the verdicts, and returns the links by rising pair: of each holder the best maxEdges to earlier ones, as Add keeps them.
func (r *reclustering) judge() ([]link, error) {
	r.known.finish()
	r.total = r.total*2/3 + r.pairs.n
	chunks := make([][]link, (r.pairs.n+pairChunk-1)/pairChunk)
	err := r.eachPair(nil, func(i int, p *pairing) {
		if v := p.verdict(r.isFurniture); v.Story {
			chunks[i/pairChunk] = append(chunks[i/pairChunk], link{
				r.pairs.at(i).pair, v.Weight(), v.Kind, float32(v.Jaccard), float32(v.ContainmentA), float32(v.ContainmentB),
			})
		}
	})
	r.known = furnitureSet{}
	if err != nil {
		return nil, err
	}
	var links []link
	group := 0 // where the links of the last holder begin
	for _, chunk := range chunks {
		for _, l := range chunk {
			if group < len(links) && links[group].pair.later() != l.pair.later() {
				links = bestLinks(links, group)
				group = len(links)
			}
			links = append(links, l)
		}
	}
	r.pairs.cut(0)
	return bestLinks(links, group), nil
}

// bestLinks leaves of the links from group on, all of one holder, those that are kept.
func bestLinks(links []link, group int) []link {
	slices.SortFunc(links[group:], func(a, b link) int {
		return cmp.Or(cmp.Compare(b.kind, a.kind), cmp.Compare(b.weight, a.weight), cmp.Compare(a.pair, b.pair))
	})
	return links[:min(len(links), group+maxEdges)]
}
