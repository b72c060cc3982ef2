package columns

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Schema is the columns of a Parquet file: names, types, which may be null, and how they are nested. It is immutable; the zero
// value has no columns.
type Schema struct {
	elements []format.SchemaElement // in Parquet's order: each group before its fields; none for the zero value
	tree     *element               // of them; nil for the zero value
	root     *node                  // nil for the zero value
	leaves   []leaf
}

// Kind is the type of a Column.
type Kind int

const (
	String Kind = iota // UTF-8
	Time               // a moment in UTC, in microseconds; in a row a string as in RFC 3339
	Int                // 64 bits, signed
	Float              // 64 bits
	Bool
)

// Column is one column of a Schema made by New.
type Column struct {
	Name string
	Kind Kind
}

// New returns the schema with these columns, in this order, all of which may be null. Of several columns with one name only
// the first counts.
//
// newSchema cannot refuse such a schema: all columns are optional, of known types, not nested, and no two of them have one name.
func New(columns ...Column) Schema {
	elements := []format.SchemaElement{{Name: "schema"}}
	seen := make(map[string]bool)
	for _, c := range columns {
		name := strings.ToValidUTF8(c.Name, "\ufffd")
		if !seen[name] {
			seen[name] = true
			elements = append(elements, c.Kind.element(name))
		}
	}
	elements[0].NumChildren = thrift.New(int32(len(elements) - 1))
	s, err := newSchema(elements)
	if err != nil {
		panic("columns: New made a schema that is none: " + err.Error())
	}
	return s
}

// Flat returns the schema with columns of strings, as New does.
func Flat(names ...string) Schema {
	columns := make([]Column, len(names))
	for i, name := range names {
		columns[i].Name = name
	}
	return New(columns...)
}

// With returns s with more columns behind its own, all of which may be null; not ok if two columns would have one name.
func (s Schema) With(more ...Column) (_ Schema, ok bool) {
	elements := New().elements
	if len(s.elements) > 0 {
		elements = slices.Clone(s.elements)
	}
	for _, c := range more {
		elements = append(elements, c.Kind.element(strings.ToValidUTF8(c.Name, "\ufffd")))
	}
	elements[0].NumChildren = thrift.New(elements[0].NumChildren.V + int32(len(more)))
	with, err := newSchema(elements)
	return with, err == nil
}

func (k Kind) element(name string) format.SchemaElement {
	e := format.SchemaElement{Name: name, RepetitionType: thrift.New(format.Optional)}
	switch k {
	case Time:
		e.Type = thrift.New(format.Int64)
		e.ConvertedType = thrift.New(deprecated.TimestampMicros)
		e.LogicalType.Value = &format.TimestampType{IsAdjustedToUTC: true, Unit: format.TimeUnit{Value: new(format.MicroSeconds)}}
	case Int:
		e.Type = thrift.New(format.Int64)
	case Float:
		e.Type = thrift.New(format.Double)
	case Bool:
		e.Type = thrift.New(format.Boolean)
	default:
		e.Type = thrift.New(format.ByteArray)
		e.ConvertedType = thrift.New(deprecated.UTF8)
		e.LogicalType.Value = new(format.StringType)
	}
	return e
}

// newSchema checks the elements, which it keeps.
func newSchema(elements []format.SchemaElement) (Schema, error) {
	tree, err := parseElements(elements)
	if err != nil {
		return Schema{}, err
	}
	b := new(shaper)
	n, err := b.group(tree, nil, 0, 0)
	if err != nil {
		return Schema{}, err
	}
	return Schema{elements: elements, tree: tree, root: n, leaves: b.leaves}, nil
}

// element is a schema element with its fields.
type element struct {
	*format.SchemaElement
	fields []*element // nil for a leaf
}

// maxDepth limits how deeply columns may be nested, and so recursion.
const maxDepth = 64

// parseElements makes a tree of the elements.
func parseElements(elements []format.SchemaElement) (*element, error) {
	if len(elements) == 0 {
		return nil, errors.New("schema without a root")
	}
	if elements[0].Type.Valid {
		return nil, errors.New("the root of the schema is a column")
	}
	root, rest, err := parseElement(elements, maxDepth)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%d schema elements belong to no group", len(rest))
	}
	return root, nil
}

func parseElement(elements []format.SchemaElement, depth int) (*element, []format.SchemaElement, error) {
	if len(elements) == 0 {
		return nil, nil, errors.New("schema with fewer elements than it says")
	}
	e, rest := &element{SchemaElement: &elements[0]}, elements[1:]
	switch {
	case depth == 0:
		return nil, nil, fmt.Errorf("columns are nested more than %d deep", maxDepth)
	case e.Type.Valid && e.NumChildren.V > 0:
		return nil, nil, fmt.Errorf("%q is both a column and a group", e.Name)
	case e.Type.Valid:
		return e, rest, nil
	case e.NumChildren.V < 0, e.NumChildren.V == 0 && depth < maxDepth:
		return nil, nil, fmt.Errorf("group %q has no columns", e.Name)
	}
	for range e.NumChildren.V {
		var (
			field *element
			err   error
		)
		if field, rest, err = parseElement(rest, depth-1); err != nil {
			return nil, nil, err
		}
		e.fields = append(e.fields, field)
	}
	return e, rest, nil
}

func (e *element) repeated() bool { return e.RepetitionType.V == format.Repeated }
func (e *element) optional() bool { return e.RepetitionType.V == format.Optional }

// Equal reports whether s and t have the same columns in the same order, with the same types, nesting and names. The name of the
// whole, field ids, and whether types are annotated in the old or the new way do not matter.
func (s Schema) Equal(t Schema) bool {
	return s.fieldsString() == t.fieldsString()
}

// String returns s in the notation of Parquet's own tools:
//
//	message schema {
//	  optional binary url (STRING);
//	  optional group tags (LIST) {
//	    repeated group list {
//	      optional binary element (STRING);
//	    }
//	  }
//	}
//
// Names that would be ambiguous are quoted as in Go.
func (s Schema) String() string {
	name := "schema"
	if len(s.elements) > 0 {
		name = s.elements[0].Name
	}
	return "message " + quoteName(name) + " {\n" + s.fieldsString() + "}\n"
}

func (s Schema) fieldsString() string {
	if s.tree == nil {
		return ""
	}
	return string(s.tree.appendFields(nil, "  "))
}

func (e *element) appendFields(dst []byte, indent string) []byte {
	for _, f := range e.fields {
		dst = append(dst, indent...)
		switch {
		case f.repeated():
			dst = append(dst, "repeated "...)
		case f.optional():
			dst = append(dst, "optional "...)
		default:
			dst = append(dst, "required "...)
		}
		dst = append(dst, f.typeName()...)
		dst = append(dst, ' ')
		dst = append(dst, quoteName(f.Name)...)
		if a := annotation(f.SchemaElement); a != nil {
			dst = fmt.Appendf(dst, " (%s)", a)
		}
		if f.fields != nil {
			dst = append(dst, " {\n"...)
			dst = f.appendFields(dst, indent+"  ")
			dst = append(dst, indent...)
			dst = append(dst, "}\n"...)
			continue
		}
		dst = append(dst, ";\n"...)
	}
	return dst
}

func (e *element) typeName() string {
	if e.fields != nil {
		return "group"
	}
	switch e.Type.V {
	case format.Boolean:
		return "boolean"
	case format.Int32:
		return "int32"
	case format.Int64:
		return "int64"
	case format.Int96:
		return "int96"
	case format.Float:
		return "float"
	case format.Double:
		return "double"
	case format.ByteArray:
		return "binary"
	}
	return fmt.Sprintf("fixed_len_byte_array(%d)", e.TypeLength.V)
}

// quoteName quotes a name with characters that mean something in a schema.
func quoteName(name string) string {
	if q := strconv.Quote(name); len(q) != len(name)+2 || name == "" || strings.ContainsAny(name, " \t(){};") {
		return q
	}
	return name
}

// MarshalBinary returns an empty Parquet file with the schema.
func (s Schema) MarshalBinary() ([]byte, error) {
	elements := s.elements
	if elements == nil {
		elements = New().elements
	}
	return appendFooter([]byte(magic), &format.FileMetaData{
		Version:   1,
		Schema:    elements,
		RowGroups: thrift.Slice[format.RowGroup]{},
		CreatedBy: createdBy,
	})
}

// UnmarshalBinary takes the schema of any Parquet file: of one that MarshalBinary returned, or of any other that is given whole. Errors
// are those of Open, and leave s as it was.
func (s *Schema) UnmarshalBinary(file []byte) error {
	f, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return err
	}
	*s = f.schema
	return nil
}

const (
	magic          = "PAR1" // at both ends of a file
	encryptedMagic = "PARE" // the same, with a footer that is encrypted
	createdBy      = "dedupe"
)

// appendFooter appends the footer, its length and the magic.
func appendFooter(dst []byte, meta *format.FileMetaData) ([]byte, error) {
	footer, err := encodeStruct(meta)
	if err != nil {
		return nil, fmt.Errorf("encode Parquet footer: %w", err)
	}
	dst = append(dst, footer...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(footer)))
	return append(dst, magic...), nil
}
