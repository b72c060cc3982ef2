package peers

import (
	"slices"

	"github.com/dedupe-news/dedupe/bench/machine"
	"github.com/dedupe-news/dedupe/gold"
)

// Results are what was measured of some peers on some sets.
type Results struct {
	Sets    []Size // the smallest first
	Absent  []string
	Peers   []Peer
	Pythons map[string]string // version, by name of peer
	Runs    []Measured
	Machine machine.Machine
	Command string
	Limit   interface{ String() string } // of one run
}

// Size is the size of a set.
type Size struct {
	Name                string
	Articles, TextBytes int
}

// row is a setting of a peer, and one way of reading its answers.
type row struct {
	peer    Peer
	setting Setting
	way     string
}

func (r *Results) rows() (rows []row) {
	for _, p := range r.Peers {
		for _, s := range p.Settings {
			for _, way := range s.ways() {
				rows = append(rows, row{p, s, way})
			}
		}
	}
	return rows
}

// title is the setting, and the way if there are several.
func (w row) title() string {
	if w.way == "." {
		return w.setting.Title
	}
	return w.setting.Title + ", " + w.way
}

// of are the runs of a row on a set, in the order in which they were made.
func (r *Results) of(w row, set string) (runs []Measured) {
	for _, m := range r.Runs {
		if m.Set == set && m.Peer == w.peer.Name && m.Setting == w.setting.Name {
			runs = append(runs, m)
		}
	}
	return runs
}

// swept says whether a row was run at several thresholds on each of some sets, if it has several.
func (r *Results) swept(w row, sets []string) bool {
	if len(w.setting.Sweep) < 2 {
		return true
	}
	for _, set := range sets {
		tried := make(map[string]bool)
		for _, m := range r.of(w, set) {
			tried[m.Threshold] = true
		}
		if len(tried) < 2 {
			return false
		}
	}
	return true
}

// at is the first run of a row on a set at a threshold.
func (r *Results) at(w row, set, threshold string) (Measured, bool) {
	for _, m := range r.of(w, set) {
		if m.Threshold == threshold {
			return m, true
		}
	}
	return Measured{}, false
}

// f1 is that of a row at a threshold; it is not ok where the run failed, or was not made, or tells nothing of the task.
func (r *Results) f1(w row, set, threshold string, task gold.Task) (f1 float64, ok bool) {
	m, ok := r.at(w, set, threshold)
	if !ok || m.Failed != "" {
		return 0, false
	}
	score, ok := m.Scores[w.way][task]
	return score.F1(), ok
}

// best is the threshold of the highest F1 on a set; of equals the strictest.
func (r *Results) best(w row, set string, task gold.Task) (threshold string, f1 float64, ok bool) {
	return r.bestOf(w, []string{set}, task)
}

// bestOf is the threshold whose worst F1 over some sets is the highest, and this F1; of equals the strictest. Only thresholds at which
// the row was run on all of the sets, and did not fail, are compared.
func (r *Results) bestOf(w row, sets []string, task gold.Task) (threshold string, worst float64, ok bool) {
	candidates := w.setting.sweep(false)
	for _, t := range w.setting.Large { // some of which are only there
		if !slices.Contains(candidates, t) {
			candidates = append(slices.Clone(candidates), t)
		}
	}
	for _, t := range candidates {
		least, all := 1., true
		for _, set := range sets {
			f1, ok := r.f1(w, set, t, task)
			least, all = min(least, f1), all && ok
		}
		if all && (!ok || least > worst) {
			threshold, worst, ok = t, least, true
		}
	}
	return threshold, worst, ok
}

// counting are the sets that count when one threshold is chosen for all: those of real news, if there are any.
func (r *Results) counting() (names []string) {
	for _, s := range r.Sets {
		if s.Name != ours || len(r.Sets) == 1 {
			names = append(names, s.Name)
		}
	}
	return names
}

// timing is the speed of a row at a threshold on the largest set.
type timing struct {
	row
	threshold                  string
	runs                       []Measured // those for speed, which were made in turn with others; else the one for quality
	seconds, cpu, memory, load float64    // medians; memory and load are the highest
}

// timings are those of all rows at the threshold whose speed is measured, and at the best one for copies, if that is another.
func (r *Results) timings(set string) (timings []timing) {
	for _, w := range r.rows() {
		at := w.setting.timed()
		if t, ok := r.timing(w, set, at); ok {
			timings = append(timings, t)
		}
		if best, _, ok := r.best(w, set, gold.Copies); ok && best != at {
			if t, ok := r.timing(w, set, best); ok {
				timings = append(timings, t)
			}
		}
	}
	return timings
}

func (r *Results) timing(w row, set, threshold string) (timing, bool) {
	t := timing{row: w, threshold: threshold}
	for _, m := range r.of(w, set) {
		if m.Threshold == threshold && (m.Failed == "" || m.Seconds > 0) {
			t.runs = append(t.runs, m)
		}
	}
	if forSpeed := func(m Measured) bool { return m.Round > 0 }; slices.ContainsFunc(t.runs, forSpeed) {
		t.runs = slices.DeleteFunc(t.runs, func(m Measured) bool { return !forSpeed(m) })
	}
	if len(t.runs) == 0 {
		return t, false
	}
	t.seconds = median(t.runs, wall)
	t.cpu = median(t.runs, cpu)
	for _, m := range t.runs {
		t.memory = max(t.memory, m.MemoryMiB)
		t.load = max(t.load, m.Load)
	}
	return t, true
}

// failed is why one of the runs failed, or nothing.
func (t timing) failed() string {
	for _, m := range t.runs {
		if m.Failed != "" {
			return m.Failed
		}
	}
	return ""
}

func median(runs []Measured, of func(Measured) float64) float64 {
	values := make([]float64, len(runs))
	for i, m := range runs {
		values[i] = of(m)
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
