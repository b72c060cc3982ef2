package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/dedupe-news/dedupe/"

// floors are our packages and those of ours that each may import. Imports only point down.
var floors = map[string][]string{
	"article":    nil,
	"shingle":    nil,
	"minhash":    nil,
	"rice":       nil,
	"passage":    nil,
	"furniture":  {"rice"},
	"cluster":    nil,
	"columns":    nil,
	"spell":      nil,
	"report":     {"spell"},
	"gold":       nil,
	"disk":       nil,
	"extract":    {"article"},
	"match":      {"shingle", "minhash", "passage"},
	"crawl":      {"article", "columns"},
	"index":      {"article", "shingle", "minhash", "passage", "furniture", "cluster", "match", "disk", "rice"},
	"bulk":       {"article", "columns", "report", "disk", "match", "crawl", "index"},
	"cmd/dedupe": {"article", "match", "crawl", "extract", "index", "bulk", "report", "gold", "spell"},
}

// rooms are the libraries that one package alone may import.
var rooms = map[string]string{
	"github.com/dgraph-io/badger/v4":         "index",
	"github.com/spf13/cobra":                 "cmd/dedupe",
	"codeberg.org/readeck/go-readability/v2": "extract",
	"github.com/parquet-go/parquet-go":       "columns",
}

// TestImportsPointDown holds the walls of the house (see DESIGN.md).
func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		if entry.IsDir() && (name == "bench" || entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && name != ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		pkg := path.Dir(filepath.ToSlash(name))
		allowed, known := floors[pkg]
		if !known {
			t.Errorf("%s: package %s has no floor; give it one here and in DESIGN.md", name, pkg)
		}
		seen[pkg] = true
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if ours, ok := strings.CutPrefix(imported, modulePath); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s, which is not below package %s", name, ours, pkg)
			}
			for library, room := range rooms {
				if (imported == library || strings.HasPrefix(imported, library+"/")) && pkg != room {
					t.Errorf("%s imports %s, which belongs to package %s alone", name, imported, room)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range floors {
		if !seen[pkg] {
			t.Errorf("there is no package %s", pkg)
		}
	}
}
