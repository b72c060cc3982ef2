package crawl

import (
	"bytes"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"
)

// readTable emits the rows of a table: CSV, TSV, or one whose fields are divided by semicolons or bars.
func (s *source) readTable(name string, r io.Reader) {
	if head, _ := s.plain.Peek(2); isUTF16(head) {
		r = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(r)
	}
	separator := byte(',') // of one column
	if extensionOf(name) == ".tsv" {
		separator = '\t'
	}
	b := &blocks{s: s, form: &table{s: s, scan: rowScan{separator: separator, limit: s.opts.MaxLineBytes}}, file: name, line: 1}
	b.read(r)
}

// maxTitlesBytes is the length of the longest line that a header may begin with.
const maxTitlesBytes = 1 << 20

// table is the form of a table. Its first row that is not blank is the header.
type table struct {
	s      *source
	header *header // nil until it has been read
	scan   rowScan // of the row that the buffer begins with
}

func (t *table) whole(b *blocks, old int, comes ending) (size int, goOn bool) {
	if old == 0 { // the buffer begins anew, perhaps behind a line that was too long
		t.scan = t.scan.anew()
	}
	if t.header == nil {
		if goOn, err := t.begin(b, comes); err != nil {
			if at := b.origin(); at.Line != t.s.after.Line { // else we have been here, and told
				t.s.pipe.report(at, err)
			}
			return 0, false
		} else if t.header == nil {
			return 0, goOn
		}
	}
	for size < len(b.buf) {
		n, kind := t.scan.next(b.buf[size:], comes == ended)
		if kind == rowUnknown {
			break
		}
		size += n
	}
	return size, true
}

// begin reads the header, if it is all there, and drops it. An error means that without it nothing can be done with the file.
func (t *table) begin(b *blocks, comes ending) (goOn bool, err error) {
	if b.offset == 0 {
		if comes == more && len(b.buf) < len(byteOrderMark) {
			return true, nil
		}
		if bytes.HasPrefix(b.buf, byteOrderMark) {
			b.drop(len(byteOrderMark))
		}
	}
	b.drop(blankLines(b.buf))
	line, _, whole := bytes.Cut(b.buf, []byte{'\n'})
	switch limit := min(maxTitlesBytes, b.s.opts.MaxLineBytes); {
	case len(line) > limit:
		return false, fmt.Errorf("header: line %w: more than %d bytes", ErrTooLong, limit)
	case !whole && comes != ended:
		return true, nil // and if the file was cut off, that is reported
	case len(trimLineEnd(line)) == 0:
		return false, fmt.Errorf("the file has %w, and no header", ErrNoText)
	}
	t.scan.separator = separatorOf(trimLineEnd(line), t.s.sel.names[propertyText], t.scan.separator)
	size, kind := t.scan.next(b.buf, comes == ended)
	switch kind {
	case rowUnknown:
		return true, nil
	case rowWhole:
		if t.header, err = newHeader(trimLineEnd(b.buf[:size]), t.scan.separator, t.s.sel); err != nil {
			return false, err
		}
		b.drop(size)
		return true, nil
	}
	return false, fmt.Errorf("header: %w", errQuote)
}

// blankLines returns the size of the blank lines that data begins with.
func blankLines(data []byte) (size int) {
	for {
		line, _, ended := bytes.Cut(data[size:], []byte{'\n'})
		if !ended || len(trimLineEnd(line)) > 0 {
			return size
		}
		size += len(line) + 1
	}
}

func (t *table) emit(at Origin, block []byte, cut bool) bool {
	p := cellParser{sel: t.s.sel, header: t.header, at: at, data: block, limit: t.s.opts.MaxLineBytes, cut: cut, rows: t.s.opts.Rows,
		after: t.s.after.Line}
	return t.s.emit(len(block), func(out []outcome) []outcome {
		out = p.parse(out)
		t.s.recycle(block)
		return out
	})
}
