package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/passage"
)

// Get returns the article of that id. ErrNotFound.
func (x *Index) Get(ctx context.Context, id string) (Entry, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	e, err := x.get(ctx, id)
	if err != nil {
		return Entry{}, fmt.Errorf("index %s: %w", x.dir, err)
	}
	return e, nil
}

func (x *Index) get(ctx context.Context, id string) (Entry, error) {
	if err := errors.Join(x.usable(), ctx.Err()); err != nil {
		return Entry{}, err
	}
	c := x.begin()
	defer c.discard()
	n, err := c.find(id)
	if err != nil {
		return Entry{}, err
	}
	r, err := c.record(n)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Article: articleOf(r), Words: r.Words, Added: r.Added}
	if x.keepsText() {
		if e.Article.Text, err = x.readText(c.txn, n); err != nil {
			return Entry{}, err
		}
	}
	story, _, err := c.clusterOf(n)
	e.Cluster = clusterName(story)
	return e, err
}

// Compare tells how two articles are related and why, with what the index knows
// to be furniture. Neither need be in the index; both need their text.
func (x *Index) Compare(ctx context.Context, a, b article.Article) (Comparison, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := errors.Join(x.usable(), ctx.Err()); err != nil {
		return Comparison{}, err
	}
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	finder := &furnitureFinder{x: x, txn: txn}
	result, err := compare(a, b, finder.from)
	if err == nil {
		err = finder.err()
	}
	return result, err
}

// Compare tells how two articles are related and why, by their texts alone: no
// furniture is known.
func Compare(a, b article.Article) (Comparison, error) {
	return compare(a, b, func(int) func(uint64) bool { return func(uint64) bool { return false } })
}

func compare(a, b article.Article, from func(least int) func(shingle uint64) bool) (Comparison, error) {
	ra := match.Read(a.Text, a.Site, a.Published)
	rb := match.Read(b.Text, b.Site, b.Published)
	ra.Title, rb.Title = a.Title, b.Title
	for _, side := range []struct {
		a *article.Article
		r *match.Reading
	}{{&a, ra}, {&b, rb}} {
		if side.r.Words.Len() == 0 {
			return Comparison{}, fmt.Errorf("compare: article %q: %w", side.a.ID, ErrNoWords)
		}
	}
	pair := match.Compare(ra, rb)
	isFurniture := from(pair.FurnitureStories())
	marksA, marksB := ra.Furniture(isFurniture), rb.Furniture(isFurniture)
	v := pair.Judge(marksA, marksB)
	result := Comparison{
		A: a, B: b, Kind: v.Kind, Why: v.Why(), Jaccard: v.Jaccard, ContainmentA: v.ContainmentA, ContainmentB: v.ContainmentB,
		CoverageA: v.CoverageA, CoverageB: v.CoverageB,
		WordsA: ra.Words.Len(), WordsB: rb.Words.Len(), OwnA: ownWords(marksA), OwnB: ownWords(marksB),
		FurnitureA: spans(ra, marksA), FurnitureB: spans(rb, marksB),
	}
	runsA, runsB := passage.NewRuns(ra.Sequence()), passage.NewRuns(rb.Sequence())
	result.OnlyA, result.OnlyB = only(ra, marksA, runsA.Cover(runsB)), only(rb, marksB, runsB.Cover(runsA))
	found := passage.Find(ra.Sequence(), rb.Sequence())
	passage.Longest(found)
	for _, p := range found {
		span := wordSpan(ra, p.A, p.A+p.Words)
		result.Passages = append(result.Passages, Passage{
			Words: p.Words, A: span, B: wordSpan(rb, p.B, p.B+p.Words), Text: a.Text[span.Start:span.End],
		})
	}
	return result, nil
}

// only are the runs of own words that are not covered, longest first.
func only(r *match.Reading, furniture, covered []bool) []Part {
	var parts []Part
	for from := 0; from < len(covered); from++ {
		to := from
		for to < len(covered) && !covered[to] && !furniture[to] {
			to++
		}
		if to > from {
			span := wordSpan(r, from, to)
			parts = append(parts, Part{Words: to - from, Span: span, Text: r.Text[span.Start:span.End]})
			from = to
		}
	}
	slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Compare(b.Words, a.Words) })
	return parts
}

func ownWords(marks []bool) int {
	n := 0
	for _, furniture := range marks {
		if !furniture {
			n++
		}
	}
	return n
}

// spans are the ranges of the marked words, neighbours as one.
func spans(r *match.Reading, marks []bool) []Span {
	var list []Span
	for i := 0; i < len(marks); i++ {
		if !marks[i] {
			continue
		}
		from := i
		for i < len(marks) && marks[i] {
			i++
		}
		list = append(list, wordSpan(r, from, i))
	}
	return list
}

// wordSpan is the range of bytes of words from to to (exclusive).
func wordSpan(r *match.Reading, from, to int) Span {
	return Span{Start: int(r.Words.Starts[from]), End: int(r.Words.Ends[to-1])}
}
