package index

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/furniture"
)

// loadTail rebuilds what is kept in memory from the logs, and reads the fences and the cores.
func (x *Index) loadTail(txn *badger.Txn) error {
	if err := x.loadCores(txn); err != nil {
		return err
	}
	logs, err := x.readLogs(txn)
	if err != nil {
		return err
	}
	removedBy := make(map[number]int) // the last log that took the postings of an article away
	for i, log := range logs {
		for _, n := range log.Removed {
			removedBy[n] = i
		}
	}
	for i, log := range logs {
		for _, p := range log.Postings {
			if by, removed := removedBy[p.Number]; !removed || by <= i {
				x.tail.add(p.Key, p.Number)
			}
		}
		for _, c := range log.Counts {
			x.tailCounts.Add(c.Print, int(c.N))
		}
	}
	for _, s := range x.state.Segments {
		if err := x.loadFences(txn, s.ID); err != nil {
			return err
		}
	}
	return nil
}

func (x *Index) loadFences(txn *badger.Txn, id uint32) error {
	value, err := get(txn, keyFences(id))
	if err != nil {
		return err
	}
	if value == nil {
		return fmt.Errorf("fences of posting segment %d: %w: they are missing", id, ErrCorrupt)
	}
	fences, err := decodeFences(value)
	if err != nil {
		return fmt.Errorf("fences of posting segment %d: %w", id, err)
	}
	x.fences[id] = fences
	return nil
}

// seal writes the tail as a segment and a run, and merges where enough of one
// level have come together. x.mu is held for writing.
func (x *Index) seal() error {
	if err := x.sealTail(); err != nil {
		return err
	}
	for {
		segments, runs := x.mergeable()
		if segments == nil && runs == nil {
			return nil
		}
		if err := x.merge(segments, runs); err != nil {
			return err
		}
	}
}

// tailPostings are the postings of the tail, sorted.
func (x *Index) tailPostings() []posting {
	postings := slices.Collect(x.tail.all())
	sortPostings(postings)
	return postings
}

// sortPostings sorts by key, then by number.
func sortPostings(postings []posting) {
	ranks := make([]uint64, len(postings))
	for i, p := range postings {
		ranks[i] = p.rank()
	}
	sortWords(ranks, make([]uint64, len(ranks)))
	for i, r := range ranks {
		postings[i] = posting{r >> 32, number(r)}
	}
}

func (x *Index) sealTail() error {
	f := x.newFiles()
	defer f.batch.Cancel()
	postings, counts := x.tailPostings(), x.tailCounts.Sorted()
	err := f.both(0, len(postings), merged(posting.rank, listed(postings)), len(counts), merged(printRank, listed(counts)))
	if err != nil {
		return err
	}
	c := x.begin()
	defer c.discard()
	c.deleteLogs()
	x.state.Sealed = x.state.Next
	x.state.FirstLog = x.state.NextLog
	if err := f.switchState(c); err != nil {
		return err
	}
	x.known.seal(counts)
	x.tail.reset()
	x.tailCounts.Reset()
	return nil
}

// mergeable returns the segments and runs of the lowest level of which there are
// enough to merge; nil if there are not.
func (x *Index) mergeable() ([]segment, []run) {
	for level := 0; ; level++ {
		var segments []segment
		var runs []run
		higher := false
		for _, s := range x.state.Segments {
			higher = higher || s.Level > level
			if s.Level == level {
				segments = append(segments, s)
			}
		}
		for _, r := range x.state.Runs {
			higher = higher || r.Level > level
			if r.Level == level {
				runs = append(runs, r)
			}
		}
		if len(segments) < mergeSegments {
			segments = nil
		}
		if len(runs) < mergeSegments {
			runs = nil
		}
		if segments != nil || runs != nil || !higher {
			return segments, runs
		}
	}
}

// merge makes one segment and one run of several, block by block and page by page: what it
// needs in memory does not grow with them, but for the filters, and the fences at 8 bytes a block.
func (x *Index) merge(segments []segment, runs []run) error {
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	f := x.newFiles()
	defer f.batch.Cancel()
	postings, counts, above := 0, 0, 0
	for _, s := range segments {
		postings, above = postings+s.Postings, s.Level+1
	}
	for _, r := range runs {
		counts, above = counts+r.Counts, r.Level+1
	}
	f.replacesSegments(segments)
	f.replacesRuns(runs)
	if err := f.both(above, postings, x.postingsOf(txn, segments...), counts, x.countsOf(txn, runs...)); err != nil {
		return err
	}
	c := x.begin()
	defer c.discard()
	if err := f.switchState(c); err != nil {
		return err
	}
	return x.deleteObsolete()
}

// files are segments and runs that are being written: their blocks first, under
// ids that no state names, then (commit) the state that names them.
type files struct {
	x      *Index
	batch  batchWriter
	state  state
	fences map[uint32][]uint64
	anew   bool // the database is empty
}

// batchWriter takes what is written in bulk.
type batchWriter interface {
	Set(key, value []byte) error
	Flush() error
	Cancel()
}

func (x *Index) newFiles() *files {
	f := &files{x: x, batch: x.db.NewWriteBatch(), state: x.state, fences: make(map[uint32][]uint64)}
	f.state.Segments = slices.Clone(x.state.Segments)
	f.state.Runs = slices.Clone(x.state.Runs)
	f.state.Obsolete = slices.Clone(x.state.Obsolete)
	return f
}

// nextID takes an id, and deletes what a crash may have left under it.
func (f *files) nextID() (uint32, error) {
	id := f.state.NextFile
	f.state.NextFile++
	if f.anew {
		return id, nil
	}
	return id, f.x.deleteFiles(id)
}

func (f *files) segment(level int, postings []posting) error {
	if len(postings) == 0 {
		return nil
	}
	return f.writeSegment(level, len(postings), merged(posting.rank, listed(postings)))
}

// both writes postings and counts, each sorted, and as many as that or fewer, as a segment and a run at the same time; nothing where
// there are none.
func (f *files) both(level, postings int, sortedPostings iter.Seq2[posting, error], counts int, sortedCounts iter.Seq2[furniture.Count, error]) error {
	s, err := f.begin(postings, false)
	if err != nil {
		return err
	}
	r, err := f.begin(counts, true) // which may fold the filter of the segment, as long as that is empty
	if err != nil {
		return err
	}
	written := make(chan error, 1)
	go func() { written <- f.fillSegment(s, level, sortedPostings) }()
	err = f.fillRun(r, level, counts, sortedCounts)
	return errors.Join(<-written, err)
}

// begin takes an id for a segment or run of at most so many entries, and makes room for its filter.
func (f *files) begin(atMost int, isRun bool) (id uint32, err error) {
	if atMost == 0 {
		return 0, nil
	}
	if id, err = f.nextID(); err == nil {
		f.x.filters.add(id, atMost, isRun)
	}
	return id, err
}

// writeSegment writes sorted postings, of which there are atMost or fewer, as a segment; nothing if there are none.
func (f *files) writeSegment(level, atMost int, postings iter.Seq2[posting, error]) error {
	id, err := f.begin(atMost, false)
	if err != nil {
		return err
	}
	return f.fillSegment(id, level, postings)
}

// fillSegment writes the segment that was begun as id.
func (f *files) fillSegment(id uint32, level int, postings iter.Seq2[posting, error]) error {
	made := filling{filter: f.x.filters.of(id)}
	defer made.flush()
	s := segment{ID: id, Level: level}
	var fences []uint64
	block := make([]posting, 0, blockPostings)
	flush := func() error {
		fences = append(fences, block[0].Key)
		err := f.batch.Set(keyBlock(id, len(fences)-1), appendBlock(nil, block[0].Key, block))
		s.Postings += len(block)
		block = block[:0]
		return err
	}
	for p, err := range postings {
		if err != nil {
			return err
		}
		made.add(p.Key)
		if block = append(block, p); len(block) == blockPostings {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if len(block) > 0 {
		if err := flush(); err != nil {
			return err
		}
	}
	if len(fences) == 0 {
		return nil
	}
	f.fences[id] = slices.Clip(fences)
	f.state.Segments = append(f.state.Segments, s)
	return f.batch.Set(keyFences(id), appendFences(nil, fences))
}

const (
	pageCounts  = 256 // a page holds so many counts on average, or down to half of it
	maxPageBits = 24
)

// writeRun writes counts by rising print, of which there are atMost or fewer, as a run; nothing if there are none.
// The pages are cut by atMost, for how many counts are left of the runs that are merged is known only at the end.
func (f *files) writeRun(level, atMost int, counts iter.Seq2[furniture.Count, error]) error {
	id, err := f.begin(atMost, true)
	if err != nil {
		return err
	}
	return f.fillRun(id, level, atMost, counts)
}

// fillRun writes the run that was begun as id.
func (f *files) fillRun(id uint32, level, atMost int, counts iter.Seq2[furniture.Count, error]) error {
	made := filling{filter: f.x.filters.of(id)}
	defer made.flush()
	r := run{ID: id, Level: level}
	for atMost>>r.Bits > pageCounts && r.Bits < maxPageBits {
		r.Bits++
	}
	var page []furniture.Count
	flush := func() error {
		if len(page) == 0 {
			return nil
		}
		at := r.page(page[0].Print)
		r.Counts += len(page)
		err := f.batch.Set(keyPage(id, at), furniture.AppendPage(nil, firstPrint(r, at), page))
		page = page[:0]
		return err
	}
	for c, err := range counts {
		if err != nil {
			return err
		}
		if len(page) > 0 && r.page(page[0].Print) != r.page(c.Print) {
			if err := flush(); err != nil {
				return err
			}
		}
		made.addCount(c)
		page = append(page, c)
	}
	if err := flush(); err != nil {
		return err
	}
	if r.Counts > 0 {
		f.state.Runs = append(f.state.Runs, r)
	}
	return nil
}

// replacesSegments takes segments out of the state to be, and their filters away at once: there must be room for the new one.
func (f *files) replacesSegments(old []segment) {
	f.state.Segments = slices.DeleteFunc(f.state.Segments, func(s segment) bool { return slices.Contains(old, s) })
	for _, s := range old {
		f.state.Obsolete = append(f.state.Obsolete, s.ID)
		f.x.filters.drop(s.ID)
	}
}

// replacesRuns is replacesSegments for runs.
func (f *files) replacesRuns(old []run) {
	f.state.Runs = slices.DeleteFunc(f.state.Runs, func(r run) bool { return slices.Contains(old, r) })
	for _, r := range old {
		f.state.Obsolete = append(f.state.Obsolete, r.ID)
		f.x.filters.drop(r.ID)
	}
}

// commit flushes the blocks and switches the state, with what else is in c. What was known of counts and relations is forgotten.
func (f *files) commit(c *changes) error {
	err := f.switchState(c)
	f.x.known.forget()
	f.x.counted++
	f.x.relations.clear()
	return err
}

// switchState is commit where relations and sums of counts stay what they were.
func (f *files) switchState(c *changes) error {
	if err := f.batch.Flush(); err != nil {
		return f.x.breaks(err)
	}
	keep := f.x.state
	f.x.state = f.state
	f.x.state.Sealed, f.x.state.FirstLog = keep.Sealed, keep.FirstLog
	if err := c.commit(); err != nil {
		return err
	}
	maps.Copy(f.x.fences, f.fences)
	f.x.fitPages()
	return nil
}

// deleteObsolete deletes the segments, runs and the generation that were replaced.
func (x *Index) deleteObsolete() error {
	if len(x.state.Obsolete) == 0 && x.state.Stale == nil {
		return nil
	}
	if x.state.Stale != nil {
		if err := x.deleteGeneration(*x.state.Stale); err != nil {
			return err
		}
	}
	for _, id := range x.state.Obsolete {
		if err := x.deleteFiles(id); err != nil {
			return err
		}
		delete(x.fences, id)
	}
	x.state.Obsolete, x.state.Stale = nil, nil
	c := x.begin()
	defer c.discard()
	return c.commit()
}

// deleteFiles deletes the segment or run of that id.
func (x *Index) deleteFiles(id uint32) error {
	return x.deletePrefixes(prefixBlocks(id), prefixPages(id), keyFences(id))
}

// deleteGeneration deletes the relations, edges, members and clusters of a generation.
func (x *Index) deleteGeneration(g byte) error {
	return x.deletePrefixes(prefixGeneration(prefixRelation, g), prefixGeneration(prefixEdge, g),
		prefixGeneration(prefixMember, g), prefixGeneration(prefixCluster, g))
}

// deletePrefixes deletes all records whose key begins with one of prefixes, in
// as many transactions as it takes.
func (x *Index) deletePrefixes(prefixes ...[]byte) error {
	batch := x.db.NewWriteBatch()
	defer batch.Cancel()
	err := x.db.View(func(txn *badger.Txn) error {
		for _, prefix := range prefixes {
			for key := range keysWith(txn, prefix) {
				if err := batch.Delete(key); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return batch.Flush()
}
