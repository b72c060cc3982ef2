package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// hidden reports whether a terminal might do something else with r than show
// it: control characters (with them all escape sequences), line separators,
// what turns the direction of writing, and tags. The marks and joiners that
// Arabic, Persian or Indian titles need are none of these.
func hidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0: // C0, DEL, C1
		return true
	case r < 0x2028:
		return false
	case r <= 0x202e, r >= 0x2066 && r <= 0x206f: // separators, embeddings, overrides; isolates and deprecated marks
		return true
	case r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f: // interlinear annotations, tags
		return true
	}
	return false
}

// visible replaces what is hidden in s by something to be seen: ESC by "␛",
// U+202E by "<U+202E>". Invalid UTF-8 becomes U+FFFD. It is what s looks like
// on one line of a terminal or in one field of a table.
func visible(s string) string { return replaceHidden(s, "") }

// visibleText is visible, but keeps line feeds and tabs; CR LF becomes LF.
func visibleText(s string) string {
	return replaceHidden(strings.ReplaceAll(s, "\r\n", "\n"), "\n\t")
}

func replaceHidden(s, keep string) string {
	if strings.IndexFunc(s, hidden) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !hidden(r) || strings.ContainsRune(keep, r):
			b.WriteRune(r)
		case r < 0x20:
			b.WriteRune(0x2400 + r) // control pictures
		case r == 0x7f:
			b.WriteRune(0x2421)
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

// grouped writes n with commas: 1,280.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// counted writes n with its noun: "1 article", "1,280 articles".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + plural(noun)
}

func plural(noun string) string {
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		return stem + "ies"
	}
	return noun + "s"
}

// byteSize writes a size with three digits: 812 B, 4.31 KB, 1.20 GB (powers of 1000).
func byteSize(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	size := float64(n)
	for _, unit := range []string{"KB", "MB", "GB"} {
		if size /= 1000; size < 999.5 {
			return threeDigits(size) + " " + unit
		}
	}
	return threeDigits(size/1000) + " TB"
}

func threeDigits(f float64) string {
	switch {
	case f < 9.995:
		return strconv.FormatFloat(f, 'f', 2, 64)
	case f < 99.95:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'f', 0, 64)
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

// moment writes a time of publication in UTC, to the minute; one at midnight is taken for a mere date. Unknown is empty.
func moment(t time.Time) string {
	t = t.UTC()
	switch {
	case t.IsZero():
		return ""
	case t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0:
		return t.Format("2006-01-02")
	}
	return t.Format("2006-01-02 15:04")
}
