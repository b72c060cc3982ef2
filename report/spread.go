package report

import (
	"slices"
	"time"
)

// SpreadParts is the most parts that [SpreadOf] divides a time into.
const SpreadParts = 48

// SpreadOf returns the earliest and the latest of times, and how many of them fall into each of [SpreadParts] equal parts of the time
// between; the last moment belongs to the last part. Zero times, which are unknown, do not count. If all are one moment, the spread is one
// part, and without any it is nil. The times may be in any order, and are not kept.
//
// Worked: 0 h, 1 h, 24 h and 48 h give 48 parts of an hour, with 1 in the parts 0, 1, 24 and 47.
func SpreadOf(times []time.Time) (first, last time.Time, spread []int) {
	known := slices.DeleteFunc(slices.Clone(times), time.Time.IsZero)
	if len(known) == 0 {
		return time.Time{}, time.Time{}, nil
	}
	first = slices.MinFunc(known, time.Time.Compare)
	last = slices.MaxFunc(known, time.Time.Compare)
	if first.Equal(last) {
		return first.UTC(), last.UTC(), []int{len(known)}
	}
	// In seconds, and those as floating point: a time.Duration ends after 292 years.
	whole := seconds(first, last)
	spread = make([]int, SpreadParts)
	for _, t := range known {
		part := int(seconds(first, t) / whole * SpreadParts)
		spread[min(part, SpreadParts-1)]++
	}
	return first.UTC(), last.UTC(), spread
}

// seconds is the time from a to b.
func seconds(a, b time.Time) float64 {
	return float64(b.Unix()-a.Unix()) + float64(b.Nanosecond()-a.Nanosecond())/1e9
}
