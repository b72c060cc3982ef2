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
	*r = record{Sketch: minhash.Sketch{Hashes: r.Sketch.Hashes[:0]}}
	d := decoder{b: b}
	flags := d.byte()
	if flags&^(flagExact|flagPublished) != 0 {
		d.fail("unknown flags")
	}
	texts := d.fourStrings()
	r.ID, r.URL, r.Site, r.Title = texts[0], texts[1], texts[2], texts[3]
	if flags&flagPublished != 0 {
		r.Published = time.Unix(d.varint(), 0).UTC()
	}
	r.Added = time.Unix(int64(d.uvarint(math.MaxInt64)), 0).UTC()
	r.Words = int(d.uvarint(math.MaxInt32))
	copy(r.Digest[:], d.bytes(digestBytes))
	if flags&flagExact != 0 {
		r.Holder = d.number()
		return d.end()
	}
	r.Sketch = d.sketch(r.Sketch.Hashes)
	return d.end()
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
