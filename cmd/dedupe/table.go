package main

import (
	"slices"
	"strings"
)

// column describes a column of a table.
type column struct {
	name  string
	right bool // numbers: flush right
	most  int  // widest on a terminal; what is longer is cut in its middle; 0: never cut
	drop  int  // on a narrow terminal the columns with 1 are left out first, then those with 2; 0: never
	least int  // only of the last column: others are left out before it gets narrower; 0: it gets narrower, and vanishes, first
}

const (
	siteColumns = 32 // most of a site
	leastLast   = 8  // least of the last column, of which less would tell nothing
	leastText   = 24 // least of the text of a passage
)

// gap stands between columns.
const gap = "  "

// table prints rows. In a pipe each is a line of fields with tabs between them,
// printed at once, without a header. On a terminal the rows are held until
// flush, which aligns those that it has and fits them to the width of the
// terminal; columns never get narrower from one flush to the next but for that.
//
// Ids are never cut, for people copy them: where the terminal is too narrow even
// without all columns that may be left out, lines are too long and get wrapped.
type table struct {
	out     *output
	indent  string
	first   string // in a pipe, the first field of each line; empty: there is none
	columns []column
	rows    [][]cell
	natural []int  // width that each column needs, and may have
	header  []bool // which columns stood in the last header; nil: none was printed
}

func newTable(out *output, indent string, columns ...column) *table {
	t := &table{out: out, indent: indent, columns: columns, natural: make([]int, len(columns))}
	for i, c := range columns {
		t.natural[i] = len(c.name)
	}
	return t
}

// newTypedTable returns a table of which each line begins with what it is about in a pipe, where nothing else tells.
func newTypedTable(out *output, what, indent string, columns ...column) *table {
	t := newTable(out, indent, columns...)
	t.first = what
	return t
}

// row adds a row; it has a cell for each column.
func (t *table) row(cells ...cell) error {
	if !t.out.people {
		if t.first != "" {
			cells = append([]cell{words(t.first)}, cells...)
		}
		return t.out.fields(cells...)
	}
	row := make([]cell, len(cells))
	for i, c := range cells {
		c.text = visible(c.text)
		if most := t.columns[i].most; most > 0 {
			c.text = cutMiddle(c.text, most)
		}
		t.natural[i] = max(t.natural[i], displayWidth(c.text))
		row[i] = c
	}
	t.rows = append(t.rows, row)
	return nil
}

// flush prints the rows that are held. Above the first of all stands a header, and again where other columns are left out
// than before.
func (t *table) flush() error {
	if len(t.rows) == 0 {
		return nil
	}
	widths, shown := t.fit()
	if !slices.Equal(shown, t.header) {
		t.header = shown
		header := make([]cell, len(t.columns))
		for i, c := range t.columns {
			header[i] = cell{strings.ToUpper(c.name), dim}
		}
		if err := t.print(header, widths, shown); err != nil {
			return err
		}
	}
	for _, row := range t.rows {
		if err := t.print(row, widths, shown); err != nil {
			return err
		}
	}
	t.rows = t.rows[:0]
	return nil
}

// fit returns how wide each column is to be, and which are shown: the last
// column gets what room the others leave, and others are left out, rank by rank,
// until it has the least that it must have.
func (t *table) fit() (widths []int, shown []bool) {
	widths = slices.Clone(t.natural)
	shown = slices.Repeat([]bool{true}, len(widths))
	if t.out.columns == 0 {
		return widths, shown
	}
	last := len(widths) - 1
	least := min(t.columns[last].least, widths[last])
	room := t.room(shown)
	for rank := 1; room < least && t.leaveOut(shown, rank); rank++ {
		room = t.room(shown)
	}
	switch {
	case room >= min(widths[last], leastLast):
		widths[last] = min(widths[last], room)
	case least > 0:
		widths[last] = min(widths[last], leastLast)
	default:
		shown[last] = false
	}
	return widths, shown
}

// room is how many columns of the terminal those shown leave for the last one; exactly 0 if they fit without it, negative
// if they do not.
func (t *table) room(shown []bool) int {
	used := len(t.indent) - len(gap)
	for i, w := range t.natural[:len(t.natural)-1] {
		if shown[i] {
			used += len(gap) + w
		}
	}
	room := t.out.columns - used
	return min(room, max(room-len(gap), 0))
}

// leaveOut hides the columns of a rank. It reports whether there are any.
func (t *table) leaveOut(shown []bool, rank int) bool {
	found := false
	for i, c := range t.columns {
		if c.drop == rank {
			shown[i], found = false, true
		}
	}
	return found
}

// print prints one row for people.
func (t *table) print(row []cell, widths []int, shown []bool) error {
	line := []cell{words(t.indent)}
	for i, c := range row {
		if !shown[i] {
			continue
		}
		if i == len(row)-1 {
			c.text = cutEnd(c.text, widths[i])
		}
		padding := strings.Repeat(" ", max(widths[i]-displayWidth(c.text), 0))
		if t.columns[i].right {
			line = append(line, words(padding), c, words(gap))
		} else {
			line = append(line, c, words(padding+gap))
		}
	}
	return t.out.line(trimRight(line)...)
}

// trimRight takes blanks off the end of a line.
func trimRight(line []cell) []cell {
	for n := len(line); n > 0; n-- {
		line[n-1].text = strings.TrimRight(line[n-1].text, " ")
		if line[n-1].text != "" {
			return line[:n]
		}
	}
	return nil
}
