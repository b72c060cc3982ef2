package columns

import (
	"errors"
	"testing"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Schemas of tests are put together from elements, each group before its fields.

const (
	required = format.Required
	optional = format.Optional
	repeated = format.Repeated
)

type elements []format.SchemaElement

func col(rep format.FieldRepetitionType, name string, physical format.Type, a format.LogicalTypeValue) elements {
	return elements{{Name: name, RepetitionType: thrift.New(rep), Type: thrift.New(physical), LogicalType: format.LogicalType{Value: a}}}
}

func text(rep format.FieldRepetitionType, name string) elements {
	return col(rep, name, format.ByteArray, new(format.StringType))
}

func fixed(name string, width int32, a format.LogicalTypeValue) elements {
	e := col(required, name, format.FixedLenByteArray, a)
	e[0].TypeLength = thrift.New(width)
	return e
}

func old(e elements, a deprecated.ConvertedType) elements {
	e[0].ConvertedType = thrift.New(a)
	return e
}

func group(rep format.FieldRepetitionType, name string, a format.LogicalTypeValue, fields ...elements) elements {
	e := elements{{Name: name, RepetitionType: thrift.New(rep), LogicalType: format.LogicalType{Value: a}, NumChildren: thrift.New(int32(len(fields)))}}
	for _, f := range fields {
		e = append(e, f...)
	}
	return e
}

func schemaOf(t testing.TB, fields ...elements) Schema {
	t.Helper()
	e := group(required, "schema", nil, fields...)
	e[0].RepetitionType = thrift.Null[format.FieldRepetitionType]{}
	s, err := newSchema(e)
	if err != nil {
		t.Fatalf("newSchema: %v", err)
	}
	return s
}

var listOf = new(format.ListType)

func TestSchemaString(t *testing.T) {
	t.Parallel()
	s := schemaOf(t,
		text(optional, "url"),
		group(optional, "tags", listOf, group(repeated, "list", nil, text(optional, "element"))),
		old(col(required, "seen", format.Int64, nil), deprecated.TimestampMillis),
		col(repeated, "with (space)", format.Int32, &format.IntType{BitWidth: 8}),
		fixed("id", 16, new(format.UUIDType)),
	)
	want := `message schema {
  optional binary url (STRING);
  optional group tags (LIST) {
    repeated group list {
      optional binary element (STRING);
    }
  }
  required int64 seen (TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS));
  repeated int32 "with (space)" (INT(8,false));
  required fixed_len_byte_array(16) id (UUID);
}
`
	if got := s.String(); got != want {
		t.Errorf("String() = %s, want %s", got, want)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	s := New(Column{"a", String}, Column{"b", Time}, Column{"c", Int}, Column{"d", Float}, Column{"a", Int}, Column{"\xff", String})
	want := "message schema {\n" +
		"  optional binary a (STRING);\n" +
		"  optional int64 b (TIMESTAMP(isAdjustedToUTC=true,unit=MICROS));\n" +
		"  optional int64 c;\n" +
		"  optional double d;\n" +
		"  optional binary \ufffd (STRING);\n}\n"
	if got := s.String(); got != want {
		t.Errorf("String() = %s, want %s", got, want)
	}
	if got := Flat("a", "b"); !got.Equal(New(Column{Name: "a"}, Column{Name: "b"})) {
		t.Errorf("Flat = %v", got)
	}
	var zero Schema
	if !zero.Equal(New()) || zero.String() != "message schema {\n}\n" {
		t.Errorf("the zero Schema is %v, want one without columns", zero)
	}
}

func TestSchemaWith(t *testing.T) {
	t.Parallel()
	tags := group(optional, "tags", listOf, group(repeated, "list", nil, text(optional, "element")))
	s := schemaOf(t, text(optional, "id"), tags)
	before := s.String()
	with, ok := s.With(Column{Name: "copies", Kind: Int}, Column{Name: "kind"})
	want := schemaOf(t, text(optional, "id"), tags, col(optional, "copies", format.Int64, nil), text(optional, "kind"))
	if !ok || !with.Equal(want) || s.String() != before {
		t.Errorf("With = %s, %t, want %s; s is %s", with, ok, want, s)
	}
	for _, more := range [][]Column{{{Name: "tags"}}, {{Name: "x"}, {Name: "x"}}} {
		if _, ok := s.With(more...); ok {
			t.Errorf("With(%v) is ok, though a name is there twice", more)
		}
	}
	if with, ok := (Schema{}).With(Column{Name: "id"}); !ok || !with.Equal(Flat("id")) {
		t.Errorf("With of no columns = %s, %t", with, ok)
	}
}

func TestSchemaEqual(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		a, b elements
		want bool
	}{
		{"same", text(optional, "a"), text(optional, "a"), true},
		{"old annotation", text(optional, "a"), old(col(optional, "a", format.ByteArray, nil), deprecated.UTF8), true},
		{"no annotation", text(optional, "a"), col(optional, "a", format.ByteArray, nil), false},
		{"required", text(optional, "a"), text(required, "a"), false},
		{"name", text(optional, "a"), text(optional, "b"), false},
		{"width", fixed("a", 3, nil), fixed("a", 4, nil), false},
		{"name that looks like an annotation", text(optional, "a"), col(optional, "a (STRING)", format.ByteArray, nil), false},
	}
	for _, test := range tests {
		a, b := schemaOf(t, test.a), schemaOf(t, test.b)
		if got := a.Equal(b); got != test.want {
			t.Errorf("%s: Equal(%v, %v) = %t, want %t", test.name, a, b, got, test.want)
		}
	}
}

func TestSchemaBinary(t *testing.T) {
	t.Parallel()
	for _, s := range []Schema{{}, Flat("a"), everything(t)} {
		b, err := s.MarshalBinary()
		if err != nil {
			t.Fatalf("MarshalBinary(%v): %v", s, err)
		}
		var got Schema
		if err := got.UnmarshalBinary(b); err != nil {
			t.Fatalf("UnmarshalBinary of %v: %v", s, err)
		}
		if !got.Equal(s) {
			t.Errorf("UnmarshalBinary = %v, want %v", got, s)
		}
	}
	s := Flat("a")
	if err := s.UnmarshalBinary([]byte("PAR1 is not enough")); !errors.Is(err, ErrDamaged) || !s.Equal(Flat("a")) {
		t.Errorf("UnmarshalBinary of no file: %v, and the schema is %v", err, s)
	}
}

func TestSchemaErrors(t *testing.T) {
	t.Parallel()
	deep := text(required, "leaf")
	for range maxDepth {
		deep = group(required, "g", nil, deep)
	}
	tooMany := group(required, "schema", nil, text(optional, "a"))
	tooMany[0].NumChildren = thrift.New(int32(1 << 30))
	negative := group(required, "schema", nil)
	negative[0].NumChildren = thrift.New(int32(-1))
	tests := []struct {
		name string
		e    elements
	}{
		{"nothing", nil},
		{"the root is a column", text(required, "schema")},
		{"more children than elements", tooMany},
		{"negative children", negative},
		{"elements left", append(group(required, "schema", nil), text(optional, "a")...)},
		{"empty group", group(required, "schema", nil, group(optional, "g", nil))},
		{"too deep", group(required, "schema", nil, deep)},
		{"width 0", group(required, "schema", nil, fixed("f", 0, nil))},
		{"width of a gigabyte", group(required, "schema", nil, fixed("f", 1<<30, nil))},
		{"type unknown", group(required, "schema", nil, col(optional, "a", 17, nil))},
		{"name twice", group(required, "schema", nil, text(optional, "a"), text(optional, "a"))},
	}
	for _, test := range tests {
		if s, err := newSchema(test.e); err == nil {
			t.Errorf("%s: newSchema = %v, want an error", test.name, s)
		}
	}
}

// everything returns a schema with all shapes and types.
func everything(t testing.TB) Schema {
	return schemaOf(t,
		text(required, "text"),
		col(optional, "bytes", format.ByteArray, nil),
		col(optional, "bool", format.Boolean, nil),
		col(optional, "int32", format.Int32, nil),
		col(required, "int64", format.Int64, nil),
		col(optional, "uint64", format.Int64, &format.IntType{BitWidth: 64}),
		col(optional, "int96", format.Int96, nil),
		col(optional, "float", format.Float, nil),
		col(optional, "double", format.Double, nil),
		fixed("fixed", 3, nil),
		fixed("decimal", 5, &format.DecimalType{Precision: 11, Scale: 2}),
		col(optional, "date", format.Int32, new(format.DateType)),
		col(optional, "json", format.ByteArray, new(format.JsonType)),
		group(optional, "list", listOf, group(repeated, "list", nil,
			group(optional, "element", listOf, group(repeated, "list", nil, col(required, "element", format.Int64, nil))))),
		group(optional, "structs", listOf, group(repeated, "list", nil,
			group(optional, "element", nil, text(optional, "a"), col(repeated, "b", format.Int32, nil)))),
		group(optional, "map", new(format.MapType), group(repeated, "key_value", nil, text(required, "key"), text(optional, "value"))),
		group(required, "pairs", new(format.MapType), group(repeated, "key_value", nil,
			col(required, "key", format.Int32, nil), group(optional, "value", nil, text(optional, "x")))),
	)
}
