package workload

import (
	"context"
	"errors"
	"fmt"

	"github.com/dedupe-news/dedupe/bench/process"
	"github.com/dedupe-news/dedupe/index"
)

// remove takes articles out of the index of the set: one a call, and many.
func (s *session) remove(ctx context.Context) ([]Row, error) {
	singles, many := 200, 1000
	if all := s.set.indexed() / 4; s.Runs*(singles+many) > all { // of a small set
		singles, many = all/s.Runs/5, all/s.Runs*4/5
	}
	drawn, err := s.set.draw(ctx, s.Runs*(singles+many), s.random(2))
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(drawn))
	for i, a := range drawn {
		ids[i] = a.ID
	}
	one := Row{Case: "one a call", Command: "index.Remove, one article a call"}
	several := Row{Case: fmt.Sprintf("%d a call", many), Command: fmt.Sprintf("index.Remove, %d articles a call", many)}
	err = s.withCopy(ctx, func(dir string) error {
		return withIndex(dir, index.Options{}, func(x *index.Index) error {
			process.ResetPeak()
			for run := range s.Runs {
				now := ids[run*(singles+many):][:singles+many]
				ms := make([]float64, singles)
				for i, id := range now[:singles] {
					if ms[i], err = milliseconds(func() error { return x.Remove(ctx, id) }); err != nil {
						return err
					}
				}
				one.noteLatencies(ms)
				one.noteMemory(process.Peak())
				took, err := milliseconds(func() error { return x.Remove(ctx, now[singles:]...) })
				if err != nil {
					return err
				}
				several.note("articles", "a second", float64(many)/took*1000)
				several.noteMemory(process.Peak())
			}
			return errors.Join(one.countGone(ctx, x, ids, func(i int) bool { return i%(singles+many) < singles }),
				several.countGone(ctx, x, ids, func(i int) bool { return i%(singles+many) >= singles }))
		})
	})
	return []Row{one, several}, err
}

// countGone counts articles that were removed, and those of them that are not in the index any more.
func (r *Row) countGone(ctx context.Context, x *index.Index, ids []string, ours func(i int) bool) error {
	for i, id := range ids {
		if !ours(i) {
			continue
		}
		r.count("removed", 1)
		switch _, err := x.Get(ctx, id); {
		case errors.Is(err, index.ErrNotFound):
			r.count("gone", 1)
		case err != nil:
			return err
		}
	}
	return nil
}

// recluster makes the clusters of the index of the set anew: by the rules, and by thresholds.
func (s *session) recluster(ctx context.Context) ([]Row, error) {
	strict, rules := []string{"--threshold", "0.6", "--strict", "0.9"}, []string{"--threshold", "0", "--strict", "0"}
	anew := Row{Case: "all anew", Command: called("recluster --index DIR --json", nil)}
	cut := Row{Case: "by thresholds", Command: called("recluster --index DIR --json", strict)}
	err := s.withCopy(ctx, func(dir string) error {
		for range s.passes() {
			for _, step := range []struct {
				row  *Row
				args []string
			}{{&anew, nil}, {&cut, strict}, {nil, rules}} {
				u, err := s.dedupe(ctx, "", append([]string{"recluster", "--index", dir, "--json"}, step.args...)...)
				if err != nil {
					return err
				}
				if step.row != nil {
					step.row.noteProcess(u, s.set.indexed())
				}
			}
		}
		return nil
	})
	return []Row{anew, cut}, err
}
