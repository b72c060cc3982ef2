package index

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"sync"
)

// Clusters come the largest first, and most have two or three members that were added long after each other: so one look-up after the other reads,
// and unpacks, a block of some records for one of them. That is what it takes as long as the system's cache holds all of them. For larger
// indexes the heads of all members are read in the order of their numbers, and sorted by the part of the clusters that needs them.

// gatherFrom is from how many articles on heads are gathered, some 150 MB of records, and gatherShare the share of them, one in so many, that must be in clusters:
// to read the next one takes about a tenth of a look-up. A variable so that tests gather few.
var gatherFrom number = 1 << 18

const gatherShare = 16

// gathered is a file in which stand, part by part, the heads of the records of the members.
type gathered struct {
	sorter *keyedSorter
	begins []int64   // in the file: of each part, and behind the last
	rooms  sync.Pool // of *[]byte: to read into
}

// gather gathers the heads of all members of parts; nil if that does not pay, or if a record is damaged (who looks it up tells of that). Close it.
func (x *Index) gather(ctx context.Context, parts [][]group) (g *gathered, err error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := errors.Join(x.usable(), ctx.Err()); err != nil || !x.gatheringPays(parts) {
		return nil, err
	}
	if x.checkDisk() != nil {
		return nil, nil
	}
	dir, err := os.MkdirTemp(x.dir, temporaryName+"-")
	if err != nil {
		return nil, err
	}
	g = &gathered{sorter: newKeyedSorter(dir, x.budget.sorting/8, x.workers), begins: make([]int64, 0, len(parts)+1)}
	err = x.gatherInto(ctx, g, parts)
	err = errors.Join(err, os.RemoveAll(dir)) // the file is open, and goes when it is closed
	if err == nil {
		return g, nil
	}
	err = errors.Join(err, g.close())
	if errors.Is(err, ErrCorrupt) {
		return nil, nil
	}
	return nil, err
}

// gatheringPays says whether the clusters have so many members that all articles are read as soon as these are looked up.
func (x *Index) gatheringPays(parts [][]group) bool {
	members := 0
	for _, part := range parts {
		for _, g := range part {
			members += g.size
		}
	}
	return x.state.Next >= gatherFrom && members >= int(x.state.Next)/gatherShare
}

func (x *Index) gatherInto(ctx context.Context, g *gathered, parts [][]group) error {
	const none = math.MaxUint32
	in := make([]uint32, x.state.Next) // the part that a holder is in
	for n := range in {
		in[n] = none
	}
	for i, part := range parts {
		for _, group := range part {
			for _, h := range group.holders {
				if h < x.state.Next { // as all are that are not damaged
					in[h] = uint32(i)
				}
			}
		}
	}
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	r := &reclustering{x: x, ctx: ctx, next: x.state.Next, from: &stored{x, txn}}
	err := r.scan(func(from, to number) error {
		w := g.sorter.writer()
		defer w.release()
		var key []byte
		return r.from.heads(from, to, func(n number, h *recordHead) error {
			holder := n
			if h.holder != 0 {
				holder = h.holder
			}
			if holder >= r.next || in[holder] == none {
				return nil
			}
			key = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(key[:0], in[holder]), n)
			return w.add(keyed{key, h.whole})
		})
	})
	if err == nil {
		err = g.sorter.finish(ctx, g.note)
	}
	for len(g.begins) <= len(parts) {
		g.begins = append(g.begins, g.sorter.size)
	}
	return err
}

// note notes where parts begin.
func (g *gathered) note(k keyed, at int64) error {
	for part := int(binary.BigEndian.Uint32(k.key)); len(g.begins) <= part; {
		g.begins = append(g.begins, at)
	}
	return nil
}

// heads are the records of the members of a part, without their sketches. It may be called concurrently. nil has none.
func (g *gathered) heads(part int) (map[number]*record, error) {
	if g == nil {
		return nil, nil
	}
	room, ok := g.rooms.Get().(*[]byte)
	if !ok {
		room = new([]byte)
	}
	defer g.rooms.Put(room)
	from, to := g.begins[part], g.begins[part+1]
	b := grown(room, int(to-from))
	if _, err := g.sorter.file.ReadAt(b, from); err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	heads := make(map[number]*record)
	for len(b) > 0 {
		k, rest, err := decodeKeyed(b)
		if err != nil {
			return nil, fmt.Errorf("temporary file: %w", err)
		}
		h, err := decodeHead(k.value)
		if err != nil {
			return nil, fmt.Errorf("temporary file: %w", err)
		}
		r := h.record()
		heads[binary.BigEndian.Uint32(k.key[4:])] = &r
		b = rest
	}
	return heads, nil
}

// close lets the file go. nil has none.
func (g *gathered) close() error {
	if g == nil || g.sorter.file == nil {
		return nil
	}
	return g.sorter.file.Close()
}
