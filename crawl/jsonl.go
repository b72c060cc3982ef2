package crawl

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	json "github.com/goccy/go-json"
)

// jsonLines is the form of JSON lines.
type jsonLines struct{ s *source }

func (jsonLines) whole(b *blocks, old int, comes ending) (int, bool) {
	if comes != more {
		return len(b.buf), true
	}
	if end := bytes.LastIndexByte(b.buf[old:], '\n'); end >= 0 {
		return old + end + 1, true
	}
	return 0, true
}

// emit gives the memory of the block back when it has been parsed.
func (f jsonLines) emit(at Origin, block []byte, cut bool) bool {
	p := parser{sel: f.s.sel, at: at, data: block, maxLine: f.s.opts.MaxLineBytes, cut: cut, rows: f.s.opts.Rows, after: f.s.after.Line}
	return f.s.emit(len(block), func(out []outcome) []outcome {
		out = p.parse(out)
		f.s.recycle(block)
		return out
	})
}

// parser makes records of a block of lines. It runs in a worker.
type parser struct {
	sel     *selector
	at      Origin // of the first line
	data    []byte
	maxLine int
	cut     bool // the last line may be incomplete
	rows    bool // fill in Record.Row
	after   int  // lines up to this one are not parsed
}

func (p parser) parse(out []outcome) []outcome {
	at := p.at
	for rest := p.data; len(rest) > 0; at.Line++ {
		line, tail, ended := bytes.Cut(rest, []byte{'\n'})
		rest = tail
		if at.Line <= p.after {
			at.Offset += int64(len(line)) + 1
			continue
		}
		switch record, found, err := p.line(line); {
		case err != nil && p.cut && !ended && errors.Is(err, ErrNotObject):
			// The cause is reported behind it.
		case err != nil:
			out = append(out, outcome{err: &Problem{Origin: at, Err: err}})
		case found:
			record.Origin = at
			out = append(out, outcome{record: record})
		}
		at.Offset += int64(len(line)) + 1
	}
	return out
}

// line makes a record of a line; not found if the line is blank.
func (p parser) line(line []byte) (r Record, found bool, err error) {
	if len(line) > p.maxLine {
		return Record{}, false, tooLong(int64(len(line)), p.maxLine)
	}
	ends := bytes.HasSuffix(line, []byte{'\r'})
	// Files with a byte order mark are put together to larger ones, so it may be found on any line.
	line = bytes.Trim(bytes.TrimPrefix(line, byteOrderMark), " \t\r")
	if len(line) == 0 {
		return Record{}, false, nil
	}
	o, err := parseObject(line)
	if err != nil {
		return Record{}, false, err
	}
	r, err = p.sel.record(o)
	if err == nil && p.rows {
		r.Row = bytes.Clone(line)
		if ends {
			r.Row = append(r.Row, '\r')
		}
	}
	return r, err == nil, err
}

// object is a JSON object whose values have been found but not decoded. The last of equal keys has won.
//
// Measured on AllSides (37,554 lines, 238 MB; two busy cores): these maps of raw values, decoded where wanted, cost 0.35 s of
// processor time, a scanner of our own for the wanted fields 0.29 s and 350 lines more, encoding/json into a struct of fixed
// names 1.9 s. gunzip costs 1.1 s, so we keep the maps. FuzzJSONL holds go-json against encoding/json.
type object struct {
	values map[string]json.RawMessage
	inner  map[string]*object // those values that are objects and have been asked for
}

func parseObject(data []byte) (*object, error) {
	if data[0] != '{' {
		return nil, fmt.Errorf("%w: it begins with %q", ErrNotObject, firstRune(data))
	}
	o := new(object)
	if err := json.Unmarshal(data, &o.values); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotObject, err)
	}
	return o, nil
}

func firstRune(data []byte) []byte {
	_, size := utf8.DecodeRune(data)
	return data[:size]
}

// find returns the value at the end of a path of keys, or nil: it is missing, null, or behind something that is no object.
func (o *object) find(path []string) json.RawMessage {
	raw := bytes.TrimSpace(o.values[path[0]])
	switch {
	case len(raw) == 0 || raw[0] == 'n':
		return nil
	case len(path) == 1:
		return raw
	case raw[0] != '{':
		return nil
	}
	in := o.inner[path[0]]
	if in == nil {
		var err error
		if in, err = parseObject(raw); err != nil {
			return nil // cannot be: the whole line has been checked
		}
		if o.inner == nil {
			o.inner = make(map[string]*object)
		}
		o.inner[path[0]] = in
	}
	return in.find(path[1:])
}

// text returns a string decoded, and a number as it is written; "" for nil. In strings, U+FFFD stands for each byte that is no
// part of a rune, and for each half of a surrogate pair without its other half. For other values kind says what they are.
func text(raw json.RawMessage) (s, kind string) {
	if raw == nil {
		return "", ""
	}
	switch raw[0] {
	case '"':
		if err := json.Unmarshal(raw, &s); err != nil {
			return "", "a malformed string" // cannot be: the whole line has been checked
		}
		return s, ""
	case '{':
		return "", "an object"
	case '[':
		return "", "an array"
	case 't', 'f':
		return "", "a boolean"
	}
	return string(raw), ""
}
