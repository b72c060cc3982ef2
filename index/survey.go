package index

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

// Surveyed is an article, and what Survey compared it with.
type Surveyed struct {
	Article   article.Article // without its text
	Words     int             // words of the text
	Furniture int             // … that are furniture; −1: they were not counted, as in all but some 2,000 articles, spread evenly
	Compared  []Compared      // the best first
}

// Compared is the verdict on a surveyed article (A) and another one (B), also if they are not related.
type Compared struct {
	Other article.Article // without its text
	match.Verdict
}

// Survey looks articles of the index up in it, at most limit of them (0: all), spread evenly over the order in which they were added, and yields
// with each the pairs in which Add compares it. It leaves none out, however weak; one that has too little in common for a rewrite is of kind
// None, without own words, though a Query for quotations may call it Quote. Each pair comes once, with the
// article that is yielded first. An article with the same words as one before is compared with the first of them alone, exactly.
// ErrNoText in an index without texts, ErrCorrupt. The index may be used in the loop. Memory: some 50 bytes a pair.
func (x *Index) Survey(ctx context.Context, limit int) iter.Seq2[Surveyed, error] {
	return func(yield func(Surveyed, error) bool) {
		if err := x.survey(ctx, limit, yield); err != nil {
			yield(Surveyed{}, fmt.Errorf("survey of index %s: %w", x.dir, err))
		}
	}
}

func (x *Index) survey(ctx context.Context, limit int, yield func(Surveyed, error) bool) error {
	if !x.keepsText() {
		return ErrNoText
	}
	seen := make(map[[2]number]struct{})
	next := number(x.NextOrdinal())
	step := number(1)
	if limit > 0 {
		step = max(1, (next-2+number(limit))/number(limit))
	}
	counted := max(step, next/sampledTexts/step*step) // from one article to the next of which furniture is counted: half of the time else
	for n := number(1); n < next; n += step {
		s, there, err := x.surveyOne(ctx, n, seen, (n-1)%counted == 0)
		if err != nil {
			return err
		}
		if there && !yield(s, nil) {
			return nil
		}
	}
	return nil
}

// surveyOne surveys article n, if it is there. Pairs that were seen are left out.
func (x *Index) surveyOne(ctx context.Context, n number, seen map[[2]number]struct{}, furniture bool) (s Surveyed, there bool, err error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := errors.Join(x.usable(), ctx.Err()); err != nil {
		return s, false, err
	}
	c := x.begin()
	defer c.discard()
	r, err := c.record(n)
	if err != nil || r == nil {
		return s, false, err
	}
	a := articleOf(r)
	if a.Text, err = x.readText(c.txn, n); err != nil {
		return s, false, err
	}
	p := x.prepare(a, false)
	if p.err != nil {
		return s, false, fmt.Errorf("article %q: %w", r.ID, p.err)
	}
	finder := &furnitureFinder{x: x, txn: c.txn}
	s = Surveyed{Article: articleOf(r), Words: p.words, Furniture: -1}
	if furniture {
		s.Furniture = p.words - ownWords(finder.marks(&p.subject, match.FurnitureStories))
	}
	judged := []judgement{{number: r.Holder, verdict: match.Verdict{
		Kind: match.Exact, Story: true, Jaccard: 1, ContainmentA: 1, ContainmentB: 1, CoverageA: 1, CoverageB: 1,
	}}}
	if r.Holder == 0 {
		if judged, err = c.judgeStored(finder, n, p); err != nil {
			return s, false, err
		}
	}
	for _, j := range judged {
		pair := [2]number{min(n, j.number), max(n, j.number)}
		if _, was := seen[pair]; was {
			continue
		}
		seen[pair] = struct{}{}
		other, err := c.record(j.number)
		if err != nil {
			return s, false, err
		}
		if other != nil {
			s.Compared = append(s.Compared, Compared{articleOf(other), j.verdict})
		}
	}
	return s, true, finder.err()
}

// judgeStored compares holder n, which is p, with its candidates and the stories of those that it matches.
func (c *changes) judgeStored(finder *furnitureFinder, n number, p *prepared) ([]judgement, error) {
	lists, err := c.lookup(p)
	if err != nil {
		return nil, err
	}
	others, err := c.candidates(p, lists, leastShared(lists))
	if err != nil {
		return nil, err
	}
	var pairs []*pairing
	var numbers []number
	for _, other := range others {
		if other.Number == n {
			continue
		}
		pair, err := c.pairAt(p, other.Number)
		if err != nil {
			return nil, err
		}
		if pair != nil {
			pairs, numbers = append(pairs, pair), append(numbers, other.Number)
		}
	}
	if len(pairs) == 0 {
		return nil, nil
	}
	return c.judge(finder, p, pairs, numbers)
}

// articleOf is what a record tells of an article: all but its text.
func articleOf(r *record) article.Article {
	return article.Article{ID: r.ID, URL: r.URL, Site: r.Site, Title: r.Title, Published: r.Published}
}
