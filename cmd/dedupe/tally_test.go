package main

import "testing"

func TestTallySummary(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		of      tally
		skipped int
		want    string
	}{
		{"nothing", nil, 0, "nothing was added"},
		{"one", tally{"new": 1}, 0, "added 1 article: 1 new"},
		{"all", tally{"new": 1280, "exact": 4, "copy": 3, "excerpt": 2, "rewrite": 1, "updated": 5, "unchanged": 6}, 2,
			"added 1,290 articles: 1,280 new, 4 exact, 3 copy, 2 excerpt, 1 rewrite; 5 updated; 6 unchanged; 2 skipped"},
		{"again", tally{"unchanged": 103}, 0, "nothing was added; 103 unchanged"},
		{"skipped", nil, 3, "nothing was added; 3 skipped"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.of.summary(test.skipped); got != test.want {
				t.Errorf("summary = %q, want %q", got, test.want)
			}
		})
	}
}

func TestTallySoFar(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		of   tally
		want string
	}{
		{nil, "nothing was added"},
		{tally{"updated": 2}, "nothing was added, 2 updated"},
		{tally{"copy": 1, "unchanged": 7}, "1 article was added"},
		{tally{"new": 1280, "exact": 4, "updated": 5}, "1,284 articles were added, 5 updated"},
	} {
		if got := test.of.soFar(); got != test.want {
			t.Errorf("soFar of %v = %q, want %q", test.of, got, test.want)
		}
	}
}

func TestTallyInterrupted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		inputs []string
		want   string
	}{
		{[]string{"a.jsonl", "b.jsonl"}, "interrupted: 3 articles were added; run the same command again to add the rest"},
		{[]string{"a.jsonl", "-"}, "interrupted: 3 articles were added"},
	} {
		if got := (tally{"new": 2, "copy": 1}).interrupted(test.inputs); got != test.want {
			t.Errorf("interrupted(%q) = %q, want %q", test.inputs, got, test.want)
		}
	}
}
