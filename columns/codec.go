package columns

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// decompressor undoes the compression of pages. A page header tells how long the page is decompressed; nothing more is ever
// allocated than that, and that only where the compressed bytes make it plausible.
type decompressor struct {
	zstd *zstd.Decoder // nil until it is needed
	gzip *gzip.Reader
}

var (
	errLength = errors.New("decompressed length is not what the page header says")
	errCodec  = errors.New("compressed bytes cannot be so long decompressed")
)

// decompress returns what src is decompressed: exactly size bytes. It uses the capacity of dst if that is enough. If src is not
// compressed it is returned as it is.
func (d *decompressor) decompress(codec format.CompressionCodec, dst, src []byte, size int) ([]byte, error) {
	if codec == format.Uncompressed {
		if len(src) != size {
			return nil, errLength
		}
		return src, nil
	}
	if size == 0 {
		return dst[:0], nil // some writers leave out the frame too
	}
	if err := plausible(codec, src, size); err != nil {
		return nil, err
	}
	if cap(dst) < size {
		dst = make([]byte, size)
	}
	dst = dst[:size]
	err := guard(func() error {
		n, err := d.fill(codec, dst, src)
		if err == nil && n != size {
			err = errLength
		}
		return err
	})
	return dst, err
}

// plausible reports an error if src cannot be so long decompressed. It keeps a flipped bit in a page header from costing a gigabyte.
func plausible(codec format.CompressionCodec, src []byte, size int) error {
	most := int64(maxPageBytes)
	switch codec {
	case format.Snappy:
		n, err := snappy.DecodedLen(src)
		if err != nil {
			return err
		}
		if n != size {
			return errLength
		}
	case format.Zstd:
		var h zstd.Header
		if err := h.Decode(src); err != nil {
			return err
		}
		if h.HasFCS && h.FrameContentSize > uint64(size) {
			return errLength
		}
		most = 32768 * int64(len(src)) // four bytes can make a block of 128 KiB
	case format.Gzip:
		most = 1032 * int64(len(src)) // that of deflate
	case format.Lz4Raw:
		most = 255*int64(len(src)) + 64
	case format.Brotli:
	default:
		return fmt.Errorf("%w: compressed with %v", ErrUnsupported, codec)
	}
	if int64(size) > most {
		return errCodec
	}
	return nil
}

// fill decompresses src to dst, and returns how many bytes there were. More than fit are an error, or cut off.
func (d *decompressor) fill(codec format.CompressionCodec, dst, src []byte) (int, error) {
	switch codec {
	case format.Snappy:
		out, err := snappy.Decode(dst, src)
		return len(out), err
	case format.Zstd:
		if d.zstd == nil {
			z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecodeAllCapLimit(true))
			if err != nil {
				return 0, fmt.Errorf("make a zstd decoder: %w", err)
			}
			d.zstd = z
		}
		out, err := d.zstd.DecodeAll(src, dst[:0:len(dst)])
		return len(out), err
	case format.Gzip:
		if d.gzip == nil {
			d.gzip = new(gzip.Reader)
		}
		if err := d.gzip.Reset(bytes.NewReader(src)); err != nil {
			return 0, err
		}
		return readExactly(d.gzip, dst)
	case format.Lz4Raw:
		return lz4.UncompressBlock(src, dst)
	}
	return readExactly(brotli.NewReader(bytes.NewReader(src)), dst)
}

// readExactly fills dst, and checks that r has no more.
func readExactly(r io.Reader, dst []byte) (int, error) {
	if n, err := io.ReadFull(r, dst); err != nil {
		return n, err
	}
	switch n, err := io.ReadFull(r, make([]byte, 1)); {
	case n > 0:
		return 0, errLength
	case err != io.EOF:
		return 0, err
	}
	return len(dst), nil
}

func (d *decompressor) close() {
	if d.zstd != nil {
		d.zstd.Close()
	}
}
