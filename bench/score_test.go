package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shared is a file or folder outside the repository; where it is absent, the test is skipped.
func shared(t *testing.T, path ...string) string {
	t.Helper()
	name := filepath.Join(append([]string{"..", "..", "shared"}, path...)...)
	if _, err := os.Stat(name); err != nil {
		t.Skipf("skipped: %s is absent", name)
	}
	return name
}

func TestTasks(t *testing.T) {
	t.Parallel()
	// By hand and cluster: what reporting the pair is for copies, stories and matches.
	tests := map[Reading]string{
		{"copy", "yes"}:       "right   right   right",
		{"copy", "maybe"}:     "neither neither right",
		{"copy", "no"}:        "neither neither right",
		{"rewrite", "yes"}:    "neither right   right",
		{"rewrite", "maybe"}:  "neither right   right",
		{"rewrite", "no"}:     "wrong   neither right",
		{"quotes", "yes"}:     "neither right   neither",
		{"quotes", "maybe"}:   "neither neither neither",
		{"quotes", "no"}:      "wrong   wrong   neither",
		{"background", "no"}:  "wrong   wrong   neither",
		{"template", "no"}:    "wrong   wrong   wrong",
		{"template", "maybe"}: "neither neither wrong",
		{"boilerplate", "no"}: "wrong   wrong   wrong",
		{"unsure", "maybe"}:   "neither neither neither",
		{"unsure", "no"}:      "wrong   neither neither",
		{}:                    "wrong   wrong   wrong",
	}
	for reading, want := range tests {
		var got []string
		for _, task := range []Task{Copies, Stories, Matches} {
			switch right, wrong := task.Right(reading), task.Wrong(reading); {
			case right && wrong:
				got = append(got, "both")
			case right:
				got = append(got, "right")
			case wrong:
				got = append(got, "wrong")
			default:
				got = append(got, "neither")
			}
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%+v is %v, want %s", reading, got, want)
		}
	}
}

func TestScore(t *testing.T) {
	t.Parallel()
	gold := Gold{
		PairOf("a", "b"): {"copy", "yes"},
		PairOf("c", "b"): {"copy", "yes"},
		PairOf("c", "a"): {"copy", "yes"},
		PairOf("d", "a"): {"background", "no"},
		PairOf("e", "a"): {"unsure", "maybe"},
	}
	reported := make(Pairs)
	reported.AddAll([]string{"b", "a", "d", "e", "a"}) // 2 unlisted: b d, b e; also d e
	reported.Add("c", "b")
	s := gold.Score(Copies, reported)
	if want := (Score{Found: 2, Wanted: 3, Wrong: 4}); s != want {
		t.Errorf("Score = %+v, want %+v", s, want)
	}
	for _, figure := range []struct{ got, want float64 }{{s.Precision(), 2. / 6}, {s.Recall(), 2. / 3}, {s.F1(), 4. / 9}} {
		if math.Abs(figure.got-figure.want) > 1e-12 {
			t.Errorf("precision, recall or F1 = %g, want %g", figure.got, figure.want)
		}
	}
	if zero := (Score{}); zero.Precision() != 0 || zero.Recall() != 0 || zero.F1() != 0 {
		t.Errorf("figures of nothing are %g, %g, %g, want 0", zero.Precision(), zero.Recall(), zero.F1())
	}
}

func TestGoldOfGroups(t *testing.T) {
	t.Parallel()
	gold := GoldOf(map[string]string{"a": "1", "b": "1", "c": "1", "d": "2", "e": "2"})
	reported := make(Pairs)
	reported.AddAll([]string{"a", "b", "d"})
	if got, want := gold.Score(Copies, reported), (Score{Found: 1, Wanted: 4, Wrong: 2}); got != want {
		t.Errorf("Score against groups = %+v, want %+v", got, want)
	}
	isB := func(id string) bool { return id == "b" }
	if got, want := Gold(ofPart(gold, isB)).Score(Copies, ofPart(reported, isB)), (Score{Wanted: 1, Wrong: 1}); got != want {
		t.Errorf("Score of the part b = %+v, want %+v", got, want)
	}
	if len(gold) != 4 || len(reported) != 3 {
		t.Errorf("ofPart changed its argument: %v, %v", gold, reported)
	}
}

// The figures are those of score.py, for pairs reported at random.
func TestScoreEqualsScript(t *testing.T) {
	t.Parallel()
	script := shared(t, "eval", "score.py")
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("skipped: there is no python3")
	}
	for _, set := range []string{"ecbplus", "allsides", "telegram"} {
		goldFile := shared(t, "data", set, "gold.tsv")
		gold, err := ReadGold(goldFile)
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(1, 2))
		reported := make(Pairs)
		for _, pair := range slices.SortedFunc(maps.Keys(gold), func(a, b Pair) int { return slices.Compare(a[:], b[:]) }) {
			if random.IntN(3) > 0 {
				reported.Add(pair[0], pair[1])
			}
			if random.IntN(20) == 0 {
				reported.Add(pair[1], fmt.Sprint("unlisted ", random.IntN(1000)))
			}
		}
		var lines strings.Builder
		for pair := range reported {
			fmt.Fprintf(&lines, `{"id": %q, "members": [%q, {"id": %q}], "matches": [{"id": %q}]}`+"\n", pair[0], pair[0], pair[1], pair[1])
		}
		file := filepath.Join(t.TempDir(), "reported.jsonl")
		if err := os.WriteFile(file, []byte(lines.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		for _, task := range []Task{Copies, Stories, Matches} {
			out, err := exec.Command("python3", script, goldFile, "--"+string(task), file).Output()
			if err != nil {
				t.Fatal(err)
			}
			var want struct {
				Precision, Recall, F1 float64
				Found, Wanted, Wrong  int
			}
			printed := strings.Split(strings.TrimSpace(string(out)), "\n")
			if err := json.Unmarshal([]byte(printed[len(printed)-1]), &want); err != nil {
				t.Fatal(err)
			}
			got := gold.Score(task, reported)
			if got != (Score{want.Found, want.Wanted, want.Wrong}) ||
				math.Abs(got.F1()-want.F1)+math.Abs(got.Precision()-want.Precision)+math.Abs(got.Recall()-want.Recall) > 1e-9 {
				t.Errorf("%s, %s: %+v, F1 %.4f, the script says %+v", set, task, got, got.F1(), want)
			}
		}
	}
}

func TestReadGoldRefuses(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty":         "",
		"no header":     "a\tb\tcopy\tyes\n",
		"a short line":  "id_a\tid_b\thand\tcluster\tnote\na\tb\tcopy\n",
		"another order": "id_a\tid_b\tcluster\thand\na\tb\tyes\tcopy\n",
	} {
		file := filepath.Join(t.TempDir(), "gold.tsv")
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		if gold, err := ReadGold(file); err == nil {
			t.Errorf("%s: ReadGold = %v, want an error", name, gold)
		}
	}
}
