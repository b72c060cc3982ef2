package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

// compareOptions are the flags of "compare".
type compareOptions struct {
	fieldOptions
	all bool
}

func newCompareCommand(env *environment) *cobra.Command {
	var opts compareOptions
	cmd := &cobra.Command{
		Use:   "compare A B",
		Short: "show what two articles share, and how they are related",
		Long: `dedupe compare A B compares two articles word by word, and prints how they are
related and why, which passages they share, and what only one of them has.
Nothing is added.

A and B are ids in the index or files: plain text, an HTML page, or JSON lines, a
table or a WARC file with one article. If a name is both an id and a file, the id
is taken; ./A is always the file. - is standard input.

Two files can be compared without an index. With an index, what it knows to be
furniture of sites is set aside.

  jaccard      how much of both texts together is in both, 0 to 1; exact
  containment  how much of each text is in the other
  coverage     how much of each article's own words is in shared passages; its
               own words are those that are not furniture

` + figuresHelp + `

The longest passages come first; --all prints more than ten of a kind (in JSON all
that are shared are there without it). Their places are offsets in bytes in the
two texts, the end not included. A passage of which more than half is furniture in
either article counts as furniture (in JSON it has "furniture":true), any other as
own words. In a pipe a passage is a line:
"passage", words, place in A, place in B, "own" or "furniture", text.

What is in no shared passage and is no furniture stands in one of the two only: in
a pipe as lines "only", "a" or "b", words, place, text; in JSON under "only", with
all its words and their number of passages, and the longest of these.`,
		Example: `  dedupe compare en-ferry-wire en-ferry-trim
  sed -n 4p testdata/wire.jsonl > mine.jsonl && dedupe compare en-ferry-wire ./mine.jsonl
  sed -n 4p testdata/wire.jsonl | dedupe compare --all en-ferry-wire -
  dedupe compare --json en-ferry-wire en-ferry-rewrite`,
		Annotations: exitCodes(
			meaning{exitDone, "the two are related: any kind from quote to exact"},
			meaning{exitNotFound, "they are not"},
			meaning{code: exitFailed},
			meaning{exitNoIndex, "there is no index, and A or B is no file"},
			meaning{code: exitLocked},
			meaning{code: exitOtherScheme},
			meaning{code: exitInterrupted},
		),
		Args: exactArgs(2, "two ids or files"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "-" && args[1] == "-" {
				return usageError(cmd, "only one of A and B can be - for standard input")
			}
			source := crawl.Options{Fields: opts.fields, Stdin: env.stdin, Workers: 1, HTML: articleOfPage}
			if err := source.Validate(); err != nil {
				return usageError(cmd, "%v", err)
			}
			return opts.run(cmd.Context(), env, source, args)
		},
	}
	opts.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&opts.all, "all", false, "print all passages, not only the ten longest")
	return cmd
}

func (opts *compareOptions) run(ctx context.Context, env *environment, source crawl.Options, args []string) (err error) {
	c := comparing{env: env, source: source}
	c.index, err = env.openIndex(index.Options{})
	switch {
	case err == nil:
		defer closeIndex(c.index, &err)
	case errors.Is(err, index.ErrNoIndex):
		c.noIndex, c.index = err, nil
	default:
		return err
	}
	a, err := c.operand(ctx, args[0])
	if err != nil {
		return err
	}
	b, err := c.operand(ctx, args[1])
	if err != nil {
		return err
	}
	comparison, err := c.compare(ctx, a, b)
	if err != nil {
		return err
	}
	out := env.newOutput()
	if err := printComparison(out, comparison, opts.all); err != nil {
		return err
	}
	if err := out.flush(); err != nil && !readerGone(err) {
		return err
	}
	if comparison.Kind == match.None {
		return nothingFound() // as diff and grep do
	}
	return nil
}

// comparing is one run of "compare".
type comparing struct {
	env     *environment
	source  crawl.Options
	index   *index.Index // nil: there is none
	noIndex error        // why
}

func (c *comparing) compare(ctx context.Context, a, b article.Article) (index.Comparison, error) {
	if c.index == nil {
		return index.Compare(a, b)
	}
	return c.index.Compare(ctx, a, b)
}

// operand finds the article that a command line names: standard input, a file named by its path, an id, or else a file.
func (c *comparing) operand(ctx context.Context, name string) (article.Article, error) {
	switch {
	case name == "-":
		c.env.announceStdin("one article")
		return c.file(ctx, name)
	case isPath(name) && isFile(name):
		return c.file(ctx, name)
	}
	if c.index != nil {
		entry, err := c.index.Get(ctx, name)
		switch {
		case err == nil && entry.Article.Text == "":
			return article.Article{}, fmt.Errorf("compare %q: %w; name a file with its text instead", name, index.ErrNoText)
		case err == nil:
			if isFile(name) {
				c.env.say("note: %q is an id and a file; this is the id, ./%s would be the file", name, name)
			}
			return entry.Article, nil
		case !errors.Is(err, index.ErrNotFound):
			return article.Article{}, err
		}
	}
	switch {
	case isFile(name):
		return c.file(ctx, name)
	case c.index == nil:
		return article.Article{}, fmt.Errorf("%q is no file, and there are no ids: %w", name, c.noIndex)
	}
	return article.Article{}, fmt.Errorf("%w, and no such file", noSuchArticle(c.env, name))
}

// isPath reports whether name is written as only paths are.
func isPath(name string) bool {
	return strings.HasPrefix(name, "/") || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../")
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir() || errors.Is(err, fs.ErrPermission)
}

// file reads the one article in a file.
func (c *comparing) file(ctx context.Context, name string) (article.Article, error) {
	var found []article.Article
	for record, err := range crawl.Read(ctx, []string{name}, c.source) {
		if err != nil {
			return article.Article{}, err
		}
		if found = append(found, record.Article); len(found) > 1 {
			return article.Article{}, fmt.Errorf("%s holds more than one article; compare takes one of each (sed -n 3p %s > one.jsonl cuts out the third)", name, name)
		}
	}
	if len(found) == 0 {
		return article.Article{}, fmt.Errorf("%s holds no article", name)
	}
	return found[0], nil
}
