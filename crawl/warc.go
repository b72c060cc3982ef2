package crawl

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dedupe-news/dedupe/article"
)

// warcForm is the form of WARC files of all versions (0.17, 0.18: drafts; 1.0, 1.1: ISO 28500:2009 and 2017), and of WET files,
// which are WARC:
//
//	WARC/1.0                    version
//	WARC-Type: response         fields: names in any case, folded lines, CRLF or only LF
//	Content-Length: 1024
//	                            an empty line
//	…                           the block
//	                            two empty lines
type warcForm struct{}

const warcMagic = "WARC/"

// begins wants a version and the beginning of a field, of which a text that happens to speak of WARC has the first at most.
func (warcForm) begins(b []byte) (yes, short bool) {
	const maxVersion, maxName = 8, 64
	rest, ok := bytes.CutPrefix(b, []byte(warcMagic))
	if !ok {
		return false, len(b) < len(warcMagic) && strings.HasPrefix(warcMagic, string(b))
	}
	end := bytes.IndexByte(rest[:min(len(rest), maxVersion)], '\n')
	if end < 0 {
		return false, len(rest) < maxVersion
	}
	version := bytes.TrimRight(rest[:end], " \r")
	if len(version) < 3 || !isDigit(version[0]) || version[1] != '.' || !isDigit(version[2]) {
		return false, false
	}
	name := rest[end+1:]
	for i, c := range name[:min(len(name), maxName)] {
		switch {
		case c == ':':
			return i > 0, false
		case !isToken(c):
			return false, false
		}
	}
	return false, len(name) < maxName
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isToken reports whether c may stand in the name of a field or of a media type.
func isToken(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || isDigit(c) || strings.IndexByte("-_.+!#$&^/*'`|~%", c) >= 0
}

func (warcForm) next(b []byte) int { return bytes.Index(b, []byte(warcMagic)) }

func (warcForm) header(b []byte) (h recordHeader, size int, err error) {
	size = headerSize(b)
	if size == 0 {
		return h, 0, nil
	}
	h.length = -1
	for name, value := range fields(b[:size]) {
		switch {
		case strings.EqualFold(name, "WARC-Type"):
			h.kind = strings.ToLower(first(h.kind, value))
		case strings.EqualFold(name, "WARC-Target-URI"):
			h.uri = first(h.uri, targetURI(value))
		case strings.EqualFold(name, "WARC-Date"):
			h.date = first(h.date, value)
		case strings.EqualFold(name, "Content-Type"):
			h.media = first(h.media, value)
		case strings.EqualFold(name, "WARC-Identified-Payload-Type"):
			h.identified = first(h.identified, value)
		case strings.EqualFold(name, "WARC-Truncated"):
			h.truncated = true
		case strings.EqualFold(name, "Content-Length") && h.length < 0:
			if h.length, err = blockLength(value); err != nil {
				return h, 0, err
			}
		}
	}
	return h, size, nil
}

func first(old, value string) string {
	if old != "" {
		return old
	}
	return value
}

func blockLength(s string) (int64, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 62)
	if err != nil {
		return 0, fmt.Errorf("%w: its length is %.40q", ErrRecord, s)
	}
	return int64(n), nil
}

// targetURI takes off the brackets that wget 1.19 and others wrote around a URI, and spells spaces as a URI must.
func targetURI(s string) string {
	if inner, ok := strings.CutPrefix(s, "<"); ok {
		s = strings.TrimSuffix(inner, ">")
	}
	return strings.ToValidUTF8(strings.ReplaceAll(strings.TrimSpace(s), " ", "%20"), "\uFFFD")
}

// Why a record was passed over, besides reasons that name a status, a media type or a coding.
const (
	skippedRevisit      = "revisit"
	skippedContinuation = "continuation of a record"
	skippedType         = "unknown type of record"
	skippedCrawler      = "written by the crawler"
	skippedHTML         = "HTML"
	skippedBinary       = "binary"
	skippedEmpty        = "no text"
)

// wanted reports whether a record may hold an article.
func wanted(h recordHeader) bool {
	return h.kind == "response" || h.kind == "resource" || h.kind == "conversion"
}

// unwanted tells why a record that is not wanted is worth being counted; "" if it is not: it only tells about others.
func unwanted(h recordHeader) string {
	switch h.kind {
	case "warcinfo", "request", "metadata":
		return ""
	case "revisit":
		return skippedRevisit
	case "continuation":
		return skippedContinuation
	}
	return skippedType
}

// passedOver tells by the beginning of a block why a record would be skipped; "" if it would not be, or is not wanted.
func (o Options) passedOver(h recordHeader, head []byte) string {
	if !wanted(h) {
		return unwanted(h)
	}
	_, why, _ := o.payload(h, head)
	return why
}

// outcome makes of a piece what Read yields in its place; nothing of a record that was cut, and reported, if it is no article.
func (o Options) outcome(p piece, block []byte) (out outcome, ok bool) {
	var page Page
	skipped, err := p.skipped, p.err
	if err == nil && skipped == "" {
		page, skipped, err = o.page(p.header, block)
		if p.header.cut && (skipped != "" || err != nil) {
			return outcome{}, false
		}
	}
	if err != nil {
		return outcome{err: &Problem{Origin: p.at, Err: err}}, true
	}
	return o.pageOutcome(p.at, page, skipped, fetchTime(p.header.date)), true
}

// page finds the article in a record that is wanted; or tells why it is skipped.
func (o Options) page(h recordHeader, block []byte) (page Page, skipped string, err error) {
	load, skipped, err := o.payload(h, block)
	if skipped != "" || err != nil {
		return Page{}, skipped, err
	}
	body, skipped, err := load.decode(o.MaxRecordBytes, h.truncated)
	if skipped != "" || err != nil {
		return Page{}, skipped, err
	}
	a := &page.Article
	if load.html {
		page, err = o.HTML(body, load.media, h.uri)
		if err != nil && !errors.Is(err, ErrNoText) {
			return Page{}, "", fmt.Errorf("HTML: %w", err)
		}
	} else {
		a.Text = decodeCharset(body, load.media)
		if strings.IndexByte(a.Text[:min(len(a.Text), binaryHeadBytes)], 0) >= 0 {
			return Page{}, skippedBinary, nil
		}
		a.Title = titleOf(a.Text)
	}
	if strings.TrimSpace(a.Text) == "" {
		return Page{}, skippedEmpty, nil
	}
	if a.ID == "" {
		a.ID = article.DeriveID(h.uri, a.Text)
	}
	if a.URL == "" {
		a.URL = h.uri
	}
	if a.Site == "" {
		a.Site = article.SiteOf(a.URL)
	}
	if err := checkID(a.ID); err != nil {
		return Page{}, "", err
	}
	return page, "", nil
}

// fetchTime understands the date in the header of a record; zero if it cannot.
func fetchTime(date string) time.Time {
	if date == "" {
		return time.Time{}
	}
	t, _ := article.ParseTime(date) // zero with an error
	return t
}
