package report

import (
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/dedupe-news/dedupe/spell"
)

// visible puts a text of others on one line in which everything can be seen: space of any kind becomes one blank, and what is hidden
// a sign, ESC "␛", U+202E "�". It has no more characters than s.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if !hidden(r) {
			return r
		}
		if sign, ok := spell.Sign(r); ok {
			return sign
		}
		return unicode.ReplacementChar
	}, strings.Join(strings.Fields(s), " "))
}

// webLink is s if it can be a link: an absolute http or https URL in which nothing is hidden. Else it is empty.
func webLink(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsFunc(s, hidden) {
		return ""
	}
	return s
}

// noBreak holds a number and its unit together on one line.
const noBreak = "\u00a0"

// percent writes part of whole with at most two digits, or with one decimal near the ends; what is not all or nothing is never
// rounded to it. Of nothing it is empty.
func percent(part, whole int) string {
	if whole <= 0 {
		return ""
	}
	const unit = noBreak + "%"
	p := 100 * float64(part) / float64(whole)
	switch {
	case part == 0 || part == whole:
		return strconv.FormatFloat(p, 'f', 0, 64) + unit
	case p < 0.1:
		return "<" + noBreak + "0.1" + unit
	case p > 99.9:
		return ">" + noBreak + "99.9" + unit
	case p < 9.95 || p >= 99:
		return strconv.FormatFloat(p, 'f', 1, 64) + unit
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + unit
}

// duration writes a time of so many seconds: "17.6 s", "12 min 5 s", "3 h 12 min", "9 d 4 h".
func duration(seconds float64) string {
	two := func(whole int, a, b string, inA int) string {
		text := spell.Grouped(whole/inA) + noBreak + a
		if rest := whole % inA; rest > 0 {
			text += " " + strconv.Itoa(rest) + noBreak + b
		}
		return text
	}
	switch {
	case seconds < 59.95:
		return strconv.FormatFloat(max(seconds, 0), 'f', 1, 64) + noBreak + "s"
	case seconds < 3599.5:
		return two(int(math.Round(seconds)), "min", "s", 60)
	case seconds < 2*secondsADay:
		return two(int(math.Round(seconds/60)), "h", "min", 60)
	}
	return two(int(math.Round(seconds/3600)), "d", "h", 24)
}

// byteSize writes a size with three digits: 4.31 KB.
func byteSize(n int64) string { return spell.Bytes(n, noBreak) }

// moment writes a time of publication in UTC; unknown is empty.
func moment(t time.Time) string { return spell.Moment(t, noBreak) }

// hidden reports whether r is not to be seen: what a terminal must not get, and the invisible ones that a page lays out as nothing.
func hidden(r rune) bool {
	switch r {
	case 0xad, 0x61c, 0x180e, 0xfeff: // soft hyphen, Arabic letter mark, Mongolian separator, byte order mark
		return true
	}
	return spell.Hidden(r) || r >= 0x2060 && r <= 0x2065 || unicode.Is(unicode.Noncharacter_Code_Point, r) // joiners, invisible operators
}
