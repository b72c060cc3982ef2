package index

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// What comes out is what was added, in order, and stands where finish said; whatever fits into memory.
func TestKeyedSorter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 5000).Draw(t, "n")
		longest := rapid.SampledFrom([]int{1, 3, 12, 3000}).Draw(t, "longest")
		bytes := rapid.SampledFrom([]int64{0, 1 << 20}).Draw(t, "bytes")
		letters := rapid.SampledFrom([]int{1, 2, 256}).Draw(t, "letters")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		text := func() []byte {
			b := make([]byte, random.IntN(longest+1))
			for i := range b {
				b[i] = byte(random.IntN(letters))
			}
			return b
		}
		splits := make([][]byte, rapid.IntRange(0, 3).Draw(t, "splits"))
		for i := range splits {
			splits[i] = text()
		}
		slices.SortFunc(splits, slices.Compare)
		s := newKeyedSorter(dir, bytes, 2, splits...)
		a, b := s.writer(), s.writer()
		want := make([]keyed, n)
		for i := range want {
			want[i] = keyed{text(), text()}
			w := a
			if i%3 == 0 {
				w = b
			}
			if err := w.add(want[i]); err != nil {
				t.Fatal(err)
			}
		}
		a.release()
		b.release()
		slices.SortFunc(want, compareKeyed)
		i := 0
		same := func(k keyed) {
			if i >= n || compareKeyed(k, want[i]) != 0 {
				t.Fatalf("number %d of %d is %x, want another", i, n, k)
			}
			i++
		}
		type done struct {
			keyed
			at int64
		}
		var mu sync.Mutex
		parts := make([][]done, len(splits)+1) // in the order in which they were done
		err := s.finish(context.Background(), func(k keyed, at int64) error {
			part := 0
			for part < len(splits) && slices.Compare(k.key, splits[part]) >= 0 {
				part++
			}
			mu.Lock()
			defer mu.Unlock()
			parts[part] = append(parts[part], done{keyed{slices.Clone(k.key), slices.Clone(k.value)}, at})
			return nil
		})
		var places []int64
		for _, d := range slices.Concat(parts...) {
			same(d.keyed)
			places = append(places, d.at)
		}
		if err != nil || i != n {
			t.Fatalf("finish() gave %d of %d: %v", i, n, err)
		}
		i = 0
		for k, err := range s.all() {
			if err != nil {
				t.Fatal(err)
			}
			same(k)
		}
		if i != n {
			t.Fatalf("all() gave %d of %d", i, n)
		}
		for i, at := range append(places, s.size)[:n] {
			stands := make([]byte, append(places, s.size)[i+1]-at)
			if _, err := s.file.ReadAt(stands, at); err != nil {
				t.Fatal(err)
			}
			if k, rest, err := decodeKeyed(stands); err != nil || len(rest) > 0 || compareKeyed(k, want[i]) != 0 {
				t.Fatalf("at %d stands %x and %d bytes, want %x; %v", at, k, len(rest), want[i], err)
			}
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
	})
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
}

func TestEvenSplits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		n, parts, each int
		want           []uint32
	}{
		{100, 1, 4, nil}, {100, 4, 4, []uint32{24, 48, 72}}, {103, 3, 4, []uint32{32, 68}}, {0, 3, 4, []uint32{0, 0}}, {2, 4, 1, []uint32{0, 1, 1}}, {3, 2, 4, []uint32{0}},
	} {
		var got []uint32
		for _, key := range evenSplits(test.n, test.parts, test.each) {
			got = append(got, binary.BigEndian.Uint32(key))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("evenSplits(%d, %d, %d) = %d, want %d", test.n, test.parts, test.each, got, test.want)
		}
	}
}

func TestBegins(t *testing.T) {
	t.Parallel()
	b := newBegins(5)
	for _, noted := range []struct {
		i  int
		at int64
	}{{1, 10}, {1, 20}, {3, 30}} {
		b.note(noted.i, noted.at)
	}
	b.fill(40)
	if want := (begins{10, 10, 30, 30, 40, 40}); !slices.Equal(b, want) {
		t.Errorf("begins %d, want %d", b, want)
	}
}

// What fails or is cancelled leaves no file, once the sorter is closed.
func TestKeyedSorterStops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	full := func() *keyedSorter {
		s := newKeyedSorter(dir, 0, 1, []byte{100})
		w := s.writer()
		for i := range 2 * batchArticles {
			if err := w.add(keyed{[]byte{byte(i)}, []byte{byte(i >> 8)}}); err != nil {
				t.Fatal(err)
			}
		}
		w.release()
		return s
	}
	cancelled, cancel := context.WithCancel(context.Background())
	s := full()
	err := s.finish(cancelled, func(keyed, int64) error { cancel(); return nil })
	if err = errors.Join(err, s.close()); !errors.Is(err, context.Canceled) {
		t.Errorf("finish() that is cancelled: %v", err)
	}
	s = full()
	if err := s.finish(context.Background(), func(keyed, int64) error { return errStopped }); !errors.Is(err, errStopped) {
		t.Errorf("finish() whose function fails: %v", err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
	s = full()
	if err := s.finish(context.Background(), func(keyed, int64) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := s.file.Truncate(s.size - 1); err != nil {
		t.Fatal(err)
	}
	err = nil
	for _, e := range s.all() {
		err = errors.Join(err, e)
	}
	if err == nil {
		t.Error("all() of a file that was cut: no error")
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
}
