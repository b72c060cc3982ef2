package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
)

// Furniture is a passage that the index takes for text of sites, because it stands in several stories.
type Furniture struct {
	Text    string // as it stands in Example
	Stories int    // in so many stories its commonest shingle stands; they are counted up to 127
	Example string // id of an article
}

const (
	sampledTexts   = 2000    // texts in which passages are looked for: what stands in one of a hundred is there twenty times
	frequentPrints = 1 << 16 // prints by which they are known, those of the most stories
)

// Furniture returns the passages of furniture that stand in the most stories, at most limit of them (0: none). They are found in a sample of the
// texts, spread evenly over the index; none in an index without texts. It reads all counts: half a second for 8 million of them.
func (x *Index) Furniture(ctx context.Context, limit int) ([]Furniture, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	found, err := x.furniture(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("furniture of index %s: %w", x.dir, err)
	}
	return found, nil
}

func (x *Index) furniture(ctx context.Context, limit int) ([]Furniture, error) {
	if err := x.usable(); err != nil || !x.keepsText() || limit == 0 {
		return nil, err
	}
	c := x.begin()
	defer c.discard()
	var frequent frequentCounts
	for count, err := range x.allCounts(c.txn) {
		if err != nil {
			return nil, err
		}
		if int(count.N) >= x.cores.furnitureFrom(count.Print, match.FurnitureStories) {
			frequent.add(count)
		}
	}
	frequent.cut()
	return c.commonest(ctx, frequent.counts, limit)
}

// frequentCounts are the largest of many counts, of those that make furniture.
type frequentCounts struct {
	counts []furniture.Count
	least  int8 // those above it are among the largest so far
}

func (f *frequentCounts) add(c furniture.Count) {
	if c.N < match.FurnitureStories || c.N <= f.least {
		return
	}
	if f.counts = append(f.counts, c); len(f.counts) == 2*frequentPrints {
		f.cut()
	}
}

// cut leaves the largest frequentPrints, and of equal ones those that came first.
func (f *frequentCounts) cut() {
	slices.SortStableFunc(f.counts, func(a, b furniture.Count) int { return cmp.Compare(b.N, a.N) })
	if len(f.counts) > frequentPrints {
		f.counts = f.counts[:frequentPrints]
		f.least = f.counts[frequentPrints-1].N
	}
}

// commonest finds the passages in which the shingles with the largest counts stand.
func (c *changes) commonest(ctx context.Context, counts []furniture.Count, limit int) ([]Furniture, error) {
	known := make(map[furniture.Print]bool, len(counts))
	for _, count := range counts {
		known[count.Print] = true
	}
	byShingle := make(map[uint64]Furniture)
	step := max(1, c.x.state.Next/sampledTexts)
	for n := number(1); n < c.x.state.Next; n += step {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := c.record(n)
		if err != nil {
			return nil, err
		}
		if r == nil || r.Holder != 0 {
			continue
		}
		s, err := c.subjectAt(n)
		if err != nil {
			return nil, err
		}
		if s == nil {
			continue
		}
		if err := c.passages(s.reading, known, func(shingle uint64, f Furniture) {
			if old, there := byShingle[shingle]; !there || len(f.Text) < len(old.Text) {
				f.Example = r.ID
				byShingle[shingle] = f
			}
		}); err != nil {
			return nil, err
		}
	}
	list := make([]Furniture, 0, len(byShingle))
	for _, f := range byShingle {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Furniture) int {
		return cmp.Or(cmp.Compare(b.Stories, a.Stories), cmp.Compare(a.Text, b.Text))
	})
	return list[:min(len(list), limit)], nil
}

// passages calls do with each run of furniture words in a text, and with the shingle in it that stands in the most stories: by that the
// same passage is known in other texts, even where it begins or ends with other words. Furniture is what has a print among known.
func (c *changes) passages(r *match.Reading, known map[furniture.Print]bool, do func(shingle uint64, f Furniture)) error {
	var failed error
	stories := make(map[uint64]int)
	marks := r.Furniture(func(shingle uint64) bool {
		if !known[furniture.PrintOf(shingle)] {
			return false
		}
		n, err := c.x.countOf(c.txn, shingle)
		failed = cmp.Or(failed, err)
		stories[shingle] = n
		return n >= c.x.cores.furnitureFrom(furniture.PrintOf(shingle), match.FurnitureStories)
	})
	for from := 0; from < len(marks); from++ {
		if !marks[from] {
			continue
		}
		to := from
		best, most := uint64(0), 0
		for ; to < len(marks) && marks[to]; to++ {
			if to >= len(r.Shingles) {
				continue
			}
			if n := stories[r.Shingles[to]]; n > most || n == most && r.Shingles[to] < best {
				best, most = r.Shingles[to], n
			}
		}
		span := wordSpan(r, from, to)
		do(best, Furniture{Text: r.Text[span.Start:span.End], Stories: most})
		from = to
	}
	return failed
}
