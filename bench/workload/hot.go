package workload

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/bench/generate"
	"github.com/dedupe-news/dedupe/bench/process"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/spell"
)

// hot asks for articles of stories that were copied very often, and adds more copies of them; the same with others, before these stories come and
// beside them.
func (s *session) hot(ctx context.Context) (rows []Row, err error) {
	hits, err := s.hits(ctx)
	if err != nil {
		return nil, err
	}
	others, err := s.set.all(ctx, s.set.indexed(), s.set.indexed()+s.set.unseen())
	if err != nil {
		return nil, err
	}
	other := func() article.Article {
		next := others[0]
		others = others[1:]
		return next
	}
	copied, err := s.copies(ctx)
	if err != nil {
		return nil, err
	}
	var asks, adds []Row
	err = s.withCopy(ctx, false, func(dir string) error {
		return withIndex(dir, index.Options{}, func(x *index.Index) error {
			measure := func(questions []asked, additions []adding) error {
				asking, err := s.ask(ctx, x, questions)
				if err != nil {
					return err
				}
				adding, err := s.addInTurn(ctx, x, additions)
				asks, adds = append(asks, asking...), append(adds, adding...)
				return err
			}
			if err := measure([]asked{{"other story", hits}}, []adding{{"other articles added", other}, {copiesOfOthers, copied}}); err != nil {
				return err
			}
			questions := []asked{{"other story, beside these", hits}}
			additions := []adding{{"other articles added, beside these", other}}
			for i, size := range s.HotSizes {
				s.say("adding a story of %d copies", size)
				story := newStory(size, s.set.Seed+uint64(i)+1)
				if err := story.add(ctx, x); err != nil {
					return err
				}
				name := "story of " + spell.Grouped(size)
				questions = append(questions, asked{name, story.draw(len(hits))})
				additions = append(additions, adding{name + ", copies added", story.next}, adding{name + ", added among nine others each", story.among(other)})
			}
			return measure(questions, additions)
		})
	})
	noteRatios(asks, "p50", "p99")
	noteRatios(adds, "processor", "articles")
	if i := slices.IndexFunc(adds, func(r Row) bool { return r.Case == copiesOfOthers }); i >= 0 {
		for k := range adds {
			if k != i && strings.HasSuffix(adds[k].Case, ", copies added") {
				adds[k].noteRatio(adds[i], "processor")
			}
		}
	}
	return append(asks, adds...), err
}

// copiesOfOthers are what copies of a story that was copied very often are compared with. They are not quite like these: they have one word in ten
// replaced, and the site of their original; those have none, 5, 10, 20 or 30 % of the words changed, or are excerpts, and each has a site of its own.
const copiesOfOthers = "other stories, copies added"

// copies are articles of the index in which one word in ten was replaced, as many as addInTurn takes of one kind, under ids of their own.
func (s *session) copies(ctx context.Context) (next func() article.Article, err error) {
	random := s.random(6)
	originals, err := s.set.draw(ctx, s.added()*(s.Runs+1), random)
	n := 0
	return func() article.Article {
		a := edited(originals[n], random)
		n++
		a.ID = fmt.Sprint("copy ", n)
		return a
	}, err
}

// added is how many articles of one kind a run of addInTurn adds.
func (s *session) added() int { return s.set.unseen() / ((2 + len(s.HotSizes)) * (s.Runs + 1)) }

// noteRatios compares some figures with those of the first row, run by run.
func noteRatios(rows []Row, names ...string) {
	for i := range rows[min(len(rows), 1):] {
		for _, name := range names {
			rows[i+1].noteRatio(rows[0], name)
		}
	}
}

// noteRatio compares a figure with the same of another row, run by run.
func (r *Row) noteRatio(to Row, name string) {
	ours, _ := r.figure(name)
	theirs, _ := to.figure(name)
	for run, value := range ours.Runs {
		r.note(name+" to that of "+to.Case, "times", value/cmp.Or(theirs.Runs[run], 1e-9))
	}
}

// adding are articles of one kind, one after the other.
type adding struct {
	name string
	next func() article.Article
}

// addInTurn measures how some kinds are added in calls of 100, as many of each as there are unseen articles for. What is added first is not measured.
func (s *session) addInTurn(ctx context.Context, x *index.Index, kinds []adding) ([]Row, error) {
	const call = 100
	part := s.added()
	rows := make([]Row, len(kinds))
	process.ResetPeak()
	for run := range s.Runs + 1 {
		for i, kind := range kinds {
			articles := make([]article.Article, part)
			for k := range articles {
				articles[k] = kind.next()
			}
			row := &rows[i]
			if run == 0 {
				row = new(Row)
			}
			if err := row.addSlowly(ctx, x, articles, call, 1); err != nil {
				return nil, err
			}
		}
	}
	for i, kind := range kinds {
		rows[i].Case = kind.name
		rows[i].Command = fmt.Sprintf("index.Add, %d articles a call, %s a run", call, spell.Grouped(part))
		rows[i].noteMemory(process.Peak())
	}
	return rows, nil
}

// story is one that was copied very often: with other words, on other sites, or in excerpts.
type story struct {
	size   int
	seed   uint64
	copies *generate.Generator
	added  int
}

func newStory(size int, seed uint64) *story {
	seed += 1 << 32 // other words than those of the set
	return &story{size: size, seed: seed, copies: generate.New(generate.Config{Articles: size, Seed: seed, Hot: 1, HotSize: size})}
}

// article is one of the copies.
func (s *story) article(i int) article.Article {
	a := s.copies.Article(i)
	a.ID = fmt.Sprintf("%d-%s", s.seed, a.ID)
	return a
}

// next is a copy that was not added yet.
func (s *story) next() article.Article {
	s.added++
	return s.article(s.added - 1)
}

// among is each tenth time a copy, else another article.
func (s *story) among(other func() article.Article) func() article.Article {
	n := 0
	return func() article.Article {
		if n++; n%10 == 1 {
			return s.next()
		}
		return other()
	}
}

// add adds the copies.
func (s *story) add(ctx context.Context, x *index.Index) error {
	for s.added < s.size {
		articles := make([]article.Article, min(batch, s.size-s.added))
		for i := range articles {
			articles[i] = s.next()
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
