package workload

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/bench/process"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/spell"
)

// query asks the index of the set for copies: for articles in it that were edited a little (hit), and for unseen ones of which it has nothing
// (miss). The index is open, and has been asked before, but not for the same articles.
func (s *session) query(ctx context.Context) (rows []Row, err error) {
	hits, err := s.hits(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range s.kinds() {
		base, err := s.base(ctx, t.none)
		if err != nil {
			return nil, err
		}
		err = withIndex(base, index.Options{}, func(x *index.Index) error {
			misses, err := s.misses(ctx, x)
			if err != nil {
				return err
			}
			of, err := s.ask(ctx, x, []asked{{"hit, " + t.name, hits}, {"miss, " + t.name, misses}})
			rows = append(rows, of...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// asked are articles of one kind, enough for all runs and one to begin with.
type asked struct {
	name     string
	articles []article.Article
}

// window are the articles of a run: from the beginning again, where there are not enough.
func (a asked) window(run, size int) []article.Article {
	window := make([]article.Article, size)
	for i := range window {
		window[i] = a.articles[(run*size+i)%len(a.articles)]
	}
	return window
}

// ask measures queries of some kinds, in turn. What is asked first is not measured.
func (s *session) ask(ctx context.Context, x *index.Index, kinds []asked) ([]Row, error) {
	rows := make([]Row, len(kinds))
	for i, kind := range kinds {
		rows[i] = Row{Case: kind.name, Command: fmt.Sprintf("index.Query, %s a run", spell.Grouped(s.Queries))}
		if len(kind.articles) == 0 {
			return nil, fmt.Errorf("nothing to ask for: %s", kind.name)
		}
	}
	process.ResetPeak()
	for run := range s.Runs + 1 {
		for i, kind := range kinds {
			articles := kind.window(run, s.Queries)
			ms := make([]float64, len(articles))
			found, cpu := 0, processorSeconds()
			for k, a := range articles {
				var matches []index.Match
				var err error
				if ms[k], err = milliseconds(func() (err error) {
					matches, err = x.Query(ctx, a, index.QueryOptions{})
					return err
				}); err != nil {
					return nil, err
				}
				found += min(len(matches), 1)
			}
			if run > 0 {
				rows[i].noteLatencies(ms)
				rows[i].noteProcessor(processorSeconds()-cpu, len(articles), "a query")
				rows[i].count("asked", len(articles))
				rows[i].count("found", found)
			}
		}
	}
	for i := range rows {
		rows[i].noteMemory(process.Peak())
	}
	return rows, nil
}

// random is where what is drawn of a set comes from.
func (s *session) random(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(s.set.Seed, stream)) }

// hits are articles that are in the index, edited.
func (s *session) hits(ctx context.Context) ([]article.Article, error) {
	random := s.random(1)
	articles, err := s.set.draw(ctx, s.Queries*(s.Runs+1), random)
	for i, a := range articles {
		articles[i] = edited(a, random)
	}
	return articles, err
}

// misses are unseen articles of which the index has nothing.
func (s *session) misses(ctx context.Context, x *index.Index) (misses []article.Article, err error) {
	for a, err := range s.set.articles(ctx, s.set.indexed(), s.set.indexed()+s.set.unseen()) {
		if err != nil {
			return nil, err
		}
		matches, err := x.Query(ctx, a, index.QueryOptions{})
		if err != nil {
			return nil, err
		}
		if len(matches) == 0 {
			misses = append(misses, a)
		}
	}
	return misses, nil
}
