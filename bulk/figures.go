package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/report"
)

// figures are what a report needs to know of the rows.
type figures struct {
	*job
	made     report.Report
	copies   map[string]*report.KindCount
	sites    map[string]*siteFigures
	days     map[report.Date]*report.Day
	skipped  map[skipKey]*report.Skip
	passed   map[string]int
	keptOf   map[uint32]int // kept rows by story
	articles []int          // by input
}

type siteFigures struct {
	report.Site
	from map[string]int // dropped ones, by the site of what they are dropped for
}

type skipKey struct{ file, reason string }

func newFigures(j *job) *figures {
	return &figures{
		job: j, copies: make(map[string]*report.KindCount), sites: make(map[string]*siteFigures), days: make(map[report.Date]*report.Day),
		skipped: make(map[skipKey]*report.Skip), passed: make(map[string]int), keptOf: make(map[uint32]int),
		articles: make([]int, len(j.plan.Inputs)),
	}
}

// event counts what is no row.
func (f *figures) event(file string, e *event) {
	switch {
	case e.Passed != "":
		f.passed[e.Passed]++
	case e.Out:
		f.made.Outside++
		f.articles[e.File]++
	default:
		s := f.skipped[skipKey{file, e.Reason}]
		if s == nil {
			s = &report.Skip{File: file, Reason: e.Reason}
			switch {
			case e.Line > 0:
				s.First = fmt.Sprintf("line %d", e.Line)
			case e.Record > 0:
				s.First = fmt.Sprintf("record %d", e.Record)
			}
			f.skipped[skipKey{file, e.Reason}] = s
		}
		s.Count++
	}
}

func (f *figures) keep(r *row, m membership) {
	f.made.Kept++
	f.made.KeptBytes += int64(r.Text)
	f.site(r).Kept++
	if m.story != 0 {
		f.keptOf[m.story]++
	}
	if day := f.day(r); day != nil {
		day.Kept++
	}
}

// drop counts a row that is dropped for an article of site.
func (f *figures) drop(r *row, d *decision, site, why string) {
	f.made.Dropped++
	f.made.DroppedBytes += int64(r.Text)
	if why == becauseCopy {
		why = d.kind.String()
	}
	k := f.copies[why]
	if k == nil {
		k = &report.KindCount{Kind: why}
		f.copies[why] = k
	}
	k.Articles++
	k.Bytes += int64(r.Text)
	s := f.site(r)
	s.Dropped++
	if site != r.Site && site != "" {
		s.from[site]++
	}
	if day := f.day(r); day != nil {
		day.Dropped++
	}
}

// site counts a row for its site and its input.
func (f *figures) site(r *row) *siteFigures {
	f.articles[r.File]++
	s := f.sites[r.Site]
	if s == nil {
		s = &siteFigures{Site: report.Site{Site: r.Site}, from: make(map[string]int)}
		f.sites[r.Site] = s
	}
	s.Articles++
	return s
}

// day is the day on which a row was published; nil, and counted, if that is not known.
func (f *figures) day(r *row) *report.Day {
	if r.Published == nil {
		f.made.Undated++
		return nil
	}
	date := report.DateOf(time.Unix(*r.Published, 0).UTC())
	day := f.days[date]
	if day == nil {
		day = &report.Day{Day: date}
		f.days[date] = day
	}
	return day
}

// commonFurniture is how many passages of furniture a report tells of.
const commonFurniture = 20

// report makes the report.
func (f *figures) report(ctx context.Context, d *decisions) (*report.Report, error) {
	r := &f.made
	r.Type, r.Version, r.Output, r.MinKind = "crawl", f.opts.Version, f.opts.Out, f.opts.MinKind.String()
	r.Began, r.Since, r.Until = f.plan.Began, f.opts.Since, f.opts.Until
	r.Rows = r.Kept + r.Dropped + r.Outside
	for i, in := range f.plan.Inputs {
		r.InputBytes += in.Bytes
		r.Inputs = append(r.Inputs, report.Input{Name: in.Name, Bytes: in.Bytes, Articles: f.articles[i]})
	}
	for _, kind := range slices.Sorted(maps.Keys(f.copies)) {
		r.Copies = append(r.Copies, *f.copies[kind])
	}
	for _, name := range slices.Sorted(maps.Keys(f.sites)) {
		r.Sites = append(r.Sites, f.sites[name].finish(d.firsts[name]))
	}
	for _, day := range slices.Sorted(maps.Keys(f.days)) {
		r.Days = append(r.Days, *f.days[day])
	}
	for _, key := range slices.SortedFunc(maps.Keys(f.skipped), func(a, b skipKey) int {
		return cmp.Or(strings.Compare(a.file, b.file), strings.Compare(a.reason, b.reason))
	}) {
		r.Skipped = append(r.Skipped, *f.skipped[key])
	}
	for _, why := range slices.Sorted(maps.Keys(f.passed)) {
		r.PassedOver = append(r.PassedOver, report.Reason{Reason: why, Count: f.passed[why]})
	}
	for _, n := range f.keptOf {
		r.Rewrites += n - 1
	}
	r.Stories, r.CopyClusters, r.Clusters = len(d.stories), d.copyClusters, d.clusters
	if f.opts.Report != "" {
		found, err := f.index.Furniture(ctx, commonFurniture)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			r.Furniture = append(r.Furniture, report.Furniture(p))
		}
	}
	r.Seconds = math.Round(f.worked()*10) / 10
	return r, nil
}

// finish names the site that was copied most.
func (s *siteFigures) finish(firsts int) report.Site {
	s.First = firsts
	for _, name := range slices.Sorted(maps.Keys(s.from)) {
		if n := s.from[name]; n > s.CopiedFrom.Articles {
			s.CopiedFrom = report.SiteCount{Site: name, Articles: n}
		}
	}
	return s.Site
}

// causes are those errors by which skipped rows are counted together.
var causes = []error{
	crawl.ErrNotObject, crawl.ErrFieldType, crawl.ErrNoText, crawl.ErrTooLong, crawl.ErrLongID, crawl.ErrDamaged, crawl.ErrRecord, crawl.ErrRow,
	crawl.ErrFormat, crawl.ErrNoStdin, index.ErrNoWords, index.ErrTooLong, index.ErrBadID, fs.ErrNotExist, fs.ErrPermission,
}

// reasonOf is the text under which a problem is counted.
func reasonOf(err error) string {
	for _, cause := range causes {
		if errors.Is(err, cause) {
			return cause.Error()
		}
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
