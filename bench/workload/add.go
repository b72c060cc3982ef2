package workload

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/bench/process"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/spell"
)

// add adds the set to a new index: by the library, in full calls, and by the program.
func (s *session) add(ctx context.Context) ([]Row, error) {
	from, err := s.input()
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, t := range s.kinds() {
		command := fmt.Sprintf("index.Add, %d articles a call", batch)
		if t.none {
			command += ", Options.NoText"
		}
		rows = append(rows,
			Row{Case: "library, " + t.name, Command: command},
			Row{Case: "program, " + t.name, Command: called("add --index DIR --json "+from.shown, t.option)})
	}
	for range s.passes() {
		for i, t := range s.kinds() {
			if err := s.addByLibrary(ctx, &rows[2*i], t.none); err != nil {
				return nil, err
			}
			if err := s.addByProgram(ctx, &rows[2*i+1], from, t.option); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

// addByLibrary adds the set once.
func (s *session) addByLibrary(ctx context.Context, row *Row, noText bool) error {
	var w watch
	first := len(row.Figures) == 0
	process.ResetPeak()
	err := s.withFolder(func(dir string) error {
		err := withIndex(dir, index.Options{Create: true, NoText: noText}, func(x *index.Index) error {
			for articles, err := range s.set.batches(ctx, 0, s.set.Articles, batch) {
				if err != nil {
					return err
				}
				w.start()
				added, err := x.Add(ctx, articles)
				w.stop()
				if err := errors.Join(err, refused(added)); err != nil {
					return err
				}
				if first {
					row.countAdded(added)
				}
			}
			return nil
		})
		return errors.Join(err, row.noteDisk(dir, s.set.Articles))
	})
	row.note("wall", "s", w.seconds)
	row.note("processor", "s", w.processor)
	row.note("articles", "a second", float64(s.set.Articles)/w.seconds)
	row.noteMemory(process.Peak())
	return err
}

// addByProgram adds the set once.
func (s *session) addByProgram(ctx context.Context, row *Row, from input, option []string) error {
	return s.withFolder(func(dir string) error {
		at := filepath.Join(dir, "index")
		args := []string{"add", "--index", at, "--json", from.argument}
		u, err := s.dedupeFrom(ctx, from.write, filepath.Join(dir, "added.jsonl"), append(args, option...)...)
		if err != nil {
			return err
		}
		row.noteProcess(u, s.set.Articles)
		return row.noteDisk(at, s.set.Articles)
	})
}

// countAdded counts articles, and those of them that are copies or rewrites.
func (r *Row) countAdded(added []index.Added) {
	matched := 0
	for _, a := range added {
		if a.Match != nil {
			matched++
		}
	}
	r.count("added", len(added))
	r.count("matched", matched)
}

// refused are the errors of articles that an index did not take.
func refused(added []index.Added) (err error) {
	for _, a := range added {
		err = errors.Join(err, a.Err)
	}
	return err
}

// stream adds unseen articles to the index of the set, a few at once, or one, each time until they are on the disk. Two callers at the same time are two who
// each wait for their own.
func (s *session) stream(ctx context.Context) (rows []Row, err error) {
	for _, t := range s.kinds() {
		err = s.withCopy(ctx, t.none, func(dir string) error {
			return withIndex(dir, index.Options{}, func(x *index.Index) error {
				of, err := s.streamInto(ctx, x)
				for i := range of {
					of[i].Case += ", " + t.name
				}
				rows = append(rows, of...)
				return err
			})
		})
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// streamInto adds all unseen articles.
func (s *session) streamInto(ctx context.Context, x *index.Index) ([]Row, error) {
	kinds := []struct{ callers, call, share int }{ // share: of eight parts of what a run adds
		{callers: 1, call: 1, share: 2},
		{callers: 1, call: 100, share: 3},
		{callers: 2, call: 100, share: 3},
	}
	rows := make([]Row, len(kinds))
	for i, k := range kinds {
		rows[i].Case = fmt.Sprintf("%d a call", k.call)
		rows[i].Command = fmt.Sprintf("index.Add, %s a call", spell.Counted(k.call, "article"))
		if k.callers > 1 {
			rows[i].Case += fmt.Sprintf(", %d callers", k.callers)
			rows[i].Command += fmt.Sprintf(", %d goroutines", k.callers)
		}
	}
	eighth := s.set.unseen() / s.Runs / 8
	unseen, err := s.set.all(ctx, s.set.indexed(), s.set.indexed()+s.Runs*8*eighth)
	if err != nil {
		return nil, err
	}
	process.ResetPeak()
	for range s.Runs {
		for i, k := range kinds {
			part := unseen[:k.share*eighth]
			unseen = unseen[len(part):]
			if err := rows[i].addSlowly(ctx, x, part, k.call, k.callers); err != nil {
				return nil, err
			}
		}
	}
	for i := range rows {
		rows[i].noteMemory(process.Peak())
	}
	return rows, nil
}

// addSlowly adds articles, so many a call, by so many callers at the same time.
func (r *Row) addSlowly(ctx context.Context, x *index.Index, articles []article.Article, call, callers int) error {
	calls := make(chan []article.Article, len(articles))
	for articles := range slices.Chunk(articles, call) {
		calls <- articles
	}
	close(calls)
	var (
		mu   sync.Mutex
		ms   []float64
		errs error
		wait sync.WaitGroup
		w    watch
	)
	w.start()
	for range callers {
		wait.Go(func() {
			for articles := range calls {
				var added []index.Added
				took, err := milliseconds(func() (err error) {
					added, err = x.Add(ctx, articles)
					return err
				})
				mu.Lock()
				errs = errors.Join(errs, err, refused(added))
				ms = append(ms, took)
				r.countAdded(added)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	w.stop()
	r.note("articles", "a second", float64(len(articles))/w.seconds)
	r.noteProcessor(w.processor, len(articles), "an article")
	r.noteLatencies(ms)
	return errs
}
