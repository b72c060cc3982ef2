package index

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/minhash"
	"github.com/dedupe-news/dedupe/shingle"
)

// subject is an article made ready to be compared: by its text, or by its sketch in an index without texts.
type subject struct {
	reading *match.Reading // nil in an index without texts
	match.Sketched
	marks *atomic.Pointer[furnitureMarks] // that were made last; nil: they are not kept
}

// furnitureMarks are the words of a text in shingles of so many stories, as long as no count changes.
type furnitureMarks struct {
	marks   []bool
	least   int
	counted uint64 // Index.counted when they were made
}

// pairing is what two subjects have in common.
type pairing struct {
	a, b  *subject
	texts *match.Pair // nil in an index without texts

	seeded         bool // the two below are known
	same, hopeless bool
}

func (x *Index) pair(a, b *subject) *pairing {
	x.work.compared.Add(1)
	p := pairingOf(a, b)
	return &p
}

func pairingOf(a, b *subject) pairing {
	p := pairing{a: a, b: b}
	if a.reading != nil && b.reading != nil {
		p.texts = match.Compare(a.reading, b.reading)
	}
	return p
}

func (p *pairing) sameStory() bool {
	same, _ := p.seed()
	return same
}

// seed says whether the two tell one story by the rule that furniture is counted by; and if it is hopeless that they ever do, whatever is
// furniture.
func (p *pairing) seed() (same, hopeless bool) {
	switch {
	case p.seeded:
	case p.texts == nil:
		p.same, p.hopeless = match.SameStorySketched(p.a.Sketched, p.b.Sketched)
	default:
		p.same, p.hopeless = p.texts.SameStory(), p.texts.Hopeless()
	}
	p.seeded = true
	return p.same, p.hopeless
}

// verdict gives the verdict if it is known what stands in so many stories.
func (p *pairing) verdict(from func(least int) func(shingle uint64) bool) match.Verdict {
	if p.texts == nil {
		return match.Estimate(p.a.Sketched, p.b.Sketched, from(match.FurnitureStories))
	}
	isFurniture := from(p.texts.FurnitureStories())
	return p.texts.Judge(p.a.reading.Furniture(isFurniture), p.b.reading.Furniture(isFurniture))
}

// retells is match.Pair.Retells.
func (p *pairing) retells() bool {
	if p.texts == nil {
		return match.RetellsSketched(p.a.Sketched, p.b.Sketched)
	}
	return p.texts.Retells()
}

// judge gives the verdict. a asks for the furniture of p.a, which may stand in many pairs.
func (p *pairing) judge(f *furnitureFinder, a *marked) match.Verdict {
	switch {
	case p.texts == nil:
		return match.Estimate(p.a.Sketched, p.b.Sketched, f.from(match.FurnitureStories))
	case p.texts.Hopeless() && !f.faint:
		return p.texts.Overlap()
	default:
		least := p.texts.FurnitureStories()
		return p.texts.Judge(a.marks(f, least), f.marks(p.b, least))
	}
}

// marked is a subject whose furniture is looked up when it is needed first.
type marked struct {
	subject *subject
	mu      sync.Mutex
	known   map[int][]bool // by the least number of stories
}

func (m *marked) marks(f *furnitureFinder, least int) []bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	marks, ok := m.known[least]
	if !ok {
		if m.known == nil {
			m.known = make(map[int][]bool)
		}
		marks = f.marks(m.subject, least)
		m.known[least] = marks
	}
	return marks
}

// furnitureFinder asks the counts of an index, also concurrently.
type furnitureFinder struct {
	x     *Index
	txn   *badger.Txn
	extra map[uint64]bool // shingles of an article that is not in the index, but would be counted
	faint bool            // pairs below the floor of raw overlap are judged too
	first atomic.Pointer[error]
}

// err is the first error that came.
func (f *furnitureFinder) err() error {
	if err := f.first.Load(); err != nil {
		return *err
	}
	return nil
}

// from says whether a shingle stands in so many stories or more.
func (f *furnitureFinder) from(least int) func(shingle uint64) bool {
	return func(shingle uint64) bool {
		least := least
		if f.extra[shingle] {
			least--
		}
		is, err := f.x.standsIn(f.txn, furniture.PrintOf(shingle), least)
		if err != nil {
			f.first.CompareAndSwap(nil, &err)
		}
		return is
	}
}

// marks are the words of s in shingles of so many stories; nil in an index without texts.
func (f *furnitureFinder) marks(s *subject, least int) []bool {
	switch {
	case s.reading == nil:
		return nil
	case s.marks == nil || f.extra != nil:
		return s.reading.Furniture(f.from(least))
	}
	if m := s.marks.Load(); m != nil && m.least == least && m.counted == f.x.counted {
		return m.marks
	}
	m := &furnitureMarks{s.reading.Furniture(f.from(least)), least, f.x.counted}
	if f.err() == nil {
		s.marks.Store(m)
	}
	return m.marks
}

// prepared is an article on its way into the index, or a query.
type prepared struct {
	article article.Article
	err     error // it cannot be added
	subject subject
	words   int
	digest  digest
	keys    []uint64
	prints  []furniture.Print // by which the first keys are counted, those that are
	text    []byte            // compressed

	lists [][]number          // postings under the keys in segments, when the batch began
	pairs map[number]*pairing // with likely candidates; nil: it is apart from this one
	cut   cutSet              // see set
}

// unfit says why an article cannot be added, as far as that is seen without reading it.
func unfit(a *article.Article) error {
	switch {
	case a.ID == "" || len(a.ID) > MaxIDBytes:
		return fmt.Errorf("%w: %d bytes (1 to %d)", ErrBadID, len(a.ID), MaxIDBytes)
	case len(a.Text) > MaxTextBytes:
		return fmt.Errorf("%w: %d bytes (at most %d)", ErrTooLong, len(a.Text), MaxTextBytes)
	}
	return nil
}

// Refusal returns the error with which Add would refuse an article: ErrBadID, ErrTooLong or ErrNoWords; nil if it would not.
func Refusal(a article.Article) error {
	if err := unfit(&a); err != nil {
		return err
	}
	if match.Read(a.Text, "", time.Time{}).Words.Len() == 0 {
		return ErrNoWords
	}
	return nil
}

// prepare does all that can be done to an article alone, but compress its text. Safe to be called concurrently.
func (x *Index) prepare(a article.Article, store bool) *prepared {
	return x.prepareIn(new(match.Reading), a, store)
}

// prepareIn is prepare in the memory of a reading that nobody uses any more.
func (x *Index) prepareIn(reading *match.Reading, a article.Article, store bool) *prepared {
	p := &prepared{article: a}
	if p.err = unfit(&a); p.err != nil {
		return p
	}
	p.article.Published = storedTime(a.Published)
	reading.Read(a.Text, a.Site, p.article.Published)
	if p.words = reading.Words.Len(); p.words == 0 {
		p.err = ErrNoWords
		return p
	}
	reading.Title = a.Title
	p.digest = wordsDigest(reading)
	p.subject = x.subjectOf(reading, x.sketchOf(reading.Shingles))
	p.keys = keysOf(p.subject.Sketch)
	p.prints = printsOf(p.keys, p.subject.hashes())
	if store && x.keepsText() {
		p.set()
	}
	return p
}

// printsOf are the prints by which keys are counted, those of them that are, which are the first. hashes have the whole of what was cut to keys.
func printsOf(keys, hashes []uint64) []furniture.Print {
	n := 0
	for n < len(keys) && match.Counted(keys[n]<<hashShift) {
		n++
	}
	if n == 0 {
		return nil
	}
	prints := make([]furniture.Print, n)
	for _, h := range hashes {
		if key := h >> hashShift; key <= keys[n-1] {
			if i, is := slices.BinarySearch(keys[:n], key); is {
				prints[i] = furniture.PrintOf(h)
			}
		}
	}
	return prints
}

// storedTime is a time of publication as it is stored: to the second; unknown, if it is in a year that neither RFC 3339 nor JSON has.
func storedTime(t time.Time) time.Time {
	if t = t.UTC().Truncate(time.Second); t.Year() < 0 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// sketchOf samples shingles as the scheme says, with the hashes cut to what is stored. In one article of 80,000, of a hundred hashes, that makes two of them
// one.
func (x *Index) sketchOf(shingles []uint64) minhash.Sketch {
	least := leastKeys
	if !x.keepsText() {
		least *= sketchFactor
	}
	s := minhash.New(shingles, least)
	for i := range s.Hashes {
		s.Hashes[i] = s.Hashes[i] >> hashShift << hashShift
	}
	s.Hashes = slices.Compact(s.Hashes)
	return s
}

func (x *Index) subjectOf(r *match.Reading, s minhash.Sketch) subject {
	sub := subject{Sketched: match.Sketched{Sketch: s, Site: r.Site, Published: r.Published}}
	if x.keepsText() {
		sub.reading = r
	}
	return sub
}

// load makes the holder of number n and record r ready to be compared. Safe to be called concurrently.
func (x *Index) load(txn *badger.Txn, n number, r *record) (*subject, error) {
	if s := x.readings.get(n); s != nil {
		return s, nil
	}
	s := sketched(r)
	if !x.keepsText() {
		return s, nil
	}
	text, err := x.readText(txn, n)
	if err != nil {
		return nil, err
	}
	s.reading, s.marks = readingOf(r, text), new(atomic.Pointer[furnitureMarks])
	x.readings.put(n, s)
	return s, nil
}

// sketched is an article of which only the record is known.
func sketched(r *record) *subject {
	return &subject{Sketched: match.Sketched{Sketch: r.Sketch, Site: r.Site, Published: r.Published}}
}

// readingOf makes the text of an article ready to be compared.
func readingOf(r *record, text string) *match.Reading {
	reading := match.Read(text, r.Site, r.Published)
	reading.Title = r.Title
	return reading
}

// wordsDigest is by what exact copies are known: the words of the text, and those of the title too where the text is so short that it
// does not tell what article it is.
func wordsDigest(r *match.Reading) (d digest) {
	words := &r.Words
	if r.Tiny() && r.Title != "" {
		words = new(shingle.Words)
		words.Scan(r.Title + "\n" + r.Text)
	}
	full := words.Digest()
	copy(d[:], full[:])
	return d
}

// readText returns the text of article n.
func (x *Index) readText(txn *badger.Txn, n number) (string, error) {
	value, err := get(txn, keyText(n))
	if err != nil {
		return "", err
	}
	return x.decompress(n, value)
}

func (x *Index) decompress(n number, value []byte) (string, error) {
	if len(value) == 0 {
		return "", fmt.Errorf("text of article number %d: %w: it is missing", n, ErrCorrupt)
	}
	text, err := x.decoder.DecodeAll(value, nil)
	if err != nil {
		return "", fmt.Errorf("text of article number %d: %w: %w", n, ErrCorrupt, err)
	}
	return string(text), nil
}

// readingCache keeps articles that were compared, up to about so many bytes, in two generations as a pieceCache does: those that are
// compared again and again, such as the first pages of a site, stay.
type readingCache struct {
	mu         sync.Mutex
	young, old map[number]cachedReading
	bytes      int64 // of the young
	half       int64 // … the most
}

type cachedReading struct {
	subject *subject
	bytes   int64
}

// What an article takes when it is ready to be compared, about: so much for each word of its text or hash of its sketch, and a little for itself.
const (
	readingBytes  = 91
	articleBytes  = 2048
	hashBytes     = 8
	sketchedBytes = 320
)

// bytes is how much memory s takes, about.
func (s *subject) bytes() int64 {
	if s.reading == nil {
		return int64(len(s.Sketch.Hashes))*hashBytes + sketchedBytes
	}
	return int64(s.reading.Words.Len())*readingBytes + articleBytes
}

func newReadingCache(bytes int64) *readingCache {
	return &readingCache{half: bytes / 2, young: make(map[number]cachedReading)}
}

func (c *readingCache) get(n number) *subject {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.young[n]
	if !ok {
		if entry, ok = c.old[n]; ok {
			c.enter(n, entry)
		}
	}
	return entry.subject
}

func (c *readingCache) put(n number, s *subject) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.young[n]; !there {
		c.enter(n, cachedReading{s, s.bytes()})
	}
}

// enter puts an entry among the young, unless it would take half of their room.
func (c *readingCache) enter(n number, entry cachedReading) {
	if entry.bytes > c.half/2 {
		return
	}
	if c.bytes+entry.bytes > c.half {
		c.young, c.old, c.bytes = make(map[number]cachedReading, len(c.young)), c.young, 0
	}
	c.young[n] = entry
	c.bytes += entry.bytes
}

// drop forgets n; its bytes stay counted until the young grow old.
func (c *readingCache) drop(n number) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, n)
	delete(c.old, n)
}
