package crawl

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/therootcompany/xz"
)

// Memory that a compressed file may ask of us.
const (
	// maxWindowBytes is how much a Zstandard file may ask us to remember: what zstd itself grants without --long. A file that asks
	// for more is refused.
	maxWindowBytes = 128 << 20

	// maxXZBytes is the same for xz: what `xz -9` asks for.
	maxXZBytes = 64 << 20
)

// decompress returns what is in s.raw. What must be an archive by its name is gzip by its name too, even if it begins with
// something else, for its reader finds the first whole member.
func (s *source) decompress(name string) (r io.Reader, compressed bool, err error) {
	head, _ := s.raw.Peek(len(arcMagic)) // an error comes again with the next read
	switch {
	case isGzip(head) || isArchiveName(name) && hasGzipName(name) && !isZstd(head) && !isBzip2(head) && !isXZ(head) && !isWARC(head) && !isARC(head):
		if s.gunzip == nil {
			s.gunzip = newMembers(s.raw, s.past)
		}
		s.gunzip.reset()
		return s.gunzip, true, nil
	case isZstd(head):
		r, err = s.zstandard()
	case isBzip2(head):
		r = bzip2.NewReader(s.raw) // of any number of streams
	case isXZ(head):
		r, err = xz.NewReader(fullReads{s.raw}, maxXZBytes) // of any number of streams
	default:
		return s.raw, false, nil
	}
	if err != nil {
		err = damaged(0, err)
	}
	return r, true, err
}

// fullReads reads as much as it is asked for, however little comes at a time. What the xz decoder still delivers of a block that turns out to
// be damaged depends on how much of it is there.
type fullReads struct{ r io.Reader }

func (f fullReads) Read(p []byte) (int, error) {
	n, err := io.ReadFull(f.r, p)
	if errors.Is(err, io.ErrUnexpectedEOF) && n > 0 {
		err = nil // the next read has the end, or what is wrong
	}
	return n, err
}

func isGzip(head []byte) bool { return bytes.HasPrefix(head, []byte{0x1f, 0x8b}) }

// isZstd knows ordinary frames, and skippable ones, which pzstd, seekable files and dictionaries begin with.
func isZstd(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}) ||
		len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
}

// isBzip2 wants the beginning of a block too, or the end of an empty stream, since a text may begin with BZh.
func isBzip2(head []byte) bool {
	return len(head) >= 10 && bytes.HasPrefix(head, []byte("BZh")) && '1' <= head[3] && head[3] <= '9' &&
		(bytes.Equal(head[4:10], []byte{0x31, 0x41, 0x59, 0x26, 0x53, 0x59}) || bytes.Equal(head[4:10], []byte{0x17, 0x72, 0x45, 0x38, 0x50, 0x90}))
}

func isXZ(head []byte) bool { return bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")) }

// damaged names an error of decompression, after so many bytes of content.
func damaged(afterBytes int64, err error) error {
	switch {
	case errors.Is(err, ErrFormat):
		return err
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return fmt.Errorf("%w: zstd window of more than %d bytes (made with --long); compress the file again without: %w",
			ErrFormat, maxWindowBytes, err)
	case errors.Is(err, zstd.ErrUnknownDictionary):
		return fmt.Errorf("%w: made with a dictionary that is not in the file; compress the file again without: %w", ErrFormat, err)
	case errors.Is(err, xz.ErrMemlimit):
		return fmt.Errorf("%w: xz dictionary of more than %d bytes; compress the file again with -9 or less: %w", ErrFormat, maxXZBytes, err)
	case errors.Is(err, xz.ErrBuf):
		err = fmt.Errorf("%w (%w)", io.ErrUnexpectedEOF, err)
	}
	return fmt.Errorf("%w after %d bytes of content: %w", ErrDamaged, afterBytes, err)
}
