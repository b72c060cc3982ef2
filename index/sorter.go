package index

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"sync"
)

// A sorter sorts more values than memory holds. Each writer fills a buffer of its own; one that is full is put into buckets, ranges of values that
// are the same for all, and written to a temporary file as a run. Each chunk of what is sorted is the values of some buckets that stand next to each other; it is
// gathered from all runs and then sorted, in the caches of a processor. So no value is sorted twice, chunks are made independently of each
// other, so that several processors work at them, and values that belong together (all with the same bits above low) are never in two of them.
type sorter[T word] struct {
	temporary
	low     int // bits of a value that do not say to what it belongs
	room    int // values in the buffer of a writer
	mu      sync.Mutex
	shift   int // a value belongs into the bucket that its bits above shift say, or into the last one; 0: it is not known yet
	runs    []bucketRun[T]
	idle    []*sortWriter[T]
	bounds  []int     // of the chunks: the first bucket of each, and behind the last
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

// bucketRun are values in the order of their buckets, in memory or on disk.
type bucketRun[T word] struct {
	values []T      // in memory; nil: on disk
	at     int64    // place in the file
	begins []uint32 // of the buckets, and behind the last one
}

// Variables so that tests sort few values as if they were many.
var (
	bucketBits  = 14
	chunkValues = 1 << 18 // in a chunk, about
	leastRoom   = 1 << 12 // of a writer
)

// newSorter returns a sorter with buffers of so many bytes together.
func newSorter[T word](dir string, low int, bytes int64, workers int) *sorter[T] {
	return &sorter[T]{temporary: temporary{dir: dir}, low: low, room: max(int(bytes)/sizeOf[T]()/workers, leastRoom)}
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
	if n := len(w.buffer); n == cap(w.buffer) { // append would grow large buffers in small steps
		w.buffer = slices.Grow(w.buffer, min(max(n, leastRoom), w.s.room-n))
	}
	w.buffer = append(w.buffer, v)
	return nil
}

// spill writes the buffer as a run.
func (w *sortWriter[T]) spill() error {
	s := w.s
	run := s.bucketed(w.buffer)
	w.buffer = w.buffer[:0]
	defer s.lend(run.values)
	var err error
	if run.at, err = s.reserve(len(run.values)); err != nil {
		return err
	}
	at := run.at
	var b []byte
	for part := range slices.Chunk(run.values, spillValues) {
		b = b[:0]
		for _, v := range part {
			b = appendWord(b, v)
		}
		if _, err := s.file.WriteAt(b, at); err != nil {
			return err
		}
		at += int64(len(b))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs = append(s.runs, bucketRun[T]{at: run.at, begins: run.begins})
	return nil
}

// spillValues are written at once.
const spillValues = 1 << 16

// bucketed puts values into buckets, in other memory.
func (s *sorter[T]) bucketed(values []T) bucketRun[T] {
	shift := s.shiftFor(values)
	last := T(1)<<bucketBits - 1
	ends := make([]uint32, last+2)
	for _, v := range values {
		ends[min(v>>shift, last)+1]++
	}
	for i := range int(last) {
		ends[i+1] += ends[i]
	}
	to := s.borrow(len(values))
	for _, v := range values {
		bucket := min(v>>shift, last)
		to[ends[bucket]] = v
		ends[bucket]++
	}
	copy(ends[1:], ends)
	ends[0] = 0
	return bucketRun[T]{values: to, begins: ends}
}

// shiftFor is the shift, which the first values say that are asked for: their range is divided.
func (s *sorter[T]) shiftFor(values []T) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shift == 0 {
		s.shift = max(bits.Len64(uint64(slices.Max(values)))-bucketBits, s.low, 1)
	}
	return s.shift
}

// reserve returns where in the file, which it makes first, there is room for so many values.
func (s *sorter[T]) reserve(values int) (at int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grow(int64(values * sizeOf[T]()))
}

func appendWord[T word](b []byte, v T) []byte {
	if sizeOf[T]() == 4 {
		return binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return binary.LittleEndian.AppendUint64(b, uint64(v))
}

// finish ends adding, and cuts what was added into chunks. All writers have been given back.
func (s *sorter[T]) finish() {
	var wait sync.WaitGroup
	for _, w := range s.idle {
		if len(w.buffer) > 0 {
			wait.Go(func() {
				run := s.bucketed(w.buffer)
				s.lend(w.buffer)
				s.mu.Lock()
				defer s.mu.Unlock()
				s.runs = append(s.runs, run)
			})
		}
	}
	wait.Wait()
	s.idle = nil
	s.bounds = []int{0}
	values := 0
	for bucket := range 1 << bucketBits {
		for _, r := range s.runs {
			values += int(r.begins[bucket+1] - r.begins[bucket])
		}
		if values >= chunkValues {
			s.bounds = append(s.bounds, bucket+1)
			values = 0
		}
	}
	if values > 0 || len(s.bounds) == 1 {
		s.bounds = append(s.bounds, 1<<bucketBits)
	}
}

// len is the number of values added, once they are sorted.
func (s *sorter[T]) len() int {
	n := 0
	for _, r := range s.runs {
		n += int(r.begins[1<<bucketBits])
	}
	return n
}

// chunks is the number of chunks.
func (s *sorter[T]) chunks() int { return len(s.bounds) - 1 }

// chunk calls do with the values of one chunk, sorted, which do may use until it returns. It may be called concurrently.
func (s *sorter[T]) chunk(i int, do func(values []T) error) error {
	room, ok := s.rooms.Get().(*[]T)
	if !ok {
		room = new([]T)
	}
	defer s.rooms.Put(room)
	*room = (*room)[:0]
	for r := range s.runs {
		var err error
		if *room, err = s.appendPiece(*room, &s.runs[r], s.bounds[i], s.bounds[i+1]); err != nil {
			return err
		}
	}
	scratch := s.borrow(len(*room))
	sortWords(*room, scratch)
	s.lend(scratch)
	return do(*room)
}

// borrow returns memory for so many values; lend gives memory back.
func (s *sorter[T]) borrow(n int) []T {
	scratch, ok := s.scratch.Get().(*[]T)
	if !ok || cap(*scratch) < n {
		return make([]T, n)
	}
	return (*scratch)[:n]
}

func (s *sorter[T]) lend(scratch []T) { s.scratch.Put(&scratch) }

// appendPiece appends the values of a run that are in the buckets from first to end (exclusive) to dst.
func (s *sorter[T]) appendPiece(dst []T, r *bucketRun[T], first, end int) ([]T, error) {
	from, to := int(r.begins[first]), int(r.begins[end])
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
	return s.temporary.close()
}

// sortWords sorts values: radix sort by digits of 11 bits, each of which begins with a bit in which values differ. scratch is of the same length.
func sortWords[T word](values, scratch []T) {
	const digit, buckets = 11, 1 << 11
	if len(values) < buckets/8 {
		slices.Sort(values)
		return
	}
	differ := T(0)
	for _, v := range values {
		differ |= v ^ values[0]
	}
	from, to := values, scratch
	for shift := 0; differ>>shift != 0; shift += digit {
		shift += bits.TrailingZeros64(uint64(differ >> shift))
		var ends [buckets + 1]int
		for _, v := range from {
			ends[v>>shift&(buckets-1)+1]++
		}
		for i := range buckets {
			ends[i+1] += ends[i]
		}
		for _, v := range from {
			bucket := v >> shift & (buckets - 1)
			to[ends[bucket]] = v
			ends[bucket]++
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
