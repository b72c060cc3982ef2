package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

// Query finds the articles that match a, the best first (by kind, then Jaccard falling,
// then id), and changes nothing. An article never matches itself: the one with
// a's id is left out. Errors: those of Added.Err, and ErrCorrupt.
func (x *Index) Query(ctx context.Context, a article.Article, opts QueryOptions) ([]Match, error) {
	matches, err := x.query(ctx, a, opts)
	if err != nil {
		return nil, fmt.Errorf("query index %s: article %q: %w", x.dir, a.ID, err)
	}
	return matches, nil
}

func (x *Index) query(ctx context.Context, a article.Article, opts QueryOptions) ([]Match, error) {
	if a.ID == "" {
		a.ID = article.DeriveID(a.URL, a.Text)
	}
	p := x.prepare(a, false)
	if p.err != nil {
		return nil, p.err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := errors.Join(x.usable(), ctx.Err()); err != nil {
		return nil, err
	}
	c := x.begin()
	defer c.discard()
	matches, err := c.query(p, cmp.Or(opts.MinKind, match.Rewrite))
	if err != nil {
		return nil, err
	}
	matches = slices.DeleteFunc(matches, func(m Match) bool { return m.ID == a.ID })
	slices.SortFunc(matches, compareMatches)
	if opts.Limit > 0 && len(matches) > opts.Limit {
		matches = matches[:opts.Limit]
	}
	return matches, nil
}

// compareMatches orders matches: the stronger kind, then the larger Jaccard, then the lower id first.
func compareMatches(a, b Match) int {
	return cmp.Or(cmp.Compare(b.Kind, a.Kind), cmp.Compare(b.Jaccard, a.Jaccard), cmp.Compare(a.ID, b.ID))
}

// query returns all matches of p, itself included if it is in the index, unsorted.
func (c *changes) query(p *prepared, least match.Kind) ([]Match, error) {
	same, err := c.numberAt(keyDigest(p.digest))
	if err != nil {
		return nil, err
	}
	judged, err := c.judgeAsked(p, same, least)
	if err != nil {
		return nil, err
	}
	if same != 0 {
		exact := match.Verdict{Kind: match.Exact, Jaccard: 1, ContainmentA: 1, ContainmentB: 1}
		judged = append(judged, judgement{number: same, verdict: exact})
	}
	asking := &record{ID: p.article.ID, URL: p.article.URL, Site: p.article.Site, Published: p.article.Published}
	var matches []Match
	for _, j := range judged {
		if j.verdict.Kind < least {
			continue
		}
		if matches, err = c.appendMatches(matches, asking, j.number, &j.verdict, mostCopies); err != nil {
			return nil, err
		}
	}
	return matches, nil
}

// judgeAsked judges p, which is not added, against the candidates. same is the holder with its words, which is none of them; 0: there is none.
func (c *changes) judgeAsked(p *prepared, same number, least match.Kind) ([]judgement, error) {
	lists, err := c.lookup(p)
	if err != nil {
		return nil, err
	}
	faint, shared := least <= match.Quote, leastShared(lists)
	if faint {
		shared = 1
	}
	others, err := c.candidates(p, lists, shared)
	if err != nil {
		return nil, err
	}
	var pairs []*pairing
	var numbers []number
	counted := same != 0 // its shingles, or those of a copy, are in the counts
	for _, other := range others {
		if other.Number == same {
			continue
		}
		if !faint && c.isApart(p, other.Number) {
			if rel, err := c.relation(other.Number); err != nil {
				return nil, err
			} else if rel.Story == 0 {
				continue
			}
		}
		with, err := c.pairAt(p, other.Number)
		if err != nil {
			return nil, err
		}
		if with == nil {
			continue
		}
		if !counted {
			if counted, err = c.tells(with, other.Number); err != nil {
				return nil, err
			}
		}
		pairs, numbers = append(pairs, with), append(numbers, other.Number)
	}
	if len(pairs) == 0 {
		return nil, nil
	}
	finder := &furnitureFinder{x: c.x, txn: c.txn, faint: faint}
	if !counted {
		finder.extra = make(map[uint64]bool)
		for _, h := range p.subject.hashes() {
			finder.extra[h] = true
		}
	}
	judged, err := c.judge(finder, p, pairs, numbers)
	if err != nil {
		return nil, err
	}
	return judged, finder.err()
}

// hashes are the shingles by which s would be counted.
func (s *subject) hashes() []uint64 {
	if s.reading != nil {
		return s.reading.Shingles
	}
	return s.Sketch.Hashes
}

// mostCopies of the exact copies of one text are among the matches of a query: those that were added first, and the earliest published.
const mostCopies = 100

// appendMatches appends the match of an article with a holder, and with so many of its exact copies (0: all).
func (c *changes) appendMatches(matches []Match, a *record, holder number, v *match.Verdict, copies int) ([]Match, error) {
	rel, err := c.relation(holder)
	if err != nil {
		return nil, err
	}
	numbers := []number{holder}
	more := 0
	if copies > 0 && rel.Group > 1+copies {
		more = rel.Group - 1
	}
	if rel.Group > 1 {
		numbers = append(numbers, c.exactCopies(holder, copies)...)
		if first := cmp.Or(rel.GroupRep, holder); !slices.Contains(numbers, first) {
			numbers[len(numbers)-1] = first
		}
	}
	for _, n := range numbers {
		r, err := c.head(n)
		if err != nil {
			return nil, err
		}
		if r == nil {
			return nil, fmt.Errorf("article number %d: %w: it is missing", n, ErrCorrupt)
		}
		m := c.x.matchWith(a, n, r, v)
		m.Cluster = clusterName(rel.story(holder))
		m.Copies = more
		matches = append(matches, m)
	}
	return matches, nil
}
