package crawl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// allsides is 37,554 news articles, 238 MB of JSON lines, which are not part of this repository. The benchmarks that need it
// are skipped where it is absent.
const (
	allsides         = "../../shared/data/allsides/articles.jsonl.gz"
	allsidesArticles = 37554
)

// unpackAllsides writes the corpus to a file, and returns its path and size.
func unpackAllsides(b *testing.B) (string, int64) {
	b.Helper()
	in, err := os.Open(allsides)
	if err != nil {
		b.Skip("no corpus: ", err)
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "articles.jsonl")
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	n, err := io.Copy(out, z)
	if err != nil {
		b.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
	return path, n
}

// BenchmarkRead reads AllSides, with nobody to use the articles. MB/s are of decompressed bytes.
func BenchmarkRead(b *testing.B) {
	plain, size := unpackAllsides(b)
	for _, path := range []string{plain, allsides} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", filepath.Ext(path), workers), func(b *testing.B) {
				b.SetBytes(size)
				b.ReportAllocs()
				for b.Loop() {
					n := 0
					for _, err := range Read(b.Context(), []string{path}, Options{Workers: workers}) {
						if err != nil {
							b.Fatal(err)
						}
						n++
					}
					if n != allsidesArticles {
						b.Fatalf("got %d articles, want %d", n, allsidesArticles)
					}
				}
			})
		}
	}
}

// BenchmarkGunzip is the part of BenchmarkRead/.gz that no worker can take over.
func BenchmarkGunzip(b *testing.B) {
	packed, err := os.ReadFile(allsides)
	if err != nil {
		b.Skip("no corpus: ", err)
	}
	for b.Loop() {
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, z)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(n)
	}
}

// BenchmarkLine compares our parser with encoding/json into a struct, on one line as AllSides has them.
func BenchmarkLine(b *testing.B) {
	text := strings.Repeat("Besides his “most recent” trip to Quetta, Mr. Rahami visited Karachi, \\\"Pakistan\\\", in 2005.\\n\\n", 60)
	line := []byte(`{"id": "004Gt3gc", "url": "http://www.nytimes.com/2016/09/20/x.html", "source": "New York Times", ` +
		`"date": "2016-09-20", "title": "Bomb Suspect Changed", "text": "` + text + `"}`)
	b.Run("ours", func(b *testing.B) {
		p := parser{sel: newSelector(DefaultFields()), maxLine: DefaultMaxLineBytes}
		b.SetBytes(int64(len(line)))
		b.ReportAllocs()
		for b.Loop() {
			if _, found, err := p.line(line); !found || err != nil {
				b.Fatal(found, err)
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.SetBytes(int64(len(line)))
		b.ReportAllocs()
		for b.Loop() {
			var v struct{ ID, URL, Source, Date, Title, Text string }
			if err := json.Unmarshal(line, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}
