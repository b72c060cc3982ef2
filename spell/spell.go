// Package spell writes figures for people: numbers, sizes and times; and it knows what of a text of others people would not see.
//
// A command on a terminal and a page of HTML say the same things, and here they say them alike. Where a number and its unit stand side by
// side, the caller says what is between them: a blank, or on a page one that does not break.
package spell

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Grouped writes n with commas: 1,280.
func Grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Counted writes n with its noun: "1 article", "1,280 articles", "2 stories".
func Counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		return Grouped(n) + " " + stem + "ies"
	}
	return Grouped(n) + " " + noun + "s"
}

// Bytes writes a size with three digits: 812 B, 4.31 KB, 1.20 GB (powers of 1000); gap is the blank in it. Sizes of 1000 TB and more have
// more digits.
func Bytes(n int64, gap string) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + gap + "B"
	}
	size := float64(n)
	for _, unit := range []string{"KB", "MB", "GB"} {
		if size /= 1000; size < 999.5 {
			return threeDigits(size) + gap + unit
		}
	}
	return threeDigits(size/1000) + gap + "TB"
}

func threeDigits(f float64) string {
	switch {
	case f < 9.995:
		return strconv.FormatFloat(f, 'f', 2, 64)
	case f < 99.95:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return Grouped(int(math.Round(f)))
}

// Moment writes a time of publication in UTC, to the minute, with gap between day and time; one at midnight is taken for a mere date.
// Unknown (zero) is empty.
func Moment(t time.Time, gap string) string {
	t = t.UTC()
	day := t.Format(time.DateOnly)
	switch {
	case t.IsZero():
		return ""
	case t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0:
		return day
	}
	return day + gap + t.Format("15:04")
}

// Sign is the picture of a control character, ESC "␛"; not ok for all else.
func Sign(r rune) (_ rune, ok bool) {
	switch {
	case r >= 0 && r < 0x20:
		return 0x2400 + r, true
	case r == 0x7f:
		return 0x2421, true
	}
	return 0, false
}

// Hidden reports whether a terminal might do something else with r than show
// it: control characters (with them all escape sequences), line separators,
// what turns the direction of writing, and tags. The marks and joiners that
// Arabic, Persian or Indian titles need are none of these.
func Hidden(r rune) bool {
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
