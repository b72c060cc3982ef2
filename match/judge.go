package match

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dedupe-news/dedupe/shingle"
)

// The thresholds of the verdict. DESIGN.md has the measurements behind them and
// what happens without each rule.
const (
	leastJaccard     = 0.10 // below both of these on the whole texts nothing is related
	leastContainment = 0.30
	leastCovered     = 16.0 // own words in shared passages, or the short rule
	leastCoveredSite = 30.0 // … between pages of one site, and for one story
	shortOwn         = 60.0 // the short rule: a text of fewer own words may share fewer …
	shortCovered     = 8.0  // … but at least these, and nearly all of both texts
	shortCoverage    = 0.80

	copyCoverage      = 0.50 // copies: own words in shared passages, of the article with fewer
	copyCoverageSite  = 0.80 // … between pages of one site
	copyUnquoted      = 0.60 // … of those outside quotations
	copyLead          = 0.40 // the lead of one of the two stands in the other
	copyBoth          = 0.50 // … or the longer one is covered to this, and
	copyThird         = 0.15 // each third of the shorter one to this
	copyOtherCoverage = 0.22 // the longer one is covered to this too, or its lead to copyLead
	bothWays          = 0.75 // the longer one covered to this part of the shorter one's coverage: a copy, else an excerpt

	rewriteCoverage     = 0.17
	rewriteCoverageSite = 0.40
	rewriteUnquoted     = 0.17
	rewriteUnquotedSite = 0.30
	rewriteOutside      = 0.45 // share of the covered words that is outside quotations
	blockLead           = 0.30 // one site, no lead in common, and …
	blockShare          = 0.60 // … this share of the cover in one run: a block of the site

	storyCoverage      = 0.36 // rewrites that make one story
	storyCoverageSite  = 0.70
	storyOutside       = 0.50
	storyOtherCoverage = 0.20
	storyThird         = 0.15 // each third of the own words is covered to this …
	storyLead          = 0.65 // … or the lead of one of the two to this
	storyAge           = 30 * 24 * time.Hour

	versionCoverage      = 0.55 // versions of one story: pages of one site within VersionAge
	versionOtherCoverage = 0.50
	versionUnquoted      = 0.50
	versionLead          = 0.45
	versionThird         = 0.35

	tinyWords = 12.0 // a text of fewer words tells nothing without its title

	faintCovered = 30.0 // own words in shared passages, of pairs below the floor

	leadWords = 80.0

	seedLead         = 0.50 // stories that furniture is counted by: see SameStory
	seedCovered      = 20.0
	seedCoverage     = 0.50
	seedCoverageSite = 0.80
	seedMiddle       = 0.25

	retoldThird  = 0.15 // of each third of a text that is made of a story which many tell: see Retells
	retoldBridge = 8    // words between two shared passages that count as shared
)

// VersionAge is the time within which two articles of one site can be versions of one.
const VersionAge = 7 * 24 * time.Hour

// LeastCoverage are the own coverages from which two articles of different sites can be of one story, and copies; estimated: where
// only sketches are known. Between pages of one site it takes more.
func LeastCoverage(estimated bool) (story, copies float64) {
	if estimated {
		return estimateRewrite, estimateCopy
	}
	return storyCoverage, copyCoverage
}

// Verdict tells how two articles, A and B, are related, and by which figures.
type Verdict struct {
	Kind  Kind
	Story bool // of one wire story: strong enough to stand in one cluster

	Jaccard                    float64 // of the whole texts' shingle sets
	ContainmentA, ContainmentB float64 // the part of A's shingles that stand in B, and of B's in A
	Estimated                  bool    // the three above, and the coverages, are estimates from sketches

	CoverageA, CoverageB float64 // own coverage: the part of the own words that stand in shared passages
	OwnA, OwnB           float64 // own words, that are no furniture (a character of a script without spaces is 5/9 of a word)

	rule    rule
	figures figures
	strict  figures // … with all furniture set aside, also that which stands in shared story text

	reworded reworded // for ruleReworded
}

// figures are what the rules look at. Smaller is the article with fewer own
// words, larger the other one.
type figures struct {
	sameSite          bool
	apart             time.Duration // between the times of publication; 0 where one is unknown
	covered           float64       // own words of smaller in shared passages
	coverage          float64       // … as part of its own words
	otherCoverage     float64       // the same of larger
	unquoted          float64       // coverage of smaller's own words outside quotations
	outside           float64       // the part of the covered words that is outside quotations
	lead              float64       // coverage of the first 80 own words, the better of both
	otherLead         float64       // … of larger
	thinnest          float64       // coverage of the least covered third of smaller's own words
	longestShare      float64       // the longest covered run of own words, as part of covered
	smallOwn, bothOwn float64
	foreign           float64 // words of smaller that are furniture, but are not in larger
	wholeLead         float64 // coverage of the first 80 words, furniture or not, the better of both
	numbers           int     // the fewer of the different numbers that each text has
	numbersShared     float64 // … and the part of them that both have
}

// Pair is what two texts have in common before anything is known of furniture. It
// is for one goroutine.
type Pair struct {
	a, b           *Reading
	common         int    // shingles
	coverA, coverB []bool // words in shared passages; nil until they are needed

	tallied        bool // the two below are known
	wholeA, wholeB cover
}

// Compare finds what two texts have in common. Cost O(words).
func Compare(a, b *Reading) *Pair {
	p := &Pair{a: a, b: b, common: shingle.Common(a.Set(), b.Set())}
	if !p.Hopeless() {
		p.cover()
	}
	return p
}

// cover finds the words in shared passages.
func (p *Pair) cover() {
	p.a.prepare()
	p.b.prepare()
	p.coverA, p.coverB = p.a.runs.Cover(p.b.runs), p.b.runs.Cover(p.a.runs)
}

// whole are the tallies of the two texts with all their furniture.
func (p *Pair) whole() (a, b cover) {
	if !p.tallied {
		p.wholeA, p.wholeB, p.tallied = tally(p.a, nil, p.coverA), tally(p.b, nil, p.coverB), true
	}
	return p.wholeA, p.wholeB
}

// sameSite says whether both are known to be pages of one site.
func (p *Pair) sameSite() bool { return p.a.Site != "" && p.a.Site == p.b.Site }

// SameStory says whether the two tell one story by the strict rule that furniture
// is counted by: the lead (a third of the shorter text, at most 80 words) and
// half of the shorter text are shared; pages of one site must share four fifths
// of both, for else a long gallery would unite its own pages into one story and
// hide itself; or else what they share must be what their titles are about.
func (p *Pair) SameStory() bool {
	if p.Hopeless() || p.isForm() {
		return false
	}
	small, large := p.whole()
	if larger(&small, &large) {
		small, large = large, small
	}
	third := min(leadWords, small.own/3)
	lead := min(small.thirds[0], third)
	if third == leadWords {
		lead = small.leadCovered
	}
	switch {
	case lead < seedLead*third || small.covered < seedCovered || small.thirds[1] < seedMiddle*small.own/3:
		return false
	case p.sameSite():
		coverage := small.covered / small.own
		return min(coverage, large.covered/large.own) >= seedCoverageSite ||
			coverage >= seedTitleOf && min(p.a.titled(p.coverA), p.b.titled(p.coverB)) >= seedTitled
	default:
		return small.covered/small.own >= seedCoverage
	}
}

// Retells says of two texts, one of which is of a story that many tell, that the other one is of that story too, or made of it: they have
// text in common in each third of the shorter one, where the few words that an editor changed within a passage count as
// shared. A block of a site stands in one place. Of thousands of copies some are changed so much that they fail SameStory, and three of these
// would make furniture of the story.
func (p *Pair) Retells() bool {
	if p.coverA == nil {
		p.cover()
	}
	if p.sameSite() || p.isForm() {
		return false
	}
	small, large := tally(p.a, nil, bridged(p.coverA)), tally(p.b, nil, bridged(p.coverB))
	if larger(&small, &large) {
		small = large
	}
	return small.covered >= seedCovered && slices.Min(small.thirds[:]) >= retoldThird*small.own/3
}

// bridged is covered with the few words between two covered ones.
func bridged(covered []bool) []bool {
	bridged := slices.Clone(covered)
	last := len(covered) // covered word
	for i, is := range covered {
		if !is {
			continue
		}
		for j := last + 1; j < i && i-last-1 <= retoldBridge; j++ {
			bridged[j] = true
		}
		last = i
	}
	return bridged
}

// Hopeless says that the whole texts have so little in common (rule 1) that Judge
// says Quote at most, whatever is furniture. It is a rule of its own: the
// others would find some rewrites below it, and many more pairs that only report the same event.
func (p *Pair) Hopeless() bool { return Hopeless(len(p.a.set), len(p.b.set), p.common) }

// Hopeless is [Pair.Hopeless] of two texts that have so many shingles, of which so many are common.
func Hopeless(a, b, common int) bool {
	least, union := min(a, b), a+b-common
	return least == 0 || float64(common) < leastJaccard*float64(union) && float64(common) < leastContainment*float64(least)
}

// Overlap has the figures of the whole texts alone, and no relation: all that need be
// known of a Hopeless pair.
func (p *Pair) Overlap() Verdict {
	v := Verdict{}
	if union := len(p.a.set) + len(p.b.set) - p.common; union > 0 {
		v.Jaccard = float64(p.common) / float64(union)
		v.ContainmentA = ratio(float64(p.common), float64(len(p.a.set)))
		v.ContainmentB = ratio(float64(p.common), float64(len(p.b.set)))
	}
	return v
}

// Judge says how the two are related. furnitureA and furnitureB mark their words
// that are furniture (see Reading.Furniture); nil means none. Cost O(words). The
// same with A and B exchanged says the same, exchanged.
func (p *Pair) Judge(furnitureA, furnitureB []bool) Verdict {
	v := p.Overlap()
	a, b := p.a, p.b
	p.weigh(&v, furnitureA, furnitureB)
	if p.Untold() {
		v.rule = ruleTiny
		return v
	}
	if slices.Equal(a.Words.Hashes, b.Words.Hashes) && a.Words.Len() > 0 {
		v.Kind, v.Story, v.rule = Exact, true, ruleExact
		v.CoverageA, v.CoverageB = 1, 1
		return v
	}
	if p.Hopeless() {
		v.decideFaint(p, furnitureA, furnitureB)
		return v
	}
	v.decide()
	return v
}

// decideFaint decides on a pair below the floor of raw overlap: so much reworded that it is no sure match, but enough for those who ask for quotations too.
func (v *Verdict) decideFaint(p *Pair, furnitureA, furnitureB []bool) {
	f := &v.figures
	if f.sameSite {
		return
	}
	if f.covered >= faintCovered && f.coverage >= rewriteCoverage {
		v.Kind, v.rule = Quote, ruleFaint
	} else if reworded, is := p.reworded(furnitureA, furnitureB); is {
		v.Kind, v.rule, v.reworded = Quote, ruleReworded, reworded
	}
}

// weigh finds the figures of a verdict.
func (p *Pair) weigh(v *Verdict, furnitureA, furnitureB []bool) {
	a, b := p.a, p.b
	if p.coverA == nil {
		p.cover()
	}
	wholeA, wholeB := p.whole()
	coverA, coverB := wholeA, wholeB
	inA, inB := slices.Contains(furnitureA, true), slices.Contains(furnitureB, true)
	if (inA || inB) && p.isWhole() {
		furnitureA, furnitureB = onlyOneHas(furnitureA, p.coverA), onlyOneHas(furnitureB, p.coverB)
	}
	if inA {
		coverA = tally(a, furnitureA, p.coverA)
	}
	if inB {
		coverB = tally(b, furnitureB, p.coverB)
	}
	v.strict = compare(coverA, coverB)
	coverA.setForeign(&wholeA)
	coverB.setForeign(&wholeB)
	if !p.sameSite() {
		if own, changed := withoutEmbedded(a, furnitureA, p.coverA); changed {
			coverA = tally(a, own, p.coverA)
		}
		if own, changed := withoutEmbedded(b, furnitureB, p.coverB); changed {
			coverB = tally(b, own, p.coverB)
		}
	}
	v.OwnA, v.OwnB = coverA.own, coverB.own
	v.CoverageA, v.CoverageB = coverA.coverage(), coverB.coverage()
	v.figures = compare(coverA, coverB)
	v.figures.sameSite = p.sameSite()
	v.figures.wholeLead = max(wholeA.leadCoverage(), wholeB.leadCoverage())
	v.figures.numbers, v.figures.numbersShared = p.sharedNumbers()
	if !a.Published.IsZero() && !b.Published.IsZero() {
		v.figures.apart = a.Published.Sub(b.Published).Abs()
	}
}

// Untold says that one of the texts is so short ("Read also", "Watch the video") that the titles tell what the articles are, and that these
// are other ones.
func (p *Pair) Untold() bool {
	return p.a.Tiny() && p.b.Tiny() && p.a.Title != "" && p.b.Title != "" && !sameWords(p.a.Title, p.b.Title)
}

func sameWords(a, b string) bool {
	var x, y shingle.Words
	x.Scan(a)
	y.Scan(b)
	return slices.Equal(x.Hashes, y.Hashes)
}

// Contained is the larger containment, and whether it is A that is contained in B.
func (v *Verdict) Contained() (containment float64, isA bool) {
	if v.ContainmentA >= v.ContainmentB {
		return v.ContainmentA, true
	}
	return v.ContainmentB, false
}

// Weight orders matches of one kind: the larger, the closer.
func (v *Verdict) Weight() float64 { return max(v.figures.coverage, min(v.CoverageA, v.CoverageB)) }

// CopyMargin is by how much the own coverage of the article with fewer own words is above the least that a copy or an excerpt must have
// (below, if negative), between pages of one site or of two; of its words in all, or of those outside quotations, whichever is
// nearer. There are more conditions: a pair above it may be no copy, but none below is one, except exact copies.
func (v *Verdict) CopyMargin() float64 {
	elsewhere, oneSite := copyCoverage, copyCoverageSite
	if v.Estimated {
		elsewhere, oneSite = estimateCopy, estimateCopySite
	}
	margin := v.figures.coverage - elsewhere
	if v.figures.sameSite {
		margin = v.figures.coverage - oneSite
	}
	if v.Estimated { // which does not know quotations
		return margin
	}
	return min(margin, v.figures.unquoted-copyUnquoted)
}

// Swap exchanges A and B.
func (v Verdict) Swap() Verdict {
	v.ContainmentA, v.ContainmentB = v.ContainmentB, v.ContainmentA
	v.CoverageA, v.CoverageB = v.CoverageB, v.CoverageA
	v.OwnA, v.OwnB = v.OwnB, v.OwnA
	return v
}

// cover is what one text has in common with another, in own words.
type cover struct {
	own, covered      float64
	unquoted          float64 // own words outside quotations
	coveredUnquoted   float64
	lead, leadCovered float64
	thirds            [3]float64 // covered words in each third of the own words
	longest           float64    // longest covered run
	foreign           float64    // words that are furniture and not covered
}

// tally adds up in weights, which are whole numbers, so that the sums are exact; figures are in words.
func tally(r *Reading, furniture, covered []bool) cover {
	weights, quoted := r.Words.Weights[:len(covered)], r.quoted[:len(covered)]
	own := 0
	for i, w := range weights {
		if furniture == nil || !furniture[i] {
			own += int(w)
		}
	}
	firstEnd, secondEnd := (own+2)/3, (2*own+2)/3 // of the thirds, rounded up
	var unquoted, all, allUnquoted, lead, leadCovered, longest int
	var thirds [3]int
	place, run := 0, 0
	for i, is := range covered {
		if furniture != nil && furniture[i] {
			continue
		}
		w := int(weights[i])
		inLead := place < leadWords*shingle.WordWeight
		if inLead {
			lead += w
		}
		if !quoted[i] {
			unquoted += w
		}
		if is {
			all += w
			if !quoted[i] {
				allUnquoted += w
			}
			if inLead {
				leadCovered += w
			}
			switch {
			case place < firstEnd:
				thirds[0] += w
			case place < secondEnd:
				thirds[1] += w
			default:
				thirds[2] += w
			}
			run += w
			longest = max(longest, run)
		} else {
			run = 0
		}
		place += w
	}
	in := func(weight int) float64 { return float64(weight) / shingle.WordWeight }
	return cover{
		own: in(own), covered: in(all), unquoted: in(unquoted), coveredUnquoted: in(allUnquoted), lead: in(lead), leadCovered: in(leadCovered),
		thirds: [3]float64{in(thirds[0]), in(thirds[1]), in(thirds[2])}, longest: in(longest),
	}
}

// setForeign finds the words that are furniture and not covered; whole has those that are no furniture, and those that are.
func (c *cover) setForeign(whole *cover) {
	c.foreign = whole.own - whole.covered - (c.own - c.covered)
}

// larger says whether a has more own words than b, or as many and less in common:
// an order that does not depend on which of the two comes first.
func larger(a, b *cover) bool {
	return cmp.Or(cmp.Compare(a.own, b.own), cmp.Compare(b.covered, a.covered), cmp.Compare(b.coveredUnquoted, a.coveredUnquoted),
		cmp.Compare(b.unquoted, a.unquoted), cmp.Compare(b.leadCovered, a.leadCovered), cmp.Compare(b.longest, a.longest),
		slices.Compare(b.thirds[:], a.thirds[:]), cmp.Compare(b.foreign, a.foreign)) > 0
}

// words is a weight in words.
func words(weight uint8) float64 { return float64(weight) / shingle.WordWeight }

// coverage has at least 20 own words below the line: of three words, all in
// common, nothing follows.
func (c *cover) coverage() float64 { return c.covered / max(c.own, 20) }

func (c *cover) leadCoverage() float64 { return c.leadCovered / max(c.lead, 1) }

func compare(a, b cover) figures {
	small, large := &a, &b
	if larger(small, large) {
		small, large = large, small
	}
	f := figures{
		covered:       small.covered,
		coverage:      small.coverage(),
		otherCoverage: large.coverage(),
		unquoted:      small.coveredUnquoted / max(small.unquoted, 20),
		outside:       ratio(small.coveredUnquoted, small.covered),
		otherLead:     large.leadCoverage(),
		longestShare:  ratio(small.longest, small.covered),
		thinnest:      slices.Min(small.thirds[:]) / max(small.own/3, 1),
		smallOwn:      small.own,
		bothOwn:       large.own,
		foreign:       small.foreign,
	}
	f.lead = max(f.otherLead, small.leadCoverage())
	return f
}

func ratio(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}

// rule names the rule that decided.
type rule uint8

const (
	ruleNoOverlap rule = iota // the whole texts have too little in common
	ruleFurniture             // what they have in common is furniture
	ruleTooLittle             // too little of the own words is shared
	ruleBlock                 // one block of one site
	ruleQuotes                // mostly quotations, or thin
	ruleRewrite
	ruleStory
	ruleExcerpt
	ruleCopy
	ruleVersion
	ruleTiny
	ruleForm
	ruleFaint    // below the floor of ruleNoOverlap
	ruleReworded // … and sentence by sentence
	ruleExact
	ruleSketch // by estimates
)

func (v *Verdict) decide() {
	f, strict := &v.figures, &v.strict
	bySite := func(elsewhere, oneSite float64) float64 {
		if f.sameSite {
			return oneSite
		}
		return elsewhere
	}
	set := func(k Kind, story bool, r rule) { v.Kind, v.Story, v.rule = k, story, r }
	short := f.bothOwn < shortOwn && f.covered >= shortCovered && min(f.coverage, f.otherCoverage) >= shortCoverage
	switch {
	case f.covered < bySite(leastCovered, leastCoveredSite) && !short:
		set(None, false, ruleFurniture)
	case f.numbers >= formNumbers && f.numbersShared < formShared:
		set(None, false, ruleForm)
	case f.sameSite && f.foreign > f.smallOwn && f.wholeLead < blockLead && f.longestShare > blockShare:
		set(None, false, ruleBlock) // what is left of a story that so many tell that it looks like furniture
	case f.coverage >= bySite(copyCoverage, copyCoverageSite) && f.unquoted >= copyUnquoted &&
		(f.lead >= copyLead || f.otherCoverage >= copyBoth && f.thinnest >= copyThird) && (f.otherCoverage >= copyOtherCoverage || f.otherLead >= copyLead):
		if f.otherCoverage >= bothWays*f.coverage {
			set(Copy, true, ruleCopy)
		} else {
			set(Excerpt, true, ruleExcerpt)
		}
	case strict.covered >= leastCoveredSite && min(strict.coverage, strict.unquoted) >= bySite(storyCoverage, storyCoverageSite) &&
		strict.outside >= storyOutside && strict.otherCoverage >= storyOtherCoverage && (strict.thinnest >= storyThird || strict.lead >= storyLead) && f.apart <= storyAge:
		set(Rewrite, true, ruleStory)
	case f.sameSite && f.apart <= VersionAge && f.coverage >= versionCoverage && f.otherCoverage >= versionOtherCoverage &&
		f.unquoted >= versionUnquoted && f.outside >= rewriteOutside && f.lead >= versionLead && f.thinnest >= versionThird:
		set(Rewrite, true, ruleVersion)
	case f.coverage < bySite(rewriteCoverage, rewriteCoverageSite):
		set(None, false, ruleTooLittle)
	case f.sameSite && f.lead < blockLead && f.longestShare > blockShare:
		set(None, false, ruleBlock)
	case f.unquoted >= bySite(rewriteUnquoted, rewriteUnquotedSite) && f.outside >= rewriteOutside:
		set(Rewrite, false, ruleRewrite)
	default:
		set(Quote, false, ruleQuotes)
	}
}

// Why tells in one sentence which rule decided and by which numbers.
func (v *Verdict) Why() string {
	f := &v.figures
	pct := func(x float64) string { return fmt.Sprintf("%.0f %%", math.Round(100*x)) }
	shared := fmt.Sprintf("%s of the smaller article's %.0f own words stand in shared passages", pct(f.coverage), f.smallOwn)
	site := ""
	if f.sameSite {
		site = ", and both are pages of one site, where more is asked"
	}
	switch v.rule {
	case ruleExact:
		return "the normalised words are the same: Jaccard 1"
	case ruleNoOverlap:
		return fmt.Sprintf("too little in common: Jaccard %.2f (least %.2f) and containment %.2f (least %.2f)",
			v.Jaccard, leastJaccard, max(v.ContainmentA, v.ContainmentB), leastContainment)
	case ruleFurniture:
		least := leastCovered
		if f.sameSite {
			least = leastCoveredSite
		}
		return fmt.Sprintf("only %.0f own words are shared (least %.0f); the rest in common is furniture or scattered", f.covered, least)
	case ruleFaint:
		return fmt.Sprintf("%s, but of the whole texts too little: Jaccard %.2f (least %.2f) and containment %.2f (least %.2f)",
			shared, v.Jaccard, leastJaccard, max(v.ContainmentA, v.ContainmentB), leastContainment)
	case ruleReworded:
		return fmt.Sprintf("%s of the smaller article's %.0f own words stand in shared runs of three words, and in each third of it at least %s in runs of two: reworded throughout",
			pct(v.reworded.triples), f.smallOwn, pct(v.reworded.thinnest))
	case ruleForm:
		return fmt.Sprintf("%s, but of %d numbers only %s: one form with other figures", shared, f.numbers, pct(f.numbersShared))
	case ruleTiny:
		return fmt.Sprintf("the texts have fewer than %.0f words, and the titles differ", tinyWords)
	case ruleVersion:
		return fmt.Sprintf("%s, of the larger article's %s, on one site within %.0f days: versions of one story", shared, pct(f.otherCoverage), VersionAge.Hours()/24)
	case ruleTooLittle:
		least := rewriteCoverage
		if f.sameSite {
			least = rewriteCoverageSite
		}
		return fmt.Sprintf("%s%s: too little (least %s)", shared, site, pct(least))
	case ruleBlock:
		return fmt.Sprintf("%s, but as one block of a site (%s in one run) away from both leads", shared, pct(f.longestShare))
	case ruleQuotes:
		return fmt.Sprintf("%s, but mostly quotations: %s of them outside quotation marks, %s of the text outside is covered", shared, pct(f.outside), pct(f.unquoted))
	case ruleRewrite:
		return fmt.Sprintf("%s, %s of them outside quotations: derived from one text, but not enough for one story", shared, pct(f.outside))
	case ruleStory:
		s := &v.strict
		where := "in each third of it to at least " + pct(s.thinnest)
		if s.thinnest < storyThird {
			where = "of a lead " + pct(s.lead)
		}
		return fmt.Sprintf("%s of the smaller article's %.0f own words stand in shared passages, %s, %s of them outside quotations: one story, reworded",
			pct(s.coverage), s.smallOwn, where, pct(s.outside))
	case ruleExcerpt:
		where := "and the lead"
		if f.lead < copyLead {
			where = "in each third of it to at least " + pct(f.thinnest)
		}
		return fmt.Sprintf("%s, %s; of the larger article %s: one is an excerpt of the other", shared, where, pct(f.otherCoverage))
	case ruleCopy:
		return fmt.Sprintf("%s, of the larger article's %s: a copy both ways", shared, pct(f.otherCoverage))
	default:
		if v.Jaccard < leastJaccard && max(v.ContainmentA, v.ContainmentB) < leastContainment {
			return fmt.Sprintf("too little in common, estimated from sketches: Jaccard %.2f (least %.2f) and containment %.2f (least %.2f)",
				v.Jaccard, leastJaccard, max(v.ContainmentA, v.ContainmentB), leastContainment)
		}
		return fmt.Sprintf("estimated from sketches: %s and %s of the own shingles are shared%s", pct(v.CoverageA), pct(v.CoverageB), site)
	}
}

// Refused says that the two have much in common and yet are not related, for what
// they share is furniture or too little without it. Edges that were found before that
// furniture was known are doubtful then.
func (v *Verdict) Refused() bool {
	if v.Estimated {
		return v.Kind == None && max(v.Jaccard, v.ContainmentA, v.ContainmentB) >= leastContainment
	}
	return v.rule == ruleFurniture || v.rule == ruleTooLittle || v.rule == ruleBlock || v.rule == ruleForm
}
