package crawl

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// header says what the columns of a table are.
type header struct {
	separator byte
	names     []string        // of the columns, for Record.Row; distinct
	columns   [properties]int // where the properties of an article stand; -1 for those that are not there
}

// newHeader understands the first row. Blanks around names do not count. A column without a name, or with that of an earlier
// one, is called "column3" after its place; what names a property is the first column of that name.
func newHeader(row []byte, separator byte, sel *selector) (*header, error) {
	h := &header{separator: separator}
	first := map[string]int{}
	for i, field := range h.split(nil, row) {
		name := strings.TrimSpace(cell(field))
		if _, twice := first[name]; twice {
			name = ""
		} else if name != "" {
			first[name] = i
		}
		h.names = append(h.names, name)
	}
	for p, name := range sel.names {
		i, ok := first[name]
		if !ok {
			i = -1
		}
		h.columns[p] = i
	}
	if h.columns[propertyText] < 0 {
		return nil, fmt.Errorf("%w: no column is called %q; there are %s (%s names another)",
			ErrNoText, sel.names[propertyText], listNames(h.names), flags[propertyText])
	}
	for i, name := range h.names {
		if name != "" {
			continue
		}
		name = "column" + strconv.Itoa(i+1)
		for _, taken := first[name]; taken; _, taken = first[name] {
			name += "_"
		}
		h.names[i], first[name] = name, i
	}
	return h, nil
}

func listNames(names []string) string {
	const most = 20
	var list []string
	for _, name := range names[:min(len(names), most)] {
		list = append(list, fmt.Sprintf("%.40q", name))
	}
	if n := len(names) - most; n > 0 {
		list = append(list, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(list, ", ")
}

// separators are what may stand between fields, in the order in which they are believed.
const separators = "\t,;|"

// separatorOf tells by a header what separates the fields: what leaves a column of the name that the text has, and of several the one
// that makes the most columns; byDefault where there is one column.
func separatorOf(line []byte, text string, byDefault byte) byte {
	best, most := byDefault, 0
	for _, separator := range []byte(separators) {
		names := roughly(line, separator)
		n := len(names)
		if n < 2 {
			continue
		}
		if slices.Contains(names, text) {
			n += len(line) + 1
		}
		if n > most {
			best, most = separator, n
		}
	}
	return best
}

// roughly splits a line at the separators that do not stand between quotes. The last field may go on in the next line.
func roughly(line []byte, separator byte) []string {
	var fields []string
	quoted, from := false, 0
	for i, c := range line {
		if c == '"' {
			quoted = !quoted
		} else if c == separator && !quoted {
			fields = append(fields, strings.TrimSpace(cell(line[from:i])))
			from = i + 1
		}
	}
	return append(fields, strings.TrimSpace(cell(line[from:])))
}

// isHeader reports whether a line is so much like the header of a table that the file is one, whatever its name: two columns or more,
// divided by tabs, commas or semicolons, all of which have names, one of them the name that the text has.
func isHeader(line []byte, text string) bool {
	separator := separatorOf(line, text, ',')
	if separator == '|' || bytes.IndexByte(line, separator) < 0 {
		return false
	}
	h := header{separator: separator}
	scan := rowScan{separator: separator, limit: len(line)}
	if size, kind := scan.next(line, true); kind != rowWhole || size != len(line) {
		return false
	}
	var names []string
	for _, field := range h.split(nil, line) {
		names = append(names, cell(field))
	}
	return slices.Contains(names, text) && !slices.ContainsFunc(names, func(name string) bool { return !looksLikeName(name) })
}

// looksLikeName wants letters and digits, joined by single marks or spaces, of no more than 64 bytes.
func looksLikeName(s string) bool {
	const most = 64
	marks := 1
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) || r == '_' || marks == 0 && unicode.IsNumber(r):
			marks = 0
		case unicode.IsNumber(r) && len(s) > 1:
			marks = 0
		case strings.ContainsRune(" -.:/", r) && marks == 0:
			marks = 1
		default:
			return false
		}
	}
	return s != "" && len(s) <= most && marks == 0
}
