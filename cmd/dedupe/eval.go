package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/gold"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/spell"
)

// evalOptions are the flags of "eval".
type evalOptions struct {
	show     int
	complete bool
	asked    bool // --complete was given
}

func newEvalCommand(env *environment) *cobra.Command {
	var opts evalOptions
	cmd := &cobra.Command{
		Use:   "eval PAIRS",
		Short: "score the index on pairs that you have labelled",
		Long: `dedupe eval pairs.tsv tells how often the index is right on pairs of articles
that people have labelled: precision, recall and F1. It only reads the index,
which is taken as it is: add the articles first.

PAIRS is a table with a header, its fields divided by tabs, commas or
semicolons; - is standard input. The header names the columns id_a, id_b and
label, in any order:

  label                                what it says of the pair
  duplicate, 1, yes, true              it should be reported: as hand copy, yes
  exact, copy, excerpt                 the same
  rewrite                              one story: as hand rewrite, cluster yes
  quote                                as hand quotes, cluster no
  different, 0, no, false, none        not related: as boilerplate, no
  unsure                               counts in no task

or, in the place of label, the columns hand (copy, rewrite, quotes, background,
template, boilerplate, unsure: what a reader found) and cluster (yes, maybe, no:
would one want the two in one cluster). The last line on a pair counts. A column
note is printed with --show; others do not matter.

What is scored, each pair as the index has it:

  task     is reported            is right             is wrong
  copies   both are in one set    copy with cluster    cluster no, but not
           of copies (clusters    yes                  copy
           --min-kind excerpt)
  stories  both are in one story  cluster yes;         cluster no, but not
           (clusters)             rewrite with maybe   copy, rewrite, unsure
  matches  "query" of one finds   copy, rewrite        boilerplate, template
           the other, as rewrite
           or more

All other pairs count neither way, and neither does a pair with an article that
is not in the index: these are named, and the exit code is 3.

  precision  found / (found + wrong): how much of what is reported is right
  recall     found / wanted: how much of what is right is reported
  F1         their harmonic mean
  wanted     pairs that are right; found: those of them that are reported
  wrong      pairs that are reported, and are wrong

--complete says that PAIRS has all pairs of the index that overlap at all, so
that others which are reported are wrong in each task. It is the default with
hand and cluster, and not with label; --complete=false is the contrary. Of a
list that is not complete precision depends on how its pairs were chosen.

The second table says of each label how many of its pairs are reported.

--show N prints the first N pairs of each task that were missed, and that are
wrong: with the verdict on the two alone, and why ("dedupe compare" shows all of
it). A pair can be a copy and missed where the other members of the two clusters
do not match; or not related and in one cluster by what it shares with others.

In a pipe the lines begin with the task, or with "label", "missed" or "wrong".
In JSON the types are score, label, missed and wrong; a figure of nothing is 0.
An index without texts (--no-text) has no matches to score.`,
		Example: `  printf 'id_a,id_b,label\nen-ferry-wire,en-ferry-trim,copy\n' | tee pairs.csv
  dedupe eval pairs.csv
  dedupe eval --show 5 pairs.csv
  dedupe eval --json - < pairs.csv`,
		Annotations: exitCodes(
			meaning{code: exitDone},
			meaning{code: exitFailed},
			meaning{exitSkipped, "done, but some articles are not in the index (see standard error)"},
			meaning{code: exitNoIndex},
			meaning{code: exitLocked},
			meaning{code: exitOtherScheme},
			meaning{code: exitInterrupted},
		),
		Args: exactArgs(1, "one file of labelled PAIRS, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.asked = cmd.Flags().Changed("complete")
			return opts.run(cmd.Context(), env, args[0])
		},
	}
	cmd.Flags().Var(numberValue{&opts.show, 0}, "show", "print so many missed and so many wrong pairs of each task")
	cmd.Flags().BoolVar(&opts.complete, "complete", false, "what PAIRS does not list is wrong if it is reported (default with hand and cluster)")
	return cmd
}

func (opts *evalOptions) run(ctx context.Context, env *environment, name string) (err error) {
	list, err := readPairs(env, name)
	if err != nil {
		return err
	}
	x, err := env.openIndex(index.Options{})
	if err != nil {
		return err
	}
	defer closeIndex(x, &err)
	e := evaluating{env: env, index: x, list: list, complete: list.Complete, show: opts.show}
	if opts.asked {
		e.complete = opts.complete
	}
	missing, err := e.leaveOutMissing()
	if err != nil {
		return err
	}
	if err := e.ask(ctx); err != nil {
		return err
	}
	out := env.newOutput()
	if err := errors.Join(e.print(ctx, out), out.flush()); err != nil {
		return err
	}
	if missing {
		return someSkipped()
	}
	return nil
}

func readPairs(env *environment, name string) (*gold.List, error) {
	var from io.Reader = env.stdin
	if name == "-" {
		env.announceStdin("labelled pairs, a table")
	} else {
		if err := checkReadable(name); err != nil {
			return nil, err
		}
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		from = file
	}
	list, err := gold.Read(from)
	var path *fs.PathError
	if errors.As(err, &path) { // a folder, for one; its name is said below
		err = path.Err
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(list.Gold) == 0 {
		return nil, fmt.Errorf("read %s: %w: there is no pair below the header", name, gold.ErrList)
	}
	return list, nil
}

// evaluating is one run of "eval".
type evaluating struct {
	env      *environment
	index    *index.Index
	list     *gold.List
	complete bool
	show     int
	ids      map[string]bool // of the pairs that are left
	tasks    []gold.Task     // those that can be scored
	reported map[gold.Task]gold.Reported
}

// leaveOutMissing takes the pairs off the list of which an article is not in the index, and says so.
func (e *evaluating) leaveOutMissing() (missing bool, err error) {
	pairs := slices.SortedFunc(maps.Keys(e.list.Gold), gold.ComparePairs)
	var ids []string
	for _, pair := range pairs {
		ids = append(ids, pair[0], pair[1])
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	ordinals, err := e.index.Ordinals(ids)
	if err != nil {
		return false, err
	}
	e.ids = make(map[string]bool, len(ids))
	var absent []string
	for i, id := range ids {
		if ordinals[i] != 0 {
			e.ids[id] = true
		} else {
			absent = append(absent, id)
		}
	}
	if len(absent) == 0 {
		return false, nil
	}
	for _, id := range absent[:min(len(absent), namedAlike)] {
		e.env.warn("%v", noSuchArticle(e.env, id))
	}
	if more := len(absent) - namedAlike; more > 0 {
		e.env.warn("… and %s more are not in the index", spell.Counted(more, "article"))
	}
	kept := e.list.Gold.Part(func(pair gold.Pair) bool { return e.ids[pair[0]] && e.ids[pair[1]] })
	e.env.warn("left out %s of %s", spell.Grouped(len(pairs)-len(kept)), spell.Counted(len(pairs), "pair"))
	e.list.Gold = kept
	return true, nil
}

// ask asks the index which pairs it reports.
func (e *evaluating) ask(ctx context.Context) error {
	e.tasks = []gold.Task{gold.Copies, gold.Stories}
	e.reported = map[gold.Task]gold.Reported{}
	for task, kind := range map[gold.Task]match.Kind{gold.Copies: match.Excerpt, gold.Stories: match.Rewrite} {
		clusters, err := e.clusters(ctx, kind)
		if err != nil {
			return err
		}
		e.reported[task] = clusters
	}
	matches, err := e.matches(ctx)
	switch {
	case errors.Is(err, index.ErrNoText):
		e.env.say("matches are not scored: %v", index.ErrNoText)
		return nil
	case err != nil:
		return err
	}
	e.tasks, e.reported[gold.Matches] = gold.Tasks, matches
	return nil
}

// clusters are those of the index; of a list that is not complete, its own articles in them.
func (e *evaluating) clusters(ctx context.Context, kind match.Kind) (*gold.Clusters, error) {
	var clusters gold.Clusters
	for c, err := range e.index.Clusters(ctx, index.ClusterOptions{MinKind: kind}) {
		if err != nil {
			return nil, err
		}
		var ids []string
		for _, m := range c.Members {
			if e.complete || e.ids[m.ID] {
				ids = append(ids, strings.Clone(m.ID)) // it shares memory with the rest of its record
			}
		}
		clusters.Add(ids)
	}
	return &clusters, nil
}

// matches are what a query of each article of the index reports; of a list that is not complete, its own articles and pairs.
func (e *evaluating) matches(ctx context.Context) (gold.Pairs, error) {
	stats, err := e.index.Stats(ctx)
	if err != nil {
		return nil, err
	}
	if !stats.TextKept {
		return nil, index.ErrNoText
	}
	total, done := len(e.ids), 0
	if e.complete {
		total = stats.Articles
	}
	found := gold.Pairs{}
	defer e.env.status.clear()
	for o := index.Ordinal(1); o < e.index.NextOrdinal(); o++ {
		a, err := e.index.Article(o)
		if errors.Is(err, index.ErrNotFound) || err == nil && !e.complete && !e.ids[a.ID] {
			continue
		} else if err != nil {
			return nil, err
		}
		entry, err := e.index.Get(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		matches, err := e.index.Query(ctx, entry.Article, index.QueryOptions{})
		if err != nil {
			return nil, err
		}
		for _, m := range matches {
			if _, listed := e.list.Gold[gold.PairOf(a.ID, m.ID)]; listed || e.complete {
				found.Add(strings.Clone(a.ID), strings.Clone(m.ID))
			}
		}
		done++
		e.env.status.update("looking up: %s of %s", spell.Grouped(done), spell.Counted(total, "article"))
	}
	return found, nil
}
