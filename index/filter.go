package index

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/furniture"
)

// filter is a Bloom filter of the keys of one segment, or of the prints of one run, in
// memory only. It saves the look-ups of what is not there: nineteen in twenty, for most
// shingles stand in one article. All probes of a key lie in one cache line (Putze, Sanders and
// Singler 2007, "Cache-, hash- and space-efficient Bloom filters").
//
// Of a print it tells more: whether it stands in several stories of the run. Nearly all stand in one, and so
// furniture is told from the rest without looking a page up. That has lines of its own, few, that are never folded: in a
// million articles without texts, of which the other lines are folded once, one print in eight seemed to stand in several stories as long as it was told by the same lines.
type filter struct {
	lines   [][8]uint64
	several [][8]uint64 // of a run
	even    bool        // prints are uniform
}

const (
	lineBits  = 512
	lineBytes = lineBits / 8

	// filterBits is the number of bits a key: 2 % of the keys that are not there seem to be. Folded once (5 bits) it is
	// 12 %, twice 44 %: a third time would leave nothing worth its memory.
	filterBits = 10
	maxFolds   = 2

	// severalShare is the part of the prints of a run that stand in several stories, one in so many, with which the lines for these are as rarely wrong.
	severalShare = 8
)

// linesFor is the number of lines of a filter of so many keys, which can be halved maxFolds times.
func linesFor(keys int) int {
	return (keys*filterBits/lineBits>>maxFolds + 1) << maxFolds
}

func (f *filter) bytes() int64 { return int64(len(f.lines)+len(f.several)) * lineBytes }

// lineAt is the line of a key whose place is at, the upper 64 bits of a number between 0 and 1.
func lineAt(lines [][8]uint64, at uint64) *[8]uint64 {
	i, _ := bits.Mul64(at, uint64(len(lines)))
	return &lines[i]
}

// scatter makes 64 random bits of a key.
func scatter(key uint64) uint64 {
	h := key * 0x9E3779B97F4A7C15
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	return h ^ h>>32
}

// has is false for a key that was not added, as a rule. nil may have any key.
func (f *filter) has(key uint64) bool {
	if f == nil {
		return true
	}
	h := scatter(key)
	return hasBits(lineAt(f.lines, h), h)
}

// placeOf is the place of a print. The prints of all shingles are uniform, so that their upper bits can say where that is: rising prints are
// entered line by line, several times as fast as everywhere at once. Those of sketches are the lower the longer the articles are.
func (f *filter) placeOf(p furniture.Print) uint64 {
	if f.even {
		return uint64(p) << 32
	}
	return scatter(uint64(p))
}

// most is the largest number of stories that p can stand in: 0, 1, or furniture.MaxStories for more. nil knows nothing.
func (f *filter) most(p furniture.Print) int {
	if f == nil {
		return furniture.MaxStories
	}
	at, h := f.placeOf(p), scatter(uint64(p))
	switch {
	case !hasBits(lineAt(f.lines, at), h):
		return 0
	case !hasBits(lineAt(f.several, at), h):
		return 1
	default:
		return furniture.MaxStories
	}
}

// filling enters keys or counts into a filter; flush ends it. Each line stands in another place of memory, so many are set at a
// time: that takes a quarter of the time of one after the other. Without a filter it does nothing.
type filling struct {
	filter *filter
	lines  [64]*[8]uint64
	hashes [64]uint64
	n      int
	seen   uint64 // of the lines: reading them all before one is written lets the processor fetch them together
}

// add enters a key.
func (f *filling) add(key uint64) {
	if f.filter != nil {
		h := scatter(key)
		f.set(lineAt(f.filter.lines, h), h)
	}
}

// addCount enters the count of a print.
func (f *filling) addCount(c furniture.Count) {
	if f.filter == nil {
		return
	}
	at, h := f.filter.placeOf(c.Print), scatter(uint64(c.Print))
	f.set(lineAt(f.filter.lines, at), h)
	if c.N > 1 {
		f.set(lineAt(f.filter.several, at), h)
	}
}

func (f *filling) set(line *[8]uint64, h uint64) {
	f.lines[f.n], f.hashes[f.n] = line, h
	if f.n++; f.n == len(f.lines) {
		f.flush()
	}
}

// flush sets what is waiting.
func (f *filling) flush() {
	for _, line := range f.lines[:f.n] {
		f.seen |= line[0]
	}
	for i, line := range f.lines[:f.n] {
		setBits(line, f.hashes[i])
	}
	f.n = 0
}

// setBits sets the four bits of a line that the hash h chooses.
func setBits(line *[8]uint64, h uint64) {
	h *= 0x94D049BB133111EB
	for range 4 {
		line[h>>61] |= 1 << (h >> 55 & 63)
		h = bits.RotateLeft64(h, 9)
	}
}

// hasBits says whether all these bits are set. It looks at all of them before it branches: whether the first one is set cannot be foretold, and a
// processor that guessed wrong does not fetch the lines of the next keys meanwhile.
func hasBits(line *[8]uint64, h uint64) bool {
	h *= 0x94D049BB133111EB
	all := line[h>>61] >> (h >> 55 & 63)
	h = bits.RotateLeft64(h, 9)
	all &= line[h>>61] >> (h >> 55 & 63)
	h = bits.RotateLeft64(h, 9)
	all &= line[h>>61] >> (h >> 55 & 63)
	h = bits.RotateLeft64(h, 9)
	all &= line[h>>61] >> (h >> 55 & 63)
	return all&1 != 0
}

// folded is f at half its size: with half as many lines a key has the line of half the index, and the same bits in it.
func (f *filter) folded() *filter {
	half := make([][8]uint64, len(f.lines)/2)
	for i := range half {
		for w := range half[i] {
			half[i][w] = f.lines[2*i][w] | f.lines[2*i+1][w]
		}
	}
	return &filter{half, f.several, f.even}
}

// filters are those of an index, in their share of its memory. Where they do not fit, the largest are folded, and at last done without: a
// look-up asks each segment and run alike, so the filter of a small one saves as much as that of a large one.
type filters struct {
	share   int64 // bytes of all filters together
	even    bool  // the prints of runs are uniform
	lookups atomic.Int64
	making  sync.Mutex
	ready   atomic.Bool
	files   map[uint32]sized // by id of segment or run; once ready, it is changed under Index.mu only
}

// sized is a filter with the number of times it was folded; without a filter, if there is no room for it.
type sized struct {
	*filter
	folds int
}

// of returns the filter of a file, nil if there is none.
func (f *filters) of(id uint32) *filter {
	if !f.ready.Load() {
		return nil
	}
	return f.files[id].filter
}

// add makes an empty filter for a new segment of at most so many keys, or a new run of so many counts, if there are filters, and room for this one.
func (f *filters) add(id uint32, entries int, isRun bool) {
	if f.ready.Load() {
		f.reserve(id, entries, isRun)
	}
}

// reserve makes room: as long as all filters are too large, the largest, be it the new one or another, is folded or left out.
func (f *filters) reserve(id uint32, entries int, isRun bool) *filter {
	delete(f.files, id) // of a write that failed
	lines, several, folds := linesFor(entries), 0, 0
	if isRun {
		several = linesFor(entries / severalShare)
	}
	for {
		sum, largest := int64(lines+several)*lineBytes, id
		most := sum
		for other, s := range f.files {
			if sum += s.bytes(); s.bytes() > most || s.bytes() == most && other < largest {
				largest, most = other, s.bytes()
			}
		}
		if sum <= f.share {
			made := &filter{make([][8]uint64, lines), make([][8]uint64, several), f.even}
			f.files[id] = sized{made, folds}
			return made
		}
		switch s := f.files[largest]; {
		case largest == id && folds == maxFolds:
			return nil
		case largest == id:
			lines, folds = lines/2, folds+1
		case s.folds == maxFolds:
			delete(f.files, largest)
		default:
			f.files[largest] = sized{s.folded(), s.folds + 1}
		}
	}
}

// drop forgets the filter of a file.
func (f *filters) drop(id uint32) { delete(f.files, id) }

// An index makes its filters after filterAfter look-ups, and one more for each filterEntries entries of its segments and
// runs, for by then they have cost about as much as reading all that will cost: one query would wait longer for them than it gains.
// (A million articles without texts, 60 million entries: 8 s to make them; 2 to 5 ms of reading to do without, each article that is added.)
const (
	filterAfter   = 64
	filterEntries = 20_000
)

// needFilters counts a look-up and makes the filters once there were enough. Who comes while another one makes them does without.
func (x *Index) needFilters(txn *badger.Txn) error {
	f := &x.filters
	if f.ready.Load() || f.lookups.Add(1) < x.filtersPay() {
		return nil
	}
	if !f.making.TryLock() {
		return nil
	}
	defer f.making.Unlock()
	if f.ready.Load() {
		return nil
	}
	if err := x.makeFilters(txn); err != nil {
		return err
	}
	f.ready.Store(true)
	x.fitPages()
	return nil
}

// fitPages gives the pages of furniture runs, the blocks of segments, and the cut sets where there are texts, equal parts of their share and,
// once there are filters, of what these leave of theirs.
func (x *Index) fitPages() {
	room := x.budget.pages
	if x.filters.ready.Load() {
		room += x.filters.share
		for _, s := range x.filters.files {
			room -= s.bytes()
		}
	}
	if x.keepsText() {
		room = room / 3 * 2
		x.sets.resize(room / 2)
	}
	x.pages.resize(room / 2)
	x.blocks.resize(room / 2)
}

// filtersPay is the number of look-ups after which filters are made.
func (x *Index) filtersPay() int64 {
	entries := 0
	for _, s := range x.state.Segments {
		entries += s.Postings
	}
	for _, r := range x.state.Runs {
		entries += r.Counts
	}
	return filterAfter + int64(entries/filterEntries)
}

// makeFilters reads all segments and runs, the smallest first: so it is seen early for which ones there is no room, and these are not read.
func (x *Index) makeFilters(txn *badger.Txn) error {
	x.filters.files = make(map[uint32]sized)
	segments := slices.SortedFunc(slices.Values(x.state.Segments), func(a, b segment) int { return cmp.Compare(a.Postings, b.Postings) })
	for _, s := range segments {
		made := filling{filter: x.filters.reserve(s.ID, s.Postings, false)}
		if made.filter == nil {
			break
		}
		for p, err := range x.postingsOf(txn, s) {
			if err != nil {
				return err
			}
			made.add(p.Key)
		}
		made.flush()
	}
	runs := slices.SortedFunc(slices.Values(x.state.Runs), func(a, b run) int { return cmp.Compare(a.Counts, b.Counts) })
	for _, r := range runs {
		made := filling{filter: x.filters.reserve(r.ID, r.Counts, true)}
		if made.filter == nil {
			break
		}
		for c, err := range x.countsOf(txn, r) {
			if err != nil {
				return err
			}
			made.addCount(c)
		}
		made.flush()
	}
	return nil
}
