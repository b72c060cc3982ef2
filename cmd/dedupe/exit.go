package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dedupe-news/dedupe/bulk"
	"github.com/dedupe-news/dedupe/index"
)

// The exit codes, which are a contract with scripts.
const (
	exitDone        = 0   // done; query and compare: found
	exitNotFound    = 1   // query found nothing; compare: not related
	exitFailed      = 2   // failed, or wrong use
	exitSkipped     = 3   // done, but some articles were skipped
	exitNoIndex     = 10  // there is no index
	exitLocked      = 11  // another process has the index open
	exitOtherScheme = 12  // the index was created with other settings, or by a newer version
	exitInterrupted = 130 // Ctrl-C or SIGTERM
)

// exitMeaning is what help says of a code; a verb may say it more precisely.
func exitMeaning(code int) string {
	switch code {
	case exitDone:
		return "done"
	case exitNotFound:
		return "nothing found"
	case exitFailed:
		return "failed, or wrong use"
	case exitSkipped:
		return "done, but some articles were skipped (see standard error)"
	case exitNoIndex:
		return "there is no index"
	case exitLocked:
		return "another process has the index open"
	case exitOtherScheme:
		return "the index was created with other settings, or by a newer dedupe"
	case exitInterrupted:
		return "interrupted"
	}
	return "?"
}

// exitError is an error that knows its exit code. Its message may be empty, when everything has been said.
type exitError struct {
	code    int
	message string
}

func (e *exitError) Error() string { return e.message }

// Ends of a command that has already said what there is to say.
func nothingFound() error { return &exitError{code: exitNotFound} }
func someSkipped() error  { return &exitError{code: exitSkipped} }

// usageError is wrong use of cmd. The message names the flag or the argument.
func usageError(cmd *cobra.Command, format string, args ...any) error {
	return &exitError{
		code:    exitFailed,
		message: fmt.Sprintf("%s (see: %s --help)", fmt.Sprintf(format, args...), cmd.CommandPath()),
	}
}

// exitCode maps errors to exit codes.
func exitCode(err error) int {
	var exit *exitError
	switch {
	case err == nil, readerGone(err):
		return exitDone
	case errors.As(err, &exit):
		return exit.code
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, index.ErrNoIndex):
		return exitNoIndex
	case errors.Is(err, index.ErrLocked), errors.Is(err, bulk.ErrRunning):
		return exitLocked
	case errors.Is(err, index.ErrSchemeMismatch), errors.Is(err, index.ErrNewerFormat):
		return exitOtherScheme
	}
	return exitFailed
}

// exitMessage is what is to be printed of err; empty if nothing.
func exitMessage(err error) string {
	var exit *exitError
	switch {
	case err == nil, readerGone(err):
		return ""
	case errors.As(err, &exit):
		return exit.message
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, index.ErrNoIndex):
		return err.Error() + `; "dedupe add FILE" makes one`
	case errors.Is(err, index.ErrUnclustered):
		return err.Error() + `; resume the crawl that loaded them, or let "dedupe recluster" do it`
	}
	return err.Error()
}

// flagError says what is wrong with a flag, in words for people.
func flagError(cmd *cobra.Command, err error) error {
	var (
		value *pflag.InvalidValueError
		empty *pflag.ValueRequiredError
	)
	switch {
	case errors.As(err, &value) && value.GetFlag().Value.Type() == "bool":
		return usageError(cmd, "--%s %q: want true or false, or nothing behind the flag", value.GetFlag().Name, value.GetValue())
	case errors.As(err, &value):
		return usageError(cmd, "--%s %q: %v", value.GetFlag().Name, value.GetValue(), value.Unwrap())
	case errors.As(err, &empty):
		return usageError(cmd, "--%s needs a value", empty.GetFlag().Name)
	}
	return usageError(cmd, "%v", err)
}

// noArgs, someArgs and exactArgs are checks of the number of arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError(cmd, "%s takes no arguments, but got %q", cmd.Name(), args[0])
	}
	return nil
}

func someArgs(want string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError(cmd, "%s needs %s", cmd.Name(), want)
		}
		return checkNotEmpty(cmd, args)
	}
}

func exactArgs(n int, want string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError(cmd, "%s needs %s, but got %d", cmd.Name(), want, len(args))
		}
		return checkNotEmpty(cmd, args)
	}
}

// checkNotEmpty refuses "", which a script passes when its variable is not set.
func checkNotEmpty(cmd *cobra.Command, args []string) error {
	for i, arg := range args {
		if arg == "" {
			return usageError(cmd, "argument %d of %s is empty", i+1, cmd.Name())
		}
	}
	return nil
}
