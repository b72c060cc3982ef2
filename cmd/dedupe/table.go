package main

import "strings"

// column describes a column of a table.
type column struct {
	name  string
	right bool // numbers: flush right
	most  int  // widest on a terminal; what is longer is cut in its middle, on a narrow terminal more so; 0: never cut
}

// How wide the columns of a terminal get that may be cut.
const (
	idColumns   = 40 // most of an id; whole ids are what show, JSON and a pipe give
	siteColumns = 32 // most of a site
	leastCut    = 16 // least of both
	leastTitle  = 20 // least of the last column: where there is no room for it, it is left out
)

// gap stands between columns.
const gap = "  "

// table prints rows. In a pipe each is a line of fields with tabs between them,
// printed at once, without a header. On a terminal the rows are held until
// flush, which aligns those that it has and fits them to the width of the
// terminal; columns never get narrower from one flush to the next but for that.
type table struct {
	out     *output
	indent  string
	columns []column
	header  bool // still to be printed
	rows    [][]cell
	natural []int // width that each column needs, and may have
}

func newTable(out *output, indent string, columns ...column) *table {
	t := &table{out: out, indent: indent, columns: columns, header: true, natural: make([]int, len(columns))}
	for i, c := range columns {
		t.natural[i] = len(c.name)
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
		t.natural[i] = max(t.natural[i], displayWidth(c.text))
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
	widths := t.fit()
	if t.header {
		t.header = false
		header := make([]cell, len(t.columns))
		for i, c := range t.columns {
			header[i] = cell{strings.ToUpper(c.name), dim}
		}
		if err := t.print(header, widths); err != nil {
			return err
		}
	}
	for _, row := range t.rows {
		if err := t.print(row, widths); err != nil {
			return err
		}
	}
	t.rows = t.rows[:0]
	return nil
}

// fit returns how wide each column is to be. First those are narrowed that may
// be cut, the widest first, so that leastTitle is left for the last column; if
// that is not enough, the last column is left out and its width is 0.
func (t *table) fit() []int {
	widths := append([]int(nil), t.natural...)
	if t.out.columns == 0 {
		return widths
	}
	last := len(widths) - 1
	room := t.out.columns - len(t.indent) // for all but the last column and the gap before it
	for _, w := range widths[:last] {
		room -= w + len(gap)
	}
	room += len(gap)
	title := min(widths[last], leastTitle)
	for room < len(gap)+title && t.narrow(widths[:last]) {
		room++
	}
	if room >= len(gap)+title {
		widths[last] = min(widths[last], room-len(gap))
		return widths
	}
	copy(widths, t.natural[:last])
	widths[last] = 0
	room = t.out.columns - len(t.indent) + len(gap)
	for _, w := range widths[:last] {
		room -= w + len(gap)
	}
	for room < 0 && t.narrow(widths[:last]) {
		room++
	}
	return widths
}

// narrow takes one column off the widest of those that may be cut. It reports whether there was one.
func (t *table) narrow(widths []int) bool {
	widest := -1
	for i, w := range widths {
		if t.columns[i].most > 0 && w > leastCut && (widest < 0 || w > widths[widest]) {
			widest = i
		}
	}
	if widest < 0 {
		return false
	}
	widths[widest]--
	return true
}

// print prints one row for people.
func (t *table) print(row []cell, widths []int) error {
	line := []cell{words(t.indent)}
	for i, c := range row {
		switch last := i == len(row)-1; {
		case last && widths[i] == 0:
			continue
		case last:
			c.text = cutEnd(c.text, widths[i])
		case t.columns[i].most > 0:
			c.text = cutMiddle(c.text, widths[i])
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
