package workload

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/bench/generate"
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
	for _, t := range texts {
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

// hot asks for articles of stories that were copied very often, and for others beside them, before these stories come and after.
func (s *session) hot(ctx context.Context) (rows []Row, err error) {
	hits, err := s.hits(ctx)
	if err != nil {
		return nil, err
	}
	kinds := []asked{{"other story, beside these", hits}}
	err = s.withCopy(ctx, false, func(dir string) error {
		return withIndex(dir, index.Options{}, func(x *index.Index) error {
			if rows, err = s.ask(ctx, x, []asked{{"other story", hits}}); err != nil {
				return err
			}
			for i, size := range s.HotSizes {
				s.say("adding a story of %d copies", size)
				story := newStory(size, s.set.Seed+uint64(i)+1)
				if err := story.add(ctx, x); err != nil {
					return err
				}
				kinds = append(kinds, asked{"story of " + spell.Grouped(size), story.draw(len(hits))})
			}
			beside, err := s.ask(ctx, x, kinds)
			rows = append(rows, beside...)
			return err
		})
	})
	for i := range rows[min(len(rows), 1):] {
		rows[i+1].noteRatio(rows[0], "p50")
		rows[i+1].noteRatio(rows[0], "p99")
	}
	return rows, err
}

// noteRatio compares a figure with the same of another row, run by run.
func (r *Row) noteRatio(to Row, name string) {
	ours, _ := r.figure(name)
	theirs, _ := to.figure(name)
	for run, value := range ours.Runs {
		r.note(name+" to that of "+to.Case, "times", value/cmp.Or(theirs.Runs[run], 1e-9))
	}
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

// story is one that was copied very often: with other words, on other sites, or in excerpts.
type story struct {
	size   int
	seed   uint64
	copies *generate.Generator
}

func newStory(size int, seed uint64) *story {
	seed += 1 << 32 // other words than those of the set
	return &story{size, seed, generate.New(generate.Config{Articles: size, Seed: seed, Hot: 1, HotSize: size})}
}

// article is one of the copies.
func (s *story) article(i int) article.Article {
	a := s.copies.Article(i)
	a.ID = fmt.Sprintf("%d-%s", s.seed, a.ID)
	return a
}

func (s *story) add(ctx context.Context, x *index.Index) error {
	for from := 0; from < s.size; from += batch {
		articles := make([]article.Article, min(batch, s.size-from))
		for i := range articles {
			articles[i] = s.article(from + i)
		}
		added, err := x.Add(ctx, articles)
		if err := errors.Join(err, refused(added)); err != nil {
			return err
		}
	}
	return nil
}

// draw takes copies at random, and edits them.
func (s *story) draw(n int) []article.Article {
	random := rand.New(rand.NewPCG(s.seed, 5))
	articles := make([]article.Article, n)
	for i := range articles {
		articles[i] = edited(s.article(random.IntN(s.size)), random)
	}
	return articles
}
