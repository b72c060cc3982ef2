package crawl

import (
	"io/fs"
	"os"
	"strings"
)

// readPath reads a file, or everything in a folder. What the caller names is read even if it is hidden or a link.
func (s *source) readPath(name string) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		s.pipe.report(Origin{File: name}, cause(err))
	case info.IsDir():
		s.walk(name)
	default:
		s.readFile(name)
	}
}

// walk reads the files in a folder and in its subfolders. We do not use filepath.WalkDir, which cleans the path that the
// caller gave and does not enter a folder that is named by a link.
func (s *source) walk(folder string) {
	entries, err := os.ReadDir(folder) // sorted
	if err != nil {
		s.pipe.report(Origin{File: folder}, cause(err)) // what was found before the error is read
	}
	for _, entry := range entries {
		if s.pipe.stopping() {
			return
		}
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		name := strings.TrimSuffix(folder, "/") + "/" + entry.Name()
		switch {
		case entry.IsDir():
			s.walk(name)
		case entry.Type().IsRegular():
			s.readFile(name)
		case entry.Type()&fs.ModeSymlink != 0:
			s.readLink(name)
		}
	}
}

// readLink reads the file behind a link that was found in a folder. Folders behind links are left out: they may lead in
// circles. Links to nowhere are a Problem.
func (s *source) readLink(name string) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		s.pipe.report(Origin{File: name}, cause(err))
	case info.Mode().IsRegular():
		s.readFile(name)
	}
}
