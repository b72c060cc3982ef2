// Package extract finds the news article in an HTML page: its text, and what the page says of its title, address, site,
// language and time of publication.
//
// # Text
//
// On a news page the story is often the smaller part. Around it stand menus, galleries, newsletter boxes, other stories'
// headlines and comments, and two pages that carry one wire story share nothing else. Three steps find it:
//
//  1. What the markup itself calls furniture is removed: nav, aside, footer, captions, and elements whose class or id has a
//     word like "newsletter" or "related" in it, unless they hold a quarter of the page's words. See prune.
//  2. Of the rest, the element with the densest text is chosen: paragraphs get points for their length and their commas, and
//     hand them on to the elements around them; links take points away. This is Mozilla's Readability, in the Go port of
//     codeberg.org/readeck/go-readability.
//  3. Above the first sentence and below the last one, credits and lists of links are cut; lines that are nothing but a link
//     go. See trim.
//
// Where scripts fill the page in later, the text comes from its JSON-LD, if that has it.
//
// Measured on the 181 pages of the article-extraction-benchmark (Scrapinghub, now Zyte, 2019), by its own measure: shingles of
// 4 words of the text found and of the text that people marked, precision and recall averaged over pages, F1 of the two means.
// The last column is the time that linking it adds to the start of an empty process (median of 20, 1.5 ms without).
//
//	                                       F1     precision  recall  at start
//	go-domdistiller v1.0.0                 0.925  0.900      0.950     6 ms
//	go-shiori/go-readability 5db1dc9836f0  0.931  0.900      0.965     2 ms
//	readeck/go-readability v2.1.3          0.949  0.918      0.983     3 ms
//	go-trafilatura v1.12.2                 0.957  0.940      0.974   248 ms
//	this package                           0.974  0.970      0.978     4 ms
//
// The words of step 1 and the rules of step 3 were found on the same pages. They are general, but a little of the gain will be
// theirs alone.
//
// # What a page says of itself
//
// Pages say everything several times, and not always the same. The order of belief is in the comments of the fields of [Page].
// All of it is read in one pass over the tokens, without a tree.
//
// # Encodings
//
// A byte order mark counts first. A page that is valid UTF-8 is UTF-8, whatever its server says. Else the header counts, then
// the page's metas, wherever in its head they stand, then a guess. Bytes that make no sense become U+FFFD and are never an
// error.
//
// # Hostile pages
//
// Time and memory are about linear in the size of the page: pages beyond [MaxPageBytes] are cut, and those nested deeper than
// 512 elements or with more than 65,536 nodes (twelve times the largest of the benchmark) are read as a stream of sentences,
// without a tree. Thirty pages made to break it, of 1 to 16 MiB, took 0.03 to 1.7 s each, and 16 MiB of one invalid byte 3.8 s.
//
// # What it does not do
//
// The package fetches nothing, runs no script, joins no article that is spread over several pages, and does not tell a news
// article from another text: a recipe is an article. Its functions may be called concurrently.
package extract

import (
	"time"
	"unicode/utf8"

	"github.com/dedupe-news/dedupe/article"
)

// Page is what a news page says of itself. Every field but Text may be empty.
type Page struct {
	// Title is the headline: the <h1> that og:title, the JSON-LD, twitter:title or <title> contain; else the first of
	// these, without the name of the site.
	Title string

	// Text is the article as plain text, one paragraph, heading or list item a line. White space is single spaces, invisible
	// characters (soft hyphens, zero-width spaces) are gone, nothing else is changed.
	Text string

	// URL is the canonical address, absolute: <link rel=canonical>, else og:url, else the address the page was fetched
	// from, which also stands if the page names another site's page or the front page.
	URL string

	// Site is the registrable domain of URL, as package article has it.
	Site string

	// Language is what <html lang>, og:locale, Content-Language or the JSON-LD declares, as "en" or "pt-BR". It is not
	// looked up in any list, and templates declare what they like.
	Language string

	// Published is the time of publication in UTC: from the JSON-LD, else the metas, else a <time> element, else the day in
	// the path of the address; zero if none of them gives a date between 1990 and the day after tomorrow. It is never the
	// time of the crawl. PublishedFrom says which it was: "json-ld", "meta", "time" or "url".
	Published     time.Time
	PublishedFrom string
}

// MaxPageBytes is how much of a page is read; the rest is dropped.
const MaxPageBytes = 16 << 20

// HTML finds the article in a page. contentType is the header of that name, for its charset; pageURL is the address the page
// was fetched from; both may be empty.
//
// The error is [ErrNoArticle] or wraps [ErrPage]; the Page that comes with it is good but for its empty Text. page is not
// changed, and nothing of it is kept.
//
// A page of 174 KB, the mean of the benchmark, takes about 5 ms (227 pages/s, 39 MB/s on one core of an AMD EPYC). The result
// depends on the clock only where a page claims to be of the future.
func HTML(page []byte, contentType string, pageURL string) (Page, error) {
	page = decode(cut(page), contentType)
	f := scan(page)
	of := readJSONLD(f.jsonLD)
	p := Page{URL: address(f, pageURL), Language: language(f, of)}
	p.Site = article.SiteOf(p.URL)
	p.Title = title(f, of, p.Site)
	p.Published, p.PublishedFrom = published(f, of, []string{p.URL, pageURL}, time.Now())
	blocks, err := body(page, of.body, f)
	switch {
	case err != nil:
		return p, err
	case len(blocks) == 0:
		return p, ErrNoArticle
	}
	p.Text = join(blocks)
	return p, nil
}

// cut shortens a page to MaxPageBytes, not in the middle of a UTF-8 character.
func cut(page []byte) []byte {
	if len(page) <= MaxPageBytes {
		return page
	}
	end := MaxPageBytes
	for end > MaxPageBytes-utf8.UTFMax && !utf8.RuneStart(page[end]) {
		end--
	}
	return page[:end]
}
