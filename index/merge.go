package index

import (
	"iter"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/furniture"
)

// cursor walks over sorted entries of which one piece at a time is in memory: a block of
// a segment, a page of a run.
type cursor[T any] struct {
	pieces int
	read   func(dst []T, piece int) ([]T, error) // appends the entries of a piece to dst
	next   int                                   // piece to be read
	buffer []T
	left   []T // of the piece that was read last; the first one is where the cursor stands
}

// fill reads on to the next piece that is not empty, if nothing is left of the last; false at the end.
func (c *cursor[T]) fill() (bool, error) {
	for len(c.left) == 0 {
		if c.next == c.pieces {
			return false, nil
		}
		var err error
		if c.buffer, err = c.read(c.buffer[:0], c.next); err != nil {
			return false, err
		}
		c.left = c.buffer
		c.next++
	}
	return true, nil
}

// merged yields the entries of sorted cursors in the order of their ranks. An error is the last that it yields.
//
// The least rank is found by looking at all of them: eight at most are merged as a rule, and they
// stand in one cache line.
func merged[T any](rank func(T) uint64, cursors ...*cursor[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var open []*cursor[T]
		var ranks []uint64 // of the entries where the open cursors stand
		for _, c := range cursors {
			more, err := c.fill()
			if err != nil {
				yield(none, err)
				return
			}
			if more {
				open, ranks = append(open, c), append(ranks, rank(c.left[0]))
			}
		}
		for len(open) > 0 {
			least := 0
			for i, r := range ranks {
				if r < ranks[least] {
					least = i
				}
			}
			c := open[least]
			if !yield(c.left[0], nil) {
				return
			}
			c.left = c.left[1:]
			more, err := c.fill()
			if err != nil {
				yield(none, err)
				return
			}
			if more {
				ranks[least] = rank(c.left[0])
				continue
			}
			last := len(open) - 1
			open[least], ranks[least] = open[last], ranks[last]
			open, ranks = open[:last], ranks[:last]
		}
	}
}

// listed walks over entries that are in memory.
func listed[T any](entries []T) *cursor[T] { return &cursor[T]{left: entries} }

// rank orders postings by key, then by number: both have 32 bits.
func (p posting) rank() uint64 { return p.Key<<32 | uint64(p.Number) }

// printRank orders counts by print.
func printRank(c furniture.Count) uint64 { return uint64(c.Print) }

// segmentCursors walk over segments.
func (x *Index) segmentCursors(txn *badger.Txn, segments []segment) []*cursor[posting] {
	cursors := make([]*cursor[posting], len(segments))
	for i, s := range segments {
		cursors[i] = &cursor[posting]{pieces: len(x.fences[s.ID]), read: func(dst []posting, block int) ([]posting, error) {
			return x.readBlock(txn, dst, s.ID, block)
		}}
	}
	return cursors
}

// runCursors walk over runs.
func (x *Index) runCursors(txn *badger.Txn, runs []run) []*cursor[furniture.Count] {
	cursors := make([]*cursor[furniture.Count], len(runs))
	for i, r := range runs {
		cursors[i] = &cursor[furniture.Count]{pieces: 1 << r.Bits, read: func(dst []furniture.Count, page int) ([]furniture.Count, error) {
			return x.readPage(txn, dst, r, page)
		}}
	}
	return cursors
}

// postingsOf yields the postings of segments, sorted.
func (x *Index) postingsOf(txn *badger.Txn, segments ...segment) iter.Seq2[posting, error] {
	return merged(posting.rank, x.segmentCursors(txn, segments)...)
}

// countsOf yields the counts of runs, summed, by rising print.
func (x *Index) countsOf(txn *badger.Txn, runs ...run) iter.Seq2[furniture.Count, error] {
	return furniture.SumSorted(merged(printRank, x.runCursors(txn, runs)...))
}

// allPostings yields the postings of all segments and of the tail, sorted.
func (x *Index) allPostings(txn *badger.Txn) iter.Seq2[posting, error] {
	return merged(posting.rank, append(x.segmentCursors(txn, x.state.Segments), listed(x.tailPostings()))...)
}

// allCounts yields the furniture counts of all runs and of the tail, summed, by rising print.
func (x *Index) allCounts(txn *badger.Txn) iter.Seq2[furniture.Count, error] {
	return furniture.SumSorted(merged(printRank, append(x.runCursors(txn, x.state.Runs), listed(x.tailCounts.Sorted()))...))
}
