package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/spell"
)

// clustersOptions are the flags of "clusters".
type clustersOptions struct {
	minKind  match.Kind
	minSize  int
	versions index.Versions
}

func newClustersCommand(env *environment) *cobra.Command {
	opts := clustersOptions{minKind: match.Rewrite, minSize: 2}
	cmd := &cobra.Command{
		Use:   "clusters",
		Short: "list the stories: who had each first, and who copied it",
		Long: `dedupe clusters lists the stories in the index that stand in two or more
articles: the article that was first, and its copies and rewrites.

The stories with the most articles come first, then those with the lower id. The
first article of each is its representative: the one published first. A date
without a time counts as 00:00 UTC, unknown dates come last, and of equals the
lowest id is first. Kind and figures of the others are against it (or, where the
two do not match, against the member named under "via"). Copies come before
rewrites, then the higher Jaccard similarity, then the lower id.

With --min-kind excerpt rewrites are left out: what stays together are copies.

The weakest link says how well a cluster hangs together: each text in it has a
closest other one, by own coverage (see "dedupe compare"), and the weakest link is
the least of these coverages. It is 1 if all have the same words. With a threshold
above it ("dedupe recluster --threshold") an article falls out of the cluster.

On a terminal "excerpt <" is an article that is contained in the representative,
"excerpt >" one that contains it; in JSON "contained" names the one that is in
the other. In a pipe each article is a line: cluster, id of the representative,
kind, Jaccard similarity, containment, time of publication, site, id, via, title,
weakest link of the cluster.
The kind of the representative is "first" there, or "-" if its date is unknown,
and it has no figures; in JSON it is exact. Figures that begin with ~ are
estimates.

` + figuresHelp,
		Example: `  dedupe clusters
  dedupe clusters --min-kind excerpt --min-size 3
  dedupe clusters --json | head -1`,
		Annotations: exitCodes(
			meaning{exitDone, "done, also if there are none"},
			meaning{code: exitFailed},
			meaning{code: exitNoIndex},
			meaning{code: exitLocked},
			meaning{code: exitOtherScheme},
			meaning{code: exitInterrupted},
		),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return opts.run(cmd.Context(), env)
		},
	}
	addKindFlag(cmd.Flags(), &opts.minKind, "weakest kind that holds a cluster together", match.Rewrite, match.Excerpt)
	cmd.Flags().Var(numberValue{&opts.minSize, 1}, "min-size", "least number of articles in a cluster")
	addVersionsFlag(cmd.Flags(), &opts.versions)
	return cmd
}

// clusterObject is the JSON of a cluster.
type clusterObject struct {
	Type           string         `json:"type"` // "cluster"
	Cluster        string         `json:"cluster"`
	Representative string         `json:"representative"`
	Size           int            `json:"size"`
	Weakest        match.Ratio    `json:"weakest,omitempty"` // absent: unknown
	Members        []memberObject `json:"members"`
}

func clusterObjectOf(c index.Cluster) clusterObject {
	return clusterObject{
		Type: "cluster", Cluster: c.ID, Representative: c.Representative, Size: len(c.Members), Weakest: match.Ratio(c.Weakest), Members: memberObjects(c),
	}
}

func (opts *clustersOptions) run(ctx context.Context, env *environment) (err error) {
	x, err := env.openIndex(index.Options{Versions: opts.versions})
	if err != nil {
		return err
	}
	defer closeIndex(x, &err)

	out := env.newOutput()
	print := clusterPrinter(out)
	found := 0
	for c, err := range x.Clusters(ctx, index.ClusterOptions{MinKind: opts.minKind, MinSize: opts.minSize}) {
		if err != nil {
			return err
		}
		found++
		if err := print(c); err != nil {
			return err
		}
	}
	if found == 0 && out.people {
		env.say("no cluster has %s or more", spell.Counted(opts.minSize, "article"))
	}
	return out.flush()
}

// clusterPrinter returns a function that prints one cluster after the other.
func clusterPrinter(out *output) func(index.Cluster) error {
	if out.json {
		return func(c index.Cluster) error {
			return out.object(clusterObjectOf(c))
		}
	}
	if !out.people {
		rows := newTable(out, "", slices.Concat([]column{{name: "cluster"}, {name: "representative"}}, memberColumns(out), []column{{name: "weakest"}})...)
		return func(c index.Cluster) error {
			for _, m := range c.Members {
				cells := append([]cell{words(c.ID), words(c.Representative)}, memberCells(out, c, m)...)
				cells = append(cells, words(weakestLink(c.Weakest)))
				if err := rows.row(cells...); err != nil {
					return err
				}
			}
			return nil
		}
	}
	rows := newTable(out, "  ", memberColumns(out)...)
	return func(c index.Cluster) error {
		if err := out.line(cell{clusterName(c.ID, len(c.Members), c.Weakest), bold}, words(" · "+headline(c))); err != nil {
			return err
		}
		if err := printMembers(rows, out, c); err != nil {
			return err
		}
		return out.line()
	}
}

// weakestLink is empty if it is unknown.
func weakestLink(weakest float64) string {
	if weakest == 0 {
		return ""
	}
	return similarity(weakest, false)
}

// printMembers prints a table of the members of c.
func printMembers(rows *table, out *output, c index.Cluster) error {
	for _, m := range c.Members {
		if err := rows.row(memberCells(out, c, m)...); err != nil {
			return err
		}
	}
	return rows.flush()
}

// headline is the title of the representative.
func headline(c index.Cluster) string {
	for _, m := range c.Members {
		if m.ID == c.Representative {
			return oneLine(m.Title)
		}
	}
	return ""
}
