package index

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/dedupe-news/dedupe/minhash"
	"github.com/dedupe-news/dedupe/rice"
)

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

// bytes is how much memory r takes, about.
func (r *record) bytes() int {
	return 200 + len(r.ID) + len(r.URL) + len(r.Site) + len(r.Title) + hashBytes*len(r.Sketch.Hashes)
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
	err := r.decode(b)
	return r, err
}

// decode makes r the record b, with the hashes in the memory that those of r have. If it fails, r is of no use.
func (r *record) decode(b []byte) error {
	h, err := decodeHead(b)
	if err != nil {
		return err
	}
	hashes := r.Sketch.Hashes[:0]
	*r = h.record()
	if r.Holder == 0 {
		r.Sketch, err = h.sketch(hashes)
	}
	return err
}

// recordHead is what stands in a record before the sketch. It shares memory with the record.
type recordHead struct {
	texts            [4][]byte // id, url, site, title
	published, added time.Time
	words            int
	digest           []byte
	holder           number // 0: it is a holder itself
	whole            []byte // all of these
	rest             []byte // of a holder: its sketch
	prints           []byte // of one with a text in the load log: those by which it is counted; else nil
}

// rising is when the article was published, as a number that orders articles by it.
func (h *recordHead) rising() uint64 { return rising(h.published.Unix(), !h.published.IsZero()) }

// decodeHead reads a record up to the sketch, and allocates nothing.
func decodeHead(b []byte) (h recordHead, err error) {
	d := decoder{b: b}
	flags := d.byte()
	if flags&^(flagExact|flagPublished) != 0 {
		d.fail("unknown flags")
	}
	for i := range h.texts {
		h.texts[i] = d.bytes(d.count(1))
	}
	if flags&flagPublished != 0 {
		h.published = time.Unix(d.varint(), 0).UTC()
	}
	h.added = time.Unix(int64(d.uvarint(math.MaxInt64)), 0).UTC()
	h.words = int(d.uvarint(math.MaxInt32))
	h.digest = d.bytes(digestBytes)
	if flags&flagExact != 0 {
		h.holder = d.number()
		h.whole = b
		return h, d.end()
	}
	h.whole, h.rest = b[:len(b)-len(d.b)], d.b
	return h, d.err
}

// record is a record without its sketch.
func (h *recordHead) record() record {
	r := record{Published: h.published, Added: h.added, Words: h.words, Digest: digest(h.digest), Holder: h.holder}
	r.ID, r.URL, r.Site, r.Title = h.strings()
	return r
}

func (h *recordHead) id() []byte    { return h.texts[0] }
func (h *recordHead) site() []byte  { return h.texts[2] }
func (h *recordHead) title() []byte { return h.texts[3] }

// strings are id, URL, site and title. They share memory, so that one allocation is enough.
func (h *recordHead) strings() (id, url, site, title string) {
	first, last := h.texts[0], h.texts[3]
	together := first[: cap(first)-cap(last)+len(last) : cap(first)]
	all := string(together)
	text := func(i int) string {
		from := cap(first) - cap(h.texts[i])
		return all[from : from+len(h.texts[i])]
	}
	return text(0), text(1), text(2), text(3)
}

// sketch decodes the sketch of a holder, into the memory of hashes.
func (h *recordHead) sketch(hashes []uint64) (minhash.Sketch, error) {
	d := decoder{b: h.rest}
	s := d.sketch(hashes)
	return s, d.end()
}

// sketch reads a sketch, which is the last of its record, into the memory of hashes.
func (d *decoder) sketch(hashes []uint64) minhash.Sketch {
	s := minhash.Sketch{Scale: d.byte()}
	if s.Scale > minhash.MaxScale {
		d.fail("scale out of range")
	}
	n := d.uvarint(8 * uint64(len(d.b))) // a hash has a bit at least
	if n > uint64(cap(hashes)) {
		hashes = make([]uint64, n)
	}
	s.Hashes = hashes[:n]
	limit := minhash.Limit(s.Scale) >> hashShift
	from := rice.NewReader(d.b, 0)
	from.Fill(s.Hashes, rice.Parameter(len(s.Hashes), limit))
	before := uint64(0)
	for i, gap := range s.Hashes {
		if before += gap; before > limit || gap == 0 && i > 0 {
			d.fail("hash above the limit of its scale, or twice")
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
