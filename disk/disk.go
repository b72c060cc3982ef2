// Package disk tells how much room is left, so that who writes can stop in good order before there is none.
//
// Badger maps its files into memory: where a disk is full, writing to such a file does not fail but kills the process (SIGBUS). So
// whatever writes much asks [Check] first, and stops at [ErrFull] while there is still room to finish what it began.
package disk

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// ErrFull: less is free than is kept in reserve; nothing was written. Make room and go on.
var ErrFull = errors.New("disk is almost full")

// ReserveBytes of free disk are left alone by default.
const ReserveBytes = 256 << 20

// free returns how many bytes an ordinary user can still write to the disk of a file or directory, which must exist.
func free(path string) (int64, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(path, &fs); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", path, err)
	}
	return int64(fs.Bavail) * int64(fs.Bsize), nil
}

// Check returns ErrFull, with figures, if the disk of path has less free than reserveBytes.
func Check(path string, reserveBytes int64) error {
	left, err := free(path)
	if err == nil && left < reserveBytes {
		err = fmt.Errorf("%w: %d MiB are free, %d MiB are kept in reserve", ErrFull, left>>20, reserveBytes>>20)
	}
	return err
}
