package index

import (
	"sync"
	"sync/atomic"
)

// pieceCache keeps pieces of files, pages of furniture runs or blocks of posting segments, or what is known of articles, by number. It is in parts that are locked apart. Each part
// has its pieces in two generations: when the younger one has grown to half of what the part may take, it becomes the older one, and the
// pieces that nobody asked for since the last time are forgotten. A piece of a file that was merged is forgotten in the same way, for nobody
// asks for it.
type pieceCache[T any] struct {
	parts [16]cachePart[T]
	half  atomic.Int64 // bytes of one generation of one part
}

type cachePart[T any] struct {
	mu         sync.Mutex
	young, old map[pieceID]cached[T]
	bytes      int64 // of the young
}

type cached[T any] struct {
	piece T
	bytes int
}

type pieceID struct {
	file  uint32
	piece uint32
}

// numberID is the place of what is known of article n.
func numberID(n number) pieceID { return pieceID{piece: n} }

// pieceOverhead is what a piece takes in the cache besides its own memory, about.
const pieceOverhead = 48

func newPieceCache[T any](bytes int64) *pieceCache[T] {
	c := &pieceCache[T]{}
	c.resize(bytes)
	for i := range c.parts {
		c.parts[i].young = make(map[pieceID]cached[T])
	}
	return c
}

// resize lets the cache grow or shrink to so many bytes, while it is used.
func (c *pieceCache[T]) resize(bytes int64) { c.half.Store(bytes / int64(2*len(c.parts))) }

func (c *pieceCache[T]) part(id pieceID) *cachePart[T] {
	return &c.parts[(id.piece*0x9E3779B1^id.file*0x85EBCA77)>>28]
}

func (c *pieceCache[T]) get(id pieceID) (piece T, ok bool) {
	p := c.part(id)
	p.mu.Lock()
	defer p.mu.Unlock()
	entry, ok := p.young[id]
	if !ok {
		if entry, ok = p.old[id]; ok {
			p.put(id, entry, c.half.Load())
		}
	}
	return entry.piece, ok
}

// put enters a piece that takes so many bytes.
func (c *pieceCache[T]) put(id pieceID, piece T, bytes int) {
	p := c.part(id)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(id, cached[T]{piece, bytes}, c.half.Load())
}

// drop forgets a piece that was changed.
func (c *pieceCache[T]) drop(id pieceID) {
	p := c.part(id)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.young, id)
	delete(p.old, id)
}

// clear forgets all.
func (c *pieceCache[T]) clear() {
	for i := range c.parts {
		p := &c.parts[i]
		p.mu.Lock()
		p.young, p.old, p.bytes = make(map[pieceID]cached[T]), nil, 0
		p.mu.Unlock()
	}
}

func (p *cachePart[T]) put(id pieceID, entry cached[T], half int64) {
	if p.bytes >= half {
		p.young, p.old, p.bytes = make(map[pieceID]cached[T], len(p.young)), p.young, 0
	}
	p.young[id] = entry
	p.bytes += int64(entry.bytes) + pieceOverhead
}
