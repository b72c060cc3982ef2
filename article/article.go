// Package article is the shared noun of dedupe: one news text, with what its publisher says about it.
//
// Every other package speaks of articles; this one only says what an article is and how its three derived properties come
// about, so that they are the same for every input format:
//
//   - the id, where the input gives none ([DeriveID]): a hash of the URL, or of the text where there is no URL;
//   - the site, where the input names none ([SiteOf]): the registrable domain of the URL;
//   - the time of publication ([ParseTime]): one of the date spellings that crawls really contain, in UTC.
//
// An example:
//
//	a := article.Article{URL: "https://www.bbc.co.uk/news/uk-1", Text: text}
//	a.ID = article.DeriveID(a.URL, a.Text) // "u-dcdb46f76e6667f2"
//	a.Site = article.SiteOf(a.URL)         // "bbc.co.uk"
//
// The package does no I/O, keeps no state and changes no text: normalisation belongs to package shingle. All functions may
// be called concurrently.
package article

import "time"

// Article is one news text.
//
// Strings hold what the input said, control characters and all; who prints them on a terminal or a page has to escape them.
type Article struct {
	// ID names the article and is unique in an index. Adding a second article under the same ID replaces the first.
	ID string

	// URL is where the article was published; empty if unknown.
	URL string

	// Site says who published it: the name that the input gave, else [SiteOf] the URL. It may be empty.
	Site string

	// Title is the headline; empty if unknown.
	Title string

	// Text is the body, as plain text.
	Text string

	// Published is the time of publication in UTC; the zero time means that it is unknown. An index takes a year before 0 or after
	// 9999, which JSON cannot spell, as unknown too.
	Published time.Time
}
