package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Check reads everything and verifies the invariants:
//
//   - every record decodes; every text unpacks and has the digest of its article
//   - every id and digest leads to its article and back; nothing points nowhere
//   - every exact copy has a holder with its words
//   - most keys of a holder have a posting, and every posting is under a key of its article
//   - every edge stands at both ends; every article in a cluster is counted in it, and its
//     representative is the right one; strict clusters lie within stories
//   - the numbers of articles in the state are right
//
// Problems are in the report; the error says that the check itself could not be made.
func (x *Index) Check(ctx context.Context) (Checked, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := errors.Join(x.usable(), ctx.Err()); err != nil {
		return Checked{}, fmt.Errorf("check index %s: %w", x.dir, err)
	}
	c := &checker{x: x, ctx: ctx, c: x.begin(), records: make(map[number]*record), copies: make(map[number][]number)}
	defer c.c.discard()
	for _, step := range []func() error{c.articles, c.pointers, c.texts, c.postings, c.relations, c.edges, c.cores, c.files} {
		if err := errors.Join(ctx.Err(), step()); err != nil {
			return c.report, fmt.Errorf("check index %s: %w", x.dir, err)
		}
	}
	slices.SortFunc(c.report.Problems, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Record, b.Record), cmp.Compare(a.What, b.What)) })
	return c.report, nil
}

type checker struct {
	x       *Index
	ctx     context.Context
	c       *changes
	mu      sync.Mutex
	report  Checked
	records map[number]*record
	copies  map[number][]number // by holder
}

func (c *checker) problem(record, format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.report.Problems = append(c.report.Problems, Problem{Record: record, What: fmt.Sprintf(format, args...)})
}

func (c *checker) name(n number) string {
	if r := c.records[n]; r != nil {
		return fmt.Sprintf("article %q", r.ID)
	}
	return fmt.Sprintf("article number %d", n)
}

func (c *checker) articles() error {
	exact := 0
	err := decodeWith(c.c.txn, []byte{prefixArticle}, decodeRecord, func(key []byte, r record, err error) error {
		n := numberOf(key)
		if err != nil {
			c.problem(c.name(n), "%v", err)
			return nil
		}
		c.report.Articles++
		c.records[n] = &r
		c.c.records[n] = &r
		if r.Holder != 0 {
			exact++
			c.copies[r.Holder] = append(c.copies[r.Holder], n)
		}
		if n >= c.x.state.Next {
			c.problem(c.name(n), "has number %d, but the next one to be given is %d", n, c.x.state.Next)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if c.report.Articles != c.x.state.Articles || exact != c.x.state.Exact {
		c.problem("state", "counts %d articles and %d exact copies; there are %d and %d", c.x.state.Articles, c.x.state.Exact, c.report.Articles, exact)
	}
	return nil
}

// pointers checks ids, digests and exact copies, in both directions.
func (c *checker) pointers() error {
	ids, digests := 0, 0
	err := c.each(prefixID, func(key []byte, n number) {
		ids++
		if r := c.records[n]; r == nil || r.ID != string(key[1:]) {
			c.problem(fmt.Sprintf("id %q", key[1:]), "leads to number %d, which is not that article", n)
		}
	})
	if err != nil {
		return err
	}
	err = c.each(prefixDigest, func(key []byte, n number) {
		digests++
		if r := c.records[n]; r == nil || r.Holder != 0 || string(r.Digest[:]) != string(key[1:]) {
			c.problem(fmt.Sprintf("digest %x", key[1:]), "leads to number %d, which is not its holder", n)
		}
	})
	if err != nil {
		return err
	}
	if ids != c.report.Articles {
		c.problem("ids", "there are %d for %d articles", ids, c.report.Articles)
	}
	if holders := c.report.Articles - c.x.state.Exact; digests != holders {
		c.problem("digests", "there are %d for %d holders", digests, holders)
	}
	listed := 0
	for key := range keysWith(c.c.txn, []byte{prefixExact}) {
		listed++
		n := numberOf(key)
		if r := c.records[n]; r == nil || string(keyExact(r.Holder, n)) != string(key) {
			c.problem(c.name(n), "is listed as an exact copy of a holder that is not its own")
		}
	}
	for holder, copies := range c.copies {
		listed -= len(copies)
		h := c.records[holder]
		for _, n := range copies {
			if h == nil || h.Holder != 0 || h.Digest != c.records[n].Digest {
				c.problem(c.name(n), "has number %d as its holder, which has not its words", holder)
			}
		}
	}
	if listed != 0 {
		c.problem("exact copies", "the list differs from the articles by %d", listed)
	}
	return nil
}

// each calls do with the records with a one-byte prefix whose value is an article number.
func (c *checker) each(prefix byte, do func(key []byte, n number)) error {
	return decodeWith(c.c.txn, []byte{prefix}, decodeNumber, func(key []byte, n number, err error) error {
		if err != nil {
			c.problem(fmt.Sprintf("record %q", key), "%v", err)
			return nil
		}
		do(key, n)
		return nil
	})
}

func (c *checker) texts() error {
	texts := 0
	for key := range keysWith(c.c.txn, []byte{prefixText}) {
		texts++
		if n := numberOf(key); c.records[n] == nil {
			c.problem(fmt.Sprintf("text of number %d", n), "belongs to no article")
		}
	}
	if !c.x.keepsText() {
		if texts > 0 {
			c.problem("texts", "there are %d in an index without texts", texts)
		}
		return nil
	}
	numbers := make([]number, 0, len(c.records))
	for n := range c.records {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	c.x.parallel(len(numbers), func(i int) {
		if c.ctx.Err() != nil {
			return
		}
		n, r := numbers[i], c.records[numbers[i]]
		text, err := c.x.readText(c.c.txn, n)
		if err != nil {
			c.problem(c.name(n), "%v", err)
			return
		}
		reading := readingOf(r, text)
		if wordsDigest(reading) != r.Digest {
			c.problem(c.name(n), "its text has not its digest")
		} else if r.Holder == 0 && !slices.Equal(c.x.sketchOf(reading.Shingles).Hashes, r.Sketch.Hashes) {
			c.problem(c.name(n), "its text has not its sketch")
		}
	})
	return nil
}

func (c *checker) postings() error {
	posted := make(map[uint64]bool)
	keys := make(map[number][]uint64)
	for n, r := range c.records {
		if r.Holder == 0 {
			keys[n] = keysOf(r.Sketch)
		}
	}
	var before posting
	for p, err := range c.x.allPostings(c.c.txn) {
		if errors.Is(err, ErrCorrupt) {
			c.problem("postings", "%v", err)
			return nil
		}
		if err != nil {
			return err
		}
		c.report.Postings++
		posted[p.Key] = true
		if p == before {
			c.problem(c.name(p.Number), "has two postings under key %010x", p.Key)
		}
		before = p
		if _, has := slices.BinarySearch(keys[p.Number], p.Key); !has {
			c.problem(c.name(p.Number), "has a posting under key %010x, which is not one of its keys", p.Key)
		}
	}
	for n, list := range keys {
		missing := 0
		for _, key := range list {
			if !posted[key] {
				missing++
			}
		}
		if 2*missing > len(list) { // a few are lost when those that had frozen a key, or had filled it for a story, go
			c.problem(c.name(n), "nothing is posted under %d of its %d keys; recluster mends it", missing, len(list))
		}
	}
	for _, err := range c.x.allCounts(c.c.txn) {
		if err != nil {
			c.problem("furniture counts", "%v", err)
		}
	}
	return nil
}

// relations checks the relations of the holders, and the clusters against them.
func (c *checker) relations() error {
	relations, err := c.readRelations()
	if err != nil {
		return err
	}
	size, representative := make(map[number]int), make(map[number]number)
	for n, r := range c.records {
		if r.Holder != 0 {
			continue
		}
		rel := relations[n]
		if rel == nil {
			rel = &relation{Group: 1}
		}
		c.relation(n, rel, relations)
		if rel.Story == 0 {
			continue
		}
		size[rel.Story] += rel.Group
		for _, m := range append([]number{n}, c.copies[n]...) {
			if first, ok := representative[rel.Story]; !ok || c.records[m].candidate().Before(c.records[first].candidate()) {
				representative[rel.Story] = m
			}
		}
	}
	c.members(relations)
	return c.clusters(size, representative)
}

func (c *checker) readRelations() (map[number]*relation, error) {
	relations := make(map[number]*relation)
	err := decodeWith(c.c.txn, prefixGeneration(prefixRelation, c.x.state.Generation), decodeRelation, func(key []byte, rel relation, err error) error {
		n := numberOf(key)
		if err != nil {
			c.problem("relation of "+c.name(n), "%v", err)
			return nil
		}
		if r := c.records[n]; r == nil || r.Holder != 0 {
			c.problem(c.name(n), "has a relation, but is no holder")
			return nil
		}
		relations[n] = &rel
		return nil
	})
	return relations, err
}

// clusters checks the records of the clusters against what the relations say: how many articles each has, and which one represents them.
func (c *checker) clusters(size map[number]int, representative map[number]number) error {
	err := decodeWith(c.c.txn, prefixGeneration(prefixCluster, c.x.state.Generation), decodeCluster, func(key []byte, k clusterRecord, err error) error {
		name := numberOf(key)
		if err != nil {
			c.problem(fmt.Sprintf("cluster c%d", name), "%v", err)
			return nil
		}
		c.report.Clusters++
		switch {
		case k.Size != size[name]:
			c.problem(clusterName(name), "says it has %d articles, and has %d", k.Size, size[name])
		case k.Representative != representative[name]:
			c.problem(clusterName(name), "is represented by %s, should be by %s", c.name(k.Representative), c.name(representative[name]))
		}
		delete(size, name)
		return nil
	})
	for name := range size {
		c.problem(clusterName(name), "has articles, but no record")
	}
	return err
}

// relation checks the relation of one holder.
func (c *checker) relation(n number, rel *relation, relations map[number]*relation) {
	if rel.Group != 1+len(c.copies[n]) {
		c.problem(c.name(n), "says there are %d articles with its words, and there are %d", rel.Group, 1+len(c.copies[n]))
	}
	if rel.Strict != 0 && relations[rel.Strict] != nil && relations[rel.Strict].Story != rel.Story {
		c.problem(c.name(n), "its strict cluster is not within its story")
	}
}

// edges checks that each edge stands at both ends, between holders.
func (c *checker) edges() error {
	all := make(map[number][]edge)
	err := decodeWith(c.c.txn, prefixGeneration(prefixEdge, c.x.state.Generation), decodeEdges, func(key []byte, edges []edge, err error) error {
		if err != nil {
			c.problem("edges of "+c.name(numberOf(key)), "%v", err)
		}
		all[numberOf(key)] = edges
		return nil
	})
	if err != nil {
		return err
	}
	for _, from := range slices.Sorted(maps.Keys(all)) {
		for _, e := range all[from] {
			c.report.Edges++
			for _, n := range []number{from, e.Other} {
				if r := c.records[n]; r == nil || r.Holder != 0 {
					c.problem(c.name(n), "has an edge, but is no holder")
				}
			}
			back := all[e.Other]
			if i, there := placeOf(back, from); !there || back[i].Kind != e.Kind {
				c.problem(c.name(from), "has an edge to %s, which has none back", c.name(e.Other))
			}
		}
	}
	c.report.Edges /= 2
	return nil
}

// members checks the lists of the holders in each cluster against the relations.
func (c *checker) members(relations map[number]*relation) {
	listed := 0
	for key := range keysWith(c.c.txn, prefixGeneration(prefixMember, c.x.state.Generation)) {
		listed++
		story, n := numbersOf(key)
		if rel := relations[n]; rel == nil || rel.Story != story {
			c.problem(clusterName(story), "lists %s, which is not in it", c.name(n))
		}
	}
	for _, rel := range relations {
		if rel.Story != 0 {
			listed--
		}
	}
	if listed != 0 {
		c.problem("members", "the lists differ from the articles by %d", listed)
	}
}

// cores checks that each core is of a cluster, and the one that is in memory.
func (c *checker) cores() error {
	n := 0
	for story, read := range storedCores(c.c.txn) {
		found, err := read()
		if err != nil {
			c.problem("core of "+clusterName(story), "%v", err)
			continue
		}
		n++
		k, err := c.c.clusterAt(story)
		if err != nil {
			return err
		}
		if k.Size == 0 {
			c.problem("core of "+clusterName(story), "there is no such cluster")
		}
		if known := c.x.cores.stories[story]; known.articles != found.articles || known.holders != found.holders || !slices.Equal(known.counts, found.counts) {
			c.problem("core of "+clusterName(story), "it is another one than in memory")
		}
	}
	if n != len(c.x.cores.stories) {
		c.problem("cores", "there are %d, and %d in memory", n, len(c.x.cores.stories))
	}
	return nil
}

// files checks that every block and page belongs to a segment or run.
func (c *checker) files() error {
	known := make(map[uint32]bool)
	for _, s := range c.x.state.Segments {
		known[s.ID] = true
	}
	for _, r := range c.x.state.Runs {
		known[r.ID] = true
	}
	strays := make(map[uint32]bool)
	for _, prefix := range []byte{prefixSegment, prefixRun, prefixFences} {
		for key := range keysWith(c.c.txn, []byte{prefix}) {
			if id := fileOf(key); !known[id] && id < c.x.state.NextFile {
				strays[id] = true
			}
		}
	}
	for id := range strays {
		c.problem(fmt.Sprintf("segment or run %d", id), "is not in use")
	}
	return nil
}
