package match

import "slices"

// Story text can look like furniture: what three newsrooms took from one agency report stands in three stories too. But furniture stands
// in its block, beside text that nobody else has, while story text stands between words that the other article has as well.
const (
	embeddedWords  = 40.0 // own words looked at on each side of a run of furniture
	embeddedShare  = 0.40 // … of which so many are shared: the run is story text
	embeddedLeast  = 10.0 // of fewer own words in all nothing follows
	embeddedLength = 60   // a longer run is a block, whatever stands beside it
)

// withoutEmbedded takes the marks off furniture that stands in the midst of text which the other article shares. covered marks the shared
// words of r. The marks that it is given stay as they are: they are the result if nothing is changed.
func withoutEmbedded(r *Reading, furniture, covered []bool) (marks []bool, changed bool) {
	marks = furniture
	for from := 0; from < len(furniture); from++ {
		if !furniture[from] {
			continue
		}
		to := from
		for to < len(furniture) && furniture[to] {
			to++
		}
		if to-from <= embeddedLength && isEmbedded(r, furniture, covered, from, to) {
			if !changed {
				marks, changed = slices.Clone(furniture), true
			}
			clear(marks[from:to])
		}
		from = to
	}
	return marks, changed
}

// isEmbedded reports whether enough of the own words around words from to to (exclusive) are shared.
func isEmbedded(r *Reading, furniture, covered []bool, from, to int) bool {
	own, shared := 0.0, 0.0
	look := func(start, step int) {
		seen := 0.0
		for i := start; i >= 0 && i < len(furniture) && seen < embeddedWords; i += step {
			if furniture[i] {
				continue
			}
			w := words(r.Words.Weights[i])
			seen += w
			if covered[i] {
				shared += w
			}
		}
		own += seen
	}
	look(from-1, -1)
	look(to, 1)
	return own >= embeddedLeast && shared >= embeddedShare*own
}

// Two texts have so much in common everywhere that it is what they are, and no furniture, if …
const (
	wholeThird = 0.60 // … of each third of the shorter one so much is shared,
	wholeOther = 0.40 // … and of the longer one
)

// isWhole reports whether nothing that two texts of two sites, both known, share is furniture between them, whatever else it stands in: it is most of the shorter one
// from the beginning to the end. A block stands in one place.
func (p *Pair) isWhole() bool {
	if p.a.Site == "" || p.b.Site == "" || p.sameSite() {
		return false
	}
	small, large := p.whole()
	if larger(&small, &large) {
		small, large = large, small
	}
	return small.own >= shortOwn && slices.Min(small.thirds[:]) >= wholeThird*small.own/3 && large.coverage() >= wholeOther
}

// onlyOneHas are the marks of the furniture that the other text has not. The marks that it is given stay as they are.
func onlyOneHas(furniture, covered []bool) []bool {
	marks := slices.Clone(furniture)
	for i := range marks {
		marks[i] = marks[i] && !covered[i]
	}
	return marks
}
