package bulk

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dedupe-news/dedupe/columns"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

// This file says which columns the outputs have that are written as Parquet.

// schemaName is the file of a job that holds the schema of its inputs, if these are Parquet and have the same.
const schemaName = "schema.parquet"

// keepSchema looks whether kept rows can be written with the columns of the inputs, and if so, keeps their schema.
func (j *job) keepSchema() error {
	if form, err := formatOf(j.opts.Out); err != nil || form != parquet {
		return nil
	}
	var common columns.Schema
	for i, in := range j.plan.Inputs {
		s, ok := schemaOf(in.Name)
		if !ok || i > 0 && !s.Equal(common) {
			return nil
		}
		common = s
	}
	if len(j.plan.Inputs) == 0 {
		return nil
	}
	content, err := common.MarshalBinary()
	if err != nil {
		return err
	}
	return writeSynced(filepath.Join(j.opts.Work, schemaName), content)
}

// schemaOf is the schema of a Parquet file; not ok if it is none that can be read, of which reading it tells.
func schemaOf(name string) (s columns.Schema, ok bool) {
	file, err := os.Open(name)
	if err != nil {
		return s, false
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return s, false
	}
	table, err := columns.Open(file, info.Size())
	if err != nil {
		return s, false
	}
	return table.Schema(), true
}

// tableColumns are those of kept rows whose inputs have not all the same columns, or have one that is called as one of noteColumns. In more is what else was in the row, as JSON.
var tableColumns = []string{"id", "url", "title", "date", "source", "text", "more"}

// noteColumns are those of --annotate.
var noteColumns = []columns.Column{
	{Name: "story"}, {Name: "representative"}, {Name: "kind"}, {Name: "jaccard", Kind: columns.Float}, {Name: "containment", Kind: columns.Float},
	{Name: "copies", Kind: columns.Int},
}

// keptColumns is the schema of kept rows.
func keptColumns(j *job) (columns.Schema, error) {
	if s, ok, err := j.ownColumns(); ok || err != nil {
		return s, err
	}
	var list []columns.Column
	for _, name := range tableColumns {
		list = append(list, columns.Column{Name: name})
	}
	if j.opts.Annotate {
		list = append(list, noteColumns...)
	}
	return columns.New(list...), nil
}

// ownColumns are the columns of the inputs, with those of notes behind them if rows are annotated; not ok if kept rows cannot be written
// with them.
func (j *job) ownColumns() (s columns.Schema, ok bool, err error) {
	content, err := os.ReadFile(filepath.Join(j.opts.Work, schemaName))
	if errors.Is(err, fs.ErrNotExist) {
		return s, false, nil
	}
	if err == nil {
		err = s.UnmarshalBinary(content)
	}
	if err != nil || !j.opts.Annotate {
		return s, err == nil, err
	}
	s, ok = s.With(noteColumns...)
	return s, ok, nil
}

// tableRow makes of a row of the inputs one with tableColumns; note may be nil.
func (j *job) tableRow(raw []byte, note *annotation) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, err
	}
	of, usual := j.plan.Fields, crawl.DefaultFields()
	made := make(map[string]any)
	for _, column := range []struct{ name, field, usual string }{
		{"id", of.ID, usual.ID}, {"url", of.URL, usual.URL}, {"title", of.Title, usual.Title}, {"date", of.Date, usual.Date},
		{"source", of.Site, usual.Site}, {"text", of.Text, usual.Text},
	} {
		for _, field := range []string{column.field, column.usual} { // rows that were made of pages have the usual names
			if value, ok := scalar(fields[field]); ok {
				made[column.name] = value
				delete(fields, field)
				break
			}
		}
	}
	if len(fields) > 0 {
		more, err := encode(fields)
		if err != nil {
			return nil, err
		}
		made["more"] = string(more)
	}
	object, err := encode(made)
	if err != nil || note == nil {
		return object, err
	}
	return noted(object, note)
}

// noteRow is an annotation as noteColumns have it.
type noteRow struct {
	Story          *string      `json:"story"`
	Representative *string      `json:"representative"`
	Kind           *string      `json:"kind"`
	Jaccard        *match.Ratio `json:"jaccard"`
	Containment    *match.Ratio `json:"containment"`
	Copies         uint32       `json:"copies"`
}

// noted is a row of a table, which is not empty, with the columns of a note behind its own.
func noted(row []byte, note *annotation) ([]byte, error) {
	columns, err := encode(noteRow{
		null(note.Story), null(note.Representative), null(note.Kind), note.Jaccard, note.Containment, note.Copies,
	})
	if err != nil {
		return nil, err
	}
	end := bytes.LastIndexByte(row, '}')
	return slices.Concat(row[:end], []byte{','}, columns[1:]), nil
}

// scalar is a string or a number as text.
func scalar(raw json.RawMessage) (string, bool) {
	switch {
	case len(raw) == 0:
		return "", false
	case raw[0] == '"':
		return text(raw), true
	}
	return string(raw), raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'
}

// text is a string decoded; "" if raw is something else.
func text(raw json.RawMessage) (s string) {
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// null is s, or nothing where that is empty.
func null(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// droppedColumns is the schema of dropped rows: the fields of droppedRow.
func droppedColumns(*job) (columns.Schema, error) {
	return columns.New([]columns.Column{
		{Name: "type"}, {Name: "id"}, {Name: "why"}, {Name: "of"}, {Name: "kind"}, {Name: "jaccard", Kind: columns.Float},
		{Name: "containment", Kind: columns.Float}, {Name: "contained"}, {Name: "estimated", Kind: columns.Bool}, {Name: "via"},
		{Name: "cluster"}, {Name: "title"}, {Name: "url"}, {Name: "site"}, {Name: "published", Kind: columns.Time},
		{Name: "file"}, {Name: "line", Kind: columns.Int}, {Name: "record", Kind: columns.Int},
	}...), nil
}

// memberRow is a member of a cluster, as a row of a table.
type memberRow struct {
	Cluster        string      `json:"cluster"`
	Representative string      `json:"representative"`
	Size           int         `json:"size"`
	ID             string      `json:"id"`
	Kind           match.Kind  `json:"kind"`
	Jaccard        match.Ratio `json:"jaccard"`
	Containment    match.Ratio `json:"containment"`
	Contained      string      `json:"contained"`
	Estimated      bool        `json:"estimated"`
	Via            *string     `json:"via"`
	Title          string      `json:"title"`
	URL            string      `json:"url"`
	Site           string      `json:"site"`
	Published      *time.Time  `json:"published"`
}

// clusterColumns is the schema of clusters: a row a member, with the fields of memberRow.
func clusterColumns(*job) (columns.Schema, error) {
	return columns.New([]columns.Column{
		{Name: "cluster"}, {Name: "representative"}, {Name: "size", Kind: columns.Int}, {Name: "id"}, {Name: "kind"},
		{Name: "jaccard", Kind: columns.Float}, {Name: "containment", Kind: columns.Float}, {Name: "contained"},
		{Name: "estimated", Kind: columns.Bool}, {Name: "via"}, {Name: "title"}, {Name: "url"}, {Name: "site"},
		{Name: "published", Kind: columns.Time},
	}...), nil
}

// writeCluster writes a cluster: an object, or as many rows of a table as it has members.
func (j *job) writeCluster(out *output, c index.Cluster) error {
	switch {
	case !out.wanted():
		return nil
	case out.table == nil:
		object, err := encode(j.opts.ClusterObject(c))
		if err != nil {
			return err
		}
		return out.row(object)
	}
	for _, m := range c.Members {
		made := memberRow{
			Cluster: c.ID, Representative: c.Representative, Size: len(c.Members), ID: m.ID, Kind: m.Kind, Jaccard: match.Ratio(m.Jaccard),
			Containment: match.Ratio(m.Containment), Contained: m.Contained, Estimated: m.Estimated, Via: null(m.Via), Title: m.Title, URL: m.URL,
			Site: m.Site,
		}
		if !m.Published.IsZero() {
			made.Published = &m.Published
		}
		object, err := encode(made)
		if err != nil {
			return err
		}
		if err := out.row(object); err != nil {
			return err
		}
	}
	return nil
}
