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
		{"nothing", nil, 0, "added nothing"},
		{"one", tally{"new": 1}, 0, "added 1 article: 1 new"},
		{"all", tally{"new": 1280, "exact": 4, "copy": 3, "excerpt": 2, "rewrite": 1, "updated": 5, "unchanged": 6}, 2,
			"added 1,290 articles: 1,280 new, 4 exact, 3 copy, 2 excerpt, 1 rewrite; 5 updated; 6 unchanged; 2 skipped"},
		{"again", tally{"unchanged": 103}, 0, "added nothing; 103 unchanged"},
		{"skipped", nil, 3, "added nothing; 3 skipped"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.of.summary(test.skipped); got != test.want {
				t.Errorf("summary = %q, want %q", got, test.want)
			}
		})
	}
}
