package report

import (
	"cmp"
	"slices"
	"time"
)

// maxDays is the most bars that a chart of days has: half a year of days, three years of weeks, 13 years of months.
const maxDays = 160

// unit is how long one entry of Report.Days is.
type unit string

// units are all of them, the shortest first.
var units = []unit{"day", "week", "month", "year"}

// index numbers the days, weeks, months or years, so that neighbours differ by one.
func (u unit) index(d Date) int {
	switch u {
	case "week":
		return floorDiv(int(d)+3, 7) // 1969-12-29, three days before 1970, was a Monday
	case "month":
		t := d.Time()
		return t.Year()*12 + int(t.Month()) - 1
	case "year":
		return d.Time().Year()
	}
	return int(d)
}

// start is the first day of the one with that index.
func (u unit) start(index int) Date {
	switch u {
	case "week":
		return Date(index*7 - 3)
	case "month":
		return DateOf(time.Date(floorDiv(index, 12), time.Month(index-12*floorDiv(index, 12)+1), 1, 0, 0, 0, 0, time.UTC))
	case "year":
		return DateOf(time.Date(index, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	return Date(index)
}

// label is how the one that begins with d is called: "2016-05-01", "2016-05" or "2016".
func (u unit) label(d Date) string {
	switch u {
	case "month":
		return d.Time().Format("2006-01")
	case "year":
		return d.Time().Format("2006")
	}
	return d.String()
}

// bucketDays replaces the days of r by at most maxDays entries of the shortest unit that allows it. The sums stay as they are.
func (r *Report) bucketDays() {
	at := max(0, slices.Index(units, unit(r.DaysUnit)))
	days := r.usableDays(units[at])
	if r.DaysUnit == "" {
		days = r.setApart(days, farFromAll(days))
	}
	for at < len(units)-1 && length(days, units[at]) > maxDays {
		at++
	}
	days = merged(days, units[at])
	if n := length(days, units[at]); n > maxDays {
		last := units[at].index(days[len(days)-1].Day)
		days = r.setApart(days, window{units[at].start(last - maxDays + 1), days[len(days)-1].Day})
	}
	r.Days, r.DaysUnit = days, string(units[at])
}

// usableDays are the days of r in their order, each once. Days that have no year of four digits become undated.
func (r *Report) usableDays(u unit) []Day {
	var days []Day
	for _, d := range r.Days {
		switch {
		case !inFourDigits(d.Day.Time()):
			r.Undated += d.Articles()
		case d.Articles() != 0:
			days = append(days, d)
		}
	}
	slices.SortStableFunc(days, func(a, b Day) int { return cmp.Compare(a.Day, b.Day) })
	return merged(days, u)
}

// Articles is kept and dropped.
func (d Day) Articles() int { return d.Kept + d.Dropped }

// length is how many entries days has, with those that are empty. Days are sorted.
func length(days []Day, u unit) int {
	if len(days) == 0 {
		return 0
	}
	return u.index(days[len(days)-1].Day) - u.index(days[0].Day) + 1
}

// merged adds up the days that are in one entry of unit u. Days are sorted.
func merged(days []Day, u unit) []Day {
	sums := make([]Day, 0, len(days))
	for _, d := range days {
		d.Day = u.start(u.index(d.Day))
		if last := len(sums) - 1; last >= 0 && sums[last].Day == d.Day {
			sums[last].Kept += d.Kept
			sums[last].Dropped += d.Dropped
		} else {
			sums = append(sums, d)
		}
	}
	return sums
}

// window is a time from one day to another, both included.
type window struct{ first, last Date }

// farFromAll is the window outside of which a day is so far from the others that it would squeeze them in a chart: pages that claim
// to be from 1970, or from the next century. It reaches beyond the middle 99 % of the articles by their own length and 15 days, on
// both sides. Days are sorted.
func farFromAll(days []Day) window {
	if len(days) == 0 {
		return window{}
	}
	total := 0
	for _, d := range days {
		total += d.Articles()
	}
	const oneEnd = 200 // in 200 articles one may be beyond each end
	middle := window{days[0].Day, days[len(days)-1].Day}
	for sum, i := 0, 0; i < len(days); i++ {
		if sum += days[i].Articles(); sum > total/oneEnd {
			middle.first = days[i].Day
			break
		}
	}
	for sum, i := 0, len(days)-1; i >= 0; i-- {
		if sum += days[i].Articles(); sum > total/oneEnd {
			middle.last = days[i].Day
			break
		}
	}
	margin := middle.last - middle.first + 15
	return window{middle.first - margin, middle.last + margin}
}

// setApart adds the days outside of w to r.Earlier and r.Later, and returns the others. Days are sorted.
func (r *Report) setApart(days []Day, w window) []Day {
	inside := days[:0]
	for _, d := range days {
		switch {
		case d.Day < w.first:
			r.Earlier.take(d)
		case d.Day > w.last:
			r.Later.take(d)
		default:
			inside = append(inside, d)
		}
	}
	return inside
}

// take adds o to d, whose day becomes the earlier one.
func (d *Day) take(o Day) {
	if d.Articles() == 0 || o.Day < d.Day {
		d.Day = o.Day
	}
	d.Kept += o.Kept
	d.Dropped += o.Dropped
}

// inFourDigits reports whether t has a year that JSON can spell.
func inFourDigits(t time.Time) bool { return t.Year() >= 0 && t.Year() <= 9999 }
