package generate

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestGenerate(t *testing.T) {
	t.Parallel()
	const n = 3000
	generate := func(seed uint64) string {
		var out bytes.Buffer
		if err := Write(Config{Articles: n, Seed: seed, Hot: 2, HotSize: 100}, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	got := generate(1)
	if got != generate(1) || got == generate(2) {
		t.Error("what is generated does not depend on the seed alone")
	}
	kinds, words, ids := make(map[string]int), 0, make(map[string]bool)
	for line := range strings.Lines(got) {
		var a struct{ ID, URL, Source, Date, Title, Text string }
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if ids[a.ID] || a.URL == "" || a.Source == "" || a.Date == "" || a.Title == "" {
			t.Errorf("article %+v: its id came before, or something is missing", a)
		}
		ids[a.ID] = true
		words += len(strings.Fields(a.Text))
		kind := strings.Split(a.ID, "-")[1]
		if strings.HasPrefix(a.ID, "hot") {
			kind = "hot"
		}
		kinds[kind]++
	}
	if len(ids) != n || words < 350*n || words > 420*n {
		t.Errorf("%d articles of %d words on average, want %d of some 390", len(ids), words/n, n)
	}
	for _, kind := range []string{"e0", "e5", "e10", "e20", "e30", "excerpt"} {
		if kinds[kind] < n/50 || kinds[kind] > n/20 {
			t.Errorf("%d of kind %s, want some %d", kinds[kind], kind, n/28)
		}
	}
	if kinds["hot"] < 150 || kinds["hot"] > 250 {
		t.Errorf("%d in hot stories, want some 200", kinds["hot"])
	}
}
