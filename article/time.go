package article

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrTime is wrapped by the errors of ParseTime. Nothing is wrong with the article: its time of publication is unknown.
var ErrTime = errors.New("not a date we know")

// ParseTime reads a date as crawls spell it, and returns it in UTC. Space around it is ignored. It knows
//
//	2006-01-02T15:04:05Z            RFC 3339 and its relatives: any fraction; "T" or a space; seconds may be missing;
//	                                zone as Z, UTC, +01:00, +0100, +01, or none
//	2006-01-02                      midnight
//	Mon, 02 Jan 2006 15:04:05 GMT   RFC 1123, RFC 822: weekday and seconds may be missing, years may have two digits
//	20060102, 20060102150405,       compact, year first; 12 digits that spell a date and a time are one (200601021504)
//	20060102T150405Z
//	1136214245, 1136214245.5        Unix seconds, 9 or 10 digits (from March 1973), perhaps with a fraction
//	1136214245000                   Unix milliseconds, 12 or 13 digits
//
// Without a zone, UTC is assumed: an error of hours, where dates are compared by days. The zone letters EST, EDT, CST, CDT,
// MST, MDT, PST and PDT mean what RFC 822 says; others are taken for UTC, as RFC 5322 section 4.3 advises, never for what
// this machine's time zone makes of them.
//
// Any other string, the empty one included, gives the zero time and an error that names the value and wraps [ErrTime].
func ParseTime(s string) (time.Time, error) {
	value := strings.TrimSpace(s)
	var (
		t  time.Time
		ok bool
	)
	switch {
	case len(value) > maxTimeBytes:
		return time.Time{}, fmt.Errorf("%q…: %w", value[:maxTimeBytes], ErrTime)
	case isNumber(value):
		t, ok = parseDigits(value)
	case len(value) > 4 && value[4] == '-':
		t, ok = parseLayouts(value, isoLayouts)
	case len(value) > 8 && value[8] == 'T':
		t, ok = parseLayouts(value, compactLayouts)
	default:
		t, ok = parseMailDate(value)
	}
	t = t.UTC()
	if !ok || t.Year() < 0 || t.Year() > 9999 { // by its zone it can be in a year that neither RFC 3339 nor JSON has
		return time.Time{}, fmt.Errorf("%q: %w", s, ErrTime)
	}
	return t, nil
}

// maxTimeBytes is more than any date is long, and keeps error messages short.
const maxTimeBytes = 64

// Go reads a fraction after the seconds whether or not the layout has one, and "Z0700" stands for Z, +0100 and, in its other
// forms, for +01:00 and +01.
var (
	isoLayouts = []string{
		time.DateOnly,
		time.RFC3339,
		"2006-01-02T15:04:05",
		time.DateTime,
		"2006-01-02T15:04:05Z0700",
		"2006-01-02T15:04:05Z07",
		"2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04:05Z0700",
		"2006-01-02 15:04:05Z07",
		"2006-01-02 15:04:05 Z07:00",
		"2006-01-02 15:04:05 Z0700",
		"2006-01-02 15:04:05 UTC",
		"2006-01-02 15:04:05 Z0700 UTC", // time.Time.String
		"2006-01-02T15:04Z07:00",
		"2006-01-02T15:04Z0700",
		"2006-01-02T15:04",
		"2006-01-02 15:04Z07:00",
		"2006-01-02 15:04",
	}
	compactLayouts = []string{
		"20060102T150405Z0700",
		"20060102T150405Z07:00",
		"20060102T150405",
		"20060102T1504Z0700",
		"20060102T1504",
	}
	mailLayouts = []string{
		"2 Jan 2006 15:04:05",
		"2 Jan 2006 15:04",
		"2 Jan 06 15:04:05",
		"2 Jan 06 15:04",
	}
)

func parseLayouts(value string, layouts []string) (time.Time, bool) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, value); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// isNumber reports whether s is digits, with at most one point among them.
func isNumber(s string) bool {
	whole, fraction, point := strings.Cut(s, ".")
	return isDigits(whole) && (!point || isDigits(fraction))
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// parseDigits tells dates from Unix times by the number of digits.
func parseDigits(value string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(value, ".")
	if fraction == "" {
		layout := ""
		switch len(whole) {
		case 8:
			layout = "20060102"
		case 12:
			layout = "200601021504"
		case 14:
			layout = "20060102150405"
		}
		if t, err := time.Parse(layout, whole); layout != "" && err == nil {
			return t, true
		}
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	switch len(whole) {
	case 9, 10:
		nanos, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
		return time.Unix(n, nanos), err == nil
	case 12, 13:
		return time.UnixMilli(n), true
	}
	return time.Time{}, false
}

// parseMailDate reads the dates of RFC 822, 1123 and 5322. The zone is taken off first, because time.Parse gives zone
// letters the meaning they have where the program runs.
func parseMailDate(value string) (time.Time, bool) {
	if day, rest, ok := strings.Cut(value, ","); ok {
		if !isWeekday(day) {
			return time.Time{}, false
		}
		value = strings.TrimSpace(rest)
	}
	offset := time.Duration(0)
	if i := strings.LastIndexByte(value, ' '); i >= 0 && !strings.Contains(value[i:], ":") {
		var ok bool
		if offset, ok = mailZone(value[i+1:]); !ok {
			return time.Time{}, false
		}
		value = value[:i]
	}
	t, ok := parseLayouts(value, mailLayouts)
	return t.Add(-offset), ok
}

func isWeekday(s string) bool {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if name := day.String(); strings.EqualFold(s, name) || strings.EqualFold(s, name[:3]) {
			return true
		}
	}
	return false
}

// mailZone returns how far the zone is ahead of UTC.
func mailZone(zone string) (time.Duration, bool) {
	if len(zone) == 5 && (zone[0] == '+' || zone[0] == '-') && isDigits(zone[1:]) {
		hours, _ := strconv.Atoi(zone[1:3])
		minutes, _ := strconv.Atoi(zone[3:])
		offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
		if zone[0] == '-' {
			offset = -offset
		}
		return offset, hours < 24 && minutes < 60
	}
	if zone == "" || len(zone) > 5 || strings.Trim(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return 0, false
	}
	switch zone {
	case "EDT":
		return -4 * time.Hour, true
	case "EST", "CDT":
		return -5 * time.Hour, true
	case "CST", "MDT":
		return -6 * time.Hour, true
	case "MST", "PDT":
		return -7 * time.Hour, true
	case "PST":
		return -8 * time.Hour, true
	}
	return 0, true
}
