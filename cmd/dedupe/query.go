package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/spell"
)

// queryOptions are the flags of "query".
type queryOptions struct {
	fieldOptions
	minKind  match.Kind
	limit    int
	versions index.Versions
}

func newQueryCommand(env *environment) *cobra.Command {
	opts := queryOptions{minKind: match.Rewrite}
	cmd := &cobra.Command{
		Use:   "query FILE...",
		Short: "look articles up; add nothing",
		Long: `dedupe query new.jsonl says of each article in a file whether the index has the
same story, and who had it first. It adds nothing.

It reads what "dedupe add" reads: JSON lines, tables, text, HTML and archives of
web pages; - stands for standard input. An article never
matches itself: the one with the same id in the index is left out.

Articles come in the order of the input, the matches of each by kind, the closest
first, then by Jaccard similarity falling, then by id. In a pipe each match is a
line: id of the article, kind, id of the match, Jaccard similarity,
containment, cluster, time of publication, site, title. In JSON each article has
a line even if it has no matches; "contained" names the article that is in the
other. On a terminal "excerpt <" is a match that is contained in the article,
"excerpt >" one that contains it.

Of a text that more than a hundred articles have besides the first, a hundred of
these are listed, with the one that was published first, and "copies" in JSON
tells how many each has; "dedupe show ID" lists the whole story.

Quotations shared with other stories, and texts reworded throughout, are no
matches unless asked for (--min-kind quote). Figures that begin with ~ are estimates.

` + figuresHelp,
		Example: `  dedupe query testdata/wire.jsonl
  head -1 testdata/wire.jsonl | dedupe query -
  dedupe query --min-kind copy --limit 1 testdata/wire.jsonl
  dedupe query --json testdata/wire.jsonl`,
		Annotations: exitCodes(
			meaning{exitDone, "at least one article has a match"},
			meaning{exitNotFound, "no article has a match"},
			meaning{code: exitFailed},
			meaning{exitSkipped, "some articles were skipped; others may have matches or not: see the output"},
			meaning{code: exitNoIndex},
			meaning{code: exitLocked},
			meaning{code: exitOtherScheme},
			meaning{code: exitInterrupted},
		),
		Args: someArgs("a FILE, a folder, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			source, err := opts.source(cmd, env, args, 0)
			if err != nil {
				return err
			}
			return opts.run(cmd.Context(), env, source, args)
		},
	}
	opts.addFlags(cmd.Flags())
	addKindFlag(cmd.Flags(), &opts.minKind, "weakest kind of match to print",
		match.Quote, match.Rewrite, match.Excerpt, match.Copy, match.Exact)
	cmd.Flags().Var(numberValue{&opts.limit, 0}, "limit", "most matches to print for each article; 0: all")
	addVersionsFlag(cmd.Flags(), &opts.versions)
	return cmd
}

func (opts *queryOptions) run(ctx context.Context, env *environment, source crawl.Options, args []string) (err error) {
	x, err := env.openIndex(index.Options{Versions: opts.versions})
	if err != nil {
		return err
	}
	defer closeIndex(x, &err)
	items, stop := readItems(ctx, args, source)
	defer stop()

	q := querying{index: x, out: env.newOutput(), skips: skips{env: env}}
	q.rows = q.newTable()
	err = q.all(ctx, items, index.QueryOptions{MinKind: opts.minKind, Limit: opts.limit})
	q.skips.finish()
	if err != nil {
		return err
	}
	switch {
	case q.skips.skipped > 0:
		return someSkipped()
	case q.found == 0:
		return nothingFound()
	}
	return nil
}

// unusable returns why the article cannot be looked up; nil if err is about something else, or is nil.
func unusable(err error) error {
	for _, reason := range []error{index.ErrNoWords, index.ErrTooLong, index.ErrBadID} {
		if errors.Is(err, reason) {
			return reason
		}
	}
	return nil
}

// querying is one run of "query".
type querying struct {
	index   *index.Index
	out     *output
	rows    *table
	found   int  // articles with matches
	listing bool // the last article printed had no match
	skips   skips
}

// all looks the items up, one after the other, and prints what it finds.
func (q *querying) all(ctx context.Context, items <-chan item, narrow index.QueryOptions) error {
	for it := range items {
		usable, err := q.skips.isArticle(it)
		if err != nil {
			return err
		}
		if !usable {
			continue
		}
		matches, err := q.index.Query(ctx, it.record.Article, narrow)
		if reason := unusable(err); reason != nil {
			q.skips.article(it.record, reason)
			continue
		}
		if err != nil {
			return err
		}
		if err := q.print(ctx, it.record.Article, matches); err != nil {
			return err
		}
		if len(items) == 0 { // the next one may take its time
			if err := q.out.flush(); err != nil {
				return err
			}
		}
	}
	return errors.Join(ctx.Err(), q.out.flush())
}

func (q *querying) newTable() *table {
	columns := []column{
		{name: "kind"},
		{name: "id"},
		{name: "jacc", right: true},
		{name: "cont", right: true},
		{name: "cluster"},
		{name: "published", drop: 2},
		{name: "site", most: siteColumns, drop: 1},
		{name: "title"},
	}
	if q.out.people {
		return newTable(q.out, "  ", columns...)
	}
	return newTable(q.out, "", append([]column{{name: "query"}}, columns...)...)
}

// resultObject is the JSON of one article that was looked up.
type resultObject struct {
	Type    string        `json:"type"` // "result"
	ID      string        `json:"id"`
	Matches []matchObject `json:"matches"`
}

type matchObject struct {
	figures
	Cluster string `json:"cluster"`
	Copies  int    `json:"copies,omitempty"` // exact copies of it, if not all of that text are listed
	source
}

func (q *querying) print(ctx context.Context, asked article.Article, matches []index.Match) error {
	if len(matches) > 0 {
		q.found++
	}
	switch {
	case q.out.json:
		return q.printJSON(asked.ID, matches)
	case q.out.people:
		return q.printBlock(ctx, asked, matches)
	}
	return q.printRows([]cell{words(asked.ID)}, matches)
}

func (q *querying) printJSON(id string, matches []index.Match) error {
	object := resultObject{Type: "result", ID: id, Matches: make([]matchObject, len(matches))}
	for i, m := range matches {
		object.Matches[i] = matchObject{figures: figuresOf(m), Cluster: m.Cluster, Copies: m.Copies, source: sourceOf(m)}
	}
	return q.out.object(object)
}

// printBlock prints an article and its matches for people.
func (q *querying) printBlock(ctx context.Context, asked article.Article, matches []index.Match) error {
	heading := []cell{{asked.ID, bold}, words("  " + oneLine(asked.Title))}
	if len(matches) == 0 {
		q.listing = true
		return q.out.line(append(heading, cell{"  no match", dim})...)
	}
	if q.listing { // of articles without a match
		q.listing = false
		if err := q.out.line(); err != nil {
			return err
		}
	}
	if err := q.out.line(heading...); err != nil {
		return err
	}
	if err := q.printRows(nil, matches); err != nil {
		return err
	}
	if err := q.rows.flush(); err != nil {
		return err
	}
	if i := slices.IndexFunc(matches, func(m index.Match) bool { return m.Copies > 0 }); i >= 0 {
		more := fmt.Sprintf("  not all exact copies are listed: %s has %s", matches[i].ID, spell.Grouped(matches[i].Copies))
		if err := q.out.line(cell{more, dim}); err != nil {
			return err
		}
	}
	if err := q.printFirst(ctx, asked, matches[0]); err != nil {
		return err
	}
	return q.out.line()
}

// printFirst tells who had the story of the best match first. That may be an
// article which is no match itself: a rewrite of a rewrite, for one.
func (q *querying) printFirst(ctx context.Context, asked article.Article, best index.Match) error {
	if best.Kind < match.Rewrite {
		return nil
	}
	story, err := q.index.StoryOf(ctx, best.ID)
	if err != nil {
		return err
	}
	line := []cell{words("  " + clusterName(story.ID, story.Articles, story.Weakest))}
	if first := story.Representative; !first.Published.IsZero() {
		line = append(line, words(" · first: "), cell{firstName(asked, first), green}, words(", "+moment(first.Published)))
		if asked.Published.Before(first.Published) && !asked.Published.IsZero() {
			line = append(line, words("; "), cell{"this one is earlier", yellow}, words(": "+moment(asked.Published)))
		}
	}
	return q.out.line(line...)
}

// firstName names the article that was first.
func firstName(asked, first article.Article) string {
	switch {
	case first.ID == asked.ID:
		return "this one"
	case first.Site == "":
		return first.ID
	}
	return first.Site + " (" + first.ID + ")"
}

func (q *querying) printRows(before []cell, matches []index.Match) error {
	for _, m := range matches {
		cells := append(before[:len(before):len(before)],
			kindCell(q.out, m),
			words(m.ID),
			words(similarity(m.Jaccard, m.Estimated)),
			words(similarity(m.Containment, m.Estimated)),
			words(m.Cluster),
			words(moment(m.Published)),
			words(m.Site),
			words(oneLine(m.Title)),
		)
		if err := q.rows.row(cells...); err != nil {
			return err
		}
	}
	return nil
}
