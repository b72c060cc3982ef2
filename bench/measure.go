package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/gold"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

// batch is the number of articles that are added at once. Results do not depend on it.
const batch = 1024

// Reported are the pairs that an index of a set reports, by task.
type Reported map[gold.Task]gold.Pairs

// Measured is what an index reports after its articles were added in the order of the file, and after Recluster.
type Measured struct{ Added, Reclustered Reported }

// Measure makes an index of the articles of a file, with the defaults, and asks it for its clusters, its strict clusters and,
// for each article, the matches.
func Measure(ctx context.Context, file string, progress io.Writer) (m Measured, err error) {
	begun := time.Now()
	step := func(what string) {
		fmt.Fprintf(progress, "%s: %s after %.1f s\n", file, what, time.Since(begun).Seconds())
	}
	err = withIndex(func(x *index.Index) error {
		if err := add(ctx, x, file); err != nil {
			return err
		}
		step("added")
		if m.Added, err = report(ctx, x, file); err != nil {
			return err
		}
		step("looked up")
		if _, err := x.Recluster(ctx, nil); err != nil {
			return err
		}
		step("reclustered")
		m.Reclustered, err = report(ctx, x, file)
		step("looked up again")
		return err
	})
	return m, err
}

// withIndex lends do a new index in a temporary folder.
func withIndex(do func(*index.Index) error) (err error) {
	dir, err := os.MkdirTemp("", "dedupe-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	x, err := index.Open(dir, index.Options{Create: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	return do(x)
}

func add(ctx context.Context, x *index.Index, file string) error {
	var articles []article.Article
	for r, err := range crawl.Read(ctx, []string{file}, crawl.Options{}) {
		if err != nil {
			return err
		}
		if articles = append(articles, r.Article); len(articles) == batch {
			if err := addAll(ctx, x, articles); err != nil {
				return err
			}
			articles = articles[:0]
		}
	}
	return addAll(ctx, x, articles)
}

// addAll adds articles, all of which must be such as an index takes.
func addAll(ctx context.Context, x *index.Index, articles []article.Article) error {
	added, err := x.Add(ctx, articles)
	for _, a := range added {
		err = errors.Join(err, a.Err)
	}
	return err
}

func report(ctx context.Context, x *index.Index, file string) (Reported, error) {
	reported := Reported{gold.Copies: make(gold.Pairs), gold.Stories: make(gold.Pairs), gold.Matches: make(gold.Pairs)}
	for task, kind := range map[gold.Task]match.Kind{gold.Copies: match.Excerpt, gold.Stories: match.Rewrite} {
		for c, err := range x.Clusters(ctx, index.ClusterOptions{MinKind: kind}) {
			if err != nil {
				return nil, err
			}
			ids := make([]string, len(c.Members))
			for i, m := range c.Members {
				ids[i] = m.ID
			}
			reported[task].AddAll(ids)
		}
	}
	for r, err := range crawl.Read(ctx, []string{file}, crawl.Options{}) {
		if err != nil {
			return nil, err
		}
		matches, err := x.Query(ctx, r.Article, index.QueryOptions{})
		if err != nil {
			return nil, err
		}
		for _, m := range matches {
			reported[gold.Matches].Add(r.Article.ID, m.ID)
		}
	}
	return reported, nil
}
