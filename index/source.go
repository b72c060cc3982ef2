package index

import (
	"cmp"
	"fmt"
	"iter"

	"github.com/dgraph-io/badger/v4"
)

// source is where Recluster has the articles from: the database, or the log of an index that is being loaded.
// Its methods may be called concurrently.
type source interface {
	// heads calls do with the head of the record of each article of the numbers from to to (exclusive), in their order. do may not keep it.
	heads(from, to number, do func(n number, h *recordHead) error) error
	// dates are, by number, the holder with the words of each article (itself, if it is one; 0: there is no article), and when it was published, see rising.
	dates(r *reclustering) (holder []number, published []uint64, err error)
	// byID yields all articles in the order of their ids.
	byID() iter.Seq2[number, error]
	text(n number) (string, error)
}

// stored is the source of an index that has been clustered.
type stored struct {
	x   *Index
	txn *badger.Txn
}

func (s *stored) heads(from, to number, do func(n number, h *recordHead) error) error {
	return eachNumbered(s.txn, []byte{prefixArticle}, from, to, func(n number, value []byte) error {
		h, err := decodeHead(value)
		if err != nil {
			return fmt.Errorf("article number %d: %w", n, err)
		}
		return do(n, &h)
	})
}

func (s *stored) dates(r *reclustering) (holder []number, published []uint64, err error) {
	holder, published = make([]number, r.next), make([]uint64, r.next)
	err = r.scan(func(from, to number) error {
		return s.heads(from, to, func(n number, h *recordHead) error {
			holder[n], published[n] = cmp.Or(h.holder, n), h.rising()
			return nil
		})
	})
	return holder, published, err
}

func (s *stored) byID() iter.Seq2[number, error] {
	return func(yield func(number, error) bool) {
		for key, value := range valuesWith(s.txn, []byte{prefixID}) {
			b, err := value()
			var n number
			if err == nil {
				n, err = decodeNumber(b)
			}
			if err != nil {
				err = fmt.Errorf("record %q: %w", key, err)
			}
			if !yield(n, err) || err != nil {
				return
			}
		}
	}
}

func (s *stored) text(n number) (string, error) { return s.x.readText(s.txn, n) }
