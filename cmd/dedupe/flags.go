package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/pflag"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/bulk"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

// kindValue is a flag that takes a kind.
type kindValue struct {
	kind    *match.Kind
	allowed []match.Kind
}

func (v kindValue) String() string {
	if v.kind == nil {
		return ""
	}
	return v.kind.String()
}

func (v kindValue) Type() string { return "KIND" }

func (v kindValue) Set(name string) error {
	for _, kind := range v.allowed {
		if kind.String() == name {
			*v.kind = kind
			return nil
		}
	}
	return fmt.Errorf("choose %s", v.choice())
}

// choice names the kinds that are allowed: "quote, rewrite or excerpt".
func (v kindValue) choice() string {
	text := ""
	for i, kind := range v.allowed {
		switch {
		case i == 0:
		case i == len(v.allowed)-1:
			text += " or "
		default:
			text += ", "
		}
		text += kind.String()
	}
	return text
}

// addKindFlag adds --min-kind. The kind that is in kind now is the default.
func addKindFlag(flags *pflag.FlagSet, kind *match.Kind, usage string, allowed ...match.Kind) {
	value := kindValue{kind, allowed}
	flags.Var(value, "min-kind", usage+": "+value.choice())
}

// textValue is a flag that takes a text which is not empty; help calls the text by the name in is.
type textValue struct {
	text *string
	is   string
}

func (v textValue) String() string {
	if v.text == nil {
		return ""
	}
	return *v.text
}

func (v textValue) Type() string { return v.is }

func (v textValue) Set(text string) error {
	if text == "" {
		return errors.New("must not be empty")
	}
	*v.text = text
	return nil
}

// numberValue is a flag that takes a whole number from least up.
type numberValue struct {
	number *int
	least  int
}

func (v numberValue) String() string {
	if v.number == nil {
		return ""
	}
	return strconv.Itoa(*v.number)
}

func (v numberValue) Type() string { return "NUMBER" }

func (v numberValue) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < v.least {
		return fmt.Errorf("want a whole number, %d or more", v.least)
	}
	*v.number = n
	return nil
}

// thresholdValue is a flag that takes a number from 0 to 1, and knows whether it was given.
type thresholdValue struct {
	least float64
	given bool
}

func (v *thresholdValue) String() string {
	if !v.given {
		return ""
	}
	return strconv.FormatFloat(v.least, 'f', -1, 64)
}

func (v *thresholdValue) Type() string { return "COVERAGE" }

func (v *thresholdValue) Set(text string) error {
	least, err := strconv.ParseFloat(text, 64)
	if err != nil || !(least >= 0 && least <= 1) {
		return errors.New("want a number from 0 to 1, as 0.6")
	}
	v.least, v.given = least, true
	return nil
}

// ageValue is a flag that takes a length of time, also in days and weeks.
type ageValue struct{ age *time.Duration }

func (v ageValue) String() string {
	if v.age == nil || *v.age == 0 {
		return ""
	}
	return v.age.String()
}

func (v ageValue) Type() string { return "AGE" }

func (v ageValue) Set(text string) error {
	const day = 24 * time.Hour
	var age time.Duration
	unit, err := time.Duration(0), error(nil)
	switch {
	case strings.HasSuffix(text, "d"):
		unit = day
	case strings.HasSuffix(text, "w"):
		unit = 7 * day
	}
	if unit > 0 {
		var n float64
		n, err = strconv.ParseFloat(text[:len(text)-1], 64)
		age = time.Duration(n * float64(unit))
	} else {
		age, err = time.ParseDuration(text)
	}
	const century = 100 * 365 * day
	if err != nil || age <= 0 || age > century {
		return errors.New("want a length of time, as 90m, 36h, 7d or 12w")
	}
	*v.age = age
	return nil
}

// versionsValue is the flag --versions.
type versionsValue struct{ versions *index.Versions }

func (v versionsValue) String() string { return "" }

func (v versionsValue) Type() string { return "AGE|url|off" }

func (v versionsValue) Set(text string) error {
	switch text {
	case "off":
		*v.versions = index.Versions{Off: true}
	case "url":
		*v.versions = index.Versions{Within: -1}
	default:
		*v.versions = index.Versions{}
		if (ageValue{&v.versions.Within}).Set(text) != nil {
			return errors.New("want a length of time, as 36h or 7d, or url, or off")
		}
	}
	return nil
}

func addVersionsFlag(flags *pflag.FlagSet, versions *index.Versions) {
	flags.Var(versionsValue{versions}, "versions",
		`what is called a version of an article ("version_of" in JSON): matches of one URL, and those of one site published within so long of each other; url: only those of one URL; off: none (default 7d)`)
}

// sizeValue is a flag that takes a number of bytes, from least up.
type sizeValue struct {
	bytes *int64
	least int64
}

func (v sizeValue) String() string {
	if v.bytes == nil {
		return ""
	}
	return strings.ReplaceAll(humanize.IBytes(uint64(*v.bytes)), " ", "")
}

func (v sizeValue) Type() string { return "SIZE" }

func (v sizeValue) Set(text string) error {
	n, err := humanize.ParseBytes(text)
	if err != nil || n > 1<<50 || int64(n) < v.least {
		return fmt.Errorf("want a size of %s or more, as 512MiB or 2GiB", sizeValue{bytes: &v.least})
	}
	*v.bytes = int64(n)
	return nil
}

// dateValue is a flag that takes a date or a time. A date stands for its first moment; with end for the moment after its last.
type dateValue struct {
	time *time.Time
	end  bool
}

func (v dateValue) String() string {
	if v.time == nil || v.time.IsZero() {
		return ""
	}
	return v.time.Format(time.RFC3339)
}

func (v dateValue) Type() string { return "DATE" }

func (v dateValue) Set(text string) error {
	t, err := article.ParseTime(text)
	if err != nil {
		return errors.New("want a date or a time, as 2006-01-02 or 2006-01-02T15:04:05Z")
	}
	if _, notDate := time.Parse(time.DateOnly, text); v.end && notDate == nil {
		if t = t.AddDate(0, 0, 1); t.Year() > 9999 { // which JSON does not have
			t = t.Add(-time.Nanosecond)
		}
	}
	*v.time = t
	return nil
}

// keepValue is the flag --keep.
type keepValue struct{ keep *bulk.Keep }

func (v keepValue) String() string {
	if v.keep == nil {
		return ""
	}
	return v.keep.String()
}

func (v keepValue) Type() string { return "WHICH" }

func (v keepValue) Set(text string) (err error) {
	*v.keep, err = bulk.ParseKeep(text)
	return err
}
