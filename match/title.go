package match

import (
	"slices"
	"time"

	"github.com/dedupe-news/dedupe/shingle"
)

// A title tells what its article is about. It is soft evidence: titles are rewritten more freely than texts, and many articles have none.
// So a title alone never makes or breaks a match; it helps to tell story text from furniture, which is about nothing that a title says.
const (
	titleShare  = 0.40 // two titles are alike if they share so much of the one with fewer terms …
	titleTerms  = 2    // … and so many terms
	titleAge    = 48 * time.Hour
	seedTitled  = 0.40 // of the terms of both titles, what stands in the shared passages of two pages of one story on one site
	seedTitleOf = 0.70 // … and the coverage of the shorter page
)

// A shingle that stands in so many stories is furniture. Newsrooms that report one event on one day under like titles from one source are few, but often three.
const (
	FurnitureStories      = 3
	FurnitureStoriesAlike = 4
)

// FurnitureStories is in how many stories a shingle must stand to be furniture between these two:
// in one more if they were published on two sites within two days under like titles.
func (p *Pair) FurnitureStories() int {
	a, b := p.a, p.b
	if p.sameSite() || a.Published.IsZero() || b.Published.IsZero() || a.Published.Sub(b.Published).Abs() > titleAge || !alike(a.titleTerms(), b.titleTerms()) {
		return FurnitureStories
	}
	return FurnitureStoriesAlike
}

// alike reports whether two titles share enough of their terms.
func alike(a, b []uint64) bool {
	shared := shingle.Common(a, b)
	return shared >= titleTerms && float64(shared) >= titleShare*float64(min(len(a), len(b)))
}

// titleTerms are the terms of the title of r, rising, each once. Made when they are asked for first.
func (r *Reading) titleTerms() []uint64 {
	r.termsOnce.Do(func() {
		var w shingle.Words
		w.Scan(r.Title)
		for i := range w.Hashes {
			if term, ok := termAt(&w, i); ok {
				r.terms = append(r.terms, term)
			}
		}
		slices.Sort(r.terms)
		r.terms = slices.Compact(r.terms)
	})
	return r.terms
}

// termAt is the term that begins at word i: the word, or in a script without spaces, where one character says little, it and the next.
func termAt(w *shingle.Words, i int) (term uint64, ok bool) {
	if w.Weights[i] == shingle.WordWeight {
		return w.Hashes[i], true
	}
	if i+1 == len(w.Hashes) || w.Weights[i+1] == shingle.WordWeight || w.Ends[i] != w.Starts[i+1] {
		return 0, false
	}
	return w.Hashes[i]*0x9e3779b97f4a7c15 + w.Hashes[i+1], true
}

// titled is the part of the terms of r's title that stand in its covered words; 0 if it has no title.
func (r *Reading) titled(covered []bool) float64 {
	terms := r.titleTerms()
	found := make([]bool, len(terms))
	for i, is := range covered {
		if !is {
			continue
		}
		if term, ok := termAt(&r.Words, i); ok {
			if at, is := slices.BinarySearch(terms, term); is {
				found[at] = true
			}
		}
	}
	n := 0
	for _, is := range found {
		if is {
			n++
		}
	}
	return ratio(float64(n), float64(len(terms)))
}
