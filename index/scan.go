package index

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/dgraph-io/badger/v4"
)

// keysWith yields the keys that begin with prefix, in order; each is a copy.
func keysWith(txn *badger.Txn, prefix []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		opts := badger.DefaultIteratorOptions
		opts.PrefetchValues = false
		opts.Prefix = prefix
		it := txn.NewIterator(opts)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			if !yield(it.Item().KeyCopy(nil)) {
				return
			}
		}
	}
}

// lastArticle is the highest number of an article, 0 if there is none.
func lastArticle(txn *badger.Txn) number {
	opts := badger.DefaultIteratorOptions
	opts.PrefetchValues, opts.Reverse = false, true
	opts.Prefix = []byte{prefixArticle}
	it := txn.NewIterator(opts)
	defer it.Close()
	if it.Seek(keyArticle(math.MaxUint32)); !it.Valid() {
		return 0
	}
	return numberOf(it.Item().Key())
}

// valuesWith yields the keys that begin with prefix and their values, in order;
// both are copies.
func valuesWith(txn *badger.Txn, prefix []byte) iter.Seq2[[]byte, func() ([]byte, error)] {
	return func(yield func([]byte, func() ([]byte, error)) bool) {
		opts := badger.DefaultIteratorOptions
		opts.Prefix = prefix
		it := txn.NewIterator(opts)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			item := it.Item()
			if !yield(item.KeyCopy(nil), func() ([]byte, error) { return item.ValueCopy(nil) }) {
				return
			}
		}
	}
}

// eachNumbered calls do with the values under a prefix and a number each, from from to to (exclusive), in their order. do may not keep them.
func eachNumbered(txn *badger.Txn, prefix []byte, from, to number, do func(n number, value []byte) error) error {
	opts := badger.DefaultIteratorOptions
	opts.Prefix = prefix
	it := txn.NewIterator(opts)
	defer it.Close()
	for it.Seek(binary.BigEndian.AppendUint32(slices.Clone(prefix), from)); it.Valid(); it.Next() {
		item := it.Item()
		n := numberOf(item.Key())
		if n >= to {
			return nil
		}
		if err := item.Value(func(value []byte) error { return do(n, value) }); err != nil {
			return err
		}
	}
	return nil
}

// decodeWith calls do with the key and the decoded value of each record whose key begins with prefix, in order, or with the error of decode.
func decodeWith[T any](txn *badger.Txn, prefix []byte, decode func([]byte) (T, error), do func(key []byte, v T, err error) error) error {
	for key, value := range valuesWith(txn, prefix) {
		b, err := value()
		if err != nil {
			return err
		}
		v, err := decode(b)
		if err := do(key, v, err); err != nil {
			return err
		}
	}
	return nil
}

// eachRelation calls do with the relations that are stored, by rising number of the holder.
func (x *Index) eachRelation(txn *badger.Txn, do func(n number, rel relation) error) error {
	prefix := prefixGeneration(prefixRelation, x.state.Generation)
	return decodeWith(txn, prefix, decodeRelation, func(key []byte, rel relation, err error) error {
		if err != nil {
			return fmt.Errorf("relation of article number %d: %w", numberOf(key), err)
		}
		return do(numberOf(key), rel)
	})
}

// eachEdges calls do with the holders that have edges, by rising number, and these.
func (x *Index) eachEdges(txn *badger.Txn, do func(n number, edges []edge) error) error {
	prefix := prefixGeneration(prefixEdge, x.state.Generation)
	return decodeWith(txn, prefix, decodeEdges, func(key []byte, edges []edge, err error) error {
		if err != nil {
			return fmt.Errorf("edges of article number %d: %w", numberOf(key), err)
		}
		return do(numberOf(key), edges)
	})
}
