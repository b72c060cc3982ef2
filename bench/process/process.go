// Package process measures what processes take: time, processor time and memory, and the memory of our own.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Usage is what a run took.
type Usage struct {
	Seconds   float64 // wall, from start to exit
	CPU       float64 // seconds of processor time, of all processes
	MemoryMiB float64 // peak of the resident set of one process, or of several at one moment together, as far as was seen; what they share counts in each
	Load      float64 // programs of the whole machine that ran or waited for a processor, mean of the last minute
}

// Command is a process that is to be run.
type Command struct {
	Args   []string  // the program first
	Stdin  io.Reader // nil: nothing
	Stdout string    // file that takes standard output; empty: none
}

// The memory of processes is looked at soon, then after twice as long each time, until it is latest.
const soonest, latest = 5 * time.Millisecond, 400 * time.Millisecond

// Run runs a command in a process group of its own, which is killed as a whole when ctx ends. An error has the exit code
// ([exec.ExitError]) and the last line that the command wrote to standard error.
func Run(ctx context.Context, c Command) (u Usage, err error) {
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Stdin = c.Stdin
	var stderr tail
	cmd.Stderr = &stderr
	if c.Stdout != "" {
		f, err := os.Create(c.Stdout)
		if err != nil {
			return u, err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		cmd.Stdout = f
	}
	ours := Peak()
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return u, err
	}
	stop, seen := make(chan struct{}), make(chan Usage)
	go func() { seen <- watch(cmd.Process.Pid, stop) }()
	err = cmd.Wait()
	u.Seconds = time.Since(begun).Seconds()
	close(stop)
	watched := <-seen
	u.MemoryMiB = max(watched.MemoryMiB, peakOf(cmd.ProcessState, ours))
	u.CPU = max(watched.CPU, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	if err != nil {
		return u, Failure(err, stderr.Bytes())
	}
	return u, nil
}

// Failure adds to the error of a process the last line that it wrote.
func Failure(err error, stderr []byte) error {
	lines := strings.Split(strings.TrimSpace(string(stderr)), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return fmt.Errorf("%w: %s", err, last)
	}
	return err
}

// peakOf is the peak of the resident set that the kernel tells of a process that has ended, in MiB. It is 0 where that is not above our own
// peak, with which each process begins.
func peakOf(ended *os.ProcessState, ours float64) float64 {
	usage, ok := ended.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	peak := float64(usage.Maxrss) / (1 << 10)
	if runtime.GOOS == "darwin" { // bytes there, KiB elsewhere
		peak /= 1 << 10
	}
	if peak <= ours {
		return 0
	}
	return peak
}

// ResetPeak lets the peak of our own memory begin anew, after garbage was given back. Where the system has no such thing, the peak stays.
func ResetPeak() {
	debug.FreeOSMemory()
	os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // without it Peak tells too much, not too little
}

// Peak is the peak of our own resident set, in MiB; 0 where it is unknown.
func Peak() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	return parsePeak(string(status))
}

// tail keeps the last of what is written.
type tail struct{ bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	const most = 64 << 10
	t.Buffer.Write(p)
	if over := t.Len() - most; over > 0 {
		t.Next(over)
	}
	return len(p), nil
}

// watch looks at the processes of a group until stop is closed. Without a /proc it sees nothing.
func watch(group int, stop <-chan struct{}) (seen Usage) {
	pause := soonest
	cpu := make(map[string]float64) // the last that was seen, by process: the kernel adds it up only for those that their parents wait for
	for {
		select {
		case <-stop:
			for _, seconds := range cpu {
				seen.CPU += seconds
			}
			return seen
		case <-time.After(pause):
			pause = min(2*pause, latest)
			seen.MemoryMiB = max(seen.MemoryMiB, look(group, cpu))
		}
	}
}

// look notes the processor time of each process of a group, and returns the resident memory of all together, in MiB, or the peak of one
// of them alone, if that is more.
func look(group int, cpu map[string]float64) (most float64) {
	sum := 0.
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is good
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it ended meanwhile
		}
		p, ok := parseStat(string(text))
		if !ok || p.group != group {
			continue
		}
		cpu[name] = p.cpu
		sum += float64(p.pages) * float64(os.Getpagesize()) / (1 << 20)
		if status, err := os.ReadFile(filepath.Join(filepath.Dir(name), "status")); err == nil {
			most = max(most, parsePeak(string(status)))
		}
	}
	return max(most, sum)
}

// parsePeak takes the peak of the resident set out of /proc/PID/status, in MiB; where it is missing, it is 0.
func parsePeak(status string) float64 {
	for line := range strings.Lines(status) {
		var kib float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kib); n == 1 {
			return kib / (1 << 10)
		}
	}
	return 0
}

// Load is the load average of the machine, or 0 where it is unknown.
func Load() (mean float64) {
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		fmt.Sscan(string(text), &mean)
	}
	return mean
}

// process is what /proc/PID/stat tells.
type process struct {
	group int
	pages int     // resident
	cpu   float64 // seconds
}

// parseStat reads /proc/PID/stat: fields 5, 14 and 15 (in hundredths of a second), and 24, counted from behind the name, which may have spaces
// and brackets.
func parseStat(stat string) (p process, ok bool) {
	at := strings.LastIndexByte(stat, ')')
	fields := strings.Fields(stat[at+1:])
	if at < 0 || len(fields) < 22 {
		return process{}, false
	}
	group, errGroup := strconv.Atoi(fields[2])
	user, errUser := strconv.Atoi(fields[11])
	system, errSystem := strconv.Atoi(fields[12])
	pages, errPages := strconv.Atoi(fields[21])
	return process{group, pages, float64(user+system) / 100}, errors.Join(errGroup, errUser, errSystem, errPages) == nil
}
