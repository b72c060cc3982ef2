package main

import (
	"cmp"
	"time"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/spell"
)

// This file holds the objects of --json that several verbs share. Fields are
// added to them in later versions, never changed or taken away.

// figuresHelp is what the help of several verbs says of the figures.
const figuresHelp = `Jaccard similarity and containment (JACC and CONT in tables) are of whole texts,
furniture included, by shingles of five words. The kind is decided by the own
words of the articles in the passages that they share, which "dedupe compare"
shows. So a copy can have a low Jaccard similarity.`

// figures tell how one article is related to another, whose id is ID.
type figures struct {
	ID          string      `json:"id"`
	Kind        match.Kind  `json:"kind"`
	Jaccard     match.Ratio `json:"jaccard"`
	Containment match.Ratio `json:"containment"`
	Contained   string      `json:"contained"`
	Estimated   bool        `json:"estimated"`
	VersionOf   string      `json:"version_of,omitempty"` // the other article, if this is a version of it: an update on the same site
}

func figuresOf(m index.Match) figures {
	of := figures{
		ID:          m.ID,
		Kind:        m.Kind,
		Jaccard:     match.Ratio(m.Jaccard),
		Containment: match.Ratio(m.Containment),
		Contained:   m.Contained,
		Estimated:   m.Estimated,
	}
	if m.Version {
		of.VersionOf = m.ID
	}
	return of
}

// source says where an article came from.
type source struct {
	Title     string     `json:"title"`
	URL       string     `json:"url"`
	Site      string     `json:"site"`
	Published *time.Time `json:"published,omitempty"` // absent: unknown
}

func sourceOf(m index.Match) source {
	return source{Title: m.Title, URL: m.URL, Site: m.Site, Published: known(m.Published)}
}

// known returns nil for the zero time.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// memberObject is a member of a cluster, with figures against the representative, or against Via.
type memberObject struct {
	figures
	Via string `json:"via,omitempty"`
	source
}

func memberObjects(c index.Cluster) []memberObject {
	members := make([]memberObject, len(c.Members))
	for i, m := range c.Members {
		members[i] = memberObject{figures: figuresOf(m), Via: m.Via, source: sourceOf(m)}
		if m.Version { // of what the figures are against
			members[i].VersionOf = cmp.Or(m.Via, c.Representative)
		}
	}
	return members
}

// memberColumns are the columns of a table of members, in "clusters" and in "show".
func memberColumns(o *output) []column {
	columns := []column{
		{name: "kind"},
		{name: "jacc", right: true},
		{name: "cont", right: true},
		{name: "published", drop: 2},
		{name: "site", most: siteColumns, drop: 1},
		{name: "id"},
	}
	if !o.people {
		columns = append(columns, column{name: "via"})
	}
	return append(columns, column{name: "title"})
}

// memberCells are the cells of m. The representative is marked, with "first" if
// its date is known, and has no figures. On a terminal via, which is rare, has
// no column.
func memberCells(o *output, c index.Cluster, m index.Match) []cell {
	kind, jaccard, containment := kindCell(o, m), similarity(m.Jaccard, m.Estimated), similarity(m.Containment, m.Estimated)
	if m.ID == c.Representative {
		kind, jaccard, containment = words("-"), "", ""
		if !m.Published.IsZero() {
			kind = cell{"first", kindStyle("first")}
		}
	}
	cells := []cell{
		kind,
		words(jaccard),
		words(containment),
		words(moment(m.Published)),
		words(m.Site),
		{m.ID, bold},
	}
	title := oneLine(m.Title)
	switch {
	case !o.people:
		cells = append(cells, words(m.Via))
	case m.Via != "":
		title = "[via " + m.Via + "] " + title
	}
	return append(cells, words(title))
}

// kindCell is the kind of m. People also see which way an excerpt goes: "<" says that m is contained in the article that it
// is compared with, ">" that it contains that one.
func kindCell(o *output, m index.Match) cell {
	kind := m.Kind.String()
	style := kindStyle(kind)
	switch {
	case !o.people || m.Kind != match.Excerpt:
	case m.Contained == m.ID:
		kind += " <"
	default:
		kind += " >"
	}
	return cell{kind, style}
}

// clusterName is how a heading names a cluster: "c12 · 8 articles · weakest link 0.61".
func clusterName(id string, articles int, weakest float64) string {
	name := id + " · " + spell.Counted(articles, "article")
	if link := weakestLink(weakest); link != "" {
		name += " · weakest link " + link
	}
	return name
}
