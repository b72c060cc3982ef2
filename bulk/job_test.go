package bulk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/disk"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	opts := optionsFor(dir, cut(t, wireLines(t), 1)...)
	opts.DryRun, opts.Report = true, filepath.Join(dir, "report.html")
	if made := mustRun(t, opts); made.Dropped == 0 {
		t.Error("nothing would be dropped")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("a dry run left %v, %v", entries, err)
	}
}

func TestMisuse(t *testing.T) {
	t.Parallel()
	unfinished := func(t *testing.T) Options {
		opts := optionsFor(t.TempDir(), cut(t, wireLines(t), 2)...)
		ctx, cancel := context.WithCancel(context.Background())
		opts.OnProgress = func(Progress) { cancel() }
		if _, err := Run(ctx, opts); !errors.Is(err, context.Canceled) {
			t.Fatalf("Run, cancelled: %v", err)
		}
		opts.OnProgress = nil
		return opts
	}
	for _, test := range []struct {
		name   string
		change func(t *testing.T, opts *Options)
		want   error
	}{
		{"output exists", func(t *testing.T, opts *Options) {
			*opts = optionsFor(t.TempDir(), opts.Asked...)
			if err := os.WriteFile(opts.Dropped, nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}, ErrExists},
		{"unfinished", func(*testing.T, *Options) {}, ErrUnfinished},
		{"nothing to resume", func(t *testing.T, opts *Options) { *opts = optionsFor(t.TempDir(), opts.Asked...); opts.Resume = true }, ErrNothingToResume},
		{"other input", func(_ *testing.T, opts *Options) {
			opts.Resume = true
			opts.Asked = []string{"elsewhere", opts.Asked[1]}
		}, ErrOtherCrawl},
		{"fewer inputs", func(_ *testing.T, opts *Options) { opts.Resume = true; opts.Asked = opts.Asked[:1] }, ErrOtherCrawl},
		{"other fields", func(_ *testing.T, opts *Options) { opts.Resume = true; opts.Crawl.Fields.ID = "key" }, ErrOtherCrawl},
		{"other index", func(_ *testing.T, opts *Options) { opts.Resume = true; opts.Index = "seen" }, ErrOtherCrawl},
		{"other dates", func(_ *testing.T, opts *Options) { opts.Resume = true; opts.Since = time.Now() }, ErrOtherCrawl},
		{"full disk", func(_ *testing.T, opts *Options) { opts.Resume = true; opts.ReserveBytes = 1 << 60 }, disk.ErrFull},
		{"an output is an input", func(_ *testing.T, opts *Options) { opts.Force = true; opts.Out = opts.Asked[0] }, ErrIsInput},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			good := unfinished(t)
			opts := good
			test.change(t, &opts)
			if _, err := Run(context.Background(), opts); !errors.Is(err, test.want) {
				t.Fatalf("Run = %v, want %v", err, test.want)
			}
			good.Resume = true // nothing was lost by it
			mustRun(t, good)
		})
	}
	t.Run("changed input", func(t *testing.T) {
		t.Parallel()
		opts := unfinished(t)
		if err := os.Truncate(opts.Asked[0], 100); err != nil {
			t.Fatal(err)
		}
		opts.Resume = true
		if _, err := Run(context.Background(), opts); !errors.Is(err, ErrChanged) {
			t.Errorf("Run = %v, want ErrChanged", err)
		}
	})
	opts := unfinished(t)
	opts.Force = true
	mustRun(t, opts)
	opts.Force, opts.MinKind = false, match.Quote
	if _, err := Run(context.Background(), opts); err == nil {
		t.Error("MinKind quote was taken")
	}
}

// Who is told of the progress is called in each phase, for what grows in it.
func TestProgressIsToldInEachPhase(t *testing.T) {
	t.Parallel()
	opts := optionsFor(t.TempDir(), cut(t, wireLines(t), 2)...)
	var phases []string
	told, last := make(map[string]int), Progress{}
	steps := make(map[int]bool)
	opts.OnProgress = func(p Progress) {
		if p.Phase != last.Phase {
			phases, last = append(phases, p.Phase), Progress{}
		}
		if p.Done < last.Done || p.Done > 1 {
			t.Errorf("%s: %.3f is done after %.3f", p.Phase, p.Done, last.Done)
		}
		if p.Phase == "deciding" {
			steps[int(p.Done*2.999)] = true
		}
		told[p.Phase]++
		last = p
	}
	mustRun(t, opts)
	if want := []string{"reading", "comparing", "deciding", "writing"}; !slices.Equal(phases, want) {
		t.Errorf("the phases told of are %q, want %q", phases, want)
	}
	if told["deciding"] < len(wireLines(t))/batchRows || len(steps) != 3 {
		t.Errorf("deciding is told of %d times, in steps %v; want after each batch of rows, and when there are clusters", told["deciding"], steps)
	}
}

// A crawl into an index is given up: what it added is in no output, and is new to the next one.
func TestWhatAnUnfinishedCrawlAddedIsNew(t *testing.T) {
	t.Parallel()
	seen := filepath.Join(t.TempDir(), "seen")
	given := optionsFor(t.TempDir(), cut(t, wireLines(t), 2)...)
	given.Index = seen
	ctx, cancel := context.WithCancel(context.Background())
	given.OnProgress = func(p Progress) {
		if p.Articles > 40 {
			cancel()
		}
	}
	if _, err := Run(ctx, given); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	opts := optionsFor(t.TempDir(), cut(t, wireLines(t)[20:], 1)...)
	opts.Index = seen
	if _, err := Run(context.Background(), opts); !errors.Is(err, ErrUnfinished) {
		t.Fatalf("a crawl into the index of an unfinished one: %v, want ErrUnfinished", err)
	}
	opts.Force = true
	mustRun(t, opts)
	alone := optionsFor(t.TempDir(), opts.Asked...)
	mustRun(t, alone)
	kept := make(map[string]bool)
	for _, id := range idsOf(t, lines(t, opts.Out)) {
		kept[id] = true
	}
	for _, d := range objects[droppedRow](t, opts.Dropped) {
		if !kept[d.Of] {
			t.Errorf("%s was dropped for %s, which is in no output", d.ID, d.Of)
		}
	}
	if got, want := len(kept), len(lines(t, alone.Out)); got < want-2 || got > want+2 { // what was added first changes a verdict here and there
		t.Errorf("%d rows were kept, a crawl into an empty index keeps %d", got, want)
	}
	// The index has no unfinished crawl any more.
	opts = optionsFor(t.TempDir(), cut(t, wireLines(t)[:5], 1)...)
	opts.Index = seen
	mustRun(t, opts)
}

// Nothing is dropped for an article that somebody else added while the crawl was interrupted.
func TestArticlesAddedMeanwhileAreInNoOutput(t *testing.T) {
	t.Parallel()
	seen := filepath.Join(t.TempDir(), "seen")
	rows := []string{line("a", "2026-03-05", tale(1)), line("b", "2026-03-05", tale(2))}
	for i := range 20 {
		rows = append(rows, line(fmt.Sprint("x", i), "2026-03-06", tale(10+i)))
	}
	opts := optionsFor(t.TempDir(), cut(t, rows, 1)...)
	opts.Index = seen
	ctx, cancel := context.WithCancel(context.Background())
	opts.OnProgress = func(Progress) { cancel() }
	if _, err := Run(ctx, opts); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	x, err := index.Open(seen, index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Recluster(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	_, err = x.Add(context.Background(), []article.Article{{ID: "meanwhile", Text: tale(1) + " and more", Published: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}})
	if err := errors.Join(err, x.Close()); err != nil {
		t.Fatal(err)
	}
	opts.OnProgress, opts.Resume = nil, true
	mustRun(t, opts)
	if got := lines(t, opts.Out); len(got) != len(rows) {
		t.Errorf("%d rows were kept, want all %d: none has a copy among them", len(got), len(rows))
	}
}

func TestRunningTwice(t *testing.T) {
	t.Parallel()
	opts := optionsFor(t.TempDir(), cut(t, wireLines(t), 1)...)
	again := opts
	var second error
	opts.OnProgress = func(Progress) {
		if second == nil {
			again.Force = true
			_, second = Run(context.Background(), again)
		}
	}
	mustRun(t, opts)
	if !errors.Is(second, ErrRunning) {
		t.Errorf("a second crawl in the same place: %v, want ErrRunning", second)
	}
}

func TestMissingInputsAreCounted(t *testing.T) {
	t.Parallel()
	names := append(cut(t, wireLines(t)[:5], 1), filepath.Join(t.TempDir(), "missing.jsonl"))
	opts := optionsFor(t.TempDir(), names...)
	var heard []string
	opts.OnSkip = func(at crawl.Origin, id string, why error) { heard = append(heard, filepath.Base(at.File)) }
	made := mustRun(t, opts)
	if len(made.Skipped) != 1 || made.Skipped[0].Count != 1 || !slices.Equal(heard, []string{"missing.jsonl"}) {
		t.Errorf("skipped %+v, heard of %v; want the missing file", made.Skipped, heard)
	}
}

func TestRowsAreKeptOnlyIfTheyAreWritten(t *testing.T) {
	t.Parallel()
	whole := optionsFor(t.TempDir(), cut(t, wireLines(t), 2)...)
	mustRun(t, whole)
	opts := optionsFor(t.TempDir(), whole.Asked...)
	out := opts.Out
	opts.Out = ""
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	opts.OnProgress = func(p Progress) {
		if p.Phase == "writing" {
			cancel()
		}
	}
	if _, err := Run(ctx, opts); !errors.Is(err, context.Canceled) {
		t.Fatalf("Run, cancelled: %v", err)
	}
	rows, kept := 0, 0
	spool, err := openSpool(filepath.Join(opts.Work, spoolName), func(b *batch) error {
		rows += len(b.Rows)
		kept += b.rowsBytes()
		return nil
	})
	if err := errors.Join(err, spool.close()); err != nil {
		t.Fatal(err)
	}
	if rows != len(wireLines(t)) || kept != 0 {
		t.Errorf("the spool tells of %d rows, and has %d bytes of them, want %d and none", rows, kept, len(wireLines(t)))
	}
	opts.OnProgress, opts.Resume, opts.Out = nil, true, out
	if _, err := Run(context.Background(), opts); !errors.Is(err, ErrOtherCrawl) {
		t.Errorf("Run with an output of rows, which were not kept: %v, want ErrOtherCrawl", err)
	}
	opts.Out = ""
	mustRun(t, opts)
	for got, want := range map[string]string{opts.Dropped: whole.Dropped, opts.Clusters: whole.Clusters} {
		if !slices.Equal(lines(t, got), lines(t, want)) {
			t.Errorf("%s differs from that of a crawl with rows", got)
		}
	}
}
