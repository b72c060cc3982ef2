package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/dedupe-news/dedupe/index"
)

// environment is all that a command has from outside: its streams, the
// variables, and the flags that every verb knows.
type environment struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	getenv func(name string) string
	args   []string // of this command line, without the name of the program

	// terminal tells whether a stream is a terminal, and of how many columns (0: unknown).
	terminal func(stream any) (columns int, is bool)

	indexFlag string // --index; empty if not given
	json      bool   // --json

	status statusLine
	out    *output // what was printed last is flushed before anything is said on standard error; nil: nothing was
}

// processEnvironment is that of this process.
func processEnvironment() *environment {
	env := &environment{
		stdin:    os.Stdin,
		stdout:   os.Stdout,
		stderr:   os.Stderr,
		getenv:   os.Getenv,
		terminal: fileTerminal,
	}
	_, on := env.terminal(env.stderr)
	env.status.w, env.status.on = env.stderr, on && env.getenv("TERM") != "dumb"
	return env
}

func fileTerminal(stream any) (columns int, is bool) {
	f, ok := stream.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, true
	}
	return columns, true
}

// warn prints a message for people on standard error. Whatever comes from crawled pages in it is made harmless.
func (env *environment) warn(format string, args ...any) {
	env.say("dedupe: "+format, args...)
}

// say prints a line on standard error that is no complaint: the summary of what was done.
func (env *environment) say(format string, args ...any) {
	env.status.clear()
	if env.out != nil {
		_ = env.out.flush() // else a terminal shows the line inside of another; the writer keeps the error for who prints next
	}
	// Nothing can be done, or said, about a standard error that cannot be written to.
	_, _ = fmt.Fprintln(env.stderr, visible(fmt.Sprintf(format, args...)))
}

// indexDir is the directory of the index: --index, else $DEDUPE_INDEX, else where the XDG base directory specification wants it.
func (env *environment) indexDir() (string, error) {
	if env.indexFlag != "" {
		return env.indexFlag, nil
	}
	if dir := env.getenv("DEDUPE_INDEX"); dir != "" {
		return dir, nil
	}
	if data := env.getenv("XDG_DATA_HOME"); filepath.IsAbs(data) { // others are to be ignored
		return filepath.Join(data, "dedupe", "index"), nil
	}
	if home := env.getenv("HOME"); home != "" {
		return filepath.Join(home, ".local", "share", "dedupe", "index"), nil
	}
	return "", &exitError{code: exitFailed, message: "there is no $HOME to keep the index in: name one with --index DIR or $DEDUPE_INDEX"}
}

// openIndex opens the index. The caller has to close it, see closeIndex.
func (env *environment) openIndex(opts index.Options) (*index.Index, error) {
	dir, err := env.indexDir()
	if err != nil {
		return nil, err
	}
	return index.Open(dir, opts)
}

// reportOn opens the index, asks it, and prints what it says.
func reportOn[T any](env *environment, ask func(x *index.Index) (T, error), print func(out *output, report T) error) (report T, err error) {
	x, err := env.openIndex(index.Options{})
	if err != nil {
		return report, err
	}
	defer closeIndex(x, &err)
	report, err = ask(x)
	env.status.clear()
	if err != nil {
		return report, err
	}
	out := env.newOutput()
	if err := print(out, report); err != nil {
		return report, err
	}
	if err := out.flush(); err != nil && !readerGone(err) {
		return report, err
	}
	return report, nil
}

// commandWith is this command line, as a shell takes it, with a flag added.
func (env *environment) commandWith(flag string) string {
	words := []string{"dedupe"}
	for _, arg := range env.args {
		if arg != flag {
			words = append(words, shellWord(arg))
		}
	}
	return strings.Join(append(words, flag), " ")
}

// shellWord quotes a word if a shell would see more in it.
func shellWord(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./:,+@%"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// closeIndex closes x at the end of a command.
func closeIndex(x *index.Index, err *error) {
	*err = withCloseError(*err, x.Close())
}

// withCloseError adds what closing the index gave, or removing what was temporary, to the end of a command. It
// counts, since it may be the error of the last write, and is told even if the
// command ended with a code of its own.
func withCloseError(err, closed error) error {
	var exit *exitError
	switch {
	case closed == nil:
		return err
	case errors.As(err, &exit) && exit.message == "":
		return closed
	case exit != nil:
		return errors.Join(errors.New(exit.message), closed)
	}
	return errors.Join(err, closed)
}
