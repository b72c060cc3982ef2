package match

import (
	"slices"
	"sync"
	"time"

	"github.com/dedupe-news/dedupe/passage"
	"github.com/dedupe-news/dedupe/shingle"
)

// Reading is a text made ready for comparison. It is read-only once made and
// may be used concurrently.
type Reading struct {
	Text      string
	Title     string    // empty: unknown; may be set after Read, before the first comparison
	Site      string    // empty: unknown
	Published time.Time // zero: unknown
	Words     shingle.Words
	Shingles  []uint64 // shingle hashes by the word they begin at

	termsOnce sync.Once // guards terms
	terms     []uint64

	setOnce sync.Once // guards set
	set     shingle.Set

	compared sync.Once // guards what only texts with enough in common need
	runs     *passage.Runs
	quoted   []bool
	numbers  []uint64 // the words that begin with a digit, rising, each once

	shortOnce      sync.Once // guards the short runs, which only texts with too little in common need
	pairs, triples *passage.Runs
}

// Read scans a text. What only comparisons need is made at the first one.
// Memory: about 25 bytes a word, and twice as much again once compared.
func Read(text, site string, published time.Time) *Reading {
	r := new(Reading)
	r.Read(text, site, published)
	return r
}

// Read makes r the reading of another text, in the memory that it has. Nobody may use what it was before.
func (r *Reading) Read(text, site string, published time.Time) {
	*r = Reading{Text: text, Site: site, Published: published, Words: r.Words, Shingles: r.Shingles[:0]}
	r.Words.Scan(text)
	r.Shingles = r.Words.Shingles(slices.Grow(r.Shingles, r.Words.Len()))
}

// Tiny says that the text is too short to tell what article it is without its title.
func (r *Reading) Tiny() bool {
	n := 0.0
	for _, w := range r.Words.Weights {
		if n += words(w); n >= tinyWords {
			return false
		}
	}
	return true
}

// Sequence is the word sequence of r, as package passage takes it.
func (r *Reading) Sequence() passage.Sequence {
	return passage.Sequence{Hashes: r.Words.Hashes, Weights: r.Words.Weights}
}

// Set is the shingle set of r, made when it is asked for first.
func (r *Reading) Set() shingle.Set {
	r.setOnce.Do(func() { r.set = shingle.NewSet(r.Shingles) })
	return r.set
}

// prepare makes what a comparison word by word needs.
func (r *Reading) prepare() {
	r.compared.Do(func() {
		r.runs = passage.NewRuns(r.Sequence())
		r.quoted = quotedWords(r.Text, &r.Words)
		r.numbers = numbers(r.Text, &r.Words)
	})
}

// shortRuns are the runs of two and of three words of r, made when they are asked for first.
func (r *Reading) shortRuns() (pairs, triples *passage.Runs) {
	r.shortOnce.Do(func() {
		r.pairs = passage.NewRunsOf(r.Sequence(), 2*shingle.WordWeight)
		r.triples = passage.NewRunsOf(r.Sequence(), 3*shingle.WordWeight)
	})
	return r.pairs, r.triples
}

// FurnitureScale is the binary logarithm of the share of the shingles that are
// counted as possible furniture: those below 2^(64−FurnitureScale), 1 in 4.
const FurnitureScale = 2

// furnitureGap is the number of words between two furniture shingles that are
// taken for furniture too: with 1 in 4 counted, neighbours are four words apart
// on average, and more than 16 with probability 0.75¹⁶ = 0.01.
const furnitureGap = 16

// Counted says whether a shingle is among those counted as possible furniture.
func Counted(hash uint64) bool { return hash>>(64-FurnitureScale) == 0 }

// Furniture marks the words of r that belong to the site, not to the story: those
// in a shingle that isFurniture says stands in several other stories, and those
// between two such shingles that stand close. Only Counted shingles are asked for.
// The result has one entry a word.
func (r *Reading) Furniture(isFurniture func(shingle uint64) bool) []bool {
	marks := make([]bool, r.Words.Len())
	end := -furnitureGap - 1 // one past the last furniture word so far
	for i, hash := range r.Shingles {
		if !Counted(hash) || !isFurniture(hash) {
			continue
		}
		from := i
		if i-end <= furnitureGap {
			from = min(from, end)
		}
		end = max(end, r.Words.ShingleEnd(i))
		for j := from; j < end; j++ {
			marks[j] = true
		}
	}
	return marks
}
