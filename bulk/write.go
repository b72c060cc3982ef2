package bulk

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/report"
)

// write is the third phase: it goes through the spool, writes the rows that are kept and tells of the others.
func (j *job) write(ctx context.Context, d *decisions) (_ *report.Report, err error) {
	kept, err := j.openOutput(j.opts.Out, keptColumns)
	if err != nil {
		return nil, err
	}
	defer kept.abandon()
	dropped, err := j.openOutput(j.opts.Dropped, droppedColumns)
	if err != nil {
		return nil, err
	}
	defer dropped.abandon()
	w := &writing{job: j, decisions: d, kept: kept, dropped: dropped, figures: newFigures(j)}
	if _, w.ownColumns, err = j.ownColumns(); err != nil {
		return nil, err
	}
	at := 0
	for b, err := range j.spool.batches(kept.wanted()) {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
		if err := w.batch(b, at); err != nil {
			return nil, err
		}
		at += len(b.Rows)
		j.tell("writing", float64(at)/float64(max(1, j.rows)))
	}
	made, err := w.figures.report(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(kept.finish(), dropped.finish()); err != nil {
		return nil, err
	}
	return made, j.writeReport(made)
}

func (j *job) writeReport(made *report.Report) error {
	if j.opts.Report == "" || j.opts.DryRun {
		return nil
	}
	var page bytes.Buffer
	if err := report.Write(&page, *made); err != nil {
		return err
	}
	return writeSynced(j.opts.Report, page.Bytes())
}

// writing is that phase under way.
type writing struct {
	*job
	*decisions
	kept, dropped *output
	ownColumns    bool // kept rows are written with the columns of the inputs
	figures       *figures

	articles map[index.Ordinal]article.Article // without their texts: those that were looked up for the batch
}

// batch writes the rows of a batch, of which the first is row number at.
func (w *writing) batch(b spooled, at int) error {
	for _, e := range b.Events {
		w.figures.event(cmp.Or(e.Name, w.plan.Inputs[e.File].Name), &e)
	}
	if err := w.lookUp(b.Rows, at); err != nil {
		return err
	}
	rest := b.rows
	for i := range b.Rows {
		r := &b.Rows[i]
		var raw []byte
		if w.kept.wanted() {
			raw, rest = rest[:r.Bytes:r.Bytes], rest[r.Bytes:]
		}
		if r.Refused {
			continue
		}
		if err := w.row(r, raw, at+i); err != nil {
			return err
		}
	}
	return nil
}

// The reasons for which a row is dropped.
const (
	becauseCopy   = "copy"    // it is a copy of a kept one
	becauseSameID = "same id" // a later row has its id
	becauseKnown  = "known"   // the index had it, or the article that it is a copy of, before this crawl
)

func (w *writing) row(r *row, raw []byte, number int) error {
	if d, why := w.verdict(number); why != "" {
		return w.drop(r, d, why)
	}
	return w.keep(r, raw, w.ordinal[number])
}

// verdict says for what a row is dropped, and why; empty: it is kept.
func (w *writing) verdict(number int) (d *decision, why string) {
	o := w.ordinal[number]
	if o == 0 { // removed from the index while the crawl was interrupted: not known as a copy of anything
		return nil, ""
	}
	if !w.isNew(o) {
		return &decision{of: o, kind: match.Exact, jaccard: 1, containment: 1, contained: true}, becauseKnown
	}
	if w.last[o-w.first] != uint32(number)+1 {
		return &decision{of: o}, becauseSameID
	}
	switch d := w.at(o); {
	case d.of == 0:
		return nil, ""
	case !w.isNew(d.of):
		return d, becauseKnown
	default:
		return d, becauseCopy
	}
}

func (w *writing) keep(r *row, raw []byte, o index.Ordinal) error {
	w.figures.keep(r, w.memberOf(o))
	if !w.kept.wanted() {
		return nil
	}
	object, err := w.keptRow(r, raw, o)
	if err != nil {
		return err
	}
	return w.kept.row(object)
}

// keptRow is what is written of a row that is kept: mostly the row as it is.
func (w *writing) keptRow(r *row, raw []byte, o index.Ordinal) ([]byte, error) {
	var note *annotation
	if w.opts.Annotate {
		note = w.annotation(r, o)
	}
	switch {
	case w.kept.table != nil && !w.ownColumns:
		return w.tableRow(raw, note)
	case w.kept.table != nil && note != nil:
		return noted(raw, note)
	case note != nil:
		return annotated(raw, note)
	}
	return raw, nil
}

// memberOf is the place of an article in its story.
func (w *writing) memberOf(o index.Ordinal) membership {
	if o == 0 || w.storyOf == nil {
		return membership{}
	}
	return w.storyOf[o-w.first]
}

// annotation is the field "dedupe" of a kept row.
type annotation struct {
	Story          string       `json:"story,omitempty"`          // absent: alone
	Representative string       `json:"representative,omitempty"` // of the story
	Kind           string       `json:"kind,omitempty"`           // how it is related to the representative; absent: it is that, or alone
	Jaccard        *match.Ratio `json:"jaccard,omitempty"`
	Containment    *match.Ratio `json:"containment,omitempty"`
	Copies         uint32       `json:"copies"` // articles that were dropped for it
}

func (w *writing) annotation(r *row, o index.Ordinal) *annotation {
	if o == 0 {
		return new(annotation)
	}
	a := &annotation{Copies: w.at(o).copies}
	member := w.memberOf(o)
	if member.story == 0 {
		return a
	}
	s := w.stories[member.story-1]
	if a.Story, a.Representative = s.id, s.representative; a.Representative != r.ID {
		jaccard, containment := match.Ratio(member.jaccard), match.Ratio(member.containment)
		a.Kind, a.Jaccard, a.Containment = member.kind.String(), &jaccard, &containment
	}
	return a
}

// annotated adds the field "dedupe" to a row, an object that is not empty.
func annotated(raw []byte, a *annotation) ([]byte, error) {
	note, err := encode(a)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(raw, []byte(`"dedupe"`)) { // perhaps from an earlier crawl: one object cannot have two
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			return nil, err
		}
		if _, there := fields["dedupe"]; there {
			fields["dedupe"] = note
			object, err := encode(fields)
			return append(object, raw[bytes.LastIndexByte(raw, '}')+1:]...), err
		}
	}
	end := bytes.LastIndexByte(raw, '}')
	with := append(make([]byte, 0, len(raw)+len(note)+len(`,"dedupe":`)), raw[:end]...)
	with = append(append(with, `,"dedupe":`...), note...)
	return append(with, raw[end:]...), nil
}

// droppedRow is what is written of a row that is not kept.
type droppedRow struct {
	Type        string       `json:"type"` // "dropped"
	ID          string       `json:"id"`
	Why         string       `json:"why"` // "copy", "same id" or "known"
	Of          string       `json:"of"`  // the article that is kept, or was known
	Kind        string       `json:"kind,omitempty"`
	Jaccard     *match.Ratio `json:"jaccard,omitempty"`
	Containment *match.Ratio `json:"containment,omitempty"`
	Contained   string       `json:"contained,omitempty"`
	Estimated   bool         `json:"estimated,omitempty"`
	Via         string       `json:"via,omitempty"`
	Cluster     string       `json:"cluster,omitempty"`
	Title       string       `json:"title"`
	URL         string       `json:"url"`
	Site        string       `json:"site"`
	Published   *time.Time   `json:"published,omitempty"`
	File        string       `json:"file"`
	Line        int          `json:"line,omitempty"`
	Record      int          `json:"record,omitempty"`
}

func (w *writing) drop(r *row, d *decision, why string) error {
	of := w.articles[d.of]
	site := ""
	if d.site != 0 {
		site = w.sites[d.site-1]
	} else {
		site = strings.Clone(of.Site) // it shares memory with the rest of its record
	}
	w.figures.drop(r, d, site, why)
	if !w.dropped.wanted() {
		return nil
	}
	made := droppedRow{
		Type: "dropped", ID: r.ID, Why: why, Of: of.ID, Title: r.Title, URL: r.URL, Site: r.Site,
		File: w.plan.Inputs[r.File].Name, Line: r.Line, Record: r.Record,
	}
	if r.Published != nil {
		published := time.Unix(*r.Published, 0).UTC()
		made.Published = &published
	}
	if d.kind != match.None {
		jaccard, containment := match.Ratio(d.jaccard), match.Ratio(d.containment)
		made.Kind, made.Jaccard, made.Containment, made.Estimated = d.kind.String(), &jaccard, &containment, d.estimated
		if made.Contained = of.ID; d.contained {
			made.Contained = r.ID
		}
	}
	if d.cluster != 0 {
		if made.Cluster = "c" + strconv.Itoa(int(d.cluster)); d.part > 0 {
			made.Cluster += "." + strconv.Itoa(int(d.part)+1)
		}
	}
	if d.via != 0 {
		if made.Via = w.articles[d.via].ID; made.Contained != r.ID {
			made.Contained = made.Via
		}
	}
	object, err := encode(made)
	if err != nil {
		return err
	}
	return w.dropped.row(object)
}

// encode returns v as JSON that leaves <, > and & as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// lookUp has the index tell of the articles that rows are dropped for, where not even their site is known or more than that is written. The first of rows is row
// number at.
func (w *writing) lookUp(rows []row, at int) error {
	var wanted []index.Ordinal
	for i := range rows {
		if rows[i].Refused {
			continue
		}
		switch d, why := w.verdict(at + i); {
		case why == "" || d.site != 0 && !w.dropped.wanted():
		case d.via != 0 && w.dropped.wanted():
			wanted = append(wanted, d.of, d.via)
		default:
			wanted = append(wanted, d.of)
		}
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	articles, err := w.index.Articles(wanted)
	w.articles = make(map[index.Ordinal]article.Article, len(wanted))
	for i, a := range articles {
		w.articles[wanted[i]] = a
	}
	return err
}
