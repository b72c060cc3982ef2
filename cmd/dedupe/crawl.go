package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/bulk"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/report"
	"github.com/dedupe-news/dedupe/spell"
)

// crawlOptions are the flags of "crawl".
type crawlOptions struct {
	fieldOptions
	bulk      bulk.Options
	filesFrom string
	workers   int
	memory    int64
	noText    bool
	versions  index.Versions
}

func newCrawlCommand(env *environment) *cobra.Command {
	opts := crawlOptions{memory: 2 << 30}
	opts.bulk.MinKind = match.Excerpt
	opts.bulk.ReserveBytes = 256 << 20
	cmd := &cobra.Command{
		Use:   "crawl INPUT... --out FILE",
		Short: "write the unique articles of a crawl, and what was dropped and why",
		Long: `dedupe crawl news/ --out unique.jsonl.zst reads all files of a folder, and writes
the articles that are no copies of others: of each set of copies the one that
was published first. Rewrites of a story stay; --annotate marks them.

It reads JSON lines, CSV and TSV (with a header), Parquet, archives of web pages
(WARC, WET, ARC), HTML and plain text, told by their content, plain or compressed
with gzip, zstd, bzip2 or xz. An INPUT is a file, a folder, a pattern ('*.gz', in
quotes) or - for standard input. "dedupe add --help" tells what an article needs.

What is written, each only if it is named (FILE ends in .jsonl or .ndjson, also
with .gz or .zst behind it, or in .parquet; - is standard output):

  --out       the rows that are kept, in the order of the inputs. A row of JSON
              lines is the line as it was; rows of CSV and Parquet become JSON
              objects; of a page it is an object with id, url, title, date,
              source, language, text. In Parquet the columns are those of the
              inputs if all are Parquet and have the same, else id, url, title,
              date, source, text, and the rest of the row as JSON in "more".
              --annotate adds story, representative, kind, jaccard, containment,
              copies behind them (and if an input has such a column already, its
              own ones go into "more")
  --dropped   a row for each article that is not kept: what it is a copy of, of
              which kind, and where it was read. "why" is "copy", "same id" (a later
              row has the same id, and the last one counts) or "known" (the index
              had it, or what it copies, before). "via" is the copy through which
              it is one, where the two themselves have less in common. Articles
              outside of --since and --until are only counted: in the report and
              in --json as "outside"
  --clusters  the sets of copies, as "dedupe clusters --json" has them; in Parquet a
              row for each member
  --report    one page of HTML: how much was copy, by kind and by site, the biggest
              stories, the commonest furniture, what was skipped

A row of --annotate has one field more (story, representative, kind and figures are
absent if it is alone; kind and figures too if it is the representative itself), and
of a row that is dropped --dropped tells (on one line):

  {"id":"b","text":"…","dedupe":{"story":"c1","representative":"a","kind":"rewrite",
   "jaccard":0.31,"containment":0.52,"copies":2}}
  {"type":"dropped","id":"c","why":"copy","of":"b","kind":"excerpt","jaccard":0.5,
   "containment":1,"contained":"c","cluster":"c2","title":"…","url":"…","site":"…",
   "published":"2026-11-02T10:00:00Z","file":"news.jsonl","line":3}

--keep says which article of a set of copies is kept: the earliest, the longest,
the first in the order of the inputs, or prefer=reuters.com,apnews.com: that of
the first of these sites which has one, else the earliest. An unknown date comes
last.

Without --index the crawl uses a temporary index beside the first output (or in
$TMPDIR, if there is no output that is a file; it cannot be resumed then). With
--index DIR (the variable $DEDUPE_INDEX is not asked) it adds to that one, and
drops what is a copy of anything that was there before: so each crawl of a series
gives what is new in it. Of two rows with one id the last one counts.

A crawl that is interrupted (Ctrl-C, kill -9, a full disk) keeps what it has done
in FILE.crawl, beside the first output, and the same command with --resume goes on
from there. Its outputs are those of a crawl that was not interrupted, byte for
byte (but for the times in the report). Inputs, their fields, dates and the index
must be the same as before; what is written and kept may be asked for anew (--out
only if it was there at the beginning: without it rows are not kept). Outputs get
their names when they are complete. What is read a second time is the compressed
file in which it stopped, up to that place.

Needs free disk for the articles it reads: about 5 KB each (for --out their rows,
compressed, and a temporary index), besides the outputs. It stops while --reserve
is still free.`,
		Example: `  dedupe crawl testdata/wire.jsonl --out unique.jsonl.zst --dropped dropped.jsonl
  dedupe crawl testdata/wire.jsonl --out - --annotate | head -3
  dedupe crawl testdata/wire.jsonl --report report.html --clusters stories.parquet
  dedupe crawl 'testdata/*.jsonl' --out week.jsonl.gz --index seen.index --window 7d
  find testdata -name '*.jsonl' | dedupe crawl --files-from - --out all.parquet --keep longest`,
		Annotations: exitCodes(
			meaning{code: exitDone},
			meaning{code: exitFailed},
			meaning{code: exitSkipped},
			meaning{code: exitLocked},
			meaning{code: exitOtherScheme},
			meaning{exitInterrupted, "interrupted; --resume goes on"},
		),
		Args: checkNotEmpty,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := opts.prepare(cmd, env, args); err != nil {
				return err
			}
			return opts.run(cmd.Context(), env)
		},
	}
	flags := cmd.Flags()
	b := &opts.bulk
	for _, f := range []struct {
		to          *string
		name, usage string
	}{
		{&b.Out, "out", "write the rows that are kept"},
		{&b.Dropped, "dropped", "write a row for each article that is not kept"},
		{&b.Clusters, "clusters", "write the sets of copies"},
		{&b.Report, "report", "write a report, a page of HTML"},
		{&opts.filesFrom, "files-from", "read more inputs from a file, one a line; -: from standard input"},
	} {
		flags.Var(textValue{f.to, "FILE"}, f.name, f.usage)
	}
	flags.Var(keepValue{&b.Keep}, "keep", "which of several copies: earliest, longest, first or prefer=SITE,…")
	addKindFlag(flags, &b.MinKind, "weakest kind that is dropped", match.Rewrite, match.Excerpt, match.Copy)
	flags.Var(ageValue{&b.Window}, "window", "only articles published within so long of each other are copies: 36h, 7d (default: however long)")
	flags.Var(dateValue{&b.Since, false}, "since", "leave out what was published before")
	flags.Var(dateValue{&b.Until, true}, "until", "leave out what was published after (of a date: after that day)")
	flags.BoolVar(&b.Annotate, "annotate", false, `add to each kept row "dedupe": its story, how it is related to that, how many copies it had`)
	flags.BoolVar(&b.DryRun, "dry-run", false, "write nothing, and say what would be kept")
	flags.BoolVar(&b.Resume, "resume", false, "go on with the crawl that was interrupted")
	flags.BoolVar(&b.Force, "force", false, "replace outputs, and begin anew if an unfinished crawl is there")
	addVersionsFlag(flags, &opts.versions)
	flags.Var(numberValue{&opts.workers, 0}, "workers", "goroutines that read articles, and as many that prepare and compare them; 0: one and two per processor. Results do not depend on it")
	flags.Var(sizeValue{&opts.memory, 512 << 20}, "memory", "use about so much memory at most, or one and a half times what is in use if that is more")
	flags.Var(sizeValue{&b.ReserveBytes, 64 << 20}, "reserve", "stop while so much of the disk is still free")
	flags.BoolVar(&opts.noText, "no-text", false, "keep no texts in the index: less disk, but matches are estimates")
	opts.addFlags(flags)
	return cmd
}

// prepare checks what was asked for, before anything is made.
func (opts *crawlOptions) prepare(cmd *cobra.Command, env *environment, args []string) error {
	b := &opts.bulk
	inputs := args
	if opts.filesFrom != "" {
		more, err := opts.readFilesFrom(env)
		if err != nil {
			return err
		}
		inputs = append(slices.Clone(args), more...)
	}
	outputs := []string{b.Out, b.Dropped, b.Clusters, b.Report}
	work, there := bulk.WorkOf(outputs...)
	if err := opts.check(cmd, env, inputs, outputs, there); err != nil {
		return err
	}
	source, err := opts.source(cmd, env, nil, opts.workers)
	if err != nil {
		return err
	}
	if slices.Contains(inputs, "-") {
		env.announceStdin("articles, one JSON object a line")
	}
	for _, input := range args { // a mistyped name costs nothing; one of many names that are read is skipped
		if _, problems := crawl.List([]string{input}); len(problems) > 0 && problems[0].File == input {
			return fmt.Errorf("read %w", problems[0])
		}
	}
	b.Crawl = source
	b.Asked = inputs
	b.Inputs, b.Missing = crawl.List(inputs)
	b.Inputs = opts.withoutOwn(env, b.Inputs, outputs)
	b.Work = work
	b.Index = env.indexFlag
	const indexShare = 5 // eighths of the memory; the rest is for what is being read, and for the decisions
	b.IndexOptions = index.Options{NoText: opts.noText, Workers: opts.workers, MemoryBytes: opts.memory / 8 * indexShare, Versions: opts.versions}
	b.Stdout, b.Version, b.ClusterObject = env.stdout, moduleVersion(), func(c index.Cluster) any { return clusterObjectOf(c) }
	if !there {
		b.Work, err = os.MkdirTemp("", "dedupe-crawl-")
	}
	return err
}

// check says what of what was asked for cannot be, or not together. resumable: there is an output that is a file.
func (opts *crawlOptions) check(cmd *cobra.Command, env *environment, inputs, outputs []string, resumable bool) error {
	b := &opts.bulk
	dashes := 0
	for i, name := range outputs {
		if name == "-" {
			dashes++
		}
		if name != "" && slices.Contains(outputs[:i], name) {
			return usageError(cmd, "two outputs have the name %s", name)
		}
	}
	switch {
	case len(inputs) == 0:
		return usageError(cmd, "crawl needs an INPUT: a file, a folder, or - for standard input")
	case opts.filesFrom == "-" && slices.Contains(inputs, "-"):
		return usageError(cmd, "--files-from - and the input - both read standard input")
	case b.DryRun && env.indexFlag != "":
		return usageError(cmd, "--dry-run cannot be used with --index, which it would have to add to")
	case b.DryRun && b.Resume:
		return usageError(cmd, "--dry-run cannot be resumed")
	case strings.Join(outputs, "") == "" && !b.DryRun:
		return usageError(cmd, "crawl needs an output: --out, --dropped, --clusters or --report FILE; or --dry-run")
	case b.Report != "" && !strings.HasSuffix(b.Report, ".html") && !strings.HasSuffix(b.Report, ".htm"):
		return usageError(cmd, "--report needs the name of a file that ends in .html")
	case b.Annotate && b.Out == "" && !b.DryRun:
		return usageError(cmd, "--annotate needs --out, whose rows it adds to")
	case !b.Since.IsZero() && !b.Until.IsZero() && !b.Since.Before(b.Until):
		return usageError(cmd, "--since is not before --until")
	case b.Resume && b.Force:
		return usageError(cmd, "--resume goes on and --force begins anew: choose one")
	case env.json && dashes > 0:
		return usageError(cmd, "--json and an output - both write to standard output")
	case !resumable && b.Resume:
		return usageError(cmd, "a crawl without an output that is a file cannot be resumed")
	}
	return nil
}

// withoutOwn leaves out what a crawl makes itself in the folders that it reads: its outputs, and the directories of crawls that are not
// finished; and files that are named twice in different ways.
func (opts *crawlOptions) withoutOwn(env *environment, files []crawl.File, outputs []string) []crawl.File {
	own := make(map[string]bool)
	for _, name := range outputs {
		if path, err := filepath.Abs(name); err == nil && name != "" {
			own[path] = true
		}
	}
	seen := make(map[string]bool)
	left := 0
	kept := slices.DeleteFunc(files, func(f crawl.File) bool {
		path, err := filepath.Abs(f.Name)
		if err != nil || f.Name == "-" {
			return false
		}
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		if own[path] && !slices.Contains(opts.bulk.Asked, f.Name) || bulk.IsWork(path) {
			left++
			return true
		}
		twice := seen[path]
		seen[path] = true
		return twice
	})
	if left > 0 {
		env.say("left out of the inputs: %s of this or an unfinished crawl", spell.Counted(left, "file"))
	}
	return kept
}

func (opts *crawlOptions) readFilesFrom(env *environment) ([]string, error) {
	var from io.Reader = env.stdin
	if opts.filesFrom != "-" {
		file, err := os.Open(opts.filesFrom)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		from = file
	}
	names, err := crawl.FilesFrom(from)
	if err != nil {
		return nil, fmt.Errorf("read --files-from %s: %w", opts.filesFrom, err)
	}
	return names, nil
}

func (opts *crawlOptions) run(ctx context.Context, env *environment) (err error) {
	c := &crawling{env: env, skips: skips{env: env}}
	if env.json {
		c.out = env.newOutput()
	}
	b := &opts.bulk
	b.OnSkip = c.skip
	b.OnBadDate = func(at crawl.Origin, date string) { c.skips.read(crawl.Record{Origin: at, BadDate: date}) }
	const gcMargin = 10 // percent of memory that the garbage collector must keep free for what it does not see
	limit := limitMemory(opts.memory / 100 * (100 - gcMargin))
	defer limit.lift()
	b.OnProgress = func(p bulk.Progress) {
		limit.yield()
		c.progress(p)
	}
	if _, there := bulk.WorkOf(b.Out, b.Dropped, b.Clusters, b.Report); !there {
		defer func() { err = withCloseError(err, os.RemoveAll(b.Work)) }() // nobody can resume it
	}
	made, err := bulk.Run(ctx, *b)
	c.skips.finish()
	if err != nil {
		return opts.explain(env, err)
	}
	return opts.finish(env, c, made)
}

// explain says what can be done about an error.
func (opts *crawlOptions) explain(env *environment, err error) error {
	if errors.Is(err, context.Canceled) {
		if !opts.isUnfinished() {
			return &exitError{exitInterrupted, "interrupted; nothing is kept of this crawl"}
		}
		return &exitError{exitInterrupted, "interrupted; go on with: " + env.commandWith("--resume")}
	}
	for _, known := range []struct {
		is     error
		advice string
	}{
		{bulk.ErrExists, "name another one, or replace it with --force"},
		{bulk.ErrIsInput, "name another one"},
		{bulk.ErrUnfinished, "go on with it with --resume and its outputs; or begin anew with --force, which counts what it added as new"},
		{bulk.ErrOtherCrawl, "resume it as it was begun, or begin anew with --force"},
		{bulk.ErrChanged, "begin anew with --force"},
		{bulk.ErrNothingToResume, "it is finished, or was never begun: leave --resume out"},
		{bulk.ErrRunning, "wait for it"},
	} {
		if errors.Is(err, known.is) {
			return fmt.Errorf("%w; %s", err, known.advice)
		}
	}
	if opts.isUnfinished() && errors.Is(err, index.ErrDiskFull) {
		return fmt.Errorf("%w; make room and go on with: %s", err, env.commandWith("--resume"))
	}
	return err
}

// isUnfinished reports whether there is a crawl that can be resumed.
func (opts *crawlOptions) isUnfinished() bool {
	b := &opts.bulk
	_, there := bulk.WorkOf(b.Out, b.Dropped, b.Clusters, b.Report)
	return there && bulk.IsWork(b.Work)
}

// finish says what was done.
func (opts *crawlOptions) finish(env *environment, c *crawling, made *report.Report) error {
	if c.out != nil {
		if err := errors.Join(c.out.object(made.Short()), c.out.flush()); err != nil {
			return err
		}
	}
	if passed := passedOverOf(made.PassedOver); len(passed) > 0 {
		env.say("passed over: %s", passed)
	}
	if missing := opts.bulk.Keep.Unmatched(made.Sites); len(missing) > 0 && made.Rows > 0 {
		env.warn("--keep prefer: no article is of %s", strings.Join(missing, ", "))
	}
	env.say("%s", crawlSummary(made, opts.bulk.DryRun))
	for _, s := range made.Skipped {
		if s.Count > 0 {
			return someSkipped()
		}
	}
	return nil
}

func passedOverOf(reasons []report.Reason) passedOver {
	var passed passedOver
	for _, r := range reasons {
		for range r.Count {
			passed.count(r.Reason)
		}
	}
	return passed
}

// crawlSummary says in one line what was kept: "kept 24,310 of 37,554 articles; dropped 13,244: 9,001 exact, 4,243 copy; 2 skipped".
func crawlSummary(made *report.Report, dryRun bool) string {
	verb := "kept "
	if dryRun {
		verb = "would keep "
	}
	text := verb + spell.Grouped(made.Kept) + " of " + spell.Counted(made.Rows, "article")
	if made.Dropped > 0 {
		var kinds []string
		copies := slices.Clone(made.Copies)
		slices.SortFunc(copies, func(a, b report.KindCount) int {
			return cmp.Or(cmp.Compare(b.Articles, a.Articles), strings.Compare(a.Kind, b.Kind))
		})
		for _, k := range copies {
			kinds = append(kinds, spell.Grouped(k.Articles)+" "+k.Kind)
		}
		text += "; dropped " + spell.Grouped(made.Dropped) + ": " + strings.Join(kinds, ", ")
	}
	if made.Outside > 0 {
		text += "; " + spell.Grouped(made.Outside) + " outside of the dates"
	}
	skipped := 0
	for _, s := range made.Skipped {
		skipped += s.Count
	}
	if skipped > 0 {
		text += "; " + spell.Grouped(skipped) + " skipped"
	}
	return text
}

// crawling is one run of "crawl", as it is told of.
type crawling struct {
	env   *environment
	out   *output // of --json; nil else
	skips skips
	said  time.Time // when the last line of status was printed
}

func (c *crawling) skip(at crawl.Origin, id string, why error) {
	if id != "" {
		c.skips.skip(at, why, "%s: id %q: %v", place(at), id, why)
		return
	}
	c.skips.skip(at, why, "%v", &crawl.Problem{Origin: at, Err: why})
}

// statusEach is how often a line of status is printed where standard error is no terminal.
const statusEach = 30 * time.Second

// statusObject is the JSON of a status.
type statusObject struct {
	Type       string  `json:"type"`  // "status"
	Phase      string  `json:"phase"` // "reading", "comparing", "deciding" or "writing"
	Articles   int     `json:"articles"`
	Copies     int     `json:"copies"`
	Bytes      int64   `json:"bytes"`
	TotalBytes int64   `json:"total_bytes"`
	Seconds    float64 `json:"seconds"`
	Done       float64 `json:"done"`
}

func (c *crawling) progress(p bulk.Progress) {
	c.env.status.update("%s", progressLine(p, true))
	if c.said.IsZero() {
		c.said = time.Now()
	}
	if time.Since(c.said) < statusEach {
		return
	}
	c.said = time.Now()
	switch {
	case c.out != nil:
		_ = errors.Join(c.out.object(statusObject{
			"status", p.Phase, p.Articles, p.Copies, p.Bytes, p.TotalBytes, p.Seconds, p.Done,
		}), c.out.flush()) // a reader who has left is told when the report is printed
	case !c.env.status.on:
		c.env.say("%s", progressLine(p, false))
	}
}

// progressLine is one line for people; on a terminal with a bar: "reading 43 % ▕████░░░░▏ 16,211 articles · 2,310/s · 14.1 MB/s · 35 % copies · 2m10s left".
func progressLine(p bulk.Progress, bar bool) string {
	if p.Phase != "reading" {
		return fmt.Sprintf("%s %.0f %%", p.Phase, 100*p.Done)
	}
	text := p.Phase + " "
	if p.TotalBytes > 0 {
		text += fmt.Sprintf("%.0f %% ", 100*p.Done)
	}
	if p.TotalBytes > 0 && bar {
		const cells = 10
		full := int(p.Done * cells)
		text += "▕" + strings.Repeat("█", full) + strings.Repeat("░", cells-full) + "▏ "
	}
	seconds := max(p.Seconds, 0.001)
	text += fmt.Sprintf("%s · %s/s · %s/s", spell.Counted(p.Articles, "article"), spell.Grouped(int(float64(p.Articles)/seconds)), byteSize(int64(float64(p.Bytes)/seconds)))
	if p.Copies > 0 {
		text += fmt.Sprintf(" · %d %% copies", 100*p.Copies/p.Articles)
	}
	if p.Done > 0.01 {
		left := time.Duration(seconds * (1 - p.Done) / p.Done * float64(time.Second))
		text += " · " + left.Round(time.Second).String() + " left"
	}
	return text
}
