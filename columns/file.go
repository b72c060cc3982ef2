package columns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/parquet-go/parquet-go/format"
)

// File is an open Parquet file. It keeps the footer, and no part of the columns. It may be used by several goroutines at once if its
// io.ReaderAt may.
type File struct {
	r      io.ReaderAt
	schema Schema
	groups []format.RowGroup
	rows   int64
}

// Open reads the footer of the file of that size. r stays the caller's, and is read from until the last sequence from Group has
// ended. Errors are ErrDamaged, ErrUnsupported, or that of r. It costs as much memory as the decoded footer, some hundred bytes a
// column and row group.
func Open(r io.ReaderAt, sizeBytes int64) (*File, error) {
	f := &File{r: r}
	meta, end, err := readFooter(r, sizeBytes)
	if err != nil {
		return nil, damage("footer", err)
	}
	if f.schema, err = newSchema(meta.Schema); err != nil {
		return nil, damage("schema", err)
	}
	f.groups = meta.RowGroups
	for i := range f.groups {
		if err := f.check(&f.groups[i], end); err != nil {
			return nil, damage(fmt.Sprintf("row group %d", i), err)
		}
		if f.rows += f.groups[i].NumRows; f.rows < 0 {
			return nil, damage(fmt.Sprintf("row group %d", i), errors.New("more rows than can be counted"))
		}
	}
	return f, nil
}

// readFooter returns the footer, and where it begins, which is where the columns end.
func readFooter(r io.ReaderAt, sizeBytes int64) (*format.FileMetaData, int64, error) {
	const tail = 4 + len(magic) // the length of the footer, and the magic
	if sizeBytes < int64(len(magic)+tail) {
		return nil, 0, fmt.Errorf("file of %d bytes, want at least %d", sizeBytes, len(magic)+tail)
	}
	buf := make([]byte, tail)
	if err := readFull(r, buf, sizeBytes-int64(tail)); err != nil {
		return nil, 0, err
	}
	switch string(buf[4:]) {
	case magic:
	case encryptedMagic:
		return nil, 0, fmt.Errorf("%w: it is encrypted", ErrUnsupported)
	default:
		return nil, 0, fmt.Errorf("file ends in %q, want %q: it is cut off", buf[4:], magic)
	}
	length := int64(binary.LittleEndian.Uint32(buf))
	end := sizeBytes - int64(tail) - length
	if end < int64(len(magic)) {
		return nil, 0, fmt.Errorf("footer of %d bytes in a file of %d", length, sizeBytes)
	}
	footer := make([]byte, length)
	if err := readFull(r, footer, end); err != nil {
		return nil, 0, err
	}
	meta := new(format.FileMetaData)
	_, err := decodeStruct(footer, meta)
	return meta, end, err
}

// check makes sure that what the footer says of a row group can be, before anything is read or allocated by it.
func (f *File) check(group *format.RowGroup, end int64) error {
	leaves := f.schema.leaves
	if len(group.Columns) != len(leaves) || group.NumRows < 0 || group.NumRows > 0 && len(leaves) == 0 {
		return fmt.Errorf("%d rows in %d columns, but the schema has %d", group.NumRows, len(group.Columns), len(leaves))
	}
	for i := range leaves {
		if err := checkChunk(&leaves[i], &group.Columns[i], group.NumRows, end); err != nil {
			return fmt.Errorf("column %q: %w", &leaves[i], err)
		}
	}
	return nil
}

func checkChunk(l *leaf, column *format.ColumnChunk, rows, end int64) error {
	meta := &column.MetaData
	start := chunkStart(meta)
	switch {
	case column.FilePath != "":
		return fmt.Errorf("%w: it is in another file, %q", ErrUnsupported, column.FilePath)
	case column.CryptoMetadata.Value != nil || column.EncryptedColumnMetadata != nil:
		return fmt.Errorf("%w: it is encrypted", ErrUnsupported)
	case meta.Type != l.physical:
		return fmt.Errorf("it has values of type %v, but %v in the schema", meta.Type, l.physical)
	case meta.NumValues < rows || l.rep == 0 && meta.NumValues != rows || rows == 0 && meta.NumValues != 0:
		return fmt.Errorf("%d values in %d rows", meta.NumValues, rows)
	case rows > 0 && (start < int64(len(magic)) || start > end || meta.TotalCompressedSize < 0 || meta.TotalCompressedSize > end-start):
		return fmt.Errorf("%d bytes from byte %d do not lie within the file", meta.TotalCompressedSize, start)
	}
	return nil
}

// Rows returns how many rows the file has.
func (f *File) Rows() int64 { return f.rows }

// Groups returns how many row groups the file has. A row group is a run of rows whose columns stand together.
func (f *File) Groups() int { return len(f.groups) }

// GroupRows returns how many rows group g has. It panics if there is no such group, from 0.
func (f *File) GroupRows(g int) int64 { return f.groups[g].NumRows }

// Schema returns the columns of the file.
func (f *File) Schema() Schema { return f.schema }

// Group yields the rows of row group g, from 0, each as a JSON object without space or line end, with all columns in the order of the
// schema. The slice is valid only within the step. The first from rows are passed over, mostly without reading them; if there are not so
// many, nothing is yielded. Group panics if there is no such group.
//
// An error is the last value, without a row: ErrDamaged, ErrUnsupported, or that of the reader, with group, column and, for pages, the
// offset in the file. All rows yielded before it are whole, but without a checksum in the file damage may also be a wrong value.
//
// Several groups, or one several times, may be read at once. Each loop holds one page of each column, compressed and decompressed, the
// dictionary of each, and one row.
func (f *File) Group(g int, from int64) iter.Seq2[[]byte, error] {
	group := &f.groups[g]
	return func(yield func([]byte, error) bool) {
		from := max(from, 0)
		if from >= group.NumRows {
			return
		}
		a := newAssembler(f.r, f.schema, group, from)
		defer a.unpack.close()
		var (
			row []byte
			err error
		)
		for i := from; i < group.NumRows; i++ {
			if row, err = a.row(row[:0], f.schema.root); err != nil {
				break
			}
			if !yield(row, nil) {
				return
			}
		}
		if err == nil {
			err = a.end()
		}
		if err != nil {
			yield(nil, damage(fmt.Sprintf("row group %d", g), err))
		}
	}
}
