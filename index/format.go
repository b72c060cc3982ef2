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
//	hashes              uvarint count, then bits: the sketch's hashes, of which the upper 32 bits are kept, in rising order as
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
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"time"

	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/minhash"
	"github.com/dedupe-news/dedupe/rice"
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

// record is the stored part of an article but its text.
type record struct {
	ID, URL, Site, Title string
	Published            time.Time
	Added                time.Time
	Words                int
	Digest               digest
	Holder               number         // 0: it is a holder itself
	Sketch               minhash.Sketch // the low hashShift bits of the hashes are 0
}

const (
	flagExact     = 1
	flagPublished = 2
)

func (r *record) append(b []byte) []byte {
	flags := byte(0)
	if r.Holder != 0 {
		flags |= flagExact
	}
	if !r.Published.IsZero() {
		flags |= flagPublished
	}
	b = append(b, flags)
	for _, s := range []string{r.ID, r.URL, r.Site, r.Title} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	if flags&flagPublished != 0 {
		b = binary.AppendVarint(b, r.Published.Unix())
	}
	b = binary.AppendUvarint(b, uint64(r.Added.Unix()))
	b = binary.AppendUvarint(b, uint64(r.Words))
	b = append(b, r.Digest[:]...)
	if r.Holder != 0 {
		return binary.AppendUvarint(b, uint64(r.Holder))
	}
	return appendSketch(b, r.Sketch)
}

func appendSketch(b []byte, s minhash.Sketch) []byte {
	b = append(b, s.Scale)
	b = binary.AppendUvarint(b, uint64(len(s.Hashes)))
	k := rice.Parameter(len(s.Hashes), minhash.Limit(s.Scale)>>hashShift)
	w := rice.NewWriter(b)
	before := uint64(0)
	for _, h := range s.Hashes {
		w.Put(h>>hashShift-before, k)
		before = h >> hashShift
	}
	return w.Bytes()
}

func decodeRecord(b []byte) (record, error) {
	var r record
	d := decoder{b: b}
	flags := d.byte()
	if flags&^(flagExact|flagPublished) != 0 {
		d.fail("unknown flags")
	}
	r.ID, r.URL, r.Site, r.Title = d.string(), d.string(), d.string(), d.string()
	if flags&flagPublished != 0 {
		r.Published = time.Unix(d.varint(), 0).UTC()
	}
	r.Added = time.Unix(int64(d.uvarint(math.MaxInt64)), 0).UTC()
	r.Words = int(d.uvarint(math.MaxInt32))
	copy(r.Digest[:], d.bytes(digestBytes))
	if flags&flagExact != 0 {
		r.Holder = d.number()
		return r, d.end()
	}
	r.Sketch = d.sketch()
	return r, d.end()
}

// sketch reads a sketch, which is the last of its record.
func (d *decoder) sketch() minhash.Sketch {
	s := minhash.Sketch{Scale: d.byte()}
	if s.Scale > minhash.MaxScale {
		d.fail("scale out of range")
	}
	n := d.uvarint(8 * uint64(len(d.b))) // a hash has a bit at least
	if n > 0 {
		s.Hashes = make([]uint64, n)
	}
	limit := minhash.Limit(s.Scale) >> hashShift
	k := rice.Parameter(len(s.Hashes), limit)
	from := rice.NewReader(d.b, 0)
	before := uint64(0)
	for i := range s.Hashes {
		if before += from.Get(k); before > limit {
			d.fail("hash above the limit of its scale")
			return minhash.Sketch{}
		}
		s.Hashes[i] = before << hashShift
	}
	rest, ok := from.Rest()
	if !ok {
		d.fail(errEarly.Error())
	}
	if d.err == nil {
		d.b = rest
	}
	return s
}

// recordHead returns the id and the digest of a record without decoding it. They share memory with b.
func recordHead(b []byte) (id, digest []byte, err error) {
	d := decoder{b: b}
	flags := d.byte()
	id = d.bytes(d.count(1))
	for range 3 { // url, site, title
		d.bytes(d.count(1))
	}
	if flags&flagPublished != 0 {
		d.varint()
	}
	d.uvarint(math.MaxInt64) // added
	d.uvarint(math.MaxInt32) // words
	return id, d.bytes(digestBytes), d.err
}

// edgeBytes is what an edge takes at the least.
const edgeBytes = 18

// edge is a verified match of a holder with another one, strong enough for one story.
type edge struct {
	Other       number
	Kind        match.Kind
	Jaccard     float32
	Containment float32 // the part of this one that stands in the other
	Contains    float32 // the part of the other that stands in this one
	Weight      float32
}

// appendEdges encodes the edges of one holder, which are by rising other end.
func appendEdges(b []byte, edges []edge) []byte {
	b = binary.AppendUvarint(b, uint64(len(edges)))
	before := number(0)
	for _, e := range edges {
		b = binary.AppendUvarint(b, uint64(e.Other-before))
		before = e.Other
		b = append(b, byte(e.Kind))
		for _, f := range []float32{e.Jaccard, e.Containment, e.Contains, e.Weight} {
			b = binary.BigEndian.AppendUint32(b, math.Float32bits(f))
		}
	}
	return b
}

func decodeEdges(b []byte) ([]edge, error) {
	d := decoder{b: b}
	edges := make([]edge, d.count(edgeBytes))
	before := uint64(0)
	for i := range edges {
		e := &edges[i]
		delta := d.uvarint(math.MaxUint32)
		if before += delta; delta == 0 || before > math.MaxUint32 {
			d.fail("edges out of order")
		}
		e.Other, e.Kind = number(before), match.Kind(d.byte())
		if e.Kind < match.Rewrite || e.Kind > match.Exact {
			d.fail("unknown kind")
		}
		for _, f := range []*float32{&e.Jaccard, &e.Containment, &e.Contains, &e.Weight} {
			*f = math.Float32frombits(d.uint32())
			if !(*f >= 0 && *f <= 1) {
				d.fail("figure out of range")
			}
		}
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	return edges, nil
}

// relation is what is known of a holder besides its record and its edges.
type relation struct {
	Uncounted bool
	Story     number // 0: alone
	Strict    number
	Group     int    // articles with these words, itself included
	GroupRep  number // … the representative of them; 0: itself
}

const (
	flagUncounted = 1
	flagCluster   = 2
)

// isDefault says that r need not be stored.
func (r *relation) isDefault() bool {
	return !r.Uncounted && r.Story == 0 && r.Group <= 1
}

func (r *relation) append(b []byte) []byte {
	flags := byte(0)
	if r.Uncounted {
		flags |= flagUncounted
	}
	if r.Story != 0 {
		flags |= flagCluster
	}
	b = append(b, flags)
	if r.Story != 0 {
		b = binary.AppendUvarint(b, uint64(r.Story))
		b = binary.AppendUvarint(b, uint64(r.Strict))
	}
	b = binary.AppendUvarint(b, uint64(max(r.Group, 1)))
	return binary.AppendUvarint(b, uint64(r.GroupRep))
}

func decodeRelation(b []byte) (relation, error) {
	var r relation
	d := decoder{b: b}
	flags := d.byte()
	if flags&^(flagUncounted|flagCluster) != 0 {
		d.fail("unknown flags")
	}
	r.Uncounted = flags&flagUncounted != 0
	if flags&flagCluster != 0 {
		r.Story, r.Strict = d.number(), d.number()
	}
	r.Group = int(d.uvarint(math.MaxUint32))
	if r.Group == 0 {
		d.fail("group of none")
	}
	r.GroupRep = number(d.uvarint(math.MaxUint32))
	return r, d.end()
}

// clusterRecord is the record k.
type clusterRecord struct {
	Size           int
	Representative number
}

func (c clusterRecord) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(c.Size))
	return binary.AppendUvarint(b, uint64(c.Representative))
}

func decodeCluster(b []byte) (clusterRecord, error) {
	d := decoder{b: b}
	c := clusterRecord{Size: int(d.uvarint(math.MaxUint32)), Representative: d.number()}
	return c, d.end()
}

func appendNumber(n number) []byte { return binary.AppendUvarint(nil, uint64(n)) }

func decodeNumber(b []byte) (number, error) {
	d := decoder{b: b}
	n := d.number()
	return n, d.end()
}

// posting is an article under a key (the upper 32 bits of a hash).
type posting struct {
	Key    uint64
	Number number
}

// blockPostings is the number of postings in a block.
const blockPostings = 128

// appendBlock encodes sorted postings as a block. Its fence is the key that the
// first posting had when the segment was sealed.
func appendBlock(b []byte, fence uint64, postings []posting) []byte {
	if len(postings) == 0 {
		return b
	}
	highest := number(0)
	for _, p := range postings {
		highest = max(highest, p.Number)
	}
	width := uint(bits.Len32(highest))
	k := rice.Parameter(len(postings), postings[len(postings)-1].Key-fence)
	w := rice.NewWriter(append(binary.AppendUvarint(b, uint64(len(postings))), byte(k), byte(width)))
	before := fence
	for _, p := range postings {
		w.Put(p.Key-before, k)
		w.Bits(uint64(p.Number), width)
		before = p.Key
	}
	return w.Bytes()
}

// decodeBlock appends the postings of a block to dst.
func decodeBlock(dst []posting, fence uint64, b []byte) ([]posting, error) {
	if len(b) == 0 {
		return dst, nil
	}
	was := dst
	d := decoder{b: b}
	n := d.uvarint(8 * uint64(len(b))) // a posting has two bits at least
	k, width := uint(d.byte()), uint(d.byte())
	if n == 0 || k > rice.MaxParameter || width > 32 {
		d.fail("head of a block")
	}
	from := rice.NewReader(d.b, 0)
	before := posting{Key: fence}
	for range n {
		p := posting{Key: before.Key + from.Get(k), Number: number(from.Bits(width))}
		if d.err != nil || !from.Good() || p.Number == 0 || p.Key > math.MaxUint64>>hashShift {
			d.fail("posting out of range")
			return was, d.err
		}
		if p.Key == before.Key && p.Number <= before.Number {
			d.fail("postings out of order")
		}
		dst = append(dst, p)
		before = p
	}
	if rest, ok := from.Rest(); !ok || len(rest) > 0 {
		d.fail("block goes on too long")
	}
	if d.err != nil {
		return was, d.err
	}
	return dst, nil
}

func appendFences(b []byte, fences []uint64) []byte {
	before := uint64(0)
	for _, f := range fences {
		b = binary.AppendUvarint(b, f-before)
		before = f
	}
	return b
}

func decodeFences(b []byte) ([]uint64, error) {
	d := decoder{b: b}
	var fences []uint64
	before := uint64(0)
	for len(d.b) > 0 && d.err == nil {
		if before += d.uvarint(math.MaxUint64 >> hashShift); before > math.MaxUint64>>hashShift {
			d.fail("fence out of range")
		}
		fences = append(fences, before)
	}
	return fences, d.end()
}

func decodeJSON[T any](b []byte) (T, error) {
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		return v, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return v, nil
}

// decoder reads the fields of a record one after another. The first failure
// sticks, and all reads after it give zero.
type decoder struct {
	b   []byte
	err error
}

var errEarly = errors.New("record ends early")

func (d *decoder) fail(what string) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", ErrCorrupt, what)
		d.b = nil
	}
}

// end is the error of the decoder, and ErrCorrupt if bytes are left.
func (d *decoder) end() error {
	if len(d.b) > 0 {
		d.fail("record goes on too long")
	}
	return d.err
}

func (d *decoder) bytes(n int) []byte {
	if d.err != nil || n > len(d.b) {
		d.fail(errEarly.Error())
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) byte() byte {
	if b := d.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint32() uint32 {
	if b := d.bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) uvarint(most uint64) uint64 {
	v, n := binary.Uvarint(d.b)
	if d.err != nil || n <= 0 || v > most {
		d.fail("bad number")
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	if d.err != nil || n <= 0 {
		d.fail("bad number")
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) number() number {
	n := number(d.uvarint(math.MaxUint32))
	if n == 0 {
		d.fail("article number 0")
	}
	return n
}

func (d *decoder) string() string { return string(d.bytes(d.count(1))) }

// count reads the number of things that follow, each of at least size bytes.
func (d *decoder) count(size int) int {
	n := d.uvarint(math.MaxUint32)
	if n > uint64(len(d.b)/size) {
		d.fail("count larger than the record")
		return 0
	}
	return int(n)
}
