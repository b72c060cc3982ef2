package index

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/minhash"
)

// Pages of one site are apart from each other whatever furniture they have, up to three quarters of them; what is one story is not.
func TestApart(t *testing.T) {
	t.Parallel()
	own := func(i int) string { return story(uint64(i), 200) }
	furniture, told := story(1000, 150), story(1001, 300)
	for _, tt := range []struct {
		name string
		text func(i int) string
		site func(i int) string
		want func(apart int) bool
	}{
		{"unrelated articles of one site", own, func(int) string { return "a.example" }, func(n int) bool { return n == frozenSample }},
		{"pages of one site with furniture", func(i int) string { return own(i) + "\n" + furniture }, func(int) string { return "a.example" }, func(n int) bool { return n >= frozenApart }},
		{"pages that are hardly more than furniture", func(i int) string { return story(uint64(i), 20) + "\n" + furniture }, func(int) string { return "a.example" }, func(n int) bool { return n < frozenApart }},
		{"a story on many sites", func(i int) string { return reworded(told, i, i%16) + "\n" + story(uint64(i), 40) }, func(i int) string { return fmt.Sprintf("s%d.example", i) }, func(n int) bool { return n < frozenApart/2 }},
		{"a story whose sites are not known, half of it cut", func(i int) string { return told[:len(told)/(1+i%2)] }, func(int) string { return "" }, func(n int) bool { return n == 0 }},
	} {
		var sample []sampled
		for i := range frozenSample {
			s := minhash.New(match.Read(tt.text(i), "", time.Time{}).Shingles, leastKeys)
			sample = append(sample, sampled{tt.site(i), s})
		}
		if got := apart(sample); !tt.want(got) {
			t.Errorf("%s: %d of %d are apart", tt.name, got, frozenSample)
		}
	}
}

// reworded replaces percent of the words of a text, others for each seed.
func reworded(text string, seed, percent int) string {
	words := strings.Fields(text)
	for i := range words {
		if (i*7919+seed*104729)%100 < percent {
			words[i] = fmt.Sprintf("edit%dx%d", seed, i)
		}
	}
	return strings.Join(words, " ")
}

// The furniture of a site is frozen before its pages are compared, so that each is compared with few others; the copies among them are found.
func TestFurnitureIsFrozenBeforePairs(t *testing.T) {
	t.Parallel()
	const pages = 300
	var articles []article.Article
	for i := range pages {
		articles = append(articles, article.Article{ID: fmt.Sprint(i), Site: "a.example", Text: story(uint64(i), 300) + "\n" + story(1000, 60)})
	}
	articles = append(articles, article.Article{ID: "copy", Site: "b.example", Text: reworded(story(7, 300), 1, 5)})
	for _, noText := range []bool{false, true} {
		x := filled(t, Options{NoText: noText}, articles)
		before := x.work.compared.Load()
		mustRecluster(t, x)
		if got := x.work.compared.Load() - before; got > pages {
			t.Errorf("without texts %t: %d pages of one site and a copy: %d pairs are compared, want a few", noText, pages, got)
		}
		if c, err := x.ClusterOf(context.Background(), "copy"); err != nil || len(c.Members) != 2 || c.Representative != "7" {
			t.Errorf("without texts %t: the copy is in %v, %v, want a cluster of 7 and itself", noText, c, err)
		}
	}
}

// A key in many stories tells nothing, unless there are sixty-four times as many members of one of them.
func TestIsFrozen(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		members, others int // of the first story, and stories of one holder
		want            bool
	}{
		{0, frozenStories - 1, false},
		{0, frozenStories, true},
		{1, frozenStories - 1, true},
		{1, frozenStories - 2, false},
		{coreShare * frozenStories, frozenStories - 1, true},
		{coreShare * frozenStories * 2, frozenStories - 1, false},
		{coreShare * 1000, 998, false},
		{coreShare * 1000, 999, true},
		{coreShare * 1000, 50_000, true},
	} {
		r := &reclustering{begun: make([]uint32, test.members+test.others)}
		list := make([]uint64, len(r.begun))
		for place := range r.begun {
			list[place] = 7<<32 | uint64(place)
			if place >= test.members {
				r.begun[place] = uint32(place)
			}
		}
		if got := r.isFrozen(list); got != test.want {
			t.Errorf("a key of %d members of one story and %d other stories: isFrozen = %v", test.members, test.others, got)
		}
	}
}
