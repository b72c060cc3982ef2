package report

import (
	"slices"
	"strconv"
	"strings"
)

// Charts are SVG without a view box: they are as wide as their place, so that across all is in percent, and down in pixels.

// share is a length across a chart: 0 to 100 percent of its width.
type share float64

// String is s as an SVG length, with up to three decimals.
func (s share) String() string {
	digits := strconv.FormatFloat(float64(s), 'f', 3, 64)
	return strings.TrimSuffix(strings.TrimRight(digits, "0"), ".") + "%"
}

// part is one of the parts that the articles fall into.
type part struct {
	Name     string
	Meaning  string
	Class    string
	Articles int
	Bytes    int64
	X, Width share
}

// meanings say what each kind is; the class of a kind is its colour.
var meanings = map[string]struct{ meaning, class string }{
	"exact":   {"the same normalised words", "exact"},
	"copy":    {"almost the same text both ways", "copy"},
	"excerpt": {"one is almost contained in the other: trimmed, or extended", "excerpt"},
	"rewrite": {"derived from the same text, but much reworded or new", "rewrite"},
	"same id": {"a later row has the same id", "same-id"},
	"known":   {"an earlier crawl into the same index had it", "known"},
}

// parts are the unique articles, then the dropped ones by kind; together they fill the bar. Kinds without articles are left out.
func parts(r Report) []part {
	all := []part{{Name: "unique", Meaning: "written to the output", Class: "kept", Articles: r.Kept, Bytes: r.KeptBytes}}
	for _, k := range r.Copies {
		m, known := meanings[k.Kind]
		if !known {
			m.class = "known"
		}
		if k.Articles > 0 {
			all = append(all, part{Name: k.Kind, Meaning: m.meaning, Class: m.class, Articles: k.Articles, Bytes: k.Bytes})
		}
	}
	total := 0
	for _, p := range all {
		total += max(p.Articles, 0)
	}
	if total == 0 {
		return all
	}
	// What is there can be seen, be it one in a million: so widths are not shares, but nearly.
	const least = 0.4
	width := share(0)
	for i := range all {
		if all[i].Articles > 0 {
			all[i].Width = max(least, share(100*float64(all[i].Articles)/float64(total)))
		}
		width += all[i].Width
	}
	x := share(0)
	for i := range all {
		all[i].X, all[i].Width = x, all[i].Width*100/width
		x += all[i].Width
	}
	return all
}

// timeline is the chart of the days.
type timeline struct {
	Height, Base int // pixels of the whole chart, and of the bars
	Bars         []bar
	Ticks        []tick // below: times
	Lines        []line // across: counts
	Most         Day    // the highest bar
}

// bar is the articles of one day: the dropped ones stand on the kept ones.
type bar struct {
	Day            Day
	X, Width       share
	KeptY, Kept    float64 // pixels from the top, and high
	DroppedY, Drop float64
}

type tick struct {
	X     share
	Label string
	Wide  bool // only shown where there is room
}

type line struct {
	Y        float64
	Articles int
}

const (
	timelineBase = 160 // pixels
	timelineAxis = 26
	headroom     = 14 // for the number at the uppermost line
)

// timelineOf makes the chart of days, which are sorted; nil if there are fewer than two bars to draw.
func timelineOf(r Report) *timeline {
	u := unit(r.DaysUnit)
	n := length(r.Days, u)
	if n < 2 {
		return nil
	}
	t := &timeline{Height: timelineBase + timelineAxis, Base: timelineBase}
	t.Most = slices.MaxFunc(r.Days, func(a, b Day) int { return a.Articles() - b.Articles() })
	most := max(1, t.Most.Articles())
	scale := float64(timelineBase-headroom) / float64(most)

	first := u.index(r.Days[0].Day)
	slot := 100 / float64(n)
	const widest = 6 // few bars do not become blocks
	for _, d := range r.Days {
		b := bar{Day: d, X: share(slot * float64(u.index(d.Day)-first)), Width: share(min(slot*0.86, widest))}
		b.Kept, b.Drop = pixels(d.Kept, scale), pixels(d.Dropped, scale)
		b.KeptY = timelineBase - b.Kept
		b.DroppedY = b.KeptY - b.Drop
		t.Bars = append(t.Bars, b)
	}
	step := tickStep(u, n)
	for i, shown := 0, 0; i < n; i++ {
		if (first+i)%step != 0 && (u == "month" || u == "year") || i%step != 0 && (u == "day" || u == "week") {
			continue
		}
		x := slot * float64(i)
		if x > 90 { // its label would not fit
			break
		}
		t.Ticks = append(t.Ticks, tick{share(x), u.label(u.start(first + i)), shown%2 == 1 || x > 75})
		shown++
	}
	for at := lineStep(most); at <= most; at += lineStep(most) {
		t.Lines = append(t.Lines, line{hundredth(timelineBase - float64(at)*scale), at})
	}
	return t
}

// pixels is the height of so many articles: what is there can be seen.
func pixels(articles int, scale float64) float64 {
	if articles <= 0 {
		return 0
	}
	return hundredth(max(1, float64(articles)*scale))
}

func hundredth(f float64) float64 { return float64(int(f*100+0.5)) / 100 }

// tickStep is how many bars apart the labels of n bars are: at most seven labels, in steps that people count in.
func tickStep(u unit, n int) int {
	steps := map[unit][]int{
		"day":   {1, 2, 7, 14, 28},
		"week":  {1, 2, 4, 8, 13, 26},
		"month": {1, 2, 3, 6, 12, 24, 36},
		"year":  {1, 2, 5, 10, 20, 50},
	}[u]
	for _, s := range steps {
		if n <= 7*s {
			return s
		}
	}
	return steps[len(steps)-1]
}

// lineStep is one, two or five times a power of ten, so that two to four lines (one, if most is 1) are drawn below most.
func lineStep(most int) int {
	for ten := 1; ; ten *= 10 {
		for _, step := range []int{1, 2, 5} {
			if most/(step*ten) <= 4 {
				return step * ten
			}
		}
	}
}

// strip is the small chart of when the articles of a cluster appeared.
type strip struct {
	Height int
	Bars   []stripBar
	Most   int // articles in the highest bar
}

type stripBar struct {
	X, Width  share
	Y, Height float64
}

const stripHeight = 40 // pixels

// stripOf makes the strip of a cluster, nil if its articles are of one moment or nobody knows of when.
func stripOf(c Cluster) *strip {
	if len(c.Spread) < 2 || slices.Max(c.Spread) <= 0 {
		return nil
	}
	s := &strip{Height: stripHeight, Most: slices.Max(c.Spread)}
	slot := 100 / float64(len(c.Spread))
	for i, articles := range c.Spread {
		if articles <= 0 {
			continue
		}
		height := max(3, hundredth(float64(articles)*stripHeight/float64(s.Most)))
		s.Bars = append(s.Bars, stripBar{share(slot * (float64(i) + 0.1)), share(slot * 0.8), stripHeight - height, height})
	}
	return s
}
