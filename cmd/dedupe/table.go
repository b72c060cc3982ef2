package main

import "strings"

// column describes a column of a table.
type column struct {
	name  string
	most  int  // widest on a terminal; what is longer is cut in its middle; 0: any
	right bool // numbers: flush right
}

// idColumns is how much of an id a terminal shows. Where it counts, ids are shown whole: in show, in JSON and in a pipe.
const idColumns = 40

// leastTitleColumns is how much of the last column is shown on even the narrowest terminal.
const leastTitleColumns = 20

// table prints rows. In a pipe each is a line of fields with tabs between them,
// printed at once, without a header. On a terminal the rows are held until
// flush, which aligns those that it has; columns never get narrower from one
// flush to the next. The last column is cut at the edge of the terminal.
type table struct {
	out     *output
	columns []column
	indent  string
	header  bool // still to be printed
	rows    [][]cell
	widths  []int
}

const gap = "  "

func newTable(out *output, indent string, columns ...column) *table {
	t := &table{out: out, columns: columns, indent: indent, header: true, widths: make([]int, len(columns))}
	for i, c := range columns {
		t.widths[i] = len(c.name)
	}
	return t
}

// row adds a row; it has a cell for each column.
func (t *table) row(cells ...cell) error {
	if !t.out.people {
		return t.out.fields(cells...)
	}
	row := make([]cell, len(cells))
	for i, c := range cells {
		c.text = visible(c.text)
		if most := t.columns[i].most; most > 0 {
			c.text = cutMiddle(c.text, most)
		}
		t.widths[i] = max(t.widths[i], displayWidth(c.text))
		row[i] = c
	}
	t.rows = append(t.rows, row)
	return nil
}

// flush prints the rows that are held, with a header above the first of all.
func (t *table) flush() error {
	if len(t.rows) == 0 {
		return nil
	}
	if t.header {
		t.header = false
		header := make([]cell, len(t.columns))
		for i, c := range t.columns {
			header[i] = cell{strings.ToUpper(c.name), dim}
		}
		if err := t.aligned(header); err != nil {
			return err
		}
	}
	for _, row := range t.rows {
		if err := t.aligned(row); err != nil {
			return err
		}
	}
	t.rows = t.rows[:0]
	return nil
}

// aligned prints one row for people.
func (t *table) aligned(row []cell) error {
	line := []cell{words(t.indent)}
	used := len(t.indent)
	for i, c := range row {
		padding := strings.Repeat(" ", t.widths[i]-displayWidth(c.text))
		switch last := i == len(row)-1; {
		case last:
			if t.out.columns > 0 {
				c.text = cutEnd(c.text, max(t.out.columns-used, leastTitleColumns))
			}
			line = append(line, c)
		case t.columns[i].right:
			line = append(line, words(padding), c, words(gap))
		default:
			line = append(line, c, words(padding+gap))
		}
		used += t.widths[i] + len(gap)
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
