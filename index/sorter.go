package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
)

// A sorter sorts more values than memory holds. Each writer fills a buffer of its own; one that is full is sorted and
// written to a temporary file as a run. What is sorted is then read in chunks: disjoint ranges of values, of which each run has a piece.
// Chunks are made independently of each other, so that several processors work at them, and values that belong together
// (all with the same bits above low) are never in two of them.
type sorter[T word] struct {
	dir     string // of the temporary file
	low     int    // bits of a value that do not say to what it belongs
	room    int    // values in the buffer of a writer
	mu      sync.Mutex
	file    *os.File // nil: nothing was written yet
	size    int64
	runs    []sortedRun[T]
	idle    []*sortWriter[T]
	bounds  []T       // of the chunks: the first value of each but the first
	rooms   sync.Pool // of *[]T: for chunks
	scratch sync.Pool // of *[]T: to sort in
	bytes   sync.Pool // of *[]byte: to read into
}

// word is what a sorter sorts.
type word interface{ uint32 | uint64 }

// sizeOf is the size of a word in bytes.
func sizeOf[T word]() int {
	if ^T(0) == 1<<32-1 {
		return 4
	}
	return 8
}

// sortedRun is a sorted run, in memory or on disk.
type sortedRun[T word] struct {
	values  []T   // in memory; nil: on disk
	at      int64 // place in the file
	n       int
	samples []T // of a run on disk: the first of each sampleEvery values
}

// Variables so that tests sort few values as if they were many.
var (
	sampleEvery = 1 << 10
	chunkValues = 1 << 19 // in a chunk, about
	leastRoom   = 1 << 12 // of a writer
)

// newSorter returns a sorter with buffers of so many bytes together.
func newSorter[T word](dir string, low int, bytes int64, workers int) *sorter[T] {
	return &sorter[T]{dir: dir, low: low, room: max(int(bytes)/sizeOf[T]()/workers, leastRoom)}
}

// sortWriter takes values for a sorter. It is for one goroutine.
type sortWriter[T word] struct {
	s      *sorter[T]
	buffer []T
}

// writer lends a writer; give it back with release.
func (s *sorter[T]) writer() *sortWriter[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.idle); n > 0 {
		w := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return w
	}
	return &sortWriter[T]{s: s}
}

func (w *sortWriter[T]) release() {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	w.s.idle = append(w.s.idle, w)
}

func (w *sortWriter[T]) add(v T) error {
	if len(w.buffer) == w.s.room {
		if err := w.spill(); err != nil {
			return err
		}
	}
	w.buffer = append(w.buffer, v)
	return nil
}

// spill writes the buffer as a run.
func (w *sortWriter[T]) spill() error {
	s := w.s
	s.sortInMemory(w.buffer)
	run := sortedRun[T]{n: len(w.buffer)}
	for i := 0; i < len(w.buffer); i += sampleEvery {
		run.samples = append(run.samples, w.buffer[i])
	}
	var err error
	if run.at, err = s.reserve(len(w.buffer)); err != nil {
		return err
	}
	at := run.at
	var b []byte
	for part := range slices.Chunk(w.buffer, spillValues) {
		b = b[:0]
		for _, v := range part {
			b = appendWord(b, v)
		}
		if _, err := s.file.WriteAt(b, at); err != nil {
			return err
		}
		at += int64(len(b))
	}
	w.buffer = w.buffer[:0]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs = append(s.runs, run)
	return nil
}

// spillValues are written at once.
const spillValues = 1 << 16

// reserve returns where in the file, which it makes first, there is room for so many values.
func (s *sorter[T]) reserve(values int) (at int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		if s.file, err = os.CreateTemp(s.dir, "sort-"); err != nil {
			s.file = nil
			return 0, err
		}
	}
	at = s.size
	s.size += int64(values * sizeOf[T]())
	return at, nil
}

func appendWord[T word](b []byte, v T) []byte {
	if sizeOf[T]() == 4 {
		return binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return binary.LittleEndian.AppendUint64(b, uint64(v))
}

// finish ends adding, and cuts what was added into chunks. All writers have been given back.
func (s *sorter[T]) finish() {
	for _, w := range s.idle {
		if len(w.buffer) == 0 {
			continue
		}
		s.sortInMemory(w.buffer)
		s.runs = append(s.runs, sortedRun[T]{values: w.buffer, n: len(w.buffer)})
	}
	s.idle = nil
	var samples []T
	for _, r := range s.runs {
		samples = append(samples, r.samples...)
		for i := 0; i < len(r.values); i += sampleEvery {
			samples = append(samples, r.values[i])
		}
	}
	slices.Sort(samples)
	each := chunkValues / sampleEvery
	for i := each; i < len(samples); i += each {
		if bound := samples[i] >> s.low << s.low; len(s.bounds) == 0 && bound > 0 || len(s.bounds) > 0 && bound > s.bounds[len(s.bounds)-1] {
			s.bounds = append(s.bounds, bound)
		}
	}
}

// len is the number of values added, once they are sorted.
func (s *sorter[T]) len() int {
	n := 0
	for _, r := range s.runs {
		n += r.n
	}
	return n
}

// chunks is the number of chunks.
func (s *sorter[T]) chunks() int { return len(s.bounds) + 1 }

// chunk calls do with the values of one chunk, sorted, which do may use until it returns. It may be called concurrently.
func (s *sorter[T]) chunk(i int, do func(values []T) error) error {
	room, ok := s.rooms.Get().(*[]T)
	if !ok {
		room = new([]T)
	}
	defer s.rooms.Put(room)
	*room = (*room)[:0]
	for r := range s.runs {
		from, to, err := s.piece(&s.runs[r], i)
		if err != nil {
			return err
		}
		if *room, err = s.appendPiece(*room, &s.runs[r], from, to); err != nil {
			return err
		}
	}
	if len(s.runs) > 1 {
		s.sortInMemory(*room)
	}
	return do(*room)
}

// sortInMemory sorts values that are in memory.
func (s *sorter[T]) sortInMemory(values []T) {
	scratch, ok := s.scratch.Get().(*[]T)
	if !ok || cap(*scratch) < len(values) {
		made := make([]T, len(values))
		scratch = &made
	}
	sortWords(values, (*scratch)[:len(values)])
	s.scratch.Put(scratch)
}

// piece is the range of a run that is in chunk i.
func (s *sorter[T]) piece(r *sortedRun[T], i int) (from, to int, err error) {
	to = r.n
	if i > 0 {
		if from, err = s.find(r, s.bounds[i-1]); err != nil {
			return 0, 0, err
		}
	}
	if i < len(s.bounds) {
		to, err = s.find(r, s.bounds[i])
	}
	return from, to, err
}

// find is the place in a run of the first value that is at least v.
func (s *sorter[T]) find(r *sortedRun[T], v T) (int, error) {
	if r.values != nil {
		at, _ := slices.BinarySearch(r.values, v)
		return at, nil
	}
	sample, _ := slices.BinarySearch(r.samples, v)
	if sample == 0 {
		return 0, nil
	}
	from := (sample - 1) * sampleEvery // v is behind the value there
	block, err := s.appendPiece(nil, r, from, min(from+sampleEvery, r.n))
	at, _ := slices.BinarySearch(block, v)
	return from + at, err
}

func (s *sorter[T]) appendPiece(dst []T, r *sortedRun[T], from, to int) ([]T, error) {
	if r.values != nil {
		return append(dst, r.values[from:to]...), nil
	}
	size := sizeOf[T]()
	bytes, ok := s.bytes.Get().(*[]byte)
	if !ok {
		bytes = new([]byte)
	}
	defer s.bytes.Put(bytes)
	*bytes = slices.Grow((*bytes)[:0], (to-from)*size)
	b := (*bytes)[:(to-from)*size]
	if _, err := s.file.ReadAt(b, r.at+int64(from*size)); err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	dst = slices.Grow(dst, to-from)
	if size == 4 {
		for ; len(b) > 0; b = b[4:] {
			dst = append(dst, T(binary.LittleEndian.Uint32(b)))
		}
		return dst, nil
	}
	for ; len(b) > 0; b = b[8:] {
		dst = append(dst, T(binary.LittleEndian.Uint64(b)))
	}
	return dst, nil
}

// close removes the temporary file, and lets go of the memory.
func (s *sorter[T]) close() error {
	s.runs, s.idle = nil, nil
	if s.file == nil {
		return nil
	}
	err := errors.Join(s.file.Close(), os.Remove(s.file.Name()))
	s.file = nil
	return err
}

// sortWords sorts values: radix sort by digits of 11 bits, but for those in which all values agree. scratch is of the same length.
func sortWords[T word](values, scratch []T) {
	const bits, buckets = 11, 1 << 11
	if len(values) < buckets/8 {
		slices.Sort(values)
		return
	}
	differ := T(0)
	for _, v := range values {
		differ |= v ^ values[0]
	}
	from, to := values, scratch
	for shift := 0; differ>>shift != 0; shift += bits {
		if differ>>shift&(buckets-1) == 0 {
			continue
		}
		var ends [buckets + 1]int
		for _, v := range from {
			ends[v>>shift&(buckets-1)+1]++
		}
		for i := range buckets {
			ends[i+1] += ends[i]
		}
		for _, v := range from {
			digit := v >> shift & (buckets - 1)
			to[ends[digit]] = v
			ends[digit]++
		}
		from, to = to, from
	}
	if len(values) > 0 && &from[0] != &values[0] {
		copy(values, from)
	}
}

// inOrder makes n things in several goroutines, and hands them on one by one in their order. No more than
// two a worker are made ahead.
func inOrder[R any](workers, n int, produce func(i int) (R, error), do func(R) error) error {
	return inOrderWithin(2*workers, workers, n, func(int) int { return 1 }, produce, do)
}

// inOrderWithin is inOrder where what is made and not handed on yet has a weight of room at most, or is one thing that is heavier.
func inOrderWithin[R any](room, workers, n int, weight func(i int) int, produce func(i int) (R, error), do func(R) error) error {
	type made struct {
		r   R
		err error
	}
	results := make([]chan made, n)
	for i := range results {
		results[i] = make(chan made, 1)
	}
	tickets := make(chan struct{}, room) // as many as all weigh together
	weigh := func(i int) int { return min(weight(i), room) }
	next := make(chan int)
	stop := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		defer close(next)
		for i := range n {
			for range weigh(i) {
				select {
				case tickets <- struct{}{}:
				case <-stop:
					return
				}
			}
			select {
			case next <- i:
			case <-stop:
				return
			}
		}
	})
	for range workers {
		wait.Go(func() {
			for i := range next {
				r, err := produce(i)
				results[i] <- made{r, err}
			}
		})
	}
	defer wait.Wait()
	defer close(stop)
	for i := range n {
		m := <-results[i]
		if err := m.err; err != nil {
			return err
		}
		if err := do(m.r); err != nil {
			return err
		}
		for range weigh(i) {
			<-tickets
		}
	}
	return nil
}

// sortedBy returns order with its entries sorted by key, those with one key as they stood.
func sortedBy(order []number, key func(n number) uint64) []number {
	words := make([]uint64, len(order))
	scratch := make([]uint64, len(order))
	for _, shift := range []int{0, 32} {
		for i, n := range order {
			words[i] = key(n)>>shift<<32 | uint64(i)
		}
		sortWords(words, scratch)
		sorted := make([]number, len(order))
		for i, w := range words {
			sorted[i] = order[uint32(w)]
		}
		order = sorted
	}
	return order
}

// rising orders times as numbers, and the unknown one behind all others.
func rising(seconds int64, known bool) uint64 {
	if !known {
		return ^uint64(0)
	}
	return uint64(seconds) ^ 1<<63
}
