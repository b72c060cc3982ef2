package peers

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedupe-news/dedupe/bench/chart"
	"github.com/dedupe-news/dedupe/bench/page"
	"github.com/dedupe-news/dedupe/bench/process"
	"github.com/dedupe-news/dedupe/gold"
)

// publish prints the tables, and writes them into their section of RESULTS.md and the plots into results, in a folder.
func (r *Results) publish(out io.Writer, dir string) error {
	var b bytes.Buffer
	r.write(&b)
	if _, err := out.Write(b.Bytes()); err != nil {
		return err
	}
	plots := filepath.Join(dir, "results")
	if err := os.MkdirAll(plots, 0o777); err != nil {
		return err
	}
	for name, c := range map[string]chart.Chart{"quality.svg": r.qualityChart(), "growth.svg": r.growthChart()} {
		if err := os.WriteFile(filepath.Join(plots, name), c.SVG(), 0o666); err != nil {
			return err
		}
	}
	return page.Replace(filepath.Join(dir, "RESULTS.md"), "peers", b.Bytes())
}

// write writes the document.
func (r *Results) write(b *bytes.Buffer) {
	b.WriteString("# dedupe and its peers\n\n")
	fmt.Fprintf(b, "Written by `cd bench && %s`; [README.md](README.md#peers) tells how. %s\n\n", r.Command, r.Machine)
	b.WriteString("Sets: ")
	for i, s := range r.Sets {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(b, "%s, %d articles, %.1f MB of text", s.Name, s.Articles, float64(s.TextBytes)/1e6)
	}
	b.WriteString(".")
	if len(r.Absent) > 0 {
		fmt.Fprintf(b, " Skipped, because they are absent: %s.", strings.Join(r.Absent, ", "))
	}
	b.WriteString("\n\nVersions:")
	for i, p := range r.Peers {
		fmt.Fprintf(b, "%s %s %s", strings.Repeat(",", min(i, 1)), p.Name, p.Version)
		if python := r.Pythons[p.Name]; python != "" {
			fmt.Fprintf(b, " (Python %s)", python)
		}
	}
	b.WriteString(".\n\n")
	r.defaults(b)
	r.bestOnEach(b)
	r.oneForAll(b)
	r.speeds(b)
	b.WriteString("![Speed against quality](results/quality.svg)\n\n![Time by size of the set](results/growth.svg)\n\n")
	for _, s := range r.Sets {
		r.details(b, s.Name)
	}
	r.commands(b)
}

// table writes the head of a table.
func table(b *bytes.Buffer, columns ...string) {
	fmt.Fprintf(b, "| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
}

func line(b *bytes.Buffer, cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", "\\|")
	}
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

func (r *Results) names() (names []string) {
	for _, s := range r.Sets {
		names = append(names, s.Name)
	}
	return names
}

// defaults has the F1 of the three tasks on each set.
func (r *Results) defaults(b *bytes.Buffer) {
	b.WriteString("## As documented\n\nF1 of pairs: copies / stories / matches. Where a peer tells clusters only, matches are –. *Not run*: not tried on so large a set, or\nleft for another time (`-budget`).\n\n")
	table(b, append([]string{"tool", "setting", "threshold"}, r.names()...)...)
	told := make(map[string]bool)
	for _, w := range r.rows() {
		if why := r.alwaysFailed(w.peer); why != "" {
			if !told[w.peer.Name] {
				line(b, w.peer.Name, "failed: "+why, "")
				told[w.peer.Name] = true
			}
			continue
		}
		if w.setting.Default == "" && len(w.setting.Sweep) > 0 {
			continue
		}
		cells := []string{w.peer.Name, w.title(), cmp.Or(w.setting.Default, "none")}
		for _, set := range r.names() {
			cells = append(cells, r.f1s(w, set, w.setting.Default))
		}
		line(b, cells...)
	}
	b.WriteString("\n")
}

// alwaysFailed is why a peer failed, if it always did for the same reason.
func (r *Results) alwaysFailed(p Peer) string {
	why := ""
	for i, m := range r.runsOf(p) {
		if m.Failed == "" || i > 0 && m.Failed != why {
			return ""
		}
		why = m.Failed
	}
	return why
}

// runsOf are the runs of a peer.
func (r *Results) runsOf(p Peer) (runs []Measured) {
	for _, m := range r.Runs {
		if m.Peer == p.Name {
			runs = append(runs, m)
		}
	}
	return runs
}

// f1s are those of a row on a set at a threshold, one for each task.
func (r *Results) f1s(w row, set, threshold string) string {
	m, ok := r.at(w, set, threshold)
	switch {
	case !ok:
		return "*not run*"
	case m.Failed != "":
		return "failed: " + m.Failed
	}
	var cells []string
	for _, task := range gold.Tasks {
		f1, ok := r.f1(w, set, threshold, task)
		cells = append(cells, number(f1, ok))
	}
	return strings.Join(cells, " / ")
}

// number is a figure from 0 to 1, or a dash.
func number(f float64, ok bool) string {
	if !ok {
		return "–"
	}
	return strings.TrimPrefix(fmt.Sprintf("%.3f", f), "0")
}

// anySwept says whether any setting with thresholds was run at several on each set that counts.
func (r *Results) anySwept() bool {
	return slices.ContainsFunc(r.rows(), func(w row) bool { return len(w.setting.Sweep) > 1 && r.swept(w, r.counting()) })
}

// bestOnEach has, for each set and task, the F1 at the threshold that is best there.
func (r *Results) bestOnEach(b *bytes.Buffer) {
	if !r.anySwept() {
		return
	}
	b.WriteString("## At the best threshold for each set and task\n\nF1 (threshold) of copies / stories / matches. The threshold is chosen on the very pairs that it is scored on: an upper bound.\n\n")
	table(b, append([]string{"tool", "setting"}, r.names()...)...)
	for _, w := range r.rows() {
		if r.alwaysFailed(w.peer) != "" {
			continue
		}
		cells := []string{w.peer.Name, w.title()}
		for _, set := range r.names() {
			if !r.swept(w, []string{set}) {
				cells = append(cells, "*not swept*")
				continue
			}
			var f1s []string
			for _, task := range gold.Tasks {
				threshold, f1, ok := r.best(w, set, task)
				cell := number(f1, ok)
				if threshold != "" {
					cell += " (" + threshold + ")"
				}
				f1s = append(f1s, cell)
			}
			cells = append(cells, strings.Join(f1s, " / "))
		}
		line(b, cells...)
	}
	b.WriteString("\n")
}

// oneForAll has the F1s at the one threshold whose worst F1 is the highest, the best tool first.
func (r *Results) oneForAll(b *bytes.Buffer) {
	if !r.anySwept() {
		return
	}
	sets := r.counting()
	fmt.Fprintf(b, "## At one threshold for all sets\n\nThe threshold whose worst F1 on %s is the highest, of those that were run on all of them, task by task. Left out is what\nwas run at fewer than two thresholds on one of the sets.\n\n", strings.Join(sets, ", "))
	table(b, append(append([]string{"task", "tool", "setting", "threshold"}, sets...), "worst")...)
	for _, task := range gold.Tasks {
		type ranked struct {
			cells []string
			worst float64
		}
		var rank []ranked
		for _, w := range r.rows() {
			threshold, worst, ok := r.bestOf(w, sets, task)
			if !ok || !r.swept(w, sets) {
				continue
			}
			cells := []string{string(task), w.peer.Name, w.title(), cmp.Or(threshold, "none")}
			for _, set := range sets {
				cells = append(cells, number(r.f1(w, set, threshold, task)))
			}
			rank = append(rank, ranked{append(cells, number(worst, true)), worst})
		}
		slices.SortStableFunc(rank, func(x, y ranked) int { return cmp.Compare(y.worst, x.worst) })
		for _, x := range rank {
			line(b, x.cells...)
		}
	}
	b.WriteString("\n")
}

// speeds has time and memory of whole jobs on the largest set.
func (r *Results) speeds(b *bytes.Buffer) {
	largest := r.Sets[len(r.Sets)-1]
	fmt.Fprintf(b, `## Speed on %s

The whole job: reading the file, signatures, index, querying all articles, clusters and matches written. Times are medians (lowest – highest);
what was run more than once was run in turn with the others, round by round. Processor time is of all processes; load is how many programs of the whole machine
ran or waited: where it is above the number of cores, wall time says more of the others, so compare processor time. Memory is the peak of all processes together. F1 of
copies / stories / matches at the same threshold; "best" was chosen for copies on this set. A run is stopped after %s.

`, largest.Name, r.Limit)
	table(b, "tool", "setting", "threshold", "runs", "wall s", "articles/s", "processor s", "load", "memory MiB", "F1")
	for _, t := range r.timings(largest.Name) {
		threshold := cmp.Or(t.threshold, "none")
		if best, _, ok := r.best(t.row, largest.Name, gold.Copies); r.swept(t.row, []string{largest.Name}) && t.threshold != t.setting.Default && ok && best == t.threshold {
			threshold += " (best)"
		}
		cells := []string{t.peer.Name, t.title(), threshold, fmt.Sprint(len(t.runs))}
		if why := t.failed(); why != "" {
			line(b, append(cells, "failed: "+why, "–", "–", fmt.Sprintf("%.0f", t.load), "–", "–")...)
			continue
		}
		line(b, append(cells, t.spread(wall), fmt.Sprintf("%.0f", float64(largest.Articles)/t.seconds), t.spread(cpu),
			fmt.Sprintf("%.0f", t.load), fmt.Sprintf("%.0f", t.memory), r.f1s(t.row, largest.Name, t.threshold))...)
	}
	b.WriteString("\n")
}

func wall(m Measured) float64 { return m.Seconds }
func cpu(m Measured) float64  { return m.CPU }

// spread is the median of some seconds, with the lowest and the highest if there are several.
func (t timing) spread(of func(Measured) float64) string {
	text := fmt.Sprintf("%.1f", median(t.runs, of))
	if len(t.runs) > 1 {
		least := func(x, y Measured) int { return cmp.Compare(of(x), of(y)) }
		text += fmt.Sprintf(" (%.1f – %.1f)", of(slices.MinFunc(t.runs, least)), of(slices.MaxFunc(t.runs, least)))
	}
	return text
}

// commands has what was run.
func (r *Results) commands(b *bytes.Buffer) {
	b.WriteString("## Commands\n\nA run is one process after the other; INPUT is the file of articles, OUT an empty folder.\n\n")
	table(b, "tool", "setting", "commands")
	for _, p := range r.Peers {
		for _, s := range p.Settings {
			line(b, p.Name, s.Title, spelled(p, s))
		}
	}
}

// spelled is how a setting of a peer is run.
func spelled(p Peer, s Setting) string {
	var commands []process.Command
	switch {
	case p.Name == dedupe:
		commands = ourCommands(dedupe)(s.Name, "", "INPUT", "OUT")
	case p.Python == "":
		commands = driverCommands(p.Driver)(s.Name, "THRESHOLD", "INPUT", "OUT")
	default:
		commands = driverCommands("python", p.Driver)(s.Name, "THRESHOLD", "INPUT", "OUT")
	}
	var texts []string
	for _, c := range commands {
		text := strings.Join(c.Args, " ")
		if c.Stdout != "" {
			text += " > " + c.Stdout
		}
		texts = append(texts, "`"+text+"`")
	}
	return strings.Join(texts, ", ")
}

// details has precision and recall on one set, at the documented defaults.
func (r *Results) details(b *bytes.Buffer, set string) {
	fmt.Fprintf(b, "## %s in detail, as documented\n\nPrecision / recall (pairs found of those wanted, wrong pairs).\n\n", set)
	table(b, "tool", "setting", "copies", "stories", "matches")
	for _, w := range r.rows() {
		m, ok := r.at(w, set, w.setting.Default)
		if !ok || m.Failed != "" {
			continue
		}
		cells := []string{w.peer.Name, w.title()}
		for _, task := range gold.Tasks {
			s, ok := m.Scores[w.way][task]
			if !ok {
				cells = append(cells, "–")
				continue
			}
			cells = append(cells, fmt.Sprintf("%s / %s (%d of %d, %d)", number(s.Precision(), true), number(s.Recall(), true), s.Found, s.Wanted, s.Wrong))
		}
		line(b, cells...)
	}
	b.WriteString("\n")
}
