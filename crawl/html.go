package crawl

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dedupe-news/dedupe/article"
)

// readHTML emits the article in an HTML file, if there is one, and if we are told how to find it.
func (s *source) readHTML(name string, r io.Reader) {
	if s.opts.HTML == nil {
		s.report(Origin{File: name}, fmt.Errorf("%w: this is HTML; extract the text", ErrFormat))
		return
	}
	s.readWhole(name, r, s.opts.htmlArticle)
}

// htmlArticle makes an article of the content of an HTML file; or tells why it is skipped.
func (o Options) htmlArticle(name string, data []byte) (p Page, skipped string, err error) {
	p, err = o.HTML(data, "", "")
	a := &p.Article
	switch {
	case err != nil && !errors.Is(err, ErrNoText):
		return Page{}, "", fmt.Errorf("HTML: %w", err)
	case err != nil || strings.TrimSpace(a.Text) == "":
		return Page{}, skippedEmpty, nil
	}
	if a.ID == "" {
		a.ID = fileID(name, a.URL, a.Text)
	}
	if a.Site == "" {
		a.Site = article.SiteOf(a.URL)
	}
	return p, "", checkID(a.ID)
}
