package index

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"github.com/dedupe-news/dedupe/minhash"
)

// placed is a file in which stands, by place, what is needed of holders to compare them. Pairs are compared in the order of places, and what is published
// at about the same time is mostly compared with each other: so the file is read from its beginning to its end, where records, which stand by
// number, would have to be read here and there.
//
// Under a place, 4 bytes, big-endian, and a byte that says of which parts the value is, stand one after the other:
//
//	1   of the representative: uvarint length and site, uvarint length and title, varint seconds of its publication, or those of the zero time
//	2   the sketch of the holder, as it stands in its record
type placed struct {
	sorter *keyedSorter
	begins begins    // of every placedEach places
	rooms  sync.Pool // of *[]byte: to read into
}

// placedEach is how many places are read together to find one.
const placedEach = 4

const (
	partRepresentative = 1
	partSketch         = 2
)

// placedHolder is what stands there of a holder. It shares memory with what was read.
type placedHolder struct {
	site, title []byte
	published   time.Time
	rest        []byte // sketch
}

func (h *placedHolder) sketch() (minhash.Sketch, error) {
	d := decoder{b: h.rest}
	s := d.sketch(nil)
	return s, d.end()
}

// postAndLay collects the keys of all holders, as post does, and makes the file. Close it, also after an error.
func (r *reclustering) postAndLay() (*placed, error) {
	r.beginPosting()
	splits := evenSplits(len(r.numbers), (r.x.workers+1)/2, placedEach) // more would read smaller pieces of each run
	p := &placed{
		sorter: newKeyedSorter(r.dir, r.x.budget.sorting/2, r.x.workers, splits...),
		begins: newBegins((len(r.numbers) + placedEach - 1) / placedEach),
	}
	err := r.scan(func(from, to number) error {
		w, keys := p.sorter.writer(), poster{r: r, w: r.postings.writer()}
		defer w.release()
		defer keys.w.release()
		var key, value []byte
		return r.from.heads(from, to, func(n number, h *recordHead) error {
			place := r.place[cmp.Or(h.holder, n)]
			if h.holder == 0 {
				if err := keys.post(place, h); err != nil {
					return fmt.Errorf("article number %d: %w", n, err)
				}
			}
			parts := byte(0)
			value = value[:0]
			if r.first[place] == n {
				parts, value = partRepresentative, h.appendPlaced(value)
			}
			if h.holder == 0 {
				parts, value = parts|partSketch, append(value, h.rest...)
			}
			if parts == 0 {
				return nil
			}
			key = append(binary.BigEndian.AppendUint32(key[:0], place), parts)
			return w.add(keyed{key, value})
		})
	})
	r.postings.finish()
	if err == nil {
		err = p.sorter.finish(r.ctx, p.note)
	}
	p.begins.fill(p.sorter.size)
	return p, err
}

func (h *recordHead) appendPlaced(b []byte) []byte {
	return binary.AppendVarint(appendBytes(appendBytes(b, h.site()), h.title()), h.published.Unix())
}

// note notes where places begin. Those that are read together are in one part of the file.
func (p *placed) note(k keyed, at int64) error {
	p.begins.note(int(binary.BigEndian.Uint32(k.key)/placedEach), at)
	return nil
}

// get calls do with the holder at a place. It may be called concurrently.
func (p *placed) get(place uint32, do func(h *placedHolder) error) error {
	room, ok := p.rooms.Get().(*[]byte)
	if !ok {
		room = new([]byte)
	}
	defer p.rooms.Put(room)
	h, err := p.read(place, room)
	if err != nil {
		return fmt.Errorf("temporary file: %w", err)
	}
	return do(&h)
}

// read reads the holder at a place into room.
func (p *placed) read(place uint32, room *[]byte) (h placedHolder, err error) {
	err = p.sorter.read(p.begins[place/placedEach], p.begins[place/placedEach+1], room, func(k keyed) error {
		if binary.BigEndian.Uint32(k.key) != place {
			return nil
		}
		d := decoder{b: k.value}
		if k.key[4]&partRepresentative != 0 {
			h.site, h.title, h.published = d.bytes(d.count(1)), d.bytes(d.count(1)), time.Unix(d.varint(), 0).UTC()
		}
		if k.key[4]&partSketch != 0 {
			h.rest = d.b
		}
		return d.err
	})
	return h, err
}

func (p *placed) close() error { return p.sorter.close() }
