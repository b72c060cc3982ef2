// Package page keeps a page of Markdown whose sections are made by different programs. Each section stands between two comments,
//
//	<!-- begin NAME -->
//	<!-- end NAME -->
//
// and is replaced as a whole; what stands outside stays as it is.
package page

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Replace writes a section of a file: in the place of what it was, else behind everything. A file that is not there is made.
func Replace(file, name string, section []byte) error {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if text, err = replaced(text, name, section); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, text, 0o666)
}

func replaced(text []byte, name string, section []byte) ([]byte, error) {
	begin, end := fmt.Appendf(nil, "<!-- begin %s -->\n", name), fmt.Appendf(nil, "<!-- end %s -->\n", name)
	before, rest, begun := bytes.Cut(text, begin)
	_, after, ended := bytes.Cut(rest, end)
	switch {
	case begun && !ended:
		return nil, fmt.Errorf("section %s has no end", name)
	case !begun && len(before) > 0:
		before = append(bytes.TrimRight(before, "\n"), "\n\n"...)
	}
	return bytes.Join([][]byte{before, begin, bytes.TrimRight(section, "\n"), []byte("\n"), end, after}, nil), nil
}
