package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/spell"
)

// removeOptions are the flags of "remove".
type removeOptions struct{ dryRun bool }

func newRemoveCommand(env *environment) *cobra.Command {
	var opts removeOptions
	cmd := &cobra.Command{
		Use:   "remove ID...",
		Short: "remove articles; stories they held together fall apart",
		Long: `dedupe remove ID removes an article from the index, with its text and all that
hangs on it. A story that only it held together falls apart. Adding it again is
the only way to get it back; --dry-run shows what would be removed.

The results are free of it at once. Its bytes leave the disk later, when the
database compacts its files.

Ids are arguments or, with -, lines of standard input. Ids that the index does
not have are named on standard error; the others are removed all the same.

In a pipe each removed article is a line: "removed" (or "would remove"), id,
cluster, title. In JSON "type" is "removed" or "would_remove".`,
		Example: `  dedupe remove --dry-run en-ferry-trim
  dedupe remove en-ferry-trim en-ferry-rewrite
  printf 'en-fuel-w9\nen-fuel-w10\n' | dedupe remove --json -`,
		Annotations: exitCodes(
			meaning{code: exitDone},
			meaning{code: exitFailed},
			meaning{exitSkipped, "done, but the index does not have some of the ids"},
			meaning{code: exitNoIndex},
			meaning{code: exitLocked},
			meaning{code: exitOtherScheme},
			meaning{code: exitInterrupted},
		),
		Args: someArgs("an ID, or - for lines of standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return opts.run(cmd.Context(), env, args)
		},
	}
	cmd.Flags().BoolVar(&opts.dryRun, "dry-run", false, "print what would be removed, and remove nothing")
	return cmd
}

// removedObject is the JSON of a removed article.
type removedObject struct {
	Type    string `json:"type"` // "removed", or "would_remove": it is still there
	ID      string `json:"id"`
	Cluster string `json:"cluster"` // that it was in
	Title   string `json:"title"`
}

// removeBatch is how many articles are removed at once.
const removeBatch = 256

func (opts *removeOptions) run(ctx context.Context, env *environment, args []string) (err error) {
	x, err := env.openIndex(index.Options{})
	if err != nil {
		return err
	}
	defer closeIndex(x, &err)
	ids, err := removeIDs(ctx, env, args)
	if err != nil {
		return err
	}
	return newRemoving(env, x, opts.dryRun).all(ctx, ids)
}

// removeIDs returns the ids that are meant, each once.
func removeIDs(ctx context.Context, env *environment, args []string) ([]string, error) {
	var ids []string
	seen := map[string]bool{}
	add := func(id string) {
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, arg := range args {
		if arg != "-" {
			add(arg)
			continue
		}
		env.announceStdin("ids, one a line")
		lines, err := readLines(ctx, env.stdin)
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			add(line)
		}
	}
	return ids, nil
}

// readLines returns the lines of r that are not empty. If ctx is cancelled, the goroutine that reads is left behind: nothing
// ends a read from a terminal, and the process is about to end.
func readLines(ctx context.Context, r io.Reader) ([]string, error) {
	type result struct {
		lines []string
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var lines []string
		scanner := bufio.NewScanner(r)
		for scanner.Scan() {
			if line := strings.TrimSpace(scanner.Text()); line != "" {
				lines = append(lines, line)
			}
		}
		done <- result{lines, scanner.Err()}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("read ids from standard input: %w", r.err)
		}
		return r.lines, nil
	}
}

// removing is one run of "remove" or "expire".
type removing struct {
	env     *environment
	index   *index.Index
	out     *output
	rows    *table
	dryRun  bool
	removed int
	unknown int
}

func newRemoving(env *environment, x *index.Index, dryRun bool) *removing {
	r := &removing{env: env, index: x, out: env.newOutput(), dryRun: dryRun}
	r.rows = newTable(r.out, "",
		column{name: "status"}, column{name: "id"}, column{name: "cluster"}, column{name: "title"})
	return r
}

// all removes articles, and says how many.
func (r *removing) all(ctx context.Context, ids []string) error {
	err := r.each(ctx, ids)
	summary := "removed "
	if r.dryRun {
		summary = "would remove "
	}
	summary += spell.Counted(r.removed, "article")
	if r.unknown > 0 {
		summary += "; " + spell.Grouped(r.unknown) + " not in the index"
	}
	switch {
	case errors.Is(err, context.Canceled):
		return &exitError{exitInterrupted, "interrupted: " + summary}
	case err != nil:
		return err
	}
	r.env.say("%s", summary)
	if r.unknown > 0 {
		return someSkipped()
	}
	return nil
}

func (r *removing) each(ctx context.Context, ids []string) error {
	for len(ids) > 0 {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		n := min(len(ids), removeBatch)
		if err := r.some(ctx, ids[:n]); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// some removes a batch, and then prints it. It is not interrupted halfway.
func (r *removing) some(ctx context.Context, ids []string) error {
	ctx = context.WithoutCancel(ctx)
	var there []index.Entry
	var thereIDs []string
	for _, id := range ids {
		entry, err := r.index.Get(ctx, id)
		switch {
		case errors.Is(err, index.ErrNotFound):
			r.unknown++
			r.env.warn("%v", noSuchArticle(r.env, id))
			continue
		case err != nil:
			return err
		}
		entry.Article.Text = "" // not needed
		there = append(there, entry)
		thereIDs = append(thereIDs, id)
	}
	if !r.dryRun && len(there) > 0 {
		if err := r.index.Remove(ctx, thereIDs...); err != nil {
			return err
		}
	}
	r.removed += len(there)
	for _, entry := range there {
		if err := r.print(entry); err != nil && !readerGone(err) {
			return err
		}
	}
	if err := errors.Join(r.rows.flush(), r.out.flush()); err != nil && !readerGone(err) {
		return err
	}
	return nil
}

func (r *removing) print(e index.Entry) error {
	if r.out.json {
		object := removedObject{Type: "removed", ID: e.Article.ID, Cluster: e.Cluster, Title: e.Article.Title}
		if r.dryRun {
			object.Type = "would_remove"
		}
		return r.out.object(object)
	}
	status := cell{"removed", red}
	if r.dryRun {
		status = cell{"would remove", yellow}
	}
	return r.rows.row(status, words(e.Article.ID), words(e.Cluster), words(oneLine(e.Article.Title)))
}
