package report

import (
	"strings"
	"testing"
	"time"
)

func TestVisible(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                            "",
		" a \n\t b ":                  "a b",
		"\x1b[31mred\x00\x7f":         "␛[31mred␀␡",
		"a\u202eb\u2066c\u009bd":      "a\ufffdb\ufffdc\ufffdd",
		"bro\xffken":                  "bro\ufffdken",
		"tag\U000e0041 \ufeff\u00ad|": "tag\ufffd \ufffd\ufffd|",
		"نیم\u200cفاصله क्\u200dष 👩\u200d🚒 \u200f": "نیم\u200cفاصله क्\u200dष 👩\u200d🚒 \u200f",
	} {
		if got := visible(s); got != want {
			t.Errorf("visible(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ got, want string }{
		{percent(0, 0), ""},
		{percent(0, 7), "0_%"},
		{percent(7, 7), "100_%"},
		{percent(1, 3), "33_%"},
		{percent(1, 30), "3.3_%"},
		{percent(1, 100_000), "<_0.1_%"},
		{percent(99_999, 100_000), ">_99.9_%"},
		{percent(995, 1000), "99.5_%"},
		{percent(9949, 100_000), "9.9_%"},
		{percent(996, 10_000), "10_%"},
		{percent(9899, 10_000), "99_%"},
		{byteSize(0), "0_B"},
		{byteSize(999), "999_B"},
		{byteSize(4310), "4.31_KB"},
		{byteSize(999_500), "1.00_MB"},
		{byteSize(5_498_000_000_000_000), "5,498_TB"},
		{duration(-1), "0.0_s"},
		{duration(17.64), "17.6_s"},
		{duration(59.96), "1_min"},
		{duration(725), "12_min 5_s"},
		{duration(3599.7), "1_h"},
		{duration(11_520), "3_h 12_min"},
		{duration(9 * 86_400), "9_d"},
		{moment(time.Time{}), ""},
		{moment(time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)), "2026-03-09"},
		{moment(time.Date(2026, 3, 9, 13, 5, 0, 0, time.FixedZone("", 3600))), "2026-03-09_12:05"},
	} {
		if got := strings.ReplaceAll(test.got, noBreak, "_"); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"": "", "abcde": "abcde", "abcdef": "abcd…", "ééééé": "ééééé", "éééééé": "éééé…", "\xff\xfe\xfd": "\ufffd"} {
		got := s
		if cut(&got, 5); got != want {
			t.Errorf("cut(%q, 5) = %q, want %q", s, got, want)
		}
	}
	name := strings.Repeat("folder/", 40) + "segment-00017.warc.gz"
	got := name
	cutFile(&got)
	if n := len([]rune(got)); n != maxFileRunes || !strings.HasSuffix(got, "segment-00017.warc.gz") || !strings.HasPrefix(got, "folder/folder/") {
		t.Errorf("cutFile(%q) = %q of %d characters, want %d with both ends", name, got, n, maxFileRunes)
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	got := parts(Report{Kept: 1_000_000, Copies: []KindCount{{Kind: "exact", Articles: 1}, {Kind: "copy"}, {Kind: "known", Articles: 1}}})
	if len(got) != 3 {
		t.Fatalf("parts = %+v, want unique, exact and known", got)
	}
	x := share(0)
	for _, p := range got {
		if p.X != x || p.Width < 0.39 {
			t.Errorf("part %s is at %v and %v wide, want at %v and to be seen", p.Name, p.X, p.Width, x)
		}
		x += p.Width
	}
	if x < 99.999 || x > 100.001 {
		t.Errorf("the parts are %v wide together, want 100%%", x)
	}
}

// TestChartFits: bars and labels stay inside, for any number of days.
func TestChartFits(t *testing.T) {
	t.Parallel()
	for n := 2; n < 4000; n = n*5/4 + 1 {
		r := Report{}
		for i := range n {
			r.Days = append(r.Days, Day{Day: Date(20_000 + i), Kept: i%7*i + 1, Dropped: i % 3})
		}
		r = r.Short()
		chart := timelineOf(r)
		if chart == nil {
			t.Fatalf("%d days: no chart", n)
		}
		if len(chart.Ticks) < 1 || len(chart.Ticks) > 7 || len(chart.Lines) < 1 || len(chart.Lines) > 4 {
			t.Errorf("%d days: %d labels, %d lines; want 1 to 7, and 1 to 4", n, len(chart.Ticks), len(chart.Lines))
		}
		for _, b := range chart.Bars {
			if b.X < 0 || b.X+b.Width > 100.0001 || b.DroppedY < 0 || b.KeptY > timelineBase {
				t.Errorf("%d days: bar %+v is not inside of the chart", n, b)
			}
		}
	}
}
