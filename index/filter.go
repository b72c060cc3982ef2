package index

import (
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/furniture"
)

// filter is a Bloom filter of the keys of one segment, or of the prints of one run, in
// memory only. It saves the look-ups of what is not there: nineteen in twenty, for most
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
	lookups atomic.Int64
	mu      sync.Mutex
	ready   atomic.Bool
	files   sync.Map // id of a segment or run → *filter
}

func (f *filters) of(id uint32) *filter {
	if found, ok := f.files.Load(id); ok {
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
		postings, err := x.readSegment(txn, nil, s)
		if err != nil {
			return err
		}
		f.files.Store(s.ID, filterOfPostings(postings))
	}
	for _, r := range x.state.Runs {
		counts, err := x.readRun(txn, r)
		if err != nil {
			return err
		}
		f.files.Store(r.ID, filterOfCounts(counts))
	}
	f.ready.Store(true)
	return nil
}

// addFilter enters the filter of a new segment or run.
func (x *Index) addFilter(id uint32, filter func() *filter) {
	if x.filters.ready.Load() {
		x.filters.files.Store(id, filter())
	}
}

func filterOfPostings(postings []posting) *filter {
	made := newFilter(len(postings))
	for _, p := range postings {
		made.add(p.Key)
	}
	return made
}

func filterOfCounts(counts []furniture.Count) *filter {
	made := newFilter(len(counts))
	for _, c := range counts {
		made.add(uint64(c.Print))
	}
	return made
}
