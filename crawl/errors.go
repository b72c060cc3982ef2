package crawl

import (
	"errors"
	"fmt"
)

// The causes of a Problem, for errors.Is. Errors of the operating system (fs.ErrNotExist, fs.ErrPermission…) are wrapped as
// they are.
var (
	// ErrNotObject: the line is not one whole JSON object. Each article has to stand on a line of its own; `jq -c .` makes such
	// lines of JSON that is spread out, `jq -c '.[]'` of an array.
	ErrNotObject = errors.New("not a JSON object")

	// ErrFieldType: a field that we read holds an object, an array or a boolean; we can use strings and numbers. Name another field,
	// perhaps one inside of the object ("date.published").
	ErrFieldType = errors.New("field of a wrong type")

	// ErrNoText: there is nothing but space in the text of the article, or no text at all. If all lines have this problem, the text
	// has another name: see Fields.
	ErrNoText = errors.New("no text")

	// ErrTooLong: a line, a row, a text file, or a record or what it is decompressed to, is longer than the limit, see Options. It is
	// skipped.
	ErrTooLong = errors.New("too long")

	// ErrLongID: the id has more than MaxIDBytes, so it is hardly an id. Name another field, or one that does not exist to have ids
	// derived from URL or text.
	ErrLongID = errors.New("id too long")

	// ErrDamaged: the compressed file, or the Parquet file, is cut off or otherwise damaged. What stands before the damage has been read, and in WARC and
	// ARC files whatever can be found behind it; fetch the file again. Or it is the compressed body of one record, which is skipped.
	ErrDamaged = errors.New("damaged compressed data")

	// ErrRecord: a record of a WARC or ARC file is cut off, its header makes no sense, or there are bytes that belong to no record.
	// Reading goes on with the next record that can be found.
	ErrRecord = errors.New("damaged record")

	// ErrRow: the row of a table has another number of fields than the header, or a quote that does not belong where it is: a
	// quoted field has to end with a quote and a separator. A row with a wrong number of fields is skipped; of one with a wrong
	// quote nobody knows where it ends, so reading goes on at the line after the one where it began.
	ErrRow = errors.New("malformed row")

	// ErrNoFiles: no files are in a folder, or match a pattern.
	ErrNoFiles = errors.New("no files")

	// ErrFormat: the file is of a kind that we do not read. Convert it to JSON lines or plain text.
	ErrFormat = errors.New("format not supported")

	// ErrNoStdin: an input is "-", and Options.Stdin is nil.
	ErrNoStdin = errors.New("no standard input")
)

// Problem is an input, or a line, row or record of one, that could not be used.
type Problem struct {
	Origin       // where it is
	Err    error // why

	row bool // Record is a row, which has no offset
}

// Error begins with the place, as compilers do: "crawl/2024.jsonl.gz:17: not a JSON object: …", and
// "crawl/2024.warc.gz: record 17 at byte 40960: damaged record: …", and "crawl/2024.parquet: row 17: no text…".
func (p *Problem) Error() string {
	switch {
	case p.Line > 0:
		return fmt.Sprintf("%s:%d: %v", p.File, p.Line, p.Err)
	case p.row:
		return fmt.Sprintf("%s: row %d: %v", p.File, p.Record, p.Err)
	case p.Record > 0:
		return fmt.Sprintf("%s: record %d at byte %d: %v", p.File, p.Record, p.Offset, p.Err)
	}
	return fmt.Sprintf("%s: %v", p.File, p.Err)
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }
