package columns

import (
	"encoding/json"
	"errors"
	"fmt"
)

// entry is what a column has for a row once or more: a value or a null, with its levels.
type entry struct {
	value value
	rep   int
	def   int // below the highest of the column, it is a null
}

// shredder takes rows apart into columns: the record shredding of the Dremel paper.
type shredder struct {
	schema  Schema
	columns [][]entry // of one row
}

// misfit is what does not fit, and where. It becomes ErrSchema.
type misfit struct {
	path  string // of names and dots; empty for the row
	value string // abridged JSON
	why   error
}

func (m *misfit) Error() string {
	if m.path == "" {
		return fmt.Sprintf("%v: %v, got %s", ErrSchema, m.why, m.value)
	}
	return fmt.Sprintf("%v: column %q: %v, got %s", ErrSchema, m.path, m.why, m.value)
}

func (m *misfit) Unwrap() []error { return []error{ErrSchema, m.why} }

// at adds the name of what the misfit is in.
func at(name string, err error) error {
	var m *misfit
	if err == nil || !errors.As(err, &m) {
		return err
	}
	if m.path != "" {
		name += "."
	}
	m.path = name + m.path
	return m
}

const misfitBytes = 80

func newMisfit(raw []byte, why error) error {
	value := "nothing"
	switch {
	case len(raw) > misfitBytes:
		value = string(raw[:misfitBytes]) + "…"
	case raw != nil:
		value = string(raw)
	}
	return &misfit{value: value, why: why}
}

var (
	errNoObject  = errors.New("want a JSON object")
	errNoArray   = errors.New("want an array")
	errNoPair    = errors.New("want an array of key and value")
	errNoColumn  = errors.New("there is no such column")
	errNoColumns = errors.New("there are no columns")
	errMissing   = errors.New("it may not be null")
	errTwice     = errors.New("it is there twice")
)

// shred takes a row apart. What it returns is valid until the next call, and may refer to row.
func (s *shredder) shred(row []byte) ([][]entry, error) {
	for i := range s.columns {
		s.columns[i] = s.columns[i][:0]
	}
	switch row = trimLeft(row); {
	case len(row) == 0 || row[0] != '{' || !json.Valid(row):
		return nil, newMisfit(row, errNoObject)
	case len(s.columns) == 0:
		return nil, newMisfit(row, errNoColumns)
	}
	return s.columns, s.object(s.schema.root, row, 0)
}

// put appends the entries for n in all its columns. raw is nil if nothing is there. rep is the repetition level of the first entry.
func (s *shredder) put(n *node, raw []byte, rep int) error {
	isNull := raw == nil || raw[0] == 'n'
	switch {
	case isNull && n.optional:
		s.null(n, rep, n.def-1)
		return nil
	case isNull && !s.takesNull(n, raw):
		return newMisfit(raw, errMissing)
	}
	switch n.shape {
	case leafShape:
		return s.leaf(n, raw, rep)
	case structShape:
		return s.object(n, raw, rep)
	case listShape:
		return s.list(n, raw, rep)
	}
	return s.mapping(n, raw, rep)
}

// takesNull reports whether null is a value of n, which is required: it is one of JSON.
func (s *shredder) takesNull(n *node, raw []byte) bool {
	if n.shape != leafShape || raw == nil {
		return false
	}
	_, isJSON := s.schema.leaves[n.lo].scalar.(jsonScalar)
	return isJSON
}

// null appends a null in all columns of n. def tells what is missing.
func (s *shredder) null(n *node, rep, def int) {
	for i := n.lo; i < n.hi; i++ {
		s.columns[i] = append(s.columns[i], entry{rep: rep, def: def})
	}
}

func (s *shredder) leaf(n *node, raw []byte, rep int) error {
	v, err := s.schema.leaves[n.lo].parseJSON(raw)
	if err != nil {
		return newMisfit(raw, err)
	}
	s.columns[n.lo] = append(s.columns[n.lo], entry{value: v, rep: rep, def: n.def})
	return nil
}

func (s *shredder) object(n *node, raw []byte, rep int) error {
	if raw[0] != '{' {
		return newMisfit(raw, errNoObject)
	}
	found := make([][]byte, len(n.children))
	for key, member := range members(raw) {
		i, ok := n.index[string(key)]
		if !ok {
			return at(string(key), newMisfit(member, errNoColumn))
		}
		if found[i] != nil {
			return at(string(key), newMisfit(member, errTwice))
		}
		found[i] = member
	}
	for i, c := range n.children {
		if err := s.put(c, found[i], rep); err != nil {
			return at(c.name, err)
		}
	}
	return nil
}

func (s *shredder) list(n *node, raw []byte, rep int) error {
	if raw[0] != '[' {
		return newMisfit(raw, errNoArray)
	}
	empty := true
	for part := range parts(raw) {
		if err := s.put(n.children[0], part, rep); err != nil {
			return at(n.children[0].name, err)
		}
		empty, rep = false, n.rep
	}
	if empty {
		s.null(n, rep, n.def)
	}
	return nil
}

// mapping takes an object if the keys are text, and else an array of arrays of key and value.
func (s *shredder) mapping(n *node, raw []byte, rep int) error {
	empty := true
	pair := func(key, member []byte) error {
		for i, part := range [][]byte{key, member} {
			if err := s.put(n.children[i], part, rep); err != nil {
				return at(n.children[i].name, err)
			}
		}
		empty, rep = false, n.rep
		return nil
	}
	if err := n.pairs(raw, pair); err != nil {
		return err
	}
	if empty {
		s.null(n, rep, n.def)
	}
	return nil
}

// pairs calls pair for the keys and values of a map, until it returns an error.
func (n *node) pairs(raw []byte, pair func(key, member []byte) error) error {
	if n.named {
		if raw[0] != '{' {
			return newMisfit(raw, errNoObject)
		}
		var key []byte
		for part := range parts(raw) {
			if key == nil {
				key = part
				continue
			}
			if err := pair(key, part); err != nil {
				return err
			}
			key = nil
		}
		return nil
	}
	if raw[0] != '[' {
		return newMisfit(raw, errNoArray)
	}
	for part := range parts(raw) {
		if part[0] != '[' {
			return newMisfit(part, errNoPair)
		}
		var two [][]byte
		for p := range parts(part) {
			two = append(two, p)
		}
		if len(two) != 2 {
			return newMisfit(part, errNoPair)
		}
		if err := pair(two[0], two[1]); err != nil {
			return err
		}
	}
	return nil
}
