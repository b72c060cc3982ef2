package index

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/dedupe-news/dedupe/article"
)

// Several callers that add, update and remove at the same time, each in many small calls, find in the end all that was acknowledged, and nothing else.
func TestCallersTakeTurns(t *testing.T) {
	t.Parallel()
	const callers = 4
	each := fewer(300, 5) // three of a story, all of one caller
	x := newIndex(t, Options{})
	var wait sync.WaitGroup
	for caller := range callers {
		wait.Go(func() {
			for from := 0; from < each; from += 10 {
				batch := make([]article.Article, 10)
				for i := range batch {
					n := caller*each + from + i
					batch[i] = article.Article{ID: fmt.Sprint(n), Text: story(uint64(n/3), 60) + fmt.Sprint(" teller ", n)}
				}
				again := batch[0]
				again.Text += " corrected"
				for _, list := range [][]article.Article{batch, {again}} {
					added, err := x.Add(context.Background(), list)
					if err != nil || len(added) != len(list) {
						t.Errorf("Add = %d results, %v, want %d", len(added), err, len(list))
						return
					}
				}
				if err := x.Remove(context.Background(), batch[9].ID); err != nil {
					t.Error(err)
				}
				if matches, err := x.Query(context.Background(), again, QueryOptions{}); err != nil || len(matches) == 0 {
					t.Errorf("Query(%q) = %v, %v, want the others of its story", again.ID, matches, err)
				}
			}
		})
	}
	wait.Wait()
	mustCheck(t, x, callers*each*9/10)
	x = reopened(t, x, Options{})
	mustCheck(t, x, callers*each*9/10)
	for n := range callers * each {
		e, err := x.Get(context.Background(), fmt.Sprint(n))
		want := story(uint64(n/3), 60) + fmt.Sprint(" teller ", n)
		if n%10 == 0 {
			want += " corrected"
		}
		if gone := n%10 == 9; gone != (err != nil) || !gone && e.Article.Text != want {
			t.Errorf("Get(%d) = %q, %v", n, e.Article.Text, err)
		}
	}
}

// What was in flight when a commit failed is not acknowledged, and nothing goes on.
func TestFailedFlightIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	x := filled(t, Options{}, singles(3, 50))
	a := &addition{x: x}
	if err := a.addBatch(context.Background(), x.prepareAll([]article.Article{{ID: "x", Text: story(7, 50)}})); err != nil {
		t.Fatal(err)
	}
	x.mu.Lock()
	c := x.resume()
	c.put(make([]byte, 1<<16), nil) // a key that is too long for Badger
	a.results = append(a.results, Added{ID: "y"})
	err := a.launch(c)
	x.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.wait(); err == nil || a.durable != 1 {
		t.Errorf("wait() = %v with %d durable results, want an error and the first", err, a.durable)
	}
	if added, err := x.Add(context.Background(), singles(1, 20)); err == nil || len(added) != 0 {
		t.Errorf("Add = %v, %v after a write failed", added, err)
	}
	if _, err := x.Query(context.Background(), article.Article{Text: story(1, 50)}, QueryOptions{}); err == nil {
		t.Error("Query works after a write failed")
	}
	x = reopened(t, x, Options{})
	mustCheck(t, x, 4)
}

// What is remembered of removed postings does not grow with a long call, and is enough: adding in one call is adding one by one.
func TestLongCallOfUpdates(t *testing.T) {
	t.Parallel()
	const n, size = 200, 50
	updates := make([]article.Article, 2*n)
	for i := range updates {
		updates[i] = article.Article{ID: fmt.Sprint(i % n), Text: story(uint64(1000+i/3), 40) + fmt.Sprint(" teller ", i)}
	}
	many, single := filled(t, Options{}, singles(n, 40)), filled(t, Options{}, singles(n, 40))
	a := &addition{x: many}
	for from := 0; from < len(updates); from += size {
		batch := updates[from : from+size]
		if err := a.addBatch(context.Background(), many.prepareAll(batch)); err != nil {
			t.Fatal(err)
		}
		if many.flight != nil && len(many.flight.next.gone) > size {
			t.Errorf("after %d updates %d are remembered, want at most %d", from+size, len(many.flight.next.gone), size)
		}
		for i := range batch {
			mustAdd(t, single, batch[i])
		}
	}
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
	mustCheck(t, many, n)
	wantSameDump(t, "one call", dump(t, many), dump(t, single))
}
