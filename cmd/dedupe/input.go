package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/extract"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/spell"
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
		flags.Var(textValue{f.to, "NAME"}, f.name, "field or column: "+f.is)
	}
}

// source checks the inputs before anything is opened or made, so that a
// mistyped name costs nothing, and returns how to read them.
func (o *fieldOptions) source(cmd *cobra.Command, env *environment, inputs []string, workers int) (crawl.Options, error) {
	opts := crawl.Options{Fields: o.fields, Stdin: env.stdin, Workers: workers, HTML: articleOfPage}
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

// item is an article, or what is in its place.
type item struct {
	record     crawl.Record
	err        error
	passedOver string // nothing is wrong, but there is no article: why
}

// itemsAhead is how many articles are read ahead of their use; crawl itself bounds what its stages hold.
const itemsAhead = 32

// readItems reads the inputs in the background. The caller has to call stop,
// which ends the reading and waits for that.
func readItems(ctx context.Context, inputs []string, opts crawl.Options) (items <-chan item, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	found := make(chan item, itemsAhead)
	opts.Skipped = func(at crawl.Origin, reason string) {
		select {
		case found <- item{record: crawl.Record{Origin: at}, passedOver: reason}:
		case <-ctx.Done():
		}
	}
	go func() {
		defer close(found)
		for record, err := range crawl.Read(ctx, inputs, opts) {
			select {
			case found <- item{record: record, err: err}:
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

// place names the line, record or file that an article was read from.
func place(at crawl.Origin) string {
	switch {
	case at.Line > 0:
		return at.File + ":" + strconv.Itoa(at.Line)
	case at.Record > 0:
		return at.File + ": record " + strconv.Itoa(at.Record)
	}
	return at.File
}

// skips counts and reports what was left out: of each file and reason the first few, and how many more there are. A wrong
// name of a field is found out after a few lines as well as after a million.
type skips struct {
	env       *environment
	skipped   int
	alike     map[alike]int // how many were skipped of each file and reason
	unnamed   []alike       // those of which not all were named, in the order of their finding
	badDates  int
	firstDate crawl.Record // of those with bad dates
	passed    passedOver
}

// alike are skipped articles of one file for one reason.
type alike struct {
	file   string
	reason error
}

// dateColumns is how much is printed of a date that could not be read.
const dateColumns = 40

// namedAlike is how many are named each.
const namedAlike = 5

// reasons are those for which many articles of one file may be skipped. Whatever else goes wrong is always told.
var reasons = []error{
	crawl.ErrNotObject, crawl.ErrFieldType, crawl.ErrNoText, crawl.ErrTooLong, crawl.ErrLongID, crawl.ErrDamaged, crawl.ErrRecord, crawl.ErrRow,
	extract.ErrPage, index.ErrNoWords, index.ErrTooLong, index.ErrBadID,
}

// isArticle reports whether an item is one; if not, it counts and reports what it is. The error ends the reading.
func (s *skips) isArticle(it item) (bool, error) {
	switch {
	case it.err != nil:
		return false, s.problem(it.err)
	case it.passedOver != "":
		s.passed.count(it.passedOver)
		return false, nil
	}
	s.read(it.record)
	return true, nil
}

// problem takes what crawl says of a line or a file. Other errors than a Problem end the reading, and are returned.
func (s *skips) problem(err error) error {
	var problem *crawl.Problem
	if !errors.As(err, &problem) {
		return err
	}
	s.skip(problem.Origin, problem.Err, "%v", problem)
	return nil
}

// article reports that an article which could be read cannot be used.
func (s *skips) article(r crawl.Record, err error) {
	s.skip(r.Origin, err, "%s: id %q: %v", place(r.Origin), r.Article.ID, err)
}

// skip counts one, and names it if it is among the first of its like.
func (s *skips) skip(at crawl.Origin, why error, format string, args ...any) {
	s.skipped++
	if i := slices.IndexFunc(reasons, func(reason error) bool { return errors.Is(why, reason) }); i >= 0 && s.known(alike{at.File, reasons[i]}) {
		return
	}
	s.env.warn("skipped: "+format, args...)
}

// known counts one of its like, and reports whether enough of these have been named.
func (s *skips) known(of alike) bool {
	if s.alike == nil {
		s.alike = map[alike]int{}
	}
	s.alike[of]++
	n := s.alike[of]
	if n == namedAlike+1 {
		s.unnamed = append(s.unnamed, of)
	}
	return n > namedAlike
}

// read notes what is odd about an article that can be used.
func (s *skips) read(r crawl.Record) {
	if r.BadDate == "" {
		return
	}
	if s.badDates++; s.badDates == 1 {
		s.firstDate = crawl.Record{Origin: r.Origin, BadDate: r.BadDate}
	}
}

// finish tells how much was not named, and what is odd, once for all articles.
func (s *skips) finish() {
	for _, of := range s.unnamed {
		s.env.warn("skipped: %s: … and %s more of the same kind: %v", of.file, spell.Grouped(s.alike[of]-namedAlike), of.reason)
	}
	switch s.badDates {
	case 0:
	case 1:
		s.env.warn("the date at %s, %q, could not be read as a date and time, and counts as unknown",
			place(s.firstDate.Origin), cutEnd(s.firstDate.BadDate, dateColumns))
	default:
		s.env.warn("%s could not be read as dates and times, and count as unknown; the first is at %s: %q",
			spell.Counted(s.badDates, "date"), place(s.firstDate.Origin), cutEnd(s.firstDate.BadDate, dateColumns))
	}
	if len(s.passed) > 0 {
		s.env.say("passed over: %s", s.passed)
	}
}
