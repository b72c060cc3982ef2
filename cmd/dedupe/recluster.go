package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/index"
)

func newReclusterCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "recluster",
		Short: "find all matches and stories anew",
		Long: `dedupe recluster compares all articles of the index anew, with what it knows now
of the furniture of sites, and forms the stories again. The result does not
depend on the order in which the articles were added. Articles and their ids
stay; clusters may change.

It is worth it after a large first "dedupe add": the first articles were judged
when little was known about their sites. It prints what there is now, and what
has changed; in a pipe each line is a name, a tab and a value. In JSON the names
are those of the second column:

  articles        articles       in the index
  stories         stories        clusters of two or more articles
  sets of copies  copy_clusters  the same, without rewrites
  matches         edges          pairs of related articles; exact copies not counted
  matches gone    edges_gone     pairs that were related before, and are not now
  matches new     edges_new      pairs that are related now, and were not before
  articles moved  moved          articles whose story has other members now`,
		Example: `  dedupe recluster
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
			return runRecluster(cmd.Context(), env)
		},
	}
}

// reclusteredObject is the JSON of the report.
type reclusteredObject struct {
	Type         string `json:"type"` // "reclustered"
	Articles     int    `json:"articles"`
	Edges        int    `json:"edges"`
	Stories      int    `json:"stories"`
	CopyClusters int    `json:"copy_clusters"`
	EdgesGone    int    `json:"edges_gone"`
	EdgesNew     int    `json:"edges_new"`
	Moved        int    `json:"moved"`
}

func runRecluster(ctx context.Context, env *environment) (err error) {
	x, err := env.openIndex(index.Options{})
	if err != nil {
		return err
	}
	defer closeIndex(x, &err)
	report, err := x.Recluster(ctx, func(done, total int) {
		if total > 0 {
			env.status.update("reclustering: %s of %s (%d %%)", grouped(done), grouped(total), 100*done/total)
		}
	})
	env.status.clear()
	if err != nil {
		return err
	}
	out := env.newOutput()
	if err := printReclustered(out, report); err != nil {
		return err
	}
	return out.flush()
}

func printReclustered(out *output, r index.Reclustered) error {
	if out.json {
		return out.object(reclusteredObject{
			Type: "reclustered", Articles: r.Articles, Edges: r.Edges, Stories: r.Stories, CopyClusters: r.CopyClusters,
			EdgesGone: r.EdgesGone, EdgesNew: r.EdgesNew, Moved: r.Moved,
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
	)
}
