package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dedupe-news/dedupe/gold"
	"github.com/dedupe-news/dedupe/match"
)

// onTerminal runs a command line whose output goes to a terminal without colours, and returns what it prints there.
func onTerminal(t *testing.T, columns int, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	env := &environment{
		stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr,
		getenv: func(name string) string { return map[string]string{"NO_COLOR": "1"}[name] },
		terminal: func(stream any) (int, bool) {
			return columns, stream == &stdout
		},
	}
	if code := run(env, args); code != exitDone {
		t.Fatalf("dedupe %q = exit code %d: %s", args, code, &stderr)
	}
	return stdout.String()
}

// storiesIndex is an index with the five articles of testdata/stories.jsonl.
func storiesIndex(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "news.index")
	onTerminal(t, 100, "add", "--index", dir, filepath.Join("testdata", "stories.jsonl"))
	return dir
}

func TestEvalForPeople(t *testing.T) {
	pairs := filepath.Join(t.TempDir(), "pairs.csv")
	writeFile(t, pairs, `id_a,id_b,label,note
bread-wire,bread-exact,exact,
bread-wire,bread-trim,rewrite,
bread-copy,bread-wire,different,
bread-wire,orchard,copy,but why?
`)
	got := onTerminal(t, 100, "eval", "--index", storiesIndex(t), "--show", "1", pairs)
	want := `
TASK     PRECISION  RECALL      F1  FOUND  WANTED  WRONG
copies      0.5000  0.5000  0.5000      1       2      1
stories     0.6667  0.6667  0.6667      2       3      1
matches     0.6667  0.6667  0.6667      2       3      1

LABEL      PAIRS  COPIES  STORIES  MATCHES
copy           1       0        0        0
exact          1       1        1        1
rewrite        1       1        1        1
different      1       1        1        1

missed copies
  bread-wire  orchard
    copy, verdict none: too little in common: Jaccard 0.00 (least 0.10) and containment 0.00 (least 0.30)
    note: but why?

wrong copies
  bread-copy  bread-wire
    different, verdict copy: 98 % of the smaller article's 186 own words stand in shared passages, of the larger article's 97 %: a copy both ways
`
	if !strings.HasPrefix(got, want[1:]) {
		t.Errorf("eval =\n%s\nwant, at the beginning\n%s", got, want[1:])
	}
}

func TestFigureOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		figure float64
		of     int
		want   string
	}{{0, 0, "-"}, {0, 3, "0.0000"}, {2. / 3, 3, "0.6667"}, {1, 1, "1.0000"}} {
		if got := figureOf(test.figure, test.of); got != test.want {
			t.Errorf("figureOf(%g, %d) = %s, want %s", test.figure, test.of, got, test.want)
		}
	}
}

func TestPrintError(t *testing.T) {
	t.Parallel()
	o := errorObject{
		Type: "wrong", Task: gold.Stories, A: "a", B: "b\x1b", Label: notListed, Kind: match.Quote, Jaccard: 0.256, Containment: 0.5, Why: "because",
		Note: "two\nlines",
	}
	for _, test := range []struct {
		name string
		out  output
		want string
	}{
		{"terminal", output{people: true}, "  a  b␛\n    not listed, verdict quote: because\n    note: two lines\n"},
		{"pipe", output{}, "wrong\tstories\ta\tb␛\tnot listed\tquote\t0.26\t0.50\tbecause\ttwo lines\n"},
		{"JSON", output{json: true}, `{"type":"wrong","task":"stories","a":"a","b":"b\u001b","label":"not listed","kind":"quote","jaccard":0.256,"containment":0.5,` +
			`"why":"because","note":"two\nlines"}` + "\n"},
	} {
		if got := printed(t, test.out, func(out *output) error { return printError(out, o) }); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// The labels of the closest relations come first.
func TestCompareReadings(t *testing.T) {
	t.Parallel()
	order := []gold.Reading{
		{Hand: "copy", Cluster: "yes"}, {Hand: "rewrite", Cluster: "maybe"}, {Hand: "unsure", Cluster: "maybe"},
		{Hand: "template", Cluster: "maybe"}, {Hand: "rewrite", Cluster: "no"}, {Hand: "quotes", Cluster: "no"}, {Hand: "boilerplate", Cluster: "no"},
	}
	for i := range order[1:] {
		if compareReadings(order[i], order[i+1]) >= 0 {
			t.Errorf("%v does not come before %v", order[i], order[i+1])
		}
	}
}
