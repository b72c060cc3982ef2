package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// exitCodesKey is the annotation of a command that holds what its help says of exit codes.
const exitCodesKey = "exit codes"

// exitCodes writes that annotation. A verb says for itself what its codes mean
// where that is more than the general meaning: exitCodes(meaning{1, "…"}, …).
func exitCodes(codes ...meaning) map[string]string {
	var b strings.Builder
	for _, m := range codes {
		if m.is == "" {
			m.is = exitMeaning(m.code)
		}
		fmt.Fprintf(&b, "  %3d  %s\n", m.code, m.is)
	}
	return map[string]string{exitCodesKey: b.String()}
}

// meaning is an exit code and what it means; an empty text stands for the general one.
type meaning struct {
	code int
	is   string
}

// newHelpCommand replaces cobra's, which is content with topics that do not exist.
func newHelpCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:         "help [VERB]",
		Short:       "explain a verb",
		Long:        "dedupe help add explains the verb add, as dedupe add --help does.",
		Annotations: exitCodes(meaning{code: exitDone}, meaning{code: exitFailed}),
		Example:     "  dedupe help clusters",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownVerb(cmd.Root(), args[0])
			}
			return writeHelp(env.stdout, about)
		},
	}
}

// unknownVerb says so, and what may have been meant.
func unknownVerb(root *cobra.Command, name string) error {
	if near := root.SuggestionsFor(name); len(near) > 0 {
		return usageError(root, "unknown verb %q; did you mean %s?", name, strings.Join(near, " or "))
	}
	return usageError(root, "unknown verb %q", name)
}

// writeHelp prints all about cmd: what it does, its flags, its exit codes, and examples.
func writeHelp(w io.Writer, cmd *cobra.Command) error {
	var b strings.Builder
	long := cmd.Long
	if long == "" {
		long = cmd.Short
	}
	b.WriteString(strings.TrimSpace(long) + "\n")
	fmt.Fprintf(&b, "\nUsage:\n  %s\n", usageLine(cmd))
	writeVerbs(&b, cmd)
	writeFlags(&b, "Flags", cmd.LocalNonPersistentFlags())
	writeFlags(&b, "Flags of every verb", cmd.Root().PersistentFlags())
	if codes := cmd.Annotations[exitCodesKey]; codes != "" {
		b.WriteString("\nExit codes:\n" + codes)
	}
	if cmd.Example != "" {
		b.WriteString("\nExamples:\n" + cmd.Example + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func usageLine(cmd *cobra.Command) string {
	if cmd.HasSubCommands() {
		return cmd.CommandPath() + " VERB [flags]"
	}
	return cmd.UseLine()
}

func writeVerbs(b *strings.Builder, cmd *cobra.Command) {
	verbs := slices.DeleteFunc(slices.Clone(cmd.Commands()), func(c *cobra.Command) bool { return c.Hidden })
	if len(verbs) == 0 {
		return
	}
	b.WriteString("\nVerbs:\n")
	for _, verb := range verbs {
		fmt.Fprintf(b, "  %-12s%s\n", verb.Name(), verb.Short)
	}
}

func writeFlags(b *strings.Builder, heading string, flags *pflag.FlagSet) {
	if flags.HasAvailableFlags() {
		b.WriteString("\n" + heading + ":\n" + flags.FlagUsagesWrapped(helpColumns))
	}
}

// helpColumns is where lines about flags are wrapped.
const helpColumns = 96
