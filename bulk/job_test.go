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
	seen := filepath.Join(t.TempDir(), "seen")
	rows := wireLines(t)
	for _, test := range []struct {
		phases   []string
		rows     []string
		deciding int // times
	}{
		{[]string{"reading", "comparing", "deciding", "writing"}, rows[:len(rows)/2], 1 + 1}, // rows that were loaded are known at once
		{[]string{"reading", "deciding", "writing"}, rows[len(rows)/2:], len(rows)/2/batchRows + 1},
	} {
		opts := optionsFor(t.TempDir(), cut(t, test.rows, 2)...)
		opts.Index = seen
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
		if !slices.Equal(phases, test.phases) {
			t.Errorf("the phases told of are %q, want %q", phases, test.phases)
		}
		if told["deciding"] < test.deciding || !steps[1] || !steps[2] {
			t.Errorf("deciding is told of %d times, in steps %v; want it after each batch of rows, and when there are clusters", told["deciding"], steps)
		}
	}
}

// The articles of the rows are the same, whether the index knows what was loaded or is asked for each id.
func TestRowsAreFoundWithoutLookingThemUp(t *testing.T) {
	t.Parallel()
	rows := append(wireLines(t), line("wire-end", "", tale(9)))
	rows = append([]string{line("wordless", "", "…"), rows[3], line("changed", "", tale(4))}, rows...)
	rows = append(rows, line("wordless", "", "…"), line("changed", "", tale(5)), line("mute", "", "!"), rows[7], line("changed", "", tale(4)))
	opts := optionsFor(t.TempDir(), cut(t, rows, 3)...)
	found := func(resume bool) (*decisions, bool) {
		opts.Resume = resume
		j, err := openJob(opts)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := j.close(); err != nil {
				t.Error(err)
			}
		}()
		if !j.done {
			if len(j.refused) > 0 {
				t.Errorf("%d rows are refused before any was read", len(j.refused))
			}
			if err := errors.Join(j.take(context.Background()), j.cluster(context.Background())); err != nil {
				t.Fatal(err)
			}
		}
		if want := []int{0, len(rows) - 5, len(rows) - 3}; !slices.Equal(j.refused, want) {
			t.Errorf("resumed: %v: rows %v are refused, want %v", resume, j.refused, want)
		}
		n := int(j.index.NextOrdinal()) - 1
		d := &decisions{first: 1, list: make([]decision, n), last: make([]uint32, n)}
		if err := j.findRows(context.Background(), d); err != nil {
			t.Fatal(err)
		}
		return d, j.index.Loaded(1) != nil
	}
	loaded, known := found(false)
	lookedUp, knownAgain := found(true)
	if !known || knownAgain {
		t.Fatalf("the index knows what was loaded: %v, and when it is opened again: %v; want true, false", known, knownAgain)
	}
	if len(loaded.ordinal) != len(rows) || !slices.Equal(loaded.ordinal, lookedUp.ordinal) || !slices.Equal(loaded.last, lookedUp.last) {
		t.Errorf("articles of rows %v, last rows %v; looked up %v, %v", loaded.ordinal, loaded.last, lookedUp.ordinal, lookedUp.last)
	}
	if loaded.ordinal[0] != 0 || loaded.ordinal[2] != loaded.ordinal[len(rows)-1] {
		t.Errorf("articles of rows %v, want none of the first, and the last one of the third", loaded.ordinal)
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
