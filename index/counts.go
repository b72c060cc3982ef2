package index

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
)

// prints are the distinct prints of the shingles of an article that are counted,
// in rising order.
func prints(shingles []uint64) []furniture.Print {
	var list []furniture.Print
	for _, h := range shingles {
		if match.Counted(h) {
			list = append(list, furniture.PrintOf(h))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// countOf is the number of stories that a counted shingle stands in.
func (x *Index) countOf(txn *badger.Txn, shingle uint64) (int, error) {
	return x.countOfPrint(txn, furniture.PrintOf(shingle))
}

func (x *Index) countOfPrint(txn *badger.Txn, p furniture.Print) (int, error) {
	n := x.tailCounts.Get(p)
	for _, r := range x.state.Runs {
		if filter := x.filters.of(r.ID); filter != nil && !filter.has(uint64(p)) {
			continue
		}
		page, err := x.page(txn, r, int(uint32(p)>>(32-r.Bits)))
		if err != nil {
			return 0, err
		}
		n += search(page, p)
	}
	return n, nil
}

// search finds p by interpolation: prints are uniform in their page.
func search(page []furniture.Count, p furniture.Print) int {
	low, high := 0, len(page)
	for high-low > 8 {
		first, last := page[low].Print, page[high-1].Print
		if p < first || p > last {
			return 0
		}
		mid := low + int(uint64(p-first)*uint64(high-1-low)/(uint64(last-first)+1))
		if page[mid].Print <= p {
			low = mid
		} else {
			high = mid
		}
		if page[low].Print == p {
			return int(page[low].N)
		}
		if mid == low { // no progress from below: step
			low++
		}
	}
	for _, c := range page[low:high] {
		if c.Print == p {
			return int(c.N)
		}
	}
	return 0
}

// pageCache keeps decoded pages of furniture runs, up to maxCachedCounts.
type pageCache struct {
	runs   sync.Map // run id → []atomic.Pointer[[]furniture.Count]
	cached atomic.Int64
}

// maxCachedCounts bounds the pages in memory, at 8 bytes a count: 256 MiB.
const maxCachedCounts = 32 << 20

func newPageCache() *pageCache { return &pageCache{} }

func (x *Index) page(txn *badger.Txn, r run, page int) ([]furniture.Count, error) {
	slots, ok := x.pages.runs.Load(r.ID)
	if !ok {
		slots, _ = x.pages.runs.LoadOrStore(r.ID, make([]atomic.Pointer[[]furniture.Count], 1<<r.Bits))
	}
	slot := &slots.([]atomic.Pointer[[]furniture.Count])[page]
	if cached := slot.Load(); cached != nil {
		return *cached, nil
	}
	counts, err := x.readPage(txn, nil, r, page)
	if err != nil {
		return nil, err
	}
	if x.pages.cached.Add(int64(len(counts))) > maxCachedCounts {
		x.pages.clear()
	}
	slot.Store(&counts)
	return counts, nil
}

func (p *pageCache) clear() {
	p.runs.Clear()
	p.cached.Store(0)
}

func (x *Index) readPage(txn *badger.Txn, dst []furniture.Count, r run, page int) ([]furniture.Count, error) {
	item, err := txn.Get(keyPage(r.ID, page))
	if errors.Is(err, badger.ErrKeyNotFound) { // no print begins like that
		return dst, nil
	}
	if err != nil {
		return nil, err
	}
	err = item.Value(func(value []byte) error {
		dst, err = furniture.DecodePage(dst, firstPrint(r, page), value)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("furniture run %d, page %d: %w: %w", r.ID, page, ErrCorrupt, err)
	}
	return dst, nil
}

// firstPrint is the lowest print that page of r can hold.
func firstPrint(r run, page int) furniture.Print {
	return furniture.Print(uint64(page) << (32 - r.Bits))
}
