package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/article"
)

// NextOrdinal is the ordinal that the next new article will have.
func (x *Index) NextOrdinal() Ordinal {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return Ordinal(x.state.Next)
}

// Loaded returns under which ordinals the articles count that were loaded, from ordinal first on and in the order in which they were loaded: each under its own, or, where an id
// came again, under that of the one that counts. Only the process that made the index with Recluster after Load knows that, only as long as nothing is added or removed, and only from the first article of that
// load on: else it is nil, and Ordinals looks ids up.
func (x *Index) Loaded(first Ordinal) []Ordinal {
	x.mu.RLock()
	defer x.mu.RUnlock()
	l := x.loaded
	if x.usable() != nil || l.next != x.state.Next || l.articles != x.state.Articles || number(first) < l.first || number(first) > l.next {
		return nil
	}
	ordinals := make([]Ordinal, l.next-number(first))
	for i := range ordinals {
		ordinals[i] = first + Ordinal(i)
	}
	for _, r := range l.replaced {
		if old := Ordinal(r >> 32); old >= first {
			ordinals[old-first] = Ordinal(number(r))
		}
	}
	return ordinals
}

// loadedNumbers are those of the articles of an index that was loaded; zero: it was not, or by another process.
type loadedNumbers struct {
	first    number
	next     number   // behind all of them
	articles int      // that count
	replaced []uint64 // as loaded has it
}

// Ordinals returns the ordinal of each article of ids, in their order; 0 for an id that is not there. Ids in the order in which the articles were
// added take a quarter of the time of others: where two were added one after the other, the next is looked for behind them.
func (x *Index) Ordinals(ids []string) ([]Ordinal, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.usable(); err != nil {
		return nil, fmt.Errorf("index %s: %w", x.dir, err)
	}
	ordinals := make([]Ordinal, len(ids))
	err := x.lookUpParts(len(ids), func(c *changes, from, to int) error {
		w := walk{c: c}
		defer w.close()
		for i := from; i < to; i++ {
			n, err := w.find(ids[i])
			if err != nil {
				return err
			}
			ordinals[i] = Ordinal(n)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("index %s: %w", x.dir, err)
	}
	return ordinals, nil
}

// walk finds articles by id, in the order in which they were added if they come in that order.
type walk struct {
	c    *changes
	last number           // that was found
	run  int              // how many before it were added one after the other
	it   *badger.Iterator // at the article behind the last one; nil: it is not known whether that comes next
}

// find is the number of the article with that id; 0 if there is none.
func (w *walk) find(id string) (number, error) {
	const sure = 2 // looked up one after the other, before the next is looked for behind them
	if w.it == nil && w.run >= sure {
		opts := badger.IteratorOptions{Prefix: []byte{prefixArticle}}
		w.it = w.c.txn.NewIterator(opts)
		w.it.Seek(keyArticle(w.last + 1))
	}
	if w.it != nil {
		n, err := w.behind(id)
		if n != 0 || err != nil {
			w.last = n
			return n, err
		}
		w.close()
	}
	n, err := w.c.numberAt(keyID(id))
	if n == w.last+1 && n > 1 {
		w.run++
	} else {
		w.run = 0
	}
	w.last = n
	return n, err
}

// behind is the number of the article at the iterator, if it has that id; else 0.
func (w *walk) behind(id string) (n number, err error) {
	if !w.it.Valid() {
		return 0, nil
	}
	item := w.it.Item()
	err = item.Value(func(value []byte) error {
		h, err := decodeHead(value)
		if err == nil && string(h.id()) == id {
			n = numberOf(item.Key())
		}
		return err
	})
	if n != 0 {
		w.it.Next()
	}
	return n, err
}

func (w *walk) close() {
	if w.it != nil {
		w.it.Close()
		w.it = nil
	}
}

// Articles returns what is stored of some articles, in their order, but their texts. ErrNotFound.
func (x *Index) Articles(ordinals []Ordinal) ([]article.Article, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.usable(); err != nil {
		return nil, fmt.Errorf("index %s: %w", x.dir, err)
	}
	articles := make([]article.Article, len(ordinals))
	err := x.lookUp(len(ordinals), func(c *changes, i int) error {
		r, err := c.record(number(ordinals[i]))
		if err == nil && r == nil {
			err = fmt.Errorf("%w: article number %d", ErrNotFound, ordinals[i])
		}
		if err == nil {
			articles[i] = articleOf(r)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("index %s: %w", x.dir, err)
	}
	return articles, nil
}

// Article is Articles of one.
func (x *Index) Article(o Ordinal) (article.Article, error) {
	articles, err := x.Articles([]Ordinal{o})
	if err != nil {
		return article.Article{}, err
	}
	return articles[0], nil
}

// lookUpEach is how many things are looked up one after the other; a variable so that tests make many parts.
var lookUpEach = 128

// lookUp calls do for 0…n−1, in several goroutines if there are many.
func (x *Index) lookUp(n int, do func(c *changes, i int) error) error {
	return x.lookUpParts(n, func(c *changes, from, to int) error {
		for i := from; i < to; i++ {
			if err := do(c, i); err != nil {
				return err
			}
		}
		return nil
	})
}

// lookUpParts calls do with parts of 0…n−1, in several goroutines if there are many.
func (x *Index) lookUpParts(n int, do func(c *changes, from, to int) error) error {
	errs := make([]error, (n+lookUpEach-1)/lookUpEach)
	x.parallel(len(errs), func(part int) {
		c := x.begin()
		defer c.discard()
		errs[part] = do(c, part*lookUpEach, min((part+1)*lookUpEach, n))
	})
	return firstError(errs)
}

// Relate returns the match of article a with article b, as Clusters has it of a representative and a member: from the edge that is
// kept, else from the texts. ErrNotFound.
func (x *Index) Relate(ctx context.Context, a, b string) (Match, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	m, err := x.relate(ctx, a, b)
	if err != nil {
		return Match{}, fmt.Errorf("index %s: %w", x.dir, err)
	}
	return m, nil
}

func (x *Index) relate(ctx context.Context, a, b string) (Match, error) {
	if err := errors.Join(x.usable(), ctx.Err()); err != nil {
		return Match{}, err
	}
	c := x.begin()
	defer c.discard()
	var numbers, holders [2]number
	for i, id := range [2]string{a, b} {
		n, err := c.find(id)
		if err != nil {
			return Match{}, err
		}
		r, err := c.record(n)
		if err != nil {
			return Match{}, err
		}
		numbers[i], holders[i] = n, cmp.Or(r.Holder, n)
	}
	v, _, err := c.against(holders[0], nil).verdict(holders[1])
	if err != nil {
		return Match{}, err
	}
	ra, err := c.record(numbers[0])
	if err != nil {
		return Match{}, err
	}
	rb, err := c.record(numbers[1])
	if err != nil {
		return Match{}, err
	}
	return x.matchWith(ra, numbers[1], rb, v), nil
}

// Before yields the ids of the articles that were published before t (where that is unknown: added before t), in the order in which
// they were added. Which there are is seen when the loop begins, so they may be removed in it.
func (x *Index) Before(ctx context.Context, t time.Time) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		ids, err := x.before(ctx, t)
		if err != nil {
			yield("", fmt.Errorf("index %s: %w", x.dir, err))
			return
		}
		for _, id := range ids {
			if !yield(id, nil) {
				return
			}
		}
	}
}

func (x *Index) before(ctx context.Context, t time.Time) ([]string, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.usable(); err != nil {
		return nil, err
	}
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	var ids []string
	for key, value := range valuesWith(txn, []byte{prefixArticle}) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b, err := value()
		if err != nil {
			return nil, err
		}
		r, err := decodeRecord(b)
		if err != nil {
			return nil, fmt.Errorf("article number %d: %w", numberOf(key), err)
		}
		when := r.Published
		if when.IsZero() {
			when = r.Added
		}
		if when.Before(t) {
			ids = append(ids, strings.Clone(r.ID)) // it shares memory with the rest of its record
		}
	}
	return slices.Clip(ids), nil
}
