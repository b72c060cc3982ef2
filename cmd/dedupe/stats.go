package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

// statsOptions are the flags of "stats".
type statsOptions struct {
	furniture int
}

func newStatsCommand(env *environment) *cobra.Command {
	opts := statsOptions{furniture: 5}
	cmd := &cobra.Command{
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
  frozen keys          frozen_keys         keys of so many stories that they are asked only
                                           where no other key leads anywhere
  furniture            furniture_shingles  counted shingles of three or more stories
  threshold            threshold           own coverage that matches of a story have at
                                           least; 0: by the rules. "dedupe recluster
                                           --threshold" sets it, --strict the next
  strict               strict              the same of matches that hold copies together
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
  furniture stories    furniture_stories   stories that make a shingle furniture

Last come the passages of furniture that stand in the most stories, as they are in
one of the articles: on a terminal as a table, in a pipe each as a line: "passage",
stories, id of the article, text; in JSON as "furniture", a list of objects with
"stories", "example" and "text". They are looked for in 2,000 articles, spread over
the index; without texts there are none. --furniture 0 spares the time.`,
		Example: `  dedupe stats
  dedupe stats --furniture 10
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
			return opts.run(cmd.Context(), env)
		},
	}
	cmd.Flags().Var(numberValue{&opts.furniture, 0}, "furniture", "print so many of the commonest passages of furniture")
	return cmd
}

// statsObject is the JSON of the figures.
type statsObject struct {
	Type              string           `json:"type"` // "stats"
	Index             string           `json:"index"`
	Articles          int              `json:"articles"`
	ExactCopies       int              `json:"exact_copies"`
	Stories           int              `json:"stories"`
	StoryMembers      int              `json:"story_members"`
	CopyClusters      int              `json:"copy_clusters"`
	Edges             int              `json:"edges"`
	Segments          int              `json:"segments"`
	FrozenKeys        int              `json:"frozen_keys"`
	FurnitureShingles int              `json:"furniture_shingles"`
	DiskBytes         int64            `json:"disk_bytes"`
	BytesPerArticle   int64            `json:"bytes_per_article"`
	TextKept          bool             `json:"text_kept"`
	Format            int              `json:"format"`
	Scheme            index.Scheme     `json:"scheme"`
	Threshold         match.Ratio      `json:"threshold"` // 0: by the rules
	Strict            match.Ratio      `json:"strict"`
	Furniture         []furnitureFound `json:"furniture"` // empty: none is known, or wanted, or there are no texts
}

// furnitureFound is a passage of furniture.
type furnitureFound struct {
	Stories int    `json:"stories"`
	Example string `json:"example"` // id of an article
	Text    string `json:"text"`
}

// statistics are what is printed.
type statistics struct {
	index.Stats
	dir      string
	passages []index.Furniture
}

func (opts *statsOptions) run(ctx context.Context, env *environment) error {
	dir, err := env.indexDir()
	if err != nil {
		return err
	}
	_, err = reportOn(env, func(x *index.Index) (statistics, error) {
		stats, err := x.Stats(ctx)
		if err != nil {
			return statistics{}, err
		}
		passages, err := x.Furniture(ctx, opts.furniture)
		return statistics{stats, dir, passages}, err
	}, printStats)
	return err
}

func printStats(out *output, s statistics) error {
	perArticle := s.DiskBytes / max(int64(s.Articles), 1)
	if out.json {
		return out.object(statsObject{
			Type: "stats", Index: s.dir, Articles: s.Articles, ExactCopies: s.ExactCopies, Stories: s.Stories,
			StoryMembers: s.StoryMembers, CopyClusters: s.CopyClusters, Edges: s.Edges, Segments: s.Segments,
			FrozenKeys: s.FrozenKeys, FurnitureShingles: s.FurnitureShingles, DiskBytes: s.DiskBytes,
			BytesPerArticle: perArticle, TextKept: s.TextKept, Format: s.Format, Scheme: s.Scheme,
			Threshold: match.Ratio(s.Thresholds.Story), Strict: match.Ratio(s.Thresholds.Strict), Furniture: furnitureFoundOf(s.passages),
		})
	}
	size := func(n int64) string {
		if out.people {
			return byteSize(n)
		}
		return strconv.FormatInt(n, 10)
	}
	err := out.properties(
		property{"index", s.dir},
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
		property{"threshold", thresholdText(s.Thresholds.Story)},
		property{"strict", thresholdText(s.Thresholds.Strict)},
		property{"format", strconv.Itoa(s.Format)},
		property{"shingle words", strconv.Itoa(s.Scheme.ShingleWords)},
		property{"shingle weight", strconv.Itoa(s.Scheme.ShingleWeight)},
		property{"hash", s.Scheme.Hash},
		property{"least keys", strconv.Itoa(s.Scheme.LeastKeys)},
		property{"sketch factor", strconv.Itoa(s.Scheme.SketchFactor)},
		property{"furniture scale", strconv.Itoa(s.Scheme.FurnitureScale)},
		property{"furniture stories", strconv.Itoa(s.Scheme.FurnitureStories)},
	)
	if err != nil {
		return err
	}
	if out.people && len(s.passages) > 0 {
		if err := errors.Join(out.line(), out.line(cell{"the commonest furniture", bold})); err != nil {
			return err
		}
	}
	return printFurniture(out, "passage", s.passages)
}

func furnitureFoundOf(passages []index.Furniture) []furnitureFound {
	found := make([]furnitureFound, len(passages))
	for i, f := range passages {
		found[i] = furnitureFound{f.Stories, f.Example, f.Text}
	}
	return found
}

// printFurniture prints passages of furniture; in a pipe each line begins with name.
func printFurniture(out *output, name string, passages []index.Furniture) error {
	rows := newTypedTable(out, name, "  ",
		column{name: "stories", right: true},
		column{name: "for one", drop: 1},
		column{name: "text", least: leastText},
	)
	for _, f := range passages {
		if err := rows.row(words(out.number(f.Stories)), words(f.Example), words(oneLine(f.Text))); err != nil {
			return err
		}
	}
	return rows.flush()
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
