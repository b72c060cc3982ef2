package crawl

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// finder finds the files that inputs name. Read and List are its users, so that they cannot differ.
type finder struct {
	file     func(name string, info fs.FileInfo) // info is nil for standard input
	problem  func(name string, err error)
	stopping func() bool
	found    int // files and problems
}

// find visits the files of an input in their order: a file, a folder, a pattern, or "-".
func (f *finder) find(input string) {
	if input == "-" {
		f.visit(input, nil)
		return
	}
	info, err := os.Stat(input)
	if errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(input, "*?[") {
		f.glob(input)
		return
	}
	f.path(input, info, err)
}

func (f *finder) visit(name string, info fs.FileInfo) {
	f.found++
	f.file(name, info)
}

func (f *finder) report(name string, err error) {
	f.found++
	f.problem(name, err)
}

// path visits a file, or everything in a folder. What the caller names is visited even if it is hidden or a link.
func (f *finder) path(name string, info fs.FileInfo, err error) {
	before := f.found
	switch {
	case err != nil:
		f.report(name, cause(err))
	case !info.IsDir():
		f.visit(name, info)
	default:
		if f.walk(name); f.found == before && !f.stopping() {
			f.report(name, fmt.Errorf("%w in the folder, hidden ones left out", ErrNoFiles))
		}
	}
}

// glob visits what matches a pattern. As in a shell, hidden files and folders do not, unless the pattern spells their dot.
func (f *finder) glob(pattern string) {
	names, err := filepath.Glob(pattern)
	if err != nil {
		f.report(pattern, err)
		return
	}
	slices.Sort(names)
	before := f.found
	for _, name := range names {
		if f.stopping() {
			return
		}
		if hiddenMatch(pattern, name) {
			continue
		}
		info, err := os.Stat(name)
		f.path(name, info, err)
	}
	if f.found == before {
		f.report(pattern, fmt.Errorf("%w match the pattern: %w", ErrNoFiles, fs.ErrNotExist))
	}
}

// hiddenMatch reports whether a name is hidden, or in a hidden folder, of which its pattern does not speak.
func hiddenMatch(pattern, name string) bool {
	patterns := strings.Split(filepath.ToSlash(filepath.Clean(pattern)), "/")
	for i, part := range strings.Split(filepath.ToSlash(filepath.Clean(name)), "/") {
		if strings.HasPrefix(part, ".") && i < len(patterns) && !strings.HasPrefix(patterns[i], ".") {
			return true
		}
	}
	return false
}

// walk visits the files in a folder and in its subfolders. We do not use filepath.WalkDir, which cleans the path that the
// caller gave and does not enter a folder that is named by a link.
func (f *finder) walk(folder string) {
	entries, err := os.ReadDir(folder) // sorted
	if err != nil {
		f.report(folder, cause(err)) // what was found before the error is visited
	}
	for _, entry := range entries {
		if f.stopping() {
			return
		}
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		name := strings.TrimSuffix(folder, "/") + "/" + entry.Name()
		switch {
		case entry.IsDir():
			f.walk(name)
		case entry.Type().IsRegular(), entry.Type()&fs.ModeSymlink != 0:
			f.entry(name)
		}
	}
}

// entry visits a file, or the file behind a link, that was found in a folder. Folders behind links are left out: they may lead
// in circles. Links to nowhere are a Problem.
func (f *finder) entry(name string) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		f.report(name, cause(err))
	case info.Mode().IsRegular():
		f.visit(name, info)
	}
}
