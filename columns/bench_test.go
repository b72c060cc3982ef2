package columns

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// benchRow is what an article in a Parquet file looks like.
type benchRow struct {
	ID   int64  `parquet:"id"`
	URL  string `parquet:"url,plain"`
	Text string `parquet:"text,plain"`
}

// benchRows returns n rows with 6 KB of text each, which zstd makes about half as long.
func benchRows(n int) []benchRow {
	rnd := rand.New(rand.NewPCG(1, 1))
	words := make([]string, 20_000)
	for i := range words {
		letters := make([]byte, 2+rnd.IntN(9))
		for j := range letters {
			letters[j] = byte('a' + rnd.IntN(26))
		}
		words[i] = string(letters)
	}
	rows := make([]benchRow, n)
	for i := range rows {
		var text strings.Builder
		for text.Len() < 6000 {
			r := rnd.Float64()
			text.WriteString(words[int(r*r*r*float64(len(words)))])
			text.WriteByte(' ')
		}
		rows[i] = benchRow{int64(i), fmt.Sprintf("https://example.com/%d", i), text.String()}
	}
	return rows
}

// BenchmarkGroup reads articles. MB/s are of JSON.
func BenchmarkGroup(b *testing.B) {
	rows := benchRows(2000)
	for _, codec := range []string{"none", "snappy", "zstd"} {
		b.Run(codec, func(b *testing.B) {
			var out bytes.Buffer
			w := parquet.NewGenericWriter[benchRow](&out, codecs[codec], parquet.PageBufferSize(1<<20))
			if _, err := w.Write(rows); err != nil {
				b.Fatal(err)
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
			f := open(b, out.Bytes())
			b.ReportAllocs()
			for b.Loop() {
				size := 0
				for row, err := range f.Group(0, 0) {
					if err != nil {
						b.Fatal(err)
					}
					size += len(row)
				}
				b.SetBytes(int64(size))
			}
		})
	}
}

// BenchmarkWrite writes articles. MB/s are of JSON.
func BenchmarkWrite(b *testing.B) {
	size := 0
	var rows [][]byte
	for _, r := range benchRows(2000) {
		row := fmt.Appendf(nil, `{"id":%d,"url":%q,"text":%q}`, r.ID, r.URL, r.Text)
		rows = append(rows, row)
		size += len(row)
	}
	s := New(Column{"id", Int}, Column{"url", String}, Column{"text", String})
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		w := NewWriter(io.Discard, s)
		for _, row := range rows {
			if err := w.Write(row); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
