package main

import (
	"github.com/spf13/cobra"
)

// newRootCommand makes the whole command line, which works in env.
func newRootCommand(env *environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "dedupe",
		Short: "find near-duplicate news articles",
		Long: `dedupe add news.jsonl puts articles into an index, and says of each one whether
it is new or what it is a copy of. Then:

  dedupe clusters        lists the stories: who had each first, and who copied it
  dedupe query new.jsonl says which articles of a file are known; adds nothing
  dedupe compare A B     shows what two articles share, and how they are related

Without an index of its own, dedupe crawl news/ --out unique.jsonl.zst writes the
unique articles of a folder of crawl files.

Articles come as JSON lines (with the fields id, text, title, url, date, source;
other names can be given), CSV or Parquet, as plain text or HTML files, or in
archives of web pages (WARC, WET, ARC), plain or compressed.

How two articles are related, strongest first:

  exact    the same words, whatever their case and punctuation
  copy     almost the same text both ways
  excerpt  one is almost contained in the other: trimmed, or extended
  rewrite  the same story from the same text, but much reworded
  quote    only statements or background that other stories carry too, or next to
           nothing word by word: reworded throughout

Text that belongs to the site and not to the story (boxes, legal lines, menus)
does not count. The index learns what it is from the articles that it has.

The index is a directory: that of --index, else of $DEDUPE_INDEX, else
$XDG_DATA_HOME/dedupe/index, else ~/.local/share/dedupe/index. One process at a
time can use it. It survives kill -9 and power cuts.

Output is a table on a terminal (without colours if $NO_COLOR is set), lines of
tab-separated fields in a pipe, and one JSON object a line with --json; its
"type" says what it is. Everything else goes to standard error. If the reader of
the output leaves, as "| head" does, dedupe ends quietly.

On a narrow terminal titles are cut, then sites and dates are left out; ids never
are.`,
		Annotations: exitCodes(
			meaning{exitDone, "done; query and compare: found"},
			meaning{exitNotFound, "query: nothing found; compare: not related"},
			meaning{code: exitFailed},
			meaning{code: exitSkipped},
			meaning{code: exitNoIndex},
			meaning{code: exitLocked},
			meaning{code: exitOtherScheme},
			meaning{code: exitInterrupted},
		),
		Example: `  dedupe add testdata/wire.jsonl
  dedupe clusters
  dedupe show en-ferry-wire`,
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		Args: func(root *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownVerb(root, args[0])
			}
			return nil
		},
		RunE: func(root *cobra.Command, _ []string) error {
			if err := writeHelp(env.stderr, root); err != nil {
				return err
			}
			return &exitError{code: exitFailed}
		},
	}
	root.SetIn(env.stdin)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		_ = writeHelp(env.stdout, cmd) // cobra has no use for the error, and the reader has left
	})
	root.SetHelpCommand(newHelpCommand(env))
	root.CompletionOptions.DisableDefaultCmd = true
	cobra.EnableCommandSorting = false // a variable of cobra's: verbs are listed in the order of their use
	flags := root.PersistentFlags()
	flags.Var(textValue{&env.indexFlag, "DIR"}, "index",
		"the index (default $DEDUPE_INDEX, else $XDG_DATA_HOME/dedupe/index, else ~/.local/share/dedupe/index)")
	flags.BoolVar(&env.json, "json", false, "print JSON, one object a line")
	flags.BoolP("help", "h", false, "print this help")
	root.Flags().Bool("version", false, "print the version")
	root.Version = moduleVersion()
	root.SetVersionTemplate("dedupe {{.Version}}\n")
	root.AddCommand(
		newAddCommand(env),
		newQueryCommand(env),
		newClustersCommand(env),
		newShowCommand(env),
		newCompareCommand(env),
		newCrawlCommand(env),
		newEvalCommand(env),
		newTuneCommand(env),
		newRemoveCommand(env),
		newExpireCommand(env),
		newReclusterCommand(env),
		newStatsCommand(env),
		newCheckCommand(env),
		newVersionCommand(env),
	)
	return root
}
