package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

// printed returns what print writes to an output like the one given.
func printed(t *testing.T, like output, print func(*output) error) string {
	t.Helper()
	var b bytes.Buffer
	like.w = bufio.NewWriter(&b)
	if err := print(&like); err != nil {
		t.Fatal(err)
	}
	if err := like.flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTable(t *testing.T) {
	t.Parallel()
	rows := [][]cell{
		{{"copy", red}, words("en-1"), words("0.93"), words("Ferries collide in fog")},
		{{"new", green}, words("云泽-2"), words(""), words("a\tb\x1b[2J")},
		{{"copy", red}, words("an-id-that-is-too-long"), words("~1.00"), words("")},
	}
	print := func(out *output) error {
		table := newTable(out, " ", column{name: "status"}, column{name: "id", most: 10},
			column{name: "jaccard", right: true}, column{name: "title"})
		for i, row := range rows {
			if err := table.row(row...); err != nil {
				return err
			}
			if i == 1 {
				if err := table.flush(); err != nil {
					return err
				}
			}
		}
		return table.flush()
	}
	for _, test := range []struct {
		name string
		out  output
		want string
	}{
		{"pipe", output{}, `
copy	en-1	0.93	Ferries collide in fog
new	云泽-2		a␉b␛[2J
copy	an-id-that-is-too-long	~1.00	
`},
		{"terminal", output{people: true, columns: 80}, `
 STATUS  ID      JACCARD  TITLE
 copy    en-1       0.93  Ferries collide in fog
 new     云泽-2           a␉b␛[2J
 copy    an-i…-long    ~1.00
`},
		{"narrow terminal", output{people: true, columns: 47}, `
 STATUS  ID      JACCARD  TITLE
 copy    en-1       0.93  Ferries collide in f…
 new     云泽-2           a␉b␛[2J
 copy    an-i…-long    ~1.00
`},
		{"very narrow terminal", output{people: true, columns: 25}, `
 STATUS  ID      JACCARD
 copy    en-1       0.93
 new     云泽-2
 copy    an-i…-long    ~1.00
`},
		{"colours", output{people: true, color: true}, `
 [2mSTATUS[0m  [2mID[0m      [2mJACCARD[0m  [2mTITLE[0m
 [31mcopy[0m    en-1       0.93  Ferries collide in fog
 [32mnew[0m     云泽-2           a␉b␛[2J
 [31mcopy[0m    an-i…-long    ~1.00
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := strings.ReplaceAll(printed(t, test.out, print), "\x1b", "")
			if want := test.want[1:]; got != want {
				t.Errorf("table =\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// The title gives way first, then the site, then the date; ids never do.
func TestTableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	id, date, site, title := strings.Repeat("i", 60), strings.Repeat("d", 16), strings.Repeat("s", 40), strings.Repeat("t", 100)
	for _, test := range []struct{ columns, id, date, site, title int }{
		{0, 60, 16, 32, 100},
		{300, 60, 16, 32, 100},
		{144, 60, 16, 32, 30},
		{122, 60, 16, 32, 8},
		{121, 60, 16, 32, 0},
		{112, 60, 16, 32, 0},
		{111, 60, 16, 0, 31}, // what the site took
		{88, 60, 16, 0, 8},
		{78, 60, 16, 0, 0},
		{77, 60, 0, 0, 15},
		{60, 60, 0, 0, 0},
		{20, 60, 0, 0, 0}, // lines are wrapped
	} {
		got := printed(t, output{people: true, columns: test.columns}, func(out *output) error {
			table := newTable(out, "", column{name: "i"}, column{name: "d", drop: 2},
				column{name: "s", most: siteColumns, drop: 1}, column{name: "t"})
			return errors.Join(table.row(words(id), words(date), words(site), words(title)), table.flush())
		})
		_, row, _ := strings.Cut(got, "\n")
		widths := map[byte]int{}
		for _, field := range strings.Fields(row) {
			widths[field[0]] = displayWidth(field)
		}
		for name, want := range map[byte]int{'i': test.id, 'd': test.date, 's': test.site, 't': test.title} {
			if widths[name] != want {
				t.Errorf("%d columns: field %c takes %d, want %d: %s", test.columns, name, widths[name], want, row)
			}
		}
	}
}

// Where other columns are left out than in the rows above, there is another header.
func TestTableHeaderComesAgain(t *testing.T) {
	t.Parallel()
	got := printed(t, output{people: true, columns: 24}, func(out *output) error {
		table := newTable(out, "", column{name: "id"}, column{name: "site", drop: 1}, column{name: "title"})
		var err error
		for _, id := range []string{"a", "b", strings.Repeat("c", 22), "d"} {
			err = errors.Join(err, table.row(words(id), words("x.org"), words("Fog")), table.flush())
		}
		return err
	})
	want := `
ID  SITE   TITLE
a   x.org  Fog
b   x.org  Fog
ID
cccccccccccccccccccccc
d
`
	if got != want[1:] {
		t.Errorf("table =\n%s\nwant\n%s", got, want[1:])
	}
}

// A message on standard error comes behind what was printed before it, between whole lines.
func TestMessagesComeBetweenLines(t *testing.T) {
	t.Parallel()
	var screen bytes.Buffer
	env := &environment{
		stdout: &screen, stderr: &screen,
		getenv:   func(string) string { return "" },
		terminal: func(any) (int, bool) { return 80, true },
	}
	out := env.newOutput()
	line := strings.Repeat("x", 3000)
	for range 2 {
		if err := out.line(words(line)); err != nil {
			t.Fatal(err)
		}
	}
	env.warn("a %s", "warning")
	env.say("a remark")
	if err := errors.Join(out.line(words("last")), out.flush()); err != nil {
		t.Fatal(err)
	}
	if got, want := screen.String(), line+"\n"+line+"\ndedupe: a warning\na remark\nlast\n"; got != want {
		t.Errorf("on the screen stands\n%s\nwant\n%s", got, want)
	}
}

func TestObjectEscapesWhatIsHidden(t *testing.T) {
	t.Parallel()
	title := "a\x1b\u009b\u202e\x7f\U000e0041<é>\u2028\n云"
	got := printed(t, output{json: true}, func(out *output) error { return out.object(map[string]string{"title": title}) })
	want := `{"title":"a\u001b\u009b\u202e\u007f\udb40\udc41<é>\u2028\n云"}` + "\n"
	if got != want {
		t.Errorf("object = %s, want %s", got, want)
	}
	var back map[string]string
	if err := json.Unmarshal([]byte(got), &back); err != nil || back["title"] != title {
		t.Errorf("reading it again gives %q, %v, want %q", back["title"], err, title)
	}
}

func TestNewOutput(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		terminal      bool
		json          bool
		vars          map[string]string
		people, color bool
	}{
		{name: "pipe"},
		{name: "terminal", terminal: true, people: true, color: true},
		{name: "NO_COLOR", terminal: true, vars: map[string]string{"NO_COLOR": "1"}, people: true},
		{name: "dumb terminal", terminal: true, vars: map[string]string{"TERM": "dumb"}, people: true},
		{name: "JSON on a terminal", terminal: true, json: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := &environment{
				stdout:   &bytes.Buffer{},
				getenv:   func(name string) string { return test.vars[name] },
				terminal: func(any) (int, bool) { return 80, test.terminal },
				json:     test.json,
			}
			if out := env.newOutput(); out.people != test.people || out.color != test.color {
				t.Errorf("newOutput: people %v, color %v, want %v, %v", out.people, out.color, test.people, test.color)
			}
		})
	}
}

var (
	monday = time.Date(2026, 3, 9, 13, 5, 0, 0, time.UTC)
	story  = index.Cluster{ID: "c1", Representative: "wire", Weakest: 0.416, Members: []index.Member{
		{ID: "wire", Kind: match.Exact, Jaccard: 1, Containment: 1, Contained: "wire", Cluster: "c1",
			Title: "Ferries collide", URL: "https://wire.example/1", Site: "wire.example", Published: monday},
		{ID: "post", Kind: match.Copy, Jaccard: 0.934, Containment: 0.96, Contained: "wire", Cluster: "c1",
			Title: "Fog\ncollision\x1b[2J", Site: "post.example", Published: monday.Add(time.Hour)},
		{ID: "late", Kind: match.Rewrite, Jaccard: 0.2, Containment: 0.41, Contained: "post", Cluster: "c1", Via: "post",
			Estimated: true, Title: "After the crash"},
	}}
)

func TestClusterPrinter(t *testing.T) {
	t.Parallel()
	print := func(out *output) error { return clusterPrinter(out)(story) }
	for _, test := range []struct {
		name string
		out  output
		want string
	}{
		{"terminal", output{people: true, columns: 120}, `
c1 · 3 articles · weakest link 0.42 · Ferries collide
  KIND      JACC   CONT  PUBLISHED         SITE          ID    TITLE
  first                  2026-03-09 13:05  wire.example  wire  Ferries collide
  copy      0.93   0.96  2026-03-09 14:05  post.example  post  Fog collision␛[2J
  rewrite  ~0.20  ~0.41                                  late  [via post] After the crash

`},
		{"pipe", output{}, `
c1	wire	first			2026-03-09 13:05	wire.example	wire		Ferries collide	0.42
c1	wire	copy	0.93	0.96	2026-03-09 14:05	post.example	post		Fog collision␛[2J	0.42
c1	wire	rewrite	~0.20	~0.41			late	post	After the crash	0.42
`},
		{"JSON", output{json: true}, `
{"type":"cluster","cluster":"c1","representative":"wire","size":3,"weakest":0.416,"members":[` +
			`{"id":"wire","kind":"exact","jaccard":1,"containment":1,"contained":"wire","estimated":false,` +
			`"title":"Ferries collide","url":"https://wire.example/1","site":"wire.example","published":"2026-03-09T13:05:00Z"},` +
			`{"id":"post","kind":"copy","jaccard":0.934,"containment":0.96,"contained":"wire","estimated":false,` +
			`"title":"Fog\ncollision\u001b[2J","url":"","site":"post.example","published":"2026-03-09T14:05:00Z"},` +
			`{"id":"late","kind":"rewrite","jaccard":0.2,"containment":0.41,"contained":"post","estimated":true,"via":"post",` +
			`"title":"After the crash","url":"","site":""}]}
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, want := printed(t, test.out, print), test.want[1:]; got != want {
				t.Errorf("cluster =\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// People see which way an excerpt goes. The representative is not called first if nobody knows when it was published.
func TestMemberCells(t *testing.T) {
	t.Parallel()
	c := index.Cluster{ID: "c1", Representative: "a", Members: []index.Member{
		{ID: "a", Kind: match.Exact, Jaccard: 1, Containment: 1, Contained: "a"},
		{ID: "b", Kind: match.Excerpt, Jaccard: 0.5, Containment: 1, Contained: "b"},
		{ID: "c", Kind: match.Excerpt, Jaccard: 0.5, Containment: 1, Contained: "a"},
		{ID: "d", Kind: match.Copy, Jaccard: 0.5, Containment: 0.9, Contained: "d"},
	}}
	for _, test := range []struct {
		out  output
		want []string
	}{
		{output{people: true}, []string{"-", "excerpt <", "excerpt >", "copy"}},
		{output{}, []string{"-", "excerpt", "excerpt", "copy"}},
	} {
		for i, m := range c.Members {
			if got := memberCells(&test.out, c, m)[0].text; got != test.want[i] {
				t.Errorf("people %v: kind of %s = %q, want %q", test.out.people, m.ID, got, test.want[i])
			}
		}
	}
	if got := memberCells(&output{people: true}, c, c.Members[1])[0].style; got != kindStyle("excerpt") {
		t.Errorf("an excerpt has style %q, want %q", got, kindStyle("excerpt"))
	}
}

func TestPrintComparison(t *testing.T) {
	t.Parallel()
	c := index.Comparison{
		A:    article.Article{ID: "wire", Title: "Ferries collide", Published: monday},
		B:    article.Article{ID: "post", Title: "Fog collision"},
		Kind: match.Excerpt, Why: "own coverage 0.95, want 0.59", Jaccard: 0.31,
		ContainmentA: 0.4, ContainmentB: 0.97, CoverageA: 0.41, CoverageB: 0.95,
		WordsA: 1420, OwnA: 1400, WordsB: 176, OwnB: 176,
		FurnitureA: []index.Span{{Start: 10, End: 60}, {Start: 100, End: 140}},
	}
	for i := range 12 {
		c.Passages = append(c.Passages, index.Passage{
			Words: 40 - i, A: index.Span{Start: i, End: i + 200}, B: index.Span{Start: 2 * i, End: 2*i + 200}, Text: "two car\nferries\x1b",
		})
	}
	text := printed(t, output{people: true, columns: 100}, func(out *output) error { return printComparison(out, c, false) })
	want := `excerpt: own coverage 0.95, want 0.59

   ID    WORDS  FURNITURE  CONTAINMENT  COVERAGE  PUBLISHED         TITLE
a  wire  1,420         20         0.40      0.41  2026-03-09 13:05  Ferries collide
b  post    176          0         0.97      0.95                    Fog collision
jaccard 0.31

12 shared passages, 414 words
  WORDS  BYTES IN A  BYTES IN B  COUNTS AS  TEXT
     40  0-200       0-200       own        two car ferries␛
`
	if !strings.HasPrefix(text, want) {
		t.Errorf("comparison =\n%s\nwant it to begin with\n%s", text, want)
	}
	if want := "\n  … 2 more with --all\n"; !strings.HasSuffix(text, want) {
		t.Errorf("comparison =\n%s\nwant it to end with %q", text, want)
	}
	narrow := printed(t, output{people: true, columns: 40}, func(out *output) error { return printComparison(out, c, false) })
	if want := "\n  WORDS  COUNTS AS  TEXT\n     40  own        two car ferries␛\n"; !strings.Contains(narrow, want) {
		t.Errorf("comparison in 40 columns =\n%s\nwant %q in it", narrow, want)
	}
	for _, all := range []bool{false, true} {
		fields := printed(t, output{}, func(out *output) error { return printComparison(out, c, all) })
		want := map[bool]int{false: 10, true: 12}[all]
		if got := strings.Count(fields, "\npassage\t"); got != want {
			t.Errorf("all %v: %d passages, want %d, in\n%s", all, got, want, fields)
		}
	}
	for i := range 11 {
		c.OnlyB = append(c.OnlyB, index.Part{Words: 30 - i, Span: index.Span{Start: 300 * i, End: 300*i + 150}, Text: "one\nlantern"})
	}
	text = printed(t, output{people: true, columns: 100}, func(out *output) error { return printComparison(out, c, false) })
	if want := "\nonly in b: 275 words in 11 passages\n  WORDS  BYTES IN B  TEXT\n     30  0-150       one lantern\n"; !strings.Contains(text, want) || strings.Contains(text, "only in a") {
		t.Errorf("comparison =\n%s\nwant %q in it, and nothing only in a", text, want)
	}
	if want := "\n  … 1 more with --all\n"; !strings.HasSuffix(text, want) {
		t.Errorf("comparison =\n%s\nwant it to end with %q", text, want)
	}
	for _, all := range []bool{false, true} {
		want := map[bool]int{false: 10, true: 11}[all]
		fields := printed(t, output{}, func(out *output) error { return printComparison(out, c, all) })
		if got := strings.Count(fields, "\nonly\tb\t"); got != want {
			t.Errorf("all %v: %d passages only in b, want %d, in\n%s", all, got, want, fields)
		}
		if object := comparisonOf(c, all).Only.B; object.Words != 275 || object.Count != 11 || len(object.Passages) != want {
			t.Errorf("all %v: only in b %+v, want %d passages", all, object, want)
		}
	}
	c = index.Comparison{A: c.A, B: c.B, Why: "nothing shared"}
	object := printed(t, output{json: true}, func(out *output) error { return printComparison(out, c, false) })
	wantObject := `{"type":"comparison","a":{"id":"wire","words":0,"own_words":0,"containment":0,"coverage":0},` +
		`"b":{"id":"post","words":0,"own_words":0,"containment":0,"coverage":0},"kind":"none","why":"nothing shared","jaccard":0,` +
		`"passages":[],"furniture":{"a":[],"b":[]},"only":{"a":{"words":0,"count":0,"passages":[]},"b":{"words":0,"count":0,"passages":[]}}}` + "\n"
	if object != wantObject {
		t.Errorf("comparison = %s, want %s", object, wantObject)
	}
}

// A passage is furniture if more than half of it is, in either article.
func TestFurniturePassages(t *testing.T) {
	t.Parallel()
	c := index.Comparison{
		FurnitureA: []index.Span{{Start: 0, End: 30}, {Start: 50, End: 80}},
		FurnitureB: []index.Span{{Start: 1000, End: 1100}},
	}
	for _, test := range []struct {
		name string
		a, b index.Span
		want bool
	}{
		{"inside", index.Span{Start: 0, End: 30}, index.Span{Start: 0, End: 30}, true},
		{"half", index.Span{Start: 10, End: 50}, index.Span{Start: 0, End: 40}, false},
		{"more than half, in two pieces", index.Span{Start: 10, End: 80}, index.Span{Start: 0, End: 70}, true},
		{"only in b", index.Span{Start: 100, End: 150}, index.Span{Start: 1040, End: 1090}, true},
		{"neither", index.Span{Start: 100, End: 150}, index.Span{Start: 900, End: 950}, false},
	} {
		c.Passages = []index.Passage{{Words: 9, A: test.a, B: test.b, Text: "x"}}
		if got := comparisonOf(c, false).Passages[0].Furniture; got != test.want {
			t.Errorf("%s: furniture %v, want %v", test.name, got, test.want)
		}
		fields := printed(t, output{}, func(out *output) error { return printComparison(out, c, false) })
		if want := map[bool]string{false: "\town\tx\n", true: "\tfurniture\tx\n"}[test.want]; !strings.HasSuffix(fields, want) {
			t.Errorf("%s: in a pipe\n%s\nwant %q at the end", test.name, fields, want)
		}
	}
}

func TestPrintChecked(t *testing.T) {
	t.Parallel()
	checked := index.Checked{Articles: 3, Postings: 1100, Edges: 2, Clusters: 1, Problems: []index.Problem{
		{Record: `article "x"`, What: "has no\x1b postings"},
	}}
	for _, test := range []struct {
		name string
		out  output
		want string
	}{
		{"terminal", output{people: true}, `
article "x": has no␛ postings
articles  3
postings  1,100
matches   2
clusters  1
problems  1
`},
		{"pipe", output{}, `
problem	article "x"	has no␛ postings
articles	3
postings	1100
matches	2
clusters	1
problems	1
`},
		{"JSON", output{json: true}, `
{"type":"problem","record":"article \"x\"","what":"has no\u001b postings"}
{"type":"check","articles":3,"postings":1100,"edges":2,"clusters":1,"problems":1}
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := printed(t, test.out, func(out *output) error { return printChecked(out, checked) })
			if want := test.want[1:]; got != want {
				t.Errorf("checked =\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestPrintStats(t *testing.T) {
	t.Parallel()
	stats := index.Stats{Articles: 2000, Stories: 3, DiskBytes: 8_640_000, TextKept: true, Format: 1, Scheme: index.Scheme{ShingleWords: 5}}
	s := statistics{stats, "news.index", []index.Furniture{{Text: "Read\nalso", Stories: 1200, Example: "a1"}}}
	text := printed(t, output{people: true}, func(out *output) error { return printStats(out, s) })
	for _, want := range []string{"articles             2,000\n", "on disk              8.64 MB\n", "on disk an article   4.32 KB\n", "texts kept           yes\n",
		"the commonest furniture\n", "    1,200  a1       Read also\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("stats =\n%s\nwant a line %q", text, want)
		}
	}
	fields := printed(t, output{}, func(out *output) error { return printStats(out, s) })
	if want := "\npassage\t1200\ta1\tRead also\n"; !strings.Contains(fields, want) {
		t.Errorf("stats =\n%s\nwant a line %q", fields, want)
	}
	empty := printed(t, output{json: true}, func(out *output) error { return printStats(out, statistics{}) })
	if want := `"bytes_per_article":0,`; !strings.Contains(empty, want) {
		t.Errorf("stats of an empty index = %s, want %s in it", empty, want)
	}
}

func TestStatusLine(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	s := statusLine{w: &b, on: true}
	s.update("%d articles", 1)
	s.update("%d articles", 2) // too soon
	s.clear()
	s.clear()
	if got, want := b.String(), "\r\x1b[K1 articles\r\x1b[K"; got != want {
		t.Errorf("status line = %q, want %q", got, want)
	}
	b.Reset()
	off := statusLine{w: &b}
	off.update("x")
	off.clear()
	if b.Len() > 0 {
		t.Errorf("status line that is off = %q, want nothing", b.String())
	}
}
