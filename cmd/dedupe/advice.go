package main

import (
	"fmt"
	"time"

	"github.com/dedupe-news/dedupe/spell"
)

// suggestion is a setting to change, or something to do. The help of "tune" has the rules.
type suggestion struct {
	setting string // a flag; empty: it is no setting
	when    string // if this is what one wants; empty: always
	why     string
}

const (
	fewPairs      = 5    // fewer are no reason for anything
	fewArticles   = 1000 // in a smaller sample
	enoughGaps    = 20
	windowHolds   = 0.95 // of the copies between sites
	farShare      = 0.10 // of the copies on one site
	weakShare     = 0.25 // of the excerpts
	rewriteShare  = 0.05 // of the articles
	unknownShare  = 0.20 // without date, without site
	shortShare    = 0.10
	furnitureMost = 0.30
)

// advise says what to change, the settings first.
func advise(f *findings) []suggestion {
	var list []suggestion
	add := func(setting, when, why string, args ...any) {
		list = append(list, suggestion{setting, when, fmt.Sprintf(why, args...)})
	}
	if name, far, within := f.window(); name != "" {
		why := fmt.Sprintf("%s of %s on one site are more than %s apart: pages that are published again and again, rather than copies",
			spell.Grouped(far), spell.Counted(len(f.gapsHere), "pair")+" of copies", name)
		if len(f.gapsElsewhere) >= enoughGaps {
			why += fmt.Sprintf("; between sites %s are within it", percent(within, len(f.gapsElsewhere)))
		}
		add("--window "+name, "", "%s", why)
	}
	byFlag := map[string]int{}
	for _, s := range f.settings {
		if s.verb == "crawl" {
			byFlag[s.flag] = s.number
		}
	}
	byDefault := byFlag["--min-kind excerpt"]
	if atLeast(f.weakExcerpts, f.excerpts, weakShare) {
		add("--min-kind copy", "the weakest pairs that were taken are none to you", "%s of %s are weak; it would keep %s more",
			spell.Grouped(f.weakExcerpts), spell.Counted(f.excerpts, "excerpt"), spell.Counted(byDefault-byFlag["--min-kind copy"], "article"))
	}
	if more := byFlag["--min-kind rewrite"] - byDefault; atLeast(more, f.articles, rewriteShare) {
		add("--min-kind rewrite", "one article of a story is enough", "it would drop %s more, which tell a story in other words", spell.Counted(more, "article"))
	}
	of := func(n int) string {
		return fmt.Sprintf("%s of %s (%s)", spell.Grouped(n), spell.Counted(f.surveyed, "article"), percent(n, f.surveyed))
	}
	if share(f.undated, f.surveyed) >= unknownShare {
		add("--date-field NAME", "the input has dates", "%s have no date: of their copies the lowest id is kept, and no window divides them", of(f.undated))
	}
	if share(f.siteless, f.surveyed) >= unknownShare {
		add("--site-field NAME", "the input has sites or, with --url-field, URLs", "%s have no site: more is asked of copies on one site, which cannot be told from others", of(f.siteless))
	}
	if share(f.short, f.surveyed) >= shortShare {
		add("--text-field NAME", "the text is in another field", "%s have fewer than %d words, by which little can be judged", of(f.short), shortWords)
	}
	if share(f.furniture, f.words) >= furnitureMost {
		add("", "", "%s of the words are furniture, which is known only from the third story on that it stands in: give the articles of a site to one crawl",
			percent(f.furniture, f.words))
	}
	if f.surveyed < fewArticles {
		add("", "", "%s are few: take %s or more, so that copies are among them and furniture is known", spell.Counted(f.surveyed, "article"), spell.Grouped(fewArticles))
	}
	return list
}

// window finds a window in which the copies between sites are. The name is empty if no window is called for; far is how many pairs on
// one site are further apart, within how many between sites are not.
func (f *findings) window() (name string, far, within int) {
	count := func(gaps []time.Duration, least time.Duration) (n int) {
		for _, gap := range gaps {
			if gap > least {
				n++
			}
		}
		return n
	}
	const week = 1 // the window that is taken where too little is known
	chosen := -1
	for i, w := range windows {
		outside := count(f.gapsElsewhere, w.length)
		if known := len(f.gapsElsewhere) >= enoughGaps; known && share(len(f.gapsElsewhere)-outside, len(f.gapsElsewhere)) >= windowHolds || !known && i == week {
			chosen = i
			break
		}
	}
	if chosen < 0 { // copies of a year ago are wanted, it seems
		return "", 0, 0
	}
	w := windows[chosen]
	far = count(f.gapsHere, w.length)
	if !atLeast(far, len(f.gapsHere), farShare) {
		return "", 0, 0
	}
	return w.name, far, len(f.gapsElsewhere) - count(f.gapsElsewhere, w.length)
}

// atLeast says whether n is enough to be a reason, and such a share of all.
func atLeast(n, all int, least float64) bool { return n >= fewPairs && share(n, all) >= least }

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// percent writes a share for people: "12 %"; what is above zero does not round to it, nor what is below all to 100.
func percent(n, of int) string {
	p := int(100*share(n, of) + 0.5)
	switch {
	case n > 0 && p == 0:
		p = 1
	case n < of && p == 100:
		p = 99
	}
	return fmt.Sprintf("%d %%", p)
}
