package crawl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/dedupe-news/dedupe/columns"
)

type parquetMeta struct {
	URL string `parquet:"url"`
}

type parquetRow struct {
	ID    int64       `parquet:"id"`
	Text  *string     `parquet:"text,optional"`
	Meta  parquetMeta `parquet:"meta"`
	Tags  []string    `parquet:"tags,list"`
	Score float64     `parquet:"score"`
}

// parquetOf writes rows in groups of the given sizes, as many groups as there are sizes.
func parquetOf(t testing.TB, groups ...int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[parquetRow](&out, parquet.Compression(&parquet.Zstd), parquet.PageBufferSize(1000))
	n := int64(0)
	for _, rows := range groups {
		for range rows {
			n++
			text := fmt.Sprintf("The %dth <ship> sailed \"at last\".", n)
			row := parquetRow{ID: n, Text: &text, Meta: parquetMeta{fmt.Sprint("https://www.bbc.co.uk/", n)}, Tags: []string{"a", "b"}, Score: 0.5}
			if n%5 == 0 {
				row.Text = nil
			}
			if _, err := w.Write([]parquetRow{row}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readParquetAs(t testing.TB, name string, data []byte, opts Options) []string {
	t.Helper()
	path := write(t, t.TempDir(), name, data)
	opts.Fields = Fields{URL: "meta.url"}
	got := []string{}
	for r, err := range Read(t.Context(), []string{path}, opts) {
		if err != nil {
			got = append(got, strings.TrimPrefix(err.Error(), path+": "))
			continue
		}
		if r.Origin.File != path || r.Origin.Line != 0 || r.Origin.Offset != 0 {
			t.Errorf("origin %+v", r.Origin)
		}
		got = append(got, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", r.Origin.Record, r.Article.ID, r.Article.URL, r.Row)))
	}
	return got
}

func TestReadParquet(t *testing.T) {
	t.Parallel()
	const row = `{"id":%d,"text":"The %[1]dth <ship> sailed \"at last\".","meta":{"url":"https://www.bbc.co.uk/%[1]d"},"tags":["a","b"],"score":0.5}`
	var want, withRows []string
	for i := 1; i <= 7; i++ {
		if i == 5 {
			want = append(want, `row 5: record "5" has no text in field "text" (--text-field names another)`)
			withRows = append(withRows, want[4])
			continue
		}
		want = append(want, fmt.Sprintf("%d %d https://www.bbc.co.uk/%d", i, i, i))
		withRows = append(withRows, want[i-1]+" "+fmt.Sprintf(row, i))
	}
	for _, groups := range [][]int{{7}, {3, 4}, {1, 1, 1, 1, 1, 1, 1}} {
		data := parquetOf(t, groups...)
		for _, name := range []string{"x.parquet", "x", "x.csv"} {
			wantLines(t, name, readParquetAs(t, name, data, Options{}), want...)
		}
		wantLines(t, "rows", readParquetAs(t, "x.parquet", data, Options{Rows: true, Workers: 3}), withRows...)
	}
	wantLines(t, "no rows", readParquetAs(t, "x.parquet", parquetOf(t), Options{}))
	wantLines(t, "too long", readParquetAs(t, "x.parquet", parquetOf(t, 1), Options{MaxLineBytes: 100}),
		"row 1: line too long: 122 bytes, at most 100 are read (MaxLineBytes)")
}

func TestParquetNeedsAFile(t *testing.T) {
	t.Parallel()
	data := parquetOf(t, 3)
	const want = "format not supported: Parquet cannot be read from a stream; decompress it if it is compressed, and give the file by its name"
	wantLines(t, "gzip", readParquetAs(t, "x.parquet.gz", gzipped(t, string(data)), Options{}), want)
	wantLines(t, "standard input", readString(t, string(data), Options{}), "-: "+want)
}

func TestDamagedParquet(t *testing.T) {
	t.Parallel()
	data := parquetOf(t, 300, 300, 300)
	read := func(data []byte) (records int, problems []*Problem) {
		path := write(t, t.TempDir(), "x", data)
		last := 0
		for r, err := range Read(t.Context(), []string{path}, Options{}) {
			at := r.Origin
			if err != nil {
				var p *Problem
				if !errors.As(err, &p) || !isOurs(err) {
					t.Fatalf("error %v, want a Problem of ours", err)
				}
				if at = p.Origin; !errors.Is(err, ErrNoText) {
					problems = append(problems, p)
				}
			}
			if records++; at.Record < last {
				t.Errorf("row %d behind row %d", at.Record, last)
			}
			last = at.Record
		}
		return records, problems
	}
	if n, problems := read(data); n != 900 || len(problems) != 0 {
		t.Fatalf("%d outcomes, problems %v, want 900 and none", n, problems)
	}
	for _, n := range []int{4, 8, 12, 100, len(data) / 2, len(data) - 1} {
		records, problems := read(data[:n])
		if records != 1 || len(problems) != 1 || !errors.Is(problems[0], ErrDamaged) || !errors.Is(problems[0], columns.ErrDamaged) || problems[0].Record != 0 {
			t.Errorf("cut to %d bytes: %d outcomes, %v, want one problem, ErrDamaged", n, records, problems)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	seen := 0
	files := 200
	if testing.Short() {
		files = 20
	}
	for range files {
		bad := bytes.Clone(data)
		from := len(bad)*4/10 + // in the middle of the second group, about
			rng.IntN(len(bad)/5)
		for i := range 40 {
			bad[from+i] ^= byte(1 + rng.IntN(255))
		}
		records, problems := read(bad)
		for _, p := range problems {
			if seen++; p.Record != 300 && p.Record != 600 && p.Record != 900 || !strings.Contains(p.Error(), "row group ") {
				t.Errorf("problem %v of row %d, want one at the end of a group", p, p.Record)
			}
		}
		if records < 300 {
			t.Errorf("%d outcomes, want all of two groups at least (%v)", records, problems)
		}
	}
	if seen < files/2 {
		t.Errorf("%d problems in %d damaged files", seen, files)
	}
}

// BenchmarkParquet reads 40,000 articles of 3 KB; MB/s are of the rows as JSON. Decoding (columns) is faster than what comes of it,
// so groups are decoded one behind the other.
func BenchmarkParquet(b *testing.B) {
	var out bytes.Buffer
	w := columns.NewWriter(&out, columns.New(columns.Column{Name: "id", Kind: columns.String}, columns.Column{Name: "url", Kind: columns.String},
		columns.Column{Name: "date", Kind: columns.Time}, columns.Column{Name: "text", Kind: columns.String}))
	rng := rand.New(rand.NewPCG(1, 2))
	size := 0
	for i := range 40000 {
		text := strings.Builder{}
		for range 60 {
			fmt.Fprintf(&text, "The council of %x voted for the bridge, %d to %d.\n", rng.Uint32(), rng.IntN(50), rng.IntN(50))
		}
		row, err := json.Marshal(map[string]any{"id": fmt.Sprint(i), "url": fmt.Sprint("https://www.bbc.co.uk/", i), "date": "2016-09-20T00:00:00Z", "text": text.String()})
		if err != nil {
			b.Fatal(err)
		}
		size += len(row)
		if err := w.Write(row); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "x.parquet")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		b.Fatal(err)
	}
	f, err := columns.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		b.Fatal(err)
	}
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for _, err := range Read(b.Context(), []string{path}, Options{Workers: workers}) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != 40000 {
					b.Fatal(n)
				}
			}
		})
	}
	b.Run("columns", func(b *testing.B) {
		b.SetBytes(int64(size))
		for b.Loop() {
			for g := range f.Groups() {
				for _, err := range f.Group(g, 0) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		}
	})
}
