package index

import (
	"errors"
	"iter"
)

// pairState is a pair of holders that share enough keys, and what is known of them.
type pairState struct {
	pair   pairOf
	shared uint32 // keys
	state  uint8
}

const (
	pairHopeless = 1 << iota // no story, whatever is furniture
	pairSame                 // one story, by the rule that furniture is counted by
)

// pairList is a list of pairs. It stands in blocks, so that it is not copied when it grows, and takes no more than it needs.
type pairList struct {
	blocks [][]pairState
	n      int
}

const pairBlock = 1 << 14

func (l *pairList) at(i int) *pairState { return &l.blocks[i/pairBlock][i%pairBlock] }

func (l *pairList) add(p pairState) {
	if l.n == len(l.blocks)*pairBlock {
		l.blocks = append(l.blocks, make([]pairState, pairBlock))
	}
	l.n++
	*l.at(l.n - 1) = p
}

// cut leaves the first n pairs.
func (l *pairList) cut(n int) {
	used := (n + pairBlock - 1) / pairBlock
	clear(l.blocks[used:])
	l.blocks, l.n = l.blocks[:used], n
}

// pairOf is a pair of places: the higher in the upper half, so that rising pairs have one holder after the
// other, each with earlier ones.
type pairOf uint64

func newPair(earlier, later uint32) pairOf { return pairOf(later)<<32 | pairOf(earlier) }

func (p pairOf) earlier() uint32 { return uint32(p) }
func (p pairOf) later() uint32   { return uint32(p >> 32) }

// groups yields the values of a sorted chunk that have the same upper half.
func groups(values []uint64) iter.Seq[[]uint64] {
	return func(yield func([]uint64) bool) {
		for i := 0; i < len(values); {
			j := i + 1
			for j < len(values) && values[j]>>32 == values[i]>>32 {
				j++
			}
			if !yield(values[i:j]) {
				return
			}
			i = j
		}
	}
}

// shortList is the length up to which all pairs under a key are candidates. In a
// longer one each holder is paired with the first and with the last before it, so
// many of each: the number of pairs stays linear.
const shortList = 16

// eachPairIn calls do with the pairs of one list of postings.
func eachPairIn(list []uint64, do func(pairOf) error) error {
	for i, later := range list {
		first, last := i, 0
		if i > shortList {
			first, last = shortList/2, i-shortList/2
		}
		for j := range i {
			if j < first || j >= last {
				if err := do(newPair(uint32(list[j]), uint32(later))); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// tuples collects the pairs of all lists of postings that are wanted, in those of the chunks (nil: all), one for each key that both have.
func (r *reclustering) tuples(chunks func(i int) bool, wanted func(i int, list []uint64) (bool, error)) (*sorter[uint64], error) {
	s := newSorter[uint64](r.dir, 0, r.x.budget.sorting/4, r.x.workers)
	err := r.eachChunk(chunks, func(i int, chunk []uint64) error {
		w := s.writer()
		defer w.release()
		for list := range groups(chunk) {
			if len(list) < 2 {
				continue
			}
			switch is, err := wanted(i, list); {
			case err != nil:
				return err
			case !is:
				continue
			}
			if err := eachPairIn(list, func(p pairOf) error { return w.add(uint64(p)) }); err != nil {
				return err
			}
		}
		return nil
	})
	s.finish()
	return s, err
}

// eachChunk calls do with the chunks of postings that are wanted (nil: all), in several goroutines.
func (r *reclustering) eachChunk(wanted func(i int) bool, do func(i int, chunk []uint64) error) error {
	errs := make([]error, r.postings.chunks())
	r.x.parallel(len(errs), func(i int) {
		if errs[i] = r.ctx.Err(); errs[i] == nil && (wanted == nil || wanted(i)) {
			errs[i] = r.postings.chunk(i, func(chunk []uint64) error { return do(i, chunk) })
		}
	})
	return firstError(errs)
}

// counted are the wanted pairs of a chunk of tuples, with the number of keys that they share.
func counted(chunk []uint64, wanted func(pairState) bool) []pairState {
	var pairs []pairState
	for i := 0; i < len(chunk); {
		j := i + 1
		for j < len(chunk) && chunk[j] == chunk[i] {
			j++
		}
		if p := (pairState{pair: pairOf(chunk[i]), shared: uint32(j - i)}); wanted(p) {
			pairs = append(pairs, p)
		}
		i = j
	}
	return pairs
}

// enough says whether a pair shares so many keys that it is a candidate.
func (r *reclustering) enough(p pairState) bool {
	return p.shared >= 2 || p.shared == 1 && (r.few.has(p.pair.earlier()) || r.few.has(p.pair.later()))
}

// pair finds the pairs that share enough keys, of those that are not frozen yet.
func (r *reclustering) pair() (err error) {
	r.frozen.begin(r.postings.chunks())
	s, err := r.tuples(nil, r.isTold)
	defer func() { err = errors.Join(err, s.close()) }()
	if err != nil {
		return err
	}
	return inOrder(r.x.workers, s.chunks(), func(i int) (pairs []pairState, err error) {
		err = s.chunk(i, func(chunk []uint64) error {
			pairs = counted(chunk, r.enough)
			return r.ctx.Err()
		})
		return pairs, err
	}, func(pairs []pairState) error {
		for _, p := range pairs {
			r.pairs.add(p)
		}
		return nil
	})
}
