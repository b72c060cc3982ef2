package spell

import (
	"testing"
	"time"
)

func TestFigures(t *testing.T) {
	t.Parallel()
	at := func(hour, minute int) time.Time { return time.Date(2026, 3, 9, hour, minute, 0, 0, time.UTC) }
	for _, test := range []struct{ got, want string }{
		{Grouped(0), "0"},
		{Grouped(999), "999"},
		{Grouped(1000), "1,000"},
		{Grouped(-128), "-128"},
		{Grouped(-1280), "-1,280"},
		{Grouped(-1234567), "-1,234,567"},
		{Counted(0, "story"), "0 stories"},
		{Counted(0, "article"), "0 articles"},
		{Counted(1, "story"), "1 story"},
		{Counted(1280, "story"), "1,280 stories"},
		{Bytes(0, " "), "0 B"},
		{Bytes(999, " "), "999 B"},
		{Bytes(4310, "_"), "4.31_KB"},
		{Bytes(9_999, " "), "10.0 KB"},
		{Bytes(99_960, " "), "100 KB"},
		{Bytes(999_499, " "), "999 KB"},
		{Bytes(3_400_000_000_000, " "), "3.40 TB"},
		{Bytes(999_500, " "), "1.00 MB"},
		{Bytes(5_498_000_000_000_000, " "), "5,498 TB"},
		{Moment(time.Time{}, " "), ""},
		{Moment(at(0, 0), " "), "2026-03-09"},
		{Moment(at(0, 30), " "), "2026-03-09 00:30"},
		{Moment(at(12, 0), " "), "2026-03-09 12:00"},
		{Moment(at(0, 0).Add(time.Second), " "), "2026-03-09 00:00"},
		{Moment(at(13, 5).In(time.FixedZone("", 3600)), "_"), "2026-03-09_13:05"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestSign(t *testing.T) {
	t.Parallel()
	for r, want := range map[rune]rune{0: '␀', '\t': '␉', 0x1b: '␛', 0x1f: '␟', 0x7f: '␡', ' ': 0, 'a': 0, 0x80: 0, 0x202e: 0, -1: 0} {
		if got, ok := Sign(r); got != want || ok != (want != 0) {
			t.Errorf("Sign(%U) = %q, %v, want %q", r, got, ok, want)
		}
	}
}

func TestHidden(t *testing.T) {
	t.Parallel()
	for _, r := range "\x00\n\x1b\x7f\u0085\u2028\u202a\u202e\u2066\u206f\ufff9\ufffb\U000e0000\U000e0041\U000e007f" {
		if !Hidden(r) {
			t.Errorf("Hidden(%U) = false, want true", r)
		}
	}
	for _, r := range " aé\u00a0\u00ad\u200c\u200d\u200f\u2030\u2060\ufeff\ufffc球👩\U000e0080" {
		if Hidden(r) {
			t.Errorf("Hidden(%U) = true, want false", r)
		}
	}
}
