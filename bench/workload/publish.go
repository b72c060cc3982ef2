package workload

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedupe-news/dedupe/bench/chart"
	"github.com/dedupe-news/dedupe/bench/page"
	"github.com/dedupe-news/dedupe/spell"
)

// report is what is published: a result of each workload on each set.
type report []Result

// publish prints the tables, and writes them into their section of RESULTS.md and the plots into results, in a folder.
func (r report) publish(out io.Writer, dir string) error {
	if len(r) == 0 {
		return nil
	}
	var b bytes.Buffer
	r.write(&b)
	if _, err := out.Write(b.Bytes()); err != nil {
		return err
	}
	plots := filepath.Join(dir, "results")
	if err := os.MkdirAll(plots, 0o777); err != nil {
		return err
	}
	for _, p := range r.plots() {
		if err := os.WriteFile(filepath.Join(plots, p.file), p.SVG(), 0o666); err != nil {
			return err
		}
	}
	return page.Replace(filepath.Join(dir, "RESULTS.md"), "workloads", b.Bytes())
}

// write writes the section.
func (r report) write(b *bytes.Buffer) {
	b.WriteString(`# dedupe alone

[README.md](README.md#workloads) tells how this is made, and what each workload is. Of several runs it is the median, with the lowest and the highest.
Memory is the highest peak of the resident set, disk what the files of the index take: both for each case as a whole.

`)
	for _, set := range r.sets() {
		fmt.Fprintf(b, "## %s\n\n", set)
		of := r.of(set)
		origins(b, of)
		figures(b, of)
	}
	r.growth(b)
	r.commands(b)
}

// sets are all, by name and size.
func (r report) sets() (sets []Set) {
	for _, result := range r {
		if !slices.Contains(sets, result.Set) {
			sets = append(sets, result.Set)
		}
	}
	slices.SortFunc(sets, func(x, y Set) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Seed, y.Seed), cmp.Compare(x.Articles, y.Articles))
	})
	return sets
}

// of are the results on a set, in the order of the workloads.
func (r report) of(set Set) (results []Result) {
	for _, w := range workloads() {
		for _, result := range r {
			if result.Set == set && result.Workload == w.name {
				results = append(results, result)
			}
		}
	}
	return results
}

// origins says how and where some results were made.
func origins(b *bytes.Buffer, results []Result) {
	var told []string
	names := make(map[string][]string)
	for _, result := range results {
		origin := fmt.Sprintf("by `cd bench && %s`. %s Load of the machine before: %.1f.", result.Command, result.Machine, result.Load)
		if names[origin] == nil {
			told = append(told, origin)
		}
		names[origin] = append(names[origin], result.Workload)
	}
	for _, origin := range told {
		fmt.Fprintf(b, "%s: %s\n\n", strings.Join(names[origin], ", "), origin)
	}
}

// figures has all that came out.
func figures(b *bytes.Buffer, results []Result) {
	line(b, "workload", "case", "figure", "median", "lowest – highest", "unit", "runs", "memory MiB", "disk, bytes an article", "counted")
	line(b, slices.Repeat([]string{"---"}, 10)...)
	for _, result := range results {
		for _, row := range result.Rows {
			ends := []string{known(row.MemoryMiB), known(row.BytesAnArticle), row.counted()}
			for _, f := range row.Figures {
				line(b, append([]string{result.Workload, row.Case, f.Name, number(f.median()), f.spread(), f.Unit, fmt.Sprint(len(f.Runs))}, ends...)...)
				ends = []string{"", "", ""}
			}
		}
	}
	b.WriteString("\n")
}

// line writes a row of a table.
func line(b *bytes.Buffer, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// spread is from where to where the runs reach, or nothing if there is one.
func (f Figure) spread() string {
	if len(f.Runs) == 1 {
		return ""
	}
	return number(slices.Min(f.Runs)) + " – " + number(slices.Max(f.Runs))
}

// counted are the counts.
func (r *Row) counted() string {
	var texts []string
	for _, c := range r.Counts {
		texts = append(texts, spell.Grouped(c.Value)+" "+c.Name)
	}
	return strings.Join(texts, ", ")
}

// number has three figures, or all before the point.
func number(v float64) string {
	switch {
	case v >= 1000:
		return spell.Grouped(int(math.Round(v)))
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// known is a number, or nothing if it is unknown.
func known(v float64) string {
	if v == 0 {
		return ""
	}
	return spell.Grouped(int(math.Round(v)))
}

// commands has what was run.
func (r report) commands(b *bytes.Buffer) {
	b.WriteString("## What was run\n\nDIR is the folder of a new index, or of one of the set; FILE has the articles; - is standard input.\n\n")
	line(b, "workload", "case", "command")
	line(b, "---", "---", "---")
	var told []string
	for _, w := range workloads() {
		for _, result := range r {
			for _, row := range result.Rows {
				text := fmt.Sprintf("| %s | %s | `%s` |\n", w.name, row.Case, row.Command)
				if result.Workload == w.name && !slices.Contains(told, text) {
					told = append(told, text)
					b.WriteString(text)
				}
			}
		}
	}
}

// sizes are the results of a workload on generated articles of one seed, the fewest first: of the seed of the last result.
func (r report) sizes(workload string) (results []Result) {
	for _, result := range r {
		if result.Workload == workload && result.Set.Seed != 0 {
			results = append(results, result)
		}
	}
	if len(results) == 0 {
		return nil
	}
	seed := results[len(results)-1].Set.Seed
	results = slices.DeleteFunc(results, func(result Result) bool { return result.Set.Seed != seed })
	slices.SortFunc(results, func(x, y Result) int { return cmp.Compare(x.Set.Articles, y.Set.Articles) })
	return results
}

// growth has what a crawl takes, by the number of articles.
func (r report) growth(b *bytes.Buffer) {
	sizes := r.sizes("bulk")
	if len(sizes) == 0 {
		return
	}
	fmt.Fprintf(b, "## Growth\n\nA crawl into a new index, and queries of it, by the number of articles (generated, seed %d).\n\n", sizes[0].Set.Seed)
	line(b, "articles", "case", "wall s", "processor s", "articles a second", "processor µs an article", "memory MiB", "disk, bytes an article")
	line(b, slices.Repeat([]string{"---"}, 8)...)
	for _, result := range sizes {
		for _, row := range result.Rows {
			wall, processor := row.medianOf("wall"), row.medianOf("processor")
			n := float64(result.Set.Articles)
			line(b, spell.Grouped(result.Set.Articles), row.Case, number(wall), number(processor), number(n/wall), number(processor/n*1e6),
				known(row.MemoryMiB), known(row.BytesAnArticle))
		}
	}
	b.WriteString("\n")
	for _, p := range r.plots() {
		fmt.Fprintf(b, "![%s](results/%s)\n\n", p.Title, p.file)
	}
}

// medianOf is the median of a figure, or 0 if there is none.
func (r *Row) medianOf(name string) float64 {
	if f, ok := r.figure(name); ok {
		return f.median()
	}
	return 0
}

// plot is a chart and its file.
type plot struct {
	file string
	chart.Chart
}

// plots are drawn over the number of articles.
func (r report) plots() []plot {
	bulk, query := r.sizes("bulk"), r.sizes("query")
	if len(bulk) == 0 {
		return nil
	}
	of := func(file, title, y string, series ...[]chart.Series) plot {
		return plot{file, chart.Chart{Title: title, X: "articles", Y: y, LogY: true, Series: slices.Concat(series...)}}
	}
	plots := []plot{
		of("bulk-time.svg", "Time of a crawl into a new index", "seconds",
			lines(bulk, "wall, ", func(row *Row) float64 { return row.medianOf("wall") }),
			lines(bulk, "processor, ", func(row *Row) float64 { return row.medianOf("processor") })),
		of("bulk-memory.svg", "Memory of a crawl into a new index", "MiB, peak", lines(bulk, "", func(row *Row) float64 { return row.MemoryMiB })),
		of("bulk-disk.svg", "Disk of an index that a crawl made", "bytes an article", lines(bulk, "", func(row *Row) float64 { return row.BytesAnArticle })),
	}
	if len(query) > 0 {
		for i := range query {
			query[i].Rows = slices.DeleteFunc(slices.Clone(query[i].Rows), func(row Row) bool { return strings.Contains(row.Case, texts[1].name) })
		}
		plots = append(plots, of("query-time.svg", "Time of a query of an open index", "milliseconds",
			lines(query, "p50, ", func(row *Row) float64 { return row.medianOf("p50") }),
			lines(query, "p99, ", func(row *Row) float64 { return row.medianOf("p99") })))
	}
	return plots
}

// lines are a line for each case, of what it has of a value at each size.
func lines(sizes []Result, prefix string, of func(*Row) float64) (series []chart.Series) {
	for _, result := range sizes {
		for _, row := range result.Rows {
			v := of(&row)
			if v == 0 {
				continue
			}
			name := prefix + row.Case
			i := slices.IndexFunc(series, func(s chart.Series) bool { return s.Name == name })
			if i < 0 {
				i = len(series)
				series = append(series, chart.Series{Name: name, Ours: strings.Contains(name, texts[0].name), Line: true})
			}
			series[i].Points = append(series[i].Points, chart.Point{X: float64(result.Set.Articles), Y: v})
		}
	}
	return series
}
