package match

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// report is a reading with a title, of a site, published at a time.
func report(text, title, site string, published time.Time) *Reading {
	r := Read(text, site, published)
	r.Title = title
	return r
}

var noon = time.Date(2026, 4, 20, 12, 0, 0, 0, time.UTC)

func TestFurnitureStories(t *testing.T) {
	t.Parallel()
	const a, b = "Harbour crane falls on empty ferry", "Empty ferry hit by falling harbour crane"
	for _, tt := range []struct {
		name           string
		titleA, titleB string
		siteA, siteB   string
		timeA, timeB   time.Time
		want           int
	}{
		{"like titles of one day", a, b, "north.example", "south.example", noon, noon.Add(5 * time.Hour), FurnitureStoriesAlike},
		{"sites that are not known", a, b, "", "", noon, noon, FurnitureStoriesAlike},
		{"two days apart", a, b, "north.example", "south.example", noon, noon.Add(-48 * time.Hour), FurnitureStoriesAlike},
		{"more than two days apart", a, b, "north.example", "south.example", noon, noon.Add(48*time.Hour + time.Second), FurnitureStories},
		{"one site", a, b, "north.example", "north.example", noon, noon, FurnitureStories},
		{"a time that is not known", a, b, "north.example", "south.example", time.Time{}, noon, FurnitureStories},
		{"a title that is not known", a, "", "north.example", "south.example", noon, noon, FurnitureStories},
		{"other titles", a, "Council raises the price of parking", "north.example", "south.example", noon, noon, FurnitureStories},
		{"one word in common", "Crane", "Crane", "north.example", "south.example", noon, noon, FurnitureStories},
		{"like titles without spaces", "港口吊车倒在空渡轮上", "空渡轮被港口吊车砸中", "north.example", "south.example", noon, noon, FurnitureStoriesAlike},
		{"single characters in common", "港口吊车倒在空渡轮上", "上轮渡空在倒车吊口港", "north.example", "south.example", noon, noon, FurnitureStories},
	} {
		x, y := report("text", tt.titleA, tt.siteA, tt.timeA), report("text", tt.titleB, tt.siteB, tt.timeB)
		if there, back := Compare(x, y).FurnitureStories(), Compare(y, x).FurnitureStories(); there != tt.want || back != tt.want {
			t.Errorf("%s: FurnitureStories = %d, exchanged %d, want %d", tt.name, there, back, tt.want)
		}
	}
}

// On one site a text that stands in a longer one is a story, not furniture, if it is what both titles are about.
func TestSameStoryByTitles(t *testing.T) {
	t.Parallel()
	shared := "masked men broke into the river hotel on friday " + numbered("w", 60)
	short, long := shared, shared+" "+numbered("x", 70)
	for _, tt := range []struct {
		name           string
		titleA, titleB string
		want           bool
	}{
		{"titles of what is shared", "Masked men in river hotel", "River hotel: men broke in", true},
		{"one title of something else", "Masked men in river hotel", "Ten gardens to visit", false},
		{"no title", "Masked men in river hotel", "", false},
	} {
		a, b := report(short, tt.titleA, "north.example", noon), report(long, tt.titleB, "north.example", noon)
		if there, back := Compare(a, b).SameStory(), Compare(b, a).SameStory(); there != tt.want || back != tt.want {
			t.Errorf("%s: SameStory = %t, exchanged %t, want %t", tt.name, there, back, tt.want)
		}
	}
}

// form is a weekly price report.
func form(prices func(i int) int) string {
	var b strings.Builder
	for i, name := range strings.Fields("barley beans butter carrots cheese eggs flour hay honey leeks milk oats onions pears potatoes rye turnips wool") {
		fmt.Fprintf(&b, "A sack of %s cost %d crowns on Saturday at the market by the river. ", name, prices(i))
	}
	return b.String()
}

func TestForm(t *testing.T) {
	t.Parallel()
	// first is the issue of one week; another one has so many other prices
	issue := func(others int) string {
		return form(func(i int) int {
			if i < others {
				return 100 + i
			}
			return 5000 + i
		})
	}
	first := issue(0)
	for _, tt := range []struct {
		name string
		text string
		want Kind
	}{
		{"the same figures", first + " Reported by the north desk.", Copy},
		{"a third of the figures corrected", issue(6), Copy},
		{"other figures", issue(18), None},
		{"other figures, but for four", issue(14), None},
	} {
		p := Compare(read(first), read(tt.text))
		if v := p.Judge(nil, nil); v.Kind != tt.want {
			t.Errorf("%s: %s, want %s: %s", tt.name, v.Kind, tt.want, v.Why())
		}
		if same := p.SameStory(); same != (tt.want == Copy) {
			t.Errorf("%s: SameStory = %t", tt.name, same)
		}
	}
}

// A pair below the floor of raw overlap is a quote at most, and only with enough of the text.
func TestFaint(t *testing.T) {
	t.Parallel()
	// runs of four words stand in both texts, with other words between: hardly a shingle in common
	faint := func(own string, runs, between int) string {
		var b strings.Builder
		for i := range runs {
			b.WriteString(numbered(fmt.Sprintf("r%d", i), 4) + " " + numbered(fmt.Sprintf("%s%d", own, i), between) + " ")
		}
		return b.String()
	}
	for _, tt := range []struct {
		name          string
		runs, between int
		want          Kind
	}{
		{"forty words of a hundred", 10, 6, Quote},
		{"twenty words of fifty", 5, 6, None},
		{"forty words of four hundred", 10, 36, None},
	} {
		p := Compare(read(faint("a", tt.runs, tt.between)), read(faint("b", tt.runs, tt.between)))
		if v := p.Judge(nil, nil); !p.Hopeless() || v.Kind != tt.want || v.Story || v.Why() == "" {
			t.Errorf("%s: hopeless %t, %s, story %t, want %s: %s", tt.name, p.Hopeless(), v.Kind, v.Story, tt.want, v.Why())
		}
	}
}

// A copy of a story that many tell is known though its site put text above it, which is most of a lead, and an editor changed a word in seven.
func TestRetells(t *testing.T) {
	t.Parallel()
	wire := strings.Fields(numbered("w", 240))
	edited := make([]string, len(wire))
	for i, w := range wire {
		if edited[i] = w; i%7 == 3 {
			edited[i] = fmt.Sprint("e", i)
		}
	}
	story := strings.Join(wire, " ")
	copied := numbered("above", 60) + " " + strings.Join(edited, " ")
	quoting := numbered("own", 200) + " " + strings.Join(wire[:40], " ")
	for _, tt := range []struct {
		name  string
		text  string
		sites [2]string
		want  bool
	}{
		{"an edited copy below other text", copied, [2]string{"north.example", "south.example"}, true},
		{"on one site", copied, [2]string{"north.example", "north.example"}, false},
		{"one passage of it", quoting, [2]string{"north.example", "south.example"}, false},
	} {
		a, b := report(story, "", tt.sites[0], noon), report(tt.text, "", tt.sites[1], noon)
		if there, back := Compare(a, b).Retells(), Compare(b, a).Retells(); there != tt.want || back != tt.want {
			t.Errorf("%s: Retells = %t, exchanged %t, want %t", tt.name, there, back, tt.want)
		}
	}
}

func TestTitlesAtTheirEdges(t *testing.T) {
	t.Parallel()
	titled := func(title string) *Reading { return report("", title, "", noon) }
	for title, want := range map[string]int{
		"":                  0,
		"Crane falls Crane": 2,
		"港口起重机":             4, // each two neighbours
		"港 口":               0,
		"港口abc":             2, // the word, and two characters before it
		"abc港口":             2,
		"港abc":              1,
	} {
		if got := len(titled(title).titleTerms()); got != want {
			t.Errorf("the title %q has %d terms, want %d", title, got, want)
		}
	}
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"one two three four five", "one two six seven eight", true},
		{"one two three four five nine", "one two six seven eight ten", false},
		{"one two", "one six", false},
		{"one two", "one two six seven eight ten eleven", true},
		{"", "", false},
	} {
		if got := alike(titled(tt.a).titleTerms(), titled(tt.b).titleTerms()); got != tt.want {
			t.Errorf("%q and %q are alike: %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestTitledPartOfCoveredWords(t *testing.T) {
	t.Parallel()
	r := report("A crane stands by the falls", "Crane falls", "", noon)
	for covered, want := range map[string]float64{"......": 0, ".x....": .5, ".x...x": 1, "xxxxxx": 1, ".....x": .5} {
		marks := make([]bool, len(covered))
		for i := range covered {
			marks[i] = covered[i] == 'x'
		}
		if got := r.titled(marks); got != want {
			t.Errorf("titled(%s) = %v, want %v", covered, got, want)
		}
	}
}

func TestFormsAtTheirEdges(t *testing.T) {
	t.Parallel()
	numbered := func(from, n int) *Reading {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "price %d ", 100+from+i)
		}
		return Read(b.String(), "", noon)
	}
	for _, tt := range []struct {
		n, shared int
		want      bool
	}{{16, 5, true}, {16, 6, false}, {15, 4, false}, {17, 5, true}} {
		if got := Compare(numbered(0, tt.n), numbered(tt.n-tt.shared, tt.n)).isForm(); got != tt.want {
			t.Errorf("two texts with %d numbers of which %d are shared: isForm() = %v, want %v", tt.n, tt.shared, got, tt.want)
		}
	}
}
