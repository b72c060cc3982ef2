package index

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"slices"
	"sync"
)

// A keyedSorter sorts values under keys, both of any length, of which there are more than memory holds: by key, and under one key by value. Each
// writer fills a buffer of its own; one that is full is sorted, and written to a temporary file as a run. finish merges the runs into one file: where keys are
// given at which to split them, in so many goroutines, each of which merges a part of each run and knows where in the file its part begins.
//
// In the files stand, one behind the other: uvarint length of the key, uvarint length of the value, key, value.
type keyedSorter struct {
	temporary          // the runs, then all that is sorted
	most      int64    // bytes of all buffers
	room      int      // … of a writer's
	splits    [][]byte // rising keys, at which parts begin, but for the first
	mu        sync.Mutex
	runs      []keyedRun
	idle      []*keyedWriter
}

// keyed is a value under a key.
type keyed struct{ key, value []byte }

func compareKeyed(a, b keyed) int {
	return cmp.Or(bytes.Compare(a.key, b.key), bytes.Compare(a.value, b.value))
}

// span is a part of a file.
type span struct{ from, to int64 }

// keyedRun is where in the file the parts of a run begin, and where the last one ends.
type keyedRun []int64

// newKeyedSorter returns a sorter with buffers of so many bytes together, whose runs are merged in parts that begin at the keys of splits.
func newKeyedSorter(dir string, bytes int64, workers int, splits ...[]byte) *keyedSorter {
	return &keyedSorter{temporary: temporary{dir: dir}, most: bytes, room: min(max(int(bytes)/workers, leastRoom), math.MaxInt32), splits: splits}
}

// evenSplits are keys that divide those that begin with a number below n, 4 bytes, big-endian, evenly into so many parts, which begin at multiples of each.
func evenSplits(n, parts, each int) [][]byte {
	var splits [][]byte
	for part := 1; part < parts; part++ {
		splits = append(splits, binary.BigEndian.AppendUint32(nil, uint32(n*part/parts/each*each)))
	}
	return splits
}

// begins are where in a file the values begin of one number after the other, and where they end: once it is filled, so that none is nowhere.
type begins []int64

const nowhere = -1

func newBegins(n int) begins { return slices.Repeat(begins{nowhere}, n+1) }

// note notes that a value of i stands there, which is the first one if it is noted first. It may be called concurrently for different i.
func (b begins) note(i int, at int64) {
	if b[i] == nowhere {
		b[i] = at
	}
}

// fill notes where the file ends, and that those of which nothing was noted are empty.
func (b begins) fill(end int64) {
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] == nowhere {
			b[i] = end
		}
		end = b[i]
	}
}

// keyedWriter takes what is sorted. It is for one goroutine.
type keyedWriter struct {
	s      *keyedSorter
	buffer []byte
	places []keyedPlace
}

// keyedPlace is where in a buffer something stands, with the first bytes of its key, which mostly are enough to sort it.
type keyedPlace struct {
	first uint64
	at    uint32
}

const keyedPlaceBytes = 16

// writer lends a writer; give it back with release.
func (s *keyedSorter) writer() *keyedWriter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.idle); n > 0 {
		w := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return w
	}
	return &keyedWriter{s: s}
}

func (w *keyedWriter) release() {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	w.s.idle = append(w.s.idle, w)
}

// add takes a value under a key, and keeps neither.
func (w *keyedWriter) add(k keyed) error {
	more := len(k.key) + len(k.value) + 2*binary.MaxVarintLen32 + keyedPlaceBytes
	if len(w.places) > 0 && len(w.buffer)+len(w.places)*keyedPlaceBytes+more > w.s.room {
		if err := w.spill(); err != nil {
			return err
		}
	}
	w.places = append(w.places, keyedPlace{k.first(), uint32(len(w.buffer))})
	w.buffer = k.append(w.buffer)
	return nil
}

// first are the first eight bytes of the key.
func (k keyed) first() uint64 {
	var b [8]byte
	copy(b[:], k.key)
	return binary.BigEndian.Uint64(b[:])
}

func (k keyed) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(k.key)))
	b = binary.AppendUvarint(b, uint64(len(k.value)))
	return append(append(b, k.key...), k.value...)
}

// decodeKeyed takes the first of b, and returns the rest.
func decodeKeyed(b []byte) (keyed, []byte, error) {
	d := decoder{b: b}
	key, value := d.count(1), d.count(1)
	k := keyed{d.bytes(key), d.bytes(value)}
	return k, d.b, d.err
}

// at is what stands at a place in the buffer.
func (w *keyedWriter) at(place keyedPlace) keyed {
	k, _, _ := decodeKeyed(w.buffer[place.at:])
	return k
}

// spill writes the buffer as a run.
func (w *keyedWriter) spill() error {
	slices.SortFunc(w.places, func(a, b keyedPlace) int {
		if a.first != b.first {
			return cmp.Compare(a.first, b.first)
		}
		return compareKeyed(w.at(a), w.at(b))
	})
	at, err := w.s.reserve(int64(len(w.buffer)))
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(io.NewOffsetWriter(w.s.file, at), keyedBuffer)
	run := keyedRun{at}
	var b []byte
	for _, place := range w.places {
		k := w.at(place)
		for len(run) <= len(w.s.splits) && bytes.Compare(k.key, w.s.splits[len(run)-1]) >= 0 {
			run = append(run, at)
		}
		b = k.append(b[:0])
		at += int64(len(b))
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	for len(run) < len(w.s.splits)+2 {
		run = append(run, at)
	}
	w.buffer, w.places = w.buffer[:0], w.places[:0]
	if err := out.Flush(); err != nil {
		return err
	}
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	w.s.runs = append(w.s.runs, run)
	return nil
}

// keyedBuffer is how many bytes are written or read at once.
const keyedBuffer = 256 << 10

// reserve makes room for a run of so many bytes, and returns where.
func (s *keyedSorter) reserve(size int64) (at int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grow(size)
}

// finish ends adding, and calls do with all that was added, in order, and with where it will stand in the file: but concurrently for each part. do may not keep it. All
// writers have been given back.
func (s *keyedSorter) finish(ctx context.Context, do func(k keyed, at int64) error) error {
	for _, w := range s.idle {
		if len(w.places) > 0 {
			if err := w.spill(); err != nil {
				return err
			}
		}
	}
	s.idle = nil
	merged, err := os.CreateTemp(s.dir, "sort-")
	if err != nil {
		return err
	}
	stopped, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	atOnce := min(max(int(s.most)/max(len(s.runs)*leastBuffer, 1), 1), len(s.splits)+1)
	buffer := min(max(int(s.most)/max(len(s.runs)*atOnce, 1), leastBuffer), keyedBuffer)
	tickets := make(chan struct{}, atOnce)
	var wait sync.WaitGroup
	at := int64(0)
	for part := range len(s.splits) + 1 {
		from := at
		for _, run := range s.runs {
			at += run[part+1] - run[part]
		}
		wait.Go(func() {
			tickets <- struct{}{}
			defer func() { <-tickets }()
			if err := s.merge(stopped, part, buffer, merged, from, do); err != nil {
				stop(err) // the others, too
			}
		})
	}
	wait.Wait()
	err = errors.Join(context.Cause(stopped), s.close())
	s.file, s.size = merged, at
	return err
}

// leastBuffer is how many bytes of a run are read at once at the least: so many parts are merged at the same time that there is memory for that.
const leastBuffer = 4 << 10

// merge writes a part to a place in a file, and reads so many bytes of a run at once.
func (s *keyedSorter) merge(ctx context.Context, part, buffer int, to io.WriterAt, at int64, do func(k keyed, at int64) error) error {
	out := bufio.NewWriterSize(io.NewOffsetWriter(to, at), keyedBuffer)
	var runs keyedReaders
	for _, r := range s.runs {
		size := r[part+1] - r[part]
		if size == 0 {
			continue
		}
		run := &keyedReader{from: bufio.NewReaderSize(io.NewSectionReader(s.file, r[part], size), int(min(int64(buffer), size)))}
		if err := run.next(); err != nil {
			return err
		}
		runs = append(runs, run)
	}
	heap.Init(&runs)
	var b []byte
	for n := 0; len(runs) > 0; n++ {
		if n%batchArticles == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		first := runs[0]
		if err := do(first.keyed, at); err != nil {
			return err
		}
		b = first.append(b[:0])
		at += int64(len(b))
		if _, err := out.Write(b); err != nil {
			return err
		}
		switch err := first.next(); {
		case err == io.EOF:
			heap.Pop(&runs)
		case err != nil:
			return err
		default:
			heap.Fix(&runs, 0)
		}
	}
	return out.Flush()
}

// keyedReader reads a run, or what finish made of them.
type keyedReader struct {
	keyed  // the next one
	from   *bufio.Reader
	buffer []byte
}

// next goes on to the next one; io.EOF if there is none.
func (r *keyedReader) next() error {
	key, err := binary.ReadUvarint(r.from)
	if err != nil {
		return err
	}
	value, err := binary.ReadUvarint(r.from)
	if err == nil {
		r.buffer = slices.Grow(r.buffer[:0], int(key+value))[:key+value]
		_, err = io.ReadFull(r.from, r.buffer)
	}
	if err != nil {
		return fmt.Errorf("temporary file: %w", err)
	}
	r.keyed = keyed{r.buffer[:key:key], r.buffer[key:]}
	return nil
}

// keyedReaders is a heap of runs by what comes next in them.
type keyedReaders []*keyedReader

func (h keyedReaders) Len() int           { return len(h) }
func (h keyedReaders) Less(i, j int) bool { return compareKeyed(h[i].keyed, h[j].keyed) < 0 }
func (h keyedReaders) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *keyedReaders) Push(run any)      { *h = append(*h, run.(*keyedReader)) }
func (h *keyedReaders) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// read calls do with what stands in a part of the file, in order, in the memory of room. It may be called concurrently, once s is finished.
func (s *keyedSorter) read(from, to int64, room *[]byte, do func(k keyed) error) error {
	b := grown(room, int(to-from))
	if _, err := s.file.ReadAt(b, from); err != nil {
		return err
	}
	for len(b) > 0 {
		k, rest, err := decodeKeyed(b)
		if err == nil {
			err = do(k)
		}
		if err != nil {
			return err
		}
		b = rest
	}
	return nil
}

// all yields what was added, in order; it is good within the step. It may be called concurrently, once s is finished.
func (s *keyedSorter) all() iter.Seq2[keyed, error] {
	return func(yield func(keyed, error) bool) {
		run := keyedReader{from: bufio.NewReaderSize(io.NewSectionReader(s.file, 0, s.size), keyedBuffer)}
		for {
			err := run.next()
			if err == io.EOF || !yield(run.keyed, err) || err != nil {
				return
			}
		}
	}
}
