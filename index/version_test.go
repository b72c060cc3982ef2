package index

import (
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

// An update of an article on the same site is a version of it; the same text on another site, or a month later, is a copy.
func TestVersions(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	text, more := story(1, 200), story(2, 20)
	x := filled(t, Options{}, []article.Article{{ID: "first", Site: "a.example", URL: "https://a.example/1", Published: day, Text: text}})
	for _, tt := range []struct {
		name string
		a    article.Article
		want bool
	}{
		{"an update", article.Article{Site: "a.example", Published: day.Add(5 * time.Hour), Text: more + text}, true},
		{"the same URL, undated", article.Article{Site: "a.example", URL: "https://a.example/1", Text: more + text}, true},
		{"another site", article.Article{Site: "b.example", Published: day.Add(time.Hour), Text: more + text}, false},
		{"a month later", article.Article{Site: "a.example", Published: day.AddDate(0, 1, 0), Text: more + text}, false},
		{"the same text", article.Article{Site: "a.example", Published: day.Add(time.Hour), Text: text}, false},
	} {
		tt.a.ID = "asking"
		matches := mustQuery(t, x, tt.a, QueryOptions{})
		if len(matches) != 1 || matches[0].Kind < match.Excerpt || matches[0].Version != tt.want {
			t.Errorf("%s: matches %+v, want one, version %t", tt.name, matches, tt.want)
		}
	}
}
