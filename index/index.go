// Package index keeps articles, finds the copies of an article among them, and
// clusters them, on disk, in an embedded Badger database that one process owns.
//
// # The idea
//
// Data flow one way:
//
//	text → words → shingles → sketch → candidates → matches → clusters
//
// The keys of an article are its smallest shingle hashes (package minhash); under
// each key the index has a list of postings. An article that shares two keys with
// another is a candidate. Candidates are compared word by word (package match) after
// furniture, words that stand in three or more other stories (package furniture),
// was set aside. What holds is an edge; edges make clusters (package cluster).
//
// # What grows with what
//
// Nothing may grow with the number of copies of one story. A cluster gets at most
// two postings under one key, a key with 64 postings is frozen (it gets no more, and
// is asked only where no other key leads anywhere), an article is compared with at most 32 candidates, and a
// story of more than 512 different texts takes a new one in without being
// clustered anew. Exact copies cost one record: they have no postings and no edges of
// their own, and a query lists a hundred of one text.
//
// Memory does not grow with the number of articles either, but for three bytes each: [Options.MemoryBytes] bounds the rest
// while articles are added, removed and looked up. Recluster and Check take more, for they look at all articles together: Recluster
// some 60 bytes an article, and sorts the rest on disk. Clusters of large indexes take 4 bytes an article, and some 500 of disk for each member.
//
// # Many articles at once
//
// [Index.Load] takes the articles of a new index without comparing them, and [Index.Recluster] then compares all with each other, and
// makes the database in one go: several times as fast as [Index.Add], with the result that Recluster always has.
//
// # Order
//
// The result of adding articles one by one depends a little on their order, by
// these limits and because furniture is known only after its third story. Recluster is the
// reference: it depends on the set of articles only.
//
// # Durability
//
// After a crash an article is there as a whole or not at all, and once [Index.Add] or
// [Index.Remove] returned, what they did is on the disk.
//
// # Example
//
//	x, err := index.Open(dir, index.Options{Create: true})
//	defer x.Close()
//	added, err := x.Add(ctx, articles)
//	for c, err := range x.Clusters(ctx, index.ClusterOptions{}) { … }
//
// An Index may be used by many goroutines; writing calls wait for one another.
package index

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/klauspost/compress/zstd"

	"github.com/dedupe-news/dedupe/disk"
	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/shingle"
)

// Index is an open index. Close it.
type Index struct {
	dir      string
	db       *badger.DB
	meta     meta
	budget   budget
	workers  int
	versions Versions

	mu         sync.RWMutex // readers query, writers change
	state      state
	added      int // articles since Open
	job        string
	unfinished Job
	spare      int64   // bytes of disk to leave alone
	flight     *flight // the commit that is under way; nil: none
	broken     error   // a write failed half way: memory and disk may differ, so nothing goes on
	closed     bool
	log        *loadLog // of an index that is being loaded; nil: it is not
	loaded     loadedNumbers

	tail       recentPostings               // of the articles from state.Sealed on
	tailCounts furniture.Tally              // counts of the logs from state.FirstLog on
	counted    uint64                       // how often furniture counts changed since Open
	fences     map[uint32][]uint64          // of the segments
	filters    filters                      // … of the segments, once there is enough to look up
	pages      *pieceCache[*furniture.Page] // of furniture runs
	blocks     *pieceCache[block]           // of segments
	sets       *pieceCache[cutSet]          // of articles, by number
	records    *pieceCache[*record]         // of articles, by number
	relations  *pieceCache[relation]        // of holders, by number
	known      knownCounts                  // of prints in runs
	cores      cores
	readings   *readingCache
	work       work

	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

// scheme is that of a new index.
func scheme(keepText bool) Scheme {
	return Scheme{
		ShingleWords:     shingle.ShingleWords,
		ShingleWeight:    shingle.ShingleWeight,
		Hash:             "xxh3-64, fmix64 polynomial",
		LeastKeys:        leastKeys,
		SketchFactor:     sketchFactor,
		FurnitureScale:   1 << match.FurnitureScale,
		FurnitureStories: match.FurnitureStories,
		KeepText:         keepText,
	}
}

const (
	leastKeys    = 24 // an article has at least so many keys, on average 34
	sketchFactor = 3  // without texts the sketch has so many times the keys
)

// Open opens the index in dir, or creates it with Options.Create. Errors:
// ErrNoIndex, ErrNotIndex, ErrLocked, ErrNewerFormat, ErrSchemeMismatch, ErrCorrupt.
func Open(dir string, opts Options) (*Index, error) {
	x, err := open(dir, opts)
	if err != nil {
		return nil, fmt.Errorf("open index %s: %w", dir, err)
	}
	return x, nil
}

func open(dir string, opts Options) (*Index, error) {
	budget, err := newBudget(opts.MemoryBytes)
	if err != nil {
		return nil, err
	}
	fresh, err := inspect(dir)
	if err != nil {
		return nil, err
	}
	if fresh {
		if !opts.Create {
			return nil, ErrNoIndex
		}
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, err
		}
	}
	db, err := openBadger(badgerOptions(dir, budget))
	if err != nil {
		return nil, openError(err)
	}
	if err := removeTemporary(dir); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	x := &Index{
		dir: dir, db: db, budget: budget, workers: opts.Workers, versions: opts.Versions, fences: make(map[uint32][]uint64),
		filters: filters{share: budget.filters}, pages: newPieceCache[*furniture.Page](0), blocks: newPieceCache[block](0), sets: newPieceCache[cutSet](0),
		records: newPieceCache[*record](budget.records / 8 * 7), relations: newPieceCache[relation](budget.records / 8), known: newKnownCounts(), cores: newCores(), readings: newReadingCache(budget.readings),
	}
	if x.workers <= 0 {
		x.workers = 2 * runtime.GOMAXPROCS(0) // while one waits for the disk, another works
	}
	if err := x.loadState(opts); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	x.fitPages()
	x.beginJob(opts.Job)
	x.spare = cmp.Or(opts.ReserveBytes, disk.ReserveBytes)
	return x, nil
}

// removeTemporary removes what a crash left.
func removeTemporary(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if e.Name() == temporaryName || strings.HasPrefix(e.Name(), temporaryName+"-") || e.Name() == loadName+".new" {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// inspect says whether dir can become a new index: it is missing or empty. A
// directory that holds anything else but a Badger database is refused untouched.
func inspect(dir string) (fresh bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil:
		if info, statErr := os.Stat(dir); statErr == nil && !info.IsDir() {
			return false, fmt.Errorf("%w: it is a file", ErrNotIndex)
		}
		return false, err
	case len(entries) == 0:
		return true, nil
	}
	onlyLock := true // what a crash at the very first open can leave
	for _, e := range entries {
		if e.Name() == badger.ManifestFilename {
			return false, nil
		}
		onlyLock = onlyLock && slices.Contains([]string{"LOCK", "KEYREGISTRY", "MANIFEST-REWRITE"}, e.Name())
	}
	if onlyLock {
		return true, nil
	}
	return false, fmt.Errorf("%w: it holds other files", ErrNotIndex)
}

const (
	memTableBytes = 8 << 20

	// Values of so many bytes, most texts, stand in the value log, where compaction does not copy them again and again (with texts in
	// the tables that was a third of the time of add). In the table stands a pointer.
	valueThreshold = 1 << 10
	valuePointer   = 16
	valueLogFile   = 64 << 20 // bytes
)

func badgerOptions(dir string, b budget) badger.Options {
	o := badger.DefaultOptions(dir).
		WithExternalMagic(externalMagic).
		WithLogger(nil).
		WithSyncWrites(true).
		WithDetectConflicts(false).
		WithNumVersionsToKeep(1).
		WithNumCompactors(2).
		WithBaseLevelSize(128 << 20). // up to that size there is one level below the first. A second one spares many articles that are copied again when few are added to them
		WithBaseTableSize(b.table).
		WithMemTableSize(memTableBytes). // of which Badger keeps ten times in buffers; a transaction may have 15 % of it
		WithValueThreshold(valueThreshold).
		WithValueLogFileSize(valueLogFile).
		WithNumMemtables(2).
		WithNumLevelZeroTables(15). // a compaction of these rewrites what lies below them, which is all of the next level as a rule
		WithNumLevelZeroTablesStall(30).
		WithCompression(options.Snappy). // texts are compressed by us
		WithBlockCacheSize(b.blocks).
		WithIndexCacheSize(indexCacheBytes).
		WithMetricsEnabled(false)
	o.TableSizeMultiplier = 1 // tables of deeper levels are no larger, for then building them would take more memory
	return o
}

// openBadger opens the database. A process that was killed just after it made a file leaves an
// empty one, which Badger refuses and mends at once (github.com/dgraph-io/badger/issues/2207): so
// opening is tried again, as often as there may be such files.
func openBadger(o badger.Options) (db *badger.DB, err error) {
	for range 4 {
		if db, err = badger.Open(o); err == nil || !strings.Contains(err.Error(), "Create a new file") {
			break
		}
	}
	return db, err
}

// openError translates what badger.Open says; its errors are plain texts.
func openError(err error) error {
	text := err.Error()
	switch {
	case errors.Is(err, fs.ErrPermission), strings.Contains(text, "permission denied"), strings.Contains(text, "read-only file system"):
		return err
	case strings.Contains(text, "Cannot acquire directory lock"), strings.Contains(text, "Another process is using"):
		return ErrLocked
	case strings.Contains(text, "external magic"), strings.Contains(text, "magic"):
		return fmt.Errorf("%w: it is another program's Badger database", ErrNotIndex)
	default:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
}

// loadState reads what is kept in memory, and writes the first records of a new index.
func (x *Index) loadState(opts Options) error {
	var err error
	if x.encoder, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(x.workers)); err != nil {
		return err
	}
	if x.decoder, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(x.workers), zstd.WithDecoderMaxMemory(2*MaxTextBytes)); err != nil {
		return err
	}
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	if err := x.findLoad(txn); err != nil {
		return err
	}
	if x.log != nil {
		x.filters.even = x.keepsText()
		return x.checkMeta(opts)
	}
	value, err := get(txn, keyMeta)
	if err != nil {
		return err
	}
	if value == nil {
		if s, err := get(txn, keyState); s != nil || err != nil {
			return errors.Join(err, fmt.Errorf("meta: %w: it is missing", ErrCorrupt))
		}
		return x.create(opts)
	}
	if x.meta, err = decodeJSON[meta](value); err != nil {
		return fmt.Errorf("meta: %w", err)
	}
	if err := x.checkMeta(opts); err != nil {
		return err
	}
	if value, err = get(txn, keyState); err != nil {
		return err
	}
	if x.state, err = decodeJSON[state](value); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	if err := x.state.validate(); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	if err := x.deleteObsolete(); err != nil {
		return err
	}
	x.filters.even = x.keepsText()
	return x.loadTail(txn)
}

// checkMeta says whether this version can use the index, and as it was asked for.
func (x *Index) checkMeta(opts Options) error {
	if x.meta.Format > FormatVersion {
		return fmt.Errorf("%w: format %d, this one knows %d", ErrNewerFormat, x.meta.Format, FormatVersion)
	}
	want := scheme(x.meta.Scheme.KeepText)
	if opts.NoText {
		want.KeepText = false
	}
	return want.mismatch(x.meta.Scheme)
}

func (x *Index) create(opts Options) error {
	x.meta = meta{Format: FormatVersion, Created: time.Now().UTC().Truncate(time.Second), Scheme: scheme(!opts.NoText)}
	x.filters.even = x.keepsText()
	x.state = state{Next: 1, Sealed: 1, NextFile: 1}
	c := x.begin()
	defer c.discard()
	value, err := json.Marshal(x.meta)
	if err != nil {
		return err
	}
	c.put(keyMeta, value)
	return c.commit()
}

// mismatch compares the asked scheme with the stored one.
func (s Scheme) mismatch(stored Scheme) error {
	if s == stored {
		return nil
	}
	var fields []string
	differ := func(name string, stored, asked any) {
		if stored != asked {
			fields = append(fields, fmt.Sprintf("%s is %v in the index, %v asked for", name, stored, asked))
		}
	}
	differ("shingle_words", stored.ShingleWords, s.ShingleWords)
	differ("shingle_weight", stored.ShingleWeight, s.ShingleWeight)
	differ("hash", stored.Hash, s.Hash)
	differ("least_keys", stored.LeastKeys, s.LeastKeys)
	differ("sketch_factor", stored.SketchFactor, s.SketchFactor)
	differ("furniture_scale", stored.FurnitureScale, s.FurnitureScale)
	differ("furniture_stories", stored.FurnitureStories, s.FurnitureStories)
	differ("keep_text", stored.KeepText, s.KeepText)
	return fmt.Errorf("%w: %s", ErrSchemeMismatch, strings.Join(fields, "; "))
}

// Close closes the index. It waits for calls under way. Closing twice is harmless.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return nil
	}
	x.closed = true
	landed := x.land()
	x.decoder.Close()
	var unloaded error
	if x.log != nil {
		unloaded = x.log.file.Close()
	}
	x.pages, x.blocks, x.sets, x.records, x.relations, x.readings, x.tail = nil, nil, nil, nil, nil, nil, recentPostings{}
	err := errors.Join(landed, unloaded, x.encoder.Close(), x.db.Close())
	if err == nil && x.broken == nil {
		err = x.compactIfDue()
	}
	if err != nil {
		return fmt.Errorf("close index %s: %w", x.dir, err)
	}
	return nil
}

// usable says whether calls may go on that need clusters, and waits for the commit in flight; x.mu is held.
func (x *Index) usable() error {
	if err := x.alive(); err != nil {
		return err
	}
	if x.log != nil {
		return ErrUnclustered
	}
	return nil
}

// alive says whether calls may go on; x.mu is held.
func (x *Index) alive() error {
	if x.closed {
		return ErrClosed
	}
	return cmp.Or(x.broken, x.landed())
}

// keepsText says whether the index has texts.
func (x *Index) keepsText() bool { return x.meta.Scheme.KeepText }
