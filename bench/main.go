// Command bench measures how well and how fast dedupe finds the copies of a story, and prints Markdown tables for its README.
//
// Quality is measured against what readers said of real pairs (data sets outside the repository: they are named, and said to be
// skipped where they are absent), and on the repository's own stories, whose figures are golden in the tests. Everything runs with
// the defaults, through package index as the command line does it; the rules of scoring are those of [gold.Task].
//
// Speed, memory and disk are those of package workload, on real articles or on such as package generate makes: as many as are
// wanted. "generate" writes them to standard output.
//
// Package peers measures both for other detectors, beside dedupe.
//
// README.md says how to run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dedupe-news/dedupe/bench/generate"
	"github.com/dedupe-news/dedupe/bench/machine"
	"github.com/dedupe-news/dedupe/bench/peers"
	"github.com/dedupe-news/dedupe/bench/workload"
)

const usage = `usage: bench quality [-data DIR] [-sets NAME,...]
       bench workloads [-data DIR] [-set NAME,... | -n N,... -seed S] [-runs N] [-only NAME,...] [-no-text] [-dir DIR] [-resume] [-results DIR]
       bench peers   [-data DIR] [-sets NAME,...] [-peers NAME,...] [-best] [-speed] [-runs N] [-limit DURATION]
                     [-budget DURATION] [-env DIR] [-resume] [-results DIR]
       bench generate -n N [-seed S] [-hot STORIES] [-hot-size N]
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	if len(args) == 0 {
		return fmt.Errorf("say what to measure\n%s", usage)
	}
	flags := flag.NewFlagSet("bench "+args[0], flag.ContinueOnError)
	flags.SetOutput(progress)
	data := flags.String("data", filepath.Join("..", "..", "shared", "data"), "folder of the data sets")
	switch args[0] {
	case "quality":
		sets := flags.String("sets", "", "names of the sets, with commas between; none: all")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		cfg := QualityConfig{Data: *data, Out: out, Progress: progress}
		if *sets != "" {
			cfg.Sets = strings.Split(*sets, ",")
		}
		return RunQuality(ctx, cfg)
	case "workloads":
		return runWorkloads(ctx, flags, data, args, out, progress)
	case "peers":
		return runPeers(ctx, flags, data, args, out, progress)
	case "generate":
		var cfg generate.Config
		flags.IntVar(&cfg.Articles, "n", 0, "number of articles")
		flags.Uint64Var(&cfg.Seed, "seed", 1, "another one gives other articles")
		flags.IntVar(&cfg.Hot, "hot", 0, "number of stories that are copied very often")
		flags.IntVar(&cfg.HotSize, "hot-size", 1000, "articles in each of them, about")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return generate.Write(cfg, out)
	default:
		return fmt.Errorf("%q cannot be measured\n%s", args[0], usage)
	}
}

// runPeers reads the flags of bench peers, and measures.
func runPeers(ctx context.Context, flags *flag.FlagSet, data *string, args []string, out, progress io.Writer) error {
	cfg := peers.Config{Root: "..", Drivers: "peers", Out: out, Progress: progress}
	sets := flags.String("sets", "", "names of the sets, with commas between; none: all")
	names := flags.String("peers", "", "names of the peers, with commas between; none: all")
	flags.BoolVar(&cfg.Best, "best", false, "also at other thresholds than the documented ones")
	flags.BoolVar(&cfg.Speed, "speed", false, "also run the fast ones in turn on the largest set")
	flags.IntVar(&cfg.Runs, "runs", 3, "how often -speed runs each")
	flags.DurationVar(&cfg.Limit, "limit", 5*time.Minute, "after which a run is stopped")
	flags.DurationVar(&cfg.Budget, "budget", 0, "after which no run is begun; 0: none")
	flags.StringVar(&cfg.Env, "env", cacheDir("peers"), "folder of the virtual environments and of the log of runs")
	flags.BoolVar(&cfg.Resume, "resume", false, "do not repeat the runs of the log")
	flags.StringVar(&cfg.Results, "results", ".", "folder that takes RESULTS.md and results/*.svg")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	cfg.Data = *data
	if *sets != "" {
		cfg.Sets = strings.Split(*sets, ",")
	}
	if *names != "" {
		cfg.Peers = strings.Split(*names, ",")
	}
	cfg.Command = command("peers", flags)
	cfg.Machine = machine.Look(ctx, cfg.Root)
	return peers.Run(ctx, cfg)
}

// runWorkloads reads the flags of bench workloads, and measures.
func runWorkloads(ctx context.Context, flags *flag.FlagSet, data *string, args []string, out, progress io.Writer) error {
	cfg := workload.DefaultConfig()
	cfg.Out, cfg.Progress = out, progress
	sets := flags.String("set", "", "names of sets of the data, with commas between, instead of generated articles")
	sizes := flags.String("n", "100000", "how many articles are generated; with commas between: one size after the other")
	seed := flags.Uint64("seed", 1, "of generated articles, from 1; another one gives others")
	only := flags.String("only", "", "names of workloads, with commas between; none: all")
	flags.IntVar(&cfg.Runs, "runs", cfg.Runs, "runs of each; of what passes over a million articles: one")
	flags.StringVar(&cfg.Dir, "dir", cacheDir("workloads"), "folder of the log of results, and of indexes while they are needed")
	flags.BoolVar(&cfg.NoText, "no-text", false, "only indexes without texts, for sizes at which the others take too much disk")
	flags.BoolVar(&cfg.Resume, "resume", false, "do not repeat what the log has of this commit")
	flags.StringVar(&cfg.Results, "results", cfg.Results, "folder that takes RESULTS.md and results/*.svg")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if *only != "" {
		cfg.Only = strings.Split(*only, ",")
	}
	var err error
	if *sets != "" {
		cfg.Sets, err = realSets(ctx, *data, strings.Split(*sets, ","), out)
	} else {
		cfg.Sets, err = generatedSets(strings.Split(*sizes, ","), *seed)
	}
	if err != nil {
		return err
	}
	cfg.Command = command("workloads", flags)
	cfg.Machine = machine.Look(ctx, cfg.Root)
	return workload.Run(ctx, cfg)
}

// realSets are sets of the data. Those that are absent are said to be skipped.
func realSets(ctx context.Context, data string, names []string, out io.Writer) (found []workload.Set, err error) {
	for _, name := range names {
		known := sets()
		i := slices.IndexFunc(known, func(s set) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no set %q", name)
		}
		s, err := workload.OfFile(ctx, name, filepath.Join(data, filepath.FromSlash(known[i].file)))
		if errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintf(out, "Skipped, because %s does not have it: %s.\n", data, name)
			continue
		} else if err != nil {
			return nil, err
		}
		found = append(found, s)
	}
	return found, nil
}

// generatedSets are sets of some sizes.
func generatedSets(sizes []string, seed uint64) (found []workload.Set, err error) {
	for _, size := range sizes {
		n, err := strconv.Atoi(size)
		if err != nil {
			return nil, fmt.Errorf("size %q is no number", size)
		}
		found = append(found, workload.Generated(n, seed))
	}
	return found, nil
}

// command is what makes the same figures: without the flags that change nothing about them.
func command(verb string, flags *flag.FlagSet) string {
	command := "go run . " + verb
	flags.Visit(func(f *flag.Flag) {
		if !slices.Contains([]string{"budget", "data", "dir", "env", "resume", "results"}, f.Name) {
			command += strings.TrimSuffix(fmt.Sprintf(" -%s=%s", f.Name, f.Value), "=true")
		}
	})
	return command
}

// cacheDir is a folder for what is kept between calls.
func cacheDir(name string) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return filepath.Join(cache, "dedupe-bench", name)
}
