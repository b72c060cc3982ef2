package extract

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
)

// linked is what the JSON-LD of a page says of the article (schema.org/Article).
type linked struct {
	headline  string
	body      string
	published string
	language  string
}

// maxDepthLD is how deep we look for the article. Real pages have it at 1 to 4: array, @graph, mainEntity.
const maxDepthLD = 8

// readJSONLD finds the article in the JSON-LD blocks of a page. Of a block that is not JSON we take what can be had. Where there are
// several articles, the first counts: the others are what the page links to. The date of the page itself stands in for one
// that the article does not give.
func readJSONLD(blocks []string) linked {
	var of, page linked
	for _, block := range blocks {
		var v any
		clean := cleanJSON(block)
		if json.Unmarshal(clean, &v) == nil {
			walkLD(v, 0, &of, &page)
		} else if of == (linked{}) {
			of = salvage(clean)
		}
	}
	if of.published == "" {
		of.published = page.published
	}
	return of
}

// cleanJSON mends what browsers and search engines overlook: comment marks around the block, a semicolon behind it, and raw
// control characters in strings.
func cleanJSON(block string) []byte {
	block = strings.TrimSpace(block)
	for _, mark := range []string{"<!--", "//<![CDATA[", "<![CDATA["} {
		block = strings.TrimSpace(strings.TrimPrefix(block, mark))
	}
	for _, mark := range []string{"-->", "//]]>", "]]>", ";"} {
		block = strings.TrimSpace(strings.TrimSuffix(block, mark))
	}
	out := []byte(block)
	for i, c := range out {
		if c < ' ' {
			out[i] = ' '
		}
	}
	return out
}

var brokenField = regexp.MustCompile(`"(@type|headline|datePublished)"\s*:\s*("(?:[^"\\]|\\.)*")`)

// salvage reads the first headline and date of an article from JSON that is broken elsewhere: a comma too many, quotation
// marks in a description.
func salvage(block []byte) linked {
	fields := map[string]any{}
	isArticle := false
	for _, m := range brokenField.FindAllSubmatch(block, maxBrokenFields) {
		name, value := string(m[1]), ""
		if json.Unmarshal(m[2], &value) != nil {
			continue
		}
		if name == "@type" {
			isArticle = isArticle || isArticleType(value)
		} else if _, ok := fields[name]; !ok {
			fields[name] = value
		}
	}
	var of linked
	if isArticle {
		of.fill(fields)
	}
	return of
}

const maxBrokenFields = 1000

func walkLD(v any, depth int, of, page *linked) {
	if depth > maxDepthLD {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			walkLD(item, depth+1, of, page)
		}
	case map[string]any:
		switch {
		case isType(v["@type"], isArticleType) && *of == linked{}:
			of.fill(v)
		case isType(v["@type"], isPageType) && *page == linked{}:
			page.fill(v)
		}
		for _, key := range []string{"@graph", "mainEntity", "mainEntityOfPage"} {
			walkLD(v[key], depth+1, of, page)
		}
	}
}

func (l *linked) fill(v map[string]any) {
	for _, field := range []struct {
		into *string
		key  string
	}{{&l.headline, "headline"}, {&l.body, "articleBody"}, {&l.published, "datePublished"}, {&l.language, "inLanguage"}} {
		if s, ok := v[field.key].(string); ok {
			*field.into = strings.TrimSpace(html.UnescapeString(s))
		}
	}
}

// isType reports whether one of the types of an object is of a sort; "@type" is a string or a list of them.
func isType(v any, is func(string) bool) bool {
	switch v := v.(type) {
	case string:
		return is(v)
	case []any:
		for _, t := range v {
			if s, ok := t.(string); ok && is(s) {
				return true
			}
		}
	}
	return false
}

func isArticleType(t string) bool {
	t = t[strings.LastIndexAny(t, "/:")+1:] // "http://schema.org/NewsArticle"
	switch {
	case strings.HasSuffix(t, "Article"), strings.HasSuffix(t, "Review"), t == "Report":
		return true
	}
	return strings.HasSuffix(t, "Posting") && t != "JobPosting"
}

func isPageType(t string) bool {
	return strings.HasSuffix(t, "WebPage") || strings.HasSuffix(t, "ItemPage")
}
