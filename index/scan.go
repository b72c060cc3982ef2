package index

import (
	"iter"

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
