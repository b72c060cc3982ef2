package extract

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Limits of what one page may leave behind in a scan. Real pages stay far below: the most that one page of the
// benchmark has are 76 metas, 6 blocks of JSON-LD and 34 time elements.
const (
	maxMetas      = 512
	maxBlocksLD   = 64
	maxHeadings   = 8
	maxTimes      = 256
	maxValueBytes = 4 << 10
)

// facts are what a page says of itself, as its source spells it: nothing is chosen or parsed yet.
type facts struct {
	language  string            // <html lang>
	base      string            // <base href>
	canonical string            // <link rel=canonical href>
	title     string            // <title>
	headings  []string          // <h1>, in order
	meta      map[string]string // by lower-case name, property, http-equiv or itemprop; the first that has a content
	jsonLD    []string          // the scripts of type application/ld+json
	times     []timeElement     // <time>, and what else carries a machine-readable date

	// nodes is an upper bound, about, of the nodes that a parse will make of the page.
	nodes int
}

// timeElement is <time datetime="…">.
type timeElement struct {
	value     string
	published bool // its class or itemprop says that this is the time of publication
	aside     bool // it stands in a sidebar, a menu or the footer
}

// scan reads what a page says of itself, in one pass over its tokens. It takes time and memory linear in the length of the
// page whatever the page does, because it builds no tree.
func scan(page []byte) facts {
	s := scanner{z: html.NewTokenizer(bytes.NewReader(page)), facts: facts{meta: map[string]string{}}}
	for {
		switch s.z.Next() {
		case html.ErrorToken: // the end: a reader of bytes has no other error
			return s.facts
		case html.StartTagToken, html.SelfClosingTagToken:
			s.startTag()
		case html.EndTagToken:
			s.endTag()
		case html.TextToken:
			s.nodes += 1 + s.formatting
			if s.into != nil && s.into.Len() < maxValueBytes {
				s.into.Write(s.z.Text())
			}
		}
	}
}

type scanner struct {
	facts
	z     *html.Tokenizer
	into  *strings.Builder // where text goes: a heading or the title
	aside int              // open sidebars, menus and footers

	// formatting counts the formatting elements that are open, all and by name. A parser opens them again in every
	// paragraph: with 500 of them each "<p>x" makes 502 nodes.
	formatting int
	open       [len(formattingElements)]int
}

// formattingElements are those of the HTML standard, section 13.2.4.3.
var formattingElements = [...]atom.Atom{
	atom.A, atom.B, atom.Big, atom.Code, atom.Em, atom.Font, atom.I, atom.Nobr, atom.S, atom.Small, atom.Strike, atom.Strong,
	atom.Tt, atom.U,
}

func formattingIndex(a atom.Atom) int {
	for i, f := range formattingElements {
		if f == a {
			return i
		}
	}
	return -1
}

func (s *scanner) startTag() {
	name, more := s.z.TagName()
	tag := atom.Lookup(name)
	s.nodes += 1 + s.formatting
	if i := formattingIndex(tag); i >= 0 {
		s.open[i]++
		s.formatting++
	}
	switch tag {
	case atom.Aside, atom.Nav, atom.Footer:
		s.aside++
	case atom.Html, atom.Base, atom.Link, atom.Meta, atom.Time, atom.Script:
		if more {
			s.element(tag, s.attributes())
		}
	case atom.Title:
		if s.title == "" { // the first one; others belong to drawings
			s.title = s.rawText()
		}
	case atom.H1:
		s.into = nil
		if len(s.headings) < maxHeadings {
			s.into = new(strings.Builder)
		}
	case atom.Span, atom.Div, atom.P, atom.Abbr:
		if more {
			s.microdata(s.attributes())
		}
	}
}

func (s *scanner) endTag() {
	name, _ := s.z.TagName()
	tag := atom.Lookup(name)
	if i := formattingIndex(tag); i >= 0 && s.open[i] > 0 {
		s.open[i]--
		s.formatting--
	}
	switch tag {
	case atom.Aside, atom.Nav, atom.Footer:
		s.aside = max(0, s.aside-1)
	case atom.H1:
		if s.into != nil {
			if text := oneLine(html.UnescapeString(s.into.String())); text != "" {
				s.headings = append(s.headings, text)
			}
			s.into = nil
		}
	}
}

// rawText returns the text of an element that the tokenizer reads as one piece: title and script.
func (s *scanner) rawText() string {
	if s.z.Next() != html.TextToken {
		return ""
	}
	s.nodes++
	return string(s.z.Text())
}

// attributes returns the attributes of the tag, the names in lower case; of two with one name the first counts.
func (s *scanner) attributes() map[string]string {
	attrs := make(map[string]string, 4)
	for more := true; more; {
		var key, value []byte
		key, value, more = s.z.TagAttr()
		if _, ok := attrs[string(key)]; !ok && len(value) <= maxValueBytes {
			attrs[string(key)] = string(value)
		}
	}
	return attrs
}

func (s *scanner) element(tag atom.Atom, attrs map[string]string) {
	switch tag {
	case atom.Html:
		if s.language == "" {
			s.language = firstOf(attrs["lang"], attrs["xml:lang"])
		}
	case atom.Base:
		if s.base == "" {
			s.base = attrs["href"]
		}
	case atom.Link:
		if s.canonical == "" && strings.EqualFold(strings.TrimSpace(attrs["rel"]), "canonical") {
			s.canonical = attrs["href"]
		}
	case atom.Meta:
		for _, key := range []string{"name", "property", "itemprop", "http-equiv"} {
			s.addMeta(attrs[key], attrs["content"])
		}
	case atom.Time:
		s.addTime(attrs["datetime"], attrs["itemprop"]+" "+attrs["class"]+" "+attrs["pubdate"])
		if _, ok := attrs["pubdate"]; ok && len(s.times) > 0 {
			s.times[len(s.times)-1].published = true
		}
	case atom.Script:
		kind, _, _ := strings.Cut(strings.ToLower(attrs["type"]), ";")
		if strings.TrimSpace(kind) == "application/ld+json" && len(s.jsonLD) < maxBlocksLD {
			s.jsonLD = append(s.jsonLD, s.rawText())
		}
	}
}

// microdata takes the date of <span itemprop="datePublished" content="…">.
func (s *scanner) microdata(attrs map[string]string) {
	if strings.EqualFold(attrs["itemprop"], "datePublished") {
		s.addMeta("datePublished", firstOf(attrs["content"], attrs["datetime"]))
	}
}

func (s *scanner) addMeta(key, content string) {
	key = strings.ToLower(strings.TrimSpace(key))
	content = strings.TrimSpace(content)
	if key == "" || content == "" || s.meta[key] != "" || len(s.meta) >= maxMetas {
		return
	}
	s.meta[key] = content
}

func (s *scanner) addTime(value, says string) {
	if value = strings.TrimSpace(value); value == "" || len(s.times) >= maxTimes {
		return
	}
	says = strings.ToLower(says)
	s.times = append(s.times, timeElement{
		value:     value,
		published: strings.Contains(says, "publish") || strings.Contains(says, "pubdate"),
		aside:     s.aside > 0,
	})
}

// firstOf returns the first string that is not blank, trimmed.
func firstOf(values ...string) string {
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}
