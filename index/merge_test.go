package index

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/dgraph-io/badger/v4"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/dedupe-news/dedupe/furniture"
)

// inPieces walks over entries cut into pieces, some of them empty.
func inPieces[T any](t *rapid.T, entries []T) *cursor[T] {
	var pieces [][]T
	for len(entries) > 0 {
		n := rapid.IntRange(0, len(entries)).Draw(t, "piece")
		pieces = append(pieces, entries[:n])
		entries = entries[n:]
	}
	return &cursor[T]{pieces: len(pieces), read: func(dst []T, piece int) ([]T, error) { return append(dst, pieces[piece]...), nil }}
}

func TestMergedIsSorting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var all []posting
		var cursors []*cursor[posting]
		for range rapid.IntRange(0, 10).Draw(t, "segments") {
			var some []posting
			for range rapid.IntRange(0, 30).Draw(t, "postings") {
				key := rapid.SampledFrom([]uint64{0, 1, 2, 77, math.MaxUint32}).Draw(t, "key")
				some = append(some, posting{key, number(rapid.Uint32Range(1, math.MaxUint32).Draw(t, "number"))})
			}
			slices.SortFunc(some, comparePostings)
			all = append(all, some...)
			cursors = append(cursors, inPieces(t, some))
		}
		slices.SortFunc(all, comparePostings)
		got := collected(t, merged(posting.rank, cursors...))
		if !slices.Equal(got, all) {
			t.Fatalf("merged = %v, want %v", got, all)
		}
	})
}

type failer interface{ Fatal(...any) }

func collected[T any](t failer, entries iter.Seq2[T, error]) []T {
	var all []T
	for e, err := range entries {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// An error of a cursor comes last and once, and who has heard enough is left in peace.
func TestMergedStops(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	failing := func(after int) *cursor[posting] {
		return &cursor[posting]{pieces: 9, read: func(dst []posting, piece int) ([]posting, error) {
			if piece == after {
				return nil, broken
			}
			return append(dst, posting{uint64(piece), 1}), nil
		}}
	}
	for after := range 3 {
		var errs, entries int
		for _, err := range merged(posting.rank, listed([]posting{{1, 2}, {9, 9}}), failing(after)) {
			if errs > 0 {
				t.Fatalf("failing(%d): something comes after the error", after)
			}
			if err != nil {
				errs++
			} else {
				entries++
			}
		}
		if errs != 1 || entries > 2*after+1 {
			t.Errorf("failing(%d): %d entries and %d errors", after, entries, errs)
		}
	}
	for range merged(posting.rank, listed([]posting{{1, 2}, {9, 9}}), failing(1)) {
		break
	}
}

// drawnRuns are sorted runs with prints that meet, that are the first and the last, and that crowd one page.
func drawnRuns(t *rapid.T) [][]furniture.Count {
	crowd := rapid.Uint32().Draw(t, "crowd")
	runs := make([][]furniture.Count, rapid.IntRange(1, 9).Draw(t, "runs"))
	for i := range runs {
		counts := make(map[furniture.Print]int8)
		for range rapid.IntRange(0, 12).Draw(t, "counts") {
			p := rapid.OneOf(rapid.Uint32Range(0, 3), rapid.Uint32Range(math.MaxUint32-3, math.MaxUint32),
				rapid.Uint32Range(crowd, min(crowd, math.MaxUint32-9)+9), rapid.Uint32()).Draw(t, "print")
			counts[furniture.Print(p)] = rapid.SampledFrom([]int8{1, 1, 2, -1, -2, 127, -127}).Draw(t, "n")
		}
		// enough of them that a run has several pages
		from := rapid.Uint32().Draw(t, "from")
		for j := range uint32(rapid.SampledFrom([]int{0, 0, 255, 256, 257, 2000}).Draw(t, "more")) {
			counts[furniture.Print(from+j*2654435761)] = 1
		}
		for _, p := range slices.Sorted(maps.Keys(counts)) {
			runs[i] = append(runs[i], furniture.Count{Print: p, N: counts[p]})
		}
	}
	return runs
}

// onDisk writes runs and segments into an index, as if they had been sealed.
func onDisk(t *rapid.T, x *Index, runs [][]furniture.Count, segments [][]posting) {
	f := x.newFiles()
	defer f.batch.Cancel()
	f.replacesRuns(x.state.Runs)
	f.replacesSegments(x.state.Segments)
	for _, counts := range runs {
		if err := f.writeRun(0, len(counts), merged(printRank, listed(counts))); err != nil {
			t.Fatal(err)
		}
	}
	for _, postings := range segments {
		if err := f.segment(0, postings); err != nil {
			t.Fatal(err)
		}
	}
	c := x.begin()
	defer c.discard()
	if err := errors.Join(f.commit(c), x.deleteObsolete()); err != nil {
		t.Fatal(err)
	}
}

// pages are the bytes of the records of one file.
func pages(t *rapid.T, x *Index, prefixes ...[]byte) map[string]string {
	stored := make(map[string]string)
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	for _, prefix := range prefixes {
		for key, value := range valuesWith(txn, prefix) {
			b, err := value()
			if err != nil {
				t.Fatal(err)
			}
			stored[fmt.Sprintf("%c %x", key[0], key[5:])] = string(b)
		}
	}
	return stored
}

// mergedInMemory is the slow twin of Index.merge: everything is read, sorted and summed, and written as one.
func mergedInMemory(counts [][]furniture.Count, postings [][]posting) ([]furniture.Count, []posting) {
	all := slices.Concat(postings...)
	slices.SortFunc(all, comparePostings)
	return furniture.Sum(slices.Concat(counts...)), all
}

// What merge writes is what its twin in memory makes of the same runs and segments: entry for entry, and where the twin would cut its
// pages alike also byte for byte.
func TestMergeIsItsTwinInMemory(t *testing.T) {
	t.Parallel()
	x := newIndex(t, Options{})
	plain := newIndex(t, Options{})
	rapid.Check(t, func(t *rapid.T) {
		runs := drawnRuns(t)
		segments := make([][]posting, rapid.IntRange(1, 9).Draw(t, "segments"))
		for i := range segments {
			n := rapid.SampledFrom([]int{0, 1, 5, 127, 128, 129, 300}).Draw(t, "postings")
			keys := rapid.Uint64Range(1, math.MaxUint32).Draw(t, "keys")
			for j := range n {
				segments[i] = append(segments[i], posting{uint64(j) * 2654435761 % (keys + 1), number(j*len(segments) + i + 1)})
			}
			slices.SortFunc(segments[i], comparePostings)
		}
		counts, postings := mergedInMemory(runs, segments)
		onDisk(t, x, runs, segments)
		atMost := 0
		for _, r := range x.state.Runs {
			atMost += r.Counts
		}
		if err := x.merge(x.state.Segments, x.state.Runs); err != nil {
			t.Fatal(err)
		}
		onDisk(t, plain, nil, [][]posting{postings})
		f := plain.newFiles()
		defer f.batch.Cancel()
		if err := f.writeRun(0, atMost, merged(printRank, inPieces(t, counts))); err != nil {
			t.Fatal(err)
		}
		c := plain.begin()
		defer c.discard()
		if err := f.commit(c); err != nil {
			t.Fatal(err)
		}
		for _, prefix := range [][]byte{{prefixRun}, {prefixSegment}, {prefixFences}} {
			if diff := gocmp.Diff(pages(t, plain, prefix), pages(t, x, prefix)); diff != "" {
				t.Fatalf("records %c of the merge (-twin +merge):\n%s", prefix[0], diff)
			}
		}
		wantFiles(t, x, counts, postings)
	})
}

// wantFiles fails unless an index has these counts and postings, in one file each at most, and says so in its state.
func wantFiles(t *rapid.T, x *Index, counts []furniture.Count, postings []posting) {
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	got := collected(t, x.countsOf(txn, x.state.Runs...))
	if diff := gocmp.Diff(counts, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("counts (-want +got):\n%s", diff)
	}
	if list := collected(t, x.postingsOf(txn, x.state.Segments...)); !slices.Equal(list, postings) {
		t.Fatalf("%d postings differ from %d", len(list), len(postings))
	}
	sum := 0
	for _, r := range x.state.Runs {
		sum += r.Counts
	}
	for _, s := range x.state.Segments {
		sum += s.Postings
	}
	if sum != len(counts)+len(postings) || len(x.state.Runs) > 1 || len(x.state.Segments) > 1 {
		t.Fatalf("state has %v and %v for %d counts and %d postings", x.state.Runs, x.state.Segments, len(counts), len(postings))
	}
	for _, c := range counts[:min(len(counts), 50)] {
		if n, err := x.countOfPrint(txn, c.Print); n != int(c.N) || err != nil {
			t.Fatalf("countOfPrint(%d) = %d, %v, want %d", c.Print, n, err, c.N)
		}
	}
}

// A merge that cannot be finished leaves everything as it was, and can be made later.
func TestFailedMergeChangesNothing(t *testing.T) {
	t.Parallel()
	x := filled(t, Options{}, newsroom(600))
	if len(x.state.Segments) < 2 || len(x.state.Runs) < 2 {
		t.Fatalf("%d segments and %d runs, want several", len(x.state.Segments), len(x.state.Runs))
	}
	before := x.state
	last := keyPage(x.state.Runs[len(x.state.Runs)-1].ID, 0)
	var kept []byte
	update := func(do func(txn *badger.Txn) error) {
		t.Helper()
		if err := x.db.Update(do); err != nil {
			t.Fatal(err)
		}
	}
	update(func(txn *badger.Txn) (err error) {
		if kept, err = get(txn, last); err != nil || kept == nil {
			return errors.Join(err, errors.New("the run has no first page"))
		}
		return txn.Set(last, []byte{0xFF})
	})
	if err := x.merge(x.state.Segments, x.state.Runs); !errors.Is(err, ErrCorrupt) {
		t.Fatalf("merge of a damaged run = %v, want ErrCorrupt", err)
	}
	if diff := gocmp.Diff(before, x.state, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("a failed merge changed the state (-before +after):\n%s", diff)
	}
	update(set(last, kept))
	if err := x.merge(x.state.Segments, x.state.Runs); err != nil {
		t.Fatal(err)
	}
	if checked, err := x.Check(context.Background()); err != nil || len(checked.Problems) > 0 {
		t.Errorf("Check = %v, %v", checked.Problems, err)
	}
}
