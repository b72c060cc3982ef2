package index

import (
	"cmp"
	"fmt"
)

// # Memory
//
// Options.MemoryBytes is divided here, and nowhere else. It is meant for all that the process has of its own: with the collector set to
// 40 %, as the command sets it (debug.SetGCPercent), that is up to 1.7 times what is live (measured: 1,066 of 640 MiB), for besides
// garbage there are gaps between what is live, and what is allocated while the collector runs. Who needs a hard limit sets it with
// debug.SetMemoryLimit. What is live is of three kinds.
//
// Fixed, whatever the size of the index (fixedBytes). The buffers in which Badger builds tables when it compacts: 13 of them can be under
// way, each of ten times the size of a table, for a block lies there as it is and packed, and the room is doubled when it is full. And 70
// MiB: memtables and what they are written from, postings and counts of the newest 2,048 articles, articles that are being prepared and
// added, those of the commit in flight, the furniture counts that were looked up last (2 MiB), zstd. Small tables take less memory; but each table is a file that is open and mapped.
//
// Shares of the rest, on which results do not depend:
//
//	filters   1/2   350 bytes an article as long as all fit (400,000 articles in 1 GiB); see type filters for what happens then
//	pages     1/4   pages of furniture runs, up to 600 bytes an article, blocks of postings, and where there are texts cut sets, 4
//	                bytes a word (see apart.go), in equal parts; and what filters leave of their share
//	blocks    1/8   Badger's blocks, unpacked: postings, records, texts. It has up to twice as much as it is told
//	readings  3/32  texts made ready to be compared, 91 bytes a word; nothing in an index without texts
//	records   1/32  records, 500 bytes an article, and relations: those of a story that many tell are asked for again and again
//
// Recluster, which needs none of these, has half of the rest: for what it sorts, and for articles made ready to be
// compared: texts as above, or sketches, 8 bytes a hash. Clusters of a large index take a quarter as much beside the caches, to sort what is stored of members, and 4 bytes an article.
//
// And what grows with the index: a fence of 8 bytes for 128 postings (2 bytes an article), and Badger's list of its
// tables (under 1 byte).
//
// Files that Badger maps into memory are not counted: the system takes them back when it needs the room.

const (
	// DefaultMemoryBytes is the budget where Options.MemoryBytes is 0.
	DefaultMemoryBytes = 1 << 30
	// LeastMemoryBytes is the least budget that Open takes.
	LeastMemoryBytes = 320 << 20
)

// budget is what the parts of an index may take, in bytes of live memory.
type budget struct {
	table    int64 // size of Badger's tables
	blocks   int64 // what Badger's block cache is told
	filters  int64
	pages    int64
	readings int64
	records  int64 // … and relations
	sorting  int64 // Recluster has it while the caches rest, Clusters an eighth of it beside them
}

const (
	leastTable = 512 << 10
	mostTable  = 4 << 20

	// indexCacheBytes is for Badger's cache of table indices, which holds only pointers into mapped files.
	indexCacheBytes = 16 << 20
)

// fixedBytes is what an index takes that has tables of that size, and nothing in its caches.
func fixedBytes(table int64) int64 { return 70<<20 + 130*table }

// newBudget divides memory bytes (0: DefaultMemoryBytes). Up to three fifths of what is live may be fixed: the tables
// are as large as that allows.
func newBudget(memory int64) (budget, error) {
	memory = cmp.Or(memory, DefaultMemoryBytes)
	if memory < LeastMemoryBytes {
		return budget{}, fmt.Errorf("%w: %d MiB, at least %d MiB", ErrMemory, memory>>20, LeastMemoryBytes>>20)
	}
	live := memory / 17 * 10
	b := budget{table: leastTable}
	for b.table < mostTable && fixedBytes(2*b.table) <= live/5*3 {
		b.table *= 2
	}
	rest := live - fixedBytes(b.table)
	b.filters, b.pages, b.blocks, b.readings, b.records = rest/2, rest/4, rest/16, rest/32*3, rest/32
	b.sorting = rest / 2
	return b, nil
}
