package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/dedupe-news/dedupe/report"
)

// page is a parsed page, and the figures that it carries.
type page struct {
	root    *html.Node
	source  []byte
	figures report.Report
}

func parse(t *testing.T, r report.Report) page {
	t.Helper()
	p := page{source: render(t, r)}
	var err error
	if p.root, err = html.Parse(bytes.NewReader(p.source)); err != nil {
		t.Fatal(err)
	}
	script := p.find(func(n *html.Node) bool { return attribute(n, "id") == "figures" })
	if len(script) != 1 || script[0].Data != "script" || attribute(script[0], "type") != "application/json" {
		t.Fatalf("page has %d elements #figures, want one script of application/json", len(script))
	}
	if err := json.Unmarshal([]byte(text(script[0])), &p.figures); err != nil {
		t.Fatal(err)
	}
	return p
}

// find returns the elements for which yes is true, in their order.
func (p page) find(yes func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && yes(n) {
			found = append(found, n)
		}
	}
	return found
}

func (p page) byClass(element, class string) []*html.Node {
	return p.find(func(n *html.Node) bool {
		return n.Data == element && slices.Contains(strings.Fields(attribute(n, "class")), class)
	})
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is what n and what is in it say.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// tidy is text with each blank, broken or not, as one blank.
func tidy(n *html.Node) string { return strings.Join(strings.Fields(text(n)), " ") }

// rows are the cells of the bodies of tables.
func rows(tables ...*html.Node) [][]string {
	var all [][]string
	for _, table := range tables {
		for n := range table.Descendants() {
			if n.DataAtom != atom.Tr || n.Parent.DataAtom == atom.Thead {
				continue
			}
			var row []string
			for cell := range n.ChildNodes() {
				if cell.DataAtom == atom.Td || cell.DataAtom == atom.Th {
					row = append(row, tidy(cell))
				}
			}
			all = append(all, row)
		}
	}
	return all
}

// TestFigures: the page is a function of the JSON that it carries, which is the short report.
func TestFigures(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		p := parse(t, r)
		if diff := cmp.Diff(asJSON(t, r.Short()), asJSON(t, p.figures)); diff != "" {
			t.Errorf("%s: the figures in the page are not those of Short (-want +got):\n%s", name, diff)
		}
		if again := render(t, p.figures); !bytes.Equal(again, p.source) {
			t.Errorf("%s: the page of its own figures is another one", name)
		}
	}
}

func asJSON(t *testing.T, r report.Report) string {
	t.Helper()
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestTables compares each cell with the figures, written by other means than those of the package.
func TestTables(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"small", "news", "years"} {
		p := parse(t, samples()[name])
		f := p.figures
		all := f.Kept + f.Dropped
		same := func(what string, got [][]string, want [][]string) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", name, what, diff)
			}
		}
		numbers := func(row []string) []string { return row[len(row)-3:] }

		want := [][]string{{commas(f.Kept), percentage(f.Kept, all), size(f.KeptBytes)}}
		for _, k := range f.Copies {
			want = append(want, []string{commas(k.Articles), percentage(k.Articles, all), size(k.Bytes)})
		}
		want = append(want, []string{commas(all), "", size(f.KeptBytes + f.DroppedBytes)})
		var got [][]string
		for _, row := range rows(p.byClass("table", "parts")...) {
			got = append(got, numbers(row))
		}
		same("parts", got, want)

		want = nil
		for _, s := range f.Sites {
			row := []string{s.Site, "", commas(s.Articles), commas(s.Kept), commas(s.Dropped), percentage(s.Dropped, s.Articles), commas(s.First), ""}
			if s.Site == "" {
				row[0] = "no site"
			}
			if s.CopiedFrom.Articles > 0 {
				row[7] = s.CopiedFrom.Site + " " + commas(s.CopiedFrom.Articles)
			}
			want = append(want, row)
		}
		same("sites", rows(p.byClass("table", "sites")...), want)

		want = nil
		layout := map[string]string{"day": "2006-01-02", "month": "2006-01"}[f.DaysUnit]
		for _, d := range f.Days {
			want = append(want, []string{d.Day.Time().Format(layout), commas(d.Kept + d.Dropped), commas(d.Kept), commas(d.Dropped), percentage(d.Dropped, d.Kept+d.Dropped)})
		}
		same("days", rows(p.byClass("table", "days")...), want)

		want = nil
		for _, s := range f.Skipped {
			want = append(want, []string{s.Reason, s.File, s.First, commas(s.Count)})
		}
		same("skipped", rows(p.byClass("table", "skipped")...), want)

		want = nil
		for _, r := range f.PassedOver {
			want = append(want, []string{r.Reason, commas(r.Count)})
		}
		same("passed over", rows(p.byClass("table", "passed")...), want)

		want = nil
		for _, in := range f.Inputs {
			want = append(want, []string{in.Name, commas(in.Articles), size(in.Bytes)})
		}
		same("inputs", rows(p.byClass("table", "inputs")...), want)

		var big []string
		for _, n := range p.byClass("p", "figure") {
			big = append(big, tidy(n))
		}
		var wantBig []string
		for _, c := range f.Clusters {
			wantBig = append(wantBig, commas(c.Size)+" articles")
		}
		for _, u := range f.Furniture {
			wantBig = append(wantBig, commas(u.Stories)+" stories")
		}
		if diff := cmp.Diff(wantBig, big); diff != "" {
			t.Errorf("%s: sizes of stories and furniture (-want +got):\n%s", name, diff)
		}
	}
}

// TestEveryNumber: no number in the page but those that follow from the figures.
func TestEveryNumber(t *testing.T) {
	t.Parallel()
	number := regexp.MustCompile(`[0-9][0-9,.:-]*`)
	for _, name := range []string{"small", "news", "years", "empty", "copies"} {
		p := parse(t, samples()[name])
		known := map[string]bool{}
		say := func(s string) {
			for _, n := range number.FindAllString(s, -1) {
				known[strings.Trim(n, ",.:-")] = true
			}
		}
		allowed(p.figures, say)
		for n := range p.root.Descendants() {
			if n.Type != html.TextNode || n.Parent.Data == "script" || n.Parent.Data == "style" {
				continue
			}
			for _, n := range number.FindAllString(n.Data, -1) {
				if n := strings.Trim(n, ",.:-"); !known[n] {
					t.Errorf("%s: the page has the number %s, which does not follow from its figures", name, n)
				}
			}
		}
	}
}

// allowed says all numbers that a page of f may have.
func allowed(f report.Report, say func(string)) {
	all := f.Kept + f.Dropped
	for _, n := range []int{
		all, f.Kept, f.Dropped, f.Outside, f.Rewrites, f.Stories, f.CopyClusters, f.Undated, len(f.Inputs) + f.LeftOut.Inputs.Entries, f.Stories - len(f.Clusters),
		f.Earlier.Articles(), f.Later.Articles(), len(f.Days), len(f.Sites) - 25, 0,
	} {
		say(commas(n))
	}
	for _, b := range []int64{f.InputBytes, f.KeptBytes, f.DroppedBytes, f.KeptBytes + f.DroppedBytes} {
		say(size(b))
	}
	for _, at := range []time.Time{f.Began, f.Since, f.Until} {
		say(at.Format("2006-01-02 15:04"))
	}
	say(percentage(f.Dropped, all))
	say(percentage(f.Kept, all))
	say(f.Version)
	say(f.Output)
	say(f.Earlier.Day.String() + " " + f.Later.Day.String())
	sites, skipped, passed := f.LeftOut.Sites.Entries, 0, 0
	copies := f.Dropped
	for _, k := range f.Copies {
		if k.Kind == "known" || k.Kind == "same id" {
			copies -= k.Articles
		}
		say(commas(k.Articles) + " " + percentage(k.Articles, all) + " " + size(k.Bytes))
	}
	say(commas(copies) + " " + percentage(copies, all))
	for _, s := range f.Sites {
		say(fmt.Sprint(s.Site, " ", commas(s.Articles), " ", commas(s.Kept), " ", commas(s.Dropped), " ", percentage(s.Dropped, s.Articles), " ", commas(s.First), " ", s.CopiedFrom.Site, " ", commas(s.CopiedFrom.Articles)))
		if s.Site != "" {
			sites++
		}
	}
	for _, c := range f.Clusters {
		say(fmt.Sprint(c.ID, " ", c.Title, " ", commas(c.Size), " ", commas(c.Copies), " ", commas(c.Rewrites), " ", commas(c.Sites), " ", c.Spread, " ", len(c.Spread)))
		say(c.First.Format("2006-01-02 15:04") + " " + c.Last.Format("2006-01-02 15:04"))
	}
	for _, d := range f.Days {
		say(fmt.Sprint(d.Day, " ", d.Day.Time().Format("2006-01"), " ", commas(d.Articles()), " ", commas(d.Kept), " ", commas(d.Dropped), " ", percentage(d.Dropped, d.Articles())))
	}
	if n := len(f.Days); n > 1 { // labels below the chart also name days without articles; beside it are round numbers
		for d := f.Days[0].Day; d <= f.Days[n-1].Day; d++ {
			say(d.String() + " " + d.Time().Format("2006-01"))
		}
		for ten := 1; ten < 10_000; ten *= 10 {
			for i := range 10 {
				say(commas(i * ten))
			}
		}
	}
	for _, u := range f.Furniture {
		say(u.Text + " " + u.Example + " " + commas(u.Stories))
	}
	for _, s := range f.Skipped {
		say(s.File + " " + s.Reason + " " + s.First + " " + commas(s.Count))
		skipped += s.Count
	}
	for _, r := range f.PassedOver {
		say(r.Reason + " " + commas(r.Count))
		passed += r.Count
	}
	for _, in := range f.Inputs {
		say(in.Name + " " + commas(in.Articles) + " " + size(in.Bytes))
	}
	say(commas(sites) + " " + commas(skipped) + " " + commas(passed))
	minutes := int(f.Seconds+0.5) / 60
	say(fmt.Sprintf("%.1f %d %d %d %d", f.Seconds, minutes, int(f.Seconds+0.5)%60, (minutes+1)/60, (minutes+1)%60))
}

// commas is the slow twin of grouped.
func commas(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return commas(n/1000) + fmt.Sprintf(",%03d", n%1000)
}

// percentage is percent, with common blanks.
func percentage(part, whole int) string {
	p := 100 * float64(part) / float64(whole)
	switch {
	case whole == 0:
		return ""
	case part == 0 || part == whole:
		return fmt.Sprintf("%.0f %%", p)
	case p < 0.1:
		return "< 0.1 %"
	case p > 99.9:
		return "> 99.9 %"
	case p < 9.95 || p >= 99:
		return fmt.Sprintf("%.1f %%", p)
	}
	return fmt.Sprintf("%.0f %%", p)
}

// size is byteSize for what the samples have, with common blanks.
func size(n int64) string {
	f, unit := float64(n), "B"
	for _, larger := range []string{"KB", "MB", "GB"} {
		if f < 1000 {
			break
		}
		f, unit = f/1000, larger
	}
	switch {
	case unit == "B":
		return fmt.Sprintf("%.0f B", f)
	case f < 9.995:
		return fmt.Sprintf("%.2f %s", f, unit)
	case f < 99.95:
		return fmt.Sprintf("%.1f %s", f, unit)
	}
	return fmt.Sprintf("%.0f %s", f, unit)
}

// TestHarmless: texts of others add no element, no attribute and no hidden character to a page, wherever they are.
func TestHarmless(t *testing.T) {
	t.Parallel()
	shape := func(p page) []string {
		var all []string
		for n := range p.root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			s := n.Data
			for _, a := range n.Attr {
				s += " " + a.Key
			}
			all = append(all, s)
		}
		return all
	}
	filled := func(text string) page {
		var r report.Report
		fill(reflect.ValueOf(&r).Elem(), text, 2)
		return parse(t, r)
	}
	want := shape(filled("harmless"))
	for _, attack := range attacks {
		if attack == "" { // has no elements of its own
			continue
		}
		p := filled(attack)
		if diff := cmp.Diff(want, shape(p)); diff != "" {
			t.Errorf("%q everywhere changes the elements of a page (-want +got):\n%s", attack, diff)
		}
		for _, r := range string(p.source) {
			switch {
			case r == '\n' || r == unicode.ReplacementChar:
			case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r >= 0xe0000 && r <= 0xe007f, r == 0xfeff, r == 0xad:
				t.Errorf("%q everywhere leaves %U in the page", attack, r)
			}
		}
	}
}

// TestNothingIsLoaded: no element, attribute or style that a browser would follow by itself, and a policy that forbids the rest.
func TestNothingIsLoaded(t *testing.T) {
	t.Parallel()
	elements := strings.Fields(`html head meta title style body main header footer section h1 h2 h3 p strong em code span bdi a br
		dl dt dd div table thead tbody tfoot tr th td ol li details summary svg desc g rect line text script`)
	attributes := strings.Fields(`lang charset http-equiv content name class id dir href rel role scope aria-labelledby aria-hidden data-label open type
		width height x y x1 x2 y1 y2 dx dy rx`)
	for name, r := range samples() {
		p := parse(t, r)
		var styles []string
		for _, n := range p.find(func(*html.Node) bool { return true }) {
			if !slices.Contains(elements, n.Data) {
				t.Errorf("%s: the page has an element %s", name, n.Data)
			}
			for _, a := range n.Attr {
				if !slices.Contains(attributes, a.Key) {
					t.Errorf("%s: %s has an attribute %s", name, n.Data, a.Key)
				}
			}
			switch n.Data {
			case "style":
				styles = append(styles, text(n))
			case "script":
				if attribute(n, "type") != "application/json" {
					t.Errorf("%s: there is a script that runs", name)
				}
			case "a":
				href := attribute(n, "href")
				if !strings.HasPrefix(href, "#") && !strings.HasPrefix(strings.ToLower(href), "http://") && !strings.HasPrefix(strings.ToLower(href), "https://") {
					t.Errorf("%s: link to %q", name, href)
				}
				if !strings.HasPrefix(href, "#") && attribute(n, "rel") != "noreferrer noopener nofollow ugc" {
					t.Errorf("%s: link with rel=%q", name, attribute(n, "rel"))
				}
			}
		}
		if len(styles) != 1 || strings.Contains(styles[0], "url(") || strings.Contains(styles[0], "@import") {
			t.Fatalf("%s: %d styles, or one that loads something", name, len(styles))
		}
		hash := sha256.Sum256([]byte(styles[0]))
		want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'"
		policies := p.find(func(n *html.Node) bool { return attribute(n, "http-equiv") != "" })
		if len(policies) != 1 || attribute(policies[0], "content") != want {
			t.Errorf("%s: policy is not %s", name, want)
		}
	}
}

// TestLinks: what is linked, and what is not.
func TestLinks(t *testing.T) {
	t.Parallel()
	for url, linked := range map[string]bool{
		"https://a.example/x?y=1&z=%20":      true,
		"HTTP://a.example":                   true,
		"http://a.example/é":                 true,
		"":                                   false,
		"javascript:alert(1)":                false,
		"JaVaScRiPt://a.example/%0aalert(1)": false,
		"data:text/html,<b>":                 false,
		"//a.example/":                       false,
		"/news/1":                            false,
		"https:///x":                         false,
		"https://bank.example@a.example/":    false,
		"https://a.example/\u202e":           false,
		"https://a.example/\x00":             false,
		"https://a.example/" + strings.Repeat("a", 600): false,
	} {
		p := parse(t, report.Report{Stories: 1, Clusters: []report.Cluster{{ID: "c1", Title: "title", URL: url, Size: 2, Copies: 1}}})
		links := p.find(func(n *html.Node) bool { return n.Data == "a" })
		if got := len(links) == 1; got != linked {
			t.Errorf("URL %.80q is linked: %t, want %t", url, got, linked)
		}
	}
}

// TestOutline: headings step down one at a time, ids are given once, what is labelled by an id has it, header cells have a scope.
func TestOutline(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		p := parse(t, r)
		ids := map[string]int{}
		level := 0
		for _, n := range p.find(func(*html.Node) bool { return true }) {
			if id := attribute(n, "id"); id != "" {
				ids[id]++
			}
			if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
				if next := int(n.Data[1] - '0'); next > level+1 {
					t.Errorf("%s: heading %q is on level %d after %d", name, tidy(n), next, level)
				}
				level = int(n.Data[1] - '0')
			}
			if n.Data == "th" && attribute(n, "scope") == "" {
				t.Errorf("%s: header cell %q has no scope", name, tidy(n))
			}
			if n.Data == "svg" && attribute(n, "role") != "img" && attribute(n, "aria-hidden") != "true" {
				t.Errorf("%s: a chart is neither an image with a name nor hidden", name)
			}
		}
		for id, n := range ids {
			if n != 1 {
				t.Errorf("%s: the id %s is given %d times", name, id, n)
			}
		}
		for _, n := range p.find(func(n *html.Node) bool { return attribute(n, "aria-labelledby") != "" }) {
			for _, id := range strings.Fields(attribute(n, "aria-labelledby")) {
				if ids[id] == 0 {
					t.Errorf("%s: %s is labelled by %s, which is not there", name, n.Data, id)
				}
			}
		}
		if roots := p.find(func(n *html.Node) bool { return n.Data == "html" }); attribute(roots[0], "lang") != "en" {
			t.Errorf("%s: the page does not say its language", name)
		}
	}
}

// TestSections: what there is nothing of is left out.
func TestSections(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"small":   {"What the copies are", "When they were published", "The biggest stories", "Sites", "Furniture", "What was skipped", "What was read"},
		"empty":   {"What was skipped"},
		"nothing": {"What was skipped"},
		"copies":  {"What the copies are", "When they were published", "What was skipped"},
	} {
		var got []string
		for _, n := range parse(t, samples()[name]).find(func(n *html.Node) bool { return n.Data == "h2" }) {
			got = append(got, tidy(n))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: sections (-want +got):\n%s", name, diff)
		}
	}
}

// TestMore: what is left out is counted.
func TestMore(t *testing.T) {
	t.Parallel()
	var got []string
	for _, n := range parse(t, hostileReport()).find(func(n *html.Node) bool { return n.Data == "th" || n.Data == "p" || n.Data == "summary" }) {
		if s := tidy(n); strings.HasPrefix(s, "and ") || strings.Contains(s, "more site") {
			got = append(got, s)
		}
	}
	want := []string{"and 12,320 more", "75 more sites", "and 4,900 more", "and 4,980 more", "and 4,975 more", "and 4,970 more", "and 4,950 more"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is left out (-want +got):\n%s", diff)
	}
}

func TestHeadline(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]report.Report{
		"Of 37,554 articles 24,310 are unique; 13,244 (35 %) are copies.": {Rows: 37_554, Kept: 24_310, Dropped: 13_244},
		"Of 2 articles 1 is unique; 1 (50 %) is a copy.":                  {Rows: 2, Kept: 1, Dropped: 1},
		"Of 10,001 articles 10,000 are unique; 1 (< 0.1 %) is a copy.":    {Rows: 10_001, Kept: 10_000, Dropped: 1},
		"Of 3 articles 2 are unique; 1 (33 %) is a copy.":                 {Rows: 4, Kept: 2, Dropped: 1, Outside: 1},
		"All 7 articles are unique.":                                      {Rows: 7, Kept: 7},
		"All 7 articles are copies.":                                      {Rows: 7, Dropped: 7},
		"Of 100 articles 60 are unique; 30 (30 %) are copies, 9 (9.0 %) were known, 1 (1.0 %) has the id of a later one.": {
			Rows: 100, Kept: 60, Dropped: 40,
			Copies: []report.KindCount{{Kind: "exact", Articles: 25}, {Kind: "known", Articles: 9}, {Kind: "copy", Articles: 5}, {Kind: "same id", Articles: 1}},
		},
		"Of 5 articles 0 are unique; 1 (20 %) was known, 4 (80 %) have the id of a later one.": {
			Rows: 5, Dropped: 5, Copies: []report.KindCount{{Kind: "same id", Articles: 4}, {Kind: "known", Articles: 1}},
		},
		"All 3 articles were known.":                  {Rows: 3, Dropped: 3, Copies: []report.KindCount{{Kind: "known", Articles: 3}}},
		"The one article was known.":                  {Rows: 1, Dropped: 1, Copies: []report.KindCount{{Kind: "known", Articles: 1}}},
		"The one article is unique.":                  {Rows: 1, Kept: 1},
		"The one article is a copy.":                  {Rows: 1, Dropped: 1},
		"No article was read.":                        {},
		"No article was published between the dates.": {Rows: 5, Outside: 5},
	} {
		p := parse(t, r)
		for _, element := range []string{"h1", "title"} {
			if n := p.find(func(n *html.Node) bool { return n.Data == element && n.Namespace == "" })[0]; tidy(n) != want {
				t.Errorf("%s = %q, want %q", element, tidy(n), want)
			}
		}
	}
}
