package index

import (
	"errors"
	"os"
)

// temporary is the file in which a sorter writes runs, one behind the other. Who changes it holds the lock of the sorter.
type temporary struct {
	dir  string
	file *os.File // nil: nothing was written yet
	size int64
}

// grow makes room for so many bytes, and the file first, and returns where.
func (t *temporary) grow(bytes int64) (at int64, err error) {
	if t.file == nil {
		file, err := os.CreateTemp(t.dir, "sort-")
		if err != nil {
			return 0, err
		}
		t.file = file
	}
	at = t.size
	t.size += bytes
	return at, nil
}

// close removes the file.
func (t *temporary) close() error {
	if t.file == nil {
		return nil
	}
	err := errors.Join(t.file.Close(), os.Remove(t.file.Name()))
	t.file = nil
	return err
}
