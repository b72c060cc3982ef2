package index

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dedupe-news/dedupe/article"
)

// wireWords make an article of 2.3 KB.
const wireWords = 370

// stream is n articles, a third of which are copies of an earlier one with one word in thirty changed.
func stream(n int) []article.Article {
	list := make([]article.Article, n)
	for i := range list {
		text := story(uint64(i), wireWords)
		if i%3 == 2 {
			w := strings.Fields(story(uint64(i-2), wireWords))
			for k := i % 30; k < len(w); k += 30 {
				w[k] = fmt.Sprint("own", i)
			}
			text = strings.Join(w, " ")
		}
		list[i] = article.Article{ID: fmt.Sprint(i), Site: fmt.Sprint("site", i%50), Text: text}
	}
	return list
}

// BenchmarkAdd adds a stream to a new index in calls of so many, each acknowledged when it is on the disk, by one caller or by several at
// the same time.
func BenchmarkAdd(b *testing.B) {
	articles := stream(10_000)
	for _, noText := range []bool{false, true} {
		for _, call := range []struct{ callers, size, articles int }{{1, 1, 500}, {1, 100, 10_000}, {4, 100, 10_000}, {1, 1000, 10_000}} {
			b.Run(fmt.Sprintf("NoText=%v/callers=%d/size=%d", noText, call.callers, call.size), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					x := newIndex(b, Options{NoText: noText})
					b.StartTimer()
					addStream(b, x, slices.Collect(slices.Chunk(articles[:call.articles], call.size)), call.callers)
				}
				b.ReportMetric(float64(b.N*call.articles)/b.Elapsed().Seconds(), "articles/s")
			})
		}
	}
}

// addStream adds the calls, of which so many are under way at a time.
func addStream(b *testing.B, x *Index, calls [][]article.Article, callers int) {
	next := make(chan []article.Article)
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			for call := range next {
				if added, err := x.Add(context.Background(), call); err != nil || len(added) != len(call) {
					b.Errorf("Add = %d results, %v, want %d", len(added), err, len(call))
				}
			}
		})
	}
	for _, call := range calls {
		next <- call
	}
	close(next)
	wait.Wait()
}

// BenchmarkReadyToLoad does what Load does with each article for itself.
func BenchmarkReadyToLoad(b *testing.B) {
	articles := singles(1024, wireWords)
	for _, noText := range []bool{false, true} {
		b.Run(fmt.Sprint("NoText=", noText), func(b *testing.B) {
			x := newIndex(b, Options{NoText: noText})
			b.ReportAllocs()
			for b.Loop() {
				x.ReadyToLoad(articles)
			}
			b.ReportMetric(float64(b.N*len(articles))/b.Elapsed().Seconds(), "articles/s")
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
	perHit := 0.0
	for _, query := range []struct {
		name string
		text string
	}{
		{"miss", story(n+2, wireWords)},
		{"hit", story(n/2, wireWords) + " once more"},
		{"hot", hot[0].Text + " once more"},
	} {
		b.Run(query.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := x.Query(context.Background(), article.Article{ID: "asked", Text: query.text}, QueryOptions{}); err != nil {
					b.Fatal(err)
				}
			}
			took := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			switch query.name {
			case "hit":
				perHit = took
			case "hot":
				b.ReportMetric(took/perHit, "hits")
			}
		})
	}
}
