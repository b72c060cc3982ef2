package match

import (
	"math"
	"time"

	"github.com/dedupe-news/dedupe/minhash"
)

// The thresholds of verdicts from sketches, on own shingles: a passage of n words
// has n−4 shingles, and each edited word takes five away, so they are lower than
// those on words.
const (
	leastSampled = 6 // own hashes in common

	estimateCopy        = 0.40
	estimateCopySite    = 0.70
	estimateRewrite     = 0.20
	estimateRewriteSite = 0.50
	estimateBothWays    = 0.55
	estimateOther       = 0.16 // of an excerpt, the part of the larger one that is shared
	estimateSeedOther   = 0.13 // the same of two that tell one story
	estimateRetold      = 0.12 // … of a text that is made of a story which many tell
	estimateWhole       = 0.50 // of each of two, with what is furniture: too much for furniture, between sites
)

// Sketched is an article of which only the sketch is known.
type Sketched struct {
	Sketch    minhash.Sketch
	Site      string
	Published time.Time
	Table     *minhash.Table // of Sketch, where it is compared with many; else nil
}

// Estimate judges two articles by their sketches alone, leaving out the hashes
// for which isFurniture is true; but none where two of different sites contain half of each other, which furniture does
// not make. It knows neither order nor quotations, so it never says Quote, and Exact is for the caller to tell.
func Estimate(a, b Sketched, isFurniture func(shingle uint64) bool) Verdict {
	v := Verdict{Estimated: true, rule: ruleSketch}
	whole := overlapOf(&a, &b)
	v.Jaccard, v.ContainmentA, v.ContainmentB = whole.jaccard, whole.containmentA, whole.containmentB
	if v.Jaccard < leastJaccard && max(v.ContainmentA, v.ContainmentB) < leastContainment {
		return v
	}
	v.figures.sameSite = a.Site != "" && a.Site == b.Site
	twoSites := a.Site != "" && b.Site != "" && a.Site != b.Site
	isOwn := twoSites && min(whole.containmentA, whole.containmentB) >= estimateWhole
	common, onlyA, onlyB := minhash.Overlap(a.Sketch, b.Sketch, func(hash uint64) bool {
		return !isOwn && Counted(hash) && isFurniture(hash)
	})
	v.CoverageA = ratio(float64(common), float64(common+onlyA))
	v.CoverageB = ratio(float64(common), float64(common+onlyB))
	v.figures.coverage = max(v.CoverageA, v.CoverageB)
	bySite := func(elsewhere, oneSite float64) float64 {
		if v.figures.sameSite {
			return oneSite
		}
		return elsewhere
	}
	best, other := v.figures.coverage, min(v.CoverageA, v.CoverageB)
	apart := time.Duration(0)
	if !a.Published.IsZero() && !b.Published.IsZero() {
		apart = a.Published.Sub(b.Published).Abs()
	}
	switch {
	case common < min(leastSampled, len(a.Sketch.Hashes), len(b.Sketch.Hashes)), best < bySite(estimateRewrite, estimateRewriteSite):
		v.Kind = None
	case best < bySite(estimateCopy, estimateCopySite):
		v.Kind, v.Story = Rewrite, apart <= storyAge && other >= storyOtherCoverage
	case other >= estimateBothWays:
		v.Kind, v.Story = Copy, true
	case other >= estimateOther:
		v.Kind, v.Story = Excerpt, true
	default: // a small part of a large text: a digest or a page of furniture as often as an excerpt
		v.Kind, v.Story = Rewrite, false
	}
	return v
}

// overlap is what two sketches have in common, furniture included.
type overlap struct{ jaccard, containmentA, containmentB float64 }

func overlapOf(a, b *Sketched) overlap {
	common, onlyA, onlyB := commonOf(a, b)
	c := float64(common)
	return overlap{ratio(c, float64(common+onlyA+onlyB)), ratio(c, float64(common+onlyA)), ratio(c, float64(common+onlyB))}
}

// commonOf counts hashes as minhash.Overlap does.
func commonOf(a, b *Sketched) (common, onlyA, onlyB int) {
	if b.Table != nil {
		common, onlyB, onlyA = b.Table.Overlap(a.Sketch)
		return common, onlyA, onlyB
	}
	return minhash.Overlap(a.Sketch, b.Sketch, nil)
}

// SameStorySketched is Pair.SameStory where only sketches are known. Where it is hopeless, Estimate says None, whatever is furniture.
func SameStorySketched(a, b Sketched) (same, hopeless bool) {
	o := overlapOf(&a, &b)
	most, least := max(o.containmentA, o.containmentB), min(o.containmentA, o.containmentB)
	if a.Site != "" && a.Site == b.Site {
		same = least >= seedCoverageSite
	} else {
		same = most >= seedCoverage && least >= estimateSeedOther
	}
	return same, o.jaccard < leastJaccard && most < leastContainment
}

// RetellsSketched is Pair.Retells where only sketches are known. They tell how much the two texts have in common, but not where in them, so an
// eighth of the shorter one is asked for.
func RetellsSketched(a, b Sketched) bool {
	if a.Site != "" && a.Site == b.Site {
		return false
	}
	common, onlyA, onlyB := commonOf(&a, &b)
	return common >= leastSampled && common >= int(math.Ceil(estimateRetold*float64(common+min(onlyA, onlyB))))
}
