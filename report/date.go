package report

import (
	"fmt"
	"time"
)

// Date is a day in UTC, as days since 1970-01-01; dates can be compared, and be keys of a map. In JSON it is "2006-01-02".
type Date int

const secondsADay = 24 * 60 * 60

// DateOf is the day in which t lies.
func DateOf(t time.Time) Date { return Date(floorDiv(t.Unix(), secondsADay)) }

// Time is the first moment of d.
func (d Date) Time() time.Time { return time.Unix(int64(d)*secondsADay, 0).UTC() }

// String is d as "2006-01-02".
func (d Date) String() string { return d.Time().Format(time.DateOnly) }

// MarshalText is String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads "2006-01-02". It leaves d as it was if text is something else.
func (d *Date) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return fmt.Errorf("read date %q: %w", text, err)
	}
	*d = DateOf(t)
	return nil
}

// floorDiv is a/b, rounded down also where a is negative.
func floorDiv[I int | int64](a, b I) I {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
