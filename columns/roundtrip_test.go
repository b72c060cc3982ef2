package columns

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"pgregory.net/rapid"
)

// A generator makes elements of a schema, and with them a function that makes JSON as it is read from them.
type generator struct {
	elements elements
	json     func(*rapid.T) string
}

// literal makes values of a leaf by their bits and bytes, in the form that appendJSON has for them.
func literal(t *rapid.T, name string, rep format.FieldRepetitionType) generator {
	types := []elements{
		text(rep, name),
		col(rep, name, format.ByteArray, nil),
		col(rep, name, format.Boolean, nil),
		col(rep, name, format.Int32, nil),
		col(rep, name, format.Int64, nil),
		col(rep, name, format.Int32, &format.IntType{BitWidth: 32}),
		col(rep, name, format.Int64, &format.IntType{BitWidth: 64}),
		col(rep, name, format.Int96, nil),
		col(rep, name, format.Float, nil),
		col(rep, name, format.Double, nil),
		fixed(name, 5, nil),
		fixed(name, 16, nil),
		fixed(name, 16, new(format.UUIDType)),
		fixed(name, 9, &format.DecimalType{Scale: 3, Precision: 20}),
		col(rep, name, format.Int64, &format.DecimalType{Scale: 18, Precision: 18}),
		col(rep, name, format.Int32, new(format.DateType)),
		col(rep, name, format.Int64, &format.TimeType{Unit: micros}),
		col(rep, name, format.Int64, &format.TimestampType{Unit: millis, IsAdjustedToUTC: true}),
		col(rep, name, format.Int64, &format.TimestampType{Unit: nanos}),
	}
	e := rapid.SampledFrom(types).Draw(t, "type")
	e[0].RepetitionType = thrift.New(rep)
	l := leaf{physical: e[0].Type.V, width: int(e[0].TypeLength.V), scalar: scalarOf(&e[0])}
	return generator{e, func(t *rapid.T) string { return string(l.appendJSON(nil, drawValue(t, &l))) }}
}

func drawValue(t *rapid.T, l *leaf) value {
	switch l.physical {
	case format.Boolean:
		return value{bits: uint64(rapid.IntRange(0, 1).Draw(t, "bool"))}
	case format.Int32:
		return value{bits: uint64(int64(rapid.Int32().Draw(t, "int32")))}
	case format.Int64:
		return value{bits: uint64(rapid.Int64().Draw(t, "int64"))}
	case format.Float:
		return value{bits: uint64(math.Float32bits(rapid.Float32().Draw(t, "float")))}
	case format.Double:
		return value{bits: math.Float64bits(rapid.Float64().Draw(t, "double"))}
	case format.ByteArray:
		if _, isText := l.scalar.(textScalar); isText {
			return value{bytes: []byte(rapid.String().Draw(t, "text"))}
		}
		return value{bytes: rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")}
	}
	return value{bytes: rapid.SliceOfN(rapid.Byte(), max(l.fixedBytes(), 1), l.fixedBytes()).Draw(t, "fixed")}
}

var repetitions = []format.FieldRepetitionType{required, optional, repeated}

// field makes a field of any shape.
func field(t *rapid.T, name string, depth int, reps []format.FieldRepetitionType) generator {
	rep := rapid.SampledFrom(reps).Draw(t, "repetition")
	var g generator
	switch shape := rapid.IntRange(0, 5).Draw(t, "shape"); {
	case depth == 0 || shape < 2:
		g = literal(t, name, rep)
	case shape == 2:
		g = structOf(t, name, rep, depth)
	case shape == 3:
		element := field(t, "element", depth-1, repetitions[:2])
		g = generator{group(rep, name, listOf, group(repeated, "list", nil, element.elements)), arrayOf(element.json)}
	case shape == 4:
		element := field(t, "array", depth-1, repetitions[:1])
		element.elements[0].RepetitionType = thrift.New(repeated)
		g = generator{group(rep, name, listOf, element.elements), arrayOf(element.json)}
	default:
		key, val := literal(t, "key", required), field(t, "value", depth-1, repetitions)
		e := group(rep, name, new(format.MapType), group(repeated, "key_value", nil, key.elements, val.elements))
		g = generator{e, pairsOf(key, val)}
	}
	switch inner := g.json; rep {
	case optional:
		g.json = func(t *rapid.T) string {
			if rapid.Bool().Draw(t, "null") {
				return "null"
			}
			return inner(t)
		}
	case repeated:
		g.json = arrayOf(inner)
	}
	return g
}

func structOf(t *rapid.T, name string, rep format.FieldRepetitionType, depth int) generator {
	fields := make([]generator, rapid.IntRange(1, 3).Draw(t, "fields"))
	all := make([]elements, len(fields))
	for i := range fields {
		fields[i] = field(t, fmt.Sprint("f", i), depth-1, repetitions)
		all[i] = fields[i].elements
	}
	return generator{group(rep, name, nil, all...), func(t *rapid.T) string {
		parts := make([]string, len(fields))
		for i, f := range fields {
			parts[i] = fmt.Sprintf(`"f%d":%s`, i, f.json(t))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}}
}

func several(t *rapid.T, one func() string) string {
	parts := make([]string, rapid.IntRange(0, 3).Draw(t, "length"))
	for i := range parts {
		parts[i] = one()
	}
	return strings.Join(parts, ",")
}

func arrayOf(element func(*rapid.T) string) func(*rapid.T) string {
	return func(t *rapid.T) string {
		return "[" + several(t, func() string { return element(t) }) + "]"
	}
}

func pairsOf(key, val generator) func(*rapid.T) string {
	if _, isText := scalarOf(&key.elements[0]).(textScalar); isText {
		return func(t *rapid.T) string {
			return "{" + several(t, func() string { return key.json(t) + ":" + val.json(t) }) + "}"
		}
	}
	return func(t *rapid.T) string {
		return "[" + several(t, func() string { return "[" + key.json(t) + "," + val.json(t) + "]" }) + "]"
	}
}

// TestRoundTrip writes any rows of any schema, and reads them.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		g := structOf(rt, "schema", required, 4)
		g.elements[0].RepetitionType = thrift.Null[format.FieldRepetitionType]{}
		s, err := newSchema(g.elements)
		if err != nil {
			rt.Fatalf("newSchema: %v", err)
		}
		want := make([]string, rapid.IntRange(0, 5).Draw(rt, "rows"))
		for i := range want {
			want[i] = g.json(rt)
		}
		file := write(t, s, want...)
		f := open(t, file)
		if got := mustRows(t, f); !slices.Equal(got, want) {
			rt.Errorf("rows are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if !f.Schema().Equal(s) {
			rt.Errorf("schema is %v, want %v", f.Schema(), s)
		}
		if again := write(t, s, want...); !bytes.Equal(again, file) {
			rt.Error("the same rows gave other bytes")
		}
	})
}

// sample has all encodings that parquet-go writes.
type sample struct {
	Bool   bool               `parquet:"bool"`
	Int    int64              `parquet:"int"`
	Delta  int32              `parquet:"delta,delta"`
	Delta8 int64              `parquet:"delta8,delta"`
	Dict   *string            `parquet:"dict,optional,dict"`
	Length string             `parquet:"length,delta"`
	Plain  string             `parquet:"plain,plain"`
	Split  float64            `parquet:"split,split"`
	Split4 float32            `parquet:"split4,split"`
	List   []int32            `parquet:"list,list"`
	Bare   []string           `parquet:"bare,dict"`
	Map    map[string]float64 `parquet:"map"`
}

func (s sample) json() string {
	dict := "null"
	if s.Dict != nil {
		dict = fmt.Sprintf("%q", *s.Dict)
	}
	list, bare, entries := strings.ReplaceAll(fmt.Sprint(s.List), " ", ","), "", ""
	for i, b := range s.Bare {
		bare += fmt.Sprintf("%s%q", ","[:min(i, 1)], b)
	}
	for k, v := range s.Map { // there is at most one
		entries = fmt.Sprintf("%q:%v", k, v)
	}
	return fmt.Sprintf(`{"bool":%t,"int":%d,"delta":%d,"delta8":%d,"dict":%s,"length":%q,"plain":%q,"split":%v,"split4":%v,"list":%s,"bare":[%s],"map":{%s}}`,
		s.Bool, s.Int, s.Delta, s.Delta8, dict, s.Length, s.Plain, s.Split, s.Split4, list, bare, entries)
}

func sampleOf(i int) sample {
	s := sample{
		Bool: i%3 == 0, Int: int64(i) << 40, Delta: int32(i * i * 31), Delta8: int64(i)*0x9e3779b97f4a7c1 ^ 55,
		Length: strings.Repeat("l", i%7), Plain: fmt.Sprint("p", i), Split: float64(i) / 4, Split4: float32(i) / 8,
	}
	if i%5 != 0 {
		word := fmt.Sprint("w", i%9)
		s.Dict = &word
	}
	for j := range i % 4 {
		s.List, s.Bare = append(s.List, int32(i+j)), append(s.Bare, fmt.Sprint("b", j))
	}
	if i%2 == 0 {
		s.Map = map[string]float64{"k": float64(i) / 2}
	}
	return s
}

// TestAgainstParquetGo reads what parquet-go writes, and lets it read what we write.
func TestAgainstParquetGo(t *testing.T) {
	t.Parallel()
	samples := make([]sample, 1000)
	want := make([]string, len(samples))
	for i := range samples {
		samples[i] = sampleOf(i)
		want[i] = samples[i].json()
	}
	for _, codec := range []string{"none", "snappy", "gzip", "brotli", "zstd", "lz4"} {
		for version := 1; version <= 2; version++ {
			t.Run(fmt.Sprint(codec, version), func(t *testing.T) {
				t.Parallel()
				var out bytes.Buffer
				w := parquet.NewGenericWriter[sample](&out, codecs[codec], parquet.DataPageVersion(version), parquet.PageBufferSize(300), parquet.MaxRowsPerRowGroup(400))
				if _, err := w.Write(samples); err != nil {
					t.Fatal(err)
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				f := open(t, out.Bytes())
				got := mustRows(t, f)
				if i := slices.IndexFunc(got, func(row string) bool { return !slices.Contains(want, row) }); i >= 0 || !slices.Equal(got, want) {
					t.Fatalf("%d rows, row %d is\n%s\nwant\n%s", len(got), i, got[max(i, 0)], want[max(i, 0)])
				}
				ours := write(t, f.Schema(), got...)
				again, err := parquet.Read[sample](bytes.NewReader(ours), int64(len(ours)))
				if err != nil {
					t.Fatal(err)
				}
				for i, s := range again {
					if s.json() != want[i] {
						t.Fatalf("parquet-go reads from ours, in row %d,\n%s\nwant\n%s", i, s.json(), want[i])
					}
				}
			})
		}
	}
}

var codecs = map[string]parquet.WriterOption{
	"none":   parquet.Compression(&parquet.Uncompressed),
	"snappy": parquet.Compression(&parquet.Snappy),
	"gzip":   parquet.Compression(&parquet.Gzip),
	"brotli": parquet.Compression(&parquet.Brotli),
	"zstd":   parquet.Compression(&parquet.Zstd),
	"lz4":    parquet.Compression(&parquet.Lz4Raw),
}
