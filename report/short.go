package report

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxPageBytes is what a page stays below. That of a news crawl with hundreds of sites has about 200,000 bytes.
const MaxPageBytes = 1 << 20

// Most entries of the lists of a short report.
const (
	maxInputs     = 50
	maxSites      = 100
	maxClusters   = 25
	maxFurniture  = 20
	maxSkipped    = 25
	maxPassedOver = 30
)

// Most characters of the texts of a short report. One character takes up to 15 bytes of a page, 12 of them in JSON.
const (
	maxNameRunes  = 60  // sites, ids, reasons, versions
	maxFileRunes  = 100 // names of files
	maxTitleRunes = 160
	maxWrongRunes = 120 // what was wrong
	maxTextRunes  = 220
	maxURLBytes   = 500 // a longer one is left out: cut, it would lead elsewhere
)

// Short is what a page shows of r: lists in their order and cut, with the rest summed up in LeftOut; days put together to weeks, months
// or years; long texts cut, with "…" in the end. It shares no memory with r, and Short of it is itself. All lists are there, so
// that in JSON none is null.
//
// Inputs stay in their order, of which the first are kept; of the other lists the largest entries are, in the order of the page.
func (r Report) Short() Report {
	r.Type = "crawl"
	r.tidy()
	r.cutInputs()
	r.cutSites()
	r.cutClusters()
	r.cutFurniture()
	r.cutProblems()
	r.bucketDays()

	r.Copies = slices.Clone(r.Copies)
	for i := range r.Copies {
		cut(&r.Copies[i].Kind, maxNameRunes)
	}
	sortStrongest(r.Copies)
	r.Copies = r.Copies[:min(len(r.Copies), 2*len(kinds))]
	if r.Copies == nil {
		r.Copies = []KindCount{}
	}
	return r
}

// tidy makes the single figures fit for JSON, which knows neither years of five digits nor infinity.
func (r *Report) tidy() {
	if math.IsNaN(r.Seconds) || math.IsInf(r.Seconds, 0) {
		r.Seconds = 0
	}
	for _, t := range []*time.Time{&r.Began, &r.Since, &r.Until} {
		tidyTime(t)
	}
	if !inFourDigits(r.Earlier.Day.Time()) {
		r.Undated += r.Earlier.Articles()
		r.Earlier = Day{}
	}
	if !inFourDigits(r.Later.Day.Time()) {
		r.Undated += r.Later.Articles()
		r.Later = Day{}
	}
	cut(&r.Version, maxNameRunes)
	cut(&r.MinKind, maxNameRunes)
	cut(&r.Output, maxFileRunes)
}

func tidyTime(t *time.Time) {
	if *t = t.UTC().Round(0); !inFourDigits(*t) {
		*t = time.Time{}
	}
}

func (r *Report) cutInputs() {
	kept, rest := firstOf(r.Inputs, maxInputs)
	for i := range kept {
		cutFile(&kept[i].Name)
	}
	left := &r.LeftOut.Inputs
	left.Entries += len(rest)
	for _, in := range rest {
		left.Bytes += in.Bytes
		left.Articles += in.Articles
	}
	r.Inputs = kept
}

func (r *Report) cutSites() {
	kept, rest := firstOf(sorted(r.Sites, func(a, b Site) int {
		return cmp.Or(cmp.Compare(b.Articles, a.Articles), cmp.Compare(a.Site, b.Site))
	}), maxSites)
	for i := range kept {
		cut(&kept[i].Site, maxNameRunes)
		cut(&kept[i].CopiedFrom.Site, maxNameRunes)
	}
	left := &r.LeftOut.Sites
	left.Entries += len(rest)
	for _, s := range rest {
		left.Articles += s.Articles
		left.Kept += s.Kept
		left.Dropped += s.Dropped
		left.First += s.First
	}
	r.Sites = kept
}

func (r *Report) cutClusters() {
	kept, _ := firstOf(sorted(r.Clusters, func(a, b Cluster) int {
		return cmp.Or(cmp.Compare(b.Size, a.Size), cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID)) // c9 before c10
	}), maxClusters)
	for i := range kept {
		c := &kept[i]
		cut(&c.ID, maxNameRunes)
		cut(&c.Representative, maxNameRunes)
		cut(&c.Site, maxNameRunes)
		cut(&c.Title, maxTitleRunes)
		if len(c.URL) > maxURLBytes || !utf8.ValidString(c.URL) {
			c.URL = ""
		}
		tidyTime(&c.First)
		tidyTime(&c.Last)
		c.Spread = append([]int{}, c.Spread[:min(len(c.Spread), SpreadParts)]...)
	}
	r.Clusters = kept
}

func (r *Report) cutFurniture() {
	kept, rest := firstOf(sorted(r.Furniture, func(a, b Furniture) int {
		return cmp.Or(cmp.Compare(b.Stories, a.Stories), cmp.Compare(a.Text, b.Text), cmp.Compare(a.Example, b.Example))
	}), maxFurniture)
	for i := range kept {
		cut(&kept[i].Text, maxTextRunes)
		cut(&kept[i].Example, maxNameRunes)
	}
	r.LeftOut.Furniture.Entries += len(rest)
	r.Furniture = kept
}

func (r *Report) cutProblems() {
	skipped, rest := firstOf(sorted(r.Skipped, func(a, b Skip) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.File, b.File), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.First, b.First))
	}), maxSkipped)
	for i := range skipped {
		cutFile(&skipped[i].File)
		cut(&skipped[i].Reason, maxWrongRunes)
		cut(&skipped[i].First, maxNameRunes)
	}
	r.LeftOut.Skipped.Entries += len(rest)
	for _, s := range rest {
		r.LeftOut.Skipped.Count += s.Count
	}
	r.Skipped = skipped

	passedOver, others := firstOf(sorted(r.PassedOver, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	}), maxPassedOver)
	for i := range passedOver {
		cut(&passedOver[i].Reason, maxNameRunes)
	}
	r.LeftOut.PassedOver.Entries += len(others)
	for _, p := range others {
		r.LeftOut.PassedOver.Count += p.Count
	}
	r.PassedOver = passedOver
}

// kinds are why articles are dropped, in the order of the page.
var kinds = []string{"exact", "copy", "excerpt", "rewrite", "same id", "known"}

// sortStrongest sorts copies by kind, the strongest first; a kind that we do not know comes last.
func sortStrongest(copies []KindCount) {
	rank := func(kind string) int {
		if i := slices.Index(kinds, kind); i >= 0 {
			return i
		}
		return len(kinds)
	}
	slices.SortStableFunc(copies, func(a, b KindCount) int {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(a.Kind, b.Kind))
	})
}

func sorted[T any](list []T, compare func(a, b T) int) []T {
	list = slices.Clone(list)
	slices.SortStableFunc(list, compare)
	return list
}

// firstOf returns a copy of the first n entries of list, never nil, and the others.
func firstOf[T any](list []T, n int) (first, others []T) {
	n = min(n, len(list))
	return append([]T{}, list[:n]...), list[n:]
}

// cut shortens s to so many characters; "…" stands for the rest. Bytes that are not UTF-8 become U+FFFD, as JSON would have it.
func cut(s *string, runes int) {
	*s = strings.ToValidUTF8(*s, "\uFFFD")
	if utf8.RuneCountInString(*s) > runes {
		*s = string([]rune(*s)[:runes-1]) + "…"
	}
}

// cutFile shortens the name of a file in its middle, for names differ in the end.
func cutFile(s *string) {
	*s = strings.ToValidUTF8(*s, "\uFFFD")
	if utf8.RuneCountInString(*s) <= maxFileRunes {
		return
	}
	r := []rune(*s)
	const head = maxFileRunes / 3
	*s = string(r[:head]) + "…" + string(r[len(r)-(maxFileRunes-head-1):])
}
