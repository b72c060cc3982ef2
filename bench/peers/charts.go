package peers

import (
	"github.com/dedupe-news/dedupe/bench/chart"
	"github.com/dedupe-news/dedupe/gold"
)

// qualityChart is speed against quality on the largest set. It goes by processor time, which other programs on the machine disturb less.
func (r *Results) qualityChart() chart.Chart {
	largest := r.Sets[len(r.Sets)-1]
	c := chart.Chart{
		Title: "Speed and quality on " + largest.Name + ": filled as documented, hollow at other thresholds",
		X:     "articles a second of processor time, whole job",
		Y:     "F1 of copies",
	}
	type drawn struct {
		peer, setting, threshold string
		f1                       float64
	}
	known := make(map[drawn]bool)
	for _, t := range r.timings(largest.Name) {
		f1, ok := r.f1(t.row, largest.Name, t.threshold, gold.Copies)
		if !ok || t.failed() != "" || t.cpu == 0 {
			continue
		}
		if d := (drawn{t.peer.Name, t.setting.Name, t.threshold, f1}); known[d] {
			continue // another way of reading the same answers comes to the same
		} else {
			known[d] = true
		}
		p := chart.Point{X: float64(largest.Articles) / t.cpu, Y: f1, Label: t.label(), Hollow: t.threshold != t.setting.Default}
		c.Series = append(c.Series, chart.Series{Ours: t.peer.Name == dedupe, Points: []chart.Point{p}})
	}
	return c
}

// label names a timing in a chart.
func (t timing) label() string {
	label := t.peer.Name
	if len(t.peer.Settings) > 1 {
		label += " " + t.setting.Name
	}
	if t.way != "." {
		label += " " + t.way
	}
	if t.threshold != "" {
		label += " " + t.threshold
	}
	return label
}

// growthChart is processor time over the size of the sets: as documented, a line for each setting that was run on two sets or more.
func (r *Results) growthChart() chart.Chart {
	c := chart.Chart{Title: "Time of the whole job by size of the set, as documented", X: "text of the set, MB", Y: "processor time, s", LogY: true}
	for _, w := range r.rows() {
		if w.way != w.setting.ways()[0] { // of one run
			continue
		}
		s := chart.Series{Name: timing{row: row{w.peer, w.setting, "."}}.label(), Ours: w.peer.Name == dedupe, Line: true}
		for _, set := range r.Sets {
			m, ok := r.at(w, set.Name, w.setting.Default)
			if ok && m.Failed == "" && m.CPU > 0 {
				s.Points = append(s.Points, chart.Point{X: float64(set.TextBytes) / 1e6, Y: m.CPU})
			}
		}
		if len(s.Points) > 1 {
			c.Series = append(c.Series, s)
		}
	}
	return c
}
