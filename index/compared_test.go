package index

import (
	"testing"

	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/minhash"
)

// The cache keeps to its room, and what is asked for again and again stays in it.
func TestComparedCacheKeepsToItsRoom(t *testing.T) {
	t.Parallel()
	s := &subject{Sketched: match.Sketched{Sketch: minhash.Sketch{Hashes: make([]uint64, 100)}}}
	const places, room = 1000, 50
	c := newComparedCache(places, room*s.bytes())
	for place := range uint32(places) {
		c.put(place, s)
		if place > 0 && c.get(0) == nil {
			t.Fatalf("place 0, which is always asked for, is gone after %d", place)
		}
		if got := c.bytes.Load(); got > c.most {
			t.Fatalf("%d bytes after place %d, want at most %d", got, place, c.most)
		}
	}
	kept := 0
	for place := range uint32(places) {
		if c.get(place) != nil {
			kept++
		}
	}
	if kept < room/2 || kept > room {
		t.Errorf("%d places are kept, want up to %d", kept, room)
	}
}
