package columns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go/format"
)

// The types of dates and times. RFC 3339 has the years 0 to 9999; what is outside has no form.

const (
	dateLayout   = "2006-01-02"
	clockLayout  = "15:04:05.999999999"
	momentLayout = dateLayout + "T" + clockLayout
)

// unit is that of a time.
type unit int64

const (
	millisecond = unit(time.Millisecond)
	microsecond = unit(time.Microsecond)
	nanosecond  = unit(time.Nanosecond)
)

func unitOf(u format.TimeUnit) unit {
	if u.Value == nil {
		return 0
	}
	return unit(u.Value.Duration())
}

func (u unit) String() string { return time.Duration(u).String() }

// moment returns the time so many units after 1970.
func (u unit) moment(n int64) time.Time {
	perSecond := int64(time.Second) / int64(u)
	return time.Unix(n/perSecond, n%perSecond*int64(u)).UTC()
}

// count is the inverse of moment; false if t is not a whole number of units, or too many.
func (u unit) count(t time.Time) (int64, bool) {
	perSecond := int64(time.Second) / int64(u)
	n := t.Unix()*perSecond + int64(t.Nanosecond())/int64(u)
	return n, u.moment(n).Equal(t)
}

// appendTime appends a string; false if the year has no four digits.
func appendTime(dst []byte, t time.Time, layout string, utc bool) ([]byte, bool) {
	if t.Year() < 0 || t.Year() > 9999 {
		return dst, false
	}
	dst = append(dst, '"')
	dst = t.AppendFormat(dst, layout)
	if utc {
		dst = append(dst, 'Z')
	}
	return append(dst, '"'), true
}

// parseTime reads a string, with an offset or without one.
func parseTime(raw []byte, layout string) (time.Time, error) {
	if raw[0] != '"' {
		return time.Time{}, errors.New("not a string")
	}
	s := string(unquote(raw))
	if i := strings.IndexAny(s, ".,"); i >= 0 && len(strings.TrimLeft(s[i+1:], "0123456789")) < len(s[i+1:])-9 {
		return time.Time{}, errors.New("more digits than nanoseconds have") // which time.Parse would drop
	}
	if t, err := time.Parse(layout+"Z07:00", s); err == nil {
		return t, nil
	}
	return time.Parse(layout, s)
}

type dateScalar struct{}

func (dateScalar) appendJSON(dst []byte, v value) ([]byte, bool) {
	return appendTime(dst, time.Unix(int64(v.bits)*secondsOfDay, 0).UTC(), dateLayout, false)
}

func (dateScalar) parseJSON(raw []byte) (value, error) {
	t, err := time.Parse(`"`+dateLayout+`"`, string(raw))
	if err != nil {
		return value{}, errors.New("want a date such as 2006-01-02")
	}
	return value{bits: uint64(t.Unix() / secondsOfDay)}, nil // whole days, so it does not matter how it is rounded
}

const secondsOfDay = 24 * 60 * 60

// clockScalar is a time of day: "15:04:05.999Z", or without Z if it is local.
type clockScalar struct {
	unit unit
	utc  bool
}

func (s clockScalar) appendJSON(dst []byte, v value) ([]byte, bool) {
	n := int64(v.bits)
	if n < 0 || n >= int64(24*time.Hour)/int64(s.unit) {
		return dst, false
	}
	return appendTime(dst, s.unit.moment(n), clockLayout, s.utc)
}

func (s clockScalar) parseJSON(raw []byte) (value, error) {
	t, err := parseTime(raw, clockLayout)
	if err != nil {
		return value{}, errors.New("want a time such as 15:04:05")
	}
	// The year of t is 0, which is too far away for a count of nanoseconds.
	sinceMidnight := time.Duration(t.Hour()*3600+t.Minute()*60+t.Second())*time.Second + time.Duration(t.Nanosecond())
	if _, offset := t.Zone(); offset != 0 || sinceMidnight%time.Duration(s.unit) != 0 {
		return value{}, fmt.Errorf("want a time without offset, in units of %v", s.unit)
	}
	return value{bits: uint64(sinceMidnight / time.Duration(s.unit))}, nil
}

// momentScalar is a timestamp: "2006-01-02T15:04:05.999Z", or without Z if it is local time of an unknown place.
type momentScalar struct {
	unit unit
	utc  bool
}

func (s momentScalar) appendJSON(dst []byte, v value) ([]byte, bool) {
	return appendTime(dst, s.unit.moment(int64(v.bits)), momentLayout, s.utc)
}

// parseJSON takes a time without offset for one in UTC. If s is local it takes the clock where an offset is given, so that 15:04+02:00
// is 15:04.
func (s momentScalar) parseJSON(raw []byte) (value, error) {
	t, err := parseTime(raw, momentLayout)
	if err != nil {
		return value{}, errors.New("want a time such as 2006-01-02T15:04:05Z")
	}
	if _, offset := t.Zone(); !s.utc {
		t = t.Add(time.Duration(offset) * time.Second)
	}
	n, ok := s.unit.count(t)
	if !ok {
		return value{}, fmt.Errorf("want a time in units of %v", s.unit)
	}
	return value{bits: uint64(n)}, nil
}

// int96Scalar is the timestamp of old writers: the nanoseconds of the day in eight bytes and the Julian day in four, both little-endian.
// It is taken for UTC, as Spark writes it.
type int96Scalar struct{}

const julianDayOf1970 = 2440588

func (int96Scalar) appendJSON(dst []byte, v value) ([]byte, bool) {
	nanos := binary.LittleEndian.Uint64(v.bytes)
	if nanos >= uint64(24*time.Hour) {
		return dst, false
	}
	day := int64(int32(binary.LittleEndian.Uint32(v.bytes[8:]))) - julianDayOf1970
	return appendTime(dst, time.Unix(day*secondsOfDay, int64(nanos)).UTC(), momentLayout, true)
}

func (int96Scalar) parseJSON(raw []byte) (value, error) {
	t, err := parseTime(raw, momentLayout)
	if err != nil {
		return value{}, errors.New("want a time such as 2006-01-02T15:04:05Z")
	}
	midnight := t.UTC().Truncate(24 * time.Hour)
	b := binary.LittleEndian.AppendUint64(nil, uint64(t.Sub(midnight)))
	return value{bytes: binary.LittleEndian.AppendUint32(b, uint32(midnight.Unix()/secondsOfDay+julianDayOf1970))}, nil
}
