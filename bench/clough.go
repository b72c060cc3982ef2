package main

import (
	"context"
	"encoding/csv"
	"fmt"
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

// clough measures which answers match the article that they were written from. Nothing else than the five articles is in the
// index.
func (q *quality) clough(ctx context.Context, list string) error {
	a, err := readAnswers(ctx, list)
	if err != nil {
		return err
	}
	kinds := []match.Kind{match.Quote, match.Rewrite, match.Excerpt, match.Copy}
	return withIndex(func(x *index.Index) error {
		if err := addAll(ctx, x, slices.Collect(maps.Values(a.originals))); err != nil {
			return err
		}
		fmt.Fprint(q.cfg.Out, "| answers | number | quote or more | rewrite or more | excerpt or more | copy | another original | in reach |\n|---|---|---|---|---|---|---|---|\n")
		least := 0.0 // what an independent answer shares
		for _, text := range a.byCategory["non"] {
			least = max(least, inCommon(text, a.originals[a.question[text.ID]]))
		}
		for _, category := range []string{"cut", "light", "heavy", "non"} {
			texts := a.byCategory[category]
			wrong, reach, atLeast := 0, 0, make(map[match.Kind]int)
			for _, text := range texts {
				matches, err := x.Query(ctx, text, index.QueryOptions{MinKind: match.Quote})
				if err != nil {
					return err
				}
				if inCommon(text, a.originals[a.question[text.ID]]) > least {
					reach++
				}
				for _, m := range matches {
					if m.ID != a.originals[a.question[text.ID]].ID {
						wrong++
						continue
					}
					for _, k := range kinds {
						if m.Kind >= k {
							atLeast[k]++
						}
					}
				}
			}
			fmt.Fprintf(q.cfg.Out, "| %s | %d |", category, len(texts))
			for _, k := range kinds {
				fmt.Fprintf(q.cfg.Out, " %.2f (%d) |", ratio(atLeast[k], len(texts)), atLeast[k])
			}
			fmt.Fprintf(q.cfg.Out, " %d | %.2f (%d) |\n", wrong, ratio(reach, len(texts)), reach)
		}
		return nil
	})
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
