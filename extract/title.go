package extract

import (
	"html"
	"strings"
	"unicode"
)

// title chooses the headline: best what readers see at the head of the article, without the name of the site.
//
// A page has up to five headlines. Metas are written for links ("Opinion | Is Football Violence a Crime?"), <title> for tabs
// ("… - WSJ"), and the first <h1> is the site's logo or another story on one page in sixteen (11 of 181). So the <h1> counts
// if another of them contains it; else the first of the others counts, after the site's name is cut off.
func title(f facts, of linked, site string) string {
	var candidates []string
	for _, c := range []string{f.meta["og:title"], of.headline, f.meta["twitter:title"], f.title} {
		if c = oneLine(html.UnescapeString(c)); c != "" && countWords(c) > 0 {
			candidates = append(candidates, c)
		}
	}
	for _, c := range candidates {
		for _, h := range f.headings {
			if isHeadlineOf(h, c) {
				return h
			}
		}
	}
	names := siteNames(f, site)
	if len(candidates) > 0 {
		return withoutSite(candidates[0], names)
	}
	if len(f.headings) > 0 {
		return f.headings[0]
	}
	return ""
}

// isHeadlineOf reports whether a heading is the greater part of a title: all of it but the name of the site or the section.
func isHeadlineOf(heading, title string) bool {
	h, t := squeeze(heading), squeeze(title)
	return h != "" && 2*len(h) > len(t) && strings.Contains(t, h)
}

// squeeze keeps letters and digits, in lower case: "The Hill" and "TheHill" are one.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// siteNames returns what a page may call its site, squeezed: og:site_name, "example.com" and "example".
func siteNames(f facts, site string) []string {
	label, _, _ := strings.Cut(site, ".")
	var names []string
	for _, name := range []string{f.meta["og:site_name"], f.meta["application-name"], site, label} {
		if name = squeeze(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// separators stand between a headline and the name of the site. A bare hyphen or colon is none: headlines have those.
var separators = []string{" | ", " - ", " – ", " — ", " :: ", " » ", " « ", " · ", " • ", "｜", " ‹ ", " / "}

// withoutSite cuts the name of the site off the end or the beginning of a title.
func withoutSite(title string, names []string) string {
	for range 3 { // "Headline - Section - Site"
		cutAt, next := -1, -1
		for _, sep := range separators {
			if i := strings.LastIndex(title, sep); i > cutAt {
				cutAt, next = i, i+len(sep)
			}
		}
		if cutAt <= 0 || !isSiteName(title[next:], names) {
			break
		}
		title = strings.TrimSpace(title[:cutAt])
	}
	for _, sep := range separators {
		if first, rest, ok := strings.Cut(title, sep); ok && rest != "" && isSiteName(first, names) {
			return strings.TrimSpace(rest)
		}
	}
	return title
}

// isSiteName reports whether a part of a title names the site: "BBC News" where the site is "bbc", "Sportsnet.ca" where it is
// "sportsnet".
func isSiteName(part string, names []string) bool {
	p := squeeze(part)
	if len(p) < 2 {
		return p == ""
	}
	for _, name := range names {
		if p == name || len(name) > 2 && countWords(part) <= 6 && (strings.Contains(p, name) || strings.Contains(name, p)) {
			return true
		}
	}
	return false
}
