package crawl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
)

// manyLines are n lines, of which some are bad, some blank and some long.
func manyLines(n int) string {
	rng := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for i := range n {
		switch rng.IntN(20) {
		case 0:
			b.WriteString("not JSON\n")
		case 1:
			b.WriteString("\r\n")
		case 2:
			fmt.Fprintf(&b, "{\"id\":\"%d\",\"text\":\"%s\"}\n", i, strings.Repeat("long ", rng.IntN(blockBytes/2)))
		default:
			fmt.Fprintf(&b, "{\"id\":\"%d\",\"date\":\"%d\",\"text\":\"%x\"}\n", i, i, rng.Uint64())
		}
	}
	return b.String()
}

// waitForGoroutines fails the test if more goroutines than want are left after a while. Those of Read have ended when its loop
// has; but the last of them may be on their way out, and the garbage collector's come and go.
func waitForGoroutines(t *testing.T, want int) {
	t.Helper()
	for range 200 {
		if runtime.NumGoroutine() <= want {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines, want %d:\n%s", runtime.NumGoroutine(), want, stacks[:runtime.Stack(stacks, true)])
}

func TestWorkersDoNotMatter(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	data := manyLines(2000)
	write(t, folder, "1.jsonl", []byte(data))
	write(t, folder, "2.jsonl.gz", gzipped(t, data[:len(data)/3], data[len(data)/3:]))
	write(t, folder, "3.zst", zstandard(t, data))
	write(t, folder, "4.txt", []byte("Text"))
	write(t, folder, "5.jsonl.gz", half(gzipped(t, data)))
	archive := bytes.Repeat(gzipped(t, wire()...), 100)
	write(t, folder, "6.warc.gz", flip(archive, len(archive)/2))
	read := func(workers int) []string {
		return lines(t, folder, Read(t.Context(), []string{folder, folder + "/no"}, Options{Workers: workers, MaxLineBytes: 200 << 10}))
	}
	one := read(1)
	if len(one) < 6000 {
		t.Errorf("one worker: %d outcomes, want about 6600", len(one))
	}
	for _, workers := range []int{0, 2, 3, 8, 64} {
		if diff := cmp.Diff(one, read(workers)); diff != "" {
			t.Errorf("%d workers find something else than one (-one +many):\n%.2000s", workers, diff)
		}
	}
}

func TestEarlyBreakLeaksNothing(t *testing.T) {
	folder := t.TempDir()
	data := manyLines(3000)
	for name, packed := range map[string][]byte{"plain": []byte(data), "gzip": gzipped(t, data), "zstd": zstandard(t, data),
		"warc": bytes.Repeat(gzipped(t, wire()...), 900)} {
		path := write(t, folder, name, packed)
		for _, workers := range []int{1, 2, 8} {
			for _, stopAfter := range []int{1, 2, 100, 2500} {
				t.Run(fmt.Sprintf("%s/%d workers/%d", name, workers, stopAfter), func(t *testing.T) {
					before := runtime.NumGoroutine()
					n := 0
					for range Read(t.Context(), []string{path, path, folder}, Options{Workers: workers}) {
						if n++; n == stopAfter {
							break
						}
					}
					waitForGoroutines(t, before)
				})
			}
		}
	}
	t.Run("panic in the loop", func(t *testing.T) {
		before := runtime.NumGoroutine()
		func() {
			defer func() { _ = recover() }()
			for range Read(t.Context(), []string{folder}, Options{}) {
				panic("of the caller")
			}
		}()
		waitForGoroutines(t, before)
	})
	t.Run("to the end", func(t *testing.T) {
		before := runtime.NumGoroutine()
		for range Read(t.Context(), []string{folder}, Options{}) {
		}
		waitForGoroutines(t, before)
	})
}

func TestCancel(t *testing.T) {
	folder := t.TempDir()
	path := write(t, folder, "x", gzipped(t, manyLines(3000)))
	for _, after := range []int{0, 1, 100} {
		t.Run(fmt.Sprint("after ", after), func(t *testing.T) {
			before := runtime.NumGoroutine()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if after == 0 {
				cancel()
			}
			n, last := 0, error(nil)
			for _, err := range Read(ctx, []string{path, path}, Options{}) {
				if last = err; errors.Is(err, context.Canceled) {
					n += 1000
				}
				if n++; n == after {
					cancel()
				}
			}
			if want := after + 1001; n != want || last != context.Canceled {
				t.Errorf("%d outcomes with 1000 for each Canceled, the last %v, want %d, Canceled", n, last, want)
			}
			waitForGoroutines(t, before)
		})
	}
}

// A line that has come in must be yielded before the next one is there: the input may be a keyboard or `tail -f`.
func TestStdinIsNotHeldBack(t *testing.T) {
	for _, packing := range []struct {
		name string
		// pack returns where to write to, and how to push out what has been written.
		pack func(w io.Writer) (io.WriteCloser, func() error)
	}{
		{"plain", func(w io.Writer) (io.WriteCloser, func() error) {
			return w.(*io.PipeWriter), func() error { return nil }
		}},
		{"gzip", func(w io.Writer) (io.WriteCloser, func() error) { z := gzip.NewWriter(w); return z, z.Flush }},
	} {
		t.Run(packing.name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			r, w := io.Pipe()
			sent := make(chan int)
			go func() {
				packed, flush := packing.pack(w)
				for i := range sent {
					_, err := fmt.Fprintf(packed, "{\"id\":\"%d\",\"text\":\"x\"}\n", i)
					if err = errors.Join(err, flush()); err != nil {
						t.Error(err)
					}
				}
				packed.Close()
				w.Close()
			}()
			sent <- 0
			n := 0
			for record, err := range Read(t.Context(), []string{"-"}, Options{Stdin: r}) {
				if err != nil || record.Article.ID != fmt.Sprint(n) {
					t.Fatalf("step %d: %+v, %v", n, record, err)
				}
				if n++; n == 10 {
					close(sent)
				} else {
					sent <- n
				}
			}
			if n != 10 {
				t.Errorf("%d records, want 10", n)
			}
			waitForGoroutines(t, before)
		})
	}
}

// Where standard input blocks, neither a break nor a cancelled context may hang; the goroutine in the blocked Read is the only
// one left, and ends with it.
func TestBlockedStdinDoesNotHang(t *testing.T) {
	for _, leave := range []string{"break", "cancel"} {
		t.Run(leave, func(t *testing.T) {
			before := runtime.NumGoroutine()
			r, w := io.Pipe()
			go func() { _, _ = io.WriteString(w, lineA+"\n") }()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			n := 0
			for _, err := range Read(ctx, []string{"-"}, Options{Stdin: r}) {
				n++
				if leave == "break" {
					break
				}
				if cancel(); n == 2 && err != context.Canceled {
					t.Errorf("second step: %v, want Canceled", err)
				}
			}
			waitForGoroutines(t, before+1)
			w.Close()
			waitForGoroutines(t, before)
		})
	}
}

func TestReaderErrorsAreProblems(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken pipe")
	for _, test := range []struct {
		name string
		r    io.Reader
		err  error
		want []string
	}{
		{"error after lines", io.MultiReader(strings.NewReader(lineA+"\n{\"id\":"), errorReader{broken}), broken,
			[]string{"-:1@0 a=alpha", "-:2: broken pipe"}},
		{"error at once", errorReader{broken}, broken, []string{"-: broken pipe"}},
		{"nothing, for ever", io.MultiReader(strings.NewReader(lineA+"\n"), errorReader{nil}), io.ErrNoProgress,
			[]string{"-:1@0 a=alpha", "-:2: " + io.ErrNoProgress.Error()}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var last error
			got := lines(t, "", func(yield func(Record, error) bool) {
				for r, err := range Read(t.Context(), []string{"-"}, Options{Stdin: test.r}) {
					if last = err; !yield(r, err) {
						return
					}
				}
			})
			var p *Problem
			if !errors.Is(last, test.err) || !errors.As(last, &p) {
				t.Errorf("last error %v, want a Problem because of %v", last, test.err)
			}
			wantLines(t, test.name, got, test.want...)
		})
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

// However long the lines, no more than the tokens allow may be under way when the consumer does not come.
func TestMemoryIsBounded(t *testing.T) {
	line := []byte("{\"id\":\"a\",\"text\":\"" + strings.Repeat("x", blockBytes) + "\"}\n")
	r := &endless{data: line}
	const workers = 2
	for range Read(t.Context(), []string{"-"}, Options{Stdin: r, Workers: workers}) {
		time.Sleep(100 * time.Millisecond)
		break
	}
	const most = tokensPerWorker * (workers + 1) * tokenBytes
	if read := r.read.Load(); read > most+4*int64(len(line)) {
		t.Errorf("read %d bytes ahead, want at most %d and four lines", read, most)
	}
}

// endless gives data again and again. A Read that nobody waits for any more may be under way when reading has ended.
type endless struct {
	data []byte
	at   int
	read atomic.Int64
}

func (r *endless) Read(p []byte) (int, error) {
	n := copy(p, r.data[r.at:])
	r.at = (r.at + n) % len(r.data)
	r.read.Add(int64(n))
	return n, nil
}
