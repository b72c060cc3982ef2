package peers

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/bench/process"
	"github.com/dedupe-news/dedupe/gold"
)

// write writes a file below dir and returns its name.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

// stories are four articles, of which three are one.
const stories = `{"id": "a", "text": "One two three four five six."}
{"id": "b", "text": "one two, three four five SIX"}
{"id": "c", "text": "nothing of the kind here at all"}
{"id": "d", "text": "one two three four five six"}
`

var truth = gold.Gold{
	gold.PairOf("a", "b"): {Hand: "copy", Cluster: "yes"},
	gold.PairOf("a", "d"): {Hand: "copy", Cluster: "yes"},
	gold.PairOf("b", "d"): {Hand: "copy", Cluster: "yes"},
}

// newSession is a session with an empty log, and without programs.
func newSession(t *testing.T) *session {
	t.Helper()
	dir := t.TempDir()
	log, err := openLog(filepath.Join(dir, "runs.jsonl"), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return &session{
		Config:   Config{Root: filepath.Join("..", ".."), Drivers: ".", Env: dir, Limit: time.Minute, Progress: io.Discard},
		work:     dir,
		log:      log,
		programs: make(map[string]program),
	}
}

func python(t *testing.T) string {
	t.Helper()
	name, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("skipped: there is no python3")
	}
	return name
}

// A driver made of peer.py alone: articles with the same shingles match.
func TestDriver(t *testing.T) {
	t.Parallel()
	interpreter := python(t)
	drivers, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	driver := write(t, dir, "run.py", fmt.Sprintf(`
import sys
sys.path.insert(0, %q)
import peer
setting, threshold, source, out = peer.arguments()
assert (setting, threshold) == ("main", "0.5"), sys.argv
assert peer.shingles("") == set() and peer.shingles("A b") == {"a b"}
assert peer.shingles("a b c d e f, a b c d e") == {"a b c d e", "b c d e f", "c d e f a", "d e f a b", "e f a b c", "f a b c d"}
ids, texts = peer.read(source)
answers = peer.Answers(out, ids)
for i, text in enumerate(texts):
    answers.add(i, [j for j in range(i + 1) if peer.shingles(texts[j]) == peer.shingles(text)])
answers.close()
`, drivers))
	plain := write(t, dir, "articles.jsonl", stories)
	packed := plain + ".gz"
	f, err := os.Create(packed)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := io.WriteString(z, stories); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{plain, packed} {
		s := newSession(t)
		s.programs["fake"] = program{commands: driverCommands(interpreter, "-B", driver)}
		m, err := s.run(t.Context(), set{name: "four", articles: file}, truth, Peer{Name: "fake"}, Setting{Name: "main"}, "0.5", 0)
		if err != nil || m.Failed != "" {
			t.Fatalf("run: %v, %s", err, m.Failed)
		}
		for _, task := range gold.Tasks {
			if got, want := m.Scores["."][task], (gold.Score{Found: 3, Wanted: 3}); got != want {
				t.Errorf("%s of %s: %+v, want %+v", task, filepath.Base(file), got, want)
			}
		}
		if m.Seconds <= 0 || m.CPU <= 0 {
			t.Errorf("usage = %+v, want more than nothing", m.Usage)
		}
	}
}

// A failure is a row and no error, and is not tried again within the log; a resumed session takes it from there.
func TestFailures(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.Limit = 2 * time.Second
	shell := func(script string) program {
		return program{commands: func(_, _, _, out string) []process.Command {
			return []process.Command{{Args: []string{"sh", "-c", script, "sh", out}}}
		}}
	}
	file := write(t, s.work, "articles.jsonl", stories)
	for name, test := range map[string]struct {
		program program
		want    string
	}{
		"crashes":        {shell("echo first >&2; echo 'MemoryError: too much' >&2; exit 3"), "exit status 3: MemoryError: too much"},
		"says nothing":   {shell("exit 1"), "exit status 1"},
		"never ends":     {shell("sleep 600 & sleep 600"), "stopped after 2s"},
		"no answers":     {shell("true"), "no such file or directory"},
		"bad answers":    {shell(`echo '{"members": [{"name": "a"}]}' >"$1/clusters.jsonl"`), "has no id"},
		"is absent":      {program{commands: driverCommands(filepath.Join(s.work, "absent"))}, "no such file or directory"},
		"no interpreter": {program{}, "not installed: exit status 1: there is no python-that-is-not"},
	} {
		p := Peer{Name: name, Python: "python-that-is-not", Requirements: []string{"fake==1.0"}}
		if test.program.commands != nil {
			s.programs[name] = test.program
		}
		begun := time.Now()
		m, err := s.run(t.Context(), set{name: "four", articles: file}, truth, p, Setting{Name: "main"}, "0.5", 0)
		if err != nil || !strings.Contains(m.Failed, test.want) || m.Scores != nil {
			t.Errorf("%s: failed %q, error %v; want %q", name, m.Failed, err, test.want)
		}
		if time.Since(begun) > time.Minute {
			t.Errorf("%s: its processes were not killed", name)
		}
	}
	again, err := openLog(filepath.Join(s.work, "runs.jsonl"), true)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if len(again.runs) != 7 {
		t.Errorf("the log has %d runs, want 7", len(again.runs))
	}
	s.log, s.programs = again, nil
	m, err := s.run(t.Context(), set{name: "four", articles: file}, truth, Peer{Name: "crashes"}, Setting{Name: "main"}, "0.5", 0)
	if err != nil || !strings.Contains(m.Failed, "MemoryError") {
		t.Errorf("resumed: failed %q, error %v; want what the log has", m.Failed, err)
	}
}

// Looser thresholds are not tried after a failure; stricter ones are.
func TestSweepEndsWhereItFails(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.Best = true
	s.programs["fake"] = program{commands: func(_, threshold, _, out string) []process.Command {
		script := fmt.Sprintf(`test %s != 0.5 && : >"$1/clusters.jsonl"`, threshold)
		return []process.Command{{Args: []string{"sh", "-c", script, "sh", out}}}
	}}
	goldFile := write(t, s.work, "gold.tsv", "id_a\tid_b\thand\tcluster\tnote\na\tb\tcopy\tyes\t\n")
	setting := Setting{Name: "main", Default: "0.5", Sweep: []string{"0.9", "0.5", "0.1"}}
	peers := []Peer{{Name: "fake", Settings: []Setting{setting}}}
	if err := s.quality(t.Context(), set{name: "four", articles: goldFile, gold: goldFile}, peers); err != nil {
		t.Fatal(err)
	}
	var tried []string
	for _, m := range s.log.runs {
		tried = append(tried, m.Threshold+" "+m.Failed)
	}
	if want := []string{"0.5 exit status 1", "0.9 "}; !slices.Equal(tried, want) {
		t.Errorf("tried %q, want %q", tried, want)
	}
}

// What is measured for speed is run in turn, and only that is reported as speed.
func TestSpeedInTurn(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.Runs = 3
	fake := program{commands: func(_, _, _, out string) []process.Command {
		return []process.Command{{Args: []string{"sh", "-c", `: >"$1/clusters.jsonl"`, "sh", out}}}
	}}
	file := write(t, s.work, "gold.tsv", "id_a\tid_b\thand\tcluster\tnote\na\tb\tcopy\tyes\t\n")
	four := set{name: "four", articles: file, gold: file}
	fast, slow := Setting{Name: "fast", Title: "fast"}, Setting{Name: "slow", Title: "slow", Slow: true}
	peers := []Peer{{Name: "a", Settings: []Setting{fast, slow}}, {Name: "b", Settings: []Setting{fast}}}
	for _, p := range peers {
		s.programs[p.Name] = fake
	}
	if err := s.quality(t.Context(), four, peers); err != nil {
		t.Fatal(err)
	}
	if err := s.speed(t.Context(), four, peers); err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, m := range s.log.runs {
		order = append(order, fmt.Sprint(m.Peer, " ", m.Setting, " ", m.Round))
	}
	want := []string{"a fast 0", "a slow 0", "b fast 0", "a fast 1", "b fast 1", "a fast 2", "b fast 2", "a fast 3", "b fast 3"}
	if !slices.Equal(order, want) {
		t.Errorf("runs %q, want %q", order, want)
	}
	r := Results{Runs: s.log.runs}
	for setting, want := range map[string]int{"fast": 3, "slow": 1} {
		if timing, ok := r.timing(row{peers[0], Setting{Name: setting}, "."}, "four", ""); !ok || len(timing.runs) != want {
			t.Errorf("%s is timed by %d runs, want %d", setting, len(timing.runs), want)
		}
	}
}

// A resumed session repeats the runs of dedupe at another commit, but none of others.
func TestResumeAtAnotherCommit(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	runs := []Measured{{Set: "s", Peer: "other"}, {Set: "s", Peer: dedupe, Commit: "old"}, {Set: "s", Peer: dedupe}}
	for _, m := range runs {
		if err := s.log.add(m); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range runs {
		if m.Peer == dedupe {
			m.Commit = "new"
		}
		if _, found := s.log.find(m); found != (m.Peer != dedupe) {
			t.Errorf("%s is taken from the log: %v", m.Peer, found)
		}
	}
	if got := s.log.of("old"); len(got) != 2 || got[1].Commit != "old" {
		t.Errorf("runs that are published: %+v, want those of other and of the commit", got)
	}
}

// Speed is that at the documented threshold, and at the best for each way of reading the answers.
func TestTimed(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.log.runs = made().Runs
	alpha := made().Peers[1]
	for i, want := range [][]string{{"0.9", "0.5"}, {"0.4"}} {
		if got := s.timed(set{name: "large"}, alpha, alpha.Settings[i]); !slices.Equal(got, want) {
			t.Errorf("%s is timed at %q, want %q", alpha.Settings[i].Name, got, want)
		}
	}
}

func TestThresholds(t *testing.T) {
	t.Parallel()
	documented := Setting{Default: "0.5", Sweep: []string{"0.9", "0.5", "0.1"}, Large: []string{"0.9", "0.5"}}
	own := Setting{Sweep: []string{"0.9", "0.1"}}
	for _, test := range []struct {
		setting     Setting
		large, best bool
		want        []string
	}{
		{documented, false, false, []string{"0.5"}},
		{documented, false, true, []string{"0.5", "0.9", "0.1"}},
		{documented, true, true, []string{"0.5", "0.9"}},
		{own, false, false, nil},
		{own, false, true, []string{"0.9", "0.1"}},
		{own, true, true, nil},
		{Setting{}, true, false, []string{""}},
	} {
		if got := test.setting.thresholds(test.setting.sweep(test.large), test.best); !slices.Equal(got, test.want) {
			t.Errorf("thresholds of %+v, large %v, best %v = %q, want %q", test.setting, test.large, test.best, got, test.want)
		}
	}
	for _, p := range Catalog() {
		for _, s := range p.Settings {
			if s.Default != "" && !slices.Contains(s.Sweep, s.Default) || s.Large != nil && s.timed() != "" && !slices.Contains(s.Large, s.timed()) {
				t.Errorf("%s %s: its default %q is not among %q, or its speed at %q not among %q", p.Name, s.Name, s.Default, s.Sweep, s.timed(), s.Large)
			}
		}
	}
}

func TestPairs(t *testing.T) {
	t.Parallel()
	name := write(t, t.TempDir(), "matches.jsonl", `{"id": "b", "matches": [{"id": "a"}, {"id": "b"}, "c"]}
{"id": "a", "matches": [{"id": "b"}]}
{"id": "d", "matches": []}
`)
	p, err := readMatches(name)
	if err != nil {
		t.Fatal(err)
	}
	want := []gold.Pair{{"a", "b"}, {"b", "c"}}
	if got := slices.SortedFunc(p.All(), gold.ComparePairs); !slices.Equal(got, want) || p.Len() != 2 {
		t.Errorf("pairs = %v, %d of them, want %v", got, p.Len(), want)
	}
	for _, pair := range append(want, gold.Pair{"a", "c"}, gold.Pair{"a", "x"}, gold.Pair{"x", "b"}) {
		if got := p.Has(pair); got != slices.Contains(want, pair) {
			t.Errorf("Has(%v) = %v", pair, got)
		}
	}
}

// Our own figures are those that a user gets: of the program, on our own stories, with the scores of the documented golden.
func TestOurs(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: it builds dedupe")
	}
	t.Parallel()
	dir := t.TempDir()
	var out strings.Builder
	c := Config{Root: filepath.Join("..", ".."), Drivers: ".", Data: dir, Env: filepath.Join(dir, "env"), Results: dir, Peers: []string{dedupe}, Sets: []string{ours, "ecbplus"},
		Speed: true, Runs: 2, Limit: time.Minute, Command: "go test", Out: &out, Progress: io.Discard}
	if err := Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"Skipped, because they are absent: ecbplus.", "| dedupe | defaults | none | 1.000 / .983 / .938 |", "add` in the order of the file | none | 1.000 / .970 / .938 |", "## Speed on wire", "| dedupe | `--no-text` | none | 2 | "} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("the document lacks %q:\n%s", part, &out)
		}
	}
	for _, bad := range []Config{{Runs: 1, Sets: []string{"nowhere"}}, {Runs: 1, Peers: []string{"nobody"}, Root: c.Root}, {Runs: 0}, {Runs: 1, Data: dir, Sets: []string{"ecbplus"}}} {
		if err := Run(t.Context(), bad); err == nil {
			t.Errorf("Run(%+v): no error", bad)
		}
	}
}

// Each peer that is installed where bench installs it finds copies among our own stories, the Go program too.
func TestInstalled(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: it takes half a minute where all peers are installed")
	}
	t.Parallel()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("skipped: %v", err)
	}
	for _, p := range Catalog() {
		t.Run(p.Name, func(t *testing.T) {
			s := newSession(t)
			s.Env = filepath.Join(cache, "dedupe-bench", "peers")
			installed, err := os.ReadFile(filepath.Join(s.Env, p.Name, "requirements"))
			if p.Python != "" && (err != nil || strings.TrimSpace(string(installed)) != strings.Join(p.Requirements, " ")) {
				t.Skip("skipped: it is not installed; go run . peers installs it")
			}
			wire := (&Config{Root: s.Root}).sets()[0]
			truth, err := ReadGold(wire.gold)
			if err != nil {
				t.Fatal(err)
			}
			for _, setting := range p.Settings {
				m, err := s.run(t.Context(), wire, truth, p, setting, setting.timed(), 0)
				if err != nil {
					t.Fatal(err)
				}
				if p.Python == "" && strings.HasPrefix(m.Failed, "not installed") {
					t.Skip("skipped: ", m.Failed)
				}
				if m.Failed != "" {
					t.Fatalf("%s failed: %s", setting.Name, m.Failed)
				}
				if got := slices.Sorted(maps.Keys(m.Scores)); len(got) != len(setting.ways()) {
					t.Errorf("%s: ways %q, want %q", setting.Name, got, setting.ways())
				}
				for way, scores := range m.Scores {
					if s := scores[gold.Copies]; s.Found == 0 || s.Precision() < 0.5 {
						t.Errorf("%s %s: copies %+v, want some, and half of them right", setting.Name, way, s)
					}
				}
			}
		})
	}
}
