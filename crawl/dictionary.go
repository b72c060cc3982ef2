package crawl

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// maxDictionaryBytes is the size of the largest dictionary, compressed or not. Those of crawlers have about 1 MB.
const maxDictionaryBytes = 16 << 20

const (
	dictionaryFrame = 0x184d2a5d
	dictionaryMagic = 0xec30a437
	zstdMagic       = 0xfd2fb528
	frameHeader     = 8 // of a skippable frame: magic and size
)

// zstandard returns what is in s.raw, which is Zstandard. One decoder is used for all files without a dictionary.
func (s *source) zstandard() (io.Reader, error) {
	dictionary, err := readDictionary(s.raw)
	if err != nil {
		return nil, err
	}
	if dictionary != nil {
		z, err := newZstd(zstd.WithDecoderDicts(dictionary))
		if err != nil {
			return nil, fmt.Errorf("dictionary: %w", err)
		}
		return z, z.Reset(s.raw)
	}
	if s.unzstd == nil {
		if s.unzstd, err = newZstd(); err != nil {
			return nil, err
		}
	}
	return s.unzstd, s.unzstd.Reset(s.raw)
}

// newZstd returns a decoder without goroutines, which need not be closed.
func newZstd(more ...zstd.DOption) (*zstd.Decoder, error) {
	return zstd.NewReader(nil, append(more,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindowBytes),
		zstd.WithDecoderMaxMemory(maxWindowBytes))...)
}

// readDictionary reads the dictionary in the skippable frame that a file begins with; nil if there is none, and nothing is read
// then. So the Internet Archive and ArchiveTeam write archives: a frame a record, all with one dictionary, which may be
// compressed itself (IIPC, "Zstandard compression for WARC files", 2020).
func readDictionary(r interface {
	io.Reader
	Peek(n int) ([]byte, error)
}) ([]byte, error) {
	head, err := r.Peek(frameHeader + 4)
	if err != nil || binary.LittleEndian.Uint32(head) != dictionaryFrame {
		return nil, nil // an error comes again
	}
	magic := binary.LittleEndian.Uint32(head[frameHeader:])
	size := binary.LittleEndian.Uint32(head[4:])
	if size < 4 || magic != dictionaryMagic && magic != zstdMagic {
		return nil, nil // something else, which the decoder passes over
	}
	if size > maxDictionaryBytes {
		return nil, tooLargeDictionary()
	}
	var frame bytes.Buffer
	switch n, err := io.CopyN(&frame, r, frameHeader+int64(size)); {
	case err == io.EOF:
		return nil, fmt.Errorf("dictionary: %d of %d bytes: %w", n, frameHeader+int64(size), io.ErrUnexpectedEOF)
	case err != nil:
		return nil, err
	}
	dictionary := frame.Bytes()[frameHeader:]
	if magic == dictionaryMagic {
		return dictionary, nil
	}
	z, err := newZstd()
	if err != nil {
		return nil, err
	}
	defer z.Close()
	if err := z.Reset(bytes.NewReader(dictionary)); err != nil {
		return nil, fmt.Errorf("dictionary: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxDictionaryBytes+1))
	switch {
	case len(plain) > maxDictionaryBytes:
		return nil, tooLargeDictionary()
	case err != nil:
		return nil, fmt.Errorf("dictionary: %w", err)
	}
	return plain, nil
}

func tooLargeDictionary() error {
	return fmt.Errorf("%w: zstd dictionary of more than %d bytes", ErrFormat, maxDictionaryBytes)
}
