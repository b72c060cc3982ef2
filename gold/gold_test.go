package gold

import (
	"encoding/json"
	"errors"
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
	"testing/iotest"
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

// readFile reads a list of labelled pairs.
func readFile(t *testing.T, name string) *List {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := Read(f)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return list
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
		for _, task := range Tasks {
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
	gold := OfGroups(map[string]string{"a": "1", "b": "1", "c": "1", "d": "2", "e": "2"})
	reported := make(Pairs)
	reported.AddAll([]string{"a", "b", "d"})
	if got, want := gold.Score(Copies, reported), (Score{Found: 1, Wanted: 4, Wrong: 2}); got != want {
		t.Errorf("Score against groups = %+v, want %+v", got, want)
	}
	isB := func(pair Pair) bool { return pair[0] == "b" }
	if got, want := gold.Part(isB).Score(Copies, reported.Part(isB)), (Score{Wanted: 1, Wrong: 1}); got != want {
		t.Errorf("Score of the part b = %+v, want %+v", got, want)
	}
	if len(gold) != 4 || len(reported) != 3 {
		t.Errorf("Part changed its receiver: %v, %v", gold, reported)
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
		gold := readFile(t, goldFile).Gold
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
		for _, task := range Tasks {
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

// A list of some pairs says nothing of the others, and clusters give the figures of their pairs.
func TestScoreListed(t *testing.T) {
	t.Parallel()
	gold := Gold{
		PairOf("a", "b"): {"copy", "yes"},
		PairOf("a", "c"): {"boilerplate", "no"},
		PairOf("x", "y"): {"copy", "yes"},
	}
	groups := [][]string{{"c", "a", "b"}, {"x", "z"}}
	pairs, clusters := make(Pairs), new(Clusters)
	for _, ids := range groups {
		pairs.AddAll(ids)
		clusters.Add(ids)
	}
	for name, reported := range map[string]Reported{"pairs": pairs, "clusters": clusters} {
		if got, want := gold.ScoreListed(Copies, reported), (Score{Found: 1, Wanted: 2, Wrong: 1}); got != want {
			t.Errorf("%s: ScoreListed = %+v, want %+v", name, got, want)
		}
		if got, want := gold.Score(Copies, reported), (Score{Found: 1, Wanted: 2, Wrong: 3}); got != want {
			t.Errorf("%s: Score = %+v, want %+v", name, got, want)
		}
		if got, want := gold.Missed(Copies, reported), []Pair{{"x", "y"}}; !slices.Equal(got, want) {
			t.Errorf("%s: Missed = %v, want %v", name, got, want)
		}
		if got, want := gold.WrongListed(Copies, reported), []Pair{{"a", "c"}}; !slices.Equal(got, want) {
			t.Errorf("%s: WrongListed = %v, want %v", name, got, want)
		}
		all := []Pair{{"a", "c"}, {"b", "c"}, {"x", "z"}}
		for limit := range 5 {
			if got, want := gold.Wrong(Copies, reported, limit), all[:min(limit, 3)]; !slices.Equal(got, want) {
				t.Errorf("%s: Wrong(limit %d) = %v, want %v", name, limit, got, want)
			}
		}
		if reported.Len() != 4 || reported.Has(PairOf("a", "x")) {
			t.Errorf("%s: Len = %d, want 4; Has(a, x) = %v, want false", name, reported.Len(), reported.Has(PairOf("a", "x")))
		}
	}
	empty := new(Clusters)
	if empty.Len() != 0 || empty.Has(PairOf("a", "b")) {
		t.Error("the zero Clusters has pairs")
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	ab, cd := PairOf("a", "b"), PairOf("c", "d")
	for _, test := range []struct {
		name, text string
		want       Gold
		labels     map[Pair]string
		complete   bool
	}{
		{"gold format", "id_a\tid_b\thand\tcluster\tnote\nb\ta\tcopy\tyes\t\nc\td\trewrite\tmaybe\tsaid \"no\" twice\n",
			Gold{ab: {"copy", "yes"}, cd: {"rewrite", "maybe"}}, map[Pair]string{ab: "copy yes", cd: "rewrite maybe"}, true},
		{"other order, CRLF, mark, short lines", "\ufeffcluster,hand,id_b,id_a,note\r\nyes,copy,b,a\r\n\r\nno,quotes,d,c,x\r\n",
			Gold{ab: {"copy", "yes"}, cd: {"quotes", "no"}}, map[Pair]string{ab: "copy yes", cd: "quotes no"}, true},
		{"labels", "ID_A;ID_B;Label\na;b; Duplicate \nc;d;different\n",
			Gold{ab: {"copy", "yes"}, cd: {"boilerplate", "no"}}, map[Pair]string{ab: "duplicate", cd: "different"}, false},
		{"the last line counts", "id_a,id_b,label\na,b,0\nb,a,rewrite\nc,d,quote\n",
			Gold{ab: {"rewrite", "yes"}, cd: {"quotes", "no"}}, map[Pair]string{ab: "rewrite", cd: "quote"}, false},
		{"hand and cluster before label", "id_a,id_b,label,hand,cluster\na,b,no,copy,yes\n",
			Gold{ab: {"copy", "yes"}}, map[Pair]string{ab: "copy yes"}, true},
		{"id_b first", "id_b,id_a,label\nb,a,copy\n", Gold{ab: {"copy", "yes"}}, map[Pair]string{ab: "copy"}, false},
		{"label first", "label,id_a,id_b\nrewrite,a,b\n", Gold{ab: {"rewrite", "yes"}}, map[Pair]string{ab: "rewrite"}, false},
		{"hand first", "hand,cluster,id_a,id_b,label\ncopy,yes,a,b,no\n", Gold{ab: {"copy", "yes"}}, map[Pair]string{ab: "copy yes"}, true},
		{"cluster first", "cluster,hand,id_a,id_b,label\nyes,copy,a,b,no\n", Gold{ab: {"copy", "yes"}}, map[Pair]string{ab: "copy yes"}, true},
		{"label, for there is no cluster", "id_a,id_b,hand,label\na,b,quotes,copy\n", Gold{ab: {"copy", "yes"}}, map[Pair]string{ab: "copy"}, false},
		{"commas in quotes", "id_a,id_b,label\n\"a\",b,true\n", Gold{ab: {"copy", "yes"}}, map[Pair]string{ab: "true"}, false},
		{"no pairs", "id_a\tid_b\tlabel\n", Gold{}, map[Pair]string{}, false},
	} {
		list, err := Read(strings.NewReader(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if !maps.Equal(list.Gold, test.want) || !maps.Equal(list.Labels, test.labels) || list.Complete != test.complete {
			t.Errorf("%s: Read = %+v, want %v, %v, complete %v", test.name, list, test.want, test.labels, test.complete)
		}
	}
	list, err := Read(strings.NewReader("id_a\tid_b\tlabel\tnote\na\tb\tcopy\told\nc\td\tcopy\tsaid \"no\" twice\na\tb\tcopy\t\n"))
	if want := (map[Pair]string{cd: `said "no" twice`}); err != nil || !maps.Equal(list.Notes, want) {
		t.Errorf("notes = %v, %v, want %v", list.Notes, err, want)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "it is empty"},
		{"no header", "a\tb\tcopy\tyes\n", "must name the columns id_a, id_b and label"},
		{"no label", "id_a\tid_b\thand\na\tb\tcopy\n", "must name the columns"},
		{"a short line", "id_a\tid_b\thand\tcluster\tnote\na\tb\tcopy\n", `line 2: cluster "": want yes, maybe, no`},
		{"an unknown label", "id_a,id_b,label\na,b,copy\n\na,c,dupe?\n", `line 4: label "dupe?": want duplicate or different`},
		{"an unknown hand", "id_a,id_b,hand,cluster\na,b,quote,no\n", `line 2: hand "quote": want copy, rewrite`},
		{"an empty id", "id_a,id_b,label\n,b,copy\n", "line 2: an id is empty"},
		{"itself", "id_a,id_b,label\nb,b,copy\n", `line 2: a pair of "b" with itself`},
	} {
		list, err := Read(strings.NewReader(test.text))
		if err == nil || !errors.Is(err, ErrList) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Read = %v, %v, want ErrList with %q", test.name, list, err, test.want)
		}
	}
	broken := errors.New("broken")
	if _, err := Read(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("Read of what cannot be read = %v, want %v", err, broken)
	}
}

// No input makes Read panic; what it accepts has a label for each pair.
func FuzzRead(f *testing.F) {
	f.Add("id_a\tid_b\thand\tcluster\na\tb\tcopy\tyes\n")
	f.Add("id_a,id_b,label\na,\"b\",duplicate\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Read(strings.NewReader(text))
		if err != nil {
			if !errors.Is(err, ErrList) {
				t.Errorf("Read = %v, want ErrList", err)
			}
			return
		}
		for pair := range list.Gold {
			if list.Labels[pair] == "" || pair[0] >= pair[1] {
				t.Errorf("pair %q has the label %q", pair, list.Labels[pair])
			}
		}
	})
}
