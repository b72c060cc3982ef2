package crawl

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

type format int

const (
	formatNone  format = iota // nothing in it
	formatLines               // JSON lines
	formatTable               // CSV, TSV
	formatParquet
	formatText // the whole file is one article
	formatHTML // the article is somewhere in it
	formatWARC
	formatARC
)

var byteOrderMark = []byte("\xef\xbb\xbf")

type foreignFormat struct{ magic, is, instead string }

// foreign are formats that would otherwise be read as text, by how they begin; in lower case, the case does not matter.
var foreign = []foreignFormat{
	{"\x1f\x8b", "compressed twice", "decompress it once"},
	{"\x28\xb5\x2f\xfd", "compressed twice", "decompress it once"},
	{"bzh91ay&sy", "compressed twice", "decompress it once"},
	{"\xfd7zxz\x00", "compressed twice", "decompress it once"},
	{"\x04\x22\x4d\x18", "lz4", "decompress it: lz4 -dc FILE | dedupe … -"},
	{"pk\x03\x04", "a zip archive", "unpack it, and name the folder"},
	{"%pdf-", "PDF", "convert it to text"},
	{"<!doctype html", "HTML", "extract the text"},
	{"<html", "HTML", "extract the text"},
	{"<?xml", "XML", "extract the articles to JSON lines"},
	{"\xff\xfe", "UTF-16", "convert it: iconv -f UTF-16 -t UTF-8"},
	{"\xfe\xff", "UTF-16", "convert it: iconv -f UTF-16 -t UTF-8"},
}

// sniff tells the format of a stream without consuming any of it. The name counts where it says lines, table or text, or archive or
// HTML where the content does not; else the first bytes that are no space do, or that the first line is the header of a table, with a
// column of the name that the text has.
func sniff(name string, r *bufio.Reader, text string) (format, error) {
	head, err := peekBeyondSpace(r)
	extension := extensionOf(name)
	switch {
	case isARC(head) || !isWARC(head) && extension == ".arc":
		return formatARC, nil // whose reader copes with errors
	case isWARC(head) || isArchiveName(name):
		return formatWARC, nil
	}
	if len(head) == 0 && err != io.EOF && err != bufio.ErrBufferFull {
		return formatNone, err
	}
	if isHTML(head, extension) {
		return formatHTML, nil
	}
	if bytes.HasPrefix(head, []byte("PAR1")) {
		return formatParquet, nil
	}
	if isTableName(extension) && (isUTF16(head) || !isForeign(head)) {
		return formatTable, nil
	}
	for _, f := range foreign {
		if hasPrefixFold(head, f.magic) {
			return formatNone, fmt.Errorf("%w: this is %s; %s", ErrFormat, f.is, f.instead)
		}
	}
	switch {
	case isHTMLName(extension): // it begins with a comment, or a tag of any kind
		return formatHTML, nil
	case extension == ".txt":
		return formatText, nil
	case extension == ".jsonl" || extension == ".ndjson":
		return formatLines, nil
	case len(head) > 0 && head[0] == '{':
		return formatLines, nil
	case len(head) > 0 && head[0] == '[' && extension == ".json":
		return formatNone, fmt.Errorf("%w: this is a JSON array; make it one object a line: jq -c '.[]'", ErrFormat)
	case len(head) == 0 && name == "-":
		return formatNone, nil // `grep … | dedupe add -` may find nothing
	case isHeader(peekLine(r), text):
		return formatTable, nil
	}
	return formatText, nil
}

// isHTML knows HTML by how it begins; by its name if it is XML or UTF-16 as well. What was saved under a name for JSON lines is an
// error page, which nobody wants for an article.
func isHTML(head []byte, extension string) bool {
	switch {
	case extension == ".jsonl" || extension == ".ndjson" || isTableName(extension):
		return false
	case isHTMLName(extension) && (hasPrefixFold(head, "<?xml") || hasPrefixFold(head, "\xff\xfe") || hasPrefixFold(head, "\xfe\xff")):
		return true
	}
	return looksLikeHTML(head)
}

func isForeign(head []byte) bool {
	return slices.ContainsFunc(foreign, func(f foreignFormat) bool { return hasPrefixFold(head, f.magic) })
}

func isUTF16(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff"))
}

func isTableName(extension string) bool { return extension == ".csv" || extension == ".tsv" }

func isHTMLName(extension string) bool {
	return extension == ".html" || extension == ".htm" || extension == ".xhtml"
}

func isWARC(head []byte) bool {
	rest, ok := bytes.CutPrefix(head, []byte(warcMagic))
	return ok && len(rest) >= 2 && isDigit(rest[0]) && rest[1] == '.'
}

func isARC(head []byte) bool { return bytes.HasPrefix(head, []byte(arcMagic)) }

// isArchiveName reports whether a name alone says that a file is WARC or ARC, even if the beginning is damaged.
func isArchiveName(name string) bool {
	switch extensionOf(name) {
	case ".warc", ".wet", ".wat", ".arc":
		return true
	}
	return false
}

func hasGzipName(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".gz") }

// peekBeyondSpace returns what is buffered from the first byte on that is neither space nor byte order mark: at least 16
// bytes, or all there are, with the reason why there are no more. It waits for no more than that, since the rest may come from a
// keyboard.
func peekBeyondSpace(r *bufio.Reader) ([]byte, error) {
	const enough = 16
	for want := 1; ; want = r.Buffered() + 1 {
		_, err := r.Peek(want)
		all, _ := r.Peek(r.Buffered())
		head := bytes.TrimLeft(bytes.TrimPrefix(all, byteOrderMark), " \t\r\n")
		if len(head) > 0 && head[0] == '{' || len(head) >= enough || err != nil {
			return head, err
		}
	}
}

// peekLine returns the first line that is not blank, without its end and byte order mark; nil if it is longer than a header of
// names would be.
func peekLine(r *bufio.Reader) []byte {
	const most = 4 << 10
	for want := 1; ; want = r.Buffered() + 1 {
		_, err := r.Peek(min(want, most))
		all, _ := r.Peek(min(r.Buffered(), most))
		line := bytes.TrimLeft(bytes.TrimPrefix(all, byteOrderMark), "\r\n")
		end := bytes.IndexByte(line, '\n')
		switch {
		case end >= 0:
			return bytes.TrimSuffix(line[:end], []byte{'\r'})
		case err == io.EOF:
			return line
		case err != nil || len(all) == most:
			return nil
		}
	}
}

// hasPrefixFold compares bytes, but for the case of ASCII letters. (To strings.EqualFold all invalid UTF-8 is the same, so that
// a quotation mark begins like UTF-16.)
func hasPrefixFold(data []byte, lower string) bool {
	if len(data) < len(lower) {
		return false
	}
	for i := range len(lower) {
		c := data[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// extensionOf returns the extension of a name in lower case, without the one that compression added.
func extensionOf(name string) string {
	name = strings.ToLower(name)
	for _, packed := range []string{".gz", ".zst", ".bz2", ".xz"} {
		if inner, ok := strings.CutSuffix(name, packed); ok {
			name = inner
			break
		}
	}
	return filepath.Ext(name)
}
