package main

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

// dress puts an article into the furniture of a site.
func dress(r wireRow, site int) string {
	var b strings.Builder
	paragraphs := func() {
		for p := range strings.SplitSeq(r.Text, "\n") {
			if strings.TrimSpace(p) != "" {
				fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(p))
			}
		}
	}
	title := html.EscapeString(r.Title)
	switch site {
	case 0:
		fmt.Fprintf(&b, `<!doctype html><html><head><title>%s | Harbour Morning</title></head><body>
<div class="cookie-banner">We and our partners store cookies on your device. <button>Accept</button> <button>Settings</button></div>
<header><a href="/">Harbour Morning</a><nav><ul><li><a href="/port">Port</a><li><a href="/town">Town</a><li><a href="/tides">Tides</a></ul></nav></header>
<main><article><h1>%s</h1><p class="byline">By our own correspondent</p>`, title, title)
		paragraphs()
		b.WriteString(`</article><aside class="newsletter"><h3>The tide table in your inbox</h3><p>Sign up and get the tides, the catches and the quarrels of the quay every morning.</p></aside></main>
<footer><p>© Harbour Morning. Printed on the quay since 1911.</p></footer></body></html>`)
	default:
		fmt.Fprintf(&b, `<html><head><title>%s</title></head><body><div id="top"><a href="/login">Log in</a> <a href="/subscribe">Subscribe now</a></div>
<div id="menu"><a href="/a">News</a> | <a href="/b">Opinion</a> | <a href="/c">Weather</a> | <a href="/d">Puzzles</a></div>
<div id="content"><h2>%s</h2><div class="share">Share <a href="#">Mail</a> <a href="#">Post</a></div><div class="body">`, title, title)
		paragraphs()
		b.WriteString(`</div></div><div id="related"><h4>More from this section</h4><ul><li><a href="/1">Council buys a second snow plough</a><li><a href="/2">The bells that nobody heard</a><li><a href="/3">Five walks for a wet Sunday</a></ul></div>
<div id="comments"><h4>12 comments</h4><div>walker77: I was there and saw nothing of the kind.</div><div>Nan: Thank you for this.</div></div>
<div id="legal">All rights reserved. Reproduction in whole or in part is forbidden.</div></body></html>`)
	}
	return b.String()
}

// TestSamePageInOtherFurniture takes the articles of the corpus from pages of two sites: each is a copy of itself.
func TestSamePageInOtherFurniture(t *testing.T) {
	t.Parallel()
	const onAPage = 600 // bytes of text; of less it is hard to say what the article of a page is
	compared := 0
	for _, r := range wireRows(t) {
		if len(r.Text) < onAPage {
			continue
		}
		var sides [2]index.Comparison
		for site := range sides {
			found, err := articleOfPage([]byte(dress(r, site)), "text/html; charset=utf-8", r.URL)
			if err != nil {
				t.Fatalf("%s on site %d: %v", r.ID, site, err)
			}
			sides[site].A = found.Article
		}
		c, err := index.Compare(sides[0].A, sides[1].A)
		if err != nil {
			t.Fatalf("%s: %v", r.ID, err)
		}
		if c.Kind < match.Copy {
			t.Errorf("%s on two sites: %s, want copy (%s)\n--- one\n%s\n--- other\n%s", r.ID, c.Kind, c.Why, sides[0].A.Text, sides[1].A.Text)
		}
		compared++
	}
	if compared < 50 {
		t.Errorf("only %d articles were compared", compared)
	}
}
