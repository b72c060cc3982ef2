package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/dedupe-news/dedupe/spell"
)

// visible replaces what is hidden in s by something to be seen: ESC by "␛",
// U+202E by "<U+202E>". Invalid UTF-8 becomes U+FFFD. It is what s looks like
// on one line of a terminal or in one field of a table.
func visible(s string) string { return replaceHidden(s, "") }

// visibleText is visible, but keeps line feeds and tabs; CR LF becomes LF.
func visibleText(s string) string {
	return replaceHidden(strings.ReplaceAll(s, "\r\n", "\n"), "\n\t")
}

func replaceHidden(s, keep string) string {
	if strings.IndexFunc(s, spell.Hidden) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch sign, ok := spell.Sign(r); {
		case !spell.Hidden(r) || strings.ContainsRune(keep, r):
			b.WriteRune(r)
		case ok:
			b.WriteRune(sign)
		default:
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
	}
	return b.String()
}

// oneLine puts a title on one line: space of any kind becomes one blank. What else is hidden stays, for visible to show.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// displayWidth is how many columns of a terminal s takes. Wide are the letters of East Asia and emoji; marks take none.
func displayWidth(s string) int {
	columns := 0
	for _, r := range s {
		columns += runeWidth(r)
	}
	return columns
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf), r >= 0x1160 && r <= 0x11ff:
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cutEnd shortens s to so many columns; "…" stands for the rest.
func cutEnd(s string, columns int) string {
	if len(s) <= columns || displayWidth(s) <= columns {
		return s
	}
	used := 0
	for i, r := range s {
		if used += runeWidth(r); used > columns-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// cutMiddle shortens s to so many columns but keeps its end, in which ids and URLs differ.
func cutMiddle(s string, columns int) string {
	if len(s) <= columns || displayWidth(s) <= columns {
		return s
	}
	tail, used := len(s), 0
	for tail > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:tail])
		if used += runeWidth(r); used > columns/2 {
			break
		}
		tail -= size
	}
	return cutEnd(s[:tail], columns-displayWidth(s[tail:])) + s[tail:]
}

// similarity writes a Jaccard similarity or a containment with two decimals;
// "~" says that it is an estimate. What is below one does not round to one,
// and what is above zero not to zero: 1.00 and 0.00 are said of those only.
func similarity(f float64, estimated bool) string {
	shown := f
	switch {
	case f > 0 && f < 0.01:
		shown = 0.01
	case f < 1 && f > 0.99:
		shown = 0.99
	}
	text := strconv.FormatFloat(shown, 'f', 2, 64)
	if estimated {
		return "~" + text
	}
	return text
}

// byteSize writes a size with three digits: 4.31 KB.
func byteSize(n int64) string { return spell.Bytes(n, " ") }

// moment writes a time of publication in UTC; unknown is empty.
func moment(t time.Time) string { return spell.Moment(t, " ") }
