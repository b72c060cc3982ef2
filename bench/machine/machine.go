// Package machine tells on what, and of what, figures were measured.
package machine

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/dedupe-news/dedupe/bench/process"
)

// Machine is a machine, and the versions of what runs on it. What cannot be found out is "unknown", or 0.
type Machine struct {
	Processor   string
	Cores       int
	MemoryBytes int64
	System      string // and architecture
	Go, Badger  string // versions
	Commit      string // of the repository, with -dirty behind it if files differ from it, other than what measuring writes
	Date        string
}

// Look looks at this machine and at the repository whose top folder is root.
func Look(ctx context.Context, root string) Machine {
	tell := func(name string, args ...string) string {
		text, err := Output(ctx, root, name, args...)
		if err != nil {
			return "unknown"
		}
		return text
	}
	m := Machine{
		Processor: "unknown processor",
		Cores:     runtime.NumCPU(),
		System:    runtime.GOOS + "/" + runtime.GOARCH,
		Go:        runtime.Version(),
		Badger:    tell("go", "list", "-m", "-f", "{{.Version}}", "github.com/dgraph-io/badger/v4"),
		Commit:    tell("git", "rev-parse", "--short=12", "HEAD"),
		Date:      time.Now().UTC().Format(time.DateOnly),
	}
	changed := tell("git", "status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/RESULTS.md", ":!bench/results")
	if changed != "" && m.Commit != "unknown" {
		m.Commit += "-dirty"
	}
	if model := found("/proc/cpuinfo", `model name\s*: (.*)`); model != "" {
		m.Processor = model
	}
	fmt.Sscan(found("/proc/meminfo", `MemTotal:\s*(\d+) kB`), &m.MemoryBytes)
	m.MemoryBytes <<= 10
	return m
}

// found is what the group of a pattern matches in a file, or nothing.
func found(file, pattern string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	if match := regexp.MustCompile(pattern).FindSubmatch(text); match != nil {
		return string(match[1])
	}
	return ""
}

// String is a sentence for people.
func (m Machine) String() string {
	memory := ""
	if m.MemoryBytes > 0 {
		memory = fmt.Sprintf("%.0f GiB, ", float64(m.MemoryBytes)/(1<<30))
	}
	return fmt.Sprintf("Machine: %d cores, %s, %s%s. %s, Badger %s, commit %s, %s.", m.Cores, m.Processor, memory, m.System, m.Go, m.Badger, m.Commit, m.Date)
}

// Output is what a command prints that runs in a folder.
func Output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), process.Failure(err, stderr.Bytes()))
	}
	return strings.TrimSpace(string(out)), nil
}
