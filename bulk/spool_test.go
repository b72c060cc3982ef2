package bulk

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// spoolFile makes a spool of some batches, and returns where each frame ends.
func spoolFile(t testing.TB, name string, batches int) (ends []int64) {
	t.Helper()
	s, err := openSpool(name, func(*batch) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for i := range batches {
		row1, row2 := fmt.Sprintf(`{"n":%d}`, i), strings.Repeat("x", 10*i)
		b := &batch{
			Rows:   []row{{ID: fmt.Sprint("a", i), Bytes: len(row1)}, {ID: fmt.Sprint("b", i), Bytes: len(row2)}},
			Events: []event{{Passed: "HTTP 404"}}, Taken: 2 * (i + 1),
		}
		if err := s.append(b, s.pack([]byte(row1+row2))); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, s.size)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	return ends
}

// taken are the Taken of the batches in a spool.
func taken(name string) (list []int, err error) {
	s, err := openSpool(name, func(b *batch) error {
		list = append(list, b.Taken)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, s.close()
}

func TestSpoolRoundTrip(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "spool")
	spoolFile(t, name, 3)
	s, err := openSpool(name, func(*batch) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	n := 0
	for b, err := range s.batches(true) {
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`{"n":%d}`, n) + strings.Repeat("x", 10*n)
		if string(b.rows) != want || b.Rows[1].ID != fmt.Sprint("b", n) || len(b.Events) != 1 {
			t.Errorf("batch %d = %+v with rows %q, want rows %q", n, b.batch, b.rows, want)
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d batches, want 3", n)
	}
}

// A crash leaves a part of the last frame, or bytes that were never written: what is whole stays, and the spool goes on.
func TestSpoolCutOffAnywhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	ends := spoolFile(t, whole, 3)
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "cut")
	for size := 0; size <= len(data); size++ {
		for _, tail := range []int{0, 100} { // zeros where the file was made longer but not written
			content := append(slices.Clone(data[:size]), make([]byte, min(tail, len(data)-size))...)
			if err := os.WriteFile(name, content, 0o666); err != nil {
				t.Fatal(err)
			}
			var want []int
			for i, end := range ends {
				if int(end) <= len(content) && bytes.Equal(content[:end], data[:end]) {
					want = append(want, 2*(i+1))
				}
			}
			got, err := taken(name)
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("cut after %d bytes, %d zeros: batches %v, %v; want %v", size, tail, got, err, want)
			}
		}
	}
}

func TestSpoolDamagedInTheMiddle(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "spool")
	ends := spoolFile(t, name, 3)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int64{ends[0], ends[0] + 9, ends[0] + 17, ends[0] + 40} {
		damaged := slices.Clone(data)
		damaged[at] ^= 0x41
		if err := os.WriteFile(name, damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		if got, err := taken(name); err == nil && slices.Equal(got, []int{2, 4, 6}) {
			t.Errorf("damage at byte %d was not noticed", at)
		}
	}
}

func FuzzSpool(f *testing.F) {
	name := filepath.Join(f.TempDir(), "seed")
	spoolFile(f, name, 2)
	data, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[:len(data)-5])
	f.Add([]byte(frameMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "spool")
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
		s, err := openSpool(name, func(*batch) error { return nil })
		if err != nil {
			if !errors.Is(err, errSpool) {
				t.Fatalf("openSpool = %v, want errSpool", err)
			}
			return
		}
		defer s.close()
		for _, err := range s.batches(true) {
			if err != nil && !errors.Is(err, errSpool) {
				t.Fatalf("batches = %v, want errSpool", err)
			}
		}
	})
}
