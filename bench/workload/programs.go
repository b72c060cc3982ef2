package workload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/dedupe-news/dedupe/bench/machine"
	"github.com/dedupe-news/dedupe/bench/process"
)

// build makes the program, once.
func (s *session) build(ctx context.Context) error {
	if s.binary != "" {
		return nil
	}
	binary := filepath.Join(s.work, "dedupe")
	if _, err := machine.Output(ctx, s.Root, "go", "build", "-o", binary, "./cmd/dedupe"); err != nil {
		return err
	}
	s.binary = binary
	return nil
}

// dedupe runs the program. That a query finds nothing, and that articles were skipped, is no error.
func (s *session) dedupe(ctx context.Context, stdout string, args ...string) (process.Usage, error) {
	return s.dedupeFrom(ctx, nil, stdout, args...)
}

// dedupeFrom runs the program, and writes its standard input.
func (s *session) dedupeFrom(ctx context.Context, write func(io.Writer) error, stdout string, args ...string) (process.Usage, error) {
	if err := s.build(ctx); err != nil {
		return process.Usage{}, err
	}
	c := process.Command{Args: append([]string{s.binary}, args...), Stdout: stdout}
	if write != nil {
		from, to := io.Pipe()
		written := make(chan struct{})
		go func() {
			defer close(written)
			to.CloseWithError(write(to))
		}()
		defer func() {
			from.Close()
			<-written
		}()
		c.Stdin = from
	}
	process.ResetPeak() // that of a process is seen only where it is above ours
	u, err := process.Run(ctx, c)
	if exit := new(exec.ExitError); errors.As(err, &exit) && (exit.ExitCode() == 1 || exit.ExitCode() == 3) {
		err = nil
	}
	if err != nil {
		return u, fmt.Errorf("dedupe %s: %w", strings.Join(args, " "), err)
	}
	return u, nil
}

// called spells a call of the program.
func called(verb string, options []string) string {
	return strings.Join(append([]string{"dedupe " + verb}, options...), " ")
}

// noteProcess adds a run of a process that had so many articles to deal with.
func (r *Row) noteProcess(u process.Usage, articles int) {
	r.note("wall", "s", u.Seconds)
	r.note("processor", "s", u.CPU)
	r.note("articles", "a second", float64(articles)/u.Seconds)
	r.noteMemory(u.MemoryMiB)
}

// noteDisk takes the size of an index.
func (r *Row) noteDisk(dir string, articles int) error {
	bytes, err := size(dir)
	r.BytesAnArticle = float64(bytes) / float64(articles)
	return err
}

// size is what the files in a folder take on the disk: of a sparse file, what was written.
func size(folder string) (bytes int64, err error) {
	err = filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			bytes += stat.Blocks * 512
		}
		return nil
	})
	return bytes, err
}
