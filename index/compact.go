package index

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
)

// compactIfDue rewrites the closed database without what is of no use any more, where that is much: after a large add, logs and merged
// segments are a third of the tables; and where texts were removed, these are collected.
func (x *Index) compactIfDue() error {
	texts, err := valueLogSize(x.dir)
	if err != nil {
		return err
	}
	if x.state.Garbage > texts/garbageShare || x.added >= int(sealArticles) && x.added > x.state.Articles/4 {
		err = x.compact()
	}
	if errors.Is(err, ErrLocked) {
		return nil // the next process is quicker
	}
	return err
}

// garbageShare: removed texts are collected when they are this part of the value log or more.
const garbageShare = 4

// compact brings all tables to one level, and then collects what is garbage in the value log. The database is opened twice: first to compact what has just been written, which
// Flatten alone leaves where it is if there is nothing else.
func (x *Index) compact() error {
	db, err := openBadger(badgerOptions(x.dir, x.budget).WithCompactL0OnClose(true))
	if err != nil {
		return openError(err)
	}
	if err := db.Close(); err != nil {
		return err
	}
	if db, err = openBadger(badgerOptions(x.dir, x.budget)); err != nil {
		return openError(err)
	}
	if err = db.Flatten(1); err == nil {
		err = x.collect(db)
	}
	return errors.Join(err, db.Close())
}

// collect rewrites the files of the value log of which half is no longer used. How much that is was found by compaction: when
// it drops the key of a text, it writes down the length of the text. (Without texts there are pages of furniture runs that were merged.)
func (x *Index) collect(db *badger.DB) error {
	var err error
	for err == nil {
		err = db.RunValueLogGC(0.5)
	}
	if !errors.Is(err, badger.ErrNoRewrite) {
		return err
	}
	return db.Update(func(txn *badger.Txn) error {
		value, err := get(txn, keyState)
		if value == nil || err != nil {
			return err
		}
		s, err := decodeJSON[state](value) // another process may have changed it
		if err != nil {
			return err
		}
		s.Garbage = 0
		if value, err = json.Marshal(s); err != nil {
			return err
		}
		return txn.Set(keyState, value)
	})
}

// valueLogSize is what the value log takes on the disk.
func valueLogSize(dir string) (int64, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.vlog"))
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return 0, err
		}
		sum += usedBytes(info)
	}
	return sum, nil
}

// deleteText deletes the text of article n, and counts what of it stays in the value log until that is collected.
func (c *changes) deleteText(n number) error {
	key := keyText(n)
	if text, err := c.get(key); err != nil {
		return err
	} else if len(text) >= valueThreshold {
		c.x.state.Garbage += int64(len(text))
	}
	c.delete(key)
	return nil
}
