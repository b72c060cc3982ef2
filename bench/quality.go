package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedupe-news/dedupe/bench/peers"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/gold"
)

// QualityConfig says what RunQuality measures.
type QualityConfig struct {
	Data     string    // folder of the data sets
	Sets     []string  // names; none: all
	Out      io.Writer // takes the tables
	Progress io.Writer // is told how far it is
}

// set is a data set and how its quality is measured.
type set struct {
	name, file string // file in Data, whose absence means that the set is absent
	run        func(q *quality, ctx context.Context, file string) error
}

func sets() []set {
	return []set{
		{"ecbplus", "ecbplus/articles.jsonl", (*quality).gold},
		{"allsides", "allsides/articles.jsonl.gz", (*quality).gold},
		{"telegram", "telegram/articles.jsonl.gz", (*quality).gold},
		{"guides", "guides/articles.jsonl.gz", (*quality).guides},
		{"wiki-versions", "wiki-versions/articles.jsonl.gz", (*quality).wiki},
		{"clough-stevenson", "clough-stevenson/file_information.csv", (*quality).clough},
	}
}

// RunQuality prints a table of precision, recall and F1 for each data set, and the names of the sets that are absent.
func RunQuality(ctx context.Context, cfg QualityConfig) error {
	known := sets()
	for _, name := range cfg.Sets {
		if !slices.ContainsFunc(known, func(s set) bool { return s.name == name }) {
			return fmt.Errorf("there is no set %q", name)
		}
	}
	q := &quality{cfg: cfg}
	var skipped []string
	for _, s := range known {
		if len(cfg.Sets) > 0 && !slices.Contains(cfg.Sets, s.name) {
			continue
		}
		file := filepath.Join(cfg.Data, filepath.FromSlash(s.file))
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			skipped = append(skipped, s.name)
			continue
		}
		fmt.Fprintf(cfg.Out, "## %s\n\n", s.name)
		if err := s.run(q, ctx, file); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Fprintln(cfg.Out)
	}
	if len(skipped) > 0 {
		fmt.Fprintf(cfg.Out, "Skipped, because %s does not have them: %s.\n", cfg.Data, strings.Join(skipped, ", "))
	}
	return nil
}

// quality is one run of RunQuality.
type quality struct{ cfg QualityConfig }

func (q *quality) header(first string) {
	fmt.Fprintf(q.cfg.Out, "| %s | task | index | precision | recall | F1 | found | wrong |\n|---|---|---|---|---|---|---|---|\n", first)
}

// rows prints a row for each task, after adding and after Recluster.
func (q *quality) rows(name string, m Measured, tasks []gold.Task, score func(gold.Task, gold.Pairs) gold.Score) {
	for _, task := range tasks {
		for _, phase := range []struct {
			name     string
			reported Reported
		}{{"added", m.Added}, {"reclustered", m.Reclustered}} {
			q.row(name, task, phase.name, score(task, phase.reported[task]))
		}
	}
}

func (q *quality) row(name string, task gold.Task, phase string, s gold.Score) {
	fmt.Fprintf(q.cfg.Out, "| %s | %s | %s | %.4f | %.4f | %.4f | %d of %d | %d |\n",
		name, task, phase, s.Precision(), s.Recall(), s.F1(), s.Found, s.Wanted, s.Wrong)
}

// gold measures a set with a gold.tsv beside its articles.
func (q *quality) gold(ctx context.Context, file string) error {
	truth, err := peers.ReadGold(filepath.Join(filepath.Dir(file), "gold.tsv"))
	if err != nil {
		return err
	}
	m, err := Measure(ctx, file, q.cfg.Progress)
	if err != nil {
		return err
	}
	q.header("set")
	q.rows(filepath.Base(filepath.Dir(file)), m, gold.Tasks, scoreBy(truth))
	return nil
}

// guides measures whether the pages of a guide, which has one version for each of three architectures, stand in one cluster,
// language by language: pages that are left in English in several languages are alike, but no pages of one guide.
func (q *quality) guides(ctx context.Context, file string) error {
	page, err := field(ctx, file, "page")
	if err != nil {
		return err
	}
	language, err := field(ctx, file, "lang")
	if err != nil {
		return err
	}
	m, err := Measure(ctx, file, q.cfg.Progress)
	if err != nil {
		return err
	}
	read, err := readings(ctx, file)
	if err != nil {
		return err
	}
	q.header("language")
	truth := gold.OfGroups(page)
	best := inReach(read, truth, m.Reclustered[gold.Stories])
	for _, name := range append(slices.Compact(slices.Sorted(maps.Values(language))), "all") {
		ofLanguage := func(pair gold.Pair) bool {
			return name == "all" || language[pair[0]] == name && language[pair[1]] == name
		}
		q.rows(name, m, []gold.Task{gold.Copies, gold.Stories}, func(_ gold.Task, reported gold.Pairs) gold.Score {
			return truth.Part(ofLanguage).Score(gold.Copies, reported.Part(ofLanguage))
		})
		q.row(name, gold.Stories, "in reach", truth.Part(ofLanguage).Score(gold.Copies, best.Part(ofLanguage)))
	}
	return nil
}

// wiki measures whether clusters hold versions of one page only. Versions may have little in common, so recall says less.
func (q *quality) wiki(ctx context.Context, file string) error {
	group, err := field(ctx, file, "cluster")
	if err != nil {
		return err
	}
	m, err := Measure(ctx, file, q.cfg.Progress)
	if err != nil {
		return err
	}
	q.header("set")
	truth := gold.OfGroups(group)
	q.rows("wiki-versions", m, []gold.Task{gold.Copies, gold.Stories}, func(_ gold.Task, reported gold.Pairs) gold.Score {
		return truth.Score(gold.Copies, reported)
	})
	return nil
}

// scoreBy scores by a complete truth.
func scoreBy(truth gold.Gold) func(gold.Task, gold.Pairs) gold.Score {
	return func(task gold.Task, reported gold.Pairs) gold.Score { return truth.Score(task, reported) }
}

// field is a field of each article, by id, which is no property of an article: read in the place of the title.
func field(ctx context.Context, file, name string) (map[string]string, error) {
	values := make(map[string]string)
	for r, err := range crawl.Read(ctx, []string{file}, crawl.Options{Fields: crawl.Fields{Title: name}}) {
		if err != nil {
			return nil, err
		}
		values[r.Article.ID] = r.Article.Title
	}
	return values, nil
}
