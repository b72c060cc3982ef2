package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/dedupe-news/dedupe/gold"
	"github.com/dedupe-news/dedupe/match"
)

// scoreObject is the JSON of a score.
type scoreObject struct {
	Type      string      `json:"type"` // "score"
	Task      gold.Task   `json:"task"`
	Precision match.Ratio `json:"precision"`
	Recall    match.Ratio `json:"recall"`
	F1        match.Ratio `json:"f1"`
	Found     int         `json:"found"`
	Wanted    int         `json:"wanted"`
	Wrong     int         `json:"wrong"`
}

// labelObject is the JSON of a label: how many of its pairs are reported.
type labelObject struct {
	Type    string `json:"type"` // "label"
	Label   string `json:"label"`
	Pairs   int    `json:"pairs"`
	Copies  int    `json:"copies"`
	Stories int    `json:"stories"`
	Matches *int   `json:"matches,omitempty"` // absent: not scored
}

// errorObject is the JSON of a pair that was missed or is wrong.
type errorObject struct {
	Type        string      `json:"type"` // "missed" or "wrong"
	Task        gold.Task   `json:"task"`
	A           string      `json:"a"`
	B           string      `json:"b"`
	Label       string      `json:"label"` // "not listed"
	Kind        match.Kind  `json:"kind"`
	Jaccard     match.Ratio `json:"jaccard"`
	Containment match.Ratio `json:"containment"`
	Why         string      `json:"why"`
	Note        string      `json:"note,omitempty"`
}

// notListed is the label of pairs that are not on the list.
const notListed = "not listed"

func (e *evaluating) score(task gold.Task) gold.Score {
	if e.complete {
		return e.list.Gold.Score(task, e.reported[task])
	}
	return e.list.Gold.ScoreListed(task, e.reported[task])
}

func (e *evaluating) print(ctx context.Context, out *output) error {
	if err := e.printScores(out); err != nil {
		return err
	}
	if err := e.printLabels(out); err != nil {
		return err
	}
	for _, task := range e.tasks {
		reported := e.reported[task]
		if err := e.printErrors(ctx, out, "missed", task, e.list.Gold.Missed(task, reported)); err != nil {
			return err
		}
		wrong := e.list.Gold.WrongListed(task, reported)
		if e.complete {
			wrong = e.list.Gold.Wrong(task, reported, e.show)
		}
		if err := e.printErrors(ctx, out, "wrong", task, wrong); err != nil {
			return err
		}
	}
	return nil
}

func (e *evaluating) printScores(out *output) error {
	rows := newTable(out, "",
		column{name: "task"},
		column{name: "precision", right: true},
		column{name: "recall", right: true},
		column{name: "f1", right: true},
		column{name: "found", right: true},
		column{name: "wanted", right: true},
		column{name: "wrong", right: true},
	)
	for _, task := range e.tasks {
		s := e.score(task)
		if out.json {
			if err := out.object(scoreObject{
				"score", task, match.Ratio(s.Precision()), match.Ratio(s.Recall()), match.Ratio(s.F1()), s.Found, s.Wanted, s.Wrong,
			}); err != nil {
				return err
			}
			continue
		}
		if err := rows.row(
			cell{string(task), bold},
			words(figureOf(s.Precision(), s.Found+s.Wrong)),
			words(figureOf(s.Recall(), s.Wanted)),
			words(figureOf(s.F1(), s.Found+s.Wrong+s.Wanted)),
			words(out.number(s.Found)),
			words(out.number(s.Wanted)),
			words(out.number(s.Wrong)),
		); err != nil {
			return err
		}
	}
	return rows.flush()
}

// figureOf writes a figure with four decimals; "-" if it is one of nothing.
func figureOf(f float64, of int) string {
	if of == 0 {
		return "-"
	}
	return strconv.FormatFloat(f, 'f', 4, 64)
}

// labels counts the pairs of each label, those with the closest relation first, and what is not listed at the end.
func (e *evaluating) labels() []labelObject {
	byLabel := map[string]*labelObject{}
	rank := map[string]gold.Reading{}
	listed := labelObject{Matches: new(int)} // reported pairs that are listed
	for pair, reading := range e.list.Gold {
		label := e.list.Labels[pair]
		o := byLabel[label]
		if o == nil {
			o = &labelObject{Type: "label", Label: label, Matches: new(int)}
			byLabel[label], rank[label] = o, reading
		}
		o.Pairs++
		for _, task := range e.tasks {
			if e.reported[task].Has(pair) {
				*o.count(task)++
				*listed.count(task)++
			}
		}
	}
	sorted := make([]labelObject, 0, len(byLabel)+1)
	for _, o := range byLabel {
		sorted = append(sorted, *o)
	}
	slices.SortFunc(sorted, func(a, b labelObject) int {
		return cmp.Or(compareReadings(rank[a.Label], rank[b.Label]), cmp.Compare(a.Label, b.Label))
	})
	if e.complete {
		rest := labelObject{Type: "label", Label: notListed, Matches: new(int)}
		for _, task := range e.tasks {
			*rest.count(task) = e.reported[task].Len() - *listed.count(task)
		}
		sorted = append(sorted, rest)
	}
	if !slices.Contains(e.tasks, gold.Matches) {
		for i := range sorted {
			sorted[i].Matches = nil
		}
	}
	return sorted
}

// count is the number that belongs to a task.
func (o *labelObject) count(task gold.Task) *int {
	switch task {
	case gold.Copies:
		return &o.Copies
	case gold.Stories:
		return &o.Stories
	}
	return o.Matches
}

// compareReadings puts what is right in more tasks first, then what is wrong in fewer.
func compareReadings(a, b gold.Reading) int {
	value := func(r gold.Reading) int {
		n := 0
		for _, task := range gold.Tasks {
			n *= 3
			if task.Right(r) {
				n += 2
			} else if !task.Wrong(r) {
				n++
			}
		}
		return n
	}
	return cmp.Compare(value(b), value(a))
}

func (e *evaluating) printLabels(out *output) error {
	columns := []column{{name: "label"}, {name: "pairs", right: true}}
	for _, task := range e.tasks {
		columns = append(columns, column{name: string(task), right: true})
	}
	if out.people {
		if err := out.line(); err != nil {
			return err
		}
	}
	rows := newTypedTable(out, "label", "", columns...)
	for _, o := range e.labels() {
		if out.json {
			if err := out.object(o); err != nil {
				return err
			}
			continue
		}
		pairs := out.number(o.Pairs)
		if o.Label == notListed {
			pairs = "-"
		}
		cells := []cell{words(o.Label), words(pairs)}
		for _, task := range e.tasks {
			cells = append(cells, words(out.number(*o.count(task))))
		}
		if err := rows.row(cells...); err != nil {
			return err
		}
	}
	return rows.flush()
}

// printErrors prints the first pairs that were missed, or are wrong.
func (e *evaluating) printErrors(ctx context.Context, out *output, what string, task gold.Task, pairs []gold.Pair) error {
	pairs = pairs[:min(e.show, len(pairs))]
	if len(pairs) == 0 {
		return nil
	}
	if out.people {
		if err := errors.Join(out.line(), out.line(cell{what + " " + string(task), bold})); err != nil {
			return err
		}
	}
	for _, pair := range pairs {
		o, err := e.explain(ctx, pair)
		if err != nil {
			return err
		}
		o.Type, o.Task = what, task
		if err := printError(out, o); err != nil {
			return err
		}
	}
	return nil
}

// explain gives the verdict on the two alone.
func (e *evaluating) explain(ctx context.Context, pair gold.Pair) (errorObject, error) {
	o := errorObject{A: pair[0], B: pair[1], Label: cmp.Or(e.list.Labels[pair], notListed), Note: e.list.Notes[pair]}
	if !slices.Contains(e.tasks, gold.Matches) { // no texts
		m, err := e.index.Relate(ctx, pair[0], pair[1])
		o.Kind, o.Jaccard, o.Containment, o.Why = m.Kind, match.Ratio(m.Jaccard), match.Ratio(m.Containment), "estimated from sketches"
		return o, err
	}
	a, err := e.index.Get(ctx, pair[0])
	if err != nil {
		return o, err
	}
	b, err := e.index.Get(ctx, pair[1])
	if err != nil {
		return o, err
	}
	c, err := e.index.Compare(ctx, a.Article, b.Article)
	o.Kind, o.Jaccard, o.Containment, o.Why = c.Kind, match.Ratio(c.Jaccard), match.Ratio(max(c.ContainmentA, c.ContainmentB)), c.Why
	return o, err
}

func printError(out *output, o errorObject) error {
	switch {
	case out.json:
		return out.object(o)
	case !out.people:
		return out.fields(words(o.Type), words(string(o.Task)), words(o.A), words(o.B), words(o.Label), words(o.Kind.String()),
			words(similarity(float64(o.Jaccard), false)), words(similarity(float64(o.Containment), false)), words(o.Why), words(oneLine(o.Note)))
	}
	kind := o.Kind.String()
	err := errors.Join(
		out.line(words("  "), cell{o.A, bold}, words("  "), cell{o.B, bold}),
		out.line(words("    "+o.Label+", verdict "), cell{kind, kindStyle(kind)}, words(": "+o.Why)),
	)
	if o.Note != "" {
		err = errors.Join(err, out.line(cell{"    note: " + oneLine(o.Note), dim}))
	}
	return err
}
