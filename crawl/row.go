package crawl

import (
	"slices"
	"time"
	"unicode/utf8"
)

// pageOutcome is the outcome of a page or a text: its record, with a row if rows are wanted; or that it was passed over.
func (o Options) pageOutcome(at Origin, p Page, skipped string, fetched time.Time) outcome {
	r := Record{Article: p.Article, Origin: at}
	if skipped == "" && o.Rows {
		r.Row = pageRow(p, fetched)
	}
	return outcome{record: r, skipped: skipped}
}

// pageRow is the row of an article that the input did not give as one.
func pageRow(p Page, fetched time.Time) []byte {
	a := p.Article
	row := append(make([]byte, 0, len(a.Text)+len(a.Text)/16+512), '{')
	for _, property := range []struct{ key, value string }{
		{"id", a.ID},
		{"url", a.URL},
		{"title", a.Title},
		{"date", rowTime(a.Published)},
		{"date_from", p.DateFrom},
		{"source", a.Site},
		{"language", p.Language},
		{"fetched", rowTime(fetched)},
		{"text", a.Text},
	} {
		if property.value != "" {
			row = appendMember(row, property.key, property.value)
		}
	}
	return slices.Clip(append(row, '}'))
}

// rowTime spells a time as RFC 3339 does, which knows years of four digits; "" if it is unknown or cannot be spelled.
func rowTime(t time.Time) string {
	if t = t.UTC(); t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// appendMember appends a member to an object that has not been closed.
func appendMember(object []byte, key, value string) []byte {
	if object[len(object)-1] != '{' {
		object = append(object, ',')
	}
	return appendString(append(appendString(object, key), ':'), value)
}

// asItIs tells which bytes are runes that JSON strings may hold.
var asItIs = func() (are [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		are[c] = c != '"' && c != '\\'
	}
	return are
}()

// appendString appends s as JSON: as it is, but for what JSON wants escaped, and U+FFFD for each byte that is no part of a rune.
func appendString(out []byte, s string) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if asItIs[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				out = append(append(out, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += size
			continue
		}
		out = append(out, s[from:i]...)
		i++
		from = i
		switch c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\n':
			out = append(out, '\\', 'n')
		case '\r':
			out = append(out, '\\', 'r')
		case '\t':
			out = append(out, '\\', 't')
		default:
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(out, s[from:]...), '"')
}
