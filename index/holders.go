package index

import (
	"fmt"
)

// order finds the holders and puts them into the order of their representatives.
func (r *reclustering) order() error {
	holder, published, err := r.from.dates(r)
	if err != nil {
		return err
	}
	all, err := r.named(holder)
	if err != nil {
		return err
	}
	all = sortedBy(all, func(n number) uint64 { return published[n] })
	r.place = make([]uint32, r.next)
	seen := newBitset(int(r.next))
	for _, n := range all {
		h := holder[n]
		if !seen.has(h) {
			seen.add(h)
			r.place[h] = uint32(len(r.numbers))
			r.numbers, r.first, r.group = append(r.numbers, h), append(r.first, n), append(r.group, 0)
		}
		r.group[r.place[h]]++
	}
	return nil
}

// named returns all articles by id, and ErrCorrupt if no id leads to one, or its holder is none.
func (r *reclustering) named(holder []number) ([]number, error) {
	all := make([]number, 0, min(r.x.state.Articles, len(holder)))
	seen := newBitset(len(holder))
	for n, err := range r.from.byID() {
		if err != nil {
			return nil, err
		}
		if n < r.next && holder[n] != 0 {
			all = append(all, n)
			seen.add(n)
		}
	}
	for i, h := range holder {
		switch n := number(i); {
		case h == 0:
		case !seen.has(n):
			return nil, fmt.Errorf("article number %d: %w: no id leads to it", n, ErrCorrupt)
		case h >= r.next || holder[h] != h:
			return nil, fmt.Errorf("article number %d: %w: its holder, number %d, is none", n, ErrCorrupt, h)
		}
	}
	return all, nil
}

// post collects the keys of all holders.
func (r *reclustering) post() error {
	r.beginPosting()
	err := r.scan(func(from, to number) error {
		p := poster{r: r, w: r.postings.writer()}
		defer p.w.release()
		return r.holders(from, to, p.post)
	})
	r.postings.finish()
	return err
}

func (r *reclustering) beginPosting() {
	r.few = newBitset(len(r.numbers))
	r.postings = newSorter[uint64](r.dir, 32, r.x.budget.sorting/4, r.x.workers)
}

// poster collects the keys of some holders.
type poster struct {
	r    *reclustering
	w    *sortWriter[uint64]
	room []uint64
}

// post collects the keys of the holder at a place.
func (p *poster) post(place uint32, h *recordHead) error {
	s, err := h.sketch(p.room)
	if err != nil {
		return err
	}
	p.room = s.Hashes
	keys := keysOf(s)
	if len(keys) < fewKeys {
		p.r.fewMu.Lock()
		p.r.few.add(place)
		p.r.fewMu.Unlock()
	}
	for _, key := range keys {
		if err := p.w.add(key<<32 | uint64(place)); err != nil {
			return err
		}
	}
	return nil
}
