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

	"github.com/dedupe-news/dedupe/article"
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

// BenchmarkReadWARC reads WARC of about 100 MB, as it comes from a crawler: pages of 20 KB with our words, gzip member a record. MB/s
// are of decompressed bytes; HTML is taken as it is.
func BenchmarkReadWARC(b *testing.B) {
	const pages, words = 5000, 3300
	var all bytes.Buffer
	z := gzip.NewWriter(&all)
	seed, size := uint64(1), 0
	for i := range pages {
		var text strings.Builder
		for range words {
			seed = seed*6364136223846793005 + 1442695040888963407
			text.WriteString([]string{"harbour ", "storm ", "mayor ", "<p>", "bridge ", "council ", "voted ", "ferries "}[seed>>61])
			if seed>>40&31 == 0 {
				fmt.Fprintf(&text, "%x ", seed>>50)
			}
		}
		media := []string{plainText, textHTML}[i%2]
		record := warc("response", fmt.Sprint("https://a.example/", i), "application/http", response("200 OK", text.String(), media))
		size += len(record)
		z.Reset(&all)
		_, _ = io.WriteString(z, record)
		if err := z.Close(); err != nil {
			b.Fatal(err)
		}
	}
	page := func(page []byte, _, _ string) (Page, error) {
		return Page{Article: article.Article{Text: string(page)}}, nil
	}
	plain, err := gzip.NewReader(bytes.NewReader(all.Bytes()))
	if err != nil {
		b.Fatal(err)
	}
	content, err := io.ReadAll(plain)
	if err != nil {
		b.Fatal(err)
	}
	for _, data := range []struct {
		name  string
		bytes []byte
	}{{"plain", content}, {"gzip", all.Bytes()}} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", data.name, workers), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					n := 0
					opts := Options{Workers: workers, HTML: page, Stdin: bytes.NewReader(data.bytes)}
					for _, err := range Read(b.Context(), []string{"-"}, opts) {
						if err != nil {
							b.Fatal(err)
						}
						n++
					}
					if n != pages {
						b.Fatalf("got %d articles, want %d", n, pages)
					}
				}
				b.ReportMetric(float64(len(data.bytes))*float64(b.N)/b.Elapsed().Seconds()/1e6, "file-MB/s")
			})
		}
	}
}
