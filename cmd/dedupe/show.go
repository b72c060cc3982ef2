package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

func newShowCommand(env *environment) *cobra.Command {
	var versions index.Versions
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "show one article and its story",
		Long: `dedupe show ID prints an article of the index, the story that it is in, and its
text. The id is what add, query and clusters print.

In a pipe each property is a line: a name, a tab, a value. Each member of the
story is a line that begins with "member" and goes on as in "dedupe clusters",
from the kind on: "first" is the article that was published first, and "-" stands
for it if its date is unknown. The text comes last, after an empty line. An index
made with --no-text has no texts to show.`,
		Example: `  dedupe show en-ferry-wire
  dedupe show --json en-ferry-trim`,
		Annotations: exitCodes(
			meaning{code: exitDone},
			meaning{exitFailed, "no article has that id; or failed, or wrong use"},
			meaning{code: exitNoIndex},
			meaning{code: exitLocked},
			meaning{code: exitOtherScheme},
			meaning{code: exitInterrupted},
		),
		Args: exactArgs(1, "one ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runShow(cmd.Context(), env, args[0], versions)
		},
	}
	addVersionsFlag(cmd.Flags(), &versions)
	return cmd
}

// entryObject is the JSON of an article in the index.
type entryObject struct {
	Type           string         `json:"type"` // "entry"
	ID             string         `json:"id"`
	URL            string         `json:"url"`
	Site           string         `json:"site"`
	Title          string         `json:"title"`
	Published      *time.Time     `json:"published,omitempty"`
	Words          int            `json:"words"`
	Added          *time.Time     `json:"added,omitempty"`
	Cluster        string         `json:"cluster"`
	Representative string         `json:"representative"`
	Weakest        match.Ratio    `json:"weakest,omitempty"` // link of its story; absent: it is alone, or that is unknown
	Members        []memberObject `json:"members"`
	Text           string         `json:"text,omitempty"` // absent: the index keeps no texts
}

func runShow(ctx context.Context, env *environment, id string, versions index.Versions) (err error) {
	x, err := env.openIndex(index.Options{Versions: versions})
	if err != nil {
		return err
	}
	defer closeIndex(x, &err)
	entry, err := x.Get(ctx, id)
	if errors.Is(err, index.ErrNotFound) {
		return noSuchArticle(env, id)
	} else if err != nil {
		return err
	}
	cluster, err := x.ClusterOf(ctx, id)
	if err != nil {
		return err
	}
	out := env.newOutput()
	if err := printEntry(out, entry, cluster); err != nil {
		return err
	}
	return out.flush()
}

// noSuchArticle is the error for an id that is not in the index.
func noSuchArticle(env *environment, id string) error {
	dir, err := env.indexDir()
	if err != nil {
		return err
	}
	return fmt.Errorf("%w with id %q in index %s", index.ErrNotFound, id, dir)
}

func printEntry(out *output, e index.Entry, c index.Cluster) error {
	a := e.Article
	if out.json {
		return out.object(entryObject{
			Type: "entry", ID: a.ID, URL: a.URL, Site: a.Site, Title: a.Title, Published: known(a.Published),
			Words: e.Words, Added: known(e.Added), Cluster: e.Cluster, Representative: c.Representative,
			Weakest: match.Ratio(c.Weakest), Members: memberObjects(c), Text: a.Text,
		})
	}
	err := out.properties(
		property{"id", a.ID},
		property{"title", oneLine(a.Title)},
		property{"url", a.URL},
		property{"site", a.Site},
		property{"published", moment(a.Published)},
		property{"added", moment(e.Added)},
		property{"words", out.number(e.Words)},
		property{"cluster", e.Cluster},
		property{"representative", c.Representative},
		property{"weakest link", weakestLink(c.Weakest)},
	)
	if err != nil {
		return err
	}
	if err := printStory(out, c); err != nil {
		return err
	}
	if a.Text == "" {
		return nil
	}
	if err := out.line(); err != nil {
		return err
	}
	return out.text(a.Text)
}

// printStory prints the other members of the story of an article.
func printStory(out *output, c index.Cluster) error {
	if out.people {
		if len(c.Members) < 2 {
			return nil
		}
		if err := errors.Join(out.line(), out.line(cell{clusterName(c.ID, len(c.Members), c.Weakest), bold})); err != nil {
			return err
		}
	}
	return printMembers(newTypedTable(out, "member", "  ", memberColumns(out)...), out, c)
}
