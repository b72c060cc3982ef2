package index

// # The format on disk
//
// An index is a Badger v4 database with the external magic number 0xDED0. A key
// begins with one byte that says what its record is. Numbers in keys are
// big-endian, so that key order is number order; n is an article number (4 bytes,
// from 1), g the generation (1 byte). In values a uvarint is encoding/binary's
// unsigned varint, a string is its length as uvarint and its bytes.
//
//	key                 value
//	M                   meta: JSON, format version, time of creation, scheme. Written once.
//	S                   state: JSON, see type state. Written with every batch.
//	a n                 article, below: the only truth about it
//	t n                 its text, one zstd frame (not in an index without texts)
//	i id                uvarint n
//	d digest            uvarint n: of the holder, the first article with these words. digest: the first 10 bytes of
//	                    the 128-bit xxh3 over the word hashes
//	x n m               empty: article m has the same words as its holder n
//	r g n               relation of a holder: its cluster, below. Absent: alone, and counted for furniture
//	e g n               edges of holder n to others, below; each stands under the other holder too, seen from there
//	m g n m             empty: holder m is in cluster n
//	k g n               cluster n (named by the lowest of the holders that made it): uvarint members (exact copies included), uvarint number of
//	                    the representative. Only for clusters of two members or more
//	l q p               piece p (4 bytes) of the log of batch q (4 bytes), below: what it changed in the postings and counts in memory;
//	                    gone when sealed
//	s i b               block b (4 bytes) of posting segment i (4 bytes), below
//	n i                 fences of segment i: the first key of each block, uvarint differences
//	f i p               page p (4 bytes) of furniture run i (4 bytes): see furniture.AppendPage
//	c n                 core of cluster n (cores.go), which has more than 512 holders: uvarint its members and uvarint its holders when it was found, then a page (empty: it
//	                    is on too few sites) from print 0: from how many stories on each of its prints is furniture
//
// Article:
//
//	flags               1 byte: 1 exact copy, 2 published is known
//	id, url, site, title  4 strings
//	published           zigzag varint, Unix seconds; only with flag 2
//	added               uvarint, Unix seconds
//	words               uvarint
//	digest              10 bytes
//	holder              uvarint; only with flag 1, and then the record ends here
//	scale               1 byte, log2 of the sketch's scale
//	hashes              uvarint count, then bits: the sketch's hashes, of which the upper 32 bits are kept, each once, in rising order as
//	                    differences, as package rice writes them; its parameter follows from the count and the scale
//
// The keys of an article are the coarsest part of that sketch which still has
// scheme.least_keys hashes. An index with texts keeps just these.
//
// Relation:
//
//	flags               1 byte: 1 not counted for furniture (it tells a story that an earlier article began), 2 in a cluster
//	story, strict       2 uvarints, only with flag 2: the lowest holder in its story and in its strict cluster
//	group               uvarint articles with its words, itself included; uvarint the number of their representative
//
// Edges: uvarint count, then by rising m, the other holder: for each the difference of m to the one before (the first: to 0) as uvarint; 1 byte kind; Jaccard,
// containment of n in m, of m in n, weight: float32, big-endian.
//
// Posting block: empty once all postings were removed; else uvarint count (up to 128), parameter k (1 byte), width (1 byte: bits of the
// highest number), then bits: the postings by rising key, then number, for each the difference to the key before (the first: to the
// fence), as package rice writes it with parameter k, and the number.
//
// Log: uvarint length of the postings that were added, these as a block with fence 0; uvarint count and numbers of the
// articles whose postings were taken away (before these were added); the changed furniture counts, a page from print 0. It is cut into
// pieces of 1,023 bytes (one above 256 KiB: of its own length), of which the last one is shorter, and may be empty.
//
// An example. The article {ID: "a", Title: "T"} added at Unix time 1, of one word, with the digest 00…09, scale 0 and
// the one hash 0x0000000000ABCDEF·2²⁴ is, as number 1,
//
//	key    61 00000001
//	value  00 01 61 00 00 01 54 01 01 00010203040506070809 00 01 df9b570100
//	       |  id    |  |  title |  |  digest               |  |  hash 0xabcdef, k = 32: a bit 1, and 32 bits
//	       |        |  site     |  words                   |  one hash
//	       flags    url         added                      scale
//
// Invalid: a record that ends early or goes on too long, a string longer than the
// record, numbers out of order where order is said, an unknown kind: each is
// ErrCorrupt, wrapped with the record's name. Decoders check lengths before they allocate.
//
// Values of 1 KiB and more, most texts, stand in Badger's value log, all others in its tables.
//
// Writes. A batch of articles is one Badger transaction, or several if it changes much, never with half an article; each is
// synced, and has the state with it. Postings and
// furniture counts of the newest articles live in memory and are rebuilt from l when the index is opened; every
// 2,048 articles they are sealed as a segment and a run, and eight of one level are merged into one of the next. A segment
// or run is written under an id that no state names yet, then the state is switched, then what it replaced is deleted;
// what a crash leaves behind is deleted when the index is opened next, or before its id is used again. Recluster and Recut
// write a new generation and switch in the same way; Recut leaves the runs as they are. What Load takes is in a file beside the
// database (loadlog.go) until Recluster makes the database of it: whatever was in that is deleted first, and the state is written last.

import (
	"fmt"
	"time"
)

// FormatVersion is the version of the format on disk that this package writes; it reads that and all earlier ones. History:
//
//	1  the first
const FormatVersion = 1

// externalMagic marks a Badger database as one of ours.
const externalMagic = 0xDED0

const digestBytes = 10

type digest [digestBytes]byte

// hashShift is the number of low bits of a shingle hash that are not stored.
const hashShift = 32

// meta is the record M.
type meta struct {
	Format  int       `json:"format"`
	Created time.Time `json:"created"`
	Scheme  Scheme    `json:"scheme"`
}

// state is the record S: where the index stands.
type state struct {
	Next       number     `json:"next"`            // number of the next article
	Sealed     number     `json:"sealed"`          // articles below it have their postings in segments
	NextLog    uint32     `json:"next_log"`        // of the next furniture log
	FirstLog   uint32     `json:"first_log"`       // logs below it are in runs
	NextFile   uint32     `json:"next_file"`       // id of the next segment or run
	Generation byte       `json:"generation"`      // of relations and clusters
	Stale      *byte      `json:"stale,omitempty"` // generation that is to be deleted
	Articles   int        `json:"articles"`
	Exact      int        `json:"exact"`               // of these, exact copies of a holder
	Loads      uint32     `json:"loads,omitempty"`     // how many were done, see load log
	Job        string     `json:"job,omitempty"`       // the job under way, see Options.Job
	JobFirst   number     `json:"job_first,omitempty"` // the next article when it began
	Taken      int        `json:"taken,omitempty"`     // articles that Add took for it
	Garbage    int64      `json:"garbage,omitempty"`   // bytes of removed texts since the value log was last collected
	Segments   []segment  `json:"segments,omitempty"`
	Runs       []run      `json:"runs,omitempty"`
	Thresholds Thresholds `json:"thresholds,omitzero"` // of the edges that clusters are made of
	Obsolete   []uint32   `json:"obsolete,omitempty"`  // segments and runs to be deleted
}

// Bounds of what a state can say.
const (
	maxLevel   = 32
	maxEntries = 1 << 40 // postings or counts in one file
	maxLogs    = 1 << 20 // logs that are not sealed
)

// validate returns ErrCorrupt if s cannot be the state of an index.
func (s *state) validate() error {
	ok := s.Next > 0 && s.Sealed <= s.Next && s.FirstLog <= s.NextLog && s.NextLog-s.FirstLog <= maxLogs &&
		s.Exact >= 0 && s.Taken >= 0 && s.Garbage >= 0 && s.Articles >= s.Exact && s.Articles < int(s.Next)
	file := func(id uint32, level, entries int) bool {
		return id < s.NextFile && level >= 0 && level <= maxLevel && entries >= 0 && entries <= maxEntries
	}
	for _, g := range s.Segments {
		ok = ok && file(g.ID, g.Level, g.Postings)
	}
	for _, r := range s.Runs {
		ok = ok && file(r.ID, r.Level, r.Counts) && r.Bits <= 24
	}
	if !ok || s.Thresholds.validate() != nil {
		return fmt.Errorf("%w: figures that cannot be", ErrCorrupt)
	}
	return nil
}

// segment is a sealed run of postings.
type segment struct {
	ID       uint32 `json:"id"`
	Level    int    `json:"level"`
	Postings int    `json:"postings"`
}

// run is a sealed run of furniture counts. Page p holds the prints whose upper
// Bits bits are p.
type run struct {
	ID     uint32 `json:"id"`
	Level  int    `json:"level"`
	Bits   uint8  `json:"bits"`
	Counts int    `json:"counts"`
}
