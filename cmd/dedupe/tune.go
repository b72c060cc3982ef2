package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/spell"
)

// tuneOptions are the flags of "tune".
type tuneOptions struct {
	fieldOptions
	show     int
	articles int
	save     string
	given    []string // flags of fields as they were given, for the command to copy
}

func newTuneCommand(env *environment) *cobra.Command {
	opts := tuneOptions{show: 5, articles: 50_000}
	cmd := &cobra.Command{
		Use:   "tune [SAMPLE...]",
		Short: "say what other settings would change, from a sample of articles",
		Long: `dedupe tune sample.jsonl compares the articles of a sample with each other, and
tells what is copy and what is not in it, how sure that is, what stricter or
looser settings would change, and which settings fit. It changes nothing.

A SAMPLE is what "dedupe add" reads: files, folders, patterns, - for standard
input. 1,000 to 50,000 articles of your own tell most, of few sites or few days,
for copies are found only if both are in the sample. They go into an index in
the temporary folder ($TMPDIR; some 5 KB an article), which is removed at the
end; --save DIR keeps it. Without SAMPLE the index (--index) is looked at, and
only read; it must have texts (made without --no-text).

What is printed, in this order; in a pipe each line begins with the word in
quotes, in JSON that is the type:

  "sample"      how many articles there are, how many have no date, no site, or
                fewer than 60 words, and how much of the text is furniture
  "coverage"    the pairs that were compared, by the share of own words that
                stand in shared passages (of the article that has fewer own
                words), in steps of 0.05, and by kind. This figure decides
                first: from 0.50 on (of the words outside quotations: 0.60) a
                pair can be a copy, from 0.80 on between pages of one site;
                "dedupe compare" tells the other conditions
  "jaccard"     the same pairs by Jaccard similarity, which does not decide.
                Pairs below 0.10 whose containment is below 0.30 are in neither
  "setting"     what each setting of crawl, clusters and query gives here
  "taken"       the weakest pairs that were taken as copies, and
  "refused"     the strongest that were not: look at these. Each article is in
                one pair of each at most
  "furniture"   the passages that stand in the most stories
  "suggestion"  settings to change, and why
  "command"     the settings to copy

An exact copy is one pair, with the first article that has its words.

Suggestions come by these rules:

  --window            at least 5 of the copies on one site, and 10 % of them,
                      are further apart in time than the window: the first of
                      1d, 7d, 30d, 90d that holds 95 % of the copies between
                      sites (7d if there are fewer than 20)
  --min-kind copy     at least 5 excerpts, and a quarter of them, are weak: less
                      than 0.10 above what copies need
  --min-kind rewrite  would drop at least 5 articles more, and 5 % of all
  --date-field        a fifth of the articles or more have no date
  --site-field        a fifth or more have no site
  --text-field        a tenth or more have fewer than 60 words
  no setting          30 % of the words or more are furniture; or there are
                      fewer than 1,000 articles

What depends on what you want has an "if", and is not in the command to copy.
The pairs can be labelled, and "dedupe eval" then scores the index by them.`,
		Example: `  dedupe tune testdata/wire.jsonl
  dedupe tune testdata/wire.jsonl --save sample.index --show 3
  dedupe tune
  dedupe tune --json --articles 50 | grep '"type":"suggestion"'`,
		Annotations: exitCodes(
			meaning{code: exitDone},
			meaning{code: exitFailed},
			meaning{code: exitSkipped},
			meaning{exitNoIndex, "there is no index, and no SAMPLE is given"},
			meaning{code: exitLocked},
			meaning{code: exitOtherScheme},
			meaning{code: exitInterrupted},
		),
		Args: checkNotEmpty,
		RunE: func(cmd *cobra.Command, args []string) error {
			source, err := opts.prepare(cmd, env, args)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return opts.tuneIndex(cmd.Context(), env)
			}
			return opts.tuneSample(cmd.Context(), env, source, args)
		},
	}
	flags := cmd.Flags()
	flags.Var(numberValue{&opts.show, 0}, "show", "print so many of the weakest copies, of the strongest others, and of the commonest furniture")
	flags.Var(numberValue{&opts.articles, 0}, "articles", "look at so many articles at most, spread evenly; 0: all")
	flags.Var(textValue{&opts.save, "DIR"}, "save", "keep the index of the sample in a new folder")
	opts.addFlags(flags)
	return cmd
}

// prepare checks what was asked for, before anything is made.
func (opts *tuneOptions) prepare(cmd *cobra.Command, env *environment, args []string) (crawl.Options, error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if strings.HasSuffix(f.Name, "-field") {
			opts.given = append(opts.given, "--"+f.Name, shellWord(f.Value.String()))
		}
	})
	switch {
	case len(args) > 0 && env.indexFlag != "":
		return crawl.Options{}, usageError(cmd, "tune takes a SAMPLE or --index, not both; --save DIR keeps the index of a sample")
	case len(args) == 0 && opts.save != "":
		return crawl.Options{}, usageError(cmd, "--save needs a SAMPLE")
	case opts.save != "":
		if _, err := os.Lstat(opts.save); err == nil {
			return crawl.Options{}, usageError(cmd, "--save %s: there is something already", opts.save)
		}
	}
	return opts.source(cmd, env, args, 0)
}

func (opts *tuneOptions) tuneIndex(ctx context.Context, env *environment) (err error) {
	x, err := env.openIndex(index.Options{})
	if err != nil {
		return err
	}
	defer closeIndex(x, &err)
	compare := []string{"dedupe", "compare"}
	if env.indexFlag != "" {
		compare = append(compare, "--index", shellWord(env.indexFlag))
	}
	return opts.tune(ctx, env, x, compare)
}

// tuneSample puts the sample into an index of its own.
func (opts *tuneOptions) tuneSample(ctx context.Context, env *environment, source crawl.Options, args []string) (err error) {
	dir := opts.save
	if dir == "" {
		if dir, err = os.MkdirTemp("", "dedupe-tune-"); err != nil {
			return err
		}
	}
	defer func() {
		if opts.save == "" || err != nil && exitCode(err) != exitSkipped {
			err = withCloseError(err, os.RemoveAll(dir))
		}
	}()
	x, err := index.Open(dir, index.Options{Create: true})
	if err != nil {
		return err
	}
	defer closeIndex(x, &err)
	skipped, err := addSample(ctx, env, x, source, args)
	if err != nil {
		return err
	}
	if _, err := x.Recluster(ctx, nil); err != nil { // as crawl does
		return err
	}
	compare := []string{"dedupe", "compare"}
	if opts.save != "" {
		compare = append(compare, "--index", shellWord(opts.save))
	}
	if err := opts.tune(ctx, env, x, compare); err != nil {
		return err
	}
	if opts.save == "" && opts.show > 0 {
		env.say("dedupe compare needs the two in an index: with --save DIR, tune keeps that of the sample")
	}
	if skipped > 0 {
		return someSkipped()
	}
	return nil
}

// addSample adds all articles of the inputs, as "add" does, but prints none.
func addSample(ctx context.Context, env *environment, x *index.Index, source crawl.Options, args []string) (skipped int, err error) {
	items, stop := readItems(ctx, args, source)
	defer stop()
	a := &adding{env: env, index: x, out: env.newOutput(), skips: skips{env: env}, began: time.Now(), mute: true}
	a.rows = newTable(a.out, "")
	err = a.all(ctx, items)
	a.skips.finish()
	if err == nil && a.tally.handled() == 0 {
		err = errors.New("the sample has no article")
	}
	return a.skips.skipped, err
}

// tune looks at an index and prints what it finds. compare is how a command begins that shows a pair.
func (opts *tuneOptions) tune(ctx context.Context, env *environment, x *index.Index, compare []string) error {
	f := newFindings(opts.show)
	err := f.survey(ctx, x, opts.articles, func(done int) {
		env.status.update("comparing: %s", spell.Counted(done, "article"))
	})
	env.status.clear()
	switch {
	case errors.Is(err, index.ErrNoText):
		return fmt.Errorf("%w; name files with the articles instead", err)
	case err != nil:
		return err
	case f.surveyed == 0:
		return errors.New("the index has no article")
	}
	if err := f.ask(ctx, x); err != nil {
		return err
	}
	out := env.newOutput()
	p := findingsPrinter{out: out, compare: compare}
	return errors.Join(p.print(f, advise(f), opts.given), out.flush())
}
