package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/extract"
	"github.com/dedupe-news/dedupe/spell"
)

// articleOfPage takes the article from an HTML page, with what the page says of its language and date. What goes wrong inside of it costs that page and no other.
func articleOfPage(page []byte, contentType, url string) (p crawl.Page, err error) {
	defer func() {
		if bug := recover(); bug != nil {
			p, err = crawl.Page{}, fmt.Errorf("%w: %v", extract.ErrPage, bug)
		}
	}()
	found, err := extract.HTML(page, contentType, url)
	switch {
	case errors.Is(err, extract.ErrNoArticle):
		return p, crawl.ErrNoText // it is passed over
	case err != nil:
		return p, err
	}
	return crawl.Page{
		Article: article.Article{
			Title:     found.Title,
			Text:      found.Text,
			URL:       found.URL,
			Site:      article.SiteOf(found.URL),
			Published: found.Published,
		},
		Language: found.Language,
		DateFrom: found.PublishedFrom,
	}, nil
}

// passedOver counts by reason what is no article though nothing is wrong with it.
type passedOver map[string]int

// Servers may make up media types as they like, so only so many are told apart, and the most frequent shown.
const (
	distinctReasons = 1000
	shownReasons    = 8
	otherReasons    = "others"
)

// passedOverAs says in the summary what crawl gives for a reason: for one, and for more.
var passedOverAs = map[string][2]string{
	"no text":                  {"without an article", "without an article"},
	"HTML":                     {"HTML page", "HTML pages"},
	"no media type":            {"without a media type", "without a media type"},
	"malformed media type":     {"with a malformed media type", "with a malformed media type"},
	"unknown type of record":   {"record of an unknown type", "records of unknown types"},
	"continuation of a record": {"continuation of a record", "continuations of records"},
	"revisit":                  {"revisit", "revisits"},
	"image":                    {"image", "images"},
	"video":                    {"video", "videos"},
	"audio":                    {"sound", "sounds"},
	"font":                     {"font", "fonts"},
}

func (p *passedOver) count(reason string) {
	if *p == nil {
		*p = passedOver{}
	}
	if family, _, isMedia := strings.Cut(reason, "/"); isMedia && slices.Contains([]string{"image", "video", "audio", "font"}, family) {
		reason = family
	}
	if _, known := (*p)[reason]; !known && len(*p) >= distinctReasons {
		reason = otherReasons
	}
	(*p)[reason]++
}

// String lists the reasons, the most frequent first: "12 HTTP 302, 3 images".
func (p passedOver) String() string {
	reasons := slices.SortedFunc(maps.Keys(p), func(a, b string) int {
		return cmp.Or(cmp.Compare(p[b], p[a]), cmp.Compare(a, b))
	})
	var parts []string
	rest := 0
	for _, reason := range reasons {
		if len(parts) == shownReasons || reason == otherReasons {
			rest += p[reason]
			continue
		}
		as := reason
		if forms, ok := passedOverAs[reason]; ok {
			as = forms[min(p[reason], 2)-1]
		}
		parts = append(parts, spell.Grouped(p[reason])+" "+as)
	}
	if rest > 0 {
		parts = append(parts, spell.Grouped(rest)+" for other reasons")
	}
	return strings.Join(parts, ", ")
}
