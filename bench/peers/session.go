package peers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/dedupe-news/dedupe/bench/process"
	"github.com/dedupe-news/dedupe/gold"
)

// session is one call of Run.
type session struct {
	Config
	begun    time.Time
	work     string // temporary folder
	log      *runLog
	programs map[string]program // by name of peer: those that were needed
}

// program makes the commands of one run of a peer, or says why there are none.
type program struct {
	commands func(setting, threshold, input, out string) []process.Command
	failed   string
}

// prepare installs or builds a peer. That it cannot be is said by the program, and no error.
func (s *session) prepare(ctx context.Context, p Peer) (program, error) {
	fmt.Fprintf(s.Progress, "%s: preparing\n", p.Name)
	binary := filepath.Join(s.work, p.Name)
	switch {
	case p.Name == dedupe:
		if why := s.make(ctx, s.Root, "go", "build", "-o", binary, "./cmd/dedupe"); why != "" {
			return program{}, fmt.Errorf("build dedupe: %s", why)
		}
		return program{commands: ourCommands(binary)}, nil
	case p.Python == "":
		why := s.make(ctx, filepath.Join(s.Drivers, p.Driver), "go", "build", "-o", binary, ".")
		return program{driverCommands(binary), why}, ctx.Err()
	}
	dir := filepath.Join(s.Env, p.Name)
	driver, err := filepath.Abs(filepath.Join(s.Drivers, p.Driver))
	if err != nil {
		return program{}, err
	}
	why := s.make(ctx, s.Drivers, "./env.sh", append([]string{dir, p.Python}, p.Requirements...)...)
	return program{driverCommands(filepath.Join(dir, "bin", "python"), "-B", driver), why}, ctx.Err()
}

// pythons are the versions of Python in the environments of the peers.
func pythons(env string, peers []Peer) map[string]string {
	versions := make(map[string]string)
	for _, p := range peers {
		text, err := os.ReadFile(filepath.Join(env, p.Name, "pyvenv.cfg"))
		if err != nil {
			continue // no Python, or not installed
		}
		for line := range strings.Lines(string(text)) {
			if version, ok := strings.CutPrefix(line, "version = "); ok {
				versions[p.Name] = strings.TrimSpace(version)
			}
		}
	}
	return versions
}

// make runs a command in a folder and says why it failed, or nothing.
func (s *session) make(ctx context.Context, dir, name string, args ...string) string {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return "not installed: " + process.Failure(err, stderr.Bytes()).Error()
	}
	return ""
}

// driverCommands are those of a peer with a driver.
func driverCommands(driver ...string) func(setting, threshold, input, out string) []process.Command {
	return func(setting, threshold, input, out string) []process.Command {
		return []process.Command{{Args: append(append([]string{}, driver...), setting, threshold, input, out)}}
	}
}

// ourCommands are those of dedupe: the setting says whether a new index is made by one crawl or by adding, whether texts are kept, and
// whether all articles are queried, which clusters do not need.
func ourCommands(binary string) func(setting, threshold, input, out string) []process.Command {
	return func(setting, _, input, out string) []process.Command {
		verb := func(stdout string, args ...string) process.Command {
			return process.Command{
				Args:   append([]string{binary, args[0], "--index", filepath.Join(out, "index"), "--json"}, args[1:]...),
				Stdout: filepath.Join(out, stdout),
			}
		}
		crawl := verb("crawled.jsonl", "crawl", "--clusters", filepath.Join(out, "copies.jsonl"), input)
		stories := verb("stories.jsonl", "clusters")
		matches := verb("matches.jsonl", "query", input)
		switch setting {
		case "clusters":
			return []process.Command{crawl, stories}
		case "no-text-clusters":
			crawl.Args = append(crawl.Args, "--no-text")
			return []process.Command{crawl, stories}
		case "add":
			return []process.Command{verb("added.jsonl", "add", input), verb("copies.jsonl", "clusters", "--min-kind", "excerpt"), stories, matches}
		case "no-text":
			crawl.Args = append(crawl.Args, "--no-text")
		}
		return []process.Command{crawl, stories, matches}
	}
}

// measure runs commands one after the other, all of them within the limit, and says why they failed, or nothing.
func measure(ctx context.Context, commands []process.Command, limit time.Duration) (total process.Usage, failed string) {
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	defer func() { total.Load = process.Load() }()
	for _, c := range commands {
		u, err := process.Run(within, c)
		total.Seconds += u.Seconds
		total.CPU += u.CPU
		total.MemoryMiB = max(total.MemoryMiB, u.MemoryMiB)
		if errors.Is(within.Err(), context.DeadlineExceeded) {
			return total, fmt.Sprintf("stopped after %s", limit)
		} else if err != nil {
			return total, err.Error()
		}
	}
	return total, ""
}

// run runs and scores a setting, unless the log has it or the budget is spent. Failing is the peer's affair, and no error.
func (s *session) run(ctx context.Context, set set, truth gold.Gold, p Peer, setting Setting, threshold string, round int) (Measured, error) {
	m := Measured{Set: set.name, Peer: p.Name, Setting: setting.Name, Threshold: threshold, Round: round}
	if p.Name == dedupe {
		m.Commit = s.Machine.Commit
	}
	if done, ok := s.log.find(m); ok {
		return done, nil
	}
	if s.Budget > 0 && time.Since(s.begun) > s.Budget {
		return m, nil
	}
	program, ready := s.programs[p.Name]
	if !ready {
		var err error
		if program, err = s.prepare(ctx, p); err != nil {
			return m, err
		}
		s.programs[p.Name] = program
	}
	m.Failed = program.failed
	if m.Failed == "" {
		out, err := os.MkdirTemp(s.work, "run-")
		if err != nil {
			return m, err
		}
		defer os.RemoveAll(out)
		input, err := filepath.Abs(set.articles)
		if err != nil {
			return m, err
		}
		m.Usage, m.Failed = measure(ctx, program.commands(setting.Name, threshold, input, out), s.Limit)
		if ctx.Err() != nil {
			return m, ctx.Err()
		}
		if m.Failed == "" {
			if m.Scores, err = scoreAll(truth, out, setting.ways()); err != nil {
				m.Failed = err.Error()
			}
		}
	}
	fmt.Fprintf(s.Progress, "%s: %s %s %s (%d): %.1f s %s\n", m.Set, m.Peer, m.Setting, m.Threshold, m.Round, m.Seconds, m.Failed)
	return m, s.log.add(m)
}
