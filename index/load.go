package index

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

// Load takes articles into an index that has none, or that is being loaded, without comparing them: many times as fast as Add. The
// index is of use only after Recluster; until then all calls that need clusters return ErrUnclustered. A process that ends before
// loses nothing: when the index is opened again, it can be loaded further.
//
// The result has one entry for each article, in order: nil, or why it cannot be taken (ErrNoWords, ErrTooLong, ErrBadID). When Load returns
// without an error, all others are durable. Of two articles with one id, the first counts if they have the same words, else the last.
// Errors: ErrNotEmpty, ErrDiskFull.
func (x *Index) Load(ctx context.Context, articles []article.Article) ([]error, error) {
	b := x.ReadyToLoad(articles)
	if err := x.LoadBatch(ctx, b); err != nil {
		return nil, err
	}
	return b.Refused, nil
}

// Batch is a batch of articles that are ready to be loaded.
type Batch struct {
	Refused []error // as the result of Load

	logged [][]byte        // as they are in the load log; nil: refused
	rooms  chan *readyRoom // where these are, until the batch is loaded
}

// ReadyToLoad does the part of Load that takes the processors and changes nothing, so that it can be done while another batch is loaded.
// The articles may be changed afterwards.
func (x *Index) ReadyToLoad(articles []article.Article) *Batch {
	b := &Batch{Refused: make([]error, len(articles)), logged: make([][]byte, len(articles)), rooms: make(chan *readyRoom, x.workers)}
	for range x.workers {
		b.rooms <- readyRooms.Get().(*readyRoom)
	}
	added := now()
	x.parallel(len(articles), func(i int) {
		room := <-b.rooms
		defer func() { b.rooms <- room }()
		p := x.prepareIn(&room.reading, articles[i], false)
		if b.Refused[i] = p.err; p.err == nil {
			if x.keepsText() {
				p.text = room.compress(x, articles[i].Text)
			}
			r := p.record(added)
			r.Sketch = p.subject.Sketch
			b.logged[i] = room.log(p, r)
		}
	})
	return b
}

// readyRoom is the memory in which ReadyToLoad makes one article after the other ready.
type readyRoom struct {
	reading      match.Reading
	text, packed []byte
	literals     literalsRoom
	prints       printRoom
	logged       []byte // of all articles of a batch
}

var readyRooms = sync.Pool{New: func() any { return new(readyRoom) }}

// log is an article as it is in the load log. It is good as long as the batch is not loaded.
func (r *readyRoom) log(p *prepared, rec *record) []byte {
	from := len(r.logged)
	r.logged = p.appendLogged(r.logged, rec, &r.prints)
	return r.logged[from:]
}

// compress compresses a text. The result is good until the next call.
func (r *readyRoom) compress(x *Index, text string) []byte {
	r.text = append(r.text[:0], text...)
	var ok bool
	if r.packed, ok = r.literals.appendLiterals(r.packed[:0], r.text); !ok {
		r.packed = x.encoder.EncodeAll(r.text, r.packed)
	}
	return r.packed
}

// LoadBatch does the rest of Load. A batch is loaded once.
func (x *Index) LoadBatch(ctx context.Context, b *Batch) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.loadBatch(ctx, b); err != nil {
		return fmt.Errorf("load into index %s: %w", x.dir, err)
	}
	b.release()
	return nil
}

// roomBytes is how large a room may become that is used again.
const roomBytes = 8 << 20

// release gives back the rooms of a batch that is loaded.
func (b *Batch) release() {
	close(b.rooms)
	for room := range b.rooms {
		if cap(room.logged)+cap(room.text)+8*cap(room.reading.Shingles) > roomBytes {
			continue
		}
		room.logged, room.reading.Text, room.reading.Title = room.logged[:0], "", ""
		readyRooms.Put(room)
	}
}

// CanLoad says whether Load takes articles: the index has none, or they were all loaded and are not clustered.
func (x *Index) CanLoad() bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.log != nil || x.state.Articles == 0
}

// IsLoading says that articles were loaded, and are not clustered.
func (x *Index) IsLoading() bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.log != nil
}

func (x *Index) loadBatch(ctx context.Context, b *Batch) error {
	if err := errors.Join(x.alive(), ctx.Err(), x.checkDisk()); err != nil {
		return err
	}
	if err := x.beginLoad(); err != nil {
		return err
	}
	before := x.state
	for _, refused := range b.Refused {
		x.took()
		if refused == nil {
			x.state.Next++
			x.state.Articles++
		}
	}
	if err := x.log.append(&x.state, b.logged); err != nil {
		x.state = before
		return err
	}
	return nil
}

// beginLoad makes the load log, if there is none.
func (x *Index) beginLoad() error {
	if x.log != nil {
		return nil
	}
	if x.state.Articles > 0 {
		return ErrNotEmpty
	}
	var err error
	x.log, err = createLoadLog(x.dir, loadHead{Load: x.state.Loads + 1, Meta: x.meta, State: x.state})
	return err
}

// findLoad looks for a load that is not done, and goes on with it.
func (x *Index) findLoad(txn *badger.Txn) error {
	value, err := get(txn, keyState)
	if err != nil {
		return err
	}
	done := uint32(0)
	if value != nil {
		s, err := decodeJSON[state](value)
		if err != nil {
			return fmt.Errorf("state: %w", err)
		}
		done = s.Loads
	}
	return x.openLoad(done)
}

// openLoad goes on with a load that was not finished; done are the loads of which the database knows.
func (x *Index) openLoad(done uint32) error {
	log, s, err := openLoadLog(x.dir)
	if log == nil || err != nil {
		return err
	}
	if log.head.Load <= done {
		return log.remove()
	}
	x.log, x.meta, x.state = log, log.head.Meta, log.head.State
	if s != nil {
		x.state = *s
	}
	return nil
}

// record is the record of p, without what depends on other articles.
func (p *prepared) record(added time.Time) *record {
	return &record{
		ID: p.article.ID, URL: p.article.URL, Site: p.article.Site, Title: p.article.Title, Published: p.article.Published,
		Added: added, Words: p.words, Digest: p.digest,
	}
}
