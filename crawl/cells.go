package crawl

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"
)

// cellParser makes records of a block of rows. It runs in a worker.
type cellParser struct {
	sel    *selector
	header *header
	at     Origin // of the first row
	data   []byte
	limit  int
	cut    bool // the last row is incomplete, unless a line end follows it
	rows   bool // fill in Record.Row
	after  int  // rows that begin on lines up to this one are not parsed
}

func (p cellParser) parse(out []outcome) []outcome {
	scan := rowScan{separator: p.header.separator, limit: p.limit}
	var cells [][]byte
	for at, rest := p.at, p.data; len(rest) > 0; {
		size, kind := scan.next(rest, true)
		row := rest[:size]
		rest = rest[size:]
		here := at
		at.Line += bytes.Count(row, []byte{'\n'})
		at.Offset += int64(size)
		content := trimLineEnd(row)
		if here.Line <= p.after || len(content) == 0 || p.cut && row[size-1] != '\n' {
			continue
		}
		record, err := Record{}, error(nil)
		switch kind {
		case rowWhole:
			cells = p.header.split(cells[:0], content)
			record, err = p.record(cells)
		case rowLong:
			err = tooLong(int64(len(bytes.TrimSuffix(row, []byte{'\n'}))), p.limit)
		default:
			err = errQuote
		}
		if err != nil {
			out = append(out, outcome{err: &Problem{Origin: here, Err: err}})
			continue
		}
		record.Origin = here
		out = append(out, outcome{record: record})
	}
	return out
}

var errQuote = fmt.Errorf("%w: a quoted field has no end, or something stands behind it; read on with the next line", ErrRow)

// trimLineEnd takes the line end off a row, also the half of one at the end of a file, as encoding/csv does.
func trimLineEnd(row []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(row, []byte{'\n'}), []byte{'\r'})
}

func (p cellParser) record(cells [][]byte) (Record, error) {
	if len(cells) != len(p.header.names) {
		return Record{}, fmt.Errorf("%w: number of fields is %d, of the header %d", ErrRow, len(cells), len(p.header.names))
	}
	var given [properties]string
	for property, column := range p.header.columns {
		if column >= 0 {
			given[property] = cell(cells[column])
		}
	}
	r, err := p.sel.recordOf(given)
	if err == nil && p.rows {
		r.Row = p.header.row(cells, given)
	}
	return r, err
}

// cell returns what a field says: without the quotes around it, doubled quotes halved, line ends inside of quotes without
// carriage returns, and U+FFFD for each byte that is no part of a rune.
func cell(field []byte) string {
	if len(field) >= 2 && field[0] == '"' {
		field = field[1 : len(field)-1]
		if bytes.Contains(field, []byte(`""`)) {
			field = bytes.ReplaceAll(field, []byte(`""`), []byte{'"'})
		}
		if bytes.Contains(field, []byte("\r\n")) {
			field = bytes.ReplaceAll(field, []byte("\r\n"), []byte{'\n'})
		}
	}
	if !utf8.Valid(field) {
		return string([]rune(string(field)))
	}
	return string(field)
}

// split appends the fields of a whole row to fields, as they are written.
func (h *header) split(fields [][]byte, row []byte) [][]byte {
	for {
		end := h.fieldEnd(row)
		fields = append(fields, row[:end])
		if end == len(row) {
			return fields
		}
		row = row[end+1:]
	}
}

// fieldEnd returns where the field ends that the rest of a whole row begins with.
func (h *header) fieldEnd(row []byte) int {
	at := 0
	if len(row) > 0 && row[0] == '"' {
		for at = 1; ; at += 2 {
			at += bytes.IndexByte(row[at:], '"') // there is one: the row is whole
			if at+1 == len(row) || row[at+1] != '"' {
				break
			}
		}
		at++
	}
	if end := bytes.IndexByte(row[at:], h.separator); end >= 0 {
		return at + end
	}
	return len(row)
}

// row writes a row as a JSON object of strings, of which those in given have been decoded.
func (h *header) row(cells [][]byte, given [properties]string) []byte {
	size := 64
	for i, name := range h.names {
		size += len(name) + len(cells[i]) + len(cells[i])/16 + len(`"":"",`)
	}
	row := append(make([]byte, 0, size), '{')
	for i, name := range h.names {
		if p := slices.Index(h.columns[:], i); p >= 0 {
			row = appendMember(row, name, given[p])
		} else {
			row = appendMember(row, name, cell(cells[i]))
		}
	}
	return append(row, '}')
}
