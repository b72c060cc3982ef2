package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

// crawlAsChild is the test binary as a process that is going to be killed. It goes on with the crawl if there is one.
func crawlAsChild() {
	opts := optionsFor(os.Getenv("BULK_TEST_DIR"), strings.Split(os.Getenv("BULK_TEST_INPUTS"), "\n")...)
	_, err := os.Stat(filepath.Join(opts.Work, planName))
	opts.Resume, opts.Force = err == nil, err != nil
	if _, err := Run(context.Background(), opts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// packed are the files as they are, or compressed, in turns.
func packed(t *testing.T, names []string) []string {
	t.Helper()
	for i := range names {
		if i%2 == 0 {
			continue
		}
		data, err := os.ReadFile(names[i])
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(data); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		names[i] += ".gz"
		if err := os.WriteFile(names[i], b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// outputsOf are the outputs of a crawl, as they are on disk.
func outputsOf(t *testing.T, opts Options) map[string]string {
	t.Helper()
	content := make(map[string]string)
	for _, name := range opts.outputs() {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		content[filepath.Base(name)] = string(data)
	}
	return content
}

func wantSameOutputs(t *testing.T, got, want Options) {
	t.Helper()
	was := outputsOf(t, want)
	for name, content := range outputsOf(t, got) {
		if content != was[name] {
			t.Errorf("%s differs from that of the crawl that was not interrupted", name)
		}
	}
}

// twice is the corpus, and once more with ids of their own and some words changed.
func twice(t *testing.T) []string {
	all := wireLines(t)
	for _, line := range wireLines(t) {
		line = strings.Replace(line, `"id":"`, `"id":"again-`, 1)
		line = strings.Replace(line, `"id": "`, `"id": "again-`, 1)
		all = append(all, strings.ReplaceAll(line, " the ", " some "))
	}
	return all
}

func TestKilledAndResumed(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for seconds")
	}
	// Not parallel: between fork and exec a child holds the locks of all indexes that other tests have open.
	inputs := packed(t, cut(t, twice(t), 7))
	whole := optionsFor(t.TempDir(), inputs...)
	began := time.Now()
	mustRun(t, whole)
	took := time.Since(began)

	dir := t.TempDir()
	opts := optionsFor(dir, inputs...)
	random := rand.New(rand.NewPCG(1, 2))
	const kills = 12
	for killed := 0; ; {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "BULK_TEST_CHILD=1", "BULK_TEST_DIR="+dir, "BULK_TEST_INPUTS="+strings.Join(inputs, "\n"))
		var stderr bytes.Buffer
		child.Stderr = &stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if killed < kills {
			time.Sleep(20*time.Millisecond + time.Duration(random.Int64N(int64(took))))
			if err := child.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			killed++
		}
		err := child.Wait()
		if err == nil {
			break
		}
		if child.ProcessState.ExitCode() > 0 {
			t.Fatalf("after %d kills the crawl failed: %s", killed, stderr.String())
		}
	}
	wantSameOutputs(t, opts, whole)
}

// A crawl is cancelled after each of its batches in turn.
func TestCancelledAfterEachBatch(t *testing.T) {
	t.Parallel()
	inputs := packed(t, cut(t, wireLines(t), 3))
	whole := optionsFor(t.TempDir(), inputs...)
	batches := 0
	whole.OnProgress = func(Progress) { batches++ }
	mustRun(t, whole)
	opts := optionsFor(t.TempDir(), inputs...)
	for range batches + 1 {
		ctx, cancel := context.WithCancel(context.Background())
		opts.OnProgress = func(Progress) { cancel() }
		_, err := Run(ctx, opts)
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		opts.Resume = true
	}
	opts.OnProgress = nil
	if _, err := os.Stat(opts.Work); err == nil {
		mustRun(t, opts)
	}
	wantSameOutputs(t, opts, whole)
}

// The index has articles that the spool has not: the process was killed between the two.
func TestArticlesThatOnlyTheIndexHas(t *testing.T) {
	t.Parallel()
	rows := append(wireLines(t), line("wordless", "", "…"), line("wire-end", "", tale(9)))
	rows = append([]string{line("first", "", "!"), rows[3]}, rows...) // refused, and one whose id comes again
	inputs := cut(t, rows, 2)
	whole := optionsFor(t.TempDir(), inputs...)
	mustRun(t, whole)

	opts := optionsFor(t.TempDir(), inputs...)
	ctx, cancel := context.WithCancel(context.Background())
	batches := 0
	opts.OnProgress = func(Progress) {
		if batches++; batches == 6 {
			cancel()
		}
	}
	if _, err := Run(ctx, opts); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	opts.OnProgress, opts.Resume = nil, true
	ends := []int64{0}
	s, err := openSpool(filepath.Join(opts.Work, spoolName), func(*batch) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for b, err := range s.batches(false) {
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, b.end)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	for _, keep := range []int64{ends[len(ends)-2], ends[len(ends)-2] + 40, ends[1], 0} {
		again := opts
		again.Work = filepath.Join(t.TempDir(), "work")
		if err := os.CopyFS(again.Work, os.DirFS(opts.Work)); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(filepath.Join(again.Work, spoolName), keep); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		again.Out, again.Dropped, again.Clusters = filepath.Join(dir, "out.jsonl"), filepath.Join(dir, "dropped.jsonl"), filepath.Join(dir, "clusters.jsonl")
		mustRun(t, again)
		wantSameOutputs(t, again, whole)
	}
}
