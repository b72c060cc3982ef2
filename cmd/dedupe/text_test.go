package main

import (
	"strings"
	"testing"
	"time"
)

func TestVisible(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"plain", "Ferries collide in fog", "Ferries collide in fog"},
		{"empty", "", ""},
		{"escape sequence", "\x1b[2Jgone", "␛[2Jgone"},
		{"eight-bit escape sequence", "\u009b2Jgone", "<U+009B>2Jgone"},
		{"title of the window", "\x1b]0;owned\a", "␛]0;owned␇"},
		{"carriage return", "new\rold", "new␍old"},
		{"tab and line feed", "a\tb\nc", "a␉b␊c"},
		{"delete", "a\x7f", "a␡"},
		{"NUL", "a\x00b", "a␀b"},
		{"right-to-left override", "exe.\u202etxt", "exe.<U+202E>txt"},
		{"isolate", "\u2067abc\u2069", "<U+2067>abc<U+2069>"},
		{"line separator", "a\u2028b", "a<U+2028>b"},
		{"tags", "a\U000e0041", "a<U+E0041>"},
		{"invalid UTF-8", "a\xffb", "a\ufffdb"},
		{"Arabic with its marks", "إغلاق ميناء\u200f", "إغلاق ميناء\u200f"},
		{"Persian joiner", "می\u200cشود", "می\u200cشود"},
		{"joined emoji", "👩\u200d🚒", "👩\u200d🚒"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := visible(test.in); got != test.want {
				t.Errorf("visible(%q) = %q, want %q", test.in, got, test.want)
			}
		})
	}
}

func TestVisibleText(t *testing.T) {
	t.Parallel()
	in, want := "one\r\n\ttwo\rthree\x1b[0m\n", "one\n\ttwo␍three␛[0m\n"
	if got := visibleText(in); got != want {
		t.Errorf("visibleText(%q) = %q, want %q", in, got, want)
	}
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	in, want := "  Ferries\n\t collide\u00a0in\x1bfog ", "Ferries collide in\x1bfog"
	if got := oneLine(in); got != want {
		t.Errorf("oneLine(%q) = %q, want %q", in, got, want)
	}
}

func TestDisplayWidth(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"":                    0,
		"fog":                 3,
		"Brücke":              6,
		"Bru\u0308cke":        6,
		"云泽电池厂":               10,
		"トンネル":                8,
		"ﾄﾝﾈﾙ":                4,
		"Поезд":               5,
		"한국":                  4,
		"إغلاق":               5,
		"a\u200db":            2,
		"…":                   1,
		"\u1112\u1161\u11ab.": 3,
	} {
		if got := displayWidth(in); got != want {
			t.Errorf("displayWidth(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in          string
		columns     int
		end, middle string
	}{
		{"ferry", 5, "ferry", "ferry"},
		{"ferries", 5, "ferr…", "fe…es"},
		{"ferries", 1, "…", "…"},
		{"云泽电池厂", 10, "云泽电池厂", "云泽电池厂"},
		{"云泽电池厂", 9, "云泽电池…", "云泽…池厂"},
		{"云泽电池厂", 8, "云泽电…", "云…池厂"},
	} {
		if got := cutEnd(test.in, test.columns); got != test.end {
			t.Errorf("cutEnd(%q, %d) = %q, want %q", test.in, test.columns, got, test.end)
		}
		if got := cutMiddle(test.in, test.columns); got != test.middle {
			t.Errorf("cutMiddle(%q, %d) = %q, want %q", test.in, test.columns, got, test.middle)
		}
	}
	for _, long := range []string{strings.Repeat("a", 90), strings.Repeat("云", 50), strings.Repeat("a云", 30)} {
		for columns := 1; columns < 60; columns++ {
			if got := cutMiddle(long, columns); displayWidth(got) > columns {
				t.Errorf("cutMiddle(%q, %d) = %q, which takes %d columns", long, columns, got, displayWidth(got))
			}
		}
	}
}

func TestByteSize(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.00 KB", 4312: "4.31 KB", 54_300: "54.3 KB", 999_499: "999 KB", 999_500: "1.00 MB",
		1_200_000_000: "1.20 GB", 3_400_000_000_000: "3.40 TB", 9_999: "10.0 KB", 99_960: "100 KB",
	} {
		if got := byteSize(n); got != want {
			t.Errorf("byteSize(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestSimilarity(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		of        float64
		estimated bool
		want      string
	}{
		{0, false, "0.00"},
		{0.0001, false, "0.01"},
		{0.934, false, "0.93"},
		{0.934, true, "~0.93"},
		{0.996, false, "0.99"},
		{1, false, "1.00"},
		{1, true, "~1.00"},
	} {
		if got := similarity(test.of, test.estimated); got != test.want {
			t.Errorf("similarity(%v, %v) = %q, want %q", test.of, test.estimated, got, test.want)
		}
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	cet := time.FixedZone("CET", 3600)
	for _, test := range []struct {
		of   time.Time
		want string
	}{
		{time.Time{}, ""},
		{time.Date(2026, 3, 9, 13, 5, 59, 0, time.UTC), "2026-03-09 13:05"},
		{time.Date(2026, 3, 9, 0, 30, 0, 0, cet), "2026-03-08 23:30"},
		{time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), "2026-03-09"},
	} {
		if got := moment(test.of); got != test.want {
			t.Errorf("moment(%v) = %q, want %q", test.of, got, test.want)
		}
	}
}
