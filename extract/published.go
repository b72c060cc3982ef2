package extract

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/dedupe-news/dedupe/article"
)

// Sources of [Page.PublishedFrom], in the order in which they are believed.
const (
	fromJSONLD = "json-ld"
	fromMeta   = "meta"
	fromTime   = "time"
	fromURL    = "url"
)

// publishedMetas are the names, in lower case, under which metas give the time of publication, the most exact first. Times of
// the last change ("last-modified", "og:updated_time") are not among them.
var publishedMetas = []string{
	"article:published_time", "og:article:published_time", "article:published", "article.published", "datepublished",
	"og:datepublished", "og:published_time", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime",
	"originalpublicationdate", "rnews:datepublished", "dc.date.issued", "dcterms.issued", "dc.date.created",
	"dcterms.created", "dcterms.date", "dc.date", "pubdate", "og:pubdate", "publishdate", "publish-date", "publish_date",
	"published-date", "published_date", "pub_date", "publication_date", "published_at", "published",
	"article_date_original", "article:created", "datecreated", "date.release", "sn-post-date", "pdate", "date",
}

// published returns when a page says that its article was published, and which of its parts says so. A date is passed over
// if it makes no sense: before the first news on the Web, or later than two days after now (publishers and we may live in
// different time zones, and clocks go wrong).
func published(f facts, of linked, addresses []string, now time.Time) (time.Time, string) {
	if t, ok := plausible(of.published, now); ok {
		return t, fromJSONLD
	}
	for _, name := range publishedMetas {
		if t, ok := plausible(f.meta[name], now); ok {
			return t, fromMeta
		}
	}
	if t, ok := fromTimes(f.times, now); ok {
		return t, fromTime
	}
	for _, address := range addresses {
		if t, ok := urlDate(address); ok && isPlausible(t, now) {
			return t, fromURL
		}
	}
	return time.Time{}, ""
}

// fromTimes picks a time element: the first that is marked as the time of publication, else the first that stands in no
// sidebar.
func fromTimes(times []timeElement, now time.Time) (time.Time, bool) {
	for _, marked := range []bool{true, false} {
		for _, e := range times {
			if e.aside || marked && !e.published {
				continue
			}
			if t, ok := plausible(e.value, now); ok {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

var earliest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

const maxAhead = 48 * time.Hour

func isPlausible(t, now time.Time) bool {
	return !t.Before(earliest) && !t.After(now.Add(maxAhead))
}

func plausible(s string, now time.Time) (time.Time, bool) {
	t, ok := parseTime(s)
	return t, ok && isPlausible(t, now)
}

// parseTime reads what [article.ParseTime] reads, and the dates that stand in pages for people: "November 19, 2019",
// "Tue Nov 19 2019 08:38:00 GMT+0000 (UTC)", "2019/11/19 8:38". It returns UTC.
func parseTime(s string) (time.Time, bool) {
	if s == "" || len(s) > maxDateBytes {
		return time.Time{}, false
	}
	if t, err := article.ParseTime(s); err == nil {
		return t, true
	}
	s, _, _ = strings.Cut(s, "(") // "(Coordinated Universal Time)"
	s = strings.NewReplacer(",", " ", ".", " ").Replace(s)
	s = strings.Join(strings.Fields(s), " ")
	for _, layout := range pageLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

const maxDateBytes = 80

// pageLayouts have no zone letters: what EST means to time.Parse depends on where the program runs.
var pageLayouts = []string{
	"January 2 2006",
	"January 2 2006 15:04",
	"January 2 2006 15:04:05",
	"January 2 2006 3:04 PM",
	"January 2 2006 3:04:05 PM",
	"Jan 2 2006",
	"Jan 2 2006 15:04",
	"Jan 2 2006 15:04:05",
	"Jan 2 2006 3:04 PM",
	"Jan 2 2006 3:04:05 PM",
	"2 January 2006",
	"2 January 2006 15:04",
	"2 January 2006 15:04:05",
	"2 Jan 2006",
	"Monday January 2 2006",
	"Monday January 2 2006 15:04",
	"Monday January 2 2006 3:04 PM",
	"Monday 2 January 2006",
	"Monday 2 January 2006 15:04",
	"Mon Jan 2 2006 15:04:05 GMT-0700",
	"Mon Jan 2 2006",
	"2006/1/2",
	"2006/1/2 15:04",
	"2006/1/2 15:04:05",
	"2006-1-2 15:04:05",
	"2006-1-2 15:04:05 GMT",
	"2006-1-2 15:04:05 -0700",
}

var (
	numericDate = regexp.MustCompile(`(?:^|[/_.-])((?:19|20)[0-9]{2})[/_.-](1[0-2]|0?[1-9])[/_.-](3[01]|[12][0-9]|0?[1-9])(?:[/_.-]|$)`)
	compactDate = regexp.MustCompile(`(?:^|[/_.-])((?:19|20)[0-9]{2})(1[0-2]|0[1-9])(3[01]|[12][0-9]|0[1-9])(?:[/_.-]|$)`)
	namedDate   = regexp.MustCompile(`(?:^|/)((?:19|20)[0-9]{2})/([a-z]{3})/(3[01]|[12][0-9]|0?[1-9])(?:/|$)`)
)

// urlDate finds a day in the path of an address: /2019/11/05/, /2019-11-05-title, /20191105/, /2019/nov/05/. Year and month
// alone are no date.
func urlDate(address string) (time.Time, bool) {
	u, err := url.Parse(address)
	if err != nil {
		return time.Time{}, false
	}
	path := strings.ToLower(u.Path)
	for _, form := range []struct {
		pattern *regexp.Regexp
		layout  string
	}{{numericDate, "2006 1 2"}, {compactDate, "2006 01 02"}, {namedDate, "2006 Jan 2"}} {
		if m := form.pattern.FindStringSubmatch(path); m != nil {
			if t, err := time.Parse(form.layout, m[1]+" "+m[2]+" "+m[3]); err == nil {
				return t, true
			}
		}
	}
	return time.Time{}, false
}
