package index

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/furniture"
)

func TestBudgetKeepsToItsMemory(t *testing.T) {
	t.Parallel()
	for _, memory := range []int64{0, LeastMemoryBytes, 400 << 20, 512 << 20, 1 << 30, 2 << 30, 1 << 40} {
		b, err := newBudget(memory)
		if err != nil {
			t.Errorf("newBudget(%d MiB) = %v", memory>>20, err)
			continue
		}
		if memory == 0 {
			memory = DefaultMemoryBytes
		}
		sum := fixedBytes(b.table) + b.filters + b.pages + 2*b.blocks + b.readings + b.records
		if live := float64(memory) / 1.7; float64(sum) > live || float64(sum) < 0.99*live {
			t.Errorf("newBudget(%d MiB) gives away %d MiB, want %.0f", memory>>20, sum>>20, live/(1<<20))
		}
		for _, part := range []int64{b.filters, b.pages, b.blocks, b.readings, 2 * b.records} {
			if part < 3<<20 {
				t.Errorf("newBudget(%d MiB) = %+v, with a part of %d bytes", memory>>20, b, part)
			}
		}
	}
	for _, memory := range []int64{-1, 1, LeastMemoryBytes - 1} {
		if _, err := newBudget(memory); !errors.Is(err, ErrMemory) {
			t.Errorf("newBudget(%d) = %v, want ErrMemory", memory, err)
		}
		if _, err := Open(t.TempDir(), Options{Create: true, MemoryBytes: memory}); !errors.Is(err, ErrMemory) {
			t.Errorf("Open with %d bytes of memory = %v, want ErrMemory", memory, err)
		}
	}
}

// newsroom are n articles: stories with copies and excerpts, under one of a few footers.
func newsroom(n int) []article.Article {
	random := rand.New(rand.NewPCG(11, 12))
	list := make([]article.Article, n)
	for i := range list {
		words := strings.Fields(story(uint64(random.IntN(n/3+1)), 90))
		words = words[random.IntN(30):]
		for range random.IntN(6) {
			words[random.IntN(len(words))] = fmt.Sprint("own", random.IntN(1000))
		}
		site := random.IntN(8)
		list[i] = article.Article{
			ID: fmt.Sprint(i), Site: fmt.Sprintf("site%d.example", site),
			Text: strings.Join(words, " ") + "\n" + story(1<<40+uint64(site), 40),
		}
	}
	return list
}

// Results do not depend on the budget: not even where there is room for no filter, or for a few that come and go, and for a handful of pages.
func TestResultsDoNotDependOnMemory(t *testing.T) {
	t.Parallel()
	n := 2000
	if testing.Short() {
		n = 600
	}
	articles := newsroom(n)
	tests := []struct {
		name           string
		filters, pages int64
	}{
		{"roomy", 1 << 30, 1 << 30},
		{"tight", int64(30 * n), 100 << 10},
		{"nothing", 0, 0},
	}
	var want []string
	for i, tt := range tests {
		x := newIndex(t, Options{})
		x.filters.share, x.budget.pages = tt.filters, tt.pages
		x.pages, x.blocks = newPieceCache[*furniture.Page](tt.pages), newPieceCache[block](tt.pages)
		x.sets = newPieceCache[cutSet](tt.pages)
		x.readings = newReadingCache(tt.pages)
		x.records, x.relations = newPieceCache[*record](tt.pages), newPieceCache[relation](tt.pages)
		half := len(articles) / 2
		mustAdd(t, x, articles[:half]...)
		for id := range 20 {
			mustRemove(t, x, fmt.Sprint(7*id))
		}
		mustAdd(t, x, articles[half:]...)
		mustCheck(t, x, n-20)
		got := dump(t, x)
		if i == 0 {
			want = got
		}
		wantSameDump(t, tt.name, got, want)
		whole := 0
		for _, s := range x.filters.files {
			if s.folds == 0 {
				whole++
			}
		}
		files := len(x.state.Segments) + len(x.state.Runs)
		if full := whole == files; full != (i == 0) || (len(x.filters.files) == 0) != (i == 2) {
			t.Errorf("%s: %d filters, %d of them whole, for %d files", tt.name, len(x.filters.files), whole, files)
		}
	}
}

// An index that is opened again makes the same filters in its share, and finds the same.
func TestFiltersAreMadeInTheirShare(t *testing.T) {
	t.Parallel()
	articles := newsroom(600)
	x := filled(t, Options{}, articles)
	for _, share := range []int64{0, 10_000, 60_000, 1 << 30} {
		x.filters.share = share
		x.filters.ready.Store(false)
		x.filters.lookups.Store(0)
		txn := x.db.NewTransaction(false)
		defer txn.Discard()
		for range x.filtersPay() {
			if x.filters.ready.Load() {
				t.Fatalf("filters are ready before they pay")
			}
			if err := x.needFilters(txn); err != nil {
				t.Fatal(err)
			}
		}
		sum := int64(0)
		for _, s := range x.filters.files {
			sum += s.bytes()
		}
		if !x.filters.ready.Load() || sum > share {
			t.Errorf("share %d: ready %v, with %d bytes", share, x.filters.ready.Load(), sum)
		}
		for _, s := range x.state.Segments {
			for _, p := range collected(t, x.postingsOf(txn, s)) {
				if !x.filters.of(s.ID).has(p.Key) {
					t.Fatalf("share %d: the filter of segment %d lacks key %x", share, s.ID, p.Key)
				}
			}
		}
		for _, r := range x.state.Runs {
			for _, c := range collected(t, x.countsOf(txn, r)) {
				if x.filters.of(r.ID).most(c.Print) < int(c.N) {
					t.Fatalf("share %d: the filter of run %d lacks print %x", share, r.ID, c.Print)
				}
			}
		}
	}
}

// What the filters say of a print is what all counts together say, however many filters there are, and whatever was looked up before.
func TestStandsInIsTheCount(t *testing.T) {
	t.Parallel()
	x := filled(t, Options{}, newsroom(fewer(1200, 2)))
	for id := range 40 {
		mustRemove(t, x, fmt.Sprint(7*id))
	}
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	counts := collected(t, x.allCounts(txn))
	stories := make(map[int]int)
	for _, share := range []int64{1 << 30, 30_000, 0} {
		x.filters.share = share
		if err := x.makeFilters(txn); err != nil {
			t.Fatal(err)
		}
		x.filters.ready.Store(true)
		for _, known := range []bool{false, true} {
			for _, c := range counts {
				for least := 2; least <= 4; least++ {
					if is, err := x.standsIn(txn, c.Print, least); is != (int(c.N) >= least) || err != nil {
						t.Fatalf("share %d, known %v: standsIn(%d, %d) = %v, %v, and it stands in %d", share, known, c.Print, least, is, err, c.N)
					}
				}
				stories[int(c.N)]++
			}
		}
		x.known.forget()
	}
	if stories[1] == 0 || stories[2] == 0 || stories[3] == 0 {
		t.Errorf("stories: %v, want prints in one, two and three", stories)
	}
}

// The cache keeps to its bytes, and what is asked for again and again stays.
func TestPieceCacheKeepsToItsBytes(t *testing.T) {
	t.Parallel()
	const bytes = 100
	c := newPieceCache[int](1000 * (bytes + pieceOverhead))
	hot := pieceID{1, 1}
	c.put(hot, 7, bytes)
	for i := range uint32(20_000) {
		c.put(pieceID{2, i}, 8, bytes)
		if piece, ok := c.get(hot); piece != 7 || !ok {
			t.Fatalf("after %d pieces the hot one is gone", i)
		}
	}
	kept := 0
	for i := range c.parts {
		kept += len(c.parts[i].young) + len(c.parts[i].old)
	}
	if kept > 1100 || kept < 400 {
		t.Errorf("%d pieces are kept, want about 500 to 1,000", kept)
	}
	c.drop(hot)
	if _, ok := c.get(hot); ok {
		t.Error("a piece that was dropped is there")
	}
}
