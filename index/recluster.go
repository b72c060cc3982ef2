package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"unique"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
)

// Recluster makes counts, edges and clusters anew from the articles, as if all
// had been added at once. The result depends on the set of articles only, not on the order in
// which they were added: it is the reference for what Add does step by step. After Load it is what makes the index of use.
// progress (may be nil) is told about pairs compared, from several goroutines at once.
//
// It is a chain of pure stages: holders → postings → pairs → stories that
// furniture is counted by → counts → verdicts → clusters. Postings, pairs and counts are sorted in files in the
// directory of the index, 16 bytes a posting at most, and sketches of what is compared. Articles are read in the order of their numbers, so that little
// of them need be in the system's cache (but texts, which are read when they are compared). Memory: Options.MemoryBytes, about 60 bytes an article, 16 a pair and 60 an edge. If it
// is cancelled or fails, the index is as before.
func (x *Index) Recluster(ctx context.Context, progress func(done, total int)) (Reclustered, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	report, err := x.recluster(ctx, progress)
	if err != nil {
		return Reclustered{}, fmt.Errorf("recluster index %s: %w", x.dir, err)
	}
	return report, nil
}

func (x *Index) recluster(ctx context.Context, progress func(done, total int)) (Reclustered, error) {
	if err := errors.Join(x.alive(), ctx.Err()); err != nil {
		return Reclustered{}, err
	}
	return x.withTemporary(ctx, func(r *reclustering) (Reclustered, error) {
		r.progress = progress
		if x.log != nil {
			return r.build()
		}
		return r.rewrite(func(*badger.Txn) error {
			err := r.stages()
			r.files.replacesRuns(x.state.Runs)
			return err
		})
	})
}

// withTemporary calls do with a run that has a directory for temporary files.
func (x *Index) withTemporary(ctx context.Context, do func(r *reclustering) (Reclustered, error)) (report Reclustered, err error) {
	if err := x.checkDisk(); err != nil {
		return Reclustered{}, err
	}
	dir := filepath.Join(x.dir, temporaryName)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return Reclustered{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r := &reclustering{x: x, ctx: ctx, dir: dir, next: x.state.Next}
	defer func() {
		if r.postings != nil {
			err = errors.Join(err, r.postings.close())
		}
	}()
	return do(r)
}

// temporaryName is the directory, in that of the index, where Recluster and Recut sort; Clusters does in one of which the name begins like that, with a dash behind it.
const temporaryName = "tmp"

// reclustering is one run of Recluster or Recut. Holders are known by their place: the earliest
// published first, so that nothing depends on the order in which they were added.
type reclustering struct {
	x        *Index
	ctx      context.Context
	from     source
	files    *files // what is written
	dir      string // of temporary files
	progress func(done, total int)
	done     atomic.Int64 // pairs
	total    int

	next     number // all articles have lower numbers
	place    []uint32
	numbers  []number // of the holders, by place
	first    []number // by place: the representative of the holder and its exact copies; its site, time and text count
	group    []uint32 // by place: how many these are
	few      bitset   // places of holders with so few keys that one is enough
	fewMu    sync.Mutex
	compared *comparedCache // by place

	postings *sorter[uint64] // all keys of all holders, key and place
	placed   *placed
	frozen   frozenKeys
	pairs    pairList
	begun    []uint32     // by place: the first holder of the story that furniture is counted by
	known    furnitureSet // by the counts; empty once the pairs are judged

	edges      edgeLists
	relations  []relation
	cores      []foundCore
	begunCores cores // … of the stories that furniture is counted by, by the place of the first holder
}

// stages does all that is not writing; but the furniture counts are written, for they are not needed again.
func (r *reclustering) stages() (err error) {
	if err := r.order(); err != nil {
		return err
	}
	r.placed, err = r.postAndLay()
	defer func() { err = errors.Join(err, r.placed.close()) }()
	if err != nil {
		return err
	}
	if err := r.pair(); err != nil {
		return err
	}
	if err := r.findSeeds(); err != nil {
		return err
	}
	if err := r.count(); err != nil {
		return err
	}
	if err := r.thaw(); err != nil {
		return err
	}
	links, err := r.judge()
	if err != nil {
		return err
	}
	r.edges = r.connect(links)
	r.relate()
	r.edges.limit(r)
	return r.ctx.Err()
}

// level is that of segments and runs with all articles.
func (r *reclustering) level() int {
	level := 0
	for n := int(sealArticles); n < len(r.numbers); n *= mergeSegments {
		level++
	}
	return level
}

// scan calls do with disjoint ranges of numbers, in several goroutines.
func (r *reclustering) scan(do func(from, to number) error) error {
	const each = 1 << 12
	errs := make([]error, r.next/each+1)
	r.x.parallel(len(errs), func(i int) {
		if errs[i] = r.ctx.Err(); errs[i] == nil {
			from := number(i) * each
			errs[i] = do(from, min(from+each, r.next))
		}
	})
	return firstError(errs)
}

// holders calls do with the place and the head of each holder in a range of numbers.
func (r *reclustering) holders(from, to number, do func(place uint32, h *recordHead) error) error {
	return r.from.heads(from, to, func(n number, h *recordHead) error {
		if h.holder != 0 {
			return nil
		}
		if err := do(r.place[n], h); err != nil {
			return fmt.Errorf("article number %d: %w", n, err)
		}
		return nil
	})
}

// subject makes the holder at a place ready to be compared.
func (r *reclustering) subject(place uint32) (*subject, error) {
	if s := r.compared.get(place); s != nil {
		return s, nil
	}
	s := new(subject)
	err := r.placed.get(place, func(h *placedHolder) (err error) {
		s.Site, s.Published = unique.Make(string(h.site)).Value(), h.published
		if !r.x.keepsText() {
			s.Sketch, err = h.sketch()
			return err
		}
		text, err := r.from.text(r.first[place])
		if err != nil {
			return err
		}
		s.reading = match.Read(text, s.Site, s.Published)
		s.reading.Title = string(h.title)
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.compared.put(place, s)
	return s, nil
}

// printsOf are the prints by which the holder at a place is counted. They are good until the next call with that room.
func (r *reclustering) printsOf(place uint32, h *recordHead, room *printRoom) ([]furniture.Print, error) {
	if !r.x.keepsText() {
		s, err := h.sketch(room.hashes)
		if err != nil {
			return nil, err
		}
		room.hashes, room.prints = s.Hashes, appendPrints(room.prints[:0], s)
		return room.prints, nil
	}
	if h.prints != nil {
		room.prints = appendLoggedPrints(room.prints[:0], h.prints)
		return room.prints, nil
	}
	s, err := r.subject(place)
	if err != nil {
		return nil, err
	}
	return room.of(s.reading.Shingles), nil
}

// firstError is the first error of many goroutines: the others are mostly the same.
func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// bitset is a set of places or numbers. It is not for concurrent changes.
type bitset []uint64

func newBitset(n int) bitset       { return make(bitset, n/64+1) }
func (b bitset) has(i uint32) bool { return b[i/64]&(1<<(i%64)) != 0 }
func (b bitset) add(i uint32)      { b[i/64] |= 1 << (i % 64) }
