package process

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	u, err := Run(t.Context(), Command{Args: []string{"sh", "-c", "cat; sleep 0.01"}, Stdin: strings.NewReader("what is read"), Stdout: out})
	if err != nil || u.Seconds <= 0.01 || u.CPU <= 0 {
		t.Errorf("Run = %+v, %v, want time and processor time", u, err)
	}
	if text, err := os.ReadFile(out); err != nil || string(text) != "what is read" {
		t.Errorf("output %q, %v, want what is read", text, err)
	}
	_, err = Run(t.Context(), Command{Args: []string{"sh", "-c", "echo first >&2; echo last >&2; exit 7"}})
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 || err.Error() != "exit status 7: last" {
		t.Errorf("Run of what fails: %v, want exit status 7: last", err)
	}
}

// A process that takes more memory than ours is measured to its end, however short it is.
func TestPeakOfShortProcess(t *testing.T) {
	if Peak() == 0 {
		t.Skip("skipped: there is no /proc")
	}
	const mib = 256
	ResetPeak()
	u, err := Run(t.Context(), Command{Args: []string{"dd", "if=/dev/zero", "of=/dev/null", "bs=256M", "count=1"}})
	if err != nil {
		t.Skipf("skipped: %v", err)
	}
	if u.MemoryMiB < mib || u.MemoryMiB > mib+64 {
		t.Errorf("peak of dd with a buffer of %d MiB: %.0f MiB", mib, u.MemoryMiB)
	}
}

func TestResetPeak(t *testing.T) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Skipf("skipped: %v", err)
	}
	const mib = 128
	large := make([]byte, mib<<20)
	for i := range large {
		large[i] = 1
	}
	before := Peak()
	if large[len(large)-1] != 1 || before < mib {
		t.Fatalf("peak %.0f MiB with %d MiB in use", before, mib)
	}
	large = nil
	ResetPeak()
	if after := Peak(); after > before-mib/2 {
		t.Errorf("peak %.0f MiB, %.0f MiB after it was reset", before, after)
	}
}

// Processor time and memory are those of all processes of a group, also of those whose parents do not wait for them.
func TestLook(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("skipped: there is no /proc")
	}
	child := "import sys, time\nkept = bytearray(64 << 20)\nwhile time.process_time() < 0.5: pass\nprint(flush=True)\nsys.stdin.read()"
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("skipped: there is no python3")
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", "import subprocess, sys; subprocess.call([sys.executable, '-c', sys.argv[1]])", child)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdout.Read(make([]byte, 1)); err != nil { // now the child has what it needs, and waits
		t.Fatal(err)
	}
	cpu := make(map[string]float64)
	memory, sum := look(cmd.Process.Pid, cpu), 0.
	for _, seconds := range cpu {
		sum += seconds
	}
	if len(cpu) != 2 || sum < 0.49 || memory < 64 {
		t.Errorf("look: %d processes, %.2f s, %.0f MiB; want 2, 0.5 and 64 at least", len(cpu), sum, memory)
	}
	if err := errors.Join(stdin.Close(), cmd.Wait()); err != nil {
		t.Error(err)
	}
}

func TestParseProc(t *testing.T) {
	t.Parallel()
	stat := "4711 (a) b (c) R 1 4242 6 7 8 9 10 11 12 13 1400 1500 16 17 18 19 20 21 22 23 2048 25 26\n"
	if got, ok := parseStat(stat); got != (process{4242, 2048, 29}) || !ok {
		t.Errorf("parseStat = %+v, %v, want 4242, 2048, 29", got, ok)
	}
	if _, ok := parseStat("4711 (short) R 1"); ok {
		t.Error("parseStat of a short line: ok")
	}
	if got := parsePeak("Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t    2048 kB\n"); got != 2 {
		t.Errorf("parsePeak = %g, want 2", got)
	}
}
