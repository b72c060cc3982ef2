package workload

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/bench/process"
	"github.com/dedupe-news/dedupe/index"
)

// open opens the index of the set and asks for one article, in this process and in one of its own. Files are in the cache of the system.
func (s *session) open(ctx context.Context) ([]Row, error) {
	const each = 5 // times a run
	articles, err := s.hits(ctx)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, t := range s.kinds() {
		base, err := s.base(ctx, t.none)
		if err != nil {
			return nil, err
		}
		library := Row{Case: "library, " + t.name, Command: "index.Open, index.Query"}
		program := Row{Case: "program, " + t.name, Command: called("query --index DIR --json FILE", nil)}
		for i := range each * s.Runs {
			a := articles[i%len(articles)]
			if err := library.openOnce(ctx, base, a); err != nil {
				return nil, err
			}
			if err := s.queryOnce(ctx, &program, base, a); err != nil {
				return nil, err
			}
		}
		rows = append(rows, library, program)
	}
	return rows, nil
}

// openOnce opens an index, asks for an article, and closes it.
func (r *Row) openOnce(ctx context.Context, dir string, a article.Article) error {
	process.ResetPeak()
	var opened float64
	var matches []index.Match
	var x *index.Index
	both, err := milliseconds(func() (err error) {
		opened, err = milliseconds(func() (err error) {
			x, err = index.Open(dir, index.Options{})
			return err
		})
		if err == nil {
			matches, err = x.Query(ctx, a, index.QueryOptions{})
		}
		return err
	})
	if x == nil {
		return err
	}
	r.note("opened", "ms", opened)
	r.note("first answer", "ms", both)
	r.noteMemory(process.Peak())
	r.countAsked(len(matches))
	return errors.Join(err, x.Close())
}

// queryOnce asks for an article by a process.
func (s *session) queryOnce(ctx context.Context, row *Row, dir string, a article.Article) error {
	asked, found := filepath.Join(s.work, "asked.jsonl"), filepath.Join(s.work, "found.jsonl")
	fields := map[string]string{"id": a.ID, "url": a.URL, "title": a.Title, "text": a.Text, "source": a.Site}
	if !a.Published.IsZero() {
		fields["date"] = a.Published.Format(time.RFC3339)
	}
	line, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	if err := os.WriteFile(asked, line, 0o666); err != nil {
		return err
	}
	u, err := s.dedupe(ctx, found, "query", "--index", dir, "--json", asked)
	if err != nil {
		return err
	}
	row.note("from start to exit", "ms", u.Seconds*1000)
	row.noteMemory(u.MemoryMiB)
	text, err := os.ReadFile(found)
	if err != nil {
		return err
	}
	var answer struct{ Matches []json.RawMessage }
	if err := json.Unmarshal(text, &answer); err != nil {
		return err
	}
	row.countAsked(len(answer.Matches))
	return nil
}

// countAsked counts an article that was asked for, and whether there were matches.
func (r *Row) countAsked(matches int) {
	r.count("asked", 1)
	r.count("found", min(matches, 1))
}
