package index

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// addAll adds batch after batch; while one is added the next is prepared.
func (x *Index) addAll(ctx context.Context, articles []article.Article) ([]Added, error) {
	var results []Added
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
	for next := prepare(); ; {
		batch := <-next
		if len(batch) == 0 {
			return results, nil
		}
		next = prepare()
		added, err := x.addBatch(ctx, batch)
		results = append(results, added...)
		if err != nil {
			<-next
			return results, err
		}
	}
}

func (x *Index) prepareAll(articles []article.Article) []*prepared {
	batch := make([]*prepared, len(articles))
	x.parallel(len(articles), func(i int) { batch[i] = x.prepare(articles[i], true) })
	return batch
}

func (x *Index) addBatch(ctx context.Context, batch []*prepared) ([]Added, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := errors.Join(x.usable(), ctx.Err()); err != nil {
		return nil, err
	}
	if err := x.checkDisk(); err != nil {
		return nil, err
	}
	c := x.begin()
	defer func() { c.discard() }()
	if err := c.warm(batch); err != nil {
		return nil, err
	}
	added := make([]Added, 0, len(batch))
	durable := 0 // of added
	for _, p := range batch {
		a, err := c.add(p)
		if err == nil {
			x.took()
			added = append(added, a)
			if c.isFull() {
				if c, err = c.next(); err == nil {
					durable = len(added)
				}
			}
		}
		if err != nil {
			x.broken = fmt.Errorf("an earlier add failed, open the index again: %w", err)
			return added[:durable], err
		}
	}
	if err := c.commit(); err != nil {
		return added[:durable], err
	}
	x.added += len(batch)
	return added, x.sealIfDue()
}

// The tail is sealed, though there are few articles in it, after so many logs, and so many counts: 2,048 news articles have a quarter of them.
const (
	sealLogs   = 256
	sealCounts = 2 << 20
)

// sealIfDue seals the tail if it has become long.
func (x *Index) sealIfDue() error {
	if x.state.Next-x.state.Sealed >= sealArticles || x.state.NextLog-x.state.FirstLog >= sealLogs || x.tailCounts.Len() >= sealCounts {
		return x.seal()
	}
	return nil
}

// parallel calls do for 0…n−1 in x.workers goroutines.
func (x *Index) parallel(n int, do func(i int)) {
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

// warm does ahead and in parallel what the articles of a batch will probably need:
// it finds their postings in segments, and compares them with their candidates. It
// saves time and changes no result.
func (c *changes) warm(batch []*prepared) error {
	x := c.x
	errs := make([]error, len(batch))
	x.parallel(len(batch), func(i int) {
		p := batch[i]
		if p.err != nil {
			return
		}
		if holder, err := get(c.txn, keyDigest(p.digest)); holder != nil || err != nil {
			errs[i] = err
			return
		}
		if p.lists, errs[i] = x.sealedPostings(c.txn, p.keys); errs[i] != nil {
			return
		}
		lists := make([][]number, len(p.keys))
		for k, key := range p.keys {
			lists[k] = slices.Concat(p.lists[k], x.tail[key])
		}
		p.pairs = make(map[number]*pairing)
		for _, other := range candidates(lists, leastShared(lists)) {
			value, err := get(c.txn, keyArticle(other.Number))
			if value == nil || err != nil {
				errs[i] = err
				continue
			}
			r, err := decodeRecord(value)
			if err != nil {
				errs[i] = fmt.Errorf("article number %d: %w", other.Number, err)
				return
			}
			s, err := x.load(c.txn, other.Number, &r)
			if errors.Is(err, ErrCorrupt) {
				continue
			}
			if err != nil {
				errs[i] = err
				return
			}
			p.pairs[other.Number] = x.pair(&p.subject, s)
		}
	})
	return errors.Join(errs...)
}

// lookup returns the postings under each of the keys of p.
func (c *changes) lookup(p *prepared) ([][]number, error) {
	if p.lists == nil {
		var err error
		if p.lists, err = c.x.sealedPostings(c.txn, p.keys); err != nil {
			return nil, err
		}
	}
	lists := make([][]number, len(p.keys))
	for i, key := range p.keys {
		lists[i] = c.current(key, p.lists[i])
	}
	return lists, nil
}
