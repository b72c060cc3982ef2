package crawl

import (
	"fmt"
	"os"
	"testing"
)

// allsides is 37,554 news articles, 238 MB of JSON lines, which are not part of this repository.
const allsides = "../../shared/data/allsides/articles.jsonl.gz"

func BenchmarkRead(b *testing.B) {
	if _, err := os.Stat(allsides); err != nil {
		b.Skip("no corpus: ", err)
	}
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("gzip/workers=%d", workers), func(b *testing.B) {
			for b.Loop() {
				var n int
				var bytes int64
				for r, err := range Read(b.Context(), []string{allsides}, Options{Workers: workers}) {
					if err != nil {
						b.Fatal(err)
					}
					n++
					bytes = r.Origin.Offset
				}
				if n != 37554 {
					b.Fatalf("got %d articles, want 37554", n)
				}
				b.SetBytes(bytes)
			}
		})
	}
}
