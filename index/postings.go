package index

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/cluster"
	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/minhash"
)

const (
	frozenPostings  = 64 // a key with so many postings takes no more, and is asked only where the others lead nowhere
	clusterPostings = 2  // a cluster has so many postings under one key
	mergeSegments   = 8  // so many segments of one level become one of the next
)

// sealArticles is the number of articles after which the tail is sealed; a variable so that
// tests seal early.
var sealArticles number = 2048

// keysOf are the keys of an article, by rising value.
func keysOf(s minhash.Sketch) []uint64 {
	hashes := s.Keys(leastKeys).Hashes
	keys := make([]uint64, len(hashes))
	for i, h := range hashes {
		keys[i] = h >> hashShift
	}
	return slices.Compact(keys)
}

// sealedPostings returns the postings under each of keys (rising) that stand in segments,
// and is safe to be called concurrently. The caller must not change the lists.
func (x *Index) sealedPostings(txn *badger.Txn, keys []uint64) ([][]number, error) {
	lists := make([][]number, len(keys))
	if err := x.needFilters(txn); err != nil {
		return nil, err
	}
	var there []int // the places of keys that a segment may have
	for _, s := range x.state.Segments {
		fences, filter := x.fences[s.ID], x.filters.of(s.ID)
		there = there[:0]
		for i, key := range keys {
			if filter.has(key) {
				there = append(there, i)
			}
		}
		for _, i := range there {
			key := keys[i]
			first, _ := slices.BinarySearch(fences, key)
			for b := max(first-1, 0); b < len(fences) && fences[b] <= key; b++ {
				block, err := x.block(txn, s.ID, b)
				if err != nil {
					return nil, err
				}
				if under := block.under(key); len(lists[i]) == 0 {
					lists[i] = slices.Clip(under) // most keys stand in one block
				} else {
					lists[i] = append(lists[i], under...)
				}
			}
		}
	}
	return lists, nil
}

// block is a block of a segment, to look postings up in.
type block struct {
	keys    []uint32 // rising
	numbers []number // of the same posting
}

// under are the numbers under key, as part of b.
func (b block) under(key uint64) []number {
	from, _ := slices.BinarySearch(b.keys, uint32(key))
	to := from
	for to < len(b.keys) && b.keys[to] == uint32(key) {
		to++
	}
	return b.numbers[from:to]
}

// block returns a block of a segment.
func (x *Index) block(txn *badger.Txn, id uint32, at int) (block, error) {
	where := pieceID{id, uint32(at)}
	if b, ok := x.blocks.get(where); ok {
		return b, nil
	}
	var postings [blockPostings]posting
	list, err := x.readBlock(txn, postings[:0], id, at)
	if err != nil {
		return block{}, err
	}
	x.work.blocks.Add(1)
	both := make([]uint32, 2*len(list))
	b := block{keys: both[:len(list)], numbers: both[len(list):]}
	for i, p := range list {
		b.keys[i], b.numbers[i] = uint32(p.Key), p.Number
	}
	x.blocks.put(where, b, 4*len(both))
	return b, nil
}

func (x *Index) readBlock(txn *badger.Txn, dst []posting, id uint32, block int) ([]posting, error) {
	item, err := txn.Get(keyBlock(id, block))
	if errors.Is(err, badger.ErrKeyNotFound) {
		err = fmt.Errorf("%w: it is missing", ErrCorrupt)
		return nil, fmt.Errorf("posting segment %d, block %d: %w", id, block, err)
	}
	if err != nil {
		return nil, err
	}
	err = item.Value(func(value []byte) error {
		dst, err = decodeBlock(dst, x.fences[id][block], value)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("posting segment %d, block %d: %w", id, block, err)
	}
	return dst, nil
}

// candidate is an article that shares keys with another.
type candidate struct {
	Number number
	Shared int
}

const (
	maxCandidates = 32 // compared with one article, those that share most keys
	fewKeys       = 12 // an article with fewer keys is so short that one shared key will do
)

// leastShared is how many keys a candidate shares with an article whose postings are lists, under each of its keys.
func leastShared(lists [][]number) int {
	if len(lists) < fewKeys {
		return 1
	}
	return 2
}

// candidates are the holders that p is compared with, who share least of its keys or more; lists are the postings under each. Of keys that are
// furniture between any two, one at least has to be shared beside them, or else each page of a site would be compared with 32 others; unless half of the keys are.
func (c *changes) candidates(p *prepared, lists [][]number, least int) ([]candidate, error) {
	furniture := make([]bool, len(lists))
	if least >= 2 {
		n, err := c.markFurniture(furniture, p.prints, lists)
		if err != nil {
			return nil, err
		}
		if 2*n >= len(lists) {
			clear(furniture)
		}
	}
	return candidates(lists, furniture, least), nil
}

// markFurniture marks the keys of these prints that are furniture between any two, and returns how many are. Those without postings matter for
// their number alone: they are asked only if another one is furniture, which spares most articles most look-ups.
func (c *changes) markFurniture(marks []bool, prints []furniture.Print, lists [][]number) (int, error) {
	posted, err := c.markThose(marks, prints, func(i int) bool { return len(lists[i]) > 0 })
	if posted == 0 || err != nil {
		return 0, err
	}
	others, err := c.markThose(marks, prints, func(i int) bool { return len(lists[i]) == 0 })
	return posted + others, err
}

// markThose is markFurniture of the keys for which is says so.
func (c *changes) markThose(marks []bool, prints []furniture.Print, is func(i int) bool) (n int, err error) {
	var asked []furniture.Print
	var places []int
	for i, print := range prints {
		if is(i) {
			asked, places = append(asked, print), append(places, i)
		}
	}
	are, err := c.x.standIn(c.txn, asked, match.FurnitureStoriesAlike)
	for i, place := range places[:len(are)] {
		if marks[place] = are[i]; are[i] {
			n++
		}
	}
	return n, err
}

// candidates are the articles that share least keys or more, one of them at least no furniture, by the postings under each key, those that share most first, then by number. Frozen keys
// count only where the others lead nowhere: so the thousands of copies of one story, that froze its keys, are found by the first of them.
func candidates(lists [][]number, furniture []bool, least int) []candidate {
	found := sharing(lists, furniture, frozenPostings-1, least)
	if len(found) == 0 {
		found = sharing(lists, furniture, math.MaxInt, least)
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.Shared, a.Shared), cmp.Compare(a.Number, b.Number))
	})
	return found[:min(len(found), maxCandidates)]
}

// sharing counts in which of the lists of at most so many postings an article is, and returns those that are in least or more, one of them at least no furniture.
func sharing(lists [][]number, furniture []bool, most, least int) []candidate {
	var own []number
	for i, list := range lists {
		if len(list) <= most && !furniture[i] {
			own = append(own, list...)
		}
	}
	slices.Sort(own)
	all := slices.Clone(own)
	for i, list := range lists {
		if len(list) > most || !furniture[i] || len(own) == 0 {
			continue
		}
		for _, n := range list {
			if _, is := slices.BinarySearch(own, n); is {
				all = append(all, n)
			}
		}
	}
	slices.Sort(all)
	var found []candidate
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j] == all[i] {
			j++
		}
		if j-i >= least {
			found = append(found, candidate{all[i], j - i})
		}
		i = j
	}
	return found
}

func comparePostings(a, b posting) int {
	return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Number, b.Number))
}

// addPostings enters article n under its keys, of which lists are the postings so
// far: not under frozen keys, nor where its cluster has enough already; if it is in none, the large one of the article earlier, whose story
// it tells (0: of none). Else the few of thousands of copies that are edited too much for the cluster would freeze its keys.
func (c *changes) addPostings(n, earlier number, keys []uint64, lists [][]number) error {
	r, err := c.relation(n)
	if err != nil {
		return err
	}
	story := r.Story
	if story == 0 && earlier != 0 {
		if story, err = c.hotStory(earlier); err != nil {
			return err
		}
	}
	for i, key := range keys {
		if len(lists[i]) >= frozenPostings || c.x.tail.has(key, n) { // a new article is posted by settling, if its story fell apart
			continue
		}
		same := 0
		if story != 0 {
			for _, other := range lists[i] {
				o, err := c.relation(other)
				if err != nil {
					return err
				}
				if o.story(other) == story {
					if same++; same == clusterPostings {
						break
					}
				}
			}
		}
		if same < clusterPostings {
			c.post(key, n)
		}
	}
	return nil
}

// postAnew enters holder n, which has postings already, under those of its keys that have room for it.
func (c *changes) postAnew(n number) error {
	r, err := c.record(n)
	if err != nil {
		return err
	}
	if r == nil {
		return fmt.Errorf("article number %d: %w: it is missing", n, ErrCorrupt)
	}
	keys := keysOf(r.Sketch)
	sealed, err := c.x.sealedPostings(c.txn, keys)
	if err != nil {
		return err
	}
	return c.postWhere(n, keys, sealed)
}

// postWhere enters holder n under those of keys, which are some of its own, that have room for it and have it not. sealed are the postings under
// them in segments.
func (c *changes) postWhere(n number, keys []uint64, sealed [][]number) error {
	var without []uint64
	var lists [][]number
	for i, list := range c.current(keys, sealed) {
		if !slices.Contains(list, n) {
			without = append(without, keys[i])
			lists = append(lists, list)
		}
	}
	return c.addPostings(n, 0, without, lists)
}

// hotStory is the story of holder n if many tell it, else 0.
func (c *changes) hotStory(n number) (number, error) {
	r, err := c.relation(n)
	if err != nil || r.Story == 0 {
		return 0, err
	}
	k, err := c.clusterAt(r.Story)
	if err != nil || k.Size < cluster.LargeGroup {
		return 0, err
	}
	return r.Story, nil
}
