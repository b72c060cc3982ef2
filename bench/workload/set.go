package workload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/bench/generate"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/spell"
)

// Set is articles to measure with: those of a file, or generated ones.
type Set struct {
	Name     string
	Articles int
	Seed     uint64 `json:",omitempty"` // of generated ones
	file     string // empty: generated
}

const (
	batch         = 1024    // articles that are added at once
	leastArticles = 40      // of a set, a run
	mostUnseen    = 20_000  // articles of a set that are not in the index
	mostWritten   = 1 << 20 // generated articles that are written into a file for a process to read; more of them go through a pipe
)

// Generated are articles that are made up.
func Generated(articles int, seed uint64) Set {
	return Set{Name: "generated", Articles: articles, Seed: seed}
}

// OfFile are the articles of a file.
func OfFile(ctx context.Context, name, file string) (Set, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return Set{}, err
	}
	s := Set{Name: name, file: file}
	for _, err := range crawl.Read(ctx, []string{file}, crawl.Options{}) {
		if err != nil {
			return s, err
		}
		s.Articles++
	}
	return s, nil
}

func (s Set) String() string {
	text := fmt.Sprintf("%s, %s", s.Name, spell.Counted(s.Articles, "article"))
	if s.Seed != 0 {
		text += fmt.Sprintf(", seed %d", s.Seed)
	}
	return text
}

// key tells sets apart.
func (s Set) key() Set {
	s.file = ""
	return s
}

// unseen is how many articles there are that are not in the index.
func (s Set) unseen() int { return min(s.Articles/4, mostUnseen) }

// indexed is how many articles are in the index: the first ones. The unseen ones come behind them.
func (s Set) indexed() int {
	if s.file == "" {
		return s.Articles
	}
	return s.Articles - s.unseen()
}

// articles are those with the numbers from the one to before the other.
func (s Set) articles(ctx context.Context, from, to int) iter.Seq2[article.Article, error] {
	if s.file == "" {
		return s.generated(ctx, from, to)
	}
	return func(yield func(article.Article, error) bool) {
		i := 0
		for r, err := range crawl.Read(ctx, []string{s.file}, crawl.Options{}) {
			if i >= to || (err != nil || i >= from) && !yield(r.Article, err) {
				return
			}
			i++
		}
	}
}

func (s Set) generated(ctx context.Context, from, to int) iter.Seq2[article.Article, error] {
	return func(yield func(article.Article, error) bool) {
		g := generate.New(generate.Config{Articles: s.Articles, Seed: s.Seed})
		for i := from; i < to; i++ {
			if !yield(g.Article(i), ctx.Err()) {
				return
			}
		}
	}
}

// batches are articles, so many at once.
func (s Set) batches(ctx context.Context, from, to, size int) iter.Seq2[[]article.Article, error] {
	return func(yield func([]article.Article, error) bool) {
		var articles []article.Article
		for a, err := range s.articles(ctx, from, to) {
			if err != nil {
				yield(nil, err)
				return
			}
			if articles = append(articles, a); len(articles) < size {
				continue
			}
			if !yield(articles, nil) {
				return
			}
			articles = nil
		}
		if len(articles) > 0 {
			yield(articles, nil)
		}
	}
}

// all are articles as a slice.
func (s Set) all(ctx context.Context, from, to int) ([]article.Article, error) {
	for articles, err := range s.batches(ctx, from, to, to-from) {
		return articles, err
	}
	return nil, nil
}

// draw takes n articles at random out of those that are in the index, in random order; all of them different, if there are so many.
func (s Set) draw(ctx context.Context, n int, random *rand.Rand) ([]article.Article, error) {
	var numbers []int
	for len(numbers) < n {
		numbers = append(numbers, random.Perm(s.indexed())[:min(n-len(numbers), s.indexed())]...)
	}
	drawn := make(map[int]article.Article, n)
	if s.file == "" {
		g := generate.New(generate.Config{Articles: s.Articles, Seed: s.Seed})
		for _, number := range numbers {
			drawn[number] = g.Article(number)
		}
	} else {
		for _, number := range numbers {
			drawn[number] = article.Article{}
		}
		number := 0
		for a, err := range s.articles(ctx, 0, slices.Max(numbers)+1) {
			if err != nil {
				return nil, err
			}
			if _, wanted := drawn[number]; wanted {
				drawn[number] = a
			}
			number++
		}
	}
	articles := make([]article.Article, n)
	for i, number := range numbers {
		articles[i] = drawn[number]
	}
	return articles, nil
}

// edited is an article in which one word in ten was replaced by another of its words, under another id.
func edited(a article.Article, random *rand.Rand) article.Article {
	a.ID = "asked"
	words := strings.SplitAfter(a.Text, " ")
	for i := range words {
		if random.IntN(10) == 0 {
			words[i] = words[random.IntN(len(words))]
		}
	}
	a.Text = strings.Join(words, "")
	return a
}

// input is how a process reads all articles of a set.
type input struct {
	argument string                // that names it
	shown    string                // in the place of the argument
	write    func(io.Writer) error // writes standard input; nil: the articles are in a file
}

// input makes the file, where articles are generated and do not go through a pipe.
func (s *session) input() (input, error) {
	cfg := generate.Config{Articles: s.set.Articles, Seed: s.set.Seed}
	switch file := filepath.Join(s.work, "set.jsonl.zst"); {
	case s.set.file != "":
		return input{s.set.file, "FILE", nil}, nil
	case s.set.Articles > mostWritten:
		return input{"-", "-", func(w io.Writer) error { return generate.Write(cfg, w) }}, nil
	default:
		_, err := os.Stat(file)
		if errors.Is(err, os.ErrNotExist) {
			err = writeCompressed(file, cfg)
		}
		return input{file, "FILE", nil}, err
	}
}

func writeCompressed(file string, cfg generate.Config) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := zstd.NewWriter(f)
	if err != nil {
		return err
	}
	return errors.Join(generate.Write(cfg, z), z.Close())
}
