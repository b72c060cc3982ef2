package index

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/dedupe-news/dedupe/disk"
)

// Clusters come the largest first, and most have two or three members that were added long after each other: so one look-up after the other reads,
// and unpacks, a block of some records for one of them, and where the system's cache does not hold it, reads it from the disk. In larger
// indexes all that is stored of the members, but their sketches and texts, is read in the order of their numbers, and sorted by the part of the clusters that needs it.

// gatherFrom is from how many articles on this is done, some 150 MB of records, and gatherShare the share of them, one in so many, that must be in clusters:
// to read the next one takes about a tenth of a look-up. A variable so that tests gather few.
var gatherFrom number = 1 << 18

const gatherShare = 16

// gathered is a file in which stand, part by part and by number, the heads of the records of the members, and relations and edges of those that are holders. Under part and
// number, 4 bytes each, big-endian, and the first byte of the key under which it is stored, stands what is stored.
type gathered struct {
	sorter *keyedSorter
	at     uint64      // when: the time of Badger's transactions
	moved  atomic.Bool // something was committed meanwhile, so that relations and edges are of different times
	begins begins      // of the parts
	rooms  sync.Pool   // of *[]byte: to read into
}

// gather gathers what is stored of all members of parts; nil if that does not pay, if there is no room on the disk for them, or if it fails: then they are looked up, and
// what is damaged is told where it is. The only error is that of ctx. Others may change the index meanwhile. Close it.
func (x *Index) gather(ctx context.Context, parts [][]group) (*gathered, error) {
	members := 0
	for _, part := range parts {
		for _, g := range part {
			members += g.size
		}
	}
	at, next, err := x.behindLast()
	if err != nil || !gatheringPays(members, next) || disk.Check(x.dir, x.spare+2*memberBytes*int64(members)) != nil { // as runs, and sorted
		return nil, ctx.Err()
	}
	dir, err := os.MkdirTemp(x.dir, temporaryName+"-")
	if err != nil {
		return nil, ctx.Err()
	}
	g := &gathered{
		at: at, begins: newBegins(len(parts)),
		sorter: newKeyedSorter(dir, x.budget.sorting/8, x.workers, evenSplits(len(parts), x.workers, 1)...),
	}
	err = errors.Join(x.gatherInto(ctx, g, parts, next), os.RemoveAll(dir)) // the file is open, and goes when it is closed
	if err != nil {
		_ = g.close()
		return nil, ctx.Err()
	}
	return g, nil
}

// behindLast is the time, and the number behind that of the last article: of what the state says, which may be damaged, only what is there takes memory.
func (x *Index) behindLast() (at uint64, next number, err error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.usable(); err != nil {
		return 0, 0, err
	}
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	return txn.ReadTs(), min(x.state.Next, lastArticle(txn)+1), nil
}

// memberBytes is what a member takes on the disk, about: with few edges, as most have. Where the disk becomes full for all that, members are looked up.
const memberBytes = 320

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
		if txn.ReadTs() != g.at {
			g.moved.Store(true)
		}
		w := gatherer{w: g.sorter.writer(), in: in}
		defer w.w.release()
		articles := &stored{x, txn}
		err := articles.heads(from, to, func(n number, h *recordHead) error { return w.add(cmp.Or(h.holder, n), n, prefixArticle, h.whole) })
		for _, prefix := range []byte{prefixRelation, prefixEdge} {
			if err == nil && !g.moved.Load() {
				err = eachNumbered(txn, prefixGeneration(prefix, x.state.Generation), from, to, func(n number, value []byte) error {
					return w.add(n, n, prefix, value)
				})
			}
		}
		return err
	})
	if err == nil {
		err = g.sorter.finish(ctx, g.note)
	}
	g.begins.fill(g.sorter.size)
	return err
}

// gatherer adds what belongs to members.
type gatherer struct {
	w   *keyedWriter
	in  []uint32 // by number of a holder: 1 + the part that it is in; 0: in none
	key []byte
}

// add adds what is stored of article n, which has the words of a holder.
func (g *gatherer) add(holder, n number, kind byte, value []byte) error {
	if int(holder) >= len(g.in) || g.in[holder] == 0 {
		return nil
	}
	g.key = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(g.key[:0], g.in[holder]-1), n)
	g.key = append(g.key, kind)
	return g.w.add(keyed{g.key, value})
}

// note notes where parts begin.
func (g *gathered) note(k keyed, at int64) error {
	g.begins.note(int(binary.BigEndian.Uint32(k.key)), at)
	return nil
}

// gatheredPart is what was gathered of the members of a part. nil is nothing.
type gatheredPart struct {
	at        uint64 // when relations and edges were read; 0: they cannot be used
	heads     map[number]*record
	relations map[number]relation
	edges     map[number][]edge
}

// part reads what was gathered of a part. It may be called concurrently. nil has none.
func (g *gathered) part(part int) (*gatheredPart, error) {
	if g == nil {
		return nil, nil
	}
	room, ok := g.rooms.Get().(*[]byte)
	if !ok {
		room = new([]byte)
	}
	defer func() {
		if cap(*room) <= roomBytes {
			g.rooms.Put(room)
		}
	}()
	a := &gatheredPart{heads: make(map[number]*record), relations: make(map[number]relation), edges: make(map[number][]edge)}
	if !g.moved.Load() {
		a.at = g.at
	}
	err := g.sorter.read(g.begins[part], g.begins[part+1], room, func(k keyed) error {
		var damaged error
		n := binary.BigEndian.Uint32(k.key[4:])
		switch kind := k.key[8]; {
		case kind == prefixArticle:
			h, err := decodeHead(k.value)
			if err != nil {
				return err
			}
			r := h.record()
			a.heads[n] = &r
		case a.at == 0:
		case kind == prefixRelation:
			a.relations[n], damaged = decodeRelation(k.value)
		case kind == prefixEdge:
			a.edges[n], damaged = decodeEdges(k.value)
		}
		if damaged != nil {
			a.at = 0 // who looks them up tells where they stand
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	return a, nil
}

// enter gives c what was read of the members of groups. What may have changed since is looked up.
func (a *gatheredPart) enter(c *changes, groups []group) {
	if a == nil {
		return
	}
	c.heads = a.heads
	if c.txn.ReadTs() != a.at {
		return
	}
	for n, rel := range a.relations {
		c.enterRelation(n, rel)
	}
	for _, g := range groups {
		for _, h := range g.holders {
			c.edges[h] = a.edges[h]
		}
	}
}

// close lets the file go. nil has none.
func (g *gathered) close() error {
	if g == nil || g.sorter.file == nil {
		return nil
	}
	return g.sorter.file.Close()
}
