package index

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dedupe-news/dedupe/article"
)

// What stands in memory after a failed commit is not written when the index is closed, even where Close has garbage to collect.
func TestCloseAfterFailedCommit(t *testing.T) {
	x := filled(t, Options{}, singles(40, 1500))
	for i := 10; i < 40; i++ {
		mustRemove(t, x, fmt.Sprint(i))
	}
	a := &addition{x: x}
	x.mu.Lock()
	c := x.resume()
	p := x.prepareAll([]article.Article{{ID: "x", Text: story(7777, 50)}})
	p[0].text = <-x.compressed(p)
	if _, err := c.add(p[0]); err != nil {
		t.Fatal(err)
	}
	c.put(make([]byte, 1<<16), nil) // a key that is too long for Badger
	a.results = append(a.results, Added{ID: "x"})
	err := a.launch(c)
	x.mu.Unlock()
	if err = errors.Join(err, a.wait()); err == nil {
		t.Fatal("a commit with a key that is too long does not fail")
	}
	_ = x.Close() // tells of the failure, or not
	if x, err = Open(x.dir, Options{}); err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	mustCheck(t, x, 10)
}

// An Add that meets a damaged record leaves the next batch of another caller as it was.
func TestDamageBesideAnotherCaller(t *testing.T) {
	x := filled(t, Options{}, singles(3, 50))
	damaged := article.Article{ID: "q", Text: story(700, 50)}
	x.mu.Lock()
	c := x.begin()
	c.put(keyDigest(x.prepare(damaged, true).digest), []byte{})
	if err := c.commit(); err != nil {
		t.Fatal(err)
	}
	c.discard()
	x.mu.Unlock()
	a := &addition{x: x} // a caller between two batches
	add := func(id string, seed uint64) error {
		return a.addBatch(t.Context(), x.prepareAll([]article.Article{{ID: id, Text: story(seed, 50)}}))
	}
	if err := add("x", 7); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Add(t.Context(), []article.Article{damaged}); !errors.Is(err, ErrCorrupt) {
		t.Fatalf("Add of an article whose digest is damaged: %v, want ErrCorrupt", err)
	}
	_ = add("y", 8) // may be refused, now that something is damaged
	_ = a.wait()
	if e, err := x.Get(t.Context(), "x"); err != nil || e.Article.ID != "x" {
		t.Errorf("Get of what was added before = %v", err)
	}
}

// Every copy of a story with more tellers than an article may have edges has its match.
func TestMatchOfHotStory(t *testing.T) {
	if testing.Short() {
		t.Skip("adds 560 articles")
	}
	x := newIndex(t, Options{})
	words := strings.Fields(story(1, 120))
	for i := range 560 {
		edited := append([]string{}, words...)
		edited[i%len(edited)] = fmt.Sprint("edit", i)
		added := mustAdd(t, x, article.Article{ID: fmt.Sprint("h", i), Text: strings.Join(edited, " ")})
		if i > 0 && added[0].Match == nil {
			t.Fatalf("copy %d is %s, without a match", i, added[0].Status)
		}
	}
}

// Damage in the load log is told, and nothing behind it is cut off.
func TestDamagedLoadLog(t *testing.T) {
	for _, tt := range []struct {
		name   string
		at     func(second, third int64) int64 // where these frames begin → the damaged byte
		byOpen bool                            // else by Recluster
	}{
		{"the head", func(int64, int64) int64 { return int64(len(loadMagic)) + 5 }, true},
		{"the header of a frame", func(second, _ int64) int64 { return second }, true},
		{"an article of a frame", func(_, third int64) int64 { return third - 10 }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			articles := singles(30, 50)
			x := newIndex(t, Options{})
			var ends []int64
			for i := range 3 {
				mustLoad(t, x, articles[10*i:10*i+10]...)
				ends = append(ends, x.log.size)
			}
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(x.dir, loadName)
			log, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			log[tt.at(ends[0], ends[1])] ^= 1
			if err := os.WriteFile(name, log, 0o666); err != nil {
				t.Fatal(err)
			}
			opened, err := Open(x.dir, Options{})
			if err == nil {
				_, err = opened.Recluster(t.Context(), nil)
				if tt.byOpen {
					t.Error("Open tells of nothing")
				}
				if err := opened.Close(); err != nil {
					t.Error(err)
				}
			}
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("got %v, want ErrCorrupt", err)
			}
			if after, err := os.ReadFile(name); err != nil || len(after) != len(log) {
				t.Errorf("the log has %d bytes, had %d: %v", len(after), len(log), err)
			}
		})
	}
}

// The furniture counts of a load are right though an index was there before, whose articles were all removed.
func TestLoadAfterAllWereRemoved(t *testing.T) {
	articles := singles(60, 300)
	x := filled(t, Options{}, articles)
	x.mu.Lock()
	if err := x.seal(); err != nil {
		t.Fatal(err)
	}
	x.mu.Unlock()
	for _, a := range articles {
		mustRemove(t, x, a.ID)
	}
	mustLoad(t, x, articles...)
	mustRecluster(t, x)
	mustAdd(t, x, singles(140, 100)[100:]...)
	x = reopened(t, x, Options{})
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	for _, p := range new(printRoom).of(x.prepare(articles[5], false).subject.reading.Shingles) {
		if n, err := x.countOfPrint(txn, p); err != nil || n != 1 {
			t.Fatalf("print %x stands in %d stories (%v), want 1", p, n, err)
		}
	}
	if x.state.Garbage != 0 {
		t.Errorf("%d bytes of garbage, want none", x.state.Garbage)
	}
}

// Settling posts what a story left behind when it fell apart, and a new article may be among that: it is posted once.
func TestPostedOnce(t *testing.T) {
	x := filled(t, Options{}, singles(1, 200))
	x.mu.Lock()
	c := x.resume()
	p := x.prepare(article.Article{ID: "x", Text: story(7777, 200)}, true)
	p.text = <-x.compressed([]*prepared{p})
	if _, err := c.add(p); err != nil {
		t.Fatal(err)
	}
	n := c.x.state.Next - 1
	if err := errors.Join(c.postAnew(n), c.addPostings(n, 0, p.keys, make([][]number, len(p.keys)))); err != nil {
		t.Fatal(err)
	}
	for _, key := range p.keys {
		if list := x.tail.appendUnder(nil, key); len(list) != 1 || list[0] != n {
			t.Errorf("%v are posted under key %x, want %d once", list, key, n)
		}
	}
	err := c.launch()
	x.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	mustCheck(t, x, 2)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}
