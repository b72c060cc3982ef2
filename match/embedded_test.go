package match

import (
	"slices"
	"testing"
	"time"
)

// marked are the marks of n words, of which those in ranges are furniture.
func marked(n int, ranges ...[2]int) []bool {
	marks := make([]bool, n)
	for _, r := range ranges {
		for i := r[0]; i < r[1]; i++ {
			marks[i] = true
		}
	}
	return marks
}

func TestWithoutEmbedded(t *testing.T) {
	t.Parallel()
	const n = 200
	r := read(numbered("w", n))
	all, none := marked(n, [2]int{0, n}), marked(n)
	for _, tt := range []struct {
		name               string
		furniture, covered []bool
		want               []bool
	}{
		{"in the midst of shared text", marked(n, [2]int{80, 100}), all, none},
		{"beside text that nobody shares", marked(n, [2]int{80, 100}), marked(n, [2]int{80, 100}), marked(n, [2]int{80, 100})},
		{"a long block in shared text", marked(n, [2]int{80, 141}), all, marked(n, [2]int{80, 141})},
		{"as long as can be", marked(n, [2]int{80, 140}), all, none},
		{"at the end, behind shared text", marked(n, [2]int{180, n}), all, none},
		{"at the beginning, before text of its own", marked(n, [2]int{0, 20}), marked(n, [2]int{100, n}), marked(n, [2]int{0, 20})},
		{"two runs, one of them embedded", marked(n, [2]int{20, 40}, [2]int{150, 170}), marked(n, [2]int{0, 80}), marked(n, [2]int{150, 170})},
		{"nothing but furniture", all, all, all},
		{"hardly any own words", marked(n, [2]int{0, 5}, [2]int{9, 20}, [2]int{21, n}), all, marked(n, [2]int{0, 5}, [2]int{9, 20}, [2]int{21, n})},
		{"no furniture", none, all, none},
		{"nil: nothing is known", nil, all, nil},
	} {
		before := slices.Clone(tt.furniture)
		got, changed := withoutEmbedded(r, tt.furniture, tt.covered)
		if !slices.Equal(got, tt.want) || changed == slices.Equal(tt.furniture, tt.want) {
			t.Errorf("%s: withoutEmbedded marks %v (changed: %v), want %v", tt.name, places(got), changed, places(tt.want))
		}
		if !slices.Equal(before, tt.furniture) {
			t.Errorf("%s: the marks that were given have changed", tt.name)
		}
	}
}

// places are the marked ones.
func places(marks []bool) []int {
	var list []int
	for i, is := range marks {
		if is {
			list = append(list, i)
		}
	}
	return list
}

// A sentence that three newsrooms took over looks like furniture. In two edits of one report it counts; on one site it does not.
func TestJudgeStoryTextThatLooksLikeFurniture(t *testing.T) {
	t.Parallel()
	common := numbered("fact", 30)
	a := numbered("one", 25) + common + numbered("two", 25) + numbered("x", 8)
	b := numbered("one", 25) + common + numbered("two", 25) + numbered("y", 12)
	marks := func(words int) []bool { return marked(words, [2]int{25, 55}) }
	judged := func(siteA, siteB string) Verdict {
		return Compare(Read(a, siteA, time.Time{}), Read(b, siteB, time.Time{})).Judge(marks(88), marks(92))
	}
	if v := judged("a.example", "b.example"); v.OwnA != 88 || v.Kind != Copy {
		t.Errorf("on two sites: %v with %g own words of 88, want copy with all: %s", v.Kind, v.OwnA, v.Why())
	}
	if v := judged("a.example", "a.example"); v.OwnA != 58 {
		t.Errorf("on one site: %g own words, want 58: furniture stays aside", v.OwnA)
	}
}

// What fills two pages of two sites from the beginning to the end is what they are, though other pages have it too; a block is not.
func TestJudgeWholeTextThatLooksLikeFurniture(t *testing.T) {
	t.Parallel()
	shared := numbered("one", 50) + numbered("two", 50)
	for _, tt := range []struct {
		name         string
		a, b         string
		siteA, siteB string
		want         Kind
	}{
		{"on two sites", shared, shared + numbered("more", 100), "a.example", "b.example", Copy},
		{"… with words between", numbered("one", 50) + numbered("x", 20) + numbered("two", 50), shared, "a.example", "b.example", Copy},
		{"on one site", shared, shared + numbered("more", 100), "a.example", "a.example", None},
		{"on sites that are not known", shared, shared + numbered("more", 100), "", "", None},
		{"a third of the longer", shared, shared + numbered("more", 200), "a.example", "b.example", None},
		{"a block", numbered("x", 50) + shared, numbered("y", 50) + shared, "a.example", "b.example", None},
		{"fifty words", numbered("one", 50), numbered("one", 50) + numbered("more", 10), "a.example", "b.example", None},
	} {
		a, b := Read(tt.a, tt.siteA, time.Time{}), Read(tt.b, tt.siteB, time.Time{})
		v := Compare(a, b).Judge(marked(a.Words.Len(), [2]int{0, a.Words.Len()}), marked(b.Words.Len(), [2]int{0, b.Words.Len()}))
		if v.Kind != tt.want {
			t.Errorf("%s: %v, want %v: %s", tt.name, v.Kind, tt.want, v.Why())
		}
	}
}

func TestTinyTextsNeedTheirTitles(t *testing.T) {
	t.Parallel()
	with := func(text, title string) *Reading {
		r := read(text)
		r.Title = title
		return r
	}
	const short, long = "Read also: the news of today", "Eleven words are few, but with one more word there are twelve of them here"
	for _, tt := range []struct {
		name string
		a, b *Reading
		want Kind
	}{
		{"other titles", with(short, "The mayor resigns"), with(short, "A stork lands"), None},
		{"the same title", with(short, "The mayor resigns"), with(short, "The Mayor resigns!"), Exact},
		{"one title unknown", with(short, "The mayor resigns"), with(short, ""), Exact},
		{"no titles", with(short, ""), with(short, ""), Exact},
		{"enough words", with(long, "The mayor resigns"), with(long, "A stork lands"), Exact},
	} {
		v := Compare(tt.a, tt.b).Judge(nil, nil)
		if v.Kind != tt.want {
			t.Errorf("%s: %v, want %v: %s", tt.name, v.Kind, tt.want, v.Why())
		}
	}
	if !with(short, "").Tiny() || with(long, "").Tiny() {
		t.Error("Tiny does not tell a text of five words from one of fourteen")
	}
}

// On one site an update with other paragraphs in it is a version of the story, if both are of one week.
func TestVersions(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	a := numbered("a", 30) + numbered("p", 15) + numbered("b", 20) + numbered("q", 20) + numbered("c", 15)
	b := numbered("a", 30) + numbered("r", 20) + numbered("b", 20) + numbered("s", 25) + numbered("c", 15)
	judged := func(later time.Duration) Verdict {
		return Compare(Read(a, "a.example", day), Read(b, "a.example", day.Add(later))).Judge(nil, nil)
	}
	if v := judged(24 * time.Hour); v.Kind != Rewrite || !v.Story || v.rule != ruleVersion {
		t.Errorf("a day later: %v, story %t: %s; want versions of one story", v.Kind, v.Story, v.Why())
	}
	if v := judged(30 * 24 * time.Hour); v.Story {
		t.Errorf("a month later: one story: %s; want another one", v.Why())
	}
}
