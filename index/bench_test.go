package index

import (
	"context"
	"fmt"
	"testing"

	"github.com/dedupe-news/dedupe/article"
)

// wireWords make an article of 2.3 KB.
const wireWords = 370

// BenchmarkAdd adds articles in calls of so many, each acknowledged when it is on the disk.
func BenchmarkAdd(b *testing.B) {
	for _, size := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint("calls of ", size), func(b *testing.B) {
			x := newIndex(b, Options{})
			next := 0
			for b.Loop() {
				b.StopTimer()
				batch := make([]article.Article, size)
				for i := range batch {
					batch[i] = article.Article{ID: fmt.Sprint(next), Text: story(uint64(next), wireWords)}
					next++
				}
				b.StartTimer()
				mustAdd(b, x, batch...)
			}
			b.ReportMetric(float64(next)/b.Elapsed().Seconds(), "articles/s")
		})
	}
}

// BenchmarkQuery looks for the copies of an article among articles that have nothing in common, and one story with many copies.
func BenchmarkQuery(b *testing.B) {
	const n, copies = 4000, 1000
	x := newIndex(b, Options{})
	mustAdd(b, x, singles(n, wireWords)...)
	hot := variants(n+1, wireWords, copies)
	for i := range hot {
		hot[i].ID = fmt.Sprint("hot", i)
	}
	mustAdd(b, x, hot...)
	for _, query := range []struct {
		name string
		text string
	}{
		{"miss", story(n+2, wireWords)},
		{"hit", story(n/2, wireWords) + " once more"},
		{"hot story", hot[0].Text + " once more"},
	} {
		b.Run(query.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := x.Query(context.Background(), article.Article{ID: "asked", Text: query.text}, QueryOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
