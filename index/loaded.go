package index

import (
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/zeebo/xxh3"
	"golang.org/x/sys/unix"

	"github.com/dedupe-news/dedupe/furniture"
)

// loaded is the source of an index that is being loaded: the load log, mapped into memory, with what is to be known of an article
// besides.
type loaded struct {
	x        *Index
	data     []byte
	at       []int64  // by number: where in data the article begins; 0: there is none, or it does not count
	holder   []number // by number: the holder with its words; 0: it is one itself
	ids      []number // articles by id
	holders  []number // by digest
	articles int
}

// openLoaded maps the log and finds out which articles count, and which are exact copies. Close it.
func (r *reclustering) openLoaded() (_ *loaded, err error) {
	log := r.x.log
	data, err := unix.Mmap(int(log.file.Fd()), 0, int(log.size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map the load log: %w", err)
	}
	l := &loaded{x: r.x, data: data, at: make([]int64, r.next), holder: make([]number, r.next)}
	r.from = l
	for _, step := range []func() error{l.locate, func() error { return l.dropOld(r) }, func() error { return l.sortByID(r) }, func() error { return l.findCopies(r) }} {
		if err := errors.Join(r.ctx.Err(), step()); err != nil {
			return l, err
		}
	}
	return l, nil
}

func (l *loaded) close() error { return unix.Munmap(l.data) }

// locate finds where each article is.
func (l *loaded) locate() error {
	n := l.x.log.head.State.Next
	d := decoder{b: l.data[len(loadMagic):]}
	d.bytes(d.count(1))
	d.bytes(sumBytes)
	for d.err == nil && len(d.b) > 0 {
		header := d.bytes(frameHeader)
		if d.err != nil {
			break
		}
		frame := decoder{b: d.bytes(int(binary.BigEndian.Uint64(header[8:])))}
		if d.err == nil && xxh3.Hash(frame.b) != binary.BigEndian.Uint64(header[16:]) {
			d.fail("a frame does not have its checksum")
			break
		}
		frame.bytes(frame.count(1))
		for frame.err == nil && len(frame.b) > 0 {
			if n >= number(len(l.at)) {
				return fmt.Errorf("load log: %w: it has more articles than it says", ErrCorrupt)
			}
			l.at[n] = int64(cap(l.data) - cap(frame.b))
			n++
			_, frame.b, frame.err = decodeLogged(frame.b, l.x.keepsText())
		}
		if frame.err != nil {
			return fmt.Errorf("load log: %w", frame.err)
		}
	}
	if d.err == nil && n != number(len(l.at)) {
		d.fail("it has fewer articles than it says")
	}
	if d.err != nil {
		return fmt.Errorf("load log: %w", d.err)
	}
	return nil
}

// logged returns article n as it is in the log.
func (l *loaded) logged(n number) (loggedArticle, error) {
	if int(n) >= len(l.at) || l.at[n] == 0 {
		return loggedArticle{}, fmt.Errorf("article number %d: %w: it is missing", n, ErrCorrupt)
	}
	a, _, err := decodeLogged(l.data[l.at[n]:], l.x.keepsText())
	return a, err
}

// each calls do with the articles that count, by number.
func (l *loaded) each(do func(n number, a *loggedArticle) error) error {
	for n := range number(len(l.at)) {
		if l.at[n] == 0 {
			continue
		}
		a, err := l.logged(n)
		if err == nil {
			err = do(n, &a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// head returns the head of the record of article n. It shares memory with the log.
func (l *loaded) head(n number) (recordHead, error) {
	a, err := l.logged(n)
	if err != nil {
		return recordHead{}, err
	}
	h, err := decodeHead(a.record)
	if err != nil {
		return recordHead{}, fmt.Errorf("article number %d: %w", n, err)
	}
	h.holder = l.holder[n]
	return h, nil
}

// eachAlike calls do with the articles, by number, in whose ids or digests the same 32 bits are.
func (l *loaded) eachAlike(r *reclustering, of func(h *recordHead) uint32, do func(list []uint64) error) (err error) {
	s, err := l.sortHeads(r, of)
	defer func() { err = errors.Join(err, s.close()) }()
	if err != nil {
		return err
	}
	for i := range s.chunks() {
		err := s.chunk(i, func(chunk []uint64) error {
			for list := range groups(chunk) {
				if err := do(list); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sortHeads sorts the articles by 32 bits of their ids or digests.
func (l *loaded) sortHeads(r *reclustering, of func(h *recordHead) uint32) (*sorter[uint64], error) {
	s := newSorter[uint64](r.dir, 32, r.x.budget.sorting/4, r.x.workers)
	err := r.scan(func(from, to number) error {
		w := s.writer()
		defer w.release()
		for n := from; n < to; n++ {
			if l.at[n] == 0 {
				continue
			}
			h, err := l.head(n)
			if err == nil {
				err = w.add(uint64(of(&h))<<32 | uint64(n))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	s.finish()
	return s, err
}

// dropOld leaves out the articles whose id came again: with the same words the first counts, else the last.
func (l *loaded) dropOld(r *reclustering) error {
	err := l.eachAlike(r, func(h *recordHead) uint32 { return uint32(xxh3.Hash(h.id())) }, l.dropSame)
	for _, at := range l.at {
		if at != 0 {
			l.articles++
		}
	}
	return err
}

// dropSame is dropOld for articles in whose ids the same 32 bits are.
func (l *loaded) dropSame(list []uint64) error {
	if len(list) == 1 {
		return nil
	}
	current := make(map[string]number)
	for _, v := range list {
		n := number(v)
		h, err := l.head(n)
		if err != nil {
			return err
		}
		before := current[string(h.id())]
		if before == 0 {
			current[string(h.id())] = n
			continue
		}
		had, err := l.head(before)
		if err != nil {
			return err
		}
		if bytes.Equal(had.digest, h.digest) {
			l.at[n] = 0
		} else {
			l.at[before] = 0
			current[string(h.id())] = n
		}
	}
	return nil
}

// findCopies finds the holders and their exact copies.
func (l *loaded) findCopies(r *reclustering) error {
	return l.eachAlike(r, func(h *recordHead) uint32 { return binary.BigEndian.Uint32(h.digest) }, l.copiesAmong)
}

// copiesAmong is findCopies for articles in whose digests the same 32 bits are.
func (l *loaded) copiesAmong(list []uint64) error {
	if len(list) == 1 {
		l.holders = append(l.holders, number(list[0]))
		return nil
	}
	type article struct {
		digest []byte
		n      number
	}
	articles := make([]article, len(list))
	for i, v := range list {
		h, err := l.head(number(v))
		if err != nil {
			return err
		}
		articles[i] = article{h.digest, number(v)}
	}
	slices.SortStableFunc(articles, func(a, b article) int { return bytes.Compare(a.digest, b.digest) })
	for i, a := range articles {
		if i > 0 && bytes.Equal(a.digest, articles[i-1].digest) {
			l.holder[a.n] = l.holders[len(l.holders)-1]
		} else {
			l.holders = append(l.holders, a.n)
		}
	}
	return nil
}

// idRun is a part of the articles by id.
type idRun struct {
	id   []byte // of the first of left
	left []number
}

// idRuns is a heap of runs by their first id.
type idRuns []idRun

func (h idRuns) Len() int           { return len(h) }
func (h idRuns) Less(i, j int) bool { return bytes.Compare(h[i].id, h[j].id) < 0 }
func (h idRuns) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *idRuns) Push(run any)      { *h = append(*h, run.(idRun)) }
func (h *idRuns) Pop() any          { *h = (*h)[:len(*h)-1]; return nil }

// sortByID sorts the articles by id: parts in parallel, which are then merged.
func (l *loaded) sortByID(r *reclustering) error {
	const each = 1 << 18
	parts := make([]idRun, len(l.at)/each+1)
	errs := make([]error, len(parts))
	r.x.parallel(len(parts), func(i int) {
		parts[i], errs[i] = l.idRun(number(i*each), number(min((i+1)*each, len(l.at))))
	})
	if err := firstError(errs); err != nil {
		return err
	}
	var runs idRuns
	for _, part := range parts {
		if len(part.left) > 0 {
			heap.Push(&runs, part)
		}
	}
	l.ids = make([]number, 0, l.articles)
	for len(runs) > 0 {
		if len(l.ids)%batchArticles == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		first := &runs[0]
		l.ids = append(l.ids, first.left[0])
		if first.left = first.left[1:]; len(first.left) == 0 {
			heap.Pop(&runs)
		} else {
			h, err := l.head(first.left[0])
			if err != nil {
				return err
			}
			first.id = h.id()
			heap.Fix(&runs, 0)
		}
	}
	return nil
}

func (l *loaded) idRun(from, to number) (idRun, error) {
	type article struct {
		id []byte
		n  number
	}
	var list []article
	for n := from; n < to; n++ {
		if l.at[n] == 0 {
			continue
		}
		h, err := l.head(n)
		if err != nil {
			return idRun{}, err
		}
		list = append(list, article{h.id(), n})
	}
	slices.SortFunc(list, func(a, b article) int { return bytes.Compare(a.id, b.id) })
	run := idRun{left: make([]number, len(list))}
	for i, a := range list {
		run.left[i] = a.n
	}
	if len(list) > 0 {
		run.id = list[0].id
	}
	return run, nil
}

func (l *loaded) byID() iter.Seq2[number, error] {
	return func(yield func(number, error) bool) {
		for _, n := range l.ids {
			if !yield(n, nil) {
				return
			}
		}
	}
}

func (l *loaded) heads(from, to number, do func(n number, h *recordHead) error) error {
	for n := from; n < to; n++ {
		if l.at[n] == 0 {
			continue
		}
		h, err := l.head(n)
		if err == nil {
			err = do(n, &h)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *loaded) text(n number) (string, error) {
	a, err := l.logged(n)
	if err != nil {
		return "", err
	}
	return l.x.decompress(n, a.text)
}

func (l *loaded) prints(n number) ([]furniture.Print, bool) {
	a, err := l.logged(n)
	if err != nil {
		return nil, false
	}
	return a.printList(), true
}

// exact is the number of exact copies.
func (l *loaded) exact() int { return l.articles - len(l.holders) }

// copies are holder and number of each exact copy, sorted.
func (l *loaded) copies() []uint64 {
	var list []uint64
	for n, holder := range l.holder {
		if holder != 0 {
			list = append(list, uint64(holder)<<32|uint64(n))
		}
	}
	slices.SortFunc(list, cmp.Compare[uint64])
	return list
}
