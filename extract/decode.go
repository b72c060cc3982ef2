package extract

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// decode returns a page in UTF-8, whatever it was written in: what cannot be read becomes U+FFFD. contentType is the header
// of that name, and may be empty.
//
// What the page is counts more than what is said of it. A page that is valid UTF-8 from end to end is UTF-8, because no
// other encoding gives that by chance once it has left ASCII, and a header is often older than the page. Then comes what says
// an encoding: a byte order mark, the header, the page's own head, all of it and not only its first 1,024 bytes; and last a
// guess from the letters' frequencies.
func decode(page []byte, contentType string) []byte {
	if text, ok := bytes.CutPrefix(page, []byte("\xef\xbb\xbf")); ok {
		return bytes.ToValidUTF8(text, replacement)
	}
	declared := declaredEncoding(page, contentType)
	if utf8.Valid(page) && !isSevenBit(declared, page) {
		return page
	}
	switch {
	case bytes.HasPrefix(page, []byte("\xff\xfe")), bytes.HasPrefix(page, []byte("\xfe\xff")):
		return decodeAs(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), page)
	case declared == "" || declared == "utf-8" && !mostlyUTF8(page):
		declared = guess(page)
	}
	if declared == "utf-8" {
		return bytes.ToValidUTF8(page, replacement)
	}
	e, _ := charset.Lookup(declared)
	if e == nil {
		return bytes.ToValidUTF8(page, replacement)
	}
	return decodeAs(e, page)
}

var replacement = []byte("\uFFFD")

// decodeAs decodes a page, whose bytes need not all make sense. Decoders of x/text replace those; should one of them
// return an error nevertheless, what came before it stands.
func decodeAs(e encoding.Encoding, page []byte) []byte {
	text, _ := e.NewDecoder().Bytes(page)
	return text
}

// declaredEncoding returns the name, as the WHATWG standard has it, of the encoding that the header or the page declares, or
// "" if there is none that we know.
func declaredEncoding(page []byte, contentType string) string {
	if name := canonicalEncoding(charsetOf(contentType)); name != "" {
		return name
	}
	name := metaEncoding(page)
	if strings.HasPrefix(name, "utf-16") {
		return "utf-8" // what a meta of ASCII bytes says of itself (HTML standard, section 13.2.3.2)
	}
	return name
}

// canonicalEncoding gives the standard name of a label: "latin1" is "windows-1252". Encodings that browsers refuse to decode,
// because their bytes can hide tags, are unknown to us too.
func canonicalEncoding(label string) string {
	if label == "" {
		return ""
	}
	if _, name := charset.Lookup(label); name != "replacement" {
		return name
	}
	return ""
}

// charsetOf finds the charset in "text/html; charset=koi8-r". We do not use package mime, which refuses the whole of a
// header for one mistake in it.
func charsetOf(contentType string) string {
	lower := strings.ToLower(contentType)
	i := strings.Index(lower, "charset")
	if i < 0 {
		return ""
	}
	value, ok := strings.CutPrefix(strings.TrimLeft(lower[i+len("charset"):], " \t"), "=")
	if !ok {
		return ""
	}
	value = strings.Trim(value, " \t\"'")
	if i := strings.IndexAny(value, " \t;,\"'"); i >= 0 {
		value = value[:i]
	}
	return value
}

// metaEncoding returns what the metas in the head of a page declare, or "".
func metaEncoding(page []byte) string {
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "head" {
				return ""
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			switch string(name) {
			case "body":
				return ""
			case "meta":
				if e := canonicalEncoding(metaCharset(z, more)); e != "" {
					return e
				}
			}
		}
	}
}

// metaCharset returns the charset of <meta charset=…> or of <meta http-equiv=content-type content="…; charset=…">.
func metaCharset(z *html.Tokenizer, more bool) string {
	var direct, content string
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "charset":
			direct = string(value)
		case "content":
			content = string(value)
		}
	}
	return firstOf(direct, charsetOf(content))
}

// isSevenBit reports whether a page that could be UTF-8 is in an encoding that says everything in ASCII bytes: ISO-2022-JP,
// which shifts by escapes, or UTF-16, of which every other byte is zero where the text is Latin.
func isSevenBit(declared string, page []byte) bool {
	switch declared {
	case "iso-2022-jp":
		return bytes.Contains(page, []byte("\x1b$")) || bytes.Contains(page, []byte("\x1b("))
	case "utf-16le", "utf-16be":
		return bytes.IndexByte(page[:min(len(page), sampleBytes)], 0) >= 0
	}
	return false
}

// sampleBytes is how much of a page we look at to guess.
const sampleBytes = 64 << 10

// mostlyUTF8 reports whether most of what is not ASCII in a page is valid UTF-8: a cut character or a stray Latin-1 letter
// makes no other encoding of it.
func mostlyUTF8(page []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(page); {
		if page[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(page[i:])
		if r == utf8.RuneError && size == 1 {
			bad++
		} else {
			good++
		}
		i += size
	}
	return good > bad
}

// guess names the encoding of a page that does not say it, from its bytes. Markup is left out, so that it does not outvote
// the text.
func guess(page []byte) string {
	if mostlyUTF8(page) {
		return "utf-8"
	}
	results, err := chardet.NewTextDetector().DetectAll(sample(page))
	if err != nil {
		return "windows-1252"
	}
	// The detector asks its recognisers at the same time, and of two that are equally sure the first to answer would win.
	slices.SortFunc(results, func(a, b chardet.Result) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Charset, b.Charset))
	})
	for _, r := range results {
		if name := canonicalEncoding(r.Charset); name != "" && name != "utf-8" {
			return name
		}
	}
	return "windows-1252"
}

// sample returns text of a page, at most sampleBytes of it: runs of bytes around those that are not ASCII.
func sample(page []byte) []byte {
	var out []byte
	z := html.NewTokenizer(bytes.NewReader(page))
	for len(out) < sampleBytes {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.TextToken:
			if raw := z.Raw(); bytes.ContainsFunc(raw, func(r rune) bool { return r >= utf8.RuneSelf }) {
				out = append(append(out, raw...), '\n')
			}
		}
	}
	return out[:sampleBytes]
}
