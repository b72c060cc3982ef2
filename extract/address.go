package extract

import (
	"net/url"
	"strings"

	"github.com/dedupe-news/dedupe/article"
)

// address returns the canonical address of a page: what it declares in <link rel=canonical>, else in og:url, else the address
// it was fetched from. A declaration counts if it is, or resolves to, an http address, with two exceptions:
//
//   - the front page of the site, which templates name that give all their pages one address;
//   - a page of another site. Portals name the page that they copied (msn.com does, on both of its pages in the benchmark).
//     That is where the story comes from, not where this copy stands, and taking it for its address would give two articles
//     one id, and hide who copied whom. Only what caches keep belongs to the page that they name.
func address(f facts, pageURL string) string {
	pageURL = strings.TrimSpace(pageURL)
	page, err := url.Parse(pageURL)
	if err != nil {
		page = &url.URL{}
	}
	base := page
	if b, err := page.Parse(strings.TrimSpace(f.base)); err == nil && f.base != "" {
		base = b
	}
	for _, declared := range []string{f.canonical, f.meta["og:url"]} {
		u, err := base.Parse(strings.TrimSpace(declared))
		if declared == "" || err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			continue
		}
		if isFrontPage(u) && !isFrontPage(page) {
			continue
		}
		if from := article.SiteOf(pageURL); from != "" && from != article.SiteOf(u.String()) && !isCache(page.Hostname()) {
			continue
		}
		u.Fragment, u.RawFragment = "", ""
		return u.String()
	}
	return pageURL
}

// isCache reports whether a host shows other sites' pages under its own name.
func isCache(host string) bool {
	for _, cache := range []string{"cdn.ampproject.org", "bing-amp.com", "webcache.googleusercontent.com", "translate.goog",
		"web.archive.org"} {
		if host == cache || strings.HasSuffix(host, "."+cache) {
			return true
		}
	}
	return false
}

func isFrontPage(u *url.URL) bool {
	return strings.Trim(u.Path, "/") == "" && u.RawQuery == ""
}

// language returns the language that a page declares, as "en" or "pt-BR"; "" if it declares none. Templates that were never
// filled in ("{{lang}}") declare none.
func language(f facts, of linked) string {
	for _, s := range []string{f.language, f.meta["og:locale"], f.meta["content-language"], of.language, f.meta["language"]} {
		if tag := languageTag(s); tag != "" {
			return tag
		}
	}
	return ""
}

// languageTag brings a language tag into the usual form: the language in lower case and, of what follows, a region of two
// letters in upper case.
func languageTag(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), ",") // Content-Language: en, fr
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == '@' })
	if len(parts) == 0 || len(parts[0]) < 2 || len(parts[0]) > 3 || !isLetters(parts[0]) {
		return ""
	}
	tag := strings.ToLower(parts[0])
	for _, p := range parts[1:] {
		if len(p) == 2 && isLetters(p) {
			return tag + "-" + strings.ToUpper(p)
		}
	}
	return tag
}

func isLetters(s string) bool {
	for i := range len(s) {
		if !isLower(s[i]) && !isUpper(s[i]) {
			return false
		}
	}
	return true
}
