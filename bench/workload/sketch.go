package workload

import (
	"context"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/minhash"
	"github.com/dedupe-news/dedupe/shingle"
)

// mostSketched is how many articles are held in memory to be sketched.
const mostSketched = 20_000

// sketch turns texts into words, shingles and sketches, on one goroutine.
func (s *session) sketch(ctx context.Context) ([]Row, error) {
	scheme, err := s.scheme(ctx)
	if err != nil {
		return nil, err
	}
	articles, err := s.set.all(ctx, 0, min(s.set.Articles, mostSketched))
	if err != nil {
		return nil, err
	}
	bytes := 0
	for _, a := range articles {
		bytes += len(a.Text)
	}
	row := Row{Case: "one core", Command: "shingle.Scan, Shingles, minhash.NewIn"}
	row.count("articles", len(articles))
	var words shingle.Words
	var shingles, buffer []uint64
	for run := range s.Runs {
		var w watch
		w.start()
		hashes := 0
		for _, a := range articles {
			words.Scan(a.Text)
			shingles = words.Shingles(shingles[:0])
			sketch := minhash.NewIn(buffer, shingles, scheme.LeastKeys)
			buffer = sketch.Hashes
			hashes += len(buffer)
		}
		w.stop()
		if run == 0 {
			row.count("hashes kept", hashes)
		}
		row.note("text", "MB/s", float64(bytes)/1e6/w.seconds)
		row.note("articles", "a second", float64(len(articles))/w.seconds)
	}
	return []Row{row}, ctx.Err()
}

// scheme is that of a new index.
func (s *session) scheme(ctx context.Context) (scheme index.Scheme, err error) {
	err = s.withFolder(func(dir string) error {
		return withIndex(dir, index.Options{Create: true}, func(x *index.Index) error {
			stats, err := x.Stats(ctx)
			scheme = stats.Scheme
			return err
		})
	})
	return scheme, err
}
