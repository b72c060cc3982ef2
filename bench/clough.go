package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

// answers are the short answers of Clough and Stevenson 2011, "Developing a corpus of plagiarised short answers": to five
// questions, with the Wikipedia article on each, which some of them are cut from, others lightly or heavily reworded.
type answers struct {
	originals  map[string]article.Article   // by question
	byCategory map[string][]article.Article // cut, light, heavy, non
	question   map[string]string            // by id
}

// readAnswers reads what a file of File, Task, Category lists, from the files beside it.
func readAnswers(ctx context.Context, list string) (*answers, error) {
	f, err := os.Open(list)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", list, err)
	}
	listed := make(map[string][]string) // row, by file
	for _, row := range rows[1:] {
		listed[filepath.Join(filepath.Dir(list), row[0])] = row
	}
	a := &answers{make(map[string]article.Article), make(map[string][]article.Article), make(map[string]string)}
	for r, err := range crawl.Read(ctx, slices.Sorted(maps.Keys(listed)), crawl.Options{}) { // which reads Windows-1252 as such
		if err != nil {
			return nil, err
		}
		question, category := listed[r.Origin.File][1], listed[r.Origin.File][2]
		a.question[r.Article.ID] = question
		if category == "orig" {
			a.originals[question] = r.Article
		} else {
			a.byCategory[category] = append(a.byCategory[category], r.Article)
		}
	}
	return a, nil
}

// clough measures which answers are related to the article that they were written from, by comparing the two, and which of these a query finds: those that share
// a key with it. Nothing else than the five articles is in the index.
func (q *quality) clough(ctx context.Context, list string) error {
	a, err := readAnswers(ctx, list)
	if err != nil {
		return err
	}
	return withIndex(func(x *index.Index) error {
		if err := addAll(ctx, x, slices.Collect(maps.Values(a.originals))); err != nil {
			return err
		}
		fmt.Fprint(q.cfg.Out, "| answers | number | measured | quote or more | rewrite or more | excerpt or more | copy | another original |\n|---|---|---|---|---|---|---|---|\n")
		for _, category := range []string{"cut", "light", "heavy", "non"} {
			compared, queried := newRelated(), newRelated()
			for _, text := range a.byCategory[category] {
				from := a.originals[a.question[text.ID]].ID
				for _, original := range a.originals {
					c, err := index.Compare(text, original)
					if err != nil {
						return err
					}
					compared.count(c.Kind, original.ID == from)
				}
				matches, err := x.Query(ctx, text, index.QueryOptions{MinKind: match.Quote})
				if err != nil {
					return err
				}
				for _, m := range matches {
					queried.count(m.Kind, m.ID == from)
				}
			}
			number := len(a.byCategory[category])
			compared.row(q.cfg.Out, category, "compared", number)
			queried.row(q.cfg.Out, category, "queried", number)
		}
		return nil
	})
}

// related counts the answers of a category that are related to an original.
type related struct {
	atLeast map[match.Kind]int // to the one that they were written from, by the least kind
	another int                // to another one
}

func newRelated() *related { return &related{atLeast: make(map[match.Kind]int)} }

func (r *related) count(kind match.Kind, itsOwn bool) {
	if kind > match.None && !itsOwn {
		r.another++
	}
	for k := match.Quote; k <= kind && itsOwn; k++ {
		r.atLeast[k]++
	}
}

func (r *related) row(out io.Writer, category, measured string, number int) {
	fmt.Fprintf(out, "| %s | %d | %s |", category, number, measured)
	for _, k := range []match.Kind{match.Quote, match.Rewrite, match.Excerpt, match.Copy} {
		fmt.Fprintf(out, " %.2f (%d) |", ratio(r.atLeast[k], number), r.atLeast[k])
	}
	fmt.Fprintf(out, " %d |\n", r.another)
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
