package index

import (
	"testing"

	"github.com/dedupe-news/dedupe/article"
)

// "Read also" under another title is another article; under the same one it is an exact copy.
func TestTinyTextsNeedTheirTitles(t *testing.T) {
	t.Parallel()
	const tiny = "Featured video. Read also."
	for _, opts := range []Options{{}, {NoText: true}} {
		x := newIndex(t, opts)
		var got []Status
		for _, a := range []article.Article{
			{ID: "mayor", Title: "The mayor resigns", Text: tiny},
			{ID: "stork", Title: "A stork lands on the line", Text: tiny},
			{ID: "mayor-again", Title: "The Mayor Resigns", Text: tiny},
			{ID: "untitled", Text: tiny},
			{ID: "untitled-again", Text: "Featured video! READ ALSO"},
		} {
			added := mustAdd(t, x, a)
			got = append(got, added[0].Status)
		}
		if got[0] != New || got[2] != "exact" || got[4] != "exact" || !opts.NoText && got[1] != New {
			t.Errorf("no texts %t: statuses %v, want new, new, exact, …, exact", opts.NoText, got)
		}
		mustCheck(t, x, 5)
	}
}
