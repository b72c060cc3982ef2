package columns

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// A schema has only columns, groups and repetition. What a row looks like as JSON is a tree of nodes: a list in three groups
// is one node. Levels are those of the Dremel paper: the definition level of a value tells how many of the optional and repeated fields on
// its path are there, the repetition level which of the repeated ones it continues.
type node struct {
	name     string // in JSON: valid UTF-8
	shape    shape
	optional bool // may be null
	def      int  // definition level from which the node is there; below, it or something around it is null
	rep      int  // of lists and maps: the repetition level of each element but the first
	lo, hi   int  // the columns under the node, lo ≤ i < hi; one or more, but for the root of an empty schema
	children []*node
	index    map[string]int // of a struct: children by name
	named    bool           // of a map: its keys are text, so it is an object
}

type shape int

const (
	leafShape   shape = iota
	structShape       // children are the fields
	listShape         // one child, the element, which is there from level def+1
	mapShape          // two children, key and value, which are there from level def+1
)

// leaf is a column of values.
type leaf struct {
	path     []string // as in the schema
	physical format.Type
	width    int // bytes of a value if it is FIXED_LEN_BYTE_ARRAY
	def, rep int // the highest levels
	scalar   scalar
}

func (l *leaf) String() string { return strings.Join(l.path, ".") }

// shaper makes nodes of elements, and collects the columns. A path ends in the name of the element it is given with.
type shaper struct {
	leaves []leaf
}

// fields makes the nodes of all fields of e.
func (s *shaper) fields(e *element, path []string, def, rep int) ([]*node, error) {
	nodes := make([]*node, len(e.fields))
	for i, f := range e.fields {
		var err error
		if nodes[i], err = s.field(f, append(slices.Clip(path), f.Name), def, rep); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

// field makes the node of e under something that is there from level def and whose repetition level is rep.
func (s *shaper) field(e *element, path []string, def, rep int) (*node, error) {
	switch {
	case e.repeated(): // without LIST around it
		n, err := s.value(e, path, def+1, rep+1)
		if err != nil {
			return nil, err
		}
		return newNode(listShape, e, def, rep+1, n), nil
	case e.optional():
		n, err := s.value(e, path, def+1, rep)
		if err != nil {
			return nil, err
		}
		n.optional = true
		return n, nil
	}
	return s.value(e, path, def, rep)
}

// value makes the node of e as if it were required.
func (s *shaper) value(e *element, path []string, def, rep int) (*node, error) {
	if e.fields == nil {
		return s.leaf(e, path, def, rep)
	}
	if len(e.fields) == 1 && e.fields[0].repeated() {
		repeated := e.fields[0]
		switch annotation(e.SchemaElement).(type) {
		case *format.ListType:
			return s.list(e, path, def, rep)
		case *format.MapType, mapKeyValue: // old writers have one where the other should be
			if n := len(repeated.fields); n == 1 || n == 2 {
				return s.mapping(e, path, def, rep)
			}
		}
	}
	return s.group(e, path, def, rep)
}

func (s *shaper) leaf(e *element, path []string, def, rep int) (*node, error) {
	l := leaf{path: path, physical: e.Type.V, def: def, rep: rep}
	switch {
	case l.physical < format.Boolean || l.physical > format.FixedLenByteArray:
		return nil, fmt.Errorf("column %q is of unknown type %d", &l, l.physical)
	case l.physical == format.FixedLenByteArray:
		if l.width = int(e.TypeLength.V); l.width <= 0 || l.width > maxFixedBytes {
			return nil, fmt.Errorf("column %q has values of %d bytes, want 1 to %d", &l, l.width, maxFixedBytes)
		}
	}
	l.scalar = scalarOf(e.SchemaElement)
	s.leaves = append(s.leaves, l)
	n := newNode(leafShape, e, def, 0)
	n.lo, n.hi = len(s.leaves)-1, len(s.leaves)
	return n, nil
}

// maxFixedBytes limits the length of FIXED_LEN_BYTE_ARRAY, to what the library that writes allows.
const maxFixedBytes = 32767

func (s *shaper) group(e *element, path []string, def, rep int) (*node, error) {
	children, err := s.fields(e, path, def, rep)
	if err != nil {
		return nil, err
	}
	n := newNode(structShape, e, def, 0, children...)
	n.index = make(map[string]int)
	for i, c := range children {
		if _, twice := n.index[c.name]; twice {
			return nil, fmt.Errorf("%w: two columns %q", ErrUnsupported, strings.Join(append(slices.Clip(path), c.name), "."))
		}
		n.index[c.name] = i
	}
	return n, nil
}

// list makes the node of a group annotated LIST, whose one field is repeated. In old files that field is the element itself; the rules to
// tell are those under "Lists" in LogicalTypes.md of the Parquet format.
func (s *shaper) list(e *element, path []string, def, rep int) (*node, error) {
	r := e.fields[0]
	path = append(slices.Clip(path), r.Name)
	if len(r.fields) != 1 || r.fields[0].repeated() || annotation(r.SchemaElement) != nil ||
		r.Name == "array" || r.Name == e.Name+"_tuple" {
		n, err := s.value(r, path, def+1, rep+1)
		if err != nil {
			return nil, err
		}
		return newNode(listShape, e, def, rep+1, n), nil
	}
	children, err := s.fields(r, path, def+1, rep+1)
	if err != nil {
		return nil, err
	}
	return newNode(listShape, e, def, rep+1, children...), nil
}

// mapping makes the node of a group annotated MAP, whose one field is repeated and has a key and a value. One without
// values is a list of its keys.
func (s *shaper) mapping(e *element, path []string, def, rep int) (*node, error) {
	r := e.fields[0]
	children, err := s.fields(r, append(slices.Clip(path), r.Name), def+1, rep+1)
	if err != nil {
		return nil, err
	}
	if len(children) == 1 {
		return newNode(listShape, e, def, rep+1, children...), nil
	}
	n := newNode(mapShape, e, def, rep+1, children...)
	if key := children[0]; key.shape == leafShape && !key.optional {
		_, n.named = s.leaves[key.lo].scalar.(textScalar)
	}
	return n, nil
}

func newNode(kind shape, e *element, def, rep int, children ...*node) *node {
	n := &node{name: strings.ToValidUTF8(e.Name, "\ufffd"), shape: kind, def: def, rep: rep, children: children}
	if len(children) > 0 {
		n.lo, n.hi = children[0].lo, children[len(children)-1].hi
	}
	return n
}

// mapKeyValue is the annotation MAP_KEY_VALUE, which has no successor.
type mapKeyValue struct{ *format.MapType }

// annotation returns what the values of e mean; nil if that is not said. Old annotations are given as the new ones that replaced them.
func annotation(e *format.SchemaElement) format.LogicalTypeValue {
	if e.LogicalType.Value != nil {
		return e.LogicalType.Value
	}
	if !e.ConvertedType.Valid {
		return nil
	}
	micros, millis := format.TimeUnit{Value: new(format.MicroSeconds)}, format.TimeUnit{Value: new(format.MilliSeconds)}
	switch e.ConvertedType.V {
	case deprecated.UTF8:
		return new(format.StringType)
	case deprecated.Map:
		return new(format.MapType)
	case deprecated.MapKeyValue:
		return mapKeyValue{}
	case deprecated.List:
		return new(format.ListType)
	case deprecated.Enum:
		return new(format.EnumType)
	case deprecated.Decimal:
		return &format.DecimalType{Scale: e.Scale.V, Precision: e.Precision.V}
	case deprecated.Date:
		return new(format.DateType)
	case deprecated.TimeMillis:
		return &format.TimeType{IsAdjustedToUTC: true, Unit: millis}
	case deprecated.TimeMicros:
		return &format.TimeType{IsAdjustedToUTC: true, Unit: micros}
	case deprecated.TimestampMillis:
		return &format.TimestampType{IsAdjustedToUTC: true, Unit: millis}
	case deprecated.TimestampMicros:
		return &format.TimestampType{IsAdjustedToUTC: true, Unit: micros}
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		return &format.IntType{BitWidth: 8 << (e.ConvertedType.V - deprecated.Uint8)}
	case deprecated.Int8, deprecated.Int16, deprecated.Int32, deprecated.Int64:
		return &format.IntType{BitWidth: 8 << (e.ConvertedType.V - deprecated.Int8), IsSigned: true}
	case deprecated.Json:
		return new(format.JsonType)
	case deprecated.Bson:
		return new(format.BsonType)
	}
	return nil
}
