package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/match"
)

// fieldOptions are the names of fields in JSON lines.
type fieldOptions struct{ fields crawl.Fields }

func (o *fieldOptions) addFlags(flags *pflag.FlagSet) {
	o.fields = crawl.DefaultFields()
	for _, f := range []struct {
		name string
		to   *string
		is   string
	}{
		{"id-field", &o.fields.ID, "the id; derived where it is missing"},
		{"text-field", &o.fields.Text, "the text"},
		{"title-field", &o.fields.Title, "the title"},
		{"url-field", &o.fields.URL, "the URL"},
		{"date-field", &o.fields.Date, "the time of publication"},
		{"site-field", &o.fields.Site, "who published it; the domain of the URL where it is missing"},
	} {
		flags.Var(textValue{f.to, "NAME"}, f.name, "field of JSON lines: "+f.is)
	}
}

// source checks the inputs before anything is opened or made, so that a
// mistyped name costs nothing, and returns how to read them.
func (o *fieldOptions) source(cmd *cobra.Command, env *environment, inputs []string, workers int) (crawl.Options, error) {
	opts := crawl.Options{Fields: o.fields, Stdin: env.stdin, Workers: workers}
	if err := opts.Validate(); err != nil {
		return opts, usageError(cmd, "%v", err)
	}
	for _, input := range inputs {
		if input == "-" {
			env.announceStdin("articles, one JSON object a line")
			continue
		}
		if err := checkReadable(input); err != nil {
			return opts, err
		}
	}
	return opts, nil
}

// announceStdin tells a person at a terminal what is waited for.
func (env *environment) announceStdin(what string) {
	if _, terminal := env.terminal(env.stdin); terminal {
		env.say("reading %s, from the terminal; Ctrl-D ends", what)
	}
}

func checkReadable(name string) error {
	_, err := os.Stat(name)
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("read %s: %w", name, path.Err)
	}
	return err
}

// item is an article, or what is wrong in its place.
type item struct {
	record crawl.Record
	err    error
}

// itemsAhead is how many articles are read ahead of their use; crawl itself bounds what its stages hold.
const itemsAhead = 32

// readItems reads the inputs in the background. The caller has to call stop,
// which ends the reading and waits for that.
func readItems(ctx context.Context, inputs []string, opts crawl.Options) (items <-chan item, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	found := make(chan item, itemsAhead)
	go func() {
		defer close(found)
		for record, err := range crawl.Read(ctx, inputs, opts) {
			select {
			case found <- item{record, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return found, func() {
		cancel()
		for range found { // until it is closed
		}
	}
}

// place names the line or file that an article was read from.
func place(at crawl.Origin) string {
	if at.Line == 0 {
		return at.File
	}
	return at.File + ":" + strconv.Itoa(at.Line)
}

// skips counts and reports what was left out.
type skips struct {
	env       *environment
	skipped   int
	noText    int // of these, lines without text
	badDates  int
	firstDate crawl.Origin // of the bad dates
}

// problem takes what crawl says of a line or a file. Other errors than a Problem end the reading, and are returned.
func (s *skips) problem(err error) error {
	var problem *crawl.Problem
	if !errors.As(err, &problem) {
		return err
	}
	s.skipped++
	if errors.Is(err, crawl.ErrNoText) {
		s.noText++
	}
	s.env.warn("skipped: %v", problem)
	return nil
}

// article reports that an article which could be read cannot be used.
func (s *skips) article(r crawl.Record, err error) {
	s.skipped++
	s.env.warn("skipped: %s: id %q: %v", place(r.Origin), r.Article.ID, err)
}

// read notes what is odd about an article that can be used.
func (s *skips) read(r crawl.Record) {
	if !r.DateBad {
		return
	}
	if s.badDates++; s.badDates == 1 {
		s.firstDate = r.Origin
	}
}

// finish says what the reader of the messages can do about them. used is how many articles could be used.
func (s *skips) finish(fields crawl.Fields, used int) {
	if s.badDates > 0 {
		s.env.warn("%s could not be read as a date and time, and count as unknown; the first is at %s",
			counted(s.badDates, "date"), place(s.firstDate))
	}
	if used == 0 && s.noText > 0 && s.noText == s.skipped {
		s.env.warn("no line has a text in its field %q; name the field that has with --text-field", fields.Text)
	}
}

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
