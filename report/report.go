// Package report writes what `dedupe crawl` found in a crawl as one HTML page that needs nothing else.
//
// # The idea
//
// A [Report] is the figures of one crawl: how many articles are unique, how many are copies and of which kind, and the same by site, by
// day of publication and by story, with what was skipped and why. It is also the summary object that `dedupe crawl --json` prints.
// [Write] makes a page of it: one sentence that says it all, then a bar of the parts, and sections for whoever wants to know more.
//
// The page loads nothing, from anywhere: style and charts (SVG) are in it, there is no JavaScript, and its content security policy
// forbids whatever is left. It follows the light or dark theme of the reader, fits a telephone, and prints.
//
// It carries its own figures: the element with the id "figures" holds the JSON of the report that it shows ([Report.Short]), and the
// page is a function of that JSON alone. Who reads it back and writes it again gets the same bytes.
//
// # Texts of others
//
// Titles, URLs, names of sites and furniture come from crawled pages, and are treated as hostile: html/template escapes them, control
// characters and what turns the direction of writing are replaced by signs, each is a bidirectional island (dir="auto") that wraps within
// its place, only http and https become links, and those tell the other side nothing of where they were followed.
//
// # Size
//
// A page stays below [MaxPageBytes], whatever the crawl: lists and texts are cut, and the page says what was left out, with its sums.
//
// # Example
//
//	r := report.Report{Rows: 3, Kept: 2, Dropped: 1, Copies: []report.KindCount{{Kind: "exact", Articles: 1, Bytes: 5120}}}
//	err := report.Write(file, r) // Of 3 articles 2 are unique; 1 (33 %) is a copy.
//
// The package counts nothing itself, reads no files and asks no clock: the same report always gives the same page. Of our packages it
// imports only spell, which writes figures in words.
package report

import "time"

// Report is the figures of one crawl. All counts are of articles unless they say otherwise; all sizes are bytes; all times are UTC.
//
// Lists may be in any order and of any length, and nil: [Report.Short] brings them into the order that the page has, and cuts them.
// [Report.Check] tells whether the sums agree.
type Report struct {
	Type    string `json:"type"`    // always "crawl"; Short and Write see to it
	Version string `json:"version"` // of dedupe

	Began   time.Time `json:"began,omitzero"` // when the (first) run began
	Seconds float64   `json:"seconds"`        // of work, over all runs where it was resumed
	Output  string    `json:"output"`         // name of the file that got the unique articles; "-" is standard output

	// MinKind is the weakest kind that was dropped: "exact", "copy", "excerpt" or "rewrite".
	MinKind string `json:"min_kind"`

	// Since and Until bound the dates of publication that were asked for; zero means not at all. Until is the first moment that is
	// outside.
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`

	InputBytes int64   `json:"input_bytes"` // of all inputs as they are, compressed or not
	Inputs     []Input `json:"inputs"`      // in the order of reading

	Rows    int `json:"rows"`    // rows or pages that were articles: Kept + Dropped + Outside
	Kept    int `json:"kept"`    // written, for they are unique
	Dropped int `json:"dropped"` // the sum of Copies
	Outside int `json:"outside"` // published before Since or from Until on: neither kept nor dropped

	KeptBytes    int64 `json:"kept_bytes"`    // of text, of the kept articles
	DroppedBytes int64 `json:"dropped_bytes"` // of text, of the dropped articles

	// Copies are the dropped articles by why they were dropped.
	Copies []KindCount `json:"copies"`

	Rewrites     int `json:"rewrites"`      // of the kept ones, rewrites of an article that was kept too
	Stories      int `json:"stories"`       // clusters of two or more articles, copies and rewrites together
	CopyClusters int `json:"copy_clusters"` // clusters of two or more articles, copies only

	Sites []Site `json:"sites"` // all sites; those of an unknown site have the site ""

	Clusters []Cluster `json:"clusters"` // the biggest of the Stories

	// Days are the kept and dropped articles by time of publication; days without any may be left out. DaysUnit says how long each
	// is: empty or "day", "week" (from Monday), "month", "year". Short makes longer ones of them where they are many, and then also
	// sums up in Earlier and Later what was published far from all others.
	Days     []Day  `json:"days"`
	DaysUnit string `json:"days_unit"`
	Earlier  Day    `json:"earlier,omitzero"` // Earlier.Day is the first day of them
	Later    Day    `json:"later,omitzero"`   // Later.Day is the first day of them
	Undated  int    `json:"undated"`          // kept or dropped, published nobody knows when

	Furniture []Furniture `json:"furniture"` // the passages that stand in the most stories

	Skipped    []Skip   `json:"skipped"`     // what could not be read
	PassedOver []Reason `json:"passed_over"` // pages with which nothing is wrong, but that are no article

	LeftOut LeftOut `json:"left_out,omitzero"` // what Short cut off
}

// Input is one file that was read.
type Input struct {
	Name     string `json:"name"`
	Bytes    int64  `json:"bytes"`    // of the file as it is
	Articles int    `json:"articles"` // rows or pages in it that were articles, before anything was dropped
}

// KindCount is the dropped articles of one kind.
type KindCount struct {
	// Kind is "exact", "copy", "excerpt" or "rewrite" as everywhere; "same id" if a later row has the same id; "known" if an earlier
	// crawl into the same index had it.
	Kind     string `json:"kind"`
	Articles int    `json:"articles"`
	Bytes    int64  `json:"bytes"` // of text
}

// Site is the articles of one site.
type Site struct {
	Site     string `json:"site"`
	Articles int    `json:"articles"` // Kept + Dropped
	Kept     int    `json:"kept"`
	Dropped  int    `json:"dropped"`

	// First counts the stories of two or more articles in which the earliest dated article is of this site.
	First int `json:"first"`

	// CopiedFrom is the other site whose articles stand most often for the dropped ones of this site, and for how many; zero if none.
	CopiedFrom SiteCount `json:"copied_from,omitzero"`
}

// SiteCount is so many articles of a site.
type SiteCount struct {
	Site     string `json:"site"`
	Articles int    `json:"articles"`
}

// Cluster is one story of two or more articles.
type Cluster struct {
	ID             string `json:"cluster"`
	Representative string `json:"representative"` // its id
	Title          string `json:"title"`          // of the representative, as are URL and Site
	URL            string `json:"url"`
	Site           string `json:"site"`
	Size           int    `json:"size"`     // articles: 1 + Copies + Rewrites
	Copies         int    `json:"copies"`   // exact, copy or excerpt
	Rewrites       int    `json:"rewrites"` // the other articles, kept or dropped
	Sites          int    `json:"sites"`    // distinct ones, those that are known

	// First and Last are the earliest and latest known times of publication, zero if none is known. Spread counts the dated articles
	// in equal parts of the time between: [SpreadOf] makes all three.
	First  time.Time `json:"first,omitzero"`
	Last   time.Time `json:"last,omitzero"`
	Spread []int     `json:"spread"`
}

// Day is the articles that were published on one day, or in one week, month or year.
type Day struct {
	Day     Date `json:"day"` // the first day, where it is more than one
	Kept    int  `json:"kept"`
	Dropped int  `json:"dropped"`
}

// Furniture is a passage that stands in many stories, and so counts for none.
type Furniture struct {
	Text    string `json:"text"`
	Stories int    `json:"stories"` // in so many it stands
	Example string `json:"example"` // the id of an article that has it
}

// Skip is what was wrong with some rows, pages or whole inputs of a file.
type Skip struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
	Count  int    `json:"count"` // rows, pages or files
	First  string `json:"first"` // the first place, as "line 17" or "record 3"; empty for the whole file
}

// Reason is why pages are no articles: "HTTP 404", "image/png", "no text".
type Reason struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"` // pages
}

// LeftOut sums up the entries that are not in the lists of a report. Of the clusters that is Report.Stories less those in the list.
type LeftOut struct {
	Inputs     Rest `json:"inputs,omitzero"`
	Sites      Rest `json:"sites,omitzero"`
	Furniture  Rest `json:"furniture,omitzero"`
	Skipped    Rest `json:"skipped,omitzero"`
	PassedOver Rest `json:"passed_over,omitzero"`
}

// Rest is the sum of some entries of a list. A field that such entries do not have is zero.
type Rest struct {
	Entries  int   `json:"entries"`
	Bytes    int64 `json:"bytes,omitzero"`
	Articles int   `json:"articles,omitzero"`
	Kept     int   `json:"kept,omitzero"`
	Dropped  int   `json:"dropped,omitzero"`
	First    int   `json:"first,omitzero"`
	Count    int   `json:"count,omitzero"`
}
