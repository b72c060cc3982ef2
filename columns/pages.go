package columns

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"

	"github.com/parquet-go/parquet-go/format"
)

// maxPageBytes limits what a page may be decompressed to. Pages in use have a megabyte, those of DuckDB up to a hundred.
const maxPageBytes = 1 << 30

// chunk reads the pages of one column of a row group, one after the other.
type chunk struct {
	leaf  *leaf
	codec format.CompressionCodec
	r     io.ReaderAt
	off   int64 // of the next page header in the file
	end   int64 // of the chunk
	left  int64 // values, nulls among them, in the pages to come

	unpack *decompressor
	dict   *dictionary
	window []byte // for page headers
	body   []byte // of the page, as it is in the file
	plain  []byte // of the page, decompressed
}

// page is what a page header says, and where its body is.
type page struct {
	header format.PageHeader
	start  int64 // of the header in the file
	off    int64 // of the body
	size   int   // of the body
	values int   // with nulls
	rows   int   // that begin in the page; -1 if the header does not tell
}

const (
	headerBytes    = 1 << 10  // enough for nearly all page headers
	maxHeaderBytes = 16 << 20 // some have the least and the greatest value in them
)

// nextPage reads the header of the next page with values; dictionaries are taken on the way. It returns io.EOF behind the last one.
func (c *chunk) nextPage() (*page, error) {
	for c.left > 0 {
		start := c.off
		p, err := c.readHeader()
		if err != nil {
			return nil, atPage(start, err)
		}
		switch p.header.Type {
		case format.DictionaryPage:
			if err := c.readDictionary(p); err != nil {
				return nil, atPage(start, err)
			}
		case format.DataPage, format.DataPageV2:
			if p.values > 0 {
				c.left -= int64(p.values)
				return p, nil
			}
		}
	}
	return nil, io.EOF
}

func atPage(start int64, err error) error {
	return fmt.Errorf("page at byte %d: %w", start, err)
}

// readHeader reads the header of the next page and moves on to the one after it.
func (c *chunk) readHeader() (*page, error) {
	p := &page{start: c.off}
	length, err := c.decodeHeader(&p.header)
	if err != nil {
		return nil, err
	}
	h := &p.header
	p.off, p.size, p.rows = c.off+int64(length), int(h.CompressedPageSize), -1
	switch h.Type {
	case format.DataPage:
		if !h.DataPageHeader.Valid {
			return nil, errHeader
		}
		p.values = int(h.DataPageHeader.V.NumValues)
	case format.DataPageV2:
		if !h.DataPageHeaderV2.Valid {
			return nil, errHeader
		}
		p.values, p.rows = int(h.DataPageHeaderV2.V.NumValues), int(h.DataPageHeaderV2.V.NumRows)
		if p.rows < 0 || p.rows > p.values {
			return nil, errHeader
		}
	}
	if c.leaf.rep == 0 {
		p.rows = p.values
	}
	switch {
	case p.size < 0, h.UncompressedPageSize < 0, p.values < 0, int64(p.values) > c.left:
		return nil, errHeader
	case h.UncompressedPageSize > maxPageBytes:
		return nil, fmt.Errorf("page of %d bytes, want at most %d", h.UncompressedPageSize, maxPageBytes)
	case int64(p.size) > c.end-p.off:
		return nil, errors.New("page is longer than the column chunk that has it")
	}
	c.off = p.off + int64(p.size)
	return p, nil
}

var errHeader = errors.New("malformed page header")

// decodeHeader decodes the header at c.off and returns its length.
func (c *chunk) decodeHeader(h *format.PageHeader) (int, error) {
	for size := int64(headerBytes); ; size *= 16 {
		c.window = grow(c.window, int(min(size, c.end-c.off)))
		if err := readFull(c.r, c.window, c.off); err != nil {
			return 0, err
		}
		n, err := decodeStruct(c.window, h)
		if err == io.ErrUnexpectedEOF && size < maxHeaderBytes && size < c.end-c.off {
			continue // it is longer than the window
		}
		return n, err
	}
}

// grow returns a slice of n bytes, in b if that has room.
func grow(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

// read returns the body of p as it is in the file, which is valid until the next call.
func (c *chunk) read(p *page) ([]byte, error) {
	c.body = grow(c.body, p.size)
	if err := readFull(c.r, c.body, p.off); err != nil {
		return nil, err
	}
	if sum := uint32(p.header.CRC); sum != 0 && sum != crc32.ChecksumIEEE(c.body) { // there is none if it is 0
		return nil, errors.New("checksum differs")
	}
	return c.body, nil
}

func (c *chunk) readDictionary(p *page) error {
	h := p.header.DictionaryPageHeader
	switch {
	case !h.Valid || h.V.NumValues < 0:
		return errHeader
	case c.dict != nil:
		return errors.New("second dictionary")
	case h.V.Encoding != format.Plain && h.V.Encoding != plainDictionary:
		return fmt.Errorf("dictionary encoded as %v", h.V.Encoding)
	}
	body, err := c.read(p)
	if err != nil {
		return err
	}
	c.body = nil // it is kept, or the plain bytes are
	plain, err := c.unpack.decompress(c.codec, nil, body, int(p.header.UncompressedPageSize))
	if err != nil {
		return err
	}
	c.dict, err = newDictionary(c.leaf, plain, int(h.V.NumValues))
	return err
}

// content is the values of a page and their levels.
type content struct {
	reps, defs runs // of width 0 if the column has no such levels
	values     decoder
}

// content returns what p holds, which is valid until the next call.
func (c *chunk) content(p *page) (content, error) {
	body, err := c.read(p)
	if err != nil {
		return content{}, err
	}
	if p.header.Type == format.DataPageV2 {
		return c.contentV2(p, body)
	}
	return c.contentV1(p, body)
}

// contentV1 is that of a page which is compressed whole, and in which the levels are preceded by their length.
func (c *chunk) contentV1(p *page, body []byte) (content, error) {
	h := &p.header.DataPageHeader.V
	plain, err := c.decompress(body, int(p.header.UncompressedPageSize))
	if err != nil {
		return content{}, err
	}
	var out content
	if out.reps, plain, err = levelsV1(h.RepetitionLevelEncoding, c.leaf.rep, plain); err != nil {
		return content{}, err
	}
	if out.defs, plain, err = levelsV1(h.DefinitionLevelEncoding, c.leaf.def, plain); err != nil {
		return content{}, err
	}
	out.values, err = newDecoder(c.leaf, h.Encoding, plain, c.dict)
	return out, err
}

func (c *chunk) decompress(src []byte, size int) ([]byte, error) {
	plain, err := c.unpack.decompress(c.codec, c.plain, src, size)
	if err == nil && c.codec != format.Uncompressed {
		c.plain = plain
	}
	return plain, err
}

// contentV2 is that of a page whose levels are not compressed, and have their lengths in the header.
func (c *chunk) contentV2(p *page, body []byte) (content, error) {
	h := &p.header.DataPageHeaderV2.V
	size := int64(p.header.UncompressedPageSize)
	reps, defs := int64(h.RepetitionLevelsByteLength), int64(h.DefinitionLevelsByteLength)
	if reps < 0 || defs < 0 || reps+defs > int64(len(body)) || reps+defs > size {
		return content{}, errHeader
	}
	out := content{
		reps: runs{src: body[:reps], width: levelWidth(c.leaf.rep)},
		defs: runs{src: body[reps : reps+defs], width: levelWidth(c.leaf.def)},
	}
	plain := body[reps+defs:]
	if !h.IsCompressed.Valid || h.IsCompressed.V {
		var err error
		if plain, err = c.decompress(plain, int(size-reps-defs)); err != nil {
			return content{}, err
		}
	}
	var err error
	out.values, err = newDecoder(c.leaf, h.Encoding, plain, c.dict)
	return out, err
}

// levelsV1 returns the levels with which src begins, and what follows them. If the highest level is 0, there are none.
func levelsV1(encoding format.Encoding, highest int, src []byte) (runs, []byte, error) {
	if highest == 0 {
		return runs{}, src, nil
	}
	if encoding != format.RLE {
		return runs{}, nil, fmt.Errorf("%w: levels encoded as %v", ErrUnsupported, encoding)
	}
	b := byteArrays{src}
	levels, err := b.next()
	return runs{src: levels.bytes, width: levelWidth(highest)}, b.src, err
}

// levelWidth returns how many bits a level has.
func levelWidth(highest int) int {
	return bits.Len(uint(highest))
}
