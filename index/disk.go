package index

import (
	"fmt"
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// reserveBytes of free disk are left alone: Badger maps its files into memory, and
// where a disk is full, writing to such a file kills the process (SIGBUS).
const reserveBytes = 256 << 20

// checkDisk returns ErrDiskFull if the disk of the index has too little free space.
func (x *Index) checkDisk() error {
	var fs unix.Statfs_t
	if err := unix.Statfs(x.dir, &fs); err != nil {
		return fmt.Errorf("free space of %s: %w", x.dir, err)
	}
	if free := fs.Bavail * uint64(fs.Bsize); free < reserveBytes {
		return fmt.Errorf("%w: %d MiB are free, %d MiB are kept in reserve", ErrDiskFull, free>>20, reserveBytes>>20)
	}
	return nil
}

// usedBytes is what a file takes on the disk: of a sparse file, what was written.
func usedBytes(info fs.FileInfo) int64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Blocks * 512
	}
	return info.Size()
}
