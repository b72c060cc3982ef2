package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dedupe-news/dedupe/bench/peers"
	"github.com/dedupe-news/dedupe/gold"
)

var update = flag.Bool("update", false, "write testdata/wire_quality.golden anew")

// TestWireQuality keeps the quality on our own stories where a reviewer sees it change, pair by pair.
func TestWireQuality(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "testdata", "wire.jsonl")
	truth, err := peers.ReadGold(filepath.Join("..", "testdata", "wire.gold.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Measure(t.Context(), file, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("Quality on testdata/wire.jsonl; cd bench && go test -run TestWireQuality -update writes it anew.\n\n")
	q := &quality{QualityConfig{Out: &b}}
	q.header("set")
	q.rows("wire", m, gold.Tasks, scoreBy(truth))
	for _, task := range gold.Tasks {
		lines := differences(truth, task, m.Added[task])
		fmt.Fprintf(&b, "\n%s, added:\n%s", task, strings.Join(lines, ""))
		if other := differences(truth, task, m.Reclustered[task]); !slices.Equal(lines, other) {
			fmt.Fprintf(&b, "\n%s, reclustered:\n%s", task, strings.Join(other, ""))
		}
	}
	golden := filepath.Join("testdata", "wire_quality.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("quality differs from %s; if it is better, run with -update. Now it is:\n%s", golden, b.String())
	}
	// Whatever the golden says.
	for task, least := range map[gold.Task]float64{gold.Copies: 0.95, gold.Stories: 0.90, gold.Matches: 0.90} {
		for name, reported := range map[string]Reported{"added": m.Added, "reclustered": m.Reclustered} {
			if s := truth.Score(task, reported[task]); s.F1() < least || s.Precision() < 0.97 {
				t.Errorf("%s, %s: F1 %.3f, precision %.3f, want %.2f and 0.97 at least", task, name, s.F1(), s.Precision(), least)
			}
		}
	}
}

// differences lists what is missed and what is wrong, in order.
func differences(truth gold.Gold, task gold.Task, reported gold.Pairs) []string {
	var lines []string
	for _, pair := range truth.Missed(task, reported) {
		lines = append(lines, fmt.Sprintf("missed %s and %s: %s\n", pair[0], pair[1], truth[pair].Hand))
	}
	for _, pair := range truth.Wrong(task, reported, len(reported)) {
		lines = append(lines, fmt.Sprintf("wrong %s and %s: %s\n", pair[0], pair[1], cmp.Or(truth[pair].Hand, "not listed")))
	}
	return lines
}

// shared is a file or folder outside the repository; where it is absent, the test is skipped.
func shared(t *testing.T, path ...string) string {
	t.Helper()
	name := filepath.Join(append([]string{"..", "..", "shared"}, path...)...)
	if _, err := os.Stat(name); err != nil {
		t.Skipf("skipped: %s is absent", name)
	}
	return name
}

// On the smallest real set, what issue 3 asks for at least.
func TestQualityOfECBPlus(t *testing.T) {
	t.Parallel()
	file := shared(t, "data", "ecbplus", "articles.jsonl")
	truth, err := peers.ReadGold(filepath.Join(filepath.Dir(file), "gold.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Measure(t.Context(), file, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for task, least := range map[gold.Task]float64{gold.Copies: 0.90, gold.Stories: 0.82} {
		if s := truth.Score(task, m.Added[task]); s.F1() < least {
			t.Errorf("%s: F1 %.4f, want %.2f at least", task, s.F1(), least)
		}
	}
}

func TestRunQuality(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		name = filepath.Join(data, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	words := func(prefix string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%s%d ", prefix, i)
		}
		return b.String()
	}
	one, two := words("w", 100), words("x", 100)
	write("ecbplus/articles.jsonl", fmt.Sprintf(`{"id": "a", "text": %q}
{"id": "b", "text": %q}
{"id": "c", "text": %q}
`, one, one+"more", two))
	write("ecbplus/gold.tsv", "id_a\tid_b\thand\tcluster\tnote\na\tb\tcopy\tyes\t\na\tc\tcopy\tyes\tnot at all, but the reader says so\n")
	write("clough-stevenson/file_information.csv", "File,Task,Category\ncut.txt,a,cut\nnon.txt,a,non\norig.txt,a,orig\n")
	write("clough-stevenson/cut.txt", one+"\x93quoted\x94 in Windows-1252")
	write("clough-stevenson/non.txt", two)
	write("clough-stevenson/orig.txt", one+"“quoted” in Windows-1252")
	write("clough-stevenson/not-listed.csv", "a,b")

	var out strings.Builder
	if err := RunQuality(t.Context(), QualityConfig{Data: data, Out: &out, Progress: io.Discard}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"| ecbplus | copies | added | 1.0000 | 0.5000 | 0.6667 | 1 of 2 | 0 |",
		"| ecbplus | stories | reclustered | 1.0000 | 0.5000 | 0.6667 | 1 of 2 | 0 |",
		"| ecbplus | matches | added | 1.0000 | 0.5000 | 0.6667 | 1 of 2 | 0 |",
		"| cut | 1 | compared | 1.00 (1) | 1.00 (1) | 1.00 (1) | 1.00 (1) | 0 |",
		"| cut | 1 | queried | 1.00 (1) | 1.00 (1) | 1.00 (1) | 1.00 (1) | 0 |",
		"| non | 1 | compared | 0.00 (0) | 0.00 (0) | 0.00 (0) | 0.00 (0) | 0 |",
		"Skipped, because " + data + " does not have them: allsides, telegram, guides, wiki-versions.",
	} {
		if !strings.Contains(out.String(), line+"\n") {
			t.Errorf("RunQuality lacks the line %q:\n%s", line, out.String())
		}
	}
	if err := RunQuality(t.Context(), QualityConfig{Data: data, Sets: []string{"ecb"}}); err == nil {
		t.Error("RunQuality of a set that does not exist: no error")
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"beauty"}, {"quality", "-nonsense"}, {"workloads", "-runs", "0"}, {"workloads", "-n", "many"}, {"workloads", "-n", "3"}, {"workloads", "-set", "nowhere"}, {"workloads", "-only", "nothing"}, {"peers", "-runs", "0"}, {"peers", "-sets", "nowhere"}} {
		if err := run(context.Background(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("run(%q): no error", args)
		}
	}
	var out strings.Builder
	if err := run(t.Context(), []string{"workloads", "-set", "allsides", "-data", t.TempDir(), "-dir", t.TempDir(), "-results", t.TempDir()}, &out, io.Discard); err != nil || !strings.Contains(out.String(), "Skipped") {
		t.Errorf("workloads without data: error %v, printed %q, want that it was skipped", err, out.String())
	}
}
