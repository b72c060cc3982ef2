package index

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/furniture"
)

// changes are the writes of one batch: kept in memory, where they are read back,
// until commit makes them one transaction. Relations and records are kept decoded.
type changes struct {
	x         *Index
	parent    *changes          // of which the commit is under way, and which is not in txn; nil: there is none
	txn       *badger.Txn       // of the time when the batch began, or the one of parent
	writes    map[string][]byte // nil: delete
	relations map[number]*relation
	stories   map[number]number // of the relations, as they are on disk
	edges     map[number][]edge // of holders, by rising number
	numbers   map[string]number // that were read ahead, by key
	records   map[number]*record
	heads     map[number]*record // that were read ahead, without their sketches
	dirty     map[number]bool    // relations to write
	linked    map[number]bool    // holders whose edges are to be written
	postings  []posting          // added to the tail
	removed   []number           // taken out of the tail
	gone      map[number]bool    // … since the batch began; they may stand in what it read of the segments
	bytes     int                // of writes, about
	counts    []furniture.Count  // added to the tail
	blocks    []pieceID          // of segments, that postings were taken out of
}

// begin starts a batch; x.mu is held for writing (or reading, if nothing is put).
func (x *Index) begin() *changes {
	return &changes{
		x: x, txn: x.db.NewTransaction(false), writes: make(map[string][]byte),
		relations: make(map[number]*relation), stories: make(map[number]number), edges: make(map[number][]edge), records: make(map[number]*record), numbers: make(map[string]number), dirty: make(map[number]bool), linked: make(map[number]bool), gone: make(map[number]bool),
	}
}

func (c *changes) discard() { c.txn.Discard() }

func (c *changes) put(key, value []byte) {
	c.writes[string(key)] = value
	c.bytes += len(key) + inTable(value)
}

// inTable is what of a value stands in Badger's tables, and counts in a transaction: a pointer, if it stands in the value log.
func inTable(value []byte) int {
	if len(value) >= valueThreshold {
		return valuePointer
	}
	return len(value)
}

func (c *changes) delete(key []byte) { c.writes[string(key)] = nil }

// A Badger transaction takes 15 % of the memtable, and one entry for each 96 bytes of that.
// What one article changes is far below half of it.
const (
	fullBytes   = memTableBytes * 15 / 100 / 2
	fullEntries = fullBytes / 96
)

// isFull says that the transaction should be committed before another article.
func (c *changes) isFull() bool {
	entries := len(c.writes) + 2*len(c.dirty) + len(c.linked)
	return c.bytes+5*len(c.counts)+8*len(c.postings)+32*entries > fullBytes || entries > fullEntries
}

// next commits and begins the next transaction.
func (c *changes) next() (*changes, error) {
	if err := c.commit(); err != nil {
		return c, err
	}
	c.discard()
	return c.x.begin(), nil
}

// get returns the value under key, nil if there is none. The caller must not change it.
func (c *changes) get(key []byte) ([]byte, error) {
	if value, ok := c.written(key); ok {
		return value, nil
	}
	return get(c.txn, key)
}

// written returns the value that was put under key, nil if it was deleted, and whether there was a change at all.
func (c *changes) written(key []byte) (value []byte, ok bool) {
	for ; c != nil && !ok; c = c.parent {
		value, ok = c.writes[string(key)]
	}
	return value, ok
}

func get(txn *badger.Txn, key []byte) ([]byte, error) {
	item, err := txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	value, err := item.ValueCopy(nil)
	if value == nil && err == nil {
		value = []byte{}
	}
	return value, err
}

// numberAt reads an article number under key, 0 if there is none.
func (c *changes) numberAt(key []byte) (number, error) {
	value, changed := c.written(key)
	if !changed {
		if n, read := c.numbers[string(key)]; read {
			return n, nil
		}
		var err error
		if value, err = get(c.txn, key); err != nil {
			return 0, err
		}
	}
	if value == nil {
		return 0, nil
	}
	n, err := decodeNumber(value)
	if err != nil {
		return 0, fmt.Errorf("record %q: %w", key, err)
	}
	return n, nil
}

// record returns the record of article n; nil if there is none. The caller must not change it.
func (c *changes) record(n number) (*record, error) {
	r, err := c.peek(n)
	if err == nil {
		c.records[n] = r
	}
	return r, err
}

// head is record where its sketch is not needed: of one that was read ahead, a damaged sketch is not seen.
func (c *changes) head(n number) (*record, error) {
	if r := c.heads[n]; r != nil {
		return r, nil
	}
	return c.record(n)
}

// peek is record without keeping what was read, so that many may call it at the same time.
func (c *changes) peek(n number) (*record, error) {
	for with := c; with != nil; with = with.parent {
		if r, ok := with.records[n]; ok {
			return r, nil
		}
	}
	if r, known := c.x.records.get(numberID(n)); known {
		return r, nil
	}
	value, err := get(c.txn, keyArticle(n))
	if value == nil || err != nil {
		return nil, err
	}
	r, err := decodeRecord(value)
	if err != nil {
		return nil, fmt.Errorf("article number %d: %w", n, err)
	}
	c.x.records.put(numberID(n), &r, r.bytes())
	return &r, nil
}

func (c *changes) putRecord(n number, r *record) {
	c.records[n] = r
	c.x.records.drop(numberID(n))
	c.put(keyArticle(n), r.append(nil))
}

// relation returns the relation of holder n, ready to be changed (then mark it with touch).
func (c *changes) relation(n number) (*relation, error) {
	if r, ok := c.relations[n]; ok {
		return r, nil
	}
	r, err := c.readRelation(n)
	if err != nil {
		return nil, err
	}
	return c.enterRelation(n, r), nil
}

// enterRelation enters the relation of holder n as it was before these changes.
func (c *changes) enterRelation(n number, r relation) *relation {
	c.relations[n], c.stories[n] = &r, r.Story
	return &r
}

// readRelation is relation without keeping what was read, so that many may call it at the same time.
func (c *changes) readRelation(n number) (relation, error) {
	if r := c.known(n); r != nil {
		return *r, nil
	}
	if r, known := c.x.relations.get(numberID(n)); known {
		return r, nil
	}
	value, err := get(c.txn, keyRelation(c.x.state.Generation, n))
	if err != nil {
		return relation{}, err
	}
	r := relation{Group: 1}
	if value != nil {
		if r, err = decodeRelation(value); err != nil {
			return r, fmt.Errorf("relation of article number %d: %w", n, err)
		}
	}
	c.x.relations.put(numberID(n), r, relationBytes)
	return r, nil
}

// known is the relation of holder n, if it was read or changed; nil if not.
func (c *changes) known(n number) *relation {
	for ; c != nil; c = c.parent {
		if r := c.relations[n]; r != nil {
			return r
		}
	}
	return nil
}

// enter says of a number that was never used that nothing is known of it.
func (c *changes) enter(n number) {
	c.enterRelation(n, relation{Group: 1})
	c.edges[n] = nil
}

// touch says that the relation of n is changed.
func (c *changes) touch(n number) {
	c.dirty[n] = true
	c.x.relations.drop(numberID(n))
}

// story is the cluster of holder n: itself if it is alone.
func (r *relation) story(n number) number {
	if r.Story != 0 {
		return r.Story
	}
	return n
}

func (r *relation) strict(n number) number {
	if r.Strict != 0 {
		return r.Strict
	}
	return n
}

// clusterAt returns the record of cluster story, a zero one if it has one holder alone.
func (c *changes) clusterAt(story number) (clusterRecord, error) {
	value, err := c.get(keyCluster(c.x.state.Generation, story))
	if value == nil || err != nil {
		return clusterRecord{}, err
	}
	k, err := decodeCluster(value)
	if err != nil {
		return k, fmt.Errorf("cluster %d: %w", story, err)
	}
	return k, nil
}

// commit writes everything and the state in one transaction. On an error nothing was
// written, and the index goes no further: its memory has moved on.
func (c *changes) commit() error {
	err := c.x.land()
	if err == nil {
		err = c.finish()
	}
	if err == nil {
		err = c.write()
	}
	if err != nil {
		return c.x.breaks(err)
	}
	for _, id := range c.blocks {
		c.x.blocks.drop(id)
	}
	return nil
}

// finish makes all that was changed writes; nothing may be changed after it.
func (c *changes) finish() error {
	for n := range c.dirty {
		r := c.relations[n]
		g := c.x.state.Generation
		if r.isDefault() {
			c.delete(keyRelation(g, n))
		} else {
			c.put(keyRelation(g, n), r.append(nil))
		}
		if was := c.stories[n]; was != r.Story {
			if was != 0 {
				c.delete(keyMember(g, was, n))
			}
			if r.Story != 0 {
				c.put(keyMember(g, r.Story, n), []byte{})
			}
		}
	}
	for n := range c.linked {
		if key := keyEdges(c.x.state.Generation, n); len(c.edges[n]) > 0 {
			value := appendEdges(nil, c.edges[n])
			if len(value) >= valueThreshold {
				c.x.state.Garbage += int64(len(value))
			}
			c.put(key, value)
		} else {
			c.delete(key)
		}
	}
	c.putLog()
	value, err := json.Marshal(c.x.state)
	if err != nil {
		return err
	}
	c.put(keyState, value)
	return nil
}

// write makes the writes a transaction.
func (c *changes) write() error {
	txn := c.x.db.NewTransaction(true)
	defer txn.Discard()
	for _, key := range slices.Sorted(maps.Keys(c.writes)) {
		var err error
		if value := c.writes[key]; value != nil {
			err = txn.Set([]byte(key), value)
		} else {
			err = txn.Delete([]byte(key))
		}
		if err != nil {
			return err
		}
	}
	c.x.work.written.Add(int64(len(c.writes)))
	return txn.Commit()
}

// post enters article n under key, in memory and in the log of the batch.
func (c *changes) post(key uint64, n number) {
	c.x.tail.add(key, n)
	c.postings = append(c.postings, posting{key, n})
}

// count adds by to the furniture counts of prints, in memory and in the log.
func (c *changes) count(prints []furniture.Print, by int) {
	c.x.counted++
	for _, p := range prints {
		c.x.tailCounts.Add(p, by)
		c.counts = append(c.counts, furniture.Count{Print: p, N: int8(by)})
	}
}
