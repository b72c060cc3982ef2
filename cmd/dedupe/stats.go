package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/index"
)

func newStatsCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "stats",
		Short: "print the figures of the index",
		Long: `dedupe stats prints how many articles and stories the index has, what it takes on
disk, and the scheme that it was made with. It reads the index only.

  stories            clusters of two or more articles, rewrites included
  sets of copies     clusters of two or more articles without rewrites
  matches            pairs of articles that were compared and are related
  segments           sorted runs of postings, in which matches are looked up
  frozen keys        keys that too many stories share to tell anything
  furniture          counted shingles that stand in three or more stories

In a pipe each line is a name, a tab and a value. In JSON, names have _ for
spaces, and the scheme is an object of its own.`,
		Example: `  dedupe stats
  dedupe stats --json`,
		Annotations: exitCodes(
			meaning{code: exitDone},
			meaning{code: exitFailed},
			meaning{code: exitNoIndex},
			meaning{code: exitLocked},
			meaning{code: exitOtherScheme},
			meaning{code: exitInterrupted},
		),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runStats(cmd.Context(), env)
		},
	}
}

// statsObject is the JSON of the figures.
type statsObject struct {
	Type              string       `json:"type"` // "stats"
	Index             string       `json:"index"`
	Articles          int          `json:"articles"`
	ExactCopies       int          `json:"exact_copies"`
	Stories           int          `json:"stories"`
	StoryMembers      int          `json:"story_members"`
	CopyClusters      int          `json:"copy_clusters"`
	Edges             int          `json:"edges"`
	Segments          int          `json:"segments"`
	FrozenKeys        int          `json:"frozen_keys"`
	FurnitureShingles int          `json:"furniture_shingles"`
	DiskBytes         int64        `json:"disk_bytes"`
	BytesPerArticle   int64        `json:"bytes_per_article"`
	TextKept          bool         `json:"text_kept"`
	Format            int          `json:"format"`
	Scheme            index.Scheme `json:"scheme"`
}

func runStats(ctx context.Context, env *environment) (err error) {
	dir, err := env.indexDir()
	if err != nil {
		return err
	}
	x, err := env.openIndex(index.Options{})
	if err != nil {
		return err
	}
	defer closeIndex(x, &err)
	stats, err := x.Stats(ctx)
	if err != nil {
		return err
	}
	out := env.newOutput()
	if err := printStats(out, dir, stats); err != nil {
		return err
	}
	return out.flush()
}

func printStats(out *output, dir string, s index.Stats) error {
	perArticle := s.DiskBytes / max(int64(s.Articles), 1)
	if out.json {
		return out.object(statsObject{
			Type: "stats", Index: dir, Articles: s.Articles, ExactCopies: s.ExactCopies, Stories: s.Stories,
			StoryMembers: s.StoryMembers, CopyClusters: s.CopyClusters, Edges: s.Edges, Segments: s.Segments,
			FrozenKeys: s.FrozenKeys, FurnitureShingles: s.FurnitureShingles, DiskBytes: s.DiskBytes,
			BytesPerArticle: perArticle, TextKept: s.TextKept, Format: s.Format, Scheme: s.Scheme,
		})
	}
	size := func(n int64) string {
		if out.people {
			return byteSize(n)
		}
		return strconv.FormatInt(n, 10)
	}
	return out.properties(
		property{"index", dir},
		property{"articles", out.number(s.Articles)},
		property{"exact copies", out.number(s.ExactCopies)},
		property{"stories", out.number(s.Stories)},
		property{"articles in stories", out.number(s.StoryMembers)},
		property{"sets of copies", out.number(s.CopyClusters)},
		property{"matches", out.number(s.Edges)},
		property{"on disk", size(s.DiskBytes)},
		property{"on disk an article", size(perArticle)},
		property{"texts kept", yesNo(s.TextKept)},
		property{"segments", out.number(s.Segments)},
		property{"frozen keys", out.number(s.FrozenKeys)},
		property{"furniture", out.number(s.FurnitureShingles)},
		property{"format", strconv.Itoa(s.Format)},
		property{"shingle words", strconv.Itoa(s.Scheme.ShingleWords)},
		property{"shingle weight", strconv.Itoa(s.Scheme.ShingleWeight)},
		property{"hash", s.Scheme.Hash},
		property{"least keys", strconv.Itoa(s.Scheme.LeastKeys)},
		property{"sketch factor", strconv.Itoa(s.Scheme.SketchFactor)},
		property{"furniture scale", strconv.Itoa(s.Scheme.FurnitureScale)},
		property{"furniture stories", strconv.Itoa(s.Scheme.FurnitureStories)},
	)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
