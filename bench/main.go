// Command bench measures how well and how fast dedupe finds the copies of a story, and prints Markdown tables for its README.
//
// Quality is measured against what readers said of real pairs (data sets outside the repository: they are named, and said to be
// skipped where they are absent), and on the repository's own stories, whose figures are golden in the tests. Everything runs with
// the defaults, through package index as the command line does it; the rules of scoring are those of [gold.Task].
//
// Articles to measure with, as many as are wanted, are made by "generate", which writes them to standard output.
//
// Speed is that of the dedupe binary, built for the purpose: each run is a process of its own, so that its memory is its own.
//
// Package peers measures both for other detectors, beside dedupe.
//
// README.md says how to run it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dedupe-news/dedupe/bench/generate"
	"github.com/dedupe-news/dedupe/bench/machine"
	"github.com/dedupe-news/dedupe/bench/peers"
)

const usage = `usage: bench quality [-data DIR] [-sets NAME,...]
       bench speed   [-data DIR] [-set NAME] [-runs N]
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
	case "speed":
		cfg := SpeedConfig{Root: "..", Out: out, Progress: progress}
		flags.StringVar(&cfg.Set, "set", "allsides", "name of the set")
		flags.IntVar(&cfg.Runs, "runs", 5, "runs of each measurement")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		cfg.Data = *data
		return RunSpeed(ctx, cfg)
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
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	cfg := peers.Config{Root: "..", Drivers: "peers", Out: out, Progress: progress}
	sets := flags.String("sets", "", "names of the sets, with commas between; none: all")
	names := flags.String("peers", "", "names of the peers, with commas between; none: all")
	flags.BoolVar(&cfg.Best, "best", false, "also at other thresholds than the documented ones")
	flags.BoolVar(&cfg.Speed, "speed", false, "repeat the fast ones, in turn, on the largest set")
	flags.IntVar(&cfg.Runs, "runs", 3, "how often -speed runs them in all")
	flags.DurationVar(&cfg.Limit, "limit", 5*time.Minute, "after which a run is stopped")
	flags.DurationVar(&cfg.Budget, "budget", 0, "after which no run is begun; 0: none")
	flags.StringVar(&cfg.Env, "env", filepath.Join(cache, "dedupe-bench", "peers"), "folder of the virtual environments and of the log of runs")
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
	cfg.Command = "go run . peers"
	flags.Visit(func(f *flag.Flag) {
		if !slices.Contains([]string{"budget", "data", "env", "resume", "results"}, f.Name) { // which do not change what is measured
			cfg.Command += strings.TrimSuffix(fmt.Sprintf(" -%s=%s", f.Name, f.Value), "=true")
		}
	})
	cfg.Machine = machine.Look(ctx, cfg.Root)
	return peers.Run(ctx, cfg)
}
