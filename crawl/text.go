package crawl

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/dedupe-news/dedupe/article"
)

// maxTitleBytes is the longest first line that we take for a title.
const maxTitleBytes = 200

// binaryHeadBytes is how far we look for a NUL byte, which makes a file binary: as far as Git does.
const binaryHeadBytes = 8000

// readWhole emits a file as the one article that make makes of its content, or as passed over for the reason that it gives. Of a
// damaged file it emits only the problem: half an article is none.
func (s *source) readWhole(name string, r io.Reader, make func(name string, data []byte) (Page, string, error)) {
	limit := s.opts.MaxTextFileBytes
	at := Origin{File: name}
	data, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	switch {
	case len(data) > limit:
		s.report(at, fmt.Errorf("text file %w: more than %d bytes (MaxTextFileBytes)", ErrTooLong, limit))
		return
	case err != nil:
		s.report(at, err)
		return
	}
	s.emit(len(data), func(out []outcome) []outcome {
		page, skipped, err := make(name, data)
		if err != nil {
			return append(out, outcome{err: &Problem{Origin: at, Err: err}})
		}
		return append(out, s.opts.pageOutcome(at, page, skipped, time.Time{}))
	})
}

// textArticle makes an article of the content of a text file. None is skipped.
func textArticle(name string, data []byte) (p Page, skipped string, err error) {
	if bytes.IndexByte(data[:min(len(data), binaryHeadBytes)], 0) >= 0 {
		return p, "", fmt.Errorf("%w: a binary file", ErrFormat)
	}
	text := decodeText(bytes.TrimPrefix(data, byteOrderMark))
	if strings.TrimSpace(text) == "" {
		return p, "", fmt.Errorf("the file has %w", ErrNoText)
	}
	p.Article = article.Article{ID: fileID(name, "", text), Title: titleOf(text), Text: text}
	return p, "", checkID(p.Article.ID)
}

// fileID returns the id of the article in a file of one: derived from its URL if that is known, else the path of the file; what
// comes from standard input has none.
func fileID(name, url, text string) string {
	if url != "" || name == "-" {
		return article.DeriveID(url, text)
	}
	return strings.ToValidUTF8(filepath.ToSlash(name), "\uFFFD")
}

// titleOf returns the first line of a text that is not blank, if it is short.
func titleOf(text string) string {
	title, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if title = strings.TrimSpace(title); len(title) > maxTitleBytes {
		return ""
	}
	return title
}

// decodeText returns data as it is if it is UTF-8, and else what Windows-1252 makes of it; the five bytes that have no meaning
// there become U+FFFD.
func decodeText(data []byte) string {
	if utf8.Valid(data) {
		return string(data)
	}
	decoded, _ := charmap.Windows1252.NewDecoder().Bytes(data) // no bytes are an error to it
	return string(decoded)
}
