package match

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/dedupe-news/dedupe/shingle"
)

// numbers are the hashes of the words of a text that begin with a digit, rising, each once.
func numbers(text string, w *shingle.Words) []uint64 {
	var list []uint64
	for i, h := range w.Hashes {
		if first, _ := utf8.DecodeRuneInString(text[w.Starts[i]:w.Ends[i]]); unicode.IsDigit(first) {
			list = append(list, h)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// A form that comes every week, of prices, results, the weather, keeps its sentences and changes its figures. Copies keep their figures, too: of 16 and more
// they shared half at least in all pairs that we read.
const (
	formNumbers = 16   // two texts that have so many different numbers each …
	formShared  = 0.33 // … and share less than this part of them are issues of one form
)

// isForm reports whether the two are issues of one form with other figures.
func (p *Pair) isForm() bool {
	n, shared := p.sharedNumbers()
	return n >= formNumbers && shared < formShared
}

// sharedNumbers is how many different numbers the text with fewer of them has, and the part of these that the other one has too.
func (p *Pair) sharedNumbers() (n int, shared float64) {
	n = min(len(p.a.numbers), len(p.b.numbers))
	return n, ratio(float64(shingle.Common(p.a.numbers, p.b.numbers)), float64(n))
}
