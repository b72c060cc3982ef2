package index

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/dedupe-news/dedupe/article"
)

// A batch is what is prepared and compared together; it is one transaction, or several if it changes
// much. Results do not depend on where batches or transactions end.
const (
	batchArticles = 128
	batchBytes    = 1 << 20 // of text
)

// Add adds articles in order. When it returns, all articles of the result are
// durable; the result has one entry an article, in order, and is shorter than
// articles only with an error (such as the context's), which tells why the rest was not
// added. An article that cannot be added has its error in Added.Err and is skipped.
// A thousand articles a call are added faster than one: they share transactions and disk syncs.
//
// The id of an article decides: the same id with the same words is unchanged (then
// nothing is stored, not even another title), with other words it is updated.
func (x *Index) Add(ctx context.Context, articles []article.Article) ([]Added, error) {
	results, err := x.addAll(ctx, articles)
	if err != nil {
		return results, fmt.Errorf("add to index %s: %w", x.dir, err)
	}
	return results, nil
}

// addition is a call of Add.
type addition struct {
	x        *Index
	results  []Added
	launched int     // of the results; their commits have begun
	durable  int     // … and ended
	last     *flight // the last of these commits; nil: none
}

// addAll adds batch after batch; while one is added the next is prepared, and the one before is committed.
func (x *Index) addAll(ctx context.Context, articles []article.Article) ([]Added, error) {
	prepare := func() chan []*prepared {
		n, bytes := 0, 0
		for n < len(articles) && n < batchArticles && (n == 0 || bytes+len(articles[n].Text) <= batchBytes) {
			bytes += len(articles[n].Text)
			n++
		}
		batch := articles[:n]
		articles = articles[n:]
		ready := make(chan []*prepared, 1)
		go func() { ready <- x.prepareAll(batch) }()
		return ready
	}
	a := &addition{x: x}
	for next := prepare(); ; {
		batch := <-next
		if len(batch) == 0 {
			err := a.wait()
			return a.results[:a.durable], err
		}
		next = prepare()
		if err := a.addBatch(ctx, batch); err != nil {
			<-next
			err = errors.Join(err, a.wait())
			return a.results[:a.durable], err
		}
	}
}

// wait waits for the last commit, while others go on: for these it does not wait, unless the commit failed.
func (a *addition) wait() error {
	if a.last == nil {
		return nil
	}
	<-a.last.done
	if a.last.err == nil {
		a.durable = a.launched
	}
	x := a.x
	switch {
	case a.last.err != nil:
		x.mu.Lock()
	case !x.mu.TryLock():
		return nil // who adds next lands it, or Close
	}
	defer x.mu.Unlock()
	if x.flight == a.last {
		return x.land()
	}
	return a.last.err
}

// launch commits c in the background.
func (a *addition) launch(c *changes) error {
	if err := c.launch(); err != nil {
		return err
	}
	a.durable, a.launched, a.last = a.launched, len(a.results), a.x.flight
	return nil
}

func (x *Index) prepareAll(articles []article.Article) []*prepared {
	batch := make([]*prepared, len(articles))
	x.parallel(len(articles), func(i int) { batch[i] = x.prepare(articles[i], true) })
	return batch
}

func (a *addition) addBatch(ctx context.Context, batch []*prepared) error {
	x := a.x
	x.mu.Lock()
	defer x.mu.Unlock()
	switch { // as usable, but the last commit may be under way
	case x.closed:
		return ErrClosed
	case x.broken != nil:
		return x.broken
	case x.log != nil:
		return ErrUnclustered
	}
	if err := errors.Join(ctx.Err(), x.checkDisk()); err != nil {
		return err
	}
	c := x.resume()
	defer func() { c.discard() }()
	if err := c.warm(batch); err != nil {
		if x.flight != nil {
			x.flight.next, c = c, x.begin() // for who comes next
		}
		return err
	}
	texts := x.compressed(batch)
	defer func() {
		for range texts { // until all are, and nobody compresses any more
		}
	}()
	for _, p := range batch {
		p.text = <-texts
		added, err := c.add(p)
		if err == nil {
			x.took()
			a.results = append(a.results, added)
			if c.isFull() {
				if err = a.launch(c); err == nil {
					c.discard()
					c = x.resume()
				}
			}
		}
		if err != nil {
			x.broken = fmt.Errorf("an earlier add failed, open the index again: %w", err)
			return err
		}
	}
	if err := a.launch(c); err != nil {
		return err
	}
	x.added += len(batch)
	return x.sealIfDue()
}

// compressed gives the compressed text of each article of a batch, in order: nil if the article is refused, or texts are not kept. The next ones are compressed while one is
// added. x.mu is held until the channel is closed: Close closes the encoder.
func (x *Index) compressed(batch []*prepared) <-chan []byte {
	texts := make(chan []byte, len(batch))
	compress := func() {
		defer close(texts)
		for _, p := range batch {
			var text []byte
			if x.keepsText() && p.err == nil {
				text = x.encoder.EncodeAll([]byte(p.article.Text), nil)
			}
			texts <- text
		}
	}
	if len(batch) == 1 || !x.keepsText() {
		compress()
	} else {
		go compress()
	}
	return texts
}

// The tail is sealed, though there are few articles in it, after so many logs, and so many counts: 2,048 news articles have a quarter of them.
const (
	sealLogs   = 256
	sealCounts = 2 << 20
)

// sealIfDue seals the tail if it has become long.
func (x *Index) sealIfDue() error {
	if x.state.Next-x.state.Sealed >= sealArticles || x.state.NextLog-x.state.FirstLog >= sealLogs || x.tailCounts.Len() >= sealCounts {
		if err := x.land(); err != nil {
			return err
		}
		return x.seal()
	}
	return nil
}

// parallel calls do for 0…n−1 in x.workers goroutines.
func (x *Index) parallel(n int, do func(i int)) {
	if n == 1 {
		do(0)
		return
	}
	var wait sync.WaitGroup
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	for range min(x.workers, n) {
		wait.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	wait.Wait()
}

// lookup returns the postings under each of the keys of p.
func (c *changes) lookup(p *prepared) ([][]number, error) {
	if p.lists == nil {
		var err error
		if p.lists, err = c.x.sealedPostings(c.txn, p.keys); err != nil {
			return nil, err
		}
	}
	return c.current(p.keys, p.lists), nil
}
