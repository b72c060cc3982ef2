package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/match"
)

// Stats counts what is in the index. It reads all relations, postings and counts:
// 0.7 s of processor time for 37,554 articles of 6 KB, and as much more as there are more.
func (x *Index) Stats(ctx context.Context) (Stats, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	s, err := x.stats(ctx)
	if err != nil {
		return Stats{}, fmt.Errorf("stats of index %s: %w", x.dir, err)
	}
	return s, nil
}

func (x *Index) stats(ctx context.Context) (Stats, error) {
	if err := errors.Join(x.usable(), ctx.Err()); err != nil {
		return Stats{}, err
	}
	s := Stats{
		Articles: x.state.Articles, ExactCopies: x.state.Exact, Segments: len(x.state.Segments),
		TextKept: x.keepsText(), Thresholds: x.state.Thresholds, Format: x.meta.Format, Scheme: x.meta.Scheme,
	}
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	if err := x.countRelations(txn, &s); err != nil {
		return s, err
	}
	list := 0 // postings under a key, so far
	before := uint64(0)
	for p, err := range x.allPostings(txn) {
		if err != nil {
			return s, err
		}
		if p.Key != before {
			before, list = p.Key, 0
		}
		if list++; list == frozenPostings {
			s.FrozenKeys++
		}
	}
	for c, err := range x.allCounts(txn) {
		if err != nil {
			return s, err
		}
		if int(c.N) >= x.cores.furnitureFrom(c.Print, match.FurnitureStories) {
			s.FurnitureShingles++
		}
	}
	var err error
	s.DiskBytes, err = diskBytes(x.dir)
	return s, err
}

func (x *Index) countRelations(txn *badger.Txn, s *Stats) error {
	copies := make(map[number]int)
	err := x.eachRelation(txn, func(_ number, rel relation) error {
		if rel.Story != 0 {
			s.StoryMembers += rel.Group
			copies[rel.Strict] += rel.Group
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = x.eachEdges(txn, func(_ number, edges []edge) error {
		s.Edges += len(edges)
		return nil
	})
	if err != nil {
		return err
	}
	s.Edges /= 2 // each stands at both ends
	for _, n := range copies {
		if n > 1 {
			s.CopyClusters++
		}
	}
	for range keysWith(txn, prefixGeneration(prefixCluster, x.state.Generation)) {
		s.Stories++
	}
	return nil
}

// diskBytes is the size of the files in dir, as their owners see it: Badger
// reserves room in files that are open, which counts only as far as it is used.
func diskBytes(dir string) (int64, error) {
	var sum int64
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // compacted away meanwhile
		}
		if err == nil {
			sum += usedBytes(info)
		}
		return err
	})
	return sum, err
}
