package crawl

import (
	"bytes"
	"io"
	"io/fs"
	"strings"
	"time"
)

// File is a file that [Read] would read.
type File struct {
	Name      string    // as in [Origin].File; "-" is standard input
	SizeBytes int64     // as it is on disk; 0 for what is no regular file
	Modified  time.Time // zero for standard input
}

// List returns the files that [Read] would read of the same inputs, in the order in which it would, but each name once; and a
// Problem for each input that names none, and for each folder or link that cannot be followed. No file is opened, so whether it
// can be read, Read alone tells.
func List(inputs []string) ([]File, []*Problem) {
	var files []File
	var problems []*Problem
	seen := map[string]bool{}
	f := finder{
		file: func(name string, info fs.FileInfo) {
			if seen[name] {
				return
			}
			seen[name] = true
			file := File{Name: name}
			if info != nil {
				file.Modified = info.ModTime()
				if info.Mode().IsRegular() {
					file.SizeBytes = info.Size()
				}
			}
			files = append(files, file)
		},
		problem: func(name string, err error) {
			problems = append(problems, &Problem{Origin: Origin{File: name}, Err: err})
		},
		stopping: func() bool { return false },
	}
	for _, input := range inputs {
		f.find(input)
	}
	return files, problems
}

// FilesFrom reads names of inputs, one a line, as they are written by `find` and `ls`: blank lines do not count, all else is
// part of the name but a carriage return at its end. If there is a NUL byte in it, names end with NUL instead, as `find -print0`
// writes them, and may hold line ends. The names are for [Read] and [List]; whether there are such files is not looked at here.
func FilesFrom(r io.Reader) ([]string, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, byteOrderMark)
	var names []string
	if bytes.IndexByte(data, 0) >= 0 {
		for name := range strings.SplitSeq(string(data), "\x00") {
			if name != "" {
				names = append(names, name)
			}
		}
		return names, nil
	}
	for line := range strings.Lines(string(data)) {
		name := strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if strings.TrimSpace(name) != "" {
			names = append(names, name)
		}
	}
	return names, nil
}
