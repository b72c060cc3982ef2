package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/index"
)

// expireOptions are the flags of "expire".
type expireOptions struct {
	olderThan time.Duration
	dryRun    bool
}

func newExpireCommand(env *environment) *cobra.Command {
	var opts expireOptions
	cmd := &cobra.Command{
		Use:   "expire --older-than AGE",
		Short: "remove articles that were published long ago",
		Long: `dedupe expire --older-than 90d removes the articles that were published more than
90 days ago from the index, with all that hangs on them. An article whose date
is unknown counts from when it was added. --dry-run shows which they are.

A later copy of a story that has been forgotten is new again. Stories that were
held together by old articles fall apart.

In a pipe each removed article is a line: "removed" (or "would remove"), id,
cluster, title. In JSON "type" is "removed" or "would_remove".`,
		Example: `  dedupe expire --older-than 90d --dry-run
  dedupe expire --older-than 52w --json`,
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
			if opts.olderThan == 0 {
				return usageError(cmd, "expire needs --older-than AGE")
			}
			return opts.run(cmd.Context(), env)
		},
	}
	cmd.Flags().Var(ageValue{&opts.olderThan}, "older-than", "remove what was published longer ago: 36h, 90d, 12w")
	cmd.Flags().BoolVar(&opts.dryRun, "dry-run", false, "print what would be removed, and remove nothing")
	return cmd
}

func (opts *expireOptions) run(ctx context.Context, env *environment) (err error) {
	x, err := env.openIndex(index.Options{})
	if err != nil {
		return err
	}
	defer closeIndex(x, &err)
	var ids []string
	for id, err := range x.Before(ctx, time.Now().Add(-opts.olderThan)) {
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	return newRemoving(env, x, opts.dryRun).all(ctx, ids)
}
