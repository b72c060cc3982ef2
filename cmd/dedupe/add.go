package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/spell"
)

// addOptions are the flags of "add".
type addOptions struct {
	fieldOptions
	noText   bool
	workers  int
	versions index.Versions
}

func newAddCommand(env *environment) *cobra.Command {
	var opts addOptions
	cmd := &cobra.Command{
		Use:   "add FILE...",
		Short: "add articles; say of each one what it is a copy of",
		Long: `dedupe add news.jsonl adds the articles of a file to the index, and prints a
line for each: whether it is new, or what it is a copy of.

It reads JSON lines (one object, one article a line), CSV and TSV with a header,
Parquet, plain text and HTML files (one article a file), and archives of web pages
(WARC, WET, ARC; the articles in their HTML and text records), told by their
content, plain or compressed with gzip, zstd, bzip2 or xz. A folder stands for all
files in it and below, except hidden ones; a pattern in quotes ('*.gz') for the
files that it matches; - for standard input. The index is created if there is none.

An article needs a text, and nothing else:

  id     where it is missing, it is derived from the URL, or else from the text,
         and printed. The id of a plain text file, and of an HTML file that does
         not name its URL, is its path as given: ./a.txt and a.txt are two articles
  title  that of a plain text file is its first line, if it is short; that of an
         HTML page, its URL and its date are what the page says they are
  date   2006-01-02, 2006-01-02 15:04:05, RFC 3339 (2006-01-02T15:04:05Z), RFC 1123
         (Mon, 02 Jan 2006 15:04:05 GMT), 20060102, 20060102150405, or Unix seconds
         or milliseconds. Without a zone it is taken for UTC; all times are shown
         in UTC. A date that cannot be read counts as unknown: a warning says how
         many there are, and where the first is
  site   where it is missing, it is the registrable domain of the URL

Lines and files that cannot be used are skipped and named on standard error: of
each file and reason the first five, and how many more there are. What is no
article, in archives and HTML files, is passed over and counted in one line:
redirects and missing pages, images, pages without running text.

A line is printed once its article is safely on disk, in the order of the input:

  status       new; exact, copy, excerpt or rewrite (the kind of its best match);
               unchanged (the id is there with the same words: nothing is done;
               the old title and date stay, remove the article first to change
               them); updated (the id was there with other words, which are gone)
  id           of the article
  cluster      the story that it is in now
  match        id of the best match
  jaccard      how much of both texts together is in both, 0 to 1; an estimate
               if it begins with ~; "jacc" on a terminal
  containment  how much of the one is in the other, whichever way is more; "cont"
  title        of the article

A rewrite can match an article without being close enough to the rest of its
story. Its cluster is then another one than that of its match.

Articles that arrive slowly on standard input are added at once. If add is
interrupted, what was printed is in the index; the same command adds the rest
(but not of what it read from standard input).
If the reader of the output leaves ("| head"), add goes on without printing.`,
		Example: `  dedupe add testdata/wire.jsonl
  head -20 testdata/wire.jsonl | dedupe add -
  dedupe add --id-field url --json testdata/wire.jsonl
  gzip -c testdata/wire.jsonl > wire.jsonl.gz && dedupe add wire.jsonl.gz
  dedupe add --no-text --index small.index testdata/wire.jsonl`,
		Annotations: exitCodes(
			meaning{code: exitDone},
			meaning{code: exitFailed},
			meaning{code: exitSkipped},
			meaning{code: exitLocked},
			meaning{code: exitOtherScheme},
			meaning{code: exitInterrupted},
		),
		Args: someArgs("a FILE, a folder, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			source, err := opts.source(cmd, env, args, opts.workers)
			if err != nil {
				return err
			}
			return opts.run(cmd.Context(), env, source, args)
		},
	}
	opts.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&opts.noText, "no-text", false,
		"when the index is created: keep no texts in it. It gets smaller, but figures are estimates")
	cmd.Flags().Var(numberValue{&opts.workers, 0}, "workers",
		"goroutines that read articles, and as many that prepare and compare them; 0: one and two per processor. Results do not depend on it")
	addVersionsFlag(cmd.Flags(), &opts.versions)
	return cmd
}

// Articles are handed to the index in batches; one that is not full is handed on after batchWait. Results do not depend on it.
const (
	batchArticles  = 1024
	batchTextBytes = 16 << 20
	batchWait      = 200 * time.Millisecond
)

func (opts *addOptions) run(ctx context.Context, env *environment, source crawl.Options, args []string) (err error) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(index.DefaultMemoryBytes))
	x, err := env.openIndex(index.Options{Create: true, NoText: opts.noText, Workers: opts.workers, Versions: opts.versions})
	if err != nil {
		return opts.explain(env, err)
	}
	defer closeIndex(x, &err)
	items, stop := readItems(ctx, args, source)
	defer stop()

	a := &adding{env: env, index: x, out: env.newOutput(), skips: skips{env: env}, began: time.Now()}
	a.rows = newTable(a.out, "",
		column{name: "status"},
		column{name: "id"},
		column{name: "cluster"},
		column{name: "match"},
		column{name: "jacc", right: true},
		column{name: "cont", right: true},
		column{name: "title"},
	)
	err = a.all(ctx, items)
	a.skips.finish()
	switch {
	case errors.Is(err, context.Canceled):
		return &exitError{exitInterrupted, a.tally.interrupted(args)}
	case err != nil:
		env.say("stopped: %s", a.tally.soFar())
		return err
	}
	env.say("%s", a.tally.summary(a.skips.skipped))
	if a.skips.skipped > 0 {
		return someSkipped()
	}
	return nil
}

// explain takes the error of opening the index, and says what can be done if --no-text is the reason for it.
func (opts *addOptions) explain(env *environment, err error) error {
	if !opts.noText || !errors.Is(err, index.ErrSchemeMismatch) {
		return err
	}
	x, withText := env.openIndex(index.Options{})
	if withText != nil { // it is not for --no-text
		return err
	}
	err = fmt.Errorf("%w; the index was made without --no-text; leave the flag out, or use another --index", err)
	closeIndex(x, &err)
	return err
}

// adding is one run of "add".
type adding struct {
	env   *environment
	index *index.Index
	out   *output
	rows  *table
	began time.Time

	batch     []crawl.Record
	textBytes int  // of the batch
	mute      bool // nobody reads the output any more
	tally     tally
	skips     skips
}

// all adds the items, until there are no more or ctx is cancelled. What is in a batch then has not been acknowledged, and is
// left out.
func (a *adding) all(ctx context.Context, items <-chan item) error {
	var due <-chan time.Time // when the batch must go, however small it is
	for {
		if ctx.Err() != nil { // both channels might be ready for ever
			return ctx.Err()
		}
		select {
		case <-ctx.Done():
		case <-due:
			due = nil
			if err := a.flush(ctx); err != nil {
				return err
			}
		case it, more := <-items:
			if !more {
				return a.flush(ctx)
			}
			usable, err := a.skips.isArticle(it)
			if err != nil {
				return err
			}
			if !usable {
				continue
			}
			if len(a.batch) == 0 {
				due = time.After(batchWait)
			}
			if !a.take(it.record) {
				continue
			}
			due = nil
			if err := a.flush(ctx); err != nil {
				return err
			}
		}
	}
}

// take puts a record into the batch, and reports whether that is full.
func (a *adding) take(r crawl.Record) bool {
	a.batch = append(a.batch, r)
	a.textBytes += len(r.Article.Text)
	return len(a.batch) == batchArticles || a.textBytes >= batchTextBytes
}

// flush adds the batch, and then prints it. It is not interrupted halfway, so that we know what is in the index.
func (a *adding) flush(ctx context.Context) error {
	if len(a.batch) == 0 {
		return nil
	}
	articles := make([]article.Article, len(a.batch))
	for i, r := range a.batch {
		articles[i] = r.Article
	}
	added, failed := a.index.Add(context.WithoutCancel(ctx), articles) // if it failed, what it returned is in the index
	for i, result := range added {
		if result.Err != nil {
			a.skips.article(a.batch[i], result.Err)
			continue
		}
		a.tally.count(result.Status)
		if err := a.print(result, articles[i].Title); err != nil {
			return err
		}
	}
	if err := a.hearing(errors.Join(a.rows.flush(), a.out.flush())); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	a.progress()
	clear(a.batch) // let go of the texts
	a.batch, a.textBytes = a.batch[:0], 0
	return nil
}

// articleObject is the JSON of an added article.
type articleObject struct {
	Type           string       `json:"type"` // "article"
	ID             string       `json:"id"`
	Status         index.Status `json:"status"`
	Cluster        string       `json:"cluster"`
	Representative string       `json:"representative"`
	Match          *figures     `json:"match,omitempty"`
}

// print prints one result, unless nobody reads any more.
func (a *adding) print(added index.Added, title string) error {
	switch {
	case a.mute:
		return nil
	case a.out.json:
		object := articleObject{
			Type: "article", ID: added.ID, Status: added.Status,
			Cluster: added.Cluster, Representative: added.Representative,
		}
		if added.Match != nil {
			of := figuresOf(*added.Match)
			object.Match = &of
		}
		return a.hearing(a.out.object(object))
	}
	var match, jaccard, containment string
	if m := added.Match; m != nil {
		match, jaccard, containment = m.ID, similarity(m.Jaccard, m.Estimated), similarity(m.Containment, m.Estimated)
	}
	status := string(added.Status)
	return a.hearing(a.rows.row(
		cell{status, kindStyle(status)},
		words(added.ID),
		words(added.Cluster),
		words(match),
		words(jaccard),
		words(containment),
		words(oneLine(title)),
	))
}

// hearing takes the error of a print. That the reader has left is none to "add": its work is in the index.
func (a *adding) hearing(err error) error {
	if readerGone(err) {
		a.mute = true
		return nil
	}
	return err
}

// progress says how far we are, if the printed lines do not show it already.
func (a *adding) progress() {
	if !a.out.terminal || a.mute {
		done := a.tally.handled()
		a.env.status.update("%s, %s a second", spell.Counted(done, "article"),
			spell.Grouped(int(float64(done)/time.Since(a.began).Seconds())))
	}
}
