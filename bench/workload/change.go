package workload

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	err = s.withCopy(ctx, false, func(dir string) error {
		return withIndex(dir, index.Options{}, func(x *index.Index) error {
			process.ResetPeak()
			for now := range slices.Chunk(ids, singles+many) {
				if err := one.removeAll(ctx, x, now[:singles], 1); err != nil {
					return err
				}
				if err := several.removeAll(ctx, x, now[singles:], many); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return []Row{one, several}, err
}

// removeAll removes articles, so many a call, and counts those that are not in the index any more.
func (r *Row) removeAll(ctx context.Context, x *index.Index, ids []string, call int) error {
	var ms []float64
	sum, cpu := 0., processorSeconds()
	for ids := range slices.Chunk(ids, call) {
		took, err := milliseconds(func() error { return x.Remove(ctx, ids...) })
		if err != nil {
			return err
		}
		ms, sum = append(ms, took), sum+took
	}
	r.note("articles", "a second", float64(len(ids))/sum*1000)
	r.noteProcessor(processorSeconds()-cpu, len(ids), "an article")
	if len(ms) > 1 {
		r.noteLatencies(ms)
	}
	r.noteMemory(process.Peak())
	r.count("removed", len(ids))
	for _, id := range ids {
		if _, err := x.Get(ctx, id); errors.Is(err, index.ErrNotFound) {
			r.count("gone", 1)
		} else if err != nil {
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
	err := s.withCopy(ctx, false, func(dir string) error {
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
