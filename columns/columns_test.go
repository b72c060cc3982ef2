package columns

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// write makes a file of rows.
func write(t testing.TB, s Schema, rows ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, s)
	for _, row := range rows {
		if err := w.Write([]byte(row)); err != nil {
			t.Fatalf("Write(%s): %v", row, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return out.Bytes()
}

func open(t testing.TB, file []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return f
}

// rows returns all rows, and the first error.
func rows(f *File) (rows []string, err error) {
	for g := range f.Groups() {
		for row, err := range f.Group(g, 0) {
			if err != nil {
				return rows, err
			}
			rows = append(rows, string(row))
		}
	}
	return rows, nil
}

func mustRows(t testing.TB, f *File) []string {
	t.Helper()
	got, err := rows(f)
	if err != nil {
		t.Fatalf("after %d rows: %v", len(got), err)
	}
	return got
}

// TestShapes checks all that columns can be nested in, both ways.
func TestShapes(t *testing.T) {
	t.Parallel()
	number := func(rep format.FieldRepetitionType, name string) elements { return col(rep, name, format.Int32, nil) }
	mapOf := new(format.MapType)
	tests := []struct {
		name string
		e    elements
		rows []string
	}{
		{"required", number(required, "x"), []string{`1`}},
		{"optional", number(optional, "x"), []string{`1`, `null`}},
		{"group", group(optional, "x", nil, number(required, "a"), number(optional, "b")), []string{`{"a":1,"b":2}`, `{"a":1,"b":null}`, `null`}},
		{"groups", group(optional, "x", nil, group(optional, "y", nil, group(required, "z", nil, number(optional, "a")))),
			[]string{`{"y":{"z":{"a":1}}}`, `{"y":{"z":{"a":null}}}`, `{"y":null}`, `null`}},
		{"list", group(optional, "x", listOf, group(repeated, "list", nil, number(optional, "element"))), []string{`[1,null,2]`, `[]`, `null`, `[null]`}},
		{"list, old annotation", old(group(required, "x", nil, group(repeated, "bag", nil, number(required, "array_element"))), deprecated.List), []string{`[1,2]`, `[]`}},
		{"list of lists", group(optional, "x", listOf, group(repeated, "list", nil,
			group(optional, "element", listOf, group(repeated, "list", nil, number(optional, "element"))))),
			[]string{`[[1,2],[],null,[3]]`, `[[]]`, `[null]`, `[]`, `null`, `[[null],[null]]`}},
		{"list of two levels", group(optional, "x", listOf, number(repeated, "element")), []string{`[1,2]`, `[]`, `null`}},
		{"list of groups of two fields", group(optional, "x", listOf, group(repeated, "element", nil, number(required, "a"), number(optional, "b"))),
			[]string{`[{"a":1,"b":2},{"a":3,"b":null}]`, `[]`, `null`}},
		{"list as Avro has it", group(optional, "x", listOf, group(repeated, "array", nil, number(required, "a"))), []string{`[{"a":1},{"a":2}]`, `[]`, `null`}},
		{"list as Thrift has it", group(optional, "x", listOf, group(repeated, "x_tuple", nil, number(required, "a"))), []string{`[{"a":1},{"a":2}]`, `[]`, `null`}},
		{"list of lists of two levels", group(optional, "x", listOf, group(repeated, "array", listOf, number(repeated, "array"))), []string{`[[1,2],[],[3]]`, `[]`, `null`}},
		{"list of repeated", group(optional, "x", listOf, group(repeated, "element", nil, number(repeated, "a"))), []string{`[{"a":[1,2]},{"a":[]}]`, `[]`, `null`}},
		{"two fields are no list", group(optional, "x", listOf, number(optional, "a"), number(optional, "b")), []string{`{"a":1,"b":2}`, `null`}},
		{"repeated", number(repeated, "x"), []string{`[1,2]`, `[]`}},
		{"repeated group", group(repeated, "x", nil, number(optional, "a"), number(repeated, "b")), []string{`[{"a":1,"b":[1,2]},{"a":null,"b":[]}]`, `[]`}},
		{"map", group(optional, "x", mapOf, group(repeated, "key_value", nil, text(required, "key"), number(optional, "value"))),
			[]string{`{"b":1,"a":null,"b":2}`, `{}`, `null`}},
		{"map, old annotation", old(group(optional, "x", nil, group(repeated, "map", nil, text(required, "key"), number(required, "value"))), deprecated.MapKeyValue),
			[]string{`{"a":1}`, `{}`, `null`}},
		{"map of numbers", group(optional, "x", mapOf, group(repeated, "key_value", nil, number(required, "key"), text(optional, "value"))),
			[]string{`[[1,"a"],[2,null]]`, `[]`, `null`}},
		{"map of text that may be null", group(optional, "x", mapOf, group(repeated, "key_value", nil, text(optional, "key"), number(optional, "value"))),
			[]string{`[["a",1],[null,2]]`, `[]`, `null`}},
		{"map of lists", group(optional, "x", mapOf, group(repeated, "key_value", nil, text(required, "key"), number(repeated, "value"))),
			[]string{`{"a":[1,2],"b":[],"c":[3]}`, `{}`, `null`}},
		{"map without values", group(optional, "x", mapOf, group(repeated, "key_value", nil, text(required, "key"))), []string{`["a","b"]`, `[]`, `null`}},
		{"map of three fields is none", group(optional, "x", mapOf, group(repeated, "key_value", nil, number(required, "a"), number(required, "b"), number(required, "c"))),
			[]string{`{"key_value":[{"a":1,"b":2,"c":3}]}`, `null`}},
		{"JSON that may not be null", col(required, "x", format.ByteArray, new(format.JsonType)), []string{`null`, `{"a":[]}`, `"b"`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var want []string
			for i, x := range test.rows {
				want = append(want, fmt.Sprintf(`{"n":%d,"x":%s,"t":"r%d"}`, i, x, i))
			}
			s := schemaOf(t, number(required, "n"), test.e, text(optional, "t"))
			f := open(t, write(t, s, want...))
			if got := mustRows(t, f); !slices.Equal(got, want) {
				t.Errorf("rows are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if !f.Schema().Equal(s) {
				t.Errorf("Schema = %v, want %v", f.Schema(), s)
			}
		})
	}
}

func TestWriteOrderAndMissing(t *testing.T) {
	t.Parallel()
	f := open(t, write(t, Flat("a", "b"), ` { "b" : "2" , "a" : "1" } `, `{}`, "{\"b\":\n\"3\"}"))
	want := []string{`{"a":"1","b":"2"}`, `{"a":null,"b":null}`, `{"a":null,"b":"3"}`}
	if got := mustRows(t, f); !slices.Equal(got, want) {
		t.Errorf("rows are %q, want %q", got, want)
	}
}

func TestWriteAfterMisfit(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewWriter(&out, Flat("a", "b"))
	for _, row := range []string{`{"a":"1"}`, `{"a":"2","b":2}`, `{"a":"3"}`} {
		if err := w.Write([]byte(row)); err != nil && !errors.Is(err, ErrSchema) {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{`{"a":"1","b":null}`, `{"a":"3","b":null}`}
	if got := mustRows(t, open(t, out.Bytes())); !slices.Equal(got, want) {
		t.Errorf("rows are %q, want %q", got, want)
	}
}

func TestNoRowsNoColumns(t *testing.T) {
	t.Parallel()
	for _, s := range []Schema{{}, Flat(), Flat("a"), everything(t)} {
		f := open(t, write(t, s))
		if got := mustRows(t, f); len(got) != 0 || f.Rows() != 0 || !f.Schema().Equal(s) {
			t.Errorf("%v: rows are %q, schema is %v", s, got, f.Schema())
		}
	}
	w := NewWriter(io.Discard, Flat())
	if err := w.Write([]byte(`{}`)); !errors.Is(err, ErrSchema) {
		t.Errorf("Write({}) without columns = %v, want ErrSchema", err)
	}
}

// failing is a writer and a reader that never work.
type failing struct{}

var errFailing = errors.New("disk on fire")

func (failing) Write([]byte) (int, error)         { return 0, errFailing }
func (failing) ReadAt([]byte, int64) (int, error) { return 0, errFailing }

func TestWriteError(t *testing.T) {
	t.Parallel()
	w := NewWriter(failing{}, Flat("a"))
	if err := w.Write([]byte(`{"a":"1"}`)); err != nil && !errors.Is(err, errFailing) {
		t.Fatalf("Write: %v", err)
	}
	for range 2 {
		if err := w.Close(); !errors.Is(err, errFailing) {
			t.Errorf("Close = %v, want %v", err, errFailing)
		}
	}
}

func TestWriteAfterClose(t *testing.T) {
	t.Parallel()
	w := NewWriter(io.Discard, Flat("a"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Write([]byte(`{}`)); !errors.Is(err, errClosed) {
		t.Errorf("Write after Close = %v, want %v", err, errClosed)
	}
}

func TestReadError(t *testing.T) {
	t.Parallel()
	if _, err := Open(failing{}, 1000); !errors.Is(err, errFailing) || errors.Is(err, ErrDamaged) {
		t.Errorf("Open = %v, want %v and not ErrDamaged", err, errFailing)
	}
	f := open(t, write(t, Flat("a"), `{"a":"1"}`))
	f.r = failing{}
	if _, err := rows(f); !errors.Is(err, errFailing) || errors.Is(err, ErrDamaged) {
		t.Errorf("Group = %v, want %v and not ErrDamaged", err, errFailing)
	}
}

// manyRows are more than one row group, with pages of several rows each.
func manyRows(n int) []string {
	out := make([]string, n)
	for i := range out {
		tags := make([]string, i%4)
		for j := range tags {
			tags[j] = fmt.Sprint(i * j)
		}
		out[i] = fmt.Sprintf(`{"id":%d,"text":"%s","tags":[%s]}`, i, strings.Repeat("word ", i%50), strings.Join(tags, ","))
	}
	return out
}

func manySchema(t testing.TB) Schema {
	return schemaOf(t, col(required, "id", format.Int64, nil), text(optional, "text"),
		group(optional, "tags", listOf, group(repeated, "list", nil, col(optional, "element", format.Int32, nil))))
}

func TestGroups(t *testing.T) {
	t.Parallel()
	want := manyRows(groupRows + 1000)
	file := write(t, manySchema(t), want...)
	f := open(t, file)
	if f.Groups() != 2 || f.GroupRows(0) != groupRows || f.GroupRows(1) != 1000 || f.Rows() != groupRows+1000 {
		t.Errorf("%d groups of %d rows, the first of %d", f.Groups(), f.Rows(), f.GroupRows(0))
	}
	if got := mustRows(t, f); !slices.Equal(got, want) {
		t.Error("rows differ")
	}
	if !bytes.Equal(file, write(t, manySchema(t), want...)) {
		t.Error("the same rows gave other bytes")
	}
}

func TestGroupsOfLargeRows(t *testing.T) {
	t.Parallel()
	row := `{"a":"` + strings.Repeat("x", 10<<20) + `"}`
	f := open(t, write(t, Flat("a"), row, row, row, row, row))
	if f.Groups() != 2 || f.GroupRows(0) != 4 {
		t.Errorf("%d groups, the first of %d rows; want 2, of 4", f.Groups(), f.GroupRows(0))
	}
}

// TestFrom resumes at each row of a file with small pages, of both versions, flat and nested.
func TestFrom(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"testdata/types.parquet", "testdata/encodings.parquet"} {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f := open(t, file)
		for g := range f.Groups() {
			var all []string
			for row, err := range f.Group(g, 0) {
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, string(row))
			}
			for from := int64(-1); from <= f.GroupRows(g)+1; from++ {
				var got []string
				for row, err := range f.Group(g, from) {
					if err != nil {
						t.Fatalf("%s: Group(%d, %d): %v", name, g, from, err)
					}
					got = append(got, string(row))
				}
				if want := all[min(max(from, 0), int64(len(all))):]; !slices.Equal(got, want) {
					t.Fatalf("%s: Group(%d, %d) has %d rows, want the last %d", name, g, from, len(got), len(want))
				}
			}
		}
	}
}

func TestGroupsAtOnce(t *testing.T) {
	t.Parallel()
	want := manyRows(2000)
	f := open(t, write(t, manySchema(t), want...))
	done := make(chan []string)
	for range 4 {
		go func() {
			got, err := rows(f)
			if err != nil {
				t.Error(err)
			}
			done <- got
		}()
	}
	for range 4 {
		if got := <-done; !slices.Equal(got, want) {
			t.Error("rows differ")
		}
	}
	for range f.Group(0, 0) {
		break // a loop may end early
	}
}

// TestBounds checks that readers are told the least and the greatest value of a column only where that is right, and short.
func TestBounds(t *testing.T) {
	t.Parallel()
	s := schemaOf(t, text(required, "url"), text(required, "text"), col(required, "signed", format.Int32, nil),
		col(required, "unsigned", format.Int32, &format.IntType{BitWidth: 32}), fixed("decimal", 2, &format.DecimalType{}))
	long := strings.Repeat("x", maxBoundBytes+1)
	f := open(t, write(t, s,
		`{"url":"a","text":"`+long+`","signed":-1,"unsigned":4294967295,"decimal":-1}`,
		`{"url":"b","text":"a","signed":1,"unsigned":1,"decimal":1}`))
	want := []string{"a b", " ", "\xff\xff\xff\xff \x01\x00\x00\x00", " ", " "}
	for i, c := range f.groups[0].Columns {
		if got := fmt.Sprintf("%s %s", c.MetaData.Statistics.MinValue, c.MetaData.Statistics.MaxValue); got != want[i] {
			t.Errorf("column %q is from %q, want %q", &s.leaves[i], got, want[i])
		}
	}
}

// TestRowStaysCallers checks that a row may be overwritten once it has been written.
func TestRowStaysCallers(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewWriter(&out, Flat("a"))
	row := []byte(`{"a":"0"}`)
	for i := range byte(3) {
		row[6] = '0' + i
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	row[6] = 'x'
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{`{"a":"0"}`, `{"a":"1"}`, `{"a":"2"}`}
	if got := mustRows(t, open(t, out.Bytes())); !slices.Equal(got, want) {
		t.Errorf("rows are %q, want %q", got, want)
	}
}
