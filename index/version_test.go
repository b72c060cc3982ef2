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
	first := article.Article{ID: "first", Site: "a.example", URL: "https://a.example/1", Published: day, Text: text}
	byDefault := filled(t, Options{}, []article.Article{first})
	month := filled(t, Options{Versions: Versions{Within: 32 * 24 * time.Hour}}, []article.Article{first})
	byURL := filled(t, Options{Versions: Versions{Within: -1}}, []article.Article{first})
	off := filled(t, Options{Versions: Versions{Off: true}}, []article.Article{first})
	for _, tt := range []struct {
		name               string
		a                  article.Article
		want, month, byURL bool
	}{
		{"an update", article.Article{Site: "a.example", Published: day.Add(5 * time.Hour), Text: more + text}, true, true, false},
		{"the same URL, undated", article.Article{Site: "a.example", URL: "https://a.example/1", Text: more + text}, true, true, true},
		{"another site", article.Article{Site: "b.example", Published: day.Add(time.Hour), Text: more + text}, false, false, false},
		{"a month later", article.Article{Site: "a.example", Published: day.AddDate(0, 1, 0), Text: more + text}, false, true, false},
		{"the same text", article.Article{Site: "a.example", Published: day.Add(time.Hour), Text: text}, false, false, false},
	} {
		tt.a.ID = "asking"
		for _, with := range []struct {
			versions string
			x        *Index
			want     bool
		}{{"by default", byDefault, tt.want}, {"within 32 days", month, tt.month}, {"by URL", byURL, tt.byURL}, {"off", off, false}} {
			matches := mustQuery(t, with.x, tt.a, QueryOptions{})
			if len(matches) != 1 || matches[0].Kind < match.Excerpt || matches[0].Version != with.want {
				t.Errorf("%s, versions %s: matches %+v, want one, version %t", tt.name, with.versions, matches, with.want)
			}
		}
	}
}
