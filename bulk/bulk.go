// Package bulk makes a corpus without copies of crawl files: it reads articles, adds them to an index, and writes those rows that
// stand for their copies.
//
// # The idea
//
// A crawl goes through its inputs once and writes its outputs at the end, for only then is it known which article of a cluster came
// first, and which clusters hold together:
//
//	take    crawl files → articles → index; each row goes to the spool, as it was read if Out is wanted, else without its text
//	compare all articles with each other, if the index had none before (else each was when it was added)
//	decide  clusters of the index → of each article of this crawl: kept, or a copy of which one
//	write   spool → kept rows, dropped rows, clusters, report
//
// There is one detector: the index. One that has no articles is loaded first (index.Load), and then clustered at once, as "dedupe
// recluster" would; to others articles are added as "dedupe add" does, each compared when it comes. What is a copy is decided in its clusters ([Options].MinKind says in
// which), what is kept by a preference ([Options].Keep), and what is far away in time stays ([Options].Window).
//
// # Crashes
//
// A batch of articles is added to the index first, which makes it durable and counts it in the same transactions (index.Options.Job);
// then its rows go to the spool, with the place in the inputs behind them. So the spool never has what the index has not, and of what
// the index has more, the number is known: a crawl that goes on reads from the place where the spool ends, and does not add so many
// articles again. While a batch is stored the next one is read and made ready, but batches are stored one after the other. Outputs are written from the spool and the index alone, beside their names, and renamed: killed and resumed at any
// moment they are byte for byte those of a crawl that was not.
//
// # Memory
//
// Of an article 44 bytes stay in memory; rows are in the spool and all else is in the index, which keeps to a budget.
package bulk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/report"
)

// Options say what to read, what to keep and what to write.
type Options struct {
	Asked   []string         // the inputs as they were asked for; a crawl that is resumed has to be asked for the same
	Inputs  []crawl.File     // … as crawl.List gives them; one that is resumed goes on with those that it began with
	Missing []*crawl.Problem // … and what it could not find
	Crawl   crawl.Options    // how to read them. Rows, After, Skipped and ReadBytes are set by Run

	// Index is the directory of the index to add to; empty: a temporary one, which is removed at the end. What the index had
	// before is not written again, and its copies are dropped.
	Index        string
	IndexOptions index.Options // how to open it. Create and Job are set by Run

	// Out, Clusters, Dropped and Report are the names of outputs; empty: none. The name tells the format of the first three: .jsonl or
	// .ndjson, also with .gz or .zst behind it, or .parquet; "-" is JSON lines to Stdout. Report is a page of HTML.
	Out      string // the rows of the articles that are kept, in the order of the inputs. A crawl that is resumed with it must have begun with one
	Clusters string // the clusters that have an article of this crawl in them, the largest first
	Dropped  string // one row for each article that is not kept: which one it copies, and how
	Report   string
	Stdout   io.Writer

	// ClusterObject makes what is written of a cluster as JSON.
	ClusterObject func(index.Cluster) any

	Keep    Keep          // which article of a cluster is kept
	MinKind match.Kind    // weakest kind of copies that are dropped: Copy, Excerpt (also if None) or Rewrite
	Window  time.Duration // an article is dropped only for one that was published within that time of it; 0: however long. An unknown date is near all
	Since   time.Time     // articles published before are left out; zero: none
	Until   time.Time     // articles published then or later are left out; zero: none

	// Annotate adds to each kept row a field "dedupe": its story, how it is related to the representative of that, and how many copies it
	// stands for.
	Annotate bool

	Work    string // directory for what is kept until the outputs are there; made, and removed at the end
	Resume  bool   // go on with the crawl that left Work behind
	Force   bool   // replace outputs that exist, and a crawl that was not finished: what it added to the index counts as new
	DryRun  bool   // write no outputs
	Version string // of the program, for the report

	ReserveBytes int64 // of disk are left alone; 0: disk.ReserveBytes

	OnSkip     func(at crawl.Origin, id string, why error) // called for each row or file that cannot be used; id may be empty. Not called again when resumed
	OnBadDate  func(at crawl.Origin, date string)          // called for each row whose date cannot be read, and counts as unknown
	OnProgress func(Progress)                              // called after each batch, and now and then in the other phases
}

// Progress says how far a crawl is.
type Progress struct {
	Phase      string  // "reading", "comparing", "deciding" or "writing"
	Articles   int     // read, with those of earlier runs
	Copies     int     // of these, those that matched an article as a copy, when they were added; 0 in an index that is loaded first
	Bytes      int64   // of the inputs, read
	TotalBytes int64   // of the inputs; 0: not known
	Seconds    float64 // of work, with that of earlier runs
	Done       float64 // part of the phase that is done, 0…1
}

// The errors of this package, besides those of packages index, crawl and disk.
var (
	// ErrExists: an output exists. Name another one, or use Force.
	ErrExists = errors.New("exists")
	// ErrUnfinished: Work has an unfinished crawl, or one has added articles to the index, which no output has yet. Resume it, or use
	// Force to begin anew.
	ErrUnfinished = errors.New("an unfinished crawl is there")
	// ErrRunning: another process is at work in Work.
	ErrRunning = errors.New("the crawl is running in another process")
	// ErrIsInput: an output is one of the inputs.
	ErrIsInput = errors.New("it is one of the inputs")
	// ErrNothingToResume: Work is not there.
	ErrNothingToResume = errors.New("there is no unfinished crawl")
	// ErrOtherCrawl: the unfinished crawl has other inputs or settings of reading than those that are asked for; the text says which.
	ErrOtherCrawl = errors.New("the unfinished crawl is another one")
	// ErrChanged: an input was changed since the crawl began.
	ErrChanged = errors.New("the input was changed since the crawl began")
	// ErrFormat: the name of an output does not tell its format.
	ErrFormat = errors.New("unknown format of an output")
)

// Run does the crawl. It returns the report when all outputs are there. If ctx is cancelled, or there is an error such as
// disk.ErrFull, what was done is kept in Work, and a Run with Resume goes on from there: the error then wraps context.Canceled or
// tells what happened.
func Run(ctx context.Context, opts Options) (*report.Report, error) {
	if opts.MinKind == match.None {
		opts.MinKind = match.Excerpt
	}
	if err := opts.validate(); err != nil {
		return nil, err
	}
	j, err := openJob(opts)
	if err != nil {
		return nil, err
	}
	made, err := j.run(ctx)
	if err == nil && j.plan.Index != "" {
		err = j.index.EndJob()
	}
	if err := errors.Join(err, j.close()); err != nil {
		return nil, err
	}
	return made, os.RemoveAll(opts.Work)
}

func (o *Options) validate() error {
	for _, name := range o.outputs() {
		if name == o.Report || name == "-" {
			continue
		}
		if _, err := formatOf(name); err != nil {
			return err
		}
	}
	switch {
	case o.MinKind != match.Copy && o.MinKind != match.Excerpt && o.MinKind != match.Rewrite:
		return fmt.Errorf("bulk options: MinKind is %s, want copy, excerpt or rewrite", o.MinKind)
	case o.Window < 0:
		return fmt.Errorf("bulk options: Window is %s, want 0 or more", o.Window)
	case o.Work == "":
		return errors.New("bulk options: Work is empty")
	}
	return o.Keep.validate()
}

// outputs are the names of those that are wanted.
func (o *Options) outputs() []string {
	var names []string
	for _, name := range []string{o.Out, o.Clusters, o.Dropped, o.Report} {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// wants reports whether an article was published in the range of dates. An unknown date is in every range.
func (o *Options) wants(a *article.Article) bool {
	p := a.Published
	return p.IsZero() || (o.Since.IsZero() || !p.Before(o.Since)) && (o.Until.IsZero() || p.Before(o.Until))
}

// run does what is left of the job.
func (j *job) run(ctx context.Context) (*report.Report, error) {
	if !j.done {
		if err := j.take(ctx); err != nil {
			return nil, err
		}
	}
	if err := j.cluster(ctx); err != nil {
		return nil, err
	}
	d, err := j.decide(ctx)
	if err != nil {
		return nil, err
	}
	return j.write(ctx, d)
}

// cluster compares the articles of an index that was loaded.
func (j *job) cluster(ctx context.Context) error {
	if !j.index.IsLoading() {
		return nil
	}
	j.tell("comparing", 0)
	var mu sync.Mutex
	_, err := j.index.Recluster(ctx, func(done, total int) {
		mu.Lock()
		defer mu.Unlock()
		j.tell("comparing", float64(done)/float64(max(1, total)))
	})
	return err
}

// beside returns the name under which an output is written before it is renamed.
func beside(name string) string {
	return filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".part")
}
