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
disk, and the scheme that it was made with. It only reads the index.

In a pipe each line is a name, a tab and a value. In JSON the names are those of
the second column:

  index                index               its directory
  articles             articles            all of them
  exact copies         exact_copies        articles with the same words as another
  stories              stories             clusters of two or more articles
  articles in stories  story_members       articles that are in one of them
  sets of copies       copy_clusters       the same as stories, without rewrites
  matches              edges               pairs of related articles; exact copies not counted
  on disk              disk_bytes          bytes of the directory
  on disk an article   bytes_per_article   bytes by articles
  texts kept           text_kept           no: made with --no-text
  segments             segments            sorted runs of postings, to look up in
  frozen keys          frozen_keys         keys of too many stories to be looked up
  furniture            furniture_shingles  counted shingles of three or more stories
  format               format              version of the format on disk

The scheme is fixed when the index is created; in JSON it is the object "scheme",
in which "keep_text" stands too:

  shingle words        shingle_words       words of a shingle
  shingle weight       shingle_weight      what they weigh; a character of a script
                                           without spaces weighs less than a word
  hash                 hash                of words and shingles
  least keys           least_keys          keys that an article has at least
  sketch factor        sketch_factor       hashes in the sketch for each key
  furniture scale      furniture_scale     one in so many shingles is counted
  furniture stories    furniture_stories   stories that make a shingle furniture`,
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
