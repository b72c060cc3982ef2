package main

import (
	"errors"
	"fmt"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/spell"
)

// The JSON of a comparison.
type comparisonObject struct {
	Type      string          `json:"type"` // "comparison"
	A         sideObject      `json:"a"`
	B         sideObject      `json:"b"`
	Kind      match.Kind      `json:"kind"`
	Why       string          `json:"why"`
	Jaccard   match.Ratio     `json:"jaccard"`
	Passages  []passageObject `json:"passages"`
	Furniture furnitureObject `json:"furniture"`
	Only      onlyObject      `json:"only"`
}

// onlyObject is what stands in one of the two alone, and is no furniture.
type onlyObject struct {
	A partsObject `json:"a"`
	B partsObject `json:"b"`
}

type partsObject struct {
	Words    int          `json:"words"`
	Count    int          `json:"count"`    // of passages
	Passages []partObject `json:"passages"` // the longest, all with --all
}

type partObject struct {
	Words int    `json:"words"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
}

type sideObject struct {
	ID          string      `json:"id"`
	Words       int         `json:"words"`
	OwnWords    int         `json:"own_words"`
	Containment match.Ratio `json:"containment"`
	Coverage    match.Ratio `json:"coverage"`
}

type passageObject struct {
	Words     int        `json:"words"`
	A         spanObject `json:"a"`
	B         spanObject `json:"b"`
	Furniture bool       `json:"furniture,omitempty"` // it was set aside on one side or both
	Text      string     `json:"text"`
}

type spanObject struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

type furnitureObject struct {
	A []spanObject `json:"a"`
	B []spanObject `json:"b"`
}

func comparisonOf(c index.Comparison, all bool) comparisonObject {
	object := comparisonObject{
		Type:      "comparison",
		A:         sideObject{c.A.ID, c.WordsA, c.OwnA, match.Ratio(c.ContainmentA), match.Ratio(c.CoverageA)},
		B:         sideObject{c.B.ID, c.WordsB, c.OwnB, match.Ratio(c.ContainmentB), match.Ratio(c.CoverageB)},
		Kind:      c.Kind,
		Why:       c.Why,
		Jaccard:   match.Ratio(c.Jaccard),
		Passages:  make([]passageObject, len(c.Passages)),
		Furniture: furnitureObject{spans(c.FurnitureA), spans(c.FurnitureB)},
		Only:      onlyObject{partsOf(c.OnlyA, all), partsOf(c.OnlyB, all)},
	}
	for i, p := range c.Passages {
		object.Passages[i] = passageObject{p.Words, spanObject(p.A), spanObject(p.B), isFurniture(c, p), p.Text}
	}
	return object
}

func partsOf(parts []index.Part, all bool) partsObject {
	shown := firstOf(parts, all)
	object := partsObject{Words: wordsOf(parts), Count: len(parts), Passages: make([]partObject, len(shown))}
	for i, p := range shown {
		object.Passages[i] = partObject{p.Words, p.Start, p.End, p.Text}
	}
	return object
}

func wordsOf(parts []index.Part) int {
	n := 0
	for _, p := range parts {
		n += p.Words
	}
	return n
}

func spans(of []index.Span) []spanObject {
	objects := make([]spanObject, len(of))
	for i, s := range of {
		objects[i] = spanObject(s)
	}
	return objects
}

// isFurniture reports whether more than half of p was set aside as furniture, on either side.
func isFurniture(c index.Comparison, p index.Passage) bool {
	return mostlyWithin(p.A, c.FurnitureA) || mostlyWithin(p.B, c.FurnitureB)
}

// mostlyWithin reports whether more than half of s lies in spans, which do not overlap.
func mostlyWithin(s index.Span, spans []index.Span) bool {
	within := 0
	for _, o := range spans {
		within += max(min(s.End, o.End)-max(s.Start, o.Start), 0)
	}
	return 2*within > s.End-s.Start
}

// countsAs is what a passage counts as: "furniture", which does not count at all, or "own" words.
func countsAs(c index.Comparison, p index.Passage) string {
	if isFurniture(c, p) {
		return "furniture"
	}
	return "own"
}

// shownPassages is how many passages of a kind are printed without --all.
const shownPassages = 10

func firstOf[T any](passages []T, all bool) []T {
	if all {
		return passages
	}
	return passages[:min(len(passages), shownPassages)]
}

func printComparison(out *output, c index.Comparison, all bool) error {
	if out.json {
		return out.object(comparisonOf(c, all))
	}
	kind := c.Kind.String()
	if c.Kind == match.None {
		kind = "not related"
	}
	if !out.people {
		return printComparisonFields(out, c, kind, all)
	}
	if err := out.line(cell{kind, kindStyle(kind)}, words(": "+c.Why)); err != nil {
		return err
	}
	if err := out.line(); err != nil {
		return err
	}
	if err := printSides(out, c); err != nil {
		return err
	}
	if err := out.line(words("jaccard " + similarity(c.Jaccard, false))); err != nil {
		return err
	}
	if err := printPassages(out, c, all); err != nil {
		return err
	}
	if err := printOnly(out, "a", c.OnlyA, all); err != nil {
		return err
	}
	return printOnly(out, "b", c.OnlyB, all)
}

// sides are the rows of the table about both articles.
func sides(out *output, c index.Comparison) [2][]cell {
	row := func(name string, a article.Article, n, own int, containment, coverage float64) []cell {
		return []cell{
			{name, bold},
			words(a.ID),
			words(out.number(n)),
			words(out.number(n - own)),
			words(similarity(containment, false)),
			words(similarity(coverage, false)),
			words(moment(a.Published)),
			words(oneLine(a.Title)),
		}
	}
	return [2][]cell{
		row("a", c.A, c.WordsA, c.OwnA, c.ContainmentA, c.CoverageA),
		row("b", c.B, c.WordsB, c.OwnB, c.ContainmentB, c.CoverageB),
	}
}

func printSides(out *output, c index.Comparison) error {
	rows := newTable(out, "",
		column{name: ""},
		column{name: "id"},
		column{name: "words", right: true},
		column{name: "furniture", right: true},
		column{name: "containment", right: true},
		column{name: "coverage", right: true},
		column{name: "published", drop: 1},
		column{name: "title"},
	)
	for _, side := range sides(out, c) {
		if err := rows.row(side...); err != nil {
			return err
		}
	}
	return rows.flush()
}

// printPassages prints the shared passages for people, each on a line.
func printPassages(out *output, c index.Comparison, all bool) error {
	total := 0
	for _, p := range c.Passages {
		total += p.Words
	}
	if total == 0 {
		return out.line(words("no shared passages"))
	}
	heading := spell.Counted(len(c.Passages), "shared passage") + ", " + spell.Counted(total, "word")
	if err := errors.Join(out.line(), out.line(cell{heading, bold})); err != nil {
		return err
	}
	rows := newTable(out, "  ",
		column{name: "words", right: true},
		column{name: "bytes in a", drop: 1},
		column{name: "bytes in b", drop: 1},
		column{name: "counts as"},
		column{name: "text", least: leastText},
	)
	shown := firstOf(c.Passages, all)
	for _, p := range shown {
		err := rows.row(words(spell.Grouped(p.Words)), words(spanText(p.A)), words(spanText(p.B)),
			cell{countsAs(c, p), dim}, words(oneLine(p.Text)))
		if err != nil {
			return err
		}
	}
	return errors.Join(rows.flush(), printHidden(out, len(c.Passages)-len(shown)))
}

// printHidden says how many passages were not printed.
func printHidden(out *output, hidden int) error {
	if hidden == 0 {
		return nil
	}
	return out.line(cell{"  … " + spell.Grouped(hidden) + " more with --all", dim})
}

// printOnly prints for people what stands in one article alone.
func printOnly(out *output, side string, parts []index.Part, all bool) error {
	if len(parts) == 0 {
		return nil
	}
	heading := "only in " + side + ": " + spell.Counted(wordsOf(parts), "word") + " in " + spell.Counted(len(parts), "passage")
	if err := errors.Join(out.line(), out.line(cell{heading, bold})); err != nil {
		return err
	}
	rows := newTable(out, "  ",
		column{name: "words", right: true},
		column{name: "bytes in " + side, drop: 1},
		column{name: "text", least: leastText},
	)
	shown := firstOf(parts, all)
	for _, p := range shown {
		if err := rows.row(words(spell.Grouped(p.Words)), words(spanText(p.Span)), words(oneLine(p.Text))); err != nil {
			return err
		}
	}
	return errors.Join(rows.flush(), printHidden(out, len(parts)-len(shown)))
}

func spanText(s index.Span) string { return fmt.Sprintf("%d-%d", s.Start, s.End) }

// printComparisonFields prints a comparison into a pipe.
func printComparisonFields(out *output, c index.Comparison, kind string, all bool) error {
	err := out.properties(
		property{"kind", kind},
		property{"why", c.Why},
		property{"jaccard", similarity(c.Jaccard, false)},
	)
	if err != nil {
		return err
	}
	for _, side := range sides(out, c) {
		if err := out.fields(side...); err != nil {
			return err
		}
	}
	for _, p := range firstOf(c.Passages, all) {
		err := out.fields(words("passage"), words(out.number(p.Words)),
			words(spanText(p.A)), words(spanText(p.B)), words(countsAs(c, p)), words(oneLine(p.Text)))
		if err != nil {
			return err
		}
	}
	for _, side := range []struct {
		name  string
		parts []index.Part
	}{{"a", c.OnlyA}, {"b", c.OnlyB}} {
		for _, p := range firstOf(side.parts, all) {
			err := out.fields(words("only"), words(side.name), words(out.number(p.Words)), words(spanText(p.Span)), words(oneLine(p.Text)))
			if err != nil {
				return err
			}
		}
	}
	return nil
}
