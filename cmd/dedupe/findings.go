package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/bulk"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

// histogramSteps is how many steps a histogram from 0 to 1 has.
const histogramSteps = 20

// histogram counts pairs by a figure between 0 and 1, and by kind. What is 1 stands in the last step.
type histogram [histogramSteps][match.Exact + 1]int

func (h *histogram) count(figure float64, kind match.Kind) {
	const slack = 1e-9 // 0.15 and 0.35 are a little less than their decimals
	h[min(int(figure*histogramSteps+slack), histogramSteps-1)][kind]++
}

// total is how many pairs a step has.
func (h *histogram) total(step int) int {
	n := 0
	for _, pairs := range h[step] {
		n += pairs
	}
	return n
}

// borderline is a pair near the edge between copies and others.
type borderline struct {
	a, b    article.Article
	verdict match.Verdict
}

// edgePairs keeps the pairs that come first in an order, but not all of them.
type edgePairs struct {
	most    int
	compare func(a, b *borderline) int
	pairs   []borderline
}

func (e *edgePairs) add(p borderline) {
	at, _ := slices.BinarySearchFunc(e.pairs, p, func(a, b borderline) int { return e.compare(&a, &b) })
	if at == e.most {
		return
	}
	e.pairs = slices.Insert(e.pairs, at, p)
	e.pairs = e.pairs[:min(len(e.pairs), e.most)]
}

// first returns n pairs at most, no article in two of them.
func (e *edgePairs) first(n int) []borderline {
	var chosen []borderline
	used := map[string]bool{}
	for _, p := range e.pairs {
		if len(chosen) == n {
			break
		}
		if !used[p.a.ID] && !used[p.b.ID] {
			used[p.a.ID], used[p.b.ID] = true, true
			chosen = append(chosen, p)
		}
	}
	return chosen
}

// findings are what "tune" finds in an index.
type findings struct {
	show int

	articles, exactCopies int // of the index
	surveyed              int // articles that were looked up; what follows is about these
	undated, siteless     int
	short                 int // fewer than shortWords
	sites                 map[string]bool
	words, furniture      int // words, and those that are furniture, of the articles of which they were counted

	coverage, jaccard histogram
	apart             int // pairs that were compared, and have too little in common to be weighed
	taken, refused    edgePairs
	excerpts          int // pairs
	weakExcerpts      int // … less than weakMargin above the least coverage of copies
	gapsHere          []time.Duration
	gapsElsewhere     []time.Duration // between the times of publication of copies: on one site, on two
	best              map[string]bestMatch

	settings []setting
	passages []index.Furniture
}

// bestMatch is the kind of the best match of an article.
type bestMatch struct {
	kind     match.Kind
	surveyed bool
}

const (
	shortWords = 60
	weakMargin = 0.10
	edgePool   = 40 // so many pairs are kept for one that is shown, since no article is shown twice
)

// newFindings are ready to survey; show pairs of each edge are wanted.
func newFindings(show int) *findings {
	ids := func(a, b *borderline) int { return cmp.Or(cmp.Compare(a.a.ID, b.a.ID), cmp.Compare(a.b.ID, b.b.ID)) }
	weaker := func(a, b *borderline) int { return cmp.Compare(a.verdict.CopyMargin(), b.verdict.CopyMargin()) }
	return &findings{
		show:    show,
		sites:   map[string]bool{},
		best:    map[string]bestMatch{},
		taken:   edgePairs{most: edgePool * show, compare: func(a, b *borderline) int { return cmp.Or(weaker(a, b), ids(a, b)) }},
		refused: edgePairs{most: edgePool * show, compare: func(a, b *borderline) int { return cmp.Or(weaker(b, a), ids(a, b)) }},
	}
}

// survey looks at articles, at most limit of them (0: all).
func (f *findings) survey(ctx context.Context, x *index.Index, limit int, progress func(done int)) error {
	for s, err := range x.Survey(ctx, limit) {
		if err != nil {
			return err
		}
		f.article(s)
		progress(f.surveyed)
	}
	return nil
}

// article takes one article and its pairs.
func (f *findings) article(s index.Surveyed) {
	a := s.Article
	f.surveyed++
	if s.Furniture >= 0 {
		f.words += s.Words
		f.furniture += s.Furniture
	}
	if a.Published.IsZero() {
		f.undated++
	}
	if a.Site == "" {
		f.siteless++
	} else {
		f.sites[a.Site] = true
	}
	if s.Words < shortWords {
		f.short++
	}
	f.best[a.ID] = bestMatch{f.best[a.ID].kind, true}
	for _, c := range s.Compared {
		f.pair(borderline{a, c.Other, c.Verdict})
	}
}

// pair takes one pair.
func (f *findings) pair(p borderline) {
	v := &p.verdict
	if v.Kind == match.None && v.OwnA == 0 && v.OwnB == 0 {
		f.apart++
		return
	}
	f.coverage.count(v.Weight(), v.Kind)
	f.jaccard.count(v.Jaccard, v.Kind)
	for _, id := range []string{p.a.ID, p.b.ID} {
		b := f.best[id]
		f.best[id] = bestMatch{max(b.kind, v.Kind), b.surveyed}
	}
	if v.Kind < match.Excerpt {
		f.refused.add(p)
		return
	}
	if v.Kind != match.Exact {
		f.taken.add(p)
	}
	if v.Kind == match.Excerpt {
		f.excerpts++
		if v.CopyMargin() < weakMargin {
			f.weakExcerpts++
		}
	}
	if p.a.Published.IsZero() || p.b.Published.IsZero() {
		return
	}
	gap := p.a.Published.Sub(p.b.Published).Abs()
	if p.a.Site != "" && p.a.Site == p.b.Site {
		f.gapsHere = append(f.gapsHere, gap)
	} else {
		f.gapsElsewhere = append(f.gapsElsewhere, gap)
	}
}

// matched is how many of the surveyed articles have a match of a kind or of a stronger one.
func (f *findings) matched(least match.Kind) int {
	n := 0
	for _, b := range f.best {
		if b.surveyed && b.kind >= least {
			n++
		}
	}
	return n
}

// setting is what a setting of another verb gives.
type setting struct {
	verb      string
	flag      string
	number    int
	what      string // is counted: "dropped", "clusters", "matched"
	of        int    // articles
	isDefault bool
}

// windows are those that "tune" tries, with their names; a suggestion may be the last one too.
var windows = []struct {
	name   string
	length time.Duration
}{{"1d", 24 * time.Hour}, {"7d", 7 * 24 * time.Hour}, {"30d", 30 * 24 * time.Hour}, {"90d", 90 * 24 * time.Hour}}

// ask asks the index for all that is not a matter of pairs. survey comes first.
func (f *findings) ask(ctx context.Context, x *index.Index) error {
	stats, err := x.Stats(ctx)
	if err != nil {
		return err
	}
	f.articles, f.exactCopies = stats.Articles, stats.ExactCopies
	if f.passages, err = x.Furniture(ctx, f.show); err != nil {
		return err
	}
	crawl := func(flag string, number int, isDefault bool) {
		f.settings = append(f.settings, setting{"crawl", flag, number, "dropped", f.articles, isDefault})
	}
	sets, dropped, err := f.countCopies(ctx, x)
	if err != nil {
		return err
	}
	stories, members := 0, 0
	for c, err := range x.Clusters(ctx, index.ClusterOptions{MinKind: match.Rewrite}) {
		if err != nil {
			return err
		}
		stories++
		members += len(c.Members)
	}
	crawl("--min-kind copy", dropped.copies, false)
	crawl("--min-kind excerpt", dropped.all, true)
	crawl("--min-kind rewrite", members-stories, false)
	if f.undated < f.surveyed {
		for i, w := range windows {
			crawl("--window "+w.name, dropped.within[i], false)
		}
	}
	f.settings = append(f.settings,
		setting{"clusters", "--min-kind excerpt", sets, "clusters", f.articles, false},
		setting{"clusters", "--min-kind rewrite", stories, "clusters", f.articles, true},
	)
	for kind := match.Exact; kind >= match.Quote; kind-- {
		f.settings = append(f.settings, setting{"query", "--min-kind " + kind.String(), f.matched(kind), "matched", f.surveyed, kind == match.Rewrite})
	}
	return nil
}

// droppedCounts are how many articles a crawl would drop.
type droppedCounts struct {
	all    int   // by default
	copies int   // --min-kind copy
	within []int // by default, with each of windows
}

// countCopies counts the sets of copies, and what a crawl would drop of them.
func (f *findings) countCopies(ctx context.Context, x *index.Index) (sets int, dropped droppedCounts, err error) {
	dropped.within = make([]int, len(windows))
	known := make(map[[2]string]index.Match) // of one cluster: each division asks for mostly the same pairs
	relate := func(ctx context.Context, id, other string) (index.Match, error) {
		pair := [2]string{id, other}
		m, there := known[pair]
		if there {
			return m, nil
		}
		m, err := x.Relate(ctx, id, other)
		if err == nil {
			known[pair] = m
		}
		return m, err
	}
	for c, err := range x.Clusters(ctx, index.ClusterOptions{MinKind: match.Excerpt}) {
		if err != nil {
			return 0, dropped, err
		}
		clear(known)
		sets++
		dropped.all += len(c.Members) - 1
		drops := func(to *int, d bulk.Division) error {
			d.Relate = relate
			kept, err := d.Kept(ctx, c)
			*to += len(c.Members) - kept
			return err
		}
		err = drops(&dropped.copies, bulk.Division{MinKind: match.Copy})
		for i, w := range windows {
			err = errors.Join(err, drops(&dropped.within[i], bulk.Division{MinKind: match.Excerpt, Window: w.length}))
		}
		if err != nil {
			return 0, dropped, err
		}
	}
	return sets, dropped, nil
}
