package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/spell"
)

// reclusterOptions are the flags of "recluster".
type reclusterOptions struct {
	story, strict thresholdValue
}

func newReclusterCommand(env *environment) *cobra.Command {
	var opts reclusterOptions
	cmd := &cobra.Command{
		Use:   "recluster",
		Short: "find all matches and stories anew",
		Long: `dedupe recluster compares all articles of the index anew, with what it knows now
of the furniture of sites, and forms the stories again. The result does not
depend on the order in which the articles were added. Articles and their ids
stay; clusters may change.

It is worth it after a large first "dedupe add": the first articles were judged
when little was known about their sites.

With --threshold or --strict nothing is compared: the stories are formed anew, in
seconds, from the matches that the index has already, and only those count whose
own coverage is high enough. Own coverage is the part of an article's own words
that stand in passages which the other has too ("dedupe compare" prints it). All
later verbs keep to these thresholds, "dedupe stats" prints them, and 0 takes one
back. What the rules refused is not in the index: a threshold below their least,
which is said then, changes nothing. "dedupe clusters" prints the weakest link of
each story: with a threshold above it the story loses an article.

It prints what there is now, and what has changed; in a pipe each line is a name, a
tab and a value. In JSON the names are those of the second column:

  articles        articles       in the index
  stories         stories        clusters of two or more articles
  sets of copies  copy_clusters  the same, without rewrites
  matches         edges          pairs of related articles; exact copies not counted
  matches gone    edges_gone     pairs that were related before, and are not now
  matches new     edges_new      pairs that are related now, and were not before
  articles moved  moved          articles whose story has other members now
  threshold       threshold      least own coverage for a story; 0: by the rules
  strict          strict         … for a set of copies`,
		Example: `  dedupe recluster
  dedupe recluster --threshold 0.6 --strict 0.9
  dedupe recluster --threshold 0 --strict 0
  dedupe recluster --json`,
		Annotations: exitCodes(
			meaning{code: exitDone},
			meaning{code: exitFailed},
			meaning{code: exitNoIndex},
			meaning{code: exitLocked},
			meaning{code: exitOtherScheme},
			meaning{exitInterrupted, "interrupted: the index is as it was before"},
		),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return opts.run(cmd.Context(), env)
		},
	}
	cmd.Flags().Var(&opts.story, "threshold", "least own coverage of a match that counts, 0 to 1; 0: by the rules (default: as it was)")
	cmd.Flags().Var(&opts.strict, "strict", "least own coverage of a match that holds a set of copies together (default: as it was)")
	return cmd
}

// reclusteredObject is the JSON of the report.
type reclusteredObject struct {
	Type         string      `json:"type"` // "reclustered"
	Articles     int         `json:"articles"`
	Edges        int         `json:"edges"`
	Stories      int         `json:"stories"`
	CopyClusters int         `json:"copy_clusters"`
	EdgesGone    int         `json:"edges_gone"`
	EdgesNew     int         `json:"edges_new"`
	Moved        int         `json:"moved"`
	Threshold    match.Ratio `json:"threshold"` // 0: by the rules
	Strict       match.Ratio `json:"strict"`
}

// reclustered is what is printed.
type reclustered struct {
	index.Reclustered
	index.Thresholds
}

func (opts *reclusterOptions) run(ctx context.Context, env *environment) error {
	_, err := reportOn(env, func(x *index.Index) (reclustered, error) {
		if opts.story.given || opts.strict.given {
			return opts.recut(ctx, env, x)
		}
		report, err := x.Recluster(ctx, func(done, total int) {
			if total > 0 {
				env.status.update("reclustering: %s of %s (%d %%)", spell.Grouped(done), spell.Grouped(total), 100*done/total)
			}
		})
		return reclustered{report, x.Thresholds()}, err
	}, printReclustered)
	return err
}

// recut sets the thresholds that are given, and leaves the others.
func (opts *reclusterOptions) recut(ctx context.Context, env *environment, x *index.Index) (reclustered, error) {
	to, least := x.Thresholds(), x.LeastThresholds()
	for _, t := range []struct {
		flag  thresholdValue
		name  string
		to    *float64
		least float64
	}{
		{opts.story, "threshold", &to.Story, least.Story},
		{opts.strict, "strict", &to.Strict, least.Strict},
	} {
		if !t.flag.given {
			continue
		}
		*t.to = t.flag.least
		if t.flag.least > 0 && t.flag.least <= t.least {
			env.say("note: --%s %v changes nothing, for the rules themselves ask for %v or more; weaker matches are not in the index", t.name, t.flag.least, t.least)
		}
	}
	env.status.update("forming the stories anew")
	report, err := x.Recut(ctx, to)
	return reclustered{report, to}, err
}

func printReclustered(out *output, r reclustered) error {
	if out.json {
		return out.object(reclusteredObject{
			Type: "reclustered", Articles: r.Articles, Edges: r.Edges, Stories: r.Stories, CopyClusters: r.CopyClusters,
			EdgesGone: r.EdgesGone, EdgesNew: r.EdgesNew, Moved: r.Moved,
			Threshold: match.Ratio(r.Story), Strict: match.Ratio(r.Strict),
		})
	}
	return out.properties(
		property{"articles", out.number(r.Articles)},
		property{"stories", out.number(r.Stories)},
		property{"sets of copies", out.number(r.CopyClusters)},
		property{"matches", out.number(r.Edges)},
		property{"matches gone", out.number(r.EdgesGone)},
		property{"matches new", out.number(r.EdgesNew)},
		property{"articles moved", out.number(r.Moved)},
		property{"threshold", thresholdText(r.Story)},
		property{"strict", thresholdText(r.Strict)},
	)
}

func thresholdText(t float64) string { return strconv.FormatFloat(t, 'f', -1, 64) }
