package columns

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

func openTestdata(t testing.TB, name string) *File {
	t.Helper()
	file, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return open(t, file)
}

// TestTypesOfPyarrow reads a file with all types that pyarrow wrote, see testdata/make.py.
func TestTypesOfPyarrow(t *testing.T) {
	t.Parallel()
	want := []string{
		`{"bool":true,"int8":-128,"uint32":0,"int64":-9223372036854775808,"uint64":0,"float":1.5,"double":1e+300,` +
			`"string":"é \"q\"\n","large_string":"x","binary":{"base64":"/wA="},"fixed":"YWJj","decimal9":1.50,"decimal38":12345678901234567890.123,` +
			`"date":"2024-02-29","time":"00:00:00.001","timestamp":"1970-01-01T00:00:00Z","list":[1,null,3],"lists":[[1],[]],` +
			`"struct":{"a":1,"b":"x"},"map":{"k":1,"j":null},"pairs":[[1,"a"]],"null":null}`,
		`{"bool":null,"int8":null,"uint32":null,"int64":null,"uint64":null,"float":null,"double":null,` +
			`"string":null,"large_string":null,"binary":null,"fixed":null,"decimal9":null,"decimal38":null,` +
			`"date":null,"time":null,"timestamp":null,"list":null,"lists":null,` +
			`"struct":null,"map":null,"pairs":null,"null":null}`,
		`{"bool":false,"int8":127,"uint32":4294967295,"int64":9223372036854775807,"uint64":18446744073709551615,"float":"NaN","double":-0.1,` +
			`"string":"","large_string":"y","binary":"text","fixed":"eHl6","decimal9":-0.01,"decimal38":-1.000,` +
			`"date":"1969-12-31","time":"23:59:59.999","timestamp":"1969-12-31T23:59:59.999Z","list":[],"lists":[null,[2,3]],` +
			`"struct":{"a":null,"b":null},"map":{},"pairs":[],"null":null}`,
	}
	f := openTestdata(t, "types.parquet")
	if got := mustRows(t, f); !slices.Equal(got, want) {
		t.Errorf("rows are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if again := mustRows(t, open(t, write(t, f.Schema(), want...))); !slices.Equal(again, want) {
		t.Errorf("written again, rows are\n%s\nwant\n%s", strings.Join(again, "\n"), strings.Join(want, "\n"))
	}
}

// TestEncodingsOfPyarrow reads the newer encodings; the formulas are those of testdata/make.py.
func TestEncodingsOfPyarrow(t *testing.T) {
	t.Parallel()
	got := mustRows(t, openTestdata(t, "encodings.parquet"))
	if len(got) != 300 {
		t.Fatalf("%d rows, want 300", len(got))
	}
	for i := range uint64(300) {
		delta64, prefix := "null", "null"
		if i%7 != 0 {
			delta64 = fmt.Sprint(int64(i*2862933555777941757+3037000493) ^ math.MinInt64)
		}
		if i%5 != 0 {
			prefix = fmt.Sprintf(`"https://example.com/%d"`, i/3)
		}
		split := floatScalar{bits: 64}
		seventh, _ := split.appendJSON(nil, value{bits: math.Float64bits(float64(i) / 7)})
		want := fmt.Sprintf(`{"delta32":%d,"delta64":%s,"prefix":%s,"length":"%s","split":%s,"dictionary":"%c","runs":%t,"list":[%s]}`,
			int64(i*i*7919%4294967291)-1<<31, delta64, prefix, strings.Repeat("x", int(i%11)), seventh, "abc"[i%3], i%50 < 30, "0,1,2,3"[:max(2*(int(i)%5), 1)-1])
		if got[i] != want {
			t.Errorf("row %d is\n%s\nwant\n%s", i, got[i], want)
		}
	}
}
