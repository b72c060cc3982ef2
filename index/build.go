package index

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/ristretto/v2/z"

	"github.com/dedupe-news/dedupe/disk"
)

// build makes the database of an index that was loaded: all records are written in the order of their keys, so that Badger makes its
// tables of them at once. The load log goes when the state is in the database; a process that is killed before begins anew.
func (r *reclustering) build() (report Reclustered, err error) {
	x := r.x
	room := 2 * x.log.size // for the database, and what is sorted
	if !x.keepsText() {
		room = 3 * x.log.size // most of the log is sketches, which are sorted too
	}
	if err := disk.Check(x.dir, x.spare+room); err != nil {
		return report, err
	}
	x.log.room = nil
	from, err := r.openLoaded()
	defer func() { err = errors.Join(err, from.close()) }()
	if err != nil {
		return report, err
	}
	r.files = x.newFiles()
	r.files.batch.Cancel()
	stream := newStreamed(x.db.NewStreamWriter())
	r.files.batch, r.files.anew = stream, true
	r.files.state.Segments, r.files.state.Runs, r.files.state.Obsolete, r.files.state.Stale = nil, nil, nil, nil
	defer stream.Cancel()
	before := x.state
	defer func() {
		if x.log != nil {
			x.state = before
		}
	}()
	if err := stream.writer.Prepare(); err != nil {
		return report, err
	}
	x.state.Articles, x.state.Exact = from.articles, from.exact()
	r.files.state.Articles, r.files.state.Exact = x.state.Articles, x.state.Exact
	r.files.state.Loads = x.log.head.Load
	if err := r.stages(); err != nil {
		return report, err
	}
	r.compared = nil
	if report, err = r.report(); err != nil {
		return report, err
	}
	written := make(chan error)
	kinds := []func(from *loaded, set func(key, value []byte) error) error{r.writeArticles, r.writeIDs, r.writeDigests}
	if x.keepsText() {
		kinds = append(kinds, r.writeTexts)
	}
	for _, write := range kinds {
		go func() { written <- r.stream(stream.writer, from, write) }()
	}
	err = r.writeAll(x.state.Generation)
	for range kinds {
		err = errors.Join(err, <-written)
	}
	if err != nil {
		return report, err
	}
	first := x.log.head.State.Next
	if err := r.finishLoad(); err != nil {
		return report, err
	}
	x.loaded = loadedNumbers{first, x.state.Next, x.state.Articles, from.replaced}
	return report, nil
}

// finishLoad switches to the database that was made.
func (r *reclustering) finishLoad() error {
	x := r.x
	if err := r.files.batch.Flush(); err != nil {
		return err
	}
	value, err := json.Marshal(x.meta)
	if err != nil {
		return err
	}
	c := x.begin()
	defer c.discard()
	c.put(keyMeta, value)
	r.putCores(c)
	x.state.Sealed, x.state.FirstLog = x.state.Next, x.state.NextLog
	r.files.state.Garbage = 0
	if err := r.files.commit(c); err != nil {
		return err
	}
	x.tail.reset()
	x.tailCounts.Reset()
	log := x.log
	x.log = nil
	return log.remove()
}

// stream lets write set records of one kind, beside others.
func (r *reclustering) stream(writer *badger.StreamWriter, from *loaded, write func(from *loaded, set func(key, value []byte) error) error) (err error) {
	stream := newStreamed(writer)
	defer func() { err = errors.Join(err, stream.release()) }()
	n := 0
	set := func(key, value []byte) error {
		if n++; n%batchArticles == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		return stream.Set(key, value)
	}
	if err := write(from, set); err != nil {
		return err
	}
	return stream.hand()
}

// writeArticles writes the records of the articles.
func (r *reclustering) writeArticles(from *loaded, set func(key, value []byte) error) error {
	return from.each(0, r.next, func(n number, a loggedArticle) error {
		if from.holder[n] != 0 {
			rec, err := decodeRecord(a.record)
			if err != nil {
				return fmt.Errorf("article number %d: %w", n, err)
			}
			rec.Holder = from.holder[n]
			a.record = rec.append(nil)
		}
		return set(keyArticle(n), a.record)
	})
}

// writeTexts writes the texts of the articles.
func (r *reclustering) writeTexts(from *loaded, set func(key, value []byte) error) error {
	return from.each(0, r.next, func(n number, a loggedArticle) error { return set(keyText(n), a.text) })
}

// writeIDs writes what leads from ids to articles.
func (r *reclustering) writeIDs(from *loaded, set func(key, value []byte) error) error {
	return from.eachID(func(id []byte, n number) error { return set(keyID(string(id)), appendNumber(n)) })
}

// writeDigests writes what leads from words to holders, and from these to their exact copies.
func (r *reclustering) writeDigests(from *loaded, set func(key, value []byte) error) error {
	err := from.eachHolder(func(d digest, n number) error { return set(keyDigest(d), appendNumber(n)) })
	if err != nil {
		return err
	}
	for _, c := range from.copies() {
		if err := set(keyExact(number(c>>32), number(c)), []byte{}); err != nil {
			return err
		}
	}
	return nil
}

// streamed writes records into an empty database, those with one first byte by rising key. Several, with records of other first bytes, may
// do so at once.
type streamed struct {
	writer *badger.StreamWriter
	buffer *z.Buffer // nil: released
}

const streamBytes = 4 << 20

func newStreamed(writer *badger.StreamWriter) *streamed {
	return &streamed{writer, z.NewBuffer(2*streamBytes, "load")}
}

func (s *streamed) Set(key, value []byte) error {
	badger.KVToBuffer(&pb.KV{Key: key, Value: value, Version: 1, StreamId: uint32(key[0])}, s.buffer)
	if s.buffer.LenNoPadding() < streamBytes {
		return nil
	}
	return s.hand()
}

func (s *streamed) hand() error {
	err := s.writer.Write(s.buffer)
	s.buffer.Reset()
	return err
}

func (s *streamed) release() error {
	buffer := s.buffer
	s.buffer = nil
	return buffer.Release()
}

func (s *streamed) Flush() error {
	if s.buffer == nil {
		return nil
	}
	if err := s.hand(); err != nil {
		return err
	}
	return errors.Join(s.writer.Flush(), s.release())
}

func (s *streamed) Cancel() {
	if s.buffer == nil {
		return
	}
	s.writer.Cancel()
	_ = s.release()
}
