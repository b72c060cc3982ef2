package index

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/dedupe-news/dedupe/disk"
)

// Clusters come the largest first, and most have two or three members that were added long after each other: so one look-up after the other reads,
// and unpacks, a block of some records for one of them, and where the system's cache does not hold it, reads it from the disk. In larger
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

// gather gathers the heads of all members of parts; nil if that does not pay, if there is no room on the disk for them, or if it fails: then they are looked up, and
// what is damaged is told where it is. The only error is that of ctx. Others may change the index meanwhile. Close it.
func (x *Index) gather(ctx context.Context, parts [][]group) (*gathered, error) {
	members := 0
	for _, part := range parts {
		for _, g := range part {
			members += g.size
		}
	}
	next, err := x.behindLast()
	if err != nil || !gatheringPays(members, next) || disk.Check(x.dir, x.spare+2*headBytes*int64(members)) != nil { // as runs, and sorted
		return nil, ctx.Err()
	}
	dir, err := os.MkdirTemp(x.dir, temporaryName+"-")
	if err != nil {
		return nil, ctx.Err()
	}
	g := &gathered{sorter: newKeyedSorter(dir, x.budget.sorting/8, x.workers), begins: make([]int64, 0, len(parts)+1)}
	err = errors.Join(x.gatherInto(ctx, g, parts, next), os.RemoveAll(dir)) // the file is open, and goes when it is closed
	if err != nil {
		_ = g.close()
		return nil, ctx.Err()
	}
	return g, nil
}

// behindLast is the number behind that of the last article: of what the state says, which may be damaged, only what is there takes memory.
func (x *Index) behindLast() (number, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.usable(); err != nil {
		return 0, err
	}
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	return min(x.state.Next, lastArticle(txn)+1), nil
}

// headBytes is what a head takes on the disk, about.
const headBytes = 256

// gatheringPays says whether so many members, of about so many articles, are so many that all records are read as soon as theirs are looked up.
func gatheringPays(members int, articles number) bool {
	return articles >= gatherFrom && members >= int(articles)/gatherShare
}

func (x *Index) gatherInto(ctx context.Context, g *gathered, parts [][]group, next number) error {
	in := make([]uint32, next) // by number of a holder: 1 + the part that it is in; 0: in none
	for i, part := range parts {
		for _, group := range part {
			for _, h := range group.holders {
				if h < next { // as all are that are not damaged
					in[h] = uint32(i) + 1
				}
			}
		}
	}
	r := &reclustering{x: x, ctx: ctx, next: next}
	err := r.scan(func(from, to number) error {
		x.mu.RLock()
		defer x.mu.RUnlock()
		if err := x.usable(); err != nil {
			return err
		}
		txn := x.db.NewTransaction(false)
		defer txn.Discard()
		w := g.sorter.writer()
		defer w.release()
		var key []byte
		articles := &stored{x, txn}
		return articles.heads(from, to, func(n number, h *recordHead) error {
			holder := cmp.Or(h.holder, n)
			if holder >= next || in[holder] == 0 {
				return nil
			}
			key = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(key[:0], in[holder]-1), n)
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
	heads := make(map[number]*record)
	err := g.sorter.read(g.begins[part], g.begins[part+1], room, func(k keyed) error {
		h, err := decodeHead(k.value)
		if err != nil {
			return err
		}
		r := h.record()
		heads[binary.BigEndian.Uint32(k.key[4:])] = &r
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
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
