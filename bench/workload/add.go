package workload

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/bench/process"
	"github.com/dedupe-news/dedupe/index"
)

// add adds the set to a new index: by the library, in full calls, and by the program.
func (s *session) add(ctx context.Context) ([]Row, error) {
	from, err := s.input()
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, t := range texts {
		command := fmt.Sprintf("index.Add, %d articles a call", batch)
		if t.none {
			command += ", Options.NoText"
		}
		rows = append(rows,
			Row{Case: "library, " + t.name, Command: command},
			Row{Case: "program, " + t.name, Command: called("add --index DIR --json "+from.shown, t.option)})
	}
	for range s.passes() {
		for i, t := range texts {
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

// stream adds unseen articles to the index of the set, a few at once, or one, each time until they are on the disk.
func (s *session) stream(ctx context.Context) ([]Row, error) {
	const few = 100
	part := s.set.unseen() / s.Runs // of a run
	single := Row{Case: "one a call", Command: "index.Add, one article a call"}
	batches := Row{Case: fmt.Sprintf("%d a call", few), Command: fmt.Sprintf("index.Add, %d articles a call", few)}
	unseen, err := s.set.all(ctx, s.set.indexed(), s.set.indexed()+s.Runs*part)
	if err != nil {
		return nil, err
	}
	err = s.withCopy(ctx, func(dir string) error {
		return withIndex(dir, index.Options{}, func(x *index.Index) error {
			process.ResetPeak()
			for run := range s.Runs {
				now := unseen[run*part:][:part]
				if err := single.addSlowly(ctx, x, now[:part/4], 1); err != nil {
					return err
				}
				if err := batches.addSlowly(ctx, x, now[part/4:], few); err != nil {
					return err
				}
			}
			single.noteMemory(process.Peak())
			batches.noteMemory(process.Peak())
			return nil
		})
	})
	return []Row{single, batches}, err
}

// addSlowly adds articles, so many a call.
func (r *Row) addSlowly(ctx context.Context, x *index.Index, articles []article.Article, call int) error {
	var ms []float64
	sum, cpu := 0., processorSeconds()
	for articles := range slices.Chunk(articles, call) {
		var added []index.Added
		took, err := milliseconds(func() (err error) {
			added, err = x.Add(ctx, articles)
			return err
		})
		if err := errors.Join(err, refused(added)); err != nil {
			return err
		}
		ms, sum = append(ms, took), sum+took
		r.countAdded(added)
	}
	r.note("articles", "a second", float64(len(articles))/sum*1000)
	r.noteProcessor(processorSeconds()-cpu, len(articles), "an article")
	r.noteLatencies(ms)
	return nil
}
