package match

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dedupe-news/dedupe/minhash"
)

func judge(a, b string) Verdict { return Compare(read(a), read(b)).Judge(nil, nil) }

// quoted puts a text into quotation marks.
func quoted(text string) string { return "“" + strings.TrimSpace(text) + "” " }

// Texts of words that are all different, except where they share a prefix; far from any threshold.
func TestJudge(t *testing.T) {
	t.Parallel()
	story := numbered("w", 200)
	first, second := numbered("p", 100), numbered("q", 100)
	var reworded strings.Builder // nine words of the story in each twenty
	for i := range 200 {
		if i%20 < 9 {
			fmt.Fprintf(&reworded, "w%d ", i)
		} else {
			fmt.Fprintf(&reworded, "new%d ", i)
		}
	}
	tests := []struct {
		name  string
		a, b  string
		kind  Kind
		story bool
	}{
		{"the same", story, story, Exact, true},
		{"the same in other case and typography", "“Don’t stop,” she said.", "\"don't stop\" SHE SAID", Exact, true},
		{"nothing shared", story, numbered("x", 200), None, false},
		{"both empty", "", "", None, false},
		{"both without words", "…", "!", None, false},
		{"one empty", "", story, None, false},
		{"one word changed", story, strings.Replace(story, "w90 ", "other ", 1), Copy, true},
		{"a sentence added", story, story + numbered("x", 15), Copy, true},
		{"trimmed to the first half", story, numbered("w", 100), Excerpt, true},
		{"with as much of its own behind", story, story + numbered("x", 200), Excerpt, true},
		{"moved paragraphs", first + second, second + first, Copy, true},
		{"the text twice on one page", story, story + story, Copy, true},
		{"reworded all over", story, reworded.String(), Rewrite, true},
		{"the whole of one in quotation marks", quoted(first) + numbered("x", 150), quoted(first) + numbered("y", 150), Quote, false},
		{"twenty words in 200", story, numbered("w", 20) + numbered("x", 180), None, false},
		{"short: 25 words, the last one changed", numbered("w", 25), numbered("w", 24) + "other", Copy, true},
		{"short: half is shared", numbered("w", 25), numbered("w", 12) + numbered("x", 13), None, false},
		{"short: a stub inside a long text", numbered("w", 15), numbered("x", 100) + numbered("w", 15) + numbered("y", 100), None, false},
		{"short: five words, four of them shared", "one two three four five", "one two three four six", None, false},
		{"short: five words, the same", "one two three four five", "One, two, three: four five!", Exact, true},
		{"one word", "one", "one", Exact, true},
		{"one word, another", "one", "two", None, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, v := range []Verdict{judge(tt.a, tt.b), judge(tt.b, tt.a)} {
				if v.Kind != tt.kind || v.Story != tt.story {
					t.Errorf("Judge = %v, story %t, want %v, %t: %s", v.Kind, v.Story, tt.kind, tt.story, v.Why())
				}
				for _, x := range []float64{v.Jaccard, v.ContainmentA, v.ContainmentB, v.CoverageA, v.CoverageB, v.Weight()} {
					if math.IsNaN(x) || x < 0 || x > 1 {
						t.Errorf("Judge = %+v, want all shares from 0 to 1", v)
					}
				}
			}
		})
	}
}

func TestJudgeFigures(t *testing.T) {
	t.Parallel()
	v := judge(numbered("w", 200), numbered("w", 100))
	want := Verdict{Kind: Excerpt, Story: true, Jaccard: 96.0 / 196, ContainmentA: 96.0 / 196, ContainmentB: 1, CoverageA: 0.5, CoverageB: 1, OwnA: 200, OwnB: 100}
	got := v
	got.rule, got.figures, got.strict = 0, figures{}, figures{}
	if got != want {
		t.Errorf("Judge = %+v, want %+v", got, want)
	}
	if c, isA := v.Contained(); c != 1 || isA {
		t.Errorf("Contained() = %g, %t, want 1, false", c, isA)
	}
	v = v.Swap()
	if c, isA := v.Contained(); c != 1 || !isA {
		t.Errorf("Swap().Contained() = %g, %t, want 1, true", c, isA)
	}
	if w := v.Weight(); w != 1 {
		t.Errorf("Weight() = %g, want 1, the coverage of the smaller", w)
	}
}

// On one site more is asked: the same half of a page is a copy elsewhere.
func TestJudgeOnOneSite(t *testing.T) {
	t.Parallel()
	a, b := numbered("w", 60)+numbered("x", 40), numbered("w", 60)+numbered("y", 50)
	on := func(siteA, siteB string) Verdict {
		return Compare(Read(a, siteA, time.Time{}), Read(b, siteB, time.Time{})).Judge(nil, nil)
	}
	elsewhere := on("a.example", "b.example")
	if elsewhere.Kind != Copy {
		t.Errorf("on two sites: %v, want copy: %s", elsewhere.Kind, elsewhere.Why())
	}
	if got := on("", ""); got != elsewhere {
		t.Errorf("unknown sites are taken for one: %+v, want %+v", got, elsewhere)
	}
	if got := on("a.example", "a.example"); got.Kind >= Excerpt {
		t.Errorf("on one site: %v, want less than excerpt: %s", got.Kind, got.Why())
	}
}

// Furniture counts neither above nor below.
func TestJudgeWithFurniture(t *testing.T) {
	t.Parallel()
	box := numbered("box", 100)
	a, b := read(numbered("a", 80)+box), read(numbered("b", 80)+box)
	pair := Compare(a, b)
	if v := pair.Judge(nil, nil); v.Kind == None {
		t.Errorf("a box that nobody knows as furniture: %v, want a relation: %s", v.Kind, v.Why())
	}
	marks := make([]bool, 180)
	for i := 80; i < 180; i++ {
		marks[i] = true
	}
	if v := pair.Judge(marks, marks); v.Kind != None || v.OwnA != 80 || v.OwnB != 80 || v.CoverageA != 0 {
		t.Errorf("a box that is furniture: %+v, want none, 80 own words, coverage 0", v)
	}
	// A copy between two pages with boxes of their own.
	a, b = read(numbered("w", 80)+box), read(numbered("w", 80)+numbered("bin", 100))
	if v := Compare(a, b).Judge(marks, marks); v.Kind != Copy || v.CoverageA != 1 || v.CoverageB != 1 {
		t.Errorf("a copy beside furniture: %+v, want a copy, covered both ways", v)
	}
	// On one site, a box that is not known yet below text that looks like furniture, and a copy above boxes that are known.
	for _, tt := range []struct {
		name  string
		a, b  string
		marks []bool // of b
		want  Kind
	}{
		{"a box below a story that many tell", numbered("a", 120) + numbered("new", 60), numbered("hot", 80) + numbered("new", 60), slices.Concat(slices.Repeat([]bool{true}, 80), make([]bool, 60)), None},
		{"a copy above other boxes", numbered("w", 80), numbered("w", 80) + numbered("bin", 100), slices.Concat(make([]bool, 80), slices.Repeat([]bool{true}, 100)), Copy},
		{"a long copy below another box", numbered("w", 120), numbered("bin", 80) + numbered("w", 120), slices.Concat(slices.Repeat([]bool{true}, 80), make([]bool, 120)), Copy},
	} {
		pair := Compare(Read(tt.a, "a.example", time.Time{}), Read(tt.b, "a.example", time.Time{}))
		if v := pair.Judge(nil, tt.marks); v.Kind != tt.want {
			t.Errorf("%s: %v, want %v: %s", tt.name, v.Kind, tt.want, v.Why())
		}
	}
	// All is furniture.
	all := slices.Repeat([]bool{true}, 180)
	if v := Compare(a, b).Judge(all, all); v.Kind != None || v.OwnA != 0 {
		t.Errorf("nothing but furniture: %+v, want none", v)
	}
}

// pages draws two pages of pieces that are shared, furniture, quoted, or of one page alone, with furniture marked.
func pages(t *rapid.T) (a, b *Reading, furnitureA, furnitureB []bool) {
	pieces := []string{
		numbered("s", 30), numbered("t", 12), quoted(numbered("quote", 40)), numbered("u", 60), numbered("v", 5), numbered("w", 100),
		"市议会星期二通过了旧港口改造计划，结束了近十年来居民之间的争论。", "one\n", "",
	}
	page := func(name string) *Reading {
		var b strings.Builder
		for _, k := range rapid.SliceOfN(rapid.IntRange(0, len(pieces)+2), 0, 8).Draw(t, name) {
			if k < len(pieces) {
				b.WriteString(pieces[k])
			} else {
				b.WriteString(numbered(name, 20*(k-len(pieces)+1)))
			}
		}
		site := rapid.SampledFrom([]string{"", "a.example", "b.example"}).Draw(t, "site "+name)
		published := rapid.SampledFrom([]time.Time{{}, time.Unix(1e9, 0), time.Unix(1e9+60*86400, 0)}).Draw(t, "published "+name)
		return Read(b.String(), site, published)
	}
	a, b = page("a"), page("b")
	one := rapid.Uint64Range(1, 20).Draw(t, "furniture, one in")
	isFurniture := func(hash uint64) bool { return hash%one == 1 }
	return a, b, a.Furniture(isFurniture), b.Furniture(isFurniture)
}

func TestJudgeIsSymmetric(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, furnitureA, furnitureB := pages(t)
		there, back := Compare(a, b), Compare(b, a)
		v, w := there.Judge(furnitureA, furnitureB), back.Judge(furnitureB, furnitureA)
		if v != w.Swap() {
			t.Fatalf("Judge(a, b) = %+v,\nJudge(b, a) exchanged = %+v", v, w.Swap())
		}
		if v.Why() != w.Why() || v.Weight() != w.Weight() {
			t.Fatalf("Why(a, b) = %q, weight %g;\nWhy(b, a) = %q, weight %g", v.Why(), v.Weight(), w.Why(), w.Weight())
		}
		if there.SameStory() != back.SameStory() {
			t.Fatalf("SameStory(a, b) = %t, SameStory(b, a) = %t", there.SameStory(), back.SameStory())
		}
	})
}

// Two pages of as many own words, of which one has the shared part twice: neither is the smaller.
func TestJudgeIsSymmetricForEqualLengths(t *testing.T) {
	t.Parallel()
	shared := numbered("w", 40)
	a, b := shared+numbered("x", 60), shared+shared+numbered("y", 20)
	v, w := judge(a, b), judge(b, a)
	if v.OwnA != v.OwnB {
		t.Fatalf("a has %g own words, b %g, want as many", v.OwnA, v.OwnB)
	}
	if v != w.Swap() || v.Why() != w.Why() {
		t.Errorf("Judge(a, b) = %+v: %s\nJudge(b, a) exchanged = %+v: %s", v, v.Why(), w.Swap(), w.Why())
	}
	a, b = shared+numbered("x", 41), shared+"only "+shared
	if there, back := Compare(read(a), read(b)).SameStory(), Compare(read(b), read(a)).SameStory(); there != back {
		t.Errorf("SameStory(a, b) = %t, SameStory(b, a) = %t", there, back)
	}
}

func TestJudgeIsSymmetricOnWire(t *testing.T) {
	t.Parallel()
	c := wire()
	rapid.Check(t, func(t *rapid.T) {
		i, j := rapid.IntRange(0, len(c.ids)-1).Draw(t, "a"), rapid.IntRange(0, len(c.ids)-1).Draw(t, "b")
		if v, w := c.judge(i, j), c.judge(j, i).Swap(); v != w {
			t.Fatalf("%s and %s: %+v,\nexchanged %+v", c.ids[i], c.ids[j], v, w)
		}
		if v := c.judge(i, i); v.Kind != Exact || v.Jaccard != 1 {
			t.Fatalf("%s with itself is %v: %s", c.ids[i], v.Kind, v.Why())
		}
	})
}

func TestExactIffWordsAreEqual(t *testing.T) {
	t.Parallel()
	text := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"A", "a", "b ", " ", ".", "\n", "市", "’", "ä", "a\u0308", "ß"}), 0, 6), func(parts []string) string {
		return strings.Join(parts, "")
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := read(text.Draw(t, "a")), read(text.Draw(t, "b"))
		equal := a.Words.Len() > 0 && slices.Equal(a.Words.Hashes, b.Words.Hashes)
		v := Compare(a, b).Judge(nil, nil)
		if (v.Kind == Exact) != equal {
			t.Fatalf("Judge(%q, %q) = %v; the words are equal and there are some: %t", a.Text, b.Text, v.Kind, equal)
		}
		if a.Words.Len() == 0 && v.Kind != None {
			t.Fatalf("Judge(%q, %q) = %v, want none: the first has no words", a.Text, b.Text, v.Kind)
		}
	})
}

func TestSameStory(t *testing.T) {
	t.Parallel()
	story := numbered("w", 300)
	tests := []struct {
		name         string
		a, b         string
		siteA, siteB string
		want         bool
	}{
		{"the same", story, story, "a", "b", true},
		{"trimmed at the end", story, numbered("w", 150), "a", "b", true},
		{"trimmed at the end, on one site", story, numbered("w", 150), "a", "a", false},
		{"hardly changed, on one site", story, story + "more words", "a", "a", true},
		{"a block behind two leads", numbered("x", 100) + story, numbered("y", 100) + story, "a", "b", false},
		{"the lead alone", numbered("w", 80) + numbered("x", 300), numbered("w", 80) + numbered("y", 300), "a", "b", false},
		{"nothing", story, numbered("x", 300), "a", "b", false},
		{"half of the shorter, its lead", story, numbered("w", 60) + numbered("x", 50), "a", "b", true},
		{"less than half of the shorter, its lead", story, numbered("w", 60) + numbered("x", 70), "a", "b", false},
		{"nine tenths of both, on one site", story, numbered("w", 270) + numbered("x", 30), "a", "a", true},
		{"seven tenths of both, on one site", story, numbered("w", 210) + numbered("x", 90), "a", "a", false},
		{"seven tenths of both, on unknown sites", story, numbered("w", 210) + numbered("x", 90), "", "", true},
		{"a short text: its first third and half of it", numbered("w", 40) + numbered("x", 60), numbered("w", 25) + numbered("y", 10), "a", "b", true},
		{"a short text: less than 20 words", numbered("w", 18), numbered("w", 18), "a", "b", false},
		{"only runs of four words: no shingle is shared", brokenEvery(5, "x", 300), brokenEvery(5, "y", 300), "a", "b", false},
		{"a text of few words", "one two three four five", "one two three four five", "a", "b", false},
		{"empty", "", "", "a", "b", false},
	}
	for _, tt := range tests {
		a, b := Read(tt.a, tt.siteA, time.Time{}), Read(tt.b, tt.siteB, time.Time{})
		if there, back := Compare(a, b).SameStory(), Compare(b, a).SameStory(); there != tt.want || back != tt.want {
			t.Errorf("%s: SameStory = %t, exchanged %t, want %t", tt.name, there, back, tt.want)
		}
	}
}

// brokenEvery is a text of n words of which each n-th is another one by other names.
func brokenEvery(nth int, other string, n int) string {
	var b strings.Builder
	for i := range n {
		if i%nth == 0 {
			fmt.Fprintf(&b, "%s%d ", other, i)
		} else {
			fmt.Fprintf(&b, "w%d ", i)
		}
	}
	return b.String()
}

// On our own stories SameStory unites copies and rewrites only, and most of the copies.
func TestSameStoryOnWire(t *testing.T) {
	t.Parallel()
	c := wire()
	var r rate
	for _, p := range c.judgeAll() {
		same := Compare(c.readings[p.a], c.readings[p.b]).SameStory()
		if p.hand != "rewrite" {
			r.count(p.hand == "copy", same)
		}
		if same && p.hand != "copy" && p.hand != "rewrite" {
			t.Errorf("%s and %s (%s) are taken for one story when furniture is counted", c.ids[p.a], c.ids[p.b], p.hand)
		}
	}
	if r.recall() < 0.85 {
		t.Errorf("of the copies: %v, want recall 0.85 at least", r)
	}
}

// withoutHopeless is the verdict that the other rules would give.
func (p *Pair) withoutHopeless(furnitureA, furnitureB []bool) Verdict {
	var v Verdict
	p.weigh(&v, furnitureA, furnitureB)
	v.decide()
	return v
}

// checkHopeless checks what Hopeless and Refused promise of one pair; marks are those that Judge is given.
func checkHopeless(fatalf func(string, ...any), a, b *Reading, furnitureA, furnitureB []bool) {
	p := Compare(a, b)
	common := 0
	for _, h := range a.Set() {
		if slices.Contains(b.Set(), h) {
			common++
		}
	}
	sizeA, sizeB := float64(len(a.Set())), float64(len(b.Set()))
	union := sizeA + sizeB - float64(common)
	// In whole numbers, as rounding must not decide: Jaccard below 1/10, both containments below 3/10.
	want := sizeA == 0 || sizeB == 0 || 10*float64(common) < union && 10*float64(common) < 3*min(sizeA, sizeB)
	if p.Hopeless() != want {
		fatalf("Hopeless = %t with %d shingles in common of %g and %g, want %t", p.Hopeless(), common, sizeA, sizeB, want)
	}
	v := p.Judge(furnitureA, furnitureB)
	if p.Hopeless() {
		if v.Kind > Quote || v.Story || v.Refused() || p.SameStory() {
			fatalf("hopeless, but %v, story %t, refused %t, same story %t: %s", v.Kind, v.Story, v.Refused(), p.SameStory(), v.Why())
		}
		return
	}
	if v.Kind == Exact {
		return
	}
	if w := p.withoutHopeless(furnitureA, furnitureB); w.Kind != v.Kind || w.Story != v.Story || w.rule != v.rule {
		fatalf("not hopeless, but Judge says %v by rule %d, and the rules %v by rule %d", v.Kind, v.rule, w.Kind, w.rule)
	}
	if v.Refused() != (v.Kind == None) {
		fatalf("not hopeless and %v, but Refused = %t: %s", v.Kind, v.Refused(), v.Why())
	}
}

func TestHopeless(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, furnitureA, furnitureB := pages(t)
		checkHopeless(t.Fatalf, a, b, furnitureA, furnitureB)
		checkHopeless(t.Fatalf, a, b, nil, nil)
	})
}

func TestHopelessAtItsEdge(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		a, b string
		want bool
	}{
		{"both empty", "", "", true},
		{"one empty", "", numbered("w", 50), true},
		{"the same", numbered("w", 50), numbered("w", 50), false},
		{"one word, the same", "one", "One!", false},
		{"30 of 100 shingles in 2,000: containment 0.30", numbered("w", 34) + numbered("x", 70), numbered("w", 34) + numbered("y", 1970), false},
		{"29 of 100 shingles in 2,000: containment 0.29", numbered("w", 33) + numbered("x", 71), numbered("w", 33) + numbered("y", 1971), true},
		{"20 of 110 in 110: Jaccard 0.10", numbered("w", 24) + numbered("x", 90), numbered("w", 24) + numbered("y", 90), false},
		{"19 of 110 in 110: Jaccard below 0.10", numbered("w", 23) + numbered("x", 91), numbered("w", 23) + numbered("y", 91), true},
	}
	for _, tt := range tests {
		a, b := read(tt.a), read(tt.b)
		if there, back := Compare(a, b).Hopeless(), Compare(b, a).Hopeless(); there != tt.want || back != tt.want {
			t.Errorf("%s: Hopeless = %t, exchanged %t, want %t", tt.name, there, back, tt.want)
		}
	}
}

// Among all pairs of our own stories Hopeless drops no copy, none that the other rules would call one, and nothing else
// than wire.golden lists.
func TestHopelessOnWire(t *testing.T) {
	t.Parallel()
	c := wire()
	hopeless := 0
	for i := range c.ids {
		for j := range i {
			fatalf := func(format string, args ...any) {
				t.Errorf("%s and %s: %s", c.ids[i], c.ids[j], fmt.Sprintf(format, args...))
			}
			checkHopeless(fatalf, c.readings[i], c.readings[j], c.furniture[i], c.furniture[j])
			p := Compare(c.readings[i], c.readings[j])
			if !p.Hopeless() {
				continue
			}
			hopeless++
			for _, v := range []Verdict{p.withoutHopeless(nil, nil), p.withoutHopeless(c.furniture[i], c.furniture[j])} {
				if v.Kind > Rewrite {
					fatalf("hopeless, but without that rule %v: %s", v.Kind, v.Why())
				}
			}
		}
	}
	if all := len(c.ids) * (len(c.ids) - 1) / 2; hopeless < all*9/10 {
		t.Errorf("%d of %d pairs are hopeless, want nine tenths at least", hopeless, all)
	}
	for _, g := range c.gold {
		if g.hand == "copy" && Compare(c.readings[g.a], c.readings[g.b]).Hopeless() {
			t.Errorf("%s and %s are a copy, and hopeless", c.ids[g.a], c.ids[g.b])
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	box := numbered("box", 100)
	pageA, pageB := numbered("a", 80)+box, numbered("b", 80)+box
	marks := slices.Concat(make([]bool, 80), slices.Repeat([]bool{true}, 100))
	long := numbered("own", 400)
	tests := []struct {
		name  string
		a, b  string
		site  string
		marks []bool
		rule  rule
		want  bool
	}{
		{"nothing shared", numbered("x", 100), numbered("y", 100), "", nil, ruleNoOverlap, false},
		{"no words", "", "", "", nil, ruleNoOverlap, false},
		{"exact", box, box, "", nil, ruleExact, false},
		{"a copy", box, box + "more", "", nil, ruleCopy, false},
		{"a box before it is known as furniture", pageA, pageB, "", nil, ruleRewrite, false},
		{"a box that is furniture", pageA, pageB, "", marks, ruleFurniture, true},
		{"too little of one site", numbered("w", 40) + numbered("x", 80), numbered("w", 40) + numbered("y", 80), "a.example", nil, ruleTooLittle, true},
		{"a block of one site behind other leads", numbered("x", 120) + box, numbered("y", 120) + box, "a.example", nil, ruleBlock, true},
		{"quotations", quoted(box) + numbered("x", 150), quoted(box) + numbered("y", 150), "", nil, ruleQuotes, false},
		{"a trimmed text", long, numbered("own", 150), "", nil, ruleExcerpt, false},
	}
	for _, tt := range tests {
		pair := Compare(Read(tt.a, tt.site, time.Time{}), Read(tt.b, tt.site, time.Time{}))
		v := pair.Judge(tt.marks, tt.marks)
		if v.rule != tt.rule || v.Refused() != tt.want {
			t.Errorf("%s: rule %d, Refused %t, want %d, %t: %s", tt.name, v.rule, v.Refused(), tt.rule, tt.want, v.Why())
		}
		if back := v.Swap(); back.Refused() != tt.want {
			t.Errorf("%s: Swap().Refused() = %t, want %t", tt.name, back.Refused(), tt.want)
		}
	}
	if zero := (&Verdict{}); zero.Refused() {
		t.Error("the zero Verdict is refused, want that nothing is known of it")
	}
}

func TestRefusedOfEstimates(t *testing.T) {
	t.Parallel()
	sketched := func(text string) Sketched { return Sketched{Sketch: minhash.New(read(text).Shingles, 192)} }
	box := numbered("box", 100)
	pageA, pageB := sketched(numbered("a", 80)+box), sketched(numbered("b", 80)+box)
	all := func(uint64) bool { return true }
	none := func(uint64) bool { return false }
	counted := sketched(box).Sketch.Hashes
	counted = slices.DeleteFunc(slices.Clone(counted), func(h uint64) bool { return !Counted(h) })
	onlyCounted := Sketched{Sketch: minhash.Sketch{Scale: pageA.Sketch.Scale, Hashes: counted}}
	on := func(site string, s Sketched) Sketched {
		s.Site = site
		return s
	}
	tests := []struct {
		name        string
		a, b        Sketched
		isFurniture func(uint64) bool
		want        bool
	}{
		{"nothing shared", pageA, sketched(numbered("y", 100)), none, false},
		{"the same", pageA, pageA, none, false},
		{"a box before it is known", pageA, pageB, none, false},
		{"nothing but furniture, on one site", on("a", onlyCounted), on("a", onlyCounted), all, true},
		{"the same on sites unknown", onlyCounted, onlyCounted, all, true},
		{"the same on a site and one unknown", on("a", onlyCounted), onlyCounted, all, true},
		{"the same on one unknown and a site", onlyCounted, on("a", onlyCounted), all, true},
		{"the same on two sites, whatever it is", on("a", onlyCounted), on("b", onlyCounted), all, false},
		{"empty", Sketched{}, Sketched{}, none, false},
	}
	for _, tt := range tests {
		v := Estimate(tt.a, tt.b, tt.isFurniture)
		if v.Refused() != tt.want {
			t.Errorf("%s: Estimate = %v (Jaccard %.2f), Refused %t, want %t", tt.name, v.Kind, v.Jaccard, v.Refused(), tt.want)
		}
		if v.Refused() && v.Kind != None {
			t.Errorf("%s: refused, and yet %v", tt.name, v.Kind)
		}
	}
}

func TestWhy(t *testing.T) {
	t.Parallel()
	seen := make(map[string]rule)
	check := func(why string) {
		t.Helper()
		if why == "" || strings.Contains(why, "%!") || strings.Contains(why, "NaN") || strings.Contains(why, "Inf") || strings.ContainsAny(why, "\n") {
			t.Errorf("Why() = %q, want a sentence", why)
		}
	}
	for r := ruleNoOverlap; r <= ruleSketch; r++ {
		v := Verdict{rule: r}
		why := v.Why()
		check(why)
		if other, ok := seen[why]; ok {
			t.Errorf("rules %d and %d both say %q", other, r, why)
		}
		seen[why] = r
	}
	rules := make(map[rule]bool)
	for _, p := range wire().judgeAll() {
		check(p.verdict.Why())
		rules[p.verdict.rule] = true
	}
	for _, r := range []rule{ruleNoOverlap, ruleFurniture, ruleStory, ruleExcerpt, ruleCopy, ruleExact} {
		if !rules[r] {
			t.Errorf("no pair of our own stories is decided by rule %d", r)
		}
	}
}

// Where the texts leave no doubt, sketches of 192 hashes and more say the same.
func TestEstimateAgrees(t *testing.T) {
	t.Parallel()
	c := wire()
	for _, least := range []int{192, 256} {
		var sketched []Sketched
		for _, r := range c.readings {
			sketched = append(sketched, Sketched{Sketch: minhash.New(r.Shingles, least), Site: r.Site, Published: r.Published})
		}
		clear, unrelated := 0, 0
		for i := range c.ids {
			for j := range i {
				v, e := c.judge(i, j), Estimate(sketched[i], sketched[j], c.isFurniture)
				if !e.Estimated {
					t.Fatal("Estimate does not say that it is one")
				}
				if back := Estimate(sketched[j], sketched[i], c.isFurniture).Swap(); back != e {
					t.Errorf("Estimate(%s, %s) = %+v, exchanged %+v", c.ids[i], c.ids[j], e, back)
				}
				switch {
				case min(v.CoverageA, v.CoverageB) >= 0.85:
					clear++
					if e.Kind < Excerpt || !e.Story {
						t.Errorf("%d hashes: %s and %s are %v, estimated %v: %s", least, c.ids[i], c.ids[j], v.Kind, e.Kind, e.Why())
					}
				case v.Jaccard < 0.02:
					unrelated++
					if e.Kind != None || e.Story {
						t.Errorf("%d hashes: %s and %s are %v, estimated %v: %s", least, c.ids[i], c.ids[j], v.Kind, e.Kind, e.Why())
					}
				}
				if math.Abs(e.Jaccard-v.Jaccard) > 4*minhash.StandardError(max(v.Jaccard, 0.05), least) {
					t.Errorf("%d hashes: %s and %s have Jaccard %.3f, estimated %.3f", least, c.ids[i], c.ids[j], v.Jaccard, e.Jaccard)
				}
			}
		}
		if clear < 15 || unrelated < 4000 {
			t.Errorf("%d clear copies, %d unrelated pairs: too few to tell anything", clear, unrelated)
		}
		for _, g := range c.gold {
			if e := Estimate(sketched[g.a], sketched[g.b], c.isFurniture); (g.hand == "boilerplate" || g.hand == "template") && e.Kind >= Rewrite {
				t.Errorf("%d hashes: %s and %s (%s) are estimated %v: %s", least, c.ids[g.a], c.ids[g.b], g.hand, e.Kind, e.Why())
			}
		}
	}
}

// What two pages have in common is their own only where two sites are known to have it: there furniture is never half of an article.
func TestEstimateBetweenSites(t *testing.T) {
	t.Parallel()
	footer := read(numbered("footer", 404)).Shingles
	isFurniture := func(hash uint64) bool { return slices.Contains(footer, hash) }
	page := func(own, site string) Sketched {
		return Sketched{Sketch: minhash.New(read(numbered("footer", 404)+numbered(own, 280)).Shingles, 40), Site: site}
	}
	tests := []struct {
		a, b string
		want Kind
	}{
		{"", "", None}, {"one.example", "", None}, {"", "one.example", None}, {"one.example", "one.example", None},
		{"one.example", "two.example", Copy},
	}
	for _, tt := range tests {
		v := Estimate(page("a", tt.a), page("b", tt.b), isFurniture)
		if v.Kind != tt.want {
			t.Errorf("sites %q and %q: Estimate = %v (coverage %.2f), want %v", tt.a, tt.b, v.Kind, v.figures.coverage, tt.want)
		}
	}
}

func TestRetellsSketched(t *testing.T) {
	t.Parallel()
	page := func(text, site string) Sketched {
		return Sketched{Sketch: minhash.New(read(text).Shingles, 192), Site: site}
	}
	shared := numbered("w", 404)
	long := shared + numbered("a", 2000)
	tests := []struct {
		name string
		a, b Sketched
		want bool
	}{
		{"one text", page(shared, ""), page(shared, ""), true},
		{"one text on two sites", page(shared, "a"), page(shared, "b"), true},
		{"one text on one site", page(shared, "a"), page(shared, "a"), false},
		{"the whole of the shorter", page(shared, "a"), page(long, "b"), true},
		{"a fifth of each", page(long, "a"), page(shared+numbered("b", 1600), "b"), true},
		{"a twentieth of each", page(numbered("w", 104)+numbered("a", 2000), "a"), page(numbered("w", 104)+numbered("b", 2000), "b"), false},
		{"a part of the shorter", page(numbered("w", 204)+numbered("a", 2000), "a"), page(numbered("w", 204)+numbered("b", 300), "b"), true},
		{"nothing", page(numbered("a", 400), "a"), page(numbered("b", 400), "b"), false},
		{"too short to tell", page(numbered("w", 9), "a"), page(numbered("w", 9), "b"), false},
		{"empty", Sketched{}, Sketched{}, false},
	}
	for _, tt := range tests {
		if got := RetellsSketched(tt.a, tt.b); got != tt.want {
			t.Errorf("%s: RetellsSketched = %t, want %t", tt.name, got, tt.want)
		}
		if back := RetellsSketched(tt.b, tt.a); back != tt.want {
			t.Errorf("%s: exchanged RetellsSketched = %t, want %t", tt.name, back, tt.want)
		}
	}
}

func TestEstimateOfNothing(t *testing.T) {
	t.Parallel()
	none := func(uint64) bool { return false }
	full := Sketched{Sketch: minhash.New(read(numbered("w", 100)).Shingles, 192)}
	for _, pair := range [][2]Sketched{{}, {full, {}}, {{}, full}} {
		same, hopeless := SameStorySketched(pair[0], pair[1])
		if e := Estimate(pair[0], pair[1], none); e.Kind != None || e.Story || e.Jaccard != 0 || same || !hopeless {
			t.Errorf("Estimate with an empty sketch = %+v, want none", e)
		}
	}
	same, hopeless := SameStorySketched(full, full)
	if e := Estimate(full, full, none); e.Kind != Copy || e.CoverageA != 1 || !same || hopeless {
		t.Errorf("Estimate of a sketch with itself = %+v, want a copy: only words tell that it is exact", e)
	}
	if e := Estimate(full, full, func(uint64) bool { return true }); e.CoverageA != 1 {
		t.Errorf("Estimate where all counted hashes are furniture = %+v: the others are its own", e)
	}
}

func BenchmarkCompareAndJudge(b *testing.B) {
	c := wire()
	i, j := slices.Index(c.ids, "en-ferry-wire"), slices.Index(c.ids, "en-ferry-beacon")
	b.ReportAllocs()
	for b.Loop() {
		c.judge(i, j)
	}
}

func BenchmarkRead(b *testing.B) {
	text := wire().readings[0].Text
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		read(text).prepare()
	}
}

// No copy is below the margin.
func TestCopyMargin(t *testing.T) {
	t.Parallel()
	c := wire()
	for _, p := range c.judgeAll() {
		if is := p.verdict.Kind == Copy || p.verdict.Kind == Excerpt; is && p.verdict.CopyMargin() < 0 {
			t.Errorf("%s and %s are of kind %s with a margin of %g", c.ids[p.a], c.ids[p.b], p.verdict.Kind, p.verdict.CopyMargin())
		}
	}
	for _, test := range []struct {
		figures   figures
		estimated bool
		want      float64
	}{
		{figures{coverage: 0.75, unquoted: 1}, false, 0.25},
		{figures{coverage: 0.75, unquoted: 1, sameSite: true}, false, -0.05},
		{figures{coverage: 0.75, unquoted: 0.5}, false, -0.10},
		{figures{coverage: 0.75}, true, 0.35},
		{figures{coverage: 0.75, sameSite: true}, true, 0.05},
	} {
		v := Verdict{figures: test.figures, Estimated: test.estimated}
		if got := v.CopyMargin(); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("CopyMargin of %+v = %g, want %g", test, got, test.want)
		}
	}
}

// Each rule tells by which figures it decided.
func TestWhyHasFigures(t *testing.T) {
	t.Parallel()
	for r := ruleNoOverlap; r <= ruleSketch; r++ {
		for _, sameSite := range []bool{false, true} {
			v := Verdict{rule: r, figures: figures{sameSite: sameSite}}
			if why := v.Why(); !strings.ContainsAny(why, "0123456789") {
				t.Errorf("Why() of rule %d, one site %v = %q, want figures in it", r, sameSite, why)
			}
		}
	}
}
