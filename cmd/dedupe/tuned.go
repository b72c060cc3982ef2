package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/spell"
)

// findingsPrinter prints what "tune" found.
type findingsPrinter struct {
	out     *output
	compare []string // how a command begins that shows a pair
}

// The JSON of findings; "compared_apart" are the pairs that have too little in common.
type sampleObject struct {
	Type           string      `json:"type"` // "sample"
	Articles       int         `json:"articles"`
	Surveyed       int         `json:"surveyed"`
	Sites          int         `json:"sites"`
	Undated        int         `json:"undated"`
	WithoutSite    int         `json:"without_site"`
	Short          int         `json:"short"`
	ExactCopies    int         `json:"exact_copies"`
	FurnitureShare match.Ratio `json:"furniture_share"`
	ComparedApart  int         `json:"compared_apart"`
}

type stepObject struct {
	Type    string      `json:"type"` // "coverage" or "jaccard"
	From    match.Ratio `json:"from"`
	To      match.Ratio `json:"to"`
	Exact   int         `json:"exact"`
	Copy    int         `json:"copy"`
	Excerpt int         `json:"excerpt"`
	Rewrite int         `json:"rewrite"`
	Quote   int         `json:"quote"`
	None    int         `json:"none"`
}

type settingObject struct {
	Type    string `json:"type"` // "setting"
	Setting string `json:"setting"`
	Number  int    `json:"number"`
	Of      int    `json:"of"`
	Counts  string `json:"counts"` // "dropped", "clusters" or "matched"
	Default bool   `json:"default"`
}

type borderlineObject struct {
	Type        string       `json:"type"` // "taken" or "refused"
	Kind        match.Kind   `json:"kind"`
	Coverage    match.Ratio  `json:"coverage"`
	Jaccard     match.Ratio  `json:"jaccard"`
	Containment match.Ratio  `json:"containment"`
	A           originObject `json:"a"`
	B           originObject `json:"b"`
	Why         string       `json:"why"`
	Command     string       `json:"command"`
}

type originObject struct {
	ID string `json:"id"`
	source
}

type passageFoundObject struct {
	Type    string `json:"type"` // "furniture"
	Stories int    `json:"stories"`
	Example string `json:"example"`
	Text    string `json:"text"`
}

type suggestionObject struct {
	Type    string `json:"type"` // "suggestion"
	Setting string `json:"setting,omitempty"`
	If      string `json:"if,omitempty"`
	Why     string `json:"why"`
}

type commandObject struct {
	Type    string `json:"type"` // "command"
	Command string `json:"command"`
}

// print prints all of it.
func (p *findingsPrinter) print(f *findings, advice []suggestion, given []string) error {
	return errors.Join(
		p.sample(f),
		p.histogram("coverage", "Pairs by own coverage", &f.coverage),
		p.histogram("jaccard", "Pairs by Jaccard similarity", &f.jaccard),
		p.settings(f),
		p.borderlines("taken", "The weakest pairs that were taken as copies", f.taken.first(f.show)),
		p.borderlines("refused", "The strongest pairs that were not", f.refused.first(f.show)),
		p.furniture(f),
		p.advice(advice),
		p.commands(advice, given),
	)
}

// heading begins a part, for people.
func (p *findingsPrinter) heading(text string) error {
	if !p.out.people {
		return nil
	}
	return errors.Join(p.out.line(), p.out.line(cell{text, bold}))
}

func (p *findingsPrinter) sample(f *findings) error {
	out := p.out
	if out.json {
		return out.object(sampleObject{
			"sample", f.articles, f.surveyed, len(f.sites), f.undated, f.siteless, f.short, f.exactCopies,
			match.Ratio(share(f.furniture, f.words)), f.apart,
		})
	}
	part := func(n int) string {
		if !out.people {
			return strconv.Itoa(n)
		}
		return spell.Grouped(n) + " (" + percent(n, f.surveyed) + ")"
	}
	furniture := percent(f.furniture, f.words)
	if !out.people {
		furniture = similarity(share(f.furniture, f.words), false)
	}
	properties := []property{
		{"articles", out.number(f.articles)},
		{"looked up", out.number(f.surveyed)},
		{"sites", out.number(len(f.sites))},
		{"without a date", part(f.undated)},
		{"without a site", part(f.siteless)},
		{fmt.Sprintf("under %d words", shortWords), part(f.short)},
		{"exact copies", out.number(f.exactCopies)},
		{"words of furniture", furniture},
		{"pairs too far apart", out.number(f.apart)},
	}
	if out.people {
		return out.properties(properties...)
	}
	for _, each := range properties {
		if err := out.fields(words("sample"), words(each.name), words(each.value)); err != nil {
			return err
		}
	}
	return nil
}

// histogramBar is the longest bar beside a histogram.
const histogramBar = 24

func (p *findingsPrinter) histogram(what, title string, h *histogram) error {
	out := p.out
	if err := p.heading(title); err != nil {
		return err
	}
	kinds := []match.Kind{match.Exact, match.Copy, match.Excerpt, match.Rewrite, match.Quote, match.None}
	columns := []column{{name: "from", right: true}, {name: "to", right: true}}
	for _, kind := range kinds {
		columns = append(columns, column{name: kind.String(), right: true})
	}
	if out.people {
		columns = append(columns, column{}) // the bar
	}
	rows := newTypedTable(out, what, "  ", columns...)
	most := 0
	for step := range h {
		most = max(most, h.total(step))
	}
	for step := histogramSteps - 1; step >= 0; step-- {
		from, to := float64(step)/histogramSteps, float64(step+1)/histogramSteps
		if out.json {
			n := &h[step]
			if err := out.object(stepObject{what, match.Ratio(from), match.Ratio(to),
				n[match.Exact], n[match.Copy], n[match.Excerpt], n[match.Rewrite], n[match.Quote], n[match.None]}); err != nil {
				return err
			}
			continue
		}
		cells := []cell{words(fmt.Sprintf("%.2f", from)), words(fmt.Sprintf("%.2f", to))}
		for _, kind := range kinds {
			number := out.number(h[step][kind])
			if out.people && number == "0" {
				number = "·"
			}
			cells = append(cells, words(number))
		}
		if out.people {
			cells = append(cells, cell{strings.Repeat("▇", (histogramBar*h.total(step)+most-1)/max(most, 1)), dim})
		}
		if err := rows.row(cells...); err != nil {
			return err
		}
	}
	return rows.flush()
}

// whatCounts is how people are told what a setting counts.
var whatCounts = map[string]string{
	"dropped":  "articles dropped",
	"clusters": "clusters",
	"matched":  "articles with a match",
}

func (p *findingsPrinter) settings(f *findings) error {
	out := p.out
	if err := p.heading("What each setting gives"); err != nil {
		return err
	}
	rows := newTypedTable(out, "setting", "  ",
		column{name: "setting"},
		column{name: "gives", right: true},
		column{name: "of", right: true},
		column{name: "what"},
	)
	for _, s := range f.settings {
		name := s.verb + " " + s.flag
		if out.json {
			if err := out.object(settingObject{"setting", name, s.number, s.of, s.what, s.isDefault}); err != nil {
				return err
			}
			continue
		}
		cells := []cell{words(name), words(out.number(s.number)), words(out.number(s.of))}
		switch {
		case out.people && s.isDefault:
			cells = append(cells, words(whatCounts[s.what]+" (default)"))
		case out.people:
			cells = append(cells, words(whatCounts[s.what]))
		case s.isDefault:
			cells = append(cells, words(s.what), words("default"))
		default:
			cells = append(cells, words(s.what), words(""))
		}
		if err := rows.row(cells...); err != nil {
			return err
		}
	}
	return rows.flush()
}

func (p *findingsPrinter) borderlines(what, title string, pairs []borderline) error {
	if len(pairs) == 0 {
		return nil
	}
	if err := p.heading(title); err != nil {
		return err
	}
	for i := range pairs {
		if err := p.borderline(what, &pairs[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *findingsPrinter) borderline(what string, b *borderline) error {
	out, v := p.out, &b.verdict
	containment, _ := v.Contained()
	command := p.command(b.a.ID, b.b.ID)
	kind := v.Kind.String()
	switch {
	case out.json:
		return out.object(borderlineObject{
			what, v.Kind, match.Ratio(v.Weight()), match.Ratio(v.Jaccard), match.Ratio(containment), originOf(b.a), originOf(b.b), v.Why(), command,
		})
	case !out.people:
		cells := []cell{words(what), words(kind), words(similarity(v.Weight(), false)), words(similarity(v.Jaccard, false)), words(similarity(containment, false))}
		for _, a := range []article.Article{b.a, b.b} {
			cells = append(cells, words(a.ID), words(moment(a.Published)), words(a.Site), words(oneLine(a.Title)))
		}
		return out.fields(append(cells, words(v.Why()), words(command))...)
	}
	rows := newTable(out, "    ", column{name: "id"}, column{name: "published", drop: 2}, column{name: "site", most: siteColumns, drop: 1}, column{name: "title"})
	rows.header = []bool{true, true, true, true} // it stands for itself
	err := out.line(words("  "), cell{kind, kindStyle(kind)}, words(fmt.Sprintf(" · coverage %s · jaccard %s · containment %s",
		similarity(v.Weight(), false), similarity(v.Jaccard, false), similarity(containment, false))))
	for _, a := range []article.Article{b.a, b.b} {
		err = errors.Join(err, rows.row(cell{a.ID, bold}, words(moment(a.Published)), words(a.Site), words(oneLine(a.Title))))
	}
	return errors.Join(err, rows.flush(), out.line(words("    "+v.Why())), out.line(cell{"    " + command, dim}))
}

// command shows a pair.
func (p *findingsPrinter) command(a, b string) string {
	command := strings.Join(p.compare, " ")
	if strings.HasPrefix(a, "-") || strings.HasPrefix(b, "-") { // else it would be a flag
		command += " --"
	}
	return command + " " + shellWord(a) + " " + shellWord(b)
}

func originOf(a article.Article) originObject {
	return originObject{a.ID, source{Title: a.Title, URL: a.URL, Site: a.Site, Published: known(a.Published)}}
}

func (p *findingsPrinter) furniture(f *findings) error {
	if len(f.passages) == 0 {
		return nil
	}
	out := p.out
	if err := p.heading("The commonest furniture"); err != nil {
		return err
	}
	if !out.json {
		return printFurniture(out, "furniture", f.passages)
	}
	for _, passage := range f.passages {
		if err := out.object(passageFoundObject{"furniture", passage.Stories, passage.Example, passage.Text}); err != nil {
			return err
		}
	}
	return nil
}

func (p *findingsPrinter) advice(advice []suggestion) error {
	out := p.out
	if err := p.heading("Suggestions"); err != nil {
		return err
	}
	if len(advice) == 0 && out.people {
		return out.line(words("  none: the defaults fit"))
	}
	for _, s := range advice {
		var err error
		switch {
		case out.json:
			err = out.object(suggestionObject{"suggestion", s.setting, s.when, s.why})
		case !out.people:
			err = out.fields(words("suggestion"), words(s.setting), words(s.when), words(s.why))
		default:
			line := []cell{words("  ")}
			if s.setting != "" {
				line = append(line, cell{s.setting, yellow})
				if s.when != "" {
					line = append(line, words(", if "+s.when))
				}
				line = append(line, words(": "))
			}
			err = out.line(append(line, words(s.why))...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// commands prints the settings to copy: the fields as they were given, and what is suggested whatever one wants.
func (p *findingsPrinter) commands(advice []suggestion, given []string) error {
	out := p.out
	if err := p.heading("Settings to copy"); err != nil {
		return err
	}
	parts := append([]string{"dedupe crawl INPUT --out unique.jsonl.zst", "--min-kind excerpt"}, given...)
	for _, s := range advice {
		if s.setting != "" && s.when == "" {
			parts = append(parts, s.setting)
		}
	}
	command := strings.Join(parts, " ")
	switch {
	case out.json:
		return out.object(commandObject{"command", command})
	case !out.people:
		return out.fields(words("command"), words(command))
	}
	return out.line(words("  " + command))
}
