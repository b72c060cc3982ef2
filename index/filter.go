package index

import (
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
)

// filter is a Bloom filter of the keys of one segment, in memory only. It saves the
// look-ups of keys that the segment does not have: nineteen in twenty, for most
// shingles stand in one article. All probes of a key lie in one cache line (Putze, Sanders and
// Singler 2007, "Cache-, hash- and space-efficient Bloom filters").
type filter struct {
	lines [][8]uint64
}

// filterBits is the number of bits a key: 2 % of the keys that are not there seem to be.
const filterBits = 10

func newFilter(keys int) *filter {
	return &filter{lines: make([][8]uint64, keys*filterBits/512+1)}
}

// probes are the line of a key and the four bits in it.
func (f *filter) probes(key uint64) (line *[8]uint64, h uint64) {
	h = key * 0x9E3779B97F4A7C15
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	at, rest := bits.Mul64(h, uint64(len(f.lines)))
	return &f.lines[at], rest
}

func (f *filter) add(key uint64) {
	line, h := f.probes(key)
	for range 4 {
		line[h>>61] |= 1 << (h >> 55 & 63)
		h = bits.RotateLeft64(h, 9)
	}
}

func (f *filter) has(key uint64) bool {
	line, h := f.probes(key)
	for range 4 {
		if line[h>>61]&(1<<(h>>55&63)) == 0 {
			return false
		}
		h = bits.RotateLeft64(h, 9)
	}
	return true
}

// filterAfter is the number of look-ups after which an index makes its filters: one
// query would wait longer for them than it gains.
const filterAfter = 64

// filters are those of an index.
type filters struct {
	lookups  atomic.Int64
	mu       sync.Mutex
	ready    atomic.Bool
	segments sync.Map // segment id → *filter
}

func (f *filters) of(segment uint32) *filter {
	if found, ok := f.segments.Load(segment); ok {
		return found.(*filter)
	}
	return nil
}

// needFilters counts a look-up and makes the filters once there were enough.
func (x *Index) needFilters(txn *badger.Txn) error {
	f := &x.filters
	if f.ready.Load() || f.lookups.Add(1) < filterAfter {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ready.Load() {
		return nil
	}
	for _, s := range x.state.Segments {
		made := newFilter(s.Postings)
		var block []posting
		for b := range x.fences[s.ID] {
			var err error
			if block, err = x.readBlock(txn, block[:0], s.ID, b); err != nil {
				return err
			}
			for _, p := range block {
				made.add(p.Key)
			}
		}
		f.segments.Store(s.ID, made)
	}
	f.ready.Store(true)
	return nil
}

// addFilter makes the filter of a new segment.
func (x *Index) addFilter(id uint32, postings []posting) {
	if !x.filters.ready.Load() {
		return
	}
	made := newFilter(len(postings))
	for _, p := range postings {
		made.add(p.Key)
	}
	x.filters.segments.Store(id, made)
}
