package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// Remove removes articles: afterwards nothing in the results tells that they were
// there, and clusters that they held together are split. If an id is not there, the error is
// ErrNotFound and names it, and nothing is removed.
func (x *Index) Remove(ctx context.Context, ids ...string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := errors.Join(x.usable(), ctx.Err()); err != nil {
		return fmt.Errorf("remove from index %s: %w", x.dir, err)
	}
	if err := x.have(ids); err != nil {
		return fmt.Errorf("remove from index %s: %w", x.dir, err)
	}
	if err := x.removeAll(ctx, ids); err != nil {
		return fmt.Errorf("remove from index %s: %w", x.dir, err)
	}
	return nil
}

// have returns ErrNotFound for the first of ids that is not there.
func (x *Index) have(ids []string) error {
	c := x.begin()
	defer c.discard()
	for _, id := range ids {
		if n, err := c.numberAt(keyID(id)); n == 0 || err != nil {
			return cmp.Or(err, fmt.Errorf("%w: %q", ErrNotFound, id))
		}
	}
	return nil
}

func (x *Index) removeAll(ctx context.Context, ids []string) error {
	if err := x.checkDisk(); err != nil {
		return err
	}
	c := x.begin()
	defer func() { c.discard() }()
	for _, id := range ids {
		if ctx.Err() != nil {
			break
		}
		n, err := c.numberAt(keyID(id))
		if err == nil && n != 0 { // else named twice
			err = c.remove(n)
		}
		if err == nil && c.isFull() {
			c, err = c.next()
		}
		if err != nil {
			x.broken = fmt.Errorf("an earlier removal failed, open the index again: %w", err)
			return err
		}
	}
	if err := c.commit(); err != nil {
		return err
	}
	return errors.Join(ctx.Err(), x.sealIfDue())
}

// remove removes article n.
func (c *changes) remove(n number) error {
	r, err := c.record(n)
	if err != nil {
		return err
	}
	if r == nil {
		return fmt.Errorf("article number %d: %w: it is missing", n, ErrCorrupt)
	}
	switch copies := c.exactCopies(n, 0); {
	case r.Holder != 0:
		err = c.removeExact(n, r)
	case len(copies) > 0:
		err = c.handOver(n, r, copies)
	default:
		err = c.removeHolder(n, r)
	}
	if err != nil {
		return err
	}
	c.x.state.Articles--
	c.x.readings.drop(n)
	c.delete(keyID(r.ID))
	c.delete(keyArticle(n))
	c.records[n] = nil
	c.x.records.drop(numberID(n))
	return c.deleteText(n)
}

// removeExact takes an exact copy away from its holder.
func (c *changes) removeExact(n number, r *record) error {
	c.x.state.Exact--
	c.delete(keyExact(r.Holder, n))
	rel, err := c.relation(r.Holder)
	if err != nil {
		return err
	}
	rel.Group--
	c.touch(r.Holder)
	if rel.GroupRep == n {
		if rel.GroupRep, err = c.firstOf(r.Holder); err != nil {
			return err
		}
	}
	return c.leaveCluster(n, rel.Story)
}

// leaveCluster takes article n, one of several with its words, out of the record of its story.
func (c *changes) leaveCluster(n, story number) error {
	k, err := c.clusterAt(story)
	if err != nil {
		return err
	}
	if k.Size--; k.Size < 2 || k.Representative == n {
		return c.recount(map[number]bool{story: true})
	}
	c.put(keyCluster(c.x.state.Generation, story), k.append(nil))
	return nil
}

// firstOf is the representative of a holder and its exact copies.
func (c *changes) firstOf(holder number) (number, error) {
	first := holder
	for _, m := range c.exactCopies(holder, 0) {
		var err error
		if first, err = c.earlier(first, m); err != nil {
			return 0, err
		}
	}
	return first, nil
}

// handOver makes the first of the exact copies of n the holder of them all: it
// takes over the place of n in the index, under a number of its own.
func (c *changes) handOver(n number, r *record, copies []number) error {
	heir := copies[0]
	c.x.state.Exact--
	old, err := c.relation(n)
	if err != nil {
		return err
	}
	for _, m := range copies {
		rm, err := c.record(m)
		if err != nil {
			return err
		}
		if rm == nil {
			return fmt.Errorf("exact copy %d of article %q: %w: it is missing", m, r.ID, ErrCorrupt)
		}
		changed := *rm
		changed.Holder = heir
		if m == heir {
			changed.Holder, changed.Sketch = 0, r.Sketch
		} else {
			c.put(keyExact(heir, m), []byte{})
		}
		c.putRecord(m, &changed)
		c.delete(keyExact(n, m))
	}
	c.put(keyDigest(r.Digest), appendNumber(heir))
	keys := keysOf(r.Sketch)
	_, had, err := c.takePostings(n, keys)
	if err != nil {
		return err
	}
	for i, key := range keys {
		if had[i] {
			c.post(key, heir)
		}
	}
	rel, err := c.relation(heir)
	if err != nil {
		return err
	}
	*rel = relation{Uncounted: old.Uncounted, Story: old.Story, Strict: old.Strict, Group: old.Group - 1}
	c.touch(heir)
	edges, err := c.edgesOf(n)
	if err != nil {
		return err
	}
	for _, e := range edges {
		m := e.Other
		if err := c.disconnect(n, m); err != nil {
			return err
		}
		if err := c.putEdge(heir, e); err != nil {
			return err
		}
		e.Other, e.Containment, e.Contains = heir, e.Contains, e.Containment
		if err := c.putEdge(m, e); err != nil {
			return err
		}
	}
	c.forget(n)
	if rel.GroupRep, err = c.firstOf(heir); err != nil {
		return err
	}
	if err := c.leaveCluster(n, rel.Story); err != nil {
		return err
	}
	doubtful, err := c.reexamine(heir, nil) // another site judges otherwise
	if err != nil || len(doubtful) == 0 {
		return err
	}
	return c.settle(doubtful)
}

// removeHolder takes away an article that no other has the words of.
func (c *changes) removeHolder(n number, r *record) error {
	rel, err := c.relation(n)
	if err != nil {
		return err
	}
	s, err := c.load(n, r)
	if err != nil && !errors.Is(err, ErrCorrupt) { // a damaged text must not keep its article in
		return err
	}
	neighbours, err := c.neighbours(n)
	if err != nil {
		return err
	}
	heirs := neighbours
	if rel.Story != 0 {
		if heirs, err = c.membersOf(rel.Story, maxHeirs); err != nil {
			return err
		}
	}
	if !rel.Uncounted && s != nil {
		c.count(c.x.countedPrints(s), -1)
		if err := c.countHeir(s, neighbours); err != nil {
			return err
		}
	}
	c.delete(keyDigest(r.Digest))
	keys := keysOf(r.Sketch)
	sealed, _, err := c.takePostings(n, keys)
	if err != nil {
		return err
	}
	story := rel.Story
	for _, m := range neighbours {
		if err := c.disconnect(n, m); err != nil {
			return err
		}
	}
	c.forget(n)
	var left []number // stories that n leaves
	if story != 0 {
		left = append(left, story)
	}
	if err := c.settle(neighbours, left...); err != nil {
		return err
	}
	return c.postHeirs(slices.DeleteFunc(heirs, func(m number) bool { return m == n }), keys, sealed)
}

// maxHeirs is the number of members of a story that are looked at for keys to take over.
const maxHeirs = 64

// forget drops the relation of an article that goes.
func (c *changes) forget(n number) {
	c.relations[n] = &relation{Group: 1}
	c.touch(n)
}

// countHeir counts, for furniture, another article in the place of s, which had begun
// its story and goes: the first of its neighbours that tells the same story.
func (c *changes) countHeir(s *subject, neighbours []number) error {
	for _, m := range neighbours {
		rel, err := c.relation(m)
		if err != nil {
			return err
		}
		r, err := c.record(m)
		if err != nil {
			return err
		}
		if !rel.Uncounted || r == nil {
			continue
		}
		other, err := c.load(m, r)
		if errors.Is(err, ErrCorrupt) {
			continue
		}
		if err != nil {
			return err
		}
		if c.x.pair(s, other).sameStory() {
			rel.Uncounted = false
			c.touch(m)
			c.count(c.x.countedPrints(other), 1)
			return nil
		}
	}
	return nil
}

// postHeirs enters those who hung together with a removed article under those keys of it that its going left them
// room for. sealed are the postings under the keys in segments.
func (c *changes) postHeirs(heirs []number, keys []uint64, sealed [][]number) error {
	for _, m := range heirs {
		r, err := c.record(m)
		if err != nil {
			return err
		}
		if r == nil {
			continue
		}
		own := keysOf(r.Sketch)
		var shared []uint64
		var lists [][]number
		for i, key := range keys {
			if _, has := slices.BinarySearch(own, key); has {
				shared = append(shared, key)
				lists = append(lists, sealed[i])
			}
		}
		if err := c.postWhere(m, shared, lists); err != nil {
			return err
		}
	}
	return nil
}

// takePostings takes n out of the lists under keys. It returns the lists in segments as they were when
// the batch began, and under which keys n had a posting.
func (c *changes) takePostings(n number, keys []uint64) (sealed [][]number, had []bool, err error) {
	x := c.x
	if sealed, err = x.sealedPostings(c.txn, keys); err != nil {
		return nil, nil, err
	}
	had = make([]bool, len(keys))
	for i, key := range keys {
		if slices.Contains(sealed[i], n) {
			had[i] = true
			if err := c.takeSealed(posting{key, n}); err != nil {
				return nil, nil, err
			}
		}
		had[i] = x.tail.remove(key, n) || had[i]
	}
	c.removed = append(c.removed, n)
	c.gone[n] = true
	c.postings = slices.DeleteFunc(c.postings, func(p posting) bool { return p.Number == n })
	return sealed, had, nil
}

// current are the postings under keys: those in segments when the batch began, without what was
// removed since, and those of the tail.
func (c *changes) current(keys []uint64, sealed [][]number) [][]number {
	lists := c.x.withTail(keys, sealed)
	if len(c.gone) > 0 {
		for i := range lists {
			lists[i] = slices.DeleteFunc(lists[i], func(n number) bool { return c.gone[n] })
		}
	}
	return lists
}

// withTail are the postings under keys: those in segments, and those of the tail. The lists are new, and share memory.
func (x *Index) withTail(keys []uint64, sealed [][]number) [][]number {
	room := 2 * len(keys)
	for _, list := range sealed {
		room += len(list)
	}
	all, lists := make([]number, 0, room), make([][]number, len(keys))
	for i, key := range keys {
		from := len(all)
		all = x.tail.appendUnder(append(all, sealed[i]...), key)
		lists[i] = slices.Clip(all[from:])
	}
	return lists
}

// takeSealed takes a posting out of the segment block that holds it.
func (c *changes) takeSealed(gone posting) error {
	for _, s := range c.x.state.Segments {
		fences := c.x.fences[s.ID]
		first, _ := slices.BinarySearch(fences, gone.Key)
		for b := max(first-1, 0); b < len(fences) && fences[b] <= gone.Key; b++ {
			value, err := c.get(keyBlock(s.ID, b))
			if value == nil {
				if err != nil {
					return err
				}
				continue
			}
			block, err := decodeBlock(nil, fences[b], value)
			if err != nil {
				return fmt.Errorf("posting segment %d, block %d: %w", s.ID, b, err)
			}
			at, there := slices.BinarySearchFunc(block, gone, comparePostings)
			if !there {
				continue
			}
			block = slices.Delete(block, at, at+1)
			c.put(keyBlock(s.ID, b), appendBlock([]byte{}, fences[b], block))
			c.blocks = append(c.blocks, pieceID{s.ID, uint32(b)})
		}
	}
	return nil
}
