package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestTuneForPeople(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	got := onTerminal(t, 100, "tune", "--show", "1", filepath.Join("testdata", "stories.jsonl"))
	for _, want := range []string{`articles             5
looked up            5
sites                4
without a date       0 (0 %)
without a site       0 (0 %)
under 60 words       0 (0 %)
exact copies         1
words of furniture   0 %
pairs too far apart  0

Pairs by own coverage
  FROM    TO  EXACT  COPY  EXCERPT  REWRITE  QUOTE  NONE
  0.95  1.00      1     1        2        ·      ·     ·  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇
  0.90  0.95      ·     ·        ·        ·      ·     ·
`, `
Pairs by Jaccard similarity
`, `
  0.50  0.55      ·     ·        1        ·      ·     ·  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇
`, `
What each setting gives
  SETTING                      GIVES  OF  WHAT
  crawl --min-kind copy            2   5  articles dropped
  crawl --min-kind excerpt         3   5  articles dropped (default)
`, `
The weakest pairs that were taken as copies
  copy · coverage 0.98 · jaccard 0.91 · containment 0.96
    bread-wire  2026-11-02 08:00  orrin-wire.example   Bakery works by candlelight after storm
    bread-copy  2026-11-02 09:30  valley-post.example  Candlelight bakery feeds cold village
    98 % of the smaller article's 186 own words stand in shared passages, of the larger article's 97 %: a copy both ways
    dedupe compare bread-wire bread-copy

Suggestions
  5 articles are few: take 1,000 or more, so that copies are among them and furniture is known

Settings to copy
  dedupe crawl INPUT --out unique.jsonl.zst --min-kind excerpt
`} {
		if !strings.Contains(got, want) {
			t.Errorf("tune =\n%s\nwhich lacks\n%s", got, want)
		}
	}
}

func TestHistogram(t *testing.T) {
	t.Parallel()
	var h histogram
	for figure, want := range map[float64]int{0: 0, 0.049: 0, 0.05: 1, 0.15: 3, 0.3: 6, 0.35: 7, 0.55: 11, 0.949: 18, 0.95: 19, 1: 19} {
		before := h[want][match.Copy]
		h.count(figure, match.Copy)
		if h[want][match.Copy] != before+1 {
			t.Errorf("count(%g) is not in step %d: %v", figure, want, h)
		}
	}
}

// Those that come first are kept, in their order, and no article is in two of them.
func TestEdgePairs(t *testing.T) {
	t.Parallel()
	e := edgePairs{most: 4, compare: func(a, b *borderline) int { return strings.Compare(a.a.ID+a.b.ID, b.a.ID+b.b.ID) }}
	for _, ids := range []string{"gh", "ac", "ef", "ab", "cd", "bd", "ij"} {
		e.add(borderline{a: article.Article{ID: ids[:1]}, b: article.Article{ID: ids[1:]}})
	}
	for n, want := range map[int]string{0: "[]", 1: "[ab]", 2: "[ab cd]", 9: "[ab cd]"} {
		got := []string{}
		for _, p := range e.first(n) {
			got = append(got, p.a.ID+p.b.ID)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("first(%d) = %v, want %s", n, got, want)
		}
	}
	none := edgePairs{compare: e.compare}
	none.add(borderline{})
	if len(none.pairs) != 0 {
		t.Errorf("with room for none there are %d", len(none.pairs))
	}
}

// Each rule of the help, just met and just not.
func TestAdvise(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	crawls := func(copies, excerpts, rewrites int) []setting {
		return []setting{
			{verb: "crawl", flag: "--min-kind copy", number: copies},
			{verb: "crawl", flag: "--min-kind excerpt", number: excerpts},
			{verb: "crawl", flag: "--min-kind rewrite", number: rewrites},
		}
	}
	gaps := func(n int, gap time.Duration, rest ...time.Duration) []time.Duration {
		return append(slices.Repeat([]time.Duration{gap}, n), rest...)
	}
	for _, test := range []struct {
		name string
		f    findings
		want []string // settings, each with " if" where it depends on what one wants
	}{
		{"nothing", findings{}, nil},
		{"five far apart on one site", findings{gapsHere: gaps(5, 8*day)}, []string{"--window 7d"}},
		{"four", findings{gapsHere: gaps(4, 8*day)}, nil},
		{"a tenth", findings{gapsHere: gaps(45, day, gaps(5, 8*day)...)}, []string{"--window 7d"}},
		{"less than a tenth", findings{gapsHere: gaps(46, day, gaps(5, 8*day)...)}, nil},
		{"copies between sites within a day", findings{gapsHere: gaps(5, 2*day), gapsElsewhere: gaps(19, day, 300*day)}, []string{"--window 1d"}},
		{"within a month", findings{gapsHere: gaps(5, 40*day), gapsElsewhere: gaps(20, 20*day)}, []string{"--window 30d"}},
		{"far apart everywhere", findings{gapsHere: gaps(50, 400*day), gapsElsewhere: gaps(50, 300*day)}, nil},
		{"weak excerpts", findings{excerpts: 20, weakExcerpts: 5, settings: crawls(10, 30, 30)}, []string{"--min-kind copy if"}},
		{"few weak excerpts", findings{excerpts: 21, weakExcerpts: 5, settings: crawls(10, 30, 30)}, nil},
		{"rewrites", findings{articles: 2000, surveyed: 2000, settings: crawls(10, 30, 130)}, []string{"--min-kind rewrite if"}},
		{"few rewrites", findings{articles: 2000, surveyed: 2000, settings: crawls(10, 30, 129)}, nil},
		{"no dates", findings{surveyed: 1000, undated: 200}, []string{"--date-field NAME if"}},
		{"dates", findings{surveyed: 1000, undated: 199}, nil},
		{"no sites", findings{surveyed: 1000, siteless: 200}, []string{"--site-field NAME if"}},
		{"sites", findings{surveyed: 1000, siteless: 199}, nil},
		{"short", findings{surveyed: 1000, short: 100}, []string{"--text-field NAME if"}},
		{"not short", findings{surveyed: 1000, short: 99}, nil},
		{"furniture", findings{surveyed: 1000, words: 100, furniture: 30}, []string{""}},
		{"little furniture", findings{surveyed: 1000, words: 100, furniture: 29}, nil},
		{"few", findings{surveyed: 999}, []string{""}},
	} {
		if test.f.surveyed == 0 {
			test.f.surveyed = fewArticles
		}
		var got []string
		for _, s := range advise(&test.f) {
			if s.when != "" {
				s.setting += " if"
			}
			if got = append(got, s.setting); s.why == "" {
				t.Errorf("%s: %q has no reason", test.name, s.setting)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: advise = %q, want %q", test.name, got, test.want)
		}
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		n, of int
		want  string
	}{{0, 0, "0 %"}, {0, 9, "0 %"}, {1, 1000, "1 %"}, {1, 3, "33 %"}, {999, 1000, "99 %"}, {9, 9, "100 %"}} {
		if got := percent(test.n, test.of); got != test.want {
			t.Errorf("percent(%d, %d) = %s, want %s", test.n, test.of, got, test.want)
		}
	}
}

// The command that shows a pair can be copied into a shell, whatever the ids are.
func TestCompareCommand(t *testing.T) {
	t.Parallel()
	p := findingsPrinter{compare: []string{"dedupe", "compare"}}
	for _, test := range []struct{ a, b, want string }{
		{"a", "b", "dedupe compare a b"},
		{"a b", "it's", `dedupe compare 'a b' 'it'\''s'`},
		{"-a", "https://x.example/?a=1&b=2", "dedupe compare -- -a 'https://x.example/?a=1&b=2'"},
	} {
		if got := p.command(test.a, test.b); got != test.want {
			t.Errorf("command(%q, %q) = %s, want %s", test.a, test.b, got, test.want)
		}
	}
}
