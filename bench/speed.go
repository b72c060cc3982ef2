package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// SpeedConfig says what RunSpeed measures.
type SpeedConfig struct {
	Root     string    // of the repository: where cmd/dedupe is built
	Data     string    // folder of the data sets
	Set      string    // name: articles.jsonl.gz in the folder of that name in Data
	Runs     int       // of each measurement, at least 1
	Out      io.Writer // takes the table
	Progress io.Writer // is told how far it is
}

// queriesPerRun is how many articles are looked up a run, each by a process of its own.
const queriesPerRun = 5

// RunSpeed prints a table of how long the processes of dedupe take that add a set, with texts and without, recluster it, and look
// up single articles; and of the memory and disk they need.
func RunSpeed(ctx context.Context, cfg SpeedConfig) (err error) {
	if cfg.Runs < 1 {
		return fmt.Errorf("%d runs, want 1 at least", cfg.Runs)
	}
	input := filepath.Join(cfg.Data, cfg.Set, "articles.jsonl.gz")
	if _, err := os.Stat(input); errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(cfg.Out, "Skipped, because %s does not have it: %s.\n", cfg.Data, cfg.Set)
		return nil
	}
	dir, err := os.MkdirTemp("", "dedupe-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s := &speed{cfg: cfg, dir: dir, binary: filepath.Join(dir, "dedupe")}
	if _, err := s.output(ctx, "go", "build", "-o", s.binary, "./cmd/dedupe"); err != nil {
		return err
	}
	single, err := s.split(input)
	if err != nil {
		return err
	}
	fmt.Fprintf(cfg.Out, "%s\n\nSet: %s, %d articles. Runs: %d.\n\n", s.machine(ctx), cfg.Set, s.articles, cfg.Runs)
	fmt.Fprint(cfg.Out, "| process | min s | median s | max s | articles/s (median) | peak memory MiB | bytes an article on disk |\n|---|---|---|---|---|---|---|\n")
	for _, texts := range []struct {
		name string
		args []string
	}{{"texts kept", nil}, {"no texts", []string{"--no-text"}}} {
		if err := s.measure(ctx, texts.name, texts.args, input, single); err != nil {
			return err
		}
	}
	return nil
}

// speed is one run of RunSpeed.
type speed struct {
	cfg      SpeedConfig
	dir      string // temporary
	binary   string
	articles int
}

// split counts the articles of the input, and writes some of them, from all over it, into a file each.
func (s *speed) split(input string) (files []string, err error) {
	f, err := os.Open(input)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", input, err)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", input, err)
	}
	lines := slices.Collect(bytes.Lines(all))
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s: no articles", input)
	}
	s.articles = len(lines)
	n := s.cfg.Runs * queriesPerRun
	for i := range n {
		name := filepath.Join(s.dir, fmt.Sprintf("%d.jsonl", i))
		if err := os.WriteFile(name, lines[i*len(lines)/n], 0o666); err != nil {
			return nil, err
		}
		files = append(files, name)
	}
	return files, nil
}

// measure measures adding, reclustering and looking up.
func (s *speed) measure(ctx context.Context, name string, args []string, input string, single []string) error {
	var adds, reclusters, queries runs
	dir := filepath.Join(s.dir, "index")
	for range s.cfg.Runs {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		if err := adds.process(ctx, s.binary, append([]string{"add", "--index", dir, "--json", input}, args...)...); err != nil {
			return err
		}
		fmt.Fprintf(s.cfg.Progress, "%s: added in %.1f s\n", name, adds.seconds[len(adds.seconds)-1])
	}
	onDisk, err := size(dir)
	if err != nil {
		return err
	}
	for i, file := range append(single[:1:1], single...) { // the first warms up
		if i == 1 {
			queries = runs{}
		}
		if err := queries.process(ctx, s.binary, "query", "--index", dir, "--json", file); err != nil {
			return err
		}
	}
	for range s.cfg.Runs {
		if err := reclusters.process(ctx, s.binary, "recluster", "--index", dir, "--json"); err != nil {
			return err
		}
	}
	out := s.cfg.Out
	fmt.Fprintf(out, "| add, %s | %s | %.0f | %.0f | %.0f |\n", name, &adds, float64(s.articles)/adds.median(), adds.peak, float64(onDisk)/float64(s.articles))
	fmt.Fprintf(out, "| recluster, %s | %s | %.0f | %.0f | |\n", name, &reclusters, float64(s.articles)/reclusters.median(), reclusters.peak)
	fmt.Fprintf(out, "| query of one article, %s (%d) | %s | | %.0f | |\n", name, len(single), &queries, queries.peak)
	return nil
}

// runs are the runs of one process.
type runs struct {
	seconds []float64
	peak    float64 // MiB
}

// process runs a process; that a query finds nothing, and that articles were skipped, is no error.
func (r *runs) process(ctx context.Context, binary string, args ...string) error {
	cmd := exec.CommandContext(ctx, binary, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	begun := time.Now()
	err := cmd.Run()
	r.seconds = append(r.seconds, time.Since(begun).Seconds())
	if code := cmd.ProcessState.ExitCode(); err != nil && code != 1 && code != 3 {
		return fmt.Errorf("dedupe %s: %w: %s", strings.Join(args, " "), err, stderr.Bytes())
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		peak := float64(usage.Maxrss) / (1 << 10)
		if runtime.GOOS == "darwin" { // bytes there, KiB elsewhere
			peak /= 1 << 10
		}
		r.peak = max(r.peak, peak)
	}
	return nil
}

func (r *runs) median() float64 {
	sorted := slices.Sorted(slices.Values(r.seconds))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func (r *runs) String() string {
	return fmt.Sprintf("%.3f | %.3f | %.3f", slices.Min(r.seconds), r.median(), slices.Max(r.seconds))
}

// size is what the files in a folder, or a file, take on the disk: of a sparse file, what was written.
func size(root string) (bytes int64, err error) {
	err = filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
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

// output is what a command prints that runs at the root of the repository.
func (s *speed) output(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = s.cfg.Root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return strings.TrimSpace(string(out)), nil
}

// machine says where and of what the figures are.
func (s *speed) machine(ctx context.Context) string {
	commit, err := s.output(ctx, "git", "describe", "--always", "--dirty", "--abbrev=12")
	if err != nil {
		commit = "unknown"
	}
	processor := "unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if model := regexp.MustCompile(`model name\s*: (.*)`).FindSubmatch(info); model != nil {
			processor = string(model[1])
		}
	}
	badger, err := s.output(ctx, "go", "list", "-m", "-f", "{{.Version}}", "github.com/dgraph-io/badger/v4")
	if err != nil {
		badger = "unknown"
	}
	return fmt.Sprintf("Machine: %d cores, %s, %s/%s. %s, Badger %s, commit %s, %s.",
		runtime.NumCPU(), processor, runtime.GOOS, runtime.GOARCH, runtime.Version(), badger, commit, time.Now().UTC().Format(time.DateOnly))
}
