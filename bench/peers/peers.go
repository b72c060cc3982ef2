// Package peers measures other detectors of near-duplicates beside dedupe: on the same sets, scored by the same rules (package gold), as
// processes of the same machine that are measured in the same way. Run prints Markdown, and writes it as a section of RESULTS.md, with two plots.
//
// Each peer has a virtual environment of its own (env.sh makes it, from pinned versions) and a small driver that calls it as its
// documentation does (run_NAME.py; peer.py is what they share; minhash-lsh is a Go module). A whole job is one process: reading the file of
// articles, signatures, index, querying all articles, writing clusters and matches. Of dedupe it is three: a crawl into a new index, which writes the
// copies, the stories in it, and a query of all articles; or without the query, for clusters do not need it: text-dedup, datatrove and rensa have
// none either; or with add in the place of the crawl, which takes articles as they come.
//
// A peer has one threshold or more that matter. It is run at its documented default; with [Config.Best] also at others, so that the best for each
// set and the best one for all sets can be told. Those are chosen on the very sets that they are scored on: upper bounds, not what a user
// would get. dedupe has no threshold.
//
// A peer that cannot be installed, crashes, or takes longer than [Config.Limit] gives a row that says so. Runs are kept in a log, so that what was
// interrupted, or was left out for [Config.Budget], can be resumed.
package peers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dedupe-news/dedupe/bench/machine"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/gold"
)

// Config says what Run measures.
type Config struct {
	Root     string        // of the repository: where cmd/dedupe is built, and our own stories are
	Drivers  string        // folder of the drivers: that of this package
	Data     string        // folder of the data sets
	Env      string        // folder of the virtual environments, which are made where they are missing, and of the log of runs
	Results  string        // folder that takes RESULTS.md and the folder results with the plots
	Sets     []string      // names; none: all
	Peers    []string      // names; none: all
	Best     bool          // also at other thresholds than the default
	Speed    bool          // run the fast ones again, in turn, on the largest set
	Runs     int           // of each of them, at least 1
	Limit    time.Duration // of one run
	Budget   time.Duration // of all: later no run is begun; 0: none
	Resume   bool          // take what the log of runs has instead of running it again
	Machine  machine.Machine
	Command  string    // that remakes them
	Out      io.Writer // takes the tables
	Progress io.Writer // is told how far it is
}

// set is articles and what readers say of their pairs.
type set struct {
	name, articles, gold string
	large                bool // swept only at the thresholds of setting.large
}

// sets are all that can be measured, the smallest first.
func (c *Config) sets() []set {
	of := func(name, file string, large bool) set {
		return set{name, filepath.Join(c.Data, name, file), filepath.Join(c.Data, name, "gold.tsv"), large}
	}
	return []set{
		{ours, filepath.Join(c.Root, "testdata", "wire.jsonl"), filepath.Join(c.Root, "testdata", "wire.gold.tsv"), false},
		of("ecbplus", "articles.jsonl", false),
		of("telegram", "articles.jsonl.gz", false),
		of("allsides", "articles.jsonl.gz", true),
	}
}

// ours is the set of stories that we wrote: it is always there, and counts for no choice of a threshold unless it is alone.
const ours = "wire"

// chosen are the sets and the peers that c names, and the names of the sets that are absent.
func (c *Config) chosen() (sets []set, absent []string, peers []Peer, err error) {
	known := c.sets()
	for _, name := range c.Sets {
		if !slices.ContainsFunc(known, func(s set) bool { return s.name == name }) {
			return nil, nil, nil, fmt.Errorf("there is no set %q", name)
		}
	}
	for _, s := range known {
		if len(c.Sets) > 0 && !slices.Contains(c.Sets, s.name) {
			continue
		}
		if _, err := os.Stat(s.gold); errors.Is(err, os.ErrNotExist) {
			absent = append(absent, s.name)
			continue
		}
		sets = append(sets, s)
	}
	if len(sets) == 0 {
		return nil, nil, nil, fmt.Errorf("%s has none of the sets", c.Data)
	}
	catalog := Catalog()
	for _, name := range c.Peers {
		if !slices.ContainsFunc(catalog, func(p Peer) bool { return p.Name == name }) {
			return nil, nil, nil, fmt.Errorf("there is no peer %q", name)
		}
	}
	for _, p := range catalog {
		if len(c.Peers) == 0 || slices.Contains(c.Peers, p.Name) {
			peers = append(peers, p)
		}
	}
	return sets, absent, peers, nil
}

// Run measures, prints, and writes RESULTS.md and the plots.
func Run(ctx context.Context, c Config) (err error) {
	if c.Runs < 1 {
		return fmt.Errorf("%d runs, want 1 at least", c.Runs)
	}
	sets, absent, peers, err := c.chosen()
	if err != nil {
		return err
	}
	if c.Env, err = filepath.Abs(c.Env); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Env, 0o777); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "dedupe-peers-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	log, err := openLog(filepath.Join(c.Env, "runs.jsonl"), c.Resume)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	s := &session{Config: c, begun: time.Now(), work: work, log: log, programs: make(map[string]program)}
	for _, set := range sets {
		if err := s.quality(ctx, set, peers); err != nil {
			return fmt.Errorf("%s: %w", set.name, err)
		}
	}
	if largest := sets[len(sets)-1]; c.Speed {
		if err := s.speed(ctx, largest, peers); err != nil {
			return fmt.Errorf("%s: %w", largest.name, err)
		}
	}
	results := Results{Peers: peers, Pythons: pythons(c.Env, peers), Absent: absent, Runs: log.of(c.Machine.Commit), Machine: c.Machine, Command: c.Command, Limit: c.Limit}
	for _, set := range sets {
		size, err := s.size(ctx, set)
		if err != nil {
			return err
		}
		results.Sets = append(results.Sets, size)
	}
	return results.publish(c.Out, c.Results)
}

// quality runs each peer at its documented default and, if asked for, at other thresholds, the strictest first. When one fails, looser
// ones are not tried, for they take longer.
func (s *session) quality(ctx context.Context, set set, peers []Peer) error {
	truth, err := ReadGold(set.gold)
	if err != nil {
		return err
	}
	for _, p := range peers {
		for _, setting := range p.Settings {
			sweep := setting.sweep(set.large)
			failed := len(sweep)
			for _, threshold := range setting.thresholds(sweep, s.Best) {
				at := slices.Index(sweep, threshold)
				if at > failed {
					continue
				}
				r, err := s.run(ctx, set, truth, p, setting, threshold, 0)
				if err != nil {
					return err
				}
				if r.Failed != "" {
					failed = at
				}
			}
		}
	}
	return nil
}

// speed runs the fast settings again, one after the other in each round.
func (s *session) speed(ctx context.Context, set set, peers []Peer) error {
	truth, err := ReadGold(set.gold)
	if err != nil {
		return err
	}
	for round := 1; round <= s.Runs; round++ {
		for _, p := range peers {
			for _, setting := range p.Settings {
				if setting.Slow {
					continue
				}
				for _, threshold := range s.timed(set, p, setting) {
					if _, err := s.run(ctx, set, truth, p, setting, threshold, round); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// timed are the thresholds at which the speed of a setting is measured: the documented one, and those that are best for copies.
func (s *session) timed(set set, p Peer, setting Setting) []string {
	thresholds := []string{setting.timed()}
	quality := Results{Runs: slices.DeleteFunc(s.log.of(s.Machine.Commit), func(m Measured) bool { return m.Round > 0 })}
	for _, way := range setting.ways() {
		best, _, ok := quality.best(row{p, setting, way}, set.name, gold.Copies)
		if ok && !slices.Contains(thresholds, best) {
			thresholds = append(thresholds, best)
		}
	}
	return thresholds
}

// size counts what a set has.
func (s *session) size(ctx context.Context, set set) (size Size, err error) {
	size.Name = set.name
	for r, err := range crawl.Read(ctx, []string{set.articles}, crawl.Options{}) {
		if err != nil {
			return size, err
		}
		size.Articles++
		size.TextBytes += len(r.Article.Text)
	}
	return size, nil
}

// ReadGold reads the gold.tsv of a set, which has all pairs that overlap.
func ReadGold(name string) (gold.Gold, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := gold.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list.Gold, nil
}
