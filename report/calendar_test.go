package report_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dedupe-news/dedupe/report"
)

func date(t *testing.T, s string) report.Date {
	t.Helper()
	var d report.Date
	if err := d.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDate(t *testing.T) {
	t.Parallel()
	for moment, want := range map[string]string{
		"1970-01-01T00:00:00Z":      `"1970-01-01"`,
		"1969-12-31T23:59:59Z":      `"1969-12-31"`,
		"2026-03-09T23:59:59Z":      `"2026-03-09"`,
		"2026-03-09T23:30:00-01:00": `"2026-03-10"`,
		"0001-01-01T00:00:00Z":      `"0001-01-01"`,
		"9999-12-31T12:00:00Z":      `"9999-12-31"`,
		"2024-02-29T12:00:00Z":      `"2024-02-29"`,
	} {
		at, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(report.DateOf(at))
		if err != nil || string(got) != want {
			t.Errorf("DateOf(%s) = %s, %v; want %s", moment, got, err, want)
		}
		var back report.Date
		if err := json.Unmarshal(got, &back); err != nil || back != report.DateOf(at) {
			t.Errorf("%s does not read back: %v, %v", got, back, err)
		}
	}
	d := report.Date(3)
	if err := d.UnmarshalText([]byte("2026-13-01")); err == nil || d != 3 {
		t.Errorf("UnmarshalText(2026-13-01) = %v, and the date became %v; want an error and 1970-01-04", err, d)
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	every := func(from string, step, n int) []report.Day {
		var days []report.Day
		for i := range n {
			days = append(days, report.Day{Day: date(t, from) + report.Date(i*step), Kept: 2, Dropped: 1})
		}
		return days
	}
	add := func(days []report.Day, day string, kept int) []report.Day {
		return append(days, report.Day{Day: date(t, day), Kept: kept})
	}
	for name, test := range map[string]struct {
		days           []report.Day
		given, unit    string
		n              int
		first, second  string
		earlier, later report.Day
	}{
		"none":             {unit: "day"},
		"one day":          {days: every("2026-03-09", 1, 1), unit: "day", n: 1, first: "2026-03-09"},
		"half a year":      {days: every("2026-01-01", 1, 160), unit: "day", n: 160, first: "2026-01-01", second: "2026-01-02"},
		"a day more":       {days: every("2026-01-01", 1, 161), unit: "week", n: 24, first: "2025-12-29", second: "2026-01-05"},
		"before 1970":      {days: every("1969-06-01", 1, 400), unit: "week", n: 58, first: "1969-05-26", second: "1969-06-02"},
		"ten years":        {days: every("2015-06-01", 1, 3653), unit: "month", n: 120, first: "2015-06-01", second: "2015-07-01"},
		"a century":        {days: every("1920-01-15", 30, 1300), unit: "year", n: 107, first: "1920-01-01", second: "1921-01-01"},
		"given by month":   {days: every("2026-01-01", 31, 3), given: "month", unit: "month", n: 3, first: "2026-01-01", second: "2026-02-01"},
		"one day twice":    {days: append(every("2026-03-09", 1, 2), every("2026-03-09", 1, 2)...), unit: "day", n: 2, first: "2026-03-09", second: "2026-03-10"},
		"nine centuries":   {days: every("1100-01-01", 365, 900), unit: "year", n: 160, first: "1839-01-01", second: "1840-01-01", earlier: report.Day{Day: date(t, "1100-01-01"), Kept: 2 * 740, Dropped: 740}},
		"1970 and 2099":    {days: add(add(every("2026-01-01", 1, 100), "1970-01-01", 1), "2099-01-01", 1), unit: "day", n: 100, first: "2026-01-01", second: "2026-01-02", earlier: report.Day{Day: 0, Kept: 1}, later: report.Day{Day: date(t, "2099-01-01"), Kept: 1}},
		"1970, too many":   {days: add(every("2026-01-01", 1, 100), "1970-01-01", 4), unit: "year", n: 2, first: "1970-01-01", second: "2026-01-01"},
		"a little earlier": {days: add(every("2026-01-01", 1, 100), "2025-10-01", 1), unit: "week", n: 16, first: "2025-09-29", second: "2025-12-29"},
	} {
		r := report.Report{Days: test.days, DaysUnit: test.given}
		got := r.Short()
		if got.DaysUnit != test.unit || len(got.Days) != test.n {
			t.Errorf("%s: %d days by %s, want %d by %s", name, len(got.Days), got.DaysUnit, test.n, test.unit)
			continue
		}
		if test.n > 0 && got.Days[0].Day != date(t, test.first) || test.n > 1 && got.Days[1].Day != date(t, test.second) {
			t.Errorf("%s: days begin with %v, %v; want %s, %s", name, got.Days[0].Day, got.Days[min(1, test.n-1)].Day, test.first, test.second)
		}
		if got.Earlier != test.earlier || got.Later != test.later {
			t.Errorf("%s: earlier %+v, later %+v; want %+v, %+v", name, got.Earlier, got.Later, test.earlier, test.later)
		}
		if total(got) != total(r) {
			t.Errorf("%s: %+v articles after Short, want %+v", name, total(got), total(r))
		}
		if diff := cmp.Diff(got, got.Short()); diff != "" {
			t.Errorf("%s: Short of a short report is another (-once +twice):\n%s", name, diff)
		}
	}
}

func total(r report.Report) report.Day {
	sum := report.Day{Kept: r.Earlier.Kept + r.Later.Kept, Dropped: r.Earlier.Dropped + r.Later.Dropped}
	for _, d := range r.Days {
		sum.Kept += d.Kept
		sum.Dropped += d.Dropped
	}
	return sum
}

// TestYearsThatJSONHasNot: such times do not keep a report from being written.
func TestYearsThatJSONHasNot(t *testing.T) {
	t.Parallel()
	far := time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC)
	got := report.Report{
		Began: far, Since: far, Until: far,
		Days:     []report.Day{{Day: report.DateOf(far), Kept: 3}, {Day: 1, Kept: 2}},
		Clusters: []report.Cluster{{ID: "c1", First: far, Last: far}},
	}
	render(t, got)
	if short := got.Short(); short.Undated != 3 || len(short.Days) != 1 {
		t.Errorf("Short() has %d undated and %d days, want 3 and 1", short.Undated, len(short.Days))
	}
}

func TestSpreadOf(t *testing.T) {
	t.Parallel()
	at := func(hours ...float64) []time.Time {
		var times []time.Time
		for _, h := range hours {
			times = append(times, time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC).Add(time.Duration(h*float64(time.Hour))))
		}
		return times
	}
	if first, last, spread := report.SpreadOf(nil); !first.IsZero() || !last.IsZero() || spread != nil {
		t.Errorf("SpreadOf(nil) = %v, %v, %v; want zero", first, last, spread)
	}
	if _, _, spread := report.SpreadOf([]time.Time{{}, {}}); spread != nil {
		t.Errorf("SpreadOf(unknown) = %v, want nil", spread)
	}
	if first, last, spread := report.SpreadOf(append(at(3, 3), time.Time{})); !first.Equal(last) || len(spread) != 1 || spread[0] != 2 {
		t.Errorf("SpreadOf(one moment) = %v, %v, %v; want it twice and [2]", first, last, spread)
	}
	first, last, spread := report.SpreadOf(at(48, 1, 0, 24))
	want := make([]int, report.SpreadParts)
	want[0], want[1], want[24], want[47] = 1, 1, 1, 1
	if diff := cmp.Diff(want, spread); diff != "" || !first.Equal(at(0)[0]) || !last.Equal(at(48)[0]) {
		t.Errorf("SpreadOf(0, 1, 24, 48 h) = %v, %v (-want +got):\n%s", first, last, diff)
	}
	millennia := []time.Time{time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(5000, 1, 1, 0, 0, 0, 0, time.UTC)}
	if _, _, spread := report.SpreadOf(millennia); spread[0] != 1 || spread[23]+spread[24] != 1 || spread[47] != 1 {
		t.Errorf("SpreadOf(years 1, 5000, 9999) = %v", spread)
	}
	for _, nanoseconds := range []time.Duration{1, 7, 999} {
		base := at(0)[0]
		if _, _, spread := report.SpreadOf([]time.Time{base, base.Add(nanoseconds)}); spread[0] != 1 || spread[47] != 1 {
			t.Errorf("SpreadOf(%d ns apart) = %v, want one in the first and one in the last part", nanoseconds, spread)
		}
	}
}
