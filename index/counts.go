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

// printRoom is memory for the prints of one article after the other. It is for one goroutine.
type printRoom struct {
	hashes []uint64
	set    shingle.SetRoom
	prints []furniture.Print
}

// of are the distinct prints of the shingles of an article that are counted, in rising order. They are good until the next call.
func (r *printRoom) of(shingles []uint64) []furniture.Print {
	r.hashes = r.hashes[:0]
	for _, h := range shingles {
		if match.Counted(h) {
			r.hashes = append(r.hashes, h<<match.FurnitureScale) // uniform, as NewSet wants them
		}
	}
	r.prints = r.prints[:0]
	for _, h := range r.set.NewSet(r.hashes) {
		r.prints = append(r.prints, furniture.PrintOf(h>>match.FurnitureScale))
	}
	return slices.Compact(r.prints)
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

// countOf is the number of stories that a counted shingle stands in, up to furniture.MaxStories.
func (x *Index) countOf(txn *badger.Txn, shingle uint64) (int, error) {
	return x.countOfPrint(txn, furniture.PrintOf(shingle))
}

func (x *Index) countOfPrint(txn *badger.Txn, p furniture.Print) (int, error) {
	n, err := x.sealedCount(txn, p)
	if err != nil || n == furniture.MaxStories {
		return n, err
	}
	return min(n+x.tailCounts.Get(p), furniture.MaxStories), nil
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
		of := page.Count(p)
		if n += of; of == furniture.MaxStories {
			n = of // or more, and nothing takes away from that
			break
		}
	}
	x.known.put(p, sealedCount{n, true})
	return n, nil
}

// standsIn says whether a print stands in at least so many stories. Pages are looked up only where the filters leave that open.
func (x *Index) standsIn(txn *badger.Txn, p furniture.Print, least int) (bool, error) {
	s, known := x.known.get(p)
	if !known {
		for _, r := range x.state.Runs {
			s.n += x.filters.of(r.ID).most(p)
		}
		s.exact = s.n == 0
		x.known.put(p, s)
	}
	return x.reaches(txn, p, s, least)
}

// reaches is standsIn where s is known of the runs.
func (x *Index) reaches(txn *badger.Txn, p furniture.Print, s sealedCount, least int) (bool, error) {
	least = x.cores.furnitureFrom(p, least)
	inTail := x.tailCounts.Get(p)
	reach := func(n int) bool { return n >= furniture.MaxStories || inTail+n >= least }
	if s.exact || !reach(s.n) {
		return reach(s.n), nil
	}
	n, err := x.sealedCount(txn, p)
	return reach(n), err
}

// standIn is standsIn for many prints, and says it of each. A filter is asked for all of them at a time, so that the processor need not wait for
// the memory of one before it asks for that of the next.
func (x *Index) standIn(txn *badger.Txn, prints []furniture.Print, least int) ([]bool, error) {
	counts := make([]sealedCount, len(prints))
	var unknown []int
	for i, p := range prints {
		s, known := x.known.get(p)
		if counts[i] = s; !known {
			unknown = append(unknown, i)
		}
	}
	for _, r := range x.state.Runs {
		filter := x.filters.of(r.ID)
		for _, i := range unknown {
			counts[i].n += filter.most(prints[i])
		}
	}
	for _, i := range unknown {
		counts[i].exact = counts[i].n == 0
		x.known.put(prints[i], counts[i])
	}
	are := make([]bool, len(prints))
	for i, p := range prints {
		var err error
		if are[i], err = x.reaches(txn, p, counts[i], least); err != nil {
			return nil, err
		}
	}
	return are, nil
}

// sealedCount is the count of a print in the runs, or not exactly that, but the most it can be.
type sealedCount struct {
	n     int
	exact bool
}

// isFound says that the count was found in pages.
func (s sealedCount) isFound() bool { return s.exact && s.n != 0 }

// knownCounts are sealed counts that were looked up since the runs were last made anew: what is furniture in one article is so in the next ones
// of its site. A print has one place. There stays the last one that was looked up in pages, else the last one of which filters told that it is
// rare, as most are: these would displace all others. It may be used concurrently, but for seal and forget.
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
	return countAt(v), true
}

// countAt is the count in a place that is taken.
func countAt(place uint64) sealedCount {
	return sealedCount{int(place&(knownExact-1)) - knownZero, place&knownExact != 0}
}

func (k *knownCounts) put(p furniture.Print, s sealedCount) {
	place := k.place(p)
	if old := place.Load(); !s.isFound() && furniture.Print(old>>32) != p && countAt(old).isFound() {
		return
	}
	v := uint64(p)<<32 | uint64(s.n+knownZero)
	if s.exact {
		v |= knownExact
	}
	place.Store(v)
}

// seal enters counts that go from the tail into a run. Those that were taken away are forgotten: they may have come down from where counts end.
func (k *knownCounts) seal(counts []furniture.Count) {
	for _, c := range counts {
		s, known := k.get(c.Print)
		switch {
		case known && c.N > 0:
			k.put(c.Print, sealedCount{s.n + int(c.N), s.exact})
		case known:
			k.place(c.Print).Store(0)
		}
	}
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
