package main

import (
	"context"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/gold"
	"github.com/dedupe-news/dedupe/match"
)

// A truth that nobody read, file names or what people said they had done, is not always in the texts. What can be found at all is measured by what two texts share
// word by word, before any rule.

// readings reads the articles of a file, by id.
func readings(ctx context.Context, file string) (map[string]*match.Reading, error) {
	read := make(map[string]*match.Reading)
	for r, err := range crawl.Read(ctx, []string{file}, crawl.Options{}) {
		if err != nil {
			return nil, err
		}
		read[r.Article.ID] = readingOf(r.Article)
	}
	return read, nil
}

func readingOf(a article.Article) *match.Reading { return match.Read(a.Text, "", time.Time{}) }

// inReach is what a detector that goes by the words reports at the best: the true pairs that overlap (5-word Jaccard 0.1 or containment 0.3, as in gold.tsv), and
// of the others that are reported those that nobody could tell from copies (Jaccard 0.4 or containment 0.9).
func inReach(read map[string]*match.Reading, truth gold.Gold, reported gold.Pairs) gold.Pairs {
	best := make(gold.Pairs)
	add := func(pair gold.Pair, jaccard, containment float64) {
		v := match.Compare(read[pair[0]], read[pair[1]]).Judge(nil, nil)
		if v.Jaccard >= jaccard || max(v.ContainmentA, v.ContainmentB) >= containment {
			best.Add(pair[0], pair[1])
		}
	}
	for pair := range truth {
		add(pair, 0.1, 0.3)
	}
	for pair := range reported.All() {
		if _, is := truth[pair]; !is {
			add(pair, 0.4, 0.9)
		}
	}
	return best
}
