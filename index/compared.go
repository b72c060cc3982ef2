package index

import (
	"sync"
	"sync/atomic"
)

// comparedCache keeps holders that were made ready to be compared, by place, up to about so many bytes. When there are more, a hand goes round the
// places and takes away those that were not asked for since it last came by (the clock of Corbató 1968, "A paging experiment with the Multics
// system"): the first pages of a site, with which all others are compared, stay. It is for many goroutines; to ask takes no lock.
type comparedCache struct {
	places []atomic.Pointer[compared]
	most   int64
	bytes  atomic.Int64
	turn   sync.Mutex // of the hand
	hand   int
}

// compared is an entry.
type compared struct {
	subject *subject
	bytes   int64
	asked   atomic.Bool // since the hand came by
}

func newComparedCache(places int, bytes int64) *comparedCache {
	return &comparedCache{places: make([]atomic.Pointer[compared], places), most: bytes}
}

func (c *comparedCache) get(place uint32) *subject {
	entry := c.places[place].Load()
	if entry == nil {
		return nil
	}
	if !entry.asked.Load() {
		entry.asked.Store(true)
	}
	return entry.subject
}

// put enters s, unless it would take half of the room.
func (c *comparedCache) put(place uint32, s *subject) {
	entry := &compared{subject: s, bytes: s.bytes()}
	if entry.bytes > c.most/2 || !c.places[place].CompareAndSwap(nil, entry) {
		return
	}
	if c.bytes.Add(entry.bytes) > c.most && c.turn.TryLock() {
		c.makeRoom()
		c.turn.Unlock()
	}
}

// makeRoom moves the hand until a sixteenth is free.
func (c *comparedCache) makeRoom() {
	for c.bytes.Load() > c.most/16*15 {
		if c.hand++; c.hand == len(c.places) {
			c.hand = 0
		}
		place := &c.places[c.hand]
		switch entry := place.Load(); {
		case entry == nil:
		case entry.asked.Load():
			entry.asked.Store(false)
		default:
			place.Store(nil)
			c.bytes.Add(-entry.bytes)
		}
	}
}
