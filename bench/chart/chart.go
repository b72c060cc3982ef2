// Package chart draws plots as SVG: without scripts, in the colours that the reader has chosen, light or dark.
package chart

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"slices"

	"github.com/dedupe-news/dedupe/spell"
)

// Chart is a plot of series over two axes.
type Chart struct {
	Title, X, Y string // what the axes show, with units
	LogY        bool   // else from 0 to 1; x is always logarithmic
	Series      []Series
}

// Series are points of one thing, joined by a line or not.
type Series struct {
	Name   string // at the end of the line
	Ours   bool   // drawn so that it stands out
	Line   bool
	Points []Point
}

// Point is a value on each axis.
type Point struct {
	X, Y   float64 // above 0 on a logarithmic axis
	Label  string  // beside the point
	Hollow bool
}

// The drawing, in pixels.
const (
	width, height            = 860, 540
	left, right, top, bottom = 70, 150, 50, 60 // margins
	letter, lineHeight       = 6.6, 14         // of labels, about
)

// axis maps values to pixels.
type axis struct {
	log       bool
	low, high float64 // values at the ends
	from, to  float64 // pixels at the ends
	ticks     []float64
	format    func(float64) string
}

// at is the pixel of a value.
func (a *axis) at(v float64) float64 {
	low, high := a.low, a.high
	if a.log {
		v, low, high = math.Log10(v), math.Log10(low), math.Log10(high)
	}
	return a.from + (v-low)/(high-low)*(a.to-a.from)
}

// logAxis spans all values with room on both sides; its ticks are 1, 2 and 5 times the powers of ten.
func logAxis(values []float64, from, to float64) *axis {
	a := &axis{log: true, low: slices.Min(values) / 1.5, high: slices.Max(values) * 1.5, from: from, to: to, format: short}
	for power := math.Pow(10, math.Floor(math.Log10(a.low))); power <= a.high; power *= 10 {
		for _, tick := range []float64{power, 2 * power, 5 * power} {
			if tick >= a.low && tick <= a.high {
				a.ticks = append(a.ticks, tick)
			}
		}
	}
	return a
}

// unitAxis goes from 0 to 1.
func unitAxis(from, to float64) *axis {
	return &axis{low: 0, high: 1, from: from, to: to, ticks: []float64{0, 0.2, 0.4, 0.6, 0.8, 1},
		format: func(v float64) string { return fmt.Sprintf("%.1f", v) }}
}

// short writes a tick with as few digits as it needs.
func short(v float64) string {
	if v >= 1000 {
		return spell.Grouped(int(math.Round(v)))
	}
	return fmt.Sprintf("%.4g", v)
}

const style = `<style>
:root { color-scheme: light dark; --back: #fff; --ink: #1f2328; --faint: #d8dee4; --peer: #57606a; --ours: #c2410c }
@media (prefers-color-scheme: dark) { :root { --back: #0d1117; --ink: #e6edf3; --faint: #30363d; --peer: #9aa4af; --ours: #ff9a5c } }
text { font: 12px system-ui, sans-serif; fill: var(--ink) } .title { font-size: 15px; font-weight: 600 }
.grid { stroke: var(--faint) } .peer { stroke: var(--peer); fill: var(--peer) } .ours { stroke: var(--ours); fill: var(--ours) }
path { fill: none !important; stroke-width: 1.5 } path.ours { stroke-width: 3 } .hollow { fill: var(--back); stroke-width: 1.5 }
text.peer { stroke: none; fill: var(--ink) } text.ours { stroke: none; font-weight: 600 }
</style>
`

// SVG draws the chart. Without a point it says that there is none.
func (c Chart) SVG() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n%s", width, height, html.EscapeString(c.Title), style)
	fmt.Fprintf(&b, "<rect width=\"%d\" height=\"%d\" style=\"fill: var(--back)\"/>\n", width, height)
	text(&b, "title", "start", left, 28, c.Title)
	var xs, ys []float64
	for _, s := range c.Series {
		for _, p := range s.Points {
			xs, ys = append(xs, p.X), append(ys, p.Y)
		}
	}
	if len(xs) == 0 {
		text(&b, "", "start", left, height/2, "nothing was measured")
		b.WriteString("</svg>\n")
		return b.Bytes()
	}
	x := logAxis(xs, left, width-right)
	y := unitAxis(height-bottom, top)
	if c.LogY {
		y = logAxis(ys, height-bottom, top)
	}
	c.axes(&b, x, y)
	taken := new(places)
	for _, s := range c.Series {
		for _, p := range s.Points {
			taken.add(box{x.at(p.X) - 6, y.at(p.Y) - 6, 12, 12})
		}
	}
	for _, s := range c.Series {
		s.draw(&b, x, y, taken)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// axes draws ticks, grid and titles.
func (c Chart) axes(b *bytes.Buffer, x, y *axis) {
	for _, t := range x.ticks {
		fmt.Fprintf(b, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n", x.at(t), x.at(t), top, height-bottom)
		text(b, "", "middle", x.at(t), height-bottom+18, x.format(t))
	}
	for _, t := range y.ticks {
		fmt.Fprintf(b, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", left, width-right, y.at(t), y.at(t))
		text(b, "", "end", left-8, y.at(t)+4, y.format(t))
	}
	text(b, "", "middle", (left+width-right)/2, height-14, c.X)
	fmt.Fprintf(b, "<text text-anchor=\"middle\" transform=\"translate(18 %d) rotate(-90)\">%s</text>\n", (top+height-bottom)/2, html.EscapeString(c.Y))
}

// draw draws the line, the points and their labels.
func (s Series) draw(b *bytes.Buffer, x, y *axis, taken *places) {
	class := "peer"
	if s.Ours {
		class = "ours"
	}
	if s.Line {
		fmt.Fprintf(b, "<path class=\"%s\" d=\"", class)
		for i, p := range s.Points {
			fmt.Fprintf(b, "%c%.1f %.1f", "ML"[min(i, 1)], x.at(p.X), y.at(p.Y))
		}
		b.WriteString("\"/>\n")
	}
	for i, p := range s.Points {
		hollow := ""
		if p.Hollow {
			hollow = " hollow"
		}
		fmt.Fprintf(b, "<circle class=\"%s%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n", class, hollow, x.at(p.X), y.at(p.Y))
		label := p.Label
		if s.Line && i == len(s.Points)-1 {
			label = s.Name
		}
		if label != "" {
			lx, ly := taken.place(x.at(p.X), y.at(p.Y), label)
			text(b, class, "start", lx, ly, label)
		}
	}
}

func text(b *bytes.Buffer, class, anchor string, x, y float64, s string) {
	fmt.Fprintf(b, "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", class, anchor, x, y, html.EscapeString(s))
}

// box is a rectangle.
type box struct{ x, y, w, h float64 }

func (a box) overlaps(b box) bool {
	return a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h
}

// places are the boxes of points and labels.
type places []box

func (p *places) add(b box) { *p = append(*p, b) }

// place finds room for a label beside a point, the nearest first: to the right of it, to the left, then further above and below. It returns
// where the text begins.
func (p *places) place(x, y float64, label string) (float64, float64) {
	w := letter * float64(len([]rune(label)))
	best := box{x + 8, y - lineHeight/2, w, lineHeight}
search:
	for step := range 2 * height / lineHeight {
		down := float64((step+1)/2) * lineHeight / 2 // 0, 1, -1, 2, -2 half lines
		if step%2 == 0 {
			down = -down
		}
		for _, at := range []float64{x + 8, x - 8 - w} {
			b := box{at, y - lineHeight/2 + down, w, lineHeight}
			if at > left && b.x+b.w < width && b.y > top/2 && b.y+b.h < height-bottom && !slices.ContainsFunc(*p, b.overlaps) {
				best = b
				break search
			}
		}
	}
	p.add(best)
	return best.x, best.y + lineHeight - 3.5
}
