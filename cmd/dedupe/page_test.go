package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/dedupe-news/dedupe/crawl"
)

func TestPassedOver(t *testing.T) {
	t.Parallel()
	var p passedOver
	for reason, n := range map[string]int{
		"HTTP 302": 1200, "image/png": 2, "image/jpeg": 1, "no text": 2, "application/json": 2, "revisit": 1, "video/mp4": 1,
	} {
		for range n {
			p.count(reason)
		}
	}
	want := "1,200 HTTP 302, 3 images, 2 application/json, 2 without an article, 1 revisit, 1 video"
	if got := p.String(); got != want {
		t.Errorf("passed over: %q, want %q", got, want)
	}
	for i := range 2000 {
		p.count(fmt.Sprintf("x/%d", i))
	}
	if want += ", 1 x/0, 1 x/1, 1,998 for other reasons"; p.String() != want {
		t.Errorf("with many reasons: %q, want %q", p.String(), want)
	}
	if len(p) > distinctReasons+1 {
		t.Errorf("%d reasons are told apart, want %d", len(p), distinctReasons)
	}
}

func TestArticleOfPageWithoutOne(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"", "<p>Home", "\x00\xff"} {
		if p, err := articleOfPage([]byte(page), "", ""); !errors.Is(err, crawl.ErrNoText) || p != (crawl.Page{}) {
			t.Errorf("articleOfPage(%q) = %+v, %v, want ErrNoText", page, p, err)
		}
	}
}
