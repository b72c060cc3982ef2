package bulk

import (
	"encoding/json"
	"testing"

	"github.com/dedupe-news/dedupe/match"
)

func TestKeep(t *testing.T) {
	t.Parallel()
	all := wireLines(t)
	sites := make(map[string]string)
	words := make(map[string]int)
	place := make(map[string]int)
	for i, line := range all {
		var row struct{ ID, Source, Text string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		sites[row.ID], place[row.ID] = row.Source, i
	}
	clusters := added(t, match.Excerpt, all)
	for _, c := range clusters {
		for _, m := range c.Members {
			words[m.ID] = m.Words
		}
	}
	site := sites[clusters[0].Members[len(clusters[0].Members)-1].ID]
	for _, test := range []struct {
		keep   string
		better func(a, b string) bool // a must not be dropped for b
	}{
		{"longest", func(a, b string) bool { return words[a] > words[b] }},
		{"first", func(a, b string) bool { return place[a] < place[b] }},
		{"prefer=" + site, func(a, b string) bool { return sites[a] == site && sites[b] != site }},
	} {
		t.Run(test.keep, func(t *testing.T) {
			t.Parallel()
			keep, err := ParseKeep(test.keep)
			if err != nil || keep.String() != test.keep {
				t.Fatalf("ParseKeep(%q) = %v, %v", test.keep, keep, err)
			}
			opts := optionsFor(t.TempDir(), cut(t, all, 2)...)
			opts.Keep = keep
			made := mustRun(t, opts)
			if members := len(partition(clusters)); made.Dropped != members-len(clusters) {
				t.Errorf("%d dropped, want one kept of each of %d clusters with %d members", made.Dropped, len(clusters), members)
			}
			for _, d := range objects[droppedRow](t, opts.Dropped) {
				if test.better(d.ID, d.Of) {
					t.Errorf("%s was dropped for %s", d.ID, d.Of)
				}
				if d.Kind == "" || d.Kind == "none" {
					t.Errorf("dropped %+v without a kind", d)
				}
			}
		})
	}
}

func TestParseKeepRefuses(t *testing.T) {
	for _, s := range []string{"", "latest", "prefer=", "prefer=a,,b", "Earliest"} {
		if k, err := ParseKeep(s); err == nil {
			t.Errorf("ParseKeep(%q) = %v, want an error", s, k)
		}
	}
}

func TestPreferKnowsSubdomains(t *testing.T) {
	k := Prefer("a.example", "b.example")
	for _, test := range []struct {
		site string
		want int
	}{{"a.example", 0}, {"www.a.example", 0}, {"B.example", 1}, {"xa.example", 2}, {"", 2}, {"example", 2}} {
		if got := k.rank(test.site); got != test.want {
			t.Errorf("rank(%q) = %d, want %d", test.site, got, test.want)
		}
	}
}
