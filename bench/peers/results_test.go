package peers

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/bench/machine"
	"github.com/dedupe-news/dedupe/bench/process"
	"github.com/dedupe-news/dedupe/gold"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

// made are results that were made up: two sets of real news, and peers for each way in which one can come out.
func made() *Results {
	checked := Setting{Name: "main", Title: "128 hashes", Ways: []string{"hit", "checked"}, Default: "0.9", Sweep: []string{"0.9", "0.5", "0.2"}, Large: []string{"0.9", "0.5"}}
	own := Setting{Name: "own", Title: "our words", Sweep: []string{"0.8", "0.4"}, Large: []string{"0.4"}, Try: "0.4"}
	r := &Results{
		Sets:    []Size{{"wire", 103, 200_000}, {"small", 1000, 2_000_000}, {"large", 40_000, 200_000_000}},
		Absent:  []string{"other"},
		Pythons: map[string]string{"alpha": "3.11.7"},
		Machine: machine.Machine{Processor: "made up", Cores: 2, System: "linux/amd64", Go: "go1.26", Badger: "v4", Commit: "0123456789ab", Date: "2026-11-24"},
		Command: "go run . peers -best",
		Limit:   5 * time.Minute,
		Peers: []Peer{
			{Name: dedupe, Version: "this commit", Settings: []Setting{{Name: "crawl", Title: "defaults"}}},
			{Name: "alpha", Version: "1.0", Python: "python3", Driver: "run_alpha.py", Settings: []Setting{checked, own}},
			{Name: "beta", Version: "2.0", Driver: "beta-in-go", Settings: []Setting{{Name: "main", Title: "clusters only", Default: "3", Sweep: []string{"3"}, Large: []string{"3"}}}},
			{Name: "gamma", Version: "3.0", Python: "python3", Driver: "run_gamma.py", Settings: []Setting{{Name: "main", Title: "never", Default: "1", Sweep: []string{"1"}, Large: []string{"1"}}}},
		},
	}
	add := func(set, peer, setting, threshold string, round int, seconds float64, scores map[string]Scores) {
		r.Runs = append(r.Runs, Measured{Set: set, Peer: peer, Setting: setting, Threshold: threshold, Round: round,
			Usage: process.Usage{Seconds: seconds, CPU: 1.5 * seconds, MemoryMiB: 10 * seconds, Load: 2}, Scores: scores})
	}
	// f1s are scores with an F1 of found/100, for as many tasks as there are.
	f1s := func(found ...int) Scores {
		scores := make(Scores)
		for i, n := range found {
			scores[gold.Tasks[i]] = gold.Score{Found: n, Wanted: 100, Wrong: 100 - n}
		}
		return scores
	}
	both := func(hit, checked Scores) map[string]Scores { return map[string]Scores{"hit": hit, "checked": checked} }
	one := func(s Scores) map[string]Scores { return map[string]Scores{".": s} }
	for i, set := range []string{"wire", "small", "large"} {
		seconds := []float64{0.1, 1, 20}[i]
		add(set, dedupe, "crawl", "", 0, seconds, one(f1s(96, 88, 92)))
		add(set, "alpha", "main", "0.9", 0, seconds/2, both(f1s(20, 10, 5), f1s(10, 5, 2)))
		add(set, "alpha", "main", "0.5", 0, seconds, both(f1s(40+20*i, 30, 20), f1s(70-20*i, 30, 20)))
		add(set, "alpha", "own", "0.4", 0, 2*seconds, one(f1s(80, 70, 60)))
		add(set, "beta", "main", "3", 0, 4*seconds, one(f1s(50, 40)))
		r.Runs = append(r.Runs, Measured{Set: set, Peer: "gamma", Setting: "main", Threshold: "1", Failed: "not installed: there is no a|b"})
	}
	add("small", "alpha", "main", "0.2", 0, 3, both(f1s(90, 80, 70), f1s(95, 85, 75)))
	r.Runs = append(r.Runs, Measured{Set: "large", Peer: "alpha", Setting: "main", Threshold: "0.2", Usage: process.Usage{Seconds: 300, CPU: 300, MemoryMiB: 1000, Load: 9}, Failed: "stopped after 5m0s"})
	for round, seconds := range []float64{21, 18, 24} {
		add("large", dedupe, "crawl", "", round+1, seconds, one(f1s(96, 88, 92)))
	}
	return r
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

func TestPublish(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out bytes.Buffer
	if err := made().publish(&out, dir); err != nil {
		t.Fatal(err)
	}
	golden(t, "results.golden", out.Bytes())
	for name, file := range map[string]string{"RESULTS.md": "results.golden", "results/quality.svg": "quality.svg", "results/growth.svg": "growth.svg"} {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.TrimPrefix(text, []byte("<!-- begin peers -->\n"))
		text = bytes.TrimSuffix(text, []byte("<!-- end peers -->\n"))
		golden(t, file, text)
		if strings.HasSuffix(name, ".svg") {
			for d := xml.NewDecoder(bytes.NewReader(text)); ; {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%s is no XML: %v", name, err)
				}
			}
		}
	}
}

// Nothing but failures, and nothing swept: there are still all tables that make sense, and the plots say that they are empty.
func TestPublishFailures(t *testing.T) {
	t.Parallel()
	r := made()
	r.Peers = r.Peers[3:]
	r.Sets = r.Sets[:1]
	var b bytes.Buffer
	r.write(&b)
	if want := `| gamma | failed: not installed: there is no a\|b |  |`; strings.Count(b.String(), want) != 1 {
		t.Errorf("the document lacks the line %q, or has it twice:\n%s", want, &b)
	}
	if svg := r.qualityChart().SVG(); !bytes.Contains(svg, []byte("nothing was measured")) {
		t.Errorf("a plot of failures is\n%s", svg)
	}
}

func TestBest(t *testing.T) {
	t.Parallel()
	r := made()
	hit := row{r.Peers[1], r.Peers[1].Settings[0], "hit"}
	checked := row{r.Peers[1], r.Peers[1].Settings[0], "checked"}
	for _, test := range []struct {
		name      string
		row       row
		sets      []string
		task      gold.Task
		threshold string
		worst     float64 // in hundredths
		ok        bool
	}{
		{"on one set", hit, []string{"small"}, gold.Copies, "0.2", 90, true},
		{"on the large set, where 0.2 failed", hit, []string{"large"}, gold.Copies, "0.5", 80, true},
		{"on both: only what ran on both", checked, []string{"small", "large"}, gold.Copies, "0.5", 30, true},
		{"no threshold", row{r.Peers[0], r.Peers[0].Settings[0], "."}, []string{"small", "large"}, gold.Stories, "", 88, true},
		{"only on large sets", row{r.Peers[1], r.Peers[1].Settings[1], "."}, []string{"large"}, gold.Matches, "0.4", 60, true},
		{"clusters only", row{r.Peers[2], r.Peers[2].Settings[0], "."}, []string{"small"}, gold.Matches, "", 0, false},
		{"failed", row{r.Peers[3], r.Peers[3].Settings[0], "."}, []string{"small"}, gold.Copies, "", 0, false},
	} {
		threshold, worst, ok := r.bestOf(test.row, test.sets, test.task)
		if threshold != test.threshold || math.Abs(worst-test.worst/100) > 1e-9 || ok != test.ok {
			t.Errorf("%s: best threshold %q with %.3f, %v; want %q with %.3f, %v", test.name, threshold, worst, ok, test.threshold, test.worst/100, test.ok)
		}
	}
}

// Of equal thresholds the strictest is taken.
func TestBestOfEquals(t *testing.T) {
	t.Parallel()
	setting := Setting{Name: "main", Sweep: []string{"0.9", "0.5", "0.1"}}
	r := &Results{}
	for i, threshold := range []string{"0.1", "0.5", "0.9"} {
		scores := Scores{gold.Copies: {Found: min(8+i, 9), Wanted: 10}}
		r.Runs = append(r.Runs, Measured{Set: "s", Peer: "p", Setting: "main", Threshold: threshold, Scores: map[string]Scores{".": scores}})
	}
	if threshold, _, _ := r.best(row{Peer{Name: "p"}, setting, "."}, "s", gold.Copies); threshold != "0.9" {
		t.Errorf("best threshold of 0.9 and 0.5, which are equal, is %s, want 0.9", threshold)
	}
}
