package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what the scripts print into their golden files")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dedupe": main})
}

// TestScripts runs testdata/script. In each script's folder stand stories.jsonl,
// five short articles, and wire.jsonl, the test corpus of the project.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                filepath.Join("testdata", "script"),
		UpdateScripts:      *update,
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("DEDUPE_INDEX", filepath.Join(env.WorkDir, "news.index"))
			env.Setenv("TERM", "xterm")
			env.Setenv(quickExit())
			env.Values[sessionsKey{}] = map[string]*session{}
			return copyCorpora(env.WorkDir)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  cmdExits,
			"begin":  cmdBegin,
			"feed":   cmdFeed,
			"signal": cmdSignal,
			"finish": cmdFinish,
			"masked": cmdMasked,
			"warc":   cmdWARC,
			"arc":    cmdARC,
		},
	})
}

// quickExit is a variable that spares each process a second at its end, which the race detector takes by default.
func quickExit() (name, value string) { return "GORACE", "atexit_sleep_ms=0" }

// childEnv is the environment of a process that works on an index.
func childEnv(index string) []string {
	name, value := quickExit()
	return append(os.Environ(), name+"="+value, "DEDUPE_INDEX="+index)
}

func copyCorpora(dir string) error {
	for from, to := range map[string]string{
		filepath.Join("testdata", "stories.jsonl"):             "stories.jsonl",
		filepath.Join("..", "..", "testdata", "wire.jsonl"):    "wire.jsonl",
		filepath.Join("..", "..", "testdata", "wire.gold.tsv"): "wire.gold.tsv",
	} {
		data, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, to), data, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// cmdExits runs a program that has to end with an exit code: exits CODE PROGRAM [ARG...].
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(*exec.ExitError); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s = exit code %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// session is a dedupe whose standard input stays open.
type session struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *lines
	stderr bytes.Buffer
}

// lines counts the lines that are written to it.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // receives after each write
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	select {
	case l.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (l *lines) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Count(l.text.Bytes(), []byte{'\n'})
}

// wait waits until so many lines have been written.
func (l *lines) wait(ts *testscript.TestScript, want int) {
	late := time.After(30 * time.Second)
	for l.count() < want {
		select {
		case <-l.more:
		case <-late:
			ts.Fatalf("only %d lines of output after 30 s, want %d", l.count(), want)
		}
	}
}

// cmdBegin starts a dedupe and leaves its standard input open: begin NAME FILE LINES ARG...
// It writes FILE to the input, and waits until LINES lines of output have come.
func cmdBegin(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: begin NAME FILE LINES ARG...")
	}
	s := &session{stdout: &lines{more: make(chan struct{}, 1)}}
	s.cmd = exec.Command("dedupe", args[3:]...)
	s.cmd.Dir = ts.MkAbs(".")
	s.cmd.Env = childEnv(ts.Getenv("DEDUPE_INDEX"))
	s.cmd.Stdout = s.stdout
	s.cmd.Stderr = &s.stderr
	var err error
	s.stdin, err = s.cmd.StdinPipe()
	ts.Check(err)
	ts.Check(s.cmd.Start())
	ts.Defer(func() {
		if s.cmd.ProcessState == nil {
			_ = s.cmd.Process.Kill()
			_ = s.cmd.Wait()
		}
	})
	ts.Value(sessionsKey{}).(map[string]*session)[args[0]] = s
	cmdFeed(ts, false, args[:3])
}

// sessionsKey is the key of a script's map of sessions.
type sessionsKey struct{}

func sessionOf(ts *testscript.TestScript, name string) *session {
	s := ts.Value(sessionsKey{}).(map[string]*session)[name]
	if s == nil {
		ts.Fatalf("no %q has begun", name)
	}
	return s
}

// cmdFeed writes a file to the standard input of a running dedupe: feed NAME FILE LINES.
// Then it waits until LINES lines of output have come, since the beginning.
func cmdFeed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: feed NAME FILE LINES")
	}
	s := sessionOf(ts, args[0])
	_, err := io.WriteString(s.stdin, ts.ReadFile(args[1]))
	ts.Check(err)
	want, err := strconv.Atoi(args[2])
	ts.Check(err)
	s.stdout.wait(ts, want)
}

// cmdSignal sends INT or TERM to a running dedupe, which has to end with an exit code: signal NAME INT|TERM CODE.
// What it printed is in NAME.stdout and NAME.stderr then.
func cmdSignal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: signal NAME INT|TERM CODE")
	}
	s := sessionOf(ts, args[0])
	signals := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM}
	ts.Check(s.cmd.Process.Signal(signals[args[1]]))
	s.end(ts, args[0], args[2])
}

// cmdFinish closes the standard input of a running dedupe, which has to end with an exit code: finish NAME CODE.
func cmdFinish(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: finish NAME CODE")
	}
	s := sessionOf(ts, args[0])
	ts.Check(s.stdin.Close())
	s.end(ts, args[0], args[1])
}

// end waits for the end of the process.
func (s *session) end(ts *testscript.TestScript, name, wantCode string) {
	_ = s.cmd.Wait() // the code tells more
	ts.Check(os.WriteFile(ts.MkAbs(name+".stdout"), s.stdout.text.Bytes(), 0o666))
	ts.Check(os.WriteFile(ts.MkAbs(name+".stderr"), s.stderr.Bytes(), 0o666))
	if got := strconv.Itoa(s.cmd.ProcessState.ExitCode()); got != wantCode {
		ts.Fatalf("%s = exit code %s, want %s; stderr: %s", name, got, wantCode, &s.stderr)
	}
}

// cmdWARC writes a WARC file: warc FILE [URL STATUS TYPE BODY]..., where BODY is a file, and STATUS that of a response, or
// "conversion" for a record as in WET. A FILE that ends in .gz has a member a record, one that ends in .zst is a single frame.
func cmdWARC(ts *testscript.TestScript, neg bool, args []string) {
	writeArchive(ts, neg, args, "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
		func(url, status, media, body string) string {
			kind, blockMedia := "conversion", media
			if status != kind {
				kind, blockMedia, body = "response", "application/http; msgtype=response", response(status, media, body)
			}
			return fmt.Sprintf("WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n",
				kind, url, blockMedia, len(body), body)
		})
}

// cmdARC writes an ARC file, from arguments as those of cmdWARC.
func cmdARC(ts *testscript.TestScript, neg bool, args []string) {
	const head = "1 0 test\nURL IP-address Archive-date Content-type Archive-length\n\n"
	writeArchive(ts, neg, args, fmt.Sprintf("filedesc://test.arc 0.0.0.0 20260101000000 text/plain %d\n%s", len(head), head),
		func(url, status, media, body string) string {
			body = response(status, media, body)
			return fmt.Sprintf("%s 192.0.2.1 20260101000000 %s %d\n%s\n", url, media, len(body), body)
		})
}

func response(status, media, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s X\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", status, media, len(body), body)
}

// writeArchive writes head and the records to the file that args begin with.
func writeArchive(ts *testscript.TestScript, neg bool, args []string, head string, record func(url, status, media, body string) string) {
	if neg || len(args)%4 != 1 {
		ts.Fatalf("usage: warc|arc FILE [URL STATUS TYPE BODY]...")
	}
	records := []string{head}
	for of := range slices.Chunk(args[1:], 4) {
		records = append(records, record(of[0], of[1], of[2], ts.ReadFile(of[3])))
	}
	var file bytes.Buffer
	switch filepath.Ext(args[0]) {
	case ".gz":
		for _, r := range records {
			w := gzip.NewWriter(&file)
			_, err := io.WriteString(w, r)
			ts.Check(errors.Join(err, w.Close()))
		}
	case ".zst":
		w, err := zstd.NewWriter(&file)
		ts.Check(err)
		_, err = io.WriteString(w, strings.Join(records, ""))
		ts.Check(errors.Join(err, w.Close()))
	default:
		file.WriteString(strings.Join(records, ""))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), file.Bytes(), 0o666))
}

// masks take out of JSON what depends on the index and not on the command line: figures between 0 and 1, reasons, times of
// adding, sizes, places.
var masks = []struct{ what, by string }{
	{`"(jaccard|containment|coverage)":0\.\d+`, `"$1":0.5`},
	{`"why":"[^"]+"`, `"why":"because"`},
	{`"added":"\d{4}-[^"]+Z"`, `"added":"2026-01-02T03:04:05Z"`},
	{`"(disk_bytes|bytes_per_article|furniture_shingles)":\d+`, `"$1":1`},
	{`"index":"[^"]*/news.index"`, `"index":"news.index"`},
}

// cmdMasked copies a file of JSON lines with figures masked, for comparison with a golden one: masked FROM TO.
// FROM may be stdout.
func cmdMasked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: masked FROM TO")
	}
	text := ts.ReadFile(args[0])
	for _, mask := range masks {
		text = regexp.MustCompile(mask.what).ReplaceAllString(text, mask.by)
	}
	for line := range strings.Lines(text) {
		if !json.Valid([]byte(line)) {
			ts.Fatalf("not JSON: %s", line)
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o666))
}

// TestExamples runs each example in the help of each verb, in its order, on an
// index with the test corpus (but for the examples of "add", which make one).
func TestExamples(t *testing.T) {
	for _, verb := range append(newRootCommand(&environment{}).Commands(), newRootCommand(&environment{})) {
		t.Run(verb.Name(), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "testdata"), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := copyCorpora(filepath.Join(dir, "testdata")); err != nil {
				t.Fatal(err)
			}
			shell := func(command string) {
				t.Helper()
				cmd := exec.Command("sh", "-c", command)
				cmd.Dir = dir
				cmd.Env = childEnv(filepath.Join(dir, "news.index"))
				var stdout, stderr bytes.Buffer
				cmd.Stdout, cmd.Stderr = &stdout, &stderr
				if err := cmd.Run(); err != nil {
					t.Errorf("%s: %v\n%s", command, err, &stderr)
				}
				if stdout.Len()+stderr.Len() == 0 {
					t.Errorf("%s: printed nothing", command)
				}
			}
			if verb.Name() != "add" && verb.HasParent() {
				shell("dedupe add testdata/wire.jsonl")
			}
			if verb.Example == "" {
				t.Error("has no examples")
			}
			for line := range strings.Lines(verb.Example) {
				shell(strings.TrimSpace(line))
			}
		})
	}
}

// TestHelpTexts holds what STYLE.md wants of help: the simplest call first, exit codes, examples at the end.
func TestHelpTexts(t *testing.T) {
	root := newRootCommand(&environment{})
	for _, verb := range root.Commands() {
		var b strings.Builder
		if err := writeHelp(&b, verb); err != nil {
			t.Fatal(err)
		}
		help := b.String()
		if want := "dedupe " + verb.Name(); !strings.HasPrefix(help, want) {
			t.Errorf("help of %s begins with %.40q, want %q", verb.Name(), help, want)
		}
		codes, examples := strings.Index(help, "\nExit codes:\n    0  "), strings.Index(help, "\nExamples:\n  ")
		if codes < 0 || examples < codes {
			t.Errorf("help of %s: exit codes at %d, examples at %d, want both, in this order", verb.Name(), codes, examples)
		}
		for line := range strings.Lines(help) {
			if n := displayWidth(strings.TrimSuffix(line, "\n")); n > 100 {
				t.Errorf("help of %s has a line of %d columns: %s", verb.Name(), n, line)
			}
		}
	}
}
