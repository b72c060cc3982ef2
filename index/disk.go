package index

import (
	"io/fs"
	"syscall"

	"github.com/dedupe-news/dedupe/disk"
)

// checkDisk returns ErrDiskFull if the disk of the index has too little free space.
func (x *Index) checkDisk() error { return disk.Check(x.dir, x.spare) }

// usedBytes is what a file takes on the disk: of a sparse file, what was written.
func usedBytes(info fs.FileInfo) int64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Blocks * 512
	}
	return info.Size()
}
