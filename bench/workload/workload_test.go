package workload

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/bench/generate"
	"github.com/dedupe-news/dedupe/bench/machine"
	"github.com/dedupe-news/dedupe/index"
)

// tiny is what is measured in tests.
func tiny(t *testing.T, sets ...Set) Config {
	t.Helper()
	c := DefaultConfig()
	c.Root = filepath.Join("..", "..")
	c.Dir, c.Results, c.Sets = t.TempDir(), t.TempDir(), sets
	c.Runs, c.Queries, c.HotSizes = 2, 50, []int{20, 60}
	c.Out, c.Progress = io.Discard, io.Discard
	return c
}

// What is counted does not depend on time.
func TestCounts(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: it builds dedupe")
	}
	t.Parallel()
	set := Generated(400, 1)
	copies := 0
	for a, err := range set.articles(t.Context(), 0, set.Articles) {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(a.ID, "-original") {
			copies++
		}
	}
	s, err := newSession(tiny(t, set), set)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for _, w := range workloads() {
		rows, err := w.run(s, t.Context())
		if err != nil || len(rows) == 0 {
			t.Fatalf("%s: %d rows, %v", w.name, len(rows), err)
		}
		for _, row := range rows {
			name := w.name + ", " + row.Case
			runs := 2
			if w.name == "open" {
				runs = 10
			}
			for _, f := range row.Figures {
				if len(f.Runs) != runs || slices.Min(f.Runs) <= 0 && !strings.HasPrefix(f.Name, "processor") {
					t.Errorf("%s: %s of %v, want %d runs above 0", name, f.Name, f.Runs, runs)
				}
			}
			if len(row.Figures) == 0 || row.Command == "" {
				t.Errorf("%s: %d figures of the command %q", name, len(row.Figures), row.Command)
			}
			counts := make(map[string]int)
			for _, c := range row.Counts {
				counts[c.Name] = c.Value
			}
			want := map[string]int{}
			noTexts := strings.Contains(row.Case, "no texts")
			switch w.name {
			case "sketch":
				want = map[string]int{"articles": 400, "hashes kept": counts["hashes kept"]}
				if kept := counts["hashes kept"]; kept < 24*400 || kept > 60*400 {
					t.Errorf("%s: %d hashes kept, want 24 an article or somewhat more", name, kept)
				}
			case "add":
				if strings.HasPrefix(row.Case, "library") {
					want = map[string]int{"added": 400, "matched": counts["matched"]}
					if found := counts["matched"]; !noTexts && (found < copies*9/10 || found > copies) {
						t.Errorf("%s: %d matched, want most of %d", name, found, copies)
					}
				}
				if row.BytesAnArticle < 100 {
					t.Errorf("%s: %.0f bytes an article", name, row.BytesAnArticle)
				}
			case "stream":
				want = map[string]int{"added": 36, "matched": counts["matched"]}
				if strings.HasPrefix(row.Case, "1 a call") {
					want["added"] = 24
				}
			case "bulk":
				want = map[string]int{"rows": 400, "kept": counts["kept"]}
				if kept := counts["kept"]; kept < 400-copies || kept > 399 {
					t.Errorf("%s: %d of 400 kept, of which %d are copies", name, kept, copies)
				}
				if row.BytesAnArticle < 100 || row.MemoryMiB == 0 && existing("/proc/self/status") {
					t.Errorf("%s: %.0f bytes an article, %.0f MiB", name, row.BytesAnArticle, row.MemoryMiB)
				}
			case "query", "hot", "open":
				_, askedRatio := row.figure("p50 to that of other story")
				_, addedRatio := row.figure("processor to that of other articles added")
				adds := w.name == "hot" && strings.Contains(row.Case, "added")
				if askedRatio != (w.name == "hot" && !adds && row.Case != "other story") || addedRatio != (adds && row.Case != "other articles added") {
					t.Errorf("%s: compared with others asked for: %v, with others added: %v", name, askedRatio, addedRatio)
				}
				if _, has := row.figure("processor to that of " + copiesOfOthers); has != (adds && row.Case != copiesOfOthers && strings.HasSuffix(row.Case, "copies added")) {
					t.Errorf("%s: compared with copies of others: %v", name, has)
				}
				if adds {
					want = map[string]int{"added": 16, "matched": counts["matched"]} // of 100 unseen ones, by four kinds of three runs
					if strings.HasSuffix(row.Case, "copies added") && counts["matched"] < 8 {
						t.Errorf("%s: %d matched, want most of 16", name, counts["matched"])
					}
					break
				}
				asked := map[string]int{"query": 100, "hot": 100, "open": 10}[w.name]
				want = map[string]int{"asked": asked, "found": asked}
				if strings.HasPrefix(row.Case, "miss") {
					want["found"] = 0
				}
				if found := counts["found"]; noTexts && found >= asked*8/10 { // by estimates
					want["found"] = found
				}
			case "remove":
				removed := map[string]int{"one a call": 20, "40 a call": 80}[row.Case]
				want = map[string]int{"removed": removed, "gone": removed}
			}
			if fmt.Sprint(counts) != fmt.Sprint(want) {
				t.Errorf("%s: counted %v, want %v", name, counts, want)
			}
		}
	}
}

func existing(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// What the generator says is no copy is what the index has nothing of.
func TestMisses(t *testing.T) {
	t.Parallel()
	set := Generated(400, 2)
	s, err := newSession(tiny(t), set)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	var want []string
	for a, err := range set.articles(t.Context(), set.indexed(), set.indexed()+set.unseen()) {
		if err != nil {
			t.Fatal(err)
		}
		number, ok := originalOf(a.ID)
		if !ok || number >= set.indexed() {
			want = append(want, a.ID)
		}
	}
	base, err := s.base(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.base(t.Context(), false); err != nil || again != base {
		t.Errorf("the base is made twice: %s and %s, %v", base, again, err)
	}
	err = withIndex(base, index.Options{}, func(x *index.Index) error {
		misses, err := s.misses(t.Context(), x)
		var got []string
		for _, a := range misses {
			got = append(got, a.ID)
		}
		for _, id := range want {
			if !slices.Contains(got, id) {
				t.Errorf("%s is none of the misses %q", id, got)
			}
		}
		if len(got) > len(want)+2 { // short excerpts
			t.Errorf("%d misses, want %d", len(got), len(want))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// originalOf is the number of the article that an id says to be a copy.
func originalOf(id string) (number int, ok bool) {
	var kind string
	_, err := fmt.Sscanf(strings.ReplaceAll(id, "-", " "), "%d %s", &number, &kind)
	return number, err == nil && kind != "original"
}

func TestSet(t *testing.T) {
	t.Parallel()
	wire, err := OfFile(t.Context(), "wire", filepath.Join("..", "..", "testdata", "wire.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if got := wire.String(); got != "wire, 103 articles" || wire.unseen() != 25 || wire.indexed() != 78 {
		t.Errorf("%s, %d unseen and %d in the index, want wire, 103 articles, 25 and 78", got, wire.unseen(), wire.indexed())
	}
	made := Generated(120, 3)
	if got := made.String(); got != "generated, 120 articles, seed 3" || made.unseen() != 30 || made.indexed() != 120 {
		t.Errorf("%s, %d unseen and %d in the index, want generated, 120 articles, seed 3, 30 and 120", got, made.unseen(), made.indexed())
	}
	for _, set := range []Set{wire, made} {
		all, err := set.all(t.Context(), 0, set.Articles)
		if err != nil || len(all) != set.Articles {
			t.Fatalf("%s: %d articles, %v", set, len(all), err)
		}
		var sizes []int
		var again []article.Article
		for articles, err := range set.batches(t.Context(), 3, 100, 40) {
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, len(articles))
			again = append(again, articles...)
		}
		if !slices.Equal(sizes, []int{40, 40, 17}) || !slices.Equal(again, all[3:100]) {
			t.Errorf("%s: batches of %v, equal to the articles 3 to 100: %v", set, sizes, slices.Equal(again, all[3:100]))
		}
		drawn, err := set.draw(t.Context(), 2*set.indexed(), rand.New(rand.NewPCG(1, 2)))
		if err != nil {
			t.Fatal(err)
		}
		times := make(map[article.Article]int)
		for _, a := range drawn {
			times[a]++
		}
		for i, a := range all[:set.indexed()] {
			if times[a] != 2 {
				t.Errorf("%s: article %d was drawn %d times of %d, want twice", set, i, times[a], len(drawn))
			}
		}
	}
	if _, err := OfFile(t.Context(), "absent", filepath.Join(t.TempDir(), "absent.jsonl")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("set of a file that is absent: %v", err)
	}
}

func TestEdited(t *testing.T) {
	t.Parallel()
	a := generate.New(generate.Config{Articles: 1, Seed: 1}).Article(0)
	b := edited(a, rand.New(rand.NewPCG(1, 2)))
	if b != edited(a, rand.New(rand.NewPCG(1, 2))) {
		t.Error("edited depends on more than the random numbers")
	}
	before, after := strings.Fields(a.Text), strings.Fields(b.Text)
	changed := 0
	for i := range min(len(before), len(after)) {
		if before[i] != after[i] {
			changed++
		}
	}
	if len(before) < len(after)-5 || changed < len(before)/20 || changed > len(before)/6 || a.ID == b.ID {
		t.Errorf("%d of %d words changed under the id %s, want one in ten under another", changed, len(before), b.ID)
	}
}

// A long crawl says how far it is before it has its counts.
func TestCountCrawled(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"type":"crawl","rows":3,"kept":2}`:                                                  "[{rows 3} {kept 2}]",
		`{"type":"status","articles":1}` + "\n" + `{"type":"crawl","rows":3,"kept":2}` + "\n": "[{rows 3} {kept 2}]",
		`{"type":"status","articles":1}`:                                                      "counts of a crawl: EOF",
		`{"type":"status","articles":1}` + "\n" + `{"type":"crawl","rows":3,"kept":2` + "\n":  "counts of a crawl: unexpected EOF",
	} {
		file := filepath.Join(t.TempDir(), "report.json")
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		var r Row
		got := ""
		if err := r.countCrawled(file); err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprint(r.Counts)
		}
		if got != want {
			t.Errorf("counts of %s are %s, want %s", text, got, want)
		}
	}
}

// Articles can come through a pipe; a process that does not read them to the end is no trap.
func TestPipe(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: it builds dedupe")
	}
	t.Parallel()
	s, err := newSession(tiny(t), Generated(mostWritten+1, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	from, err := s.input()
	if err != nil || from.argument != "-" || from.write == nil {
		t.Fatalf("input of many articles is %q, %v", from.argument, err)
	}
	if _, err := s.dedupeFrom(t.Context(), from.write, "", "add", "--no-such-flag", from.argument); err == nil || !strings.Contains(err.Error(), "exit status 2") {
		t.Errorf("a process that reads nothing: %v, want exit status 2", err)
	}
	few := func(w io.Writer) error { return generate.Write(generate.Config{Articles: 100, Seed: 1}, w) }
	dir := t.TempDir()
	if _, err := s.dedupeFrom(t.Context(), few, "", "add", "--index", dir, from.argument); err != nil {
		t.Fatal(err)
	}
	err = withIndex(dir, index.Options{}, func(x *index.Index) error {
		stats, err := x.Stats(t.Context())
		if stats.Articles != 100 {
			t.Errorf("%d articles came through the pipe, want 100", stats.Articles)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A resumed measurement takes what the log has of its commit; another one adds to the log, and the newest counts.
func TestResume(t *testing.T) {
	t.Parallel()
	c := tiny(t, Generated(100, 1))
	c.Only = []string{"sketch"}
	for _, step := range []struct {
		commit  string
		size    int
		resume  bool
		logged  int
		current int
	}{
		{"one", 100, false, 1, 1},
		{"one", 100, true, 1, 1},
		{"two", 100, true, 2, 1},
		{"two", 100, false, 3, 1},
		{"two", 200, true, 4, 2},
	} {
		c.Machine = machine.Machine{Commit: step.commit}
		c.Resume = step.resume
		c.Sets = []Set{Generated(step.size, 1)}
		if err := Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		log, err := openLog(filepath.Join(c.Dir, "workloads.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		newest := log.newest()
		if len(log.results) != step.logged || len(newest) != step.current || newest[len(newest)-1].Machine.Commit != step.commit {
			t.Errorf("at %+v the log has %d results, %d of them count, the last at commit %s", step, len(log.results), len(newest), newest[len(newest)-1].Machine.Commit)
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
	}
	left, err := os.ReadDir(c.Dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%d files are left beside the log: %v", len(left)-1, left)
	}
	page, err := os.ReadFile(filepath.Join(c.Results, "RESULTS.md"))
	if want := "## generated, 200 articles, seed 1"; err != nil || strings.Count(string(page), want) != 1 {
		t.Errorf("RESULTS.md lacks %q: %v\n%s", want, err, page)
	}
	if err := os.WriteFile(filepath.Join(c.Dir, "workloads.jsonl"), []byte("{\"Workload\": \"sk"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), c); err == nil {
		t.Error("a damaged log: no error")
	}
}

func TestPasses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ articles, want int }{{999_999, 5}, {1_000_000, 1}} {
		s := session{Config: DefaultConfig(), set: Generated(test.articles, 1)}
		if got := s.passes(); got != test.want {
			t.Errorf("%d articles: %d passes, want %d", test.articles, got, test.want)
		}
	}
}

// Without texts only such indexes are made and asked.
func TestNoText(t *testing.T) {
	t.Parallel()
	set := Generated(400, 1)
	c := tiny(t, set)
	c.NoText = true
	s, err := newSession(c, set)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	rows, err := s.query(t.Context())
	if err != nil || len(rows) != 2 || len(s.bases) != 1 || s.bases[true] == "" {
		t.Fatalf("%d rows of indexes %v, %v; want 2, of the one without texts", len(rows), s.bases, err)
	}
	for _, row := range rows {
		if !strings.Contains(row.Case, "no texts") {
			t.Errorf("there is a row %q", row.Case)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"no runs":      func(c *Config) { c.Runs = 0 },
		"no queries":   func(c *Config) { c.Queries = 0 },
		"no workload":  func(c *Config) { c.Only = []string{"bulk", "nothing"} },
		"hardly a set": func(c *Config) { c.Sets = []Set{Generated(leastArticles*c.Runs-1, 1)} },
		"no seed":      func(c *Config) { c.Sets = []Set{Generated(1000, 0)} },
	} {
		c := DefaultConfig()
		if err := c.Validate(); err != nil {
			t.Errorf("the default: %v", err)
		}
		change(&c)
		if err := c.Validate(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	var r Row
	hundred := make([]float64, 101)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	r.noteLatencies(hundred)
	r.noteLatencies([]float64{7})
	r.noteMemory(3)
	r.noteMemory(2)
	r.count("asked", 2)
	r.count("asked", 3)
	for name, want := range map[string][]float64{"p50": {50, 7}, "p90": {90, 7}, "p99": {99, 7}} {
		if f, _ := r.figure(name); !slices.Equal(f.Runs, want) || f.Unit != "ms" {
			t.Errorf("%s = %v %s, want %v ms", name, f.Runs, f.Unit, want)
		}
	}
	if r.MemoryMiB != 3 || len(r.Counts) != 1 || r.Counts[0].Value != 5 {
		t.Errorf("memory %g, counts %v, want 3 and 5 asked", r.MemoryMiB, r.Counts)
	}
	for _, test := range []struct {
		runs   []float64
		median float64
		spread string
	}{
		{[]float64{3}, 3, ""},
		{[]float64{3, 1}, 2, "1.00 – 3.00"},
		{[]float64{9, 1, 2}, 2, "1.00 – 9.00"},
	} {
		f := Figure{Runs: test.runs}
		if got := f.median(); got != test.median || f.spread() != test.spread {
			t.Errorf("%v: median %g, %q, want %g, %q", test.runs, got, f.spread(), test.median, test.spread)
		}
	}
	for v, want := range map[float64]string{0.01234: "0.012", 1.234: "1.23", 12.34: "12.3", 123.4: "123", 12345.6: "12,346"} {
		if got := number(v); got != want {
			t.Errorf("number(%g) = %s, want %s", v, got, want)
		}
	}
}
