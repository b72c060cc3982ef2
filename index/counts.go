package index

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/minhash"
	"github.com/dedupe-news/dedupe/shingle"
)

// prints are the distinct prints of the shingles of an article that are counted,
// in rising order.
func prints(shingles []uint64) []furniture.Print {
	counted := make([]uint64, 0, len(shingles)>>match.FurnitureScale*3/2+16)
	for _, h := range shingles {
		if match.Counted(h) {
			counted = append(counted, h<<match.FurnitureScale) // uniform, as NewSet wants them
		}
	}
	set := shingle.NewSet(counted)
	list := make([]furniture.Print, len(set))
	for i, h := range set {
		list[i] = furniture.PrintOf(h >> match.FurnitureScale)
	}
	return slices.Compact(list)
}

// appendPrints appends the prints of the hashes of a sketch, which rise as these do, to dst.
func appendPrints(dst []furniture.Print, s minhash.Sketch) []furniture.Print {
	for _, h := range s.Hashes {
		if !match.Counted(h) {
			break
		}
		if p := furniture.PrintOf(h); len(dst) == 0 || dst[len(dst)-1] != p {
			dst = append(dst, p)
		}
	}
	return dst
}

// countOf is the number of stories that a counted shingle stands in.
func (x *Index) countOf(txn *badger.Txn, shingle uint64) (int, error) {
	return x.countOfPrint(txn, furniture.PrintOf(shingle))
}

func (x *Index) countOfPrint(txn *badger.Txn, p furniture.Print) (int, error) {
	n, err := x.sealedCount(txn, p)
	return n + x.tailCounts.Get(p), err
}

// sealedCount is the count of p in the runs.
func (x *Index) sealedCount(txn *badger.Txn, p furniture.Print) (int, error) {
	if s, known := x.known.get(p); known && s.exact {
		return s.n, nil
	}
	n := 0
	for _, r := range x.state.Runs {
		if x.filters.of(r.ID).most(p) == 0 {
			continue
		}
		page, err := x.page(txn, r, r.page(p))
		if err != nil {
			return 0, err
		}
		n += page.Count(p)
	}
	x.known.put(p, sealedCount{n, true})
	return n, nil
}

// standsIn says whether a print stands in at least so many stories. Pages are looked up only where the filters leave that open.
func (x *Index) standsIn(txn *badger.Txn, p furniture.Print, least int) (bool, error) {
	inTail := x.tailCounts.Get(p)
	s, known := x.known.get(p)
	if !known {
		s = x.mostSealed(p)
		x.known.put(p, s)
	}
	if s.exact || inTail+s.n < least {
		return inTail+s.n >= least, nil
	}
	n, err := x.sealedCount(txn, p)
	return inTail+n >= least, err
}

// mostSealed is what the filters tell of the count of p in the runs.
func (x *Index) mostSealed(p furniture.Print) sealedCount {
	n := 0
	for _, r := range x.state.Runs {
		n += x.filters.of(r.ID).most(p)
	}
	return sealedCount{n, n == 0}
}

// sealedCount is the count of a print in the runs, or not exactly that, but the most it can be.
type sealedCount struct {
	n     int
	exact bool
}

// knownCounts are sealed counts that were looked up since the runs last changed: what is furniture in one article is so in the next ones of its
// site. A print has one place, where the last one that was looked up stays. It may be used concurrently, but for forget.
type knownCounts struct {
	places []atomic.Uint64 // print, whether its count is exact, and the count; 0: empty
}

const (
	knownPlaces = 1 << 18
	knownExact  = 1 << 31
	knownZero   = 1 << 30 // a count of zero, so that no place that is taken is 0
)

func newKnownCounts() knownCounts { return knownCounts{make([]atomic.Uint64, knownPlaces)} }

func (k *knownCounts) place(p furniture.Print) *atomic.Uint64 { return &k.places[p%knownPlaces] }

func (k *knownCounts) get(p furniture.Print) (s sealedCount, known bool) {
	v := k.place(p).Load()
	if v == 0 || furniture.Print(v>>32) != p {
		return sealedCount{}, false
	}
	return sealedCount{int(v&(knownExact-1)) - knownZero, v&knownExact != 0}, true
}

func (k *knownCounts) put(p furniture.Print, s sealedCount) {
	v := uint64(p)<<32 | uint64(s.n+knownZero)
	if s.exact {
		v |= knownExact
	}
	k.place(p).Store(v)
}

// forget empties k; nobody may use it meanwhile.
func (k *knownCounts) forget() { clear(k.places) }

// page returns a page of a run, an empty one if no print begins like that.
func (x *Index) page(txn *badger.Txn, r run, at int) (*furniture.Page, error) {
	id := pieceID{r.ID, uint32(at)}
	if page, ok := x.pages.get(id); ok {
		return page, nil
	}
	value, err := get(txn, keyPage(r.ID, at))
	if err != nil {
		return nil, err
	}
	page, err := furniture.NewPage(firstPrint(r, at), value)
	if err != nil {
		return nil, r.damaged(at, err)
	}
	x.work.pages.Add(1)
	x.pages.put(id, page, page.Bytes())
	return page, nil
}

// readPage appends the counts of a page to dst.
func (x *Index) readPage(txn *badger.Txn, dst []furniture.Count, r run, at int) ([]furniture.Count, error) {
	item, err := txn.Get(keyPage(r.ID, at))
	if errors.Is(err, badger.ErrKeyNotFound) { // no print begins like that
		return dst, nil
	}
	if err != nil {
		return nil, err
	}
	err = item.Value(func(value []byte) error {
		dst, err = furniture.DecodePage(dst, firstPrint(r, at), value)
		return err
	})
	if err != nil {
		return nil, r.damaged(at, err)
	}
	return dst, nil
}

func (r run) damaged(page int, err error) error {
	return fmt.Errorf("furniture run %d, page %d: %w: %w", r.ID, page, ErrCorrupt, err)
}

// page is the page of r in which p stands if it is there.
func (r run) page(p furniture.Print) int { return int(uint64(p) >> (32 - r.Bits)) }

// firstPrint is the lowest print that page of r can hold.
func firstPrint(r run, page int) furniture.Print {
	return furniture.Print(uint64(page) << (32 - r.Bits))
}
