package columns

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

func leafOf(t *testing.T, e elements) *leaf {
	t.Helper()
	s := schemaOf(t, e)
	return &s.leaves[0]
}

func in(unit format.TimeUnitValue) format.TimeUnit { return format.TimeUnit{Value: unit} }

func int96(nanos uint64, day uint32) string {
	b := make([]byte, 12)
	for i := range 8 {
		b[i] = byte(nanos >> (8 * i))
	}
	for i := range 4 {
		b[8+i] = byte(day >> (8 * i))
	}
	return string(b)
}

var (
	millis = in(new(format.MilliSeconds))
	micros = in(new(format.MicroSeconds))
	nanos  = in(new(format.NanoSeconds))
)

// TestScalars checks each type of values both ways.
func TestScalars(t *testing.T) {
	t.Parallel()
	i32 := func(a format.LogicalTypeValue) elements { return col(required, "x", format.Int32, a) }
	i64 := func(a format.LogicalTypeValue) elements { return col(required, "x", format.Int64, a) }
	bin := func(a format.LogicalTypeValue) elements { return col(required, "x", format.ByteArray, a) }
	signed := func(i int64) value { return value{bits: uint64(i)} }
	raw := func(s string) value { return value{bytes: []byte(s)} }
	oldDecimal := old(i32(nil), deprecated.Decimal)
	oldDecimal[0].Scale, oldDecimal[0].Precision = thrift.New(int32(1)), thrift.New(int32(3))

	tests := []struct {
		name string
		e    elements
		v    value
		want string
	}{
		{"true", col(required, "x", format.Boolean, nil), signed(1), `true`},
		{"false", col(required, "x", format.Boolean, nil), signed(0), `false`},
		{"int32", i32(nil), signed(math.MinInt32), `-2147483648`},
		{"int64", i64(nil), signed(math.MinInt64), `-9223372036854775808`},
		{"int8", i32(&format.IntType{BitWidth: 8, IsSigned: true}), signed(-128), `-128`},
		{"uint8, old annotation", old(i32(nil), deprecated.Uint8), signed(255), `255`},
		{"uint32", i32(&format.IntType{BitWidth: 32}), signed(-1), `4294967295`},
		{"uint64", i64(&format.IntType{BitWidth: 64}), signed(-1), `18446744073709551615`},
		{"uint64 in an INT32 is none", i32(&format.IntType{BitWidth: 64}), signed(-1), `-1`},
		{"float", col(required, "x", format.Float, nil), value{bits: uint64(math.Float32bits(0.1))}, `0.1`},
		{"double", col(required, "x", format.Double, nil), value{bits: math.Float64bits(0.1)}, `0.1`},
		{"whole double", col(required, "x", format.Double, nil), value{bits: math.Float64bits(1e15)}, `1000000000000000`},
		{"large double", col(required, "x", format.Double, nil), value{bits: math.Float64bits(-1e300)}, `-1e+300`},
		{"negative zero", col(required, "x", format.Double, nil), value{bits: 1 << 63}, `-0`},
		{"infinite", col(required, "x", format.Float, nil), value{bits: uint64(math.Float32bits(float32(math.Inf(1))))}, `"Infinity"`},
		{"minus infinite", col(required, "x", format.Double, nil), value{bits: math.Float64bits(math.Inf(-1))}, `"-Infinity"`},
		{"not a number", col(required, "x", format.Double, nil), value{bits: math.Float64bits(math.NaN())}, `"NaN"`},
		{"string", text(required, "x"), raw("a \"b\"\\\n\x01\u2028é"), "\"a \\\"b\\\"\\\\\\n\\u0001\u2028é\""},
		{"enum", bin(new(format.EnumType)), raw("A"), `"A"`},
		{"string in an INT32 is none", i32(new(format.StringType)), signed(7), `7`},
		{"bytes that are text", bin(nil), raw("text"), `"text"`},
		{"bytes", bin(nil), raw("\xff\x00"), `{"base64":"/wA="}`},
		{"no bytes", bin(nil), raw(""), `""`},
		{"bson", old(bin(nil), deprecated.Bson), raw("\xff"), `{"base64":"/w=="}`},
		{"fixed", fixed("x", 2, nil), raw("\xff\x00"), `"/wA="`},
		{"json", bin(new(format.JsonType)), raw(`{"a":[1,"}"],"base64":""}`), `{"a":[1,"}"],"base64":""}`},
		{"json null", bin(new(format.JsonType)), raw(`null`), `null`},
		{"uuid", fixed("x", 16, new(format.UUIDType)), raw("\x8a\x9f\x2b\x0e\x7d\x6c\x4f\x1a\x9b\x3e\x2c\x5d\x4e\x6f\x7a\x8b"), `"8a9f2b0e-7d6c-4f1a-9b3e-2c5d4e6f7a8b"`},
		{"uuid of 3 bytes is none", fixed("x", 3, new(format.UUIDType)), raw("abc"), `"YWJj"`},

		{"decimal", i32(&format.DecimalType{Scale: 2, Precision: 9}), signed(1250), `12.50`},
		{"small decimal", i64(&format.DecimalType{Scale: 3, Precision: 9}), signed(-1), `-0.001`},
		{"decimal 0", i64(&format.DecimalType{Scale: 2, Precision: 9}), signed(0), `0.00`},
		{"whole decimal", i64(&format.DecimalType{Precision: 9}), signed(-17), `-17`},
		{"decimal, old annotation", oldDecimal, signed(15), `1.5`},
		{"decimal in bytes", bin(&format.DecimalType{Scale: 2, Precision: 9}), raw("\xff"), `-0.01`},
		{"decimal -128", bin(&format.DecimalType{}), raw("\x80"), `-128`},
		{"decimal 128", bin(&format.DecimalType{}), raw("\x00\x80"), `128`},
		{"decimal -129", bin(&format.DecimalType{}), raw("\xff\x7f"), `-129`},
		{"decimal 2^64", fixed("x", 10, &format.DecimalType{Precision: 20}), raw("\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"), `18446744073709551616`},
		{"decimal without bytes", bin(&format.DecimalType{}), raw(""), `{"base64":""}`},
		{"decimal of negative scale is none", i32(&format.DecimalType{Scale: -1}), signed(5), `5`},

		{"date", i32(new(format.DateType)), signed(19782), `"2024-02-29"`},
		{"date before 1970, old annotation", old(i32(nil), deprecated.Date), signed(-1), `"1969-12-31"`},
		{"last date", i32(new(format.DateType)), signed(2932896), `"9999-12-31"`},
		{"first date", i32(new(format.DateType)), signed(-719528), `"0000-01-01"`},
		{"date in the year 10000", i32(new(format.DateType)), signed(2932897), `{"base64":"ocAsAA=="}`},
		{"time", i32(&format.TimeType{Unit: millis, IsAdjustedToUTC: true}), signed(86399999), `"23:59:59.999Z"`},
		{"local time", i64(&format.TimeType{Unit: nanos}), signed(1), `"00:00:00.000000001"`},
		{"time after midnight", i32(&format.TimeType{Unit: millis}), signed(86400000), `{"base64":"AFwmBQ=="}`},
		{"time in nanoseconds in an INT32 is none", i32(&format.TimeType{Unit: nanos}), signed(1), `1`},
		{"timestamp", i64(&format.TimestampType{Unit: millis, IsAdjustedToUTC: true}), signed(-1), `"1969-12-31T23:59:59.999Z"`},
		{"timestamp, old annotation", old(i64(nil), deprecated.TimestampMicros), signed(1_500_000), `"1970-01-01T00:00:01.5Z"`},
		{"local timestamp", i64(&format.TimestampType{Unit: micros}), signed(0), `"1970-01-01T00:00:00"`},
		{"last timestamp in nanoseconds", i64(&format.TimestampType{Unit: nanos, IsAdjustedToUTC: true}), signed(math.MaxInt64), `"2262-04-11T23:47:16.854775807Z"`},
		{"first timestamp in nanoseconds", i64(&format.TimestampType{Unit: nanos}), signed(math.MinInt64), `"1677-09-21T00:12:43.145224192"`},
		{"timestamp out of range", i64(&format.TimestampType{Unit: millis}), signed(math.MaxInt64), `{"base64":"/////////38="}`},
		{"int96", col(required, "x", format.Int96, nil), raw(int96(1500, 2440588+19782)), `"2024-02-29T00:00:00.0000015Z"`},
		{"int96 before 1970", col(required, "x", format.Int96, nil), raw(int96(0, 2440588-1)), `"1969-12-31T00:00:00Z"`},
		{"int96 after midnight", col(required, "x", format.Int96, nil), raw(int96(24*3600*1e9, 2440588)), `{"base64":"AABPkZROAACMPSUA"}`},
	}
	for _, test := range tests {
		l := leafOf(t, test.e)
		if got := string(l.appendJSON(nil, test.v)); got != test.want {
			t.Errorf("%s: appendJSON(%v) = %s, want %s", test.name, test.v, got, test.want)
		}
		if got, err := l.parseJSON([]byte(test.want)); err != nil || got.bits != test.v.bits || string(got.bytes) != string(test.v.bytes) {
			t.Errorf("%s: parseJSON(%s) = %v, %v, want %v", test.name, test.want, got, err, test.v)
		}
	}
}

// TestScalarsReplaced checks what is not the same when it is written again.
func TestScalarsReplaced(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		e    elements
		v    string
		want string
	}{
		{"invalid UTF-8", text(required, "x"), "a\xff\xfeb", "\"a\ufffd\ufffdb\""},
		{"space in JSON", col(required, "x", format.ByteArray, new(format.JsonType)), "{ \"a\" :\n[1, \"b c\"] }", `{"a":[1,"b c"]}`},
		{"no JSON", col(required, "x", format.ByteArray, new(format.JsonType)), "{\n", `"{\n"`},
		{"empty JSON", col(required, "x", format.ByteArray, new(format.JsonType)), "", `""`},
	}
	for _, test := range tests {
		if got := string(leafOf(t, test.e).appendJSON(nil, value{bytes: []byte(test.v)})); got != test.want {
			t.Errorf("%s: appendJSON(%q) = %s, want %s", test.name, test.v, got, test.want)
		}
	}
}

// TestScalarsTaken checks JSON that is no value's form, but is understood when written.
func TestScalarsTaken(t *testing.T) {
	t.Parallel()
	moment := col(required, "x", format.Int64, &format.TimestampType{Unit: millis, IsAdjustedToUTC: true})
	local := col(required, "x", format.Int64, &format.TimestampType{Unit: millis})
	price := col(required, "x", format.Int32, &format.DecimalType{Scale: 2})
	tests := []struct {
		e         elements
		raw, want string
	}{
		{moment, `"2024-02-29T15:04:05+02:00"`, `"2024-02-29T13:04:05Z"`},
		{moment, `"2024-02-29T15:04:05"`, `"2024-02-29T15:04:05Z"`},
		{local, `"2024-02-29T15:04:05+02:00"`, `"2024-02-29T15:04:05"`},
		{price, `"1.5"`, `1.50`},
		{price, `1.5000`, `1.50`},
		{price, `1`, `1.00`},
		{col(required, "x", format.Float, nil), `0.10000000000000000001`, `0.1`},
		{text(required, "x"), `"\u00e9\ud83d\ude00"`, `"é😀"`},
	}
	for _, test := range tests {
		l := leafOf(t, test.e)
		v, err := l.parseJSON([]byte(test.raw))
		if err != nil {
			t.Errorf("parseJSON(%s): %v", test.raw, err)
			continue
		}
		if got := string(l.appendJSON(nil, v)); got != test.want {
			t.Errorf("parseJSON(%s) is %s, want %s", test.raw, got, test.want)
		}
	}
}

func TestScalarsRefused(t *testing.T) {
	t.Parallel()
	moment := col(required, "x", format.Int64, &format.TimestampType{Unit: millis})
	clock := col(required, "x", format.Int32, &format.TimeType{Unit: millis})
	price := col(required, "x", format.Int32, &format.DecimalType{Scale: 2})
	uuid := fixed("x", 16, new(format.UUIDType))
	tests := []struct {
		e   elements
		raw string
	}{
		{text(required, "x"), `1`},
		{text(required, "x"), `{"base64":"/w=="}`},
		{col(required, "x", format.Boolean, nil), `"true"`},
		{col(required, "x", format.Boolean, nil), `{"base64":"AQ=="}`},
		{col(required, "x", format.Int32, nil), `2147483648`},
		{col(required, "x", format.Int32, nil), `1.0`},
		{col(required, "x", format.Int32, nil), `{"base64":"AQ=="}`},
		{col(required, "x", format.Int32, &format.IntType{BitWidth: 8}), `256`},
		{col(required, "x", format.Int32, &format.IntType{BitWidth: 8}), `-1`},
		{col(required, "x", format.Double, nil), `"1"`},
		{col(required, "x", format.Double, nil), `1e400`},
		{col(required, "x", format.ByteArray, nil), `{"base64":"/w==","more":1}`},
		{col(required, "x", format.ByteArray, nil), `{"base64":"!"}`},
		{col(required, "x", format.ByteArray, nil), `{}`},
		{fixed("x", 3, nil), `"/wA="`},
		{fixed("x", 3, nil), `"not base64"`},
		{price, `1.001`},
		{price, `1e2`},
		{price, `"1_0"`},
		{price, `""`},
		{price, `21474836.48`},
		{price, strings.Repeat("1", 2000)},
		{fixed("x", 1, &format.DecimalType{}), `128`},
		{col(required, "x", format.Int32, new(format.DateType)), `"2024-02-30"`},
		{col(required, "x", format.Int32, new(format.DateType)), `"2024-02-29T00:00:00Z"`},
		{clock, `"24:00:00"`},
		{clock, `"12:00:00+01:00"`},
		{clock, `"12:00:00.0001"`},
		{moment, `"2024-02-29T15:04:05.0001Z"`},
		{moment, `"yesterday"`},
		{moment, `1700000000`},
		{col(required, "x", format.Int64, &format.TimestampType{Unit: nanos}), `"2263-01-01T00:00:00Z"`},
		{col(required, "x", format.Int64, &format.TimestampType{Unit: nanos}), `"2024-02-29T15:04:05.1234567891Z"`},
		{uuid, `"8a9f2b0e7d6c4f1a9b3e2c5d4e6f7a8b"`},
		{uuid, `"8a9f2b0e-7d6c-4f1a-9b3e-2c5d4e6f7a8g"`},
	}
	for _, test := range tests {
		if v, err := leafOf(t, test.e).parseJSON([]byte(test.raw)); err == nil {
			t.Errorf("%v: parseJSON(%s) = %v, want an error", schemaOf(t, test.e), test.raw, v)
		}
	}
}

func TestMisfitError(t *testing.T) {
	t.Parallel()
	s := schemaOf(t, group(optional, "a", nil, group(required, "b", listOf, group(repeated, "list", nil, col(required, "element", format.Int32, nil)))))
	tests := []struct{ row, want string }{
		{`{"a":{"b":[1,"two"]}}`, `row does not fit the schema: column "a.b.element": want an integer of 32 bits, got "two"`},
		{`{"a":{}}`, `row does not fit the schema: column "a.b": it may not be null, got nothing`},
		{`{"a":{"b":null}}`, `row does not fit the schema: column "a.b": it may not be null, got null`},
		{`{"a":{"b":[]},"c":1}`, `row does not fit the schema: column "c": there is no such column, got 1`},
		{`{"a":null,"a":null}`, `row does not fit the schema: column "a": it is there twice, got null`},
		{`{"a":[]}`, `row does not fit the schema: column "a": want a JSON object, got []`},
		{`{"a":{"b":{}}}`, `row does not fit the schema: column "a.b": want an array, got {}`},
		{`[]`, `row does not fit the schema: want a JSON object, got []`},
		{`{"a":`, `row does not fit the schema: want a JSON object, got {"a":`},
		{``, `row does not fit the schema: want a JSON object, got nothing`},
	}
	for _, test := range tests {
		w := NewWriter(failing{}, s)
		if err := w.Write([]byte(test.row)); !errors.Is(err, ErrSchema) || err.Error() != test.want {
			t.Errorf("Write(%s) = %v, want %s", test.row, err, test.want)
		}
	}
}
