// Package workload measures how fast dedupe is, and how much memory and disk it takes: workloads that have nothing to do with each other,
// each on one set of articles, real ones or generated ones.
//
// What the library does is measured in this process, what the program does in processes of its own, built for the purpose. A run is repeated
// ([Config.Runs]), and what is compared is run in turn; what passes over a million articles is run once. Results go to a log,
// a line each, from which the section of RESULTS.md is written, with those that the log had before: growth with size is measured one size
// after the other.
//
// A set has two parts: articles that are in the index, and some that are not, which are asked for and added. Of generated articles the second
// ones come behind those that were asked for, of a file they are its last ones.
package workload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/dedupe-news/dedupe/bench/machine"
	"github.com/dedupe-news/dedupe/bench/process"
	"github.com/dedupe-news/dedupe/index"
)

// Config says what Run measures.
type Config struct {
	Root     string // of the repository: where cmd/dedupe is built
	Dir      string // folder of the log, and of indexes while they are needed
	Results  string // folder that takes RESULTS.md and the folder results with the plots
	Sets     []Set
	Only     []string // names of workloads; none: all
	Runs     int      // of each, at least 1
	Queries  int      // of a kind in each run, at least 1
	HotSizes []int    // copies in the stories that were copied very often
	NoText   bool     // in add, stream, bulk, query and open: indexes without texts only
	Resume   bool     // take what the log has of this commit instead of measuring it again
	Machine  machine.Machine
	Command  string    // that makes the figures
	Out      io.Writer // takes the tables
	Progress io.Writer // is told how far it is
}

// DefaultConfig measures all workloads; what is absent are folders, sets and writers.
func DefaultConfig() Config {
	return Config{Root: "..", Results: ".", Runs: 5, Queries: 2000, HotSizes: []int{1000, 100_000}}
}

// Validate says what is wrong with c.
func (c *Config) Validate() error {
	switch {
	case c.Runs < 1:
		return fmt.Errorf("%d runs, want 1 at least", c.Runs)
	case c.Queries < 1:
		return fmt.Errorf("%d queries, want 1 at least", c.Queries)
	}
	for _, name := range c.Only {
		if !slices.ContainsFunc(workloads(), func(w workload) bool { return w.name == name }) {
			return fmt.Errorf("there is no workload %q", name)
		}
	}
	for _, s := range c.Sets {
		switch {
		case s.Articles < leastArticles*c.Runs:
			return fmt.Errorf("%s: %d articles, want %d at least for %d runs", s.Name, s.Articles, leastArticles*c.Runs, c.Runs)
		case s.file == "" && s.Seed == 0:
			return fmt.Errorf("%s: seed 0, want 1 at least", s.Name)
		}
	}
	return nil
}

// workload is something that is measured.
type workload struct {
	name string
	run  func(*session, context.Context) ([]Row, error)
}

// workloads are all, in the order in which they are run.
func workloads() []workload {
	return []workload{
		{"sketch", (*session).sketch},
		{"add", (*session).add},
		{"stream", (*session).stream},
		{"bulk", (*session).bulk},
		{"query", (*session).query},
		{"hot", (*session).hot},
		{"remove", (*session).remove},
		{"recluster", (*session).recluster},
		{"open", (*session).open},
	}
}

// Result is what a workload came to on a set.
type Result struct {
	Workload string
	Set      Set
	Command  string // that makes the figures
	Machine  machine.Machine
	Load     float64 // of the machine before all, mean of a minute: what others took
	Rows     []Row
}

// Run measures, prints, and writes RESULTS.md and the plots.
func Run(ctx context.Context, c Config) (err error) {
	if err := c.Validate(); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o777); err != nil {
		return err
	}
	log, err := openLog(filepath.Join(c.Dir, "workloads.jsonl"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	load := process.Load()
	for _, set := range c.Sets {
		if err := c.measureSet(ctx, set, load, log); err != nil {
			return fmt.Errorf("%s: %w", set, err)
		}
	}
	return report(log.newest()).publish(c.Out, c.Results)
}

// measureSet runs the workloads on one set.
func (c *Config) measureSet(ctx context.Context, set Set, load float64, log *resultLog) (err error) {
	s, err := newSession(*c, set)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for _, w := range workloads() {
		if len(c.Only) > 0 && !slices.Contains(c.Only, w.name) || c.Resume && log.has(w.name, set, c.Machine.Commit) {
			continue
		}
		r := Result{Workload: w.name, Set: set, Command: c.Command, Machine: c.Machine, Load: load}
		s.say("%s", w.name)
		if r.Rows, err = w.run(s, ctx); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		if err := log.add(r); err != nil {
			return err
		}
	}
	return nil
}

// session is the measuring of one set.
type session struct {
	Config
	set    Set
	work   string          // temporary folder
	binary string          // dedupe, once it is built
	bases  map[bool]string // indexes of the articles of the set that are to be in one, by whether they keep no texts
}

func newSession(c Config, set Set) (*session, error) {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(dir, "work-")
	return &session{Config: c, set: set, work: work, bases: make(map[bool]string)}, err
}

// close removes all that was made but the log.
func (s *session) close() error { return os.RemoveAll(s.work) }

func (s *session) say(format string, args ...any) {
	fmt.Fprintf(s.Progress, "%s: %s\n", s.set, fmt.Sprintf(format, args...))
}

// passes is how often something is run that passes over the whole set.
func (s *session) passes() int {
	const long = 1_000_000
	if s.set.Articles >= long {
		return 1
	}
	return s.Runs
}

// kind is a kind of indexes.
type kind struct {
	name   string
	none   bool
	option []string // of the program
}

// texts are the two kinds.
var texts = []kind{{"with texts", false, nil}, {"no texts", true, []string{"--no-text"}}}

// kinds are those that are measured.
func (s *session) kinds() []kind {
	if s.NoText {
		return texts[1:]
	}
	return texts
}

// base is an index of the articles of the set that are to be in one. It is made once, and stays as it is.
func (s *session) base(ctx context.Context, noText bool) (dir string, err error) {
	if dir, made := s.bases[noText]; made {
		return dir, nil
	}
	if dir, err = os.MkdirTemp(s.work, "base-"); err != nil {
		return "", err
	}
	s.say("making an index of %d articles", s.set.indexed())
	err = withIndex(dir, index.Options{Create: true, NoText: noText}, func(x *index.Index) error {
		for articles, err := range s.set.batches(ctx, 0, s.set.indexed(), batch) {
			if err != nil {
				return err
			}
			refused, err := x.Load(ctx, articles)
			if err := errors.Join(append(refused, err)...); err != nil {
				return err
			}
		}
		_, err := x.Recluster(ctx, nil)
		return err
	})
	if err == nil {
		s.bases[noText] = dir
	}
	return dir, err
}

// withCopy lends do a copy of the base.
func (s *session) withCopy(ctx context.Context, noText bool, do func(dir string) error) (err error) {
	base, err := s.base(ctx, noText)
	if err != nil {
		return err
	}
	return s.withFolder(func(dir string) error {
		if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
			return err
		}
		return do(dir)
	})
}

// withFolder lends do an empty folder.
func (s *session) withFolder(do func(dir string) error) (err error) {
	dir, err := os.MkdirTemp(s.work, "run-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return do(dir)
}

// withIndex lends do an open index.
func withIndex(dir string, opts index.Options, do func(*index.Index) error) (err error) {
	x, err := index.Open(dir, opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	return do(x)
}
