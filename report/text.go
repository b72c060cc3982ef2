package report

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// hidden reports whether r does something else than being shown: control characters, line separators, what turns the direction of
// writing, invisible operators, tags. The marks and joiners that Arabic, Persian or Indian titles need are none of these. It knows what
// cmd/dedupe hides from a terminal, and the invisible ones that a page lays out as nothing.
func hidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0: // C0, DEL, C1
		return true
	case r < 0x2028:
		return r == 0xad || r == 0x61c || r == 0x180e // soft hyphen, Arabic letter mark, Mongolian separator
	case r <= 0x202e, r >= 0x2060 && r <= 0x206f: // separators, embeddings, overrides; joiners, isolates, deprecated marks
		return true
	case r == 0xfeff, r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f: // byte order mark, annotations, tags
		return true
	}
	return unicode.Is(unicode.Noncharacter_Code_Point, r)
}

// visible puts a text of others on one line in which everything can be seen: space of any kind becomes one blank, and what is hidden
// a sign, ESC "␛", U+202E "�". It has no more characters than s.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case !hidden(r):
			return r
		case r < 0x20:
			return 0x2400 + r // control pictures
		case r == 0x7f:
			return 0x2421
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

// byteSize writes a size with three digits: 812 B, 4.31 KB, 1.20 GB (powers of 1000).
func byteSize(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + noBreak + "B"
	}
	size := float64(n)
	for _, unit := range []string{"KB", "MB", "GB"} {
		if size /= 1000; size < 999.5 {
			return threeDigits(size) + noBreak + unit
		}
	}
	return threeDigits(size/1000) + noBreak + "TB" // what is more has more digits
}

func threeDigits(f float64) string {
	switch {
	case f < 9.995:
		return strconv.FormatFloat(f, 'f', 2, 64)
	case f < 99.95:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return grouped(int(math.Round(f)))
}

// duration writes a time of so many seconds: "17.6 s", "12 min 5 s", "3 h 12 min", "9 d 4 h".
func duration(seconds float64) string {
	two := func(whole int, a, b string, inA int) string {
		text := grouped(whole/inA) + noBreak + a
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

// moment writes a time of publication in UTC, to the minute; one at midnight is taken for a mere date. Unknown is empty.
func moment(t time.Time) string {
	t = t.UTC()
	switch {
	case t.IsZero():
		return ""
	case t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0:
		return t.Format(time.DateOnly)
	}
	return fmt.Sprintf("%s%s%s", t.Format(time.DateOnly), noBreak, t.Format("15:04"))
}
