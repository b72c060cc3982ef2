package index

import (
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

// sorted adds values in several writers and returns the chunks.
func sorted[T word](t *rapid.T, dir string, low int, bytes int64, values []T) [][]T {
	s := newSorter[T](dir, low, bytes, 2)
	a, b := s.writer(), s.writer()
	for i, v := range values {
		w := a
		if i%3 == 0 {
			w = b
		}
		if err := w.add(v); err != nil {
			t.Fatal(err)
		}
	}
	a.release()
	b.release()
	s.finish()
	if s.len() != len(values) {
		t.Fatalf("len() = %d, want %d", s.len(), len(values))
	}
	var chunks [][]T
	for i := range s.chunks() {
		err := s.chunk(i, func(values []T) error {
			chunks = append(chunks, slices.Clone(values))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	return chunks
}

func TestSorter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 20000).Draw(t, "n")
		low := rapid.SampledFrom([]int{0, 8, 32}).Draw(t, "low")
		bytes := rapid.SampledFrom([]int64{0, 1 << 20}).Draw(t, "bytes")
		mask := ^uint64(0) >> rapid.SampledFrom([]int{0, 20, 40, 58}).Draw(t, "zeros")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		values, halves := make([]uint64, n), make([]uint32, n)
		for i := range values {
			values[i] = random.Uint64() & mask
			halves[i] = uint32(values[i])
		}
		chunks := sorted(t, dir, low, bytes, values)
		for i := 1; i < len(chunks); i++ {
			if a, b := chunks[i-1], chunks[i]; len(a) > 0 && len(b) > 0 && a[len(a)-1]>>low == b[0]>>low {
				t.Fatalf("%x and %x belong together, and are in two chunks", a[len(a)-1], b[0])
			}
		}
		if slices.Sort(values); !slices.Equal(slices.Concat(chunks...), values) {
			t.Fatal("the chunks are not the values in order")
		}
		if slices.Sort(halves); !slices.Equal(slices.Concat(sorted(t, dir, 0, bytes, halves)...), halves) {
			t.Fatal("the chunks of 32 bits are not the values in order")
		}
	})
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
}

func TestInOrder(t *testing.T) {
	t.Parallel()
	var got []int
	err := inOrder(3, 100, func(i int) (int, error) { return i * i, nil }, func(v int) error {
		got = append(got, v)
		return nil
	})
	if err != nil || len(got) != 100 || !slices.IsSorted(got) {
		t.Errorf("inOrder gives %v, %v", got, err)
	}
	failed := errors.New("failed")
	for _, at := range []int{0, 50, 99} {
		err := inOrder(3, 100, func(i int) (int, error) {
			if i == at {
				return 0, failed
			}
			return i, nil
		}, func(int) error { return nil })
		if !errors.Is(err, failed) {
			t.Errorf("producing %d failed, and inOrder returns %v", at, err)
		}
		if err := inOrder(3, 100, func(i int) (int, error) { return i, nil }, func(i int) error {
			if i == at {
				return failed
			}
			return nil
		}); !errors.Is(err, failed) {
			t.Errorf("taking %d failed, and inOrder returns %v", at, err)
		}
	}
}

func TestInOrderWithinMakesNoMoreAhead(t *testing.T) {
	t.Parallel()
	const room = 10
	weights := []int{30, 11, 10, 6, 5, 4, 1, 1, 1, 1, 1, 3, 12, 2, 2, 2, 2, 2, 2, 2, 0, 1}
	var held atomic.Int64
	at := 0
	err := inOrderWithin(room, 8, len(weights), func(i int) int { return weights[i] }, func(i int) (int, error) {
		if all := int(held.Add(int64(weights[i]))); all > max(room, weights[i]) {
			t.Errorf("what is made weighs %d beside one of %d, want at most %d", all, weights[i], room)
		}
		return i, nil
	}, func(i int) error {
		if i != at {
			t.Errorf("number %d is handed on, want %d", i, at)
		}
		at++
		held.Add(int64(-weights[i]))
		return nil
	})
	if err != nil || at != len(weights) {
		t.Errorf("inOrderWithin hands on %d, %v, want %d", at, err, len(weights))
	}
}

func TestSortedByIsStable(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	keys := make([]uint64, 5000)
	order := make([]number, len(keys))
	for i := range keys {
		keys[i] = rising(int64(random.IntN(50)-25)<<random.IntN(40), random.IntN(9) > 0)
		order[i] = number(i)
	}
	want := slices.Clone(order)
	slices.SortStableFunc(want, func(a, b number) int {
		if keys[a] < keys[b] {
			return -1
		}
		return int(min(keys[a]-keys[b], 1))
	})
	if got := sortedBy(order, func(n number) uint64 { return keys[n] }); !slices.Equal(got, want) {
		t.Error("sortedBy is not a stable sort")
	}
}

func FuzzDecodeLogged(f *testing.F) {
	f.Add([]byte{1, 2, 1, 3, 1, 0, 0, 0, 9, 7}, true)
	f.Add([]byte{1, 2, 0, 7}, false)
	f.Fuzz(func(t *testing.T, b []byte, keepsText bool) {
		a, rest, err := decodeLogged(b, keepsText)
		if err == nil && len(a.record)+len(a.text)+len(a.prints)+len(rest) > len(b) {
			t.Errorf("%x has %d bytes, of which come more", b, len(b))
		}
		_, _ = decodeHead(b)
	})
}
