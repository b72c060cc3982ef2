package index

import (
	"cmp"
	"fmt"
)

// # Memory
//
// Options.MemoryBytes is divided here, and nowhere else. It counts garbage too: with the collector set to 40 %, as the command sets
// it (debug.SetGCPercent), there is 1.4 times what is live. What is live is of three kinds.
//
// Fixed, whatever the size of the index (fixedBytes): the buffers in which Badger builds tables when it compacts, of which 13 can be under
// way, each about 10 times the size of a table, for every block lies there three times and room is doubled when it is full; and 70 MiB: memtables and what they are
// written from, the newest 2,048 articles' postings and counts, the articles that are added and prepared, zstd. Small tables take less
// memory, but there are more of them, and each is a file that is open and mapped.
//
// Shares of the rest, on which results do not depend:
//
//	filters   1/2   320 bytes an article as long as all fit (700,000 articles in 1 GiB); see type filters for what happens then
//	pages     1/4   of furniture runs, up to 560 bytes an article
//	blocks    1/8   Badger's blocks, unpacked: postings, records, texts
//	readings  1/8   texts made ready to be compared, 90 bytes a word
//
// And what grows with the index: a fence of 8 bytes for 128 postings (2 bytes an article), and Badger's list of its
// tables (under 1 byte).
//
// Files that Badger maps into memory are not counted: the system takes them back when it needs the room.

const (
	// DefaultMemoryBytes is the budget where Options.MemoryBytes is 0.
	DefaultMemoryBytes = 1 << 30
	// LeastMemoryBytes is the least budget that Open takes.
	LeastMemoryBytes = 256 << 20
)

// budget is what the parts of an index may take, in bytes of live memory.
type budget struct {
	table    int64 // size of Badger's tables
	blocks   int64 // Badger's block cache
	filters  int64
	pages    int64
	readings int64
}

const (
	leastTable = 512 << 10
	mostTable  = 4 << 20

	// indexCacheBytes is for Badger's cache of table indices, which holds only pointers into mapped files.
	indexCacheBytes = 16 << 20
)

// fixedBytes is what an index takes that has tables of that size, and nothing in its caches.
func fixedBytes(table int64) int64 { return 70<<20 + 130*table }

// newBudget divides memory bytes (0: DefaultMemoryBytes). Up to half of what is live may be fixed: the tables
// are as large as that allows.
func newBudget(memory int64) (budget, error) {
	memory = cmp.Or(memory, DefaultMemoryBytes)
	if memory < LeastMemoryBytes {
		return budget{}, fmt.Errorf("%w: %d MiB, at least %d MiB", ErrMemory, memory>>20, LeastMemoryBytes>>20)
	}
	live := memory / 14 * 10
	b := budget{table: leastTable}
	for b.table < mostTable && fixedBytes(2*b.table) <= live/2 {
		b.table *= 2
	}
	rest := live - fixedBytes(b.table)
	b.filters, b.pages, b.blocks, b.readings = rest/2, rest/4, rest/8, rest/8
	return b, nil
}
