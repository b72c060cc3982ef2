package peers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Usage is what a run took.
type Usage struct {
	Seconds   float64 // wall, from start to exit
	CPU       float64 // seconds of processor time, of all processes
	MemoryMiB float64 // peak of the resident sets of all processes together; what they share counts in each
	Load      float64 // programs of the whole machine that ran or waited for a processor, mean of the last minute
}

// sampling is how often the memory of processes is looked at. The peak of each process alone is exact up to its last moments, for the
// kernel keeps it. (What wait4 reports would be exact to the end, but counts the memory of our own process, too, if that is larger.)
const sampling = 400 * time.Millisecond

// measure runs commands one after the other, all of them within the limit, and says why they failed, or nothing.
func measure(ctx context.Context, commands []command, limit time.Duration) (total Usage, failed string) {
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	defer func() { total.Load = load() }()
	for _, c := range commands {
		u, err := runCommand(within, c)
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

// runCommand runs a command in a process group of its own, which is killed as a whole when ctx ends.
func runCommand(ctx context.Context, c command) (u Usage, err error) {
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second
	var stderr tail
	cmd.Stderr = &stderr
	if c.stdout != "" {
		f, err := os.Create(c.stdout)
		if err != nil {
			return u, err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		cmd.Stdout = f
	}
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
	u.MemoryMiB = watched.MemoryMiB
	u.CPU = max(watched.CPU, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	if err != nil {
		return u, errors.New(reason(err, stderr.Bytes()))
	}
	return u, nil
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
	tick := time.NewTicker(sampling)
	defer tick.Stop()
	cpu := make(map[string]float64) // the last that was seen, by process: the kernel adds it up only for those that their parents wait for
	for {
		select {
		case <-stop:
			for _, seconds := range cpu {
				seen.CPU += seconds
			}
			return seen
		case <-tick.C:
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

// load is the load average of the machine, or 0 where it is unknown.
func load() (mean float64) {
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
