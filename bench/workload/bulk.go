package workload

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// bulk crawls the set into a new index, and writes its unique articles.
func (s *session) bulk(ctx context.Context) ([]Row, error) {
	from, err := s.input()
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, t := range s.kinds() {
		rows = append(rows, Row{Case: t.name, Command: called("crawl --index DIR --out unique.jsonl.zst --json "+from.shown, t.option)})
	}
	for range s.passes() {
		for i, t := range s.kinds() {
			if err := s.crawl(ctx, &rows[i], from, t.option); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

// crawl crawls the set once.
func (s *session) crawl(ctx context.Context, row *Row, from input, option []string) error {
	first := len(row.Figures) == 0
	return s.withFolder(func(dir string) error {
		at, report := filepath.Join(dir, "index"), filepath.Join(dir, "report.json")
		args := []string{"crawl", "--index", at, "--out", filepath.Join(dir, "unique.jsonl.zst"), "--json", from.argument}
		u, err := s.dedupeFrom(ctx, from.write, report, append(args, option...)...)
		if err != nil {
			return err
		}
		row.noteProcess(u, s.set.Articles)
		if err := row.noteDisk(at, s.set.Articles); err != nil || !first {
			return err
		}
		return row.countCrawled(report)
	})
}

// countCrawled takes the counts of a crawl from what it printed: objects that say how far it is, and one that has the counts.
func (r *Row) countCrawled(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	for d := json.NewDecoder(f); ; {
		var object struct {
			Type       string
			Rows, Kept int
		}
		if err := d.Decode(&object); err != nil {
			return fmt.Errorf("counts of a crawl: %w", err)
		}
		if object.Type == "crawl" {
			r.count("rows", object.Rows)
			r.count("kept", object.Kept)
			return nil
		}
	}
}
