package workload

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/dedupe-news/dedupe/bench/machine"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

// made are results that were made up: two workloads on sets of three sizes, and on a real one with another machine.
func made() []Result {
	here := machine.Machine{Processor: "made up", Cores: 2, MemoryBytes: 24 << 30, System: "linux/amd64", Go: "go1.26", Badger: "v4", Commit: "0123456789ab", Date: "2026-11-24"}
	there := here
	there.Commit = "ba9876543210"
	var results []Result
	add := func(set Set, m machine.Machine, scale float64, runs int) {
		times := func(values ...float64) []float64 {
			for i := range values {
				values[i] *= scale
			}
			return values[:runs]
		}
		for _, w := range []struct {
			name string
			rows []Row
		}{
			{"query", []Row{{Case: "hit, with texts", Command: "index.Query, 2,000 a run", Figures: []Figure{
				{"p50", "ms", []float64{0.3, 0.31, 0.29}}, {"p99", "ms", []float64{3, 4, 5}}},
				MemoryMiB: 300, Counts: []Count{{"asked", 6000}, {"found", 6000}}}}},
			{"bulk", []Row{
				{Case: "with texts", Command: "dedupe crawl FILE", Figures: []Figure{
					{"wall", "s", times(2, 2.2, 1.9)}, {"processor", "s", times(3, 3.1, 3.2)}},
					MemoryMiB: 100 + 50*scale, BytesAnArticle: 1500, Counts: []Count{{"rows", set.Articles}}},
				{Case: "no texts", Command: "dedupe crawl FILE --no-text", Figures: []Figure{
					{"wall", "s", times(1.5, 1.6, 1.4)}, {"processor", "s", times(2, 2.1, 2.2)}},
					MemoryMiB: 80 + 40*scale, BytesAnArticle: 700, Counts: []Count{{"rows", set.Articles}}},
			}},
		} {
			results = append(results, Result{Workload: w.name, Set: set, Command: "go run . workloads", Machine: m, Load: 0.1, Rows: w.rows})
		}
	}
	add(Set{Name: "allsides", Articles: 37_554}, there, 5, 3)
	add(Generated(100_000, 1), here, 10, 3)
	add(Generated(10_000, 1), here, 1, 3)
	add(Generated(5_000, 2), here, 0.7, 3)
	add(Generated(1_000_000, 1), here, 110, 1)
	results[0].Machine = here // two machines on one set
	return results
}

func TestPublish(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out bytes.Buffer
	if err := report(made()).publish(&out, dir); err != nil {
		t.Fatal(err)
	}
	golden(t, "workloads.golden", out.Bytes())
	page, err := os.ReadFile(filepath.Join(dir, "RESULTS.md"))
	if err != nil || !bytes.Contains(page, out.Bytes()) {
		t.Errorf("RESULTS.md lacks what was printed: %v\n%s", err, page)
	}
	for _, file := range []string{"bulk-time.svg", "bulk-memory.svg", "bulk-disk.svg", "query-time.svg"} {
		text, err := os.ReadFile(filepath.Join(dir, "results", file))
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(bytes.NewReader(text)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s is no XML: %v", file, err)
			}
		}
		golden(t, file, text)
	}
}

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s; -update writes it anew. Now it is:\n%s", name, got)
	}
}
