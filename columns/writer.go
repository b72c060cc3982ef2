package columns

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// A row group ends with the row that reaches one of these, so that memory is bounded.
const (
	groupRows  = 50_000
	groupBytes = 32 << 20 // of JSON
)

// pageBytes is about how long a page is before it is compressed.
const pageBytes = 1 << 20

// Writer writes rows to a Parquet file: columns are compressed with Zstandard, pages have checksums. The same rows with the same schema
// give the same bytes. It holds one row group, compressed. It must not be used by several goroutines at once.
type Writer struct {
	out    *tail
	schema Schema
	shred  shredder
	parts  *parquet.GenericWriter[any]
	row    parquet.Row
	rows   int // of the group
	bytes  int // of JSON in the group
	err    error
}

var errClosed = errors.New("columns: the Writer is closed")

// NewWriter returns a Writer of rows that fit s. Nothing is written to w before the first row or Close. The caller closes w.
func NewWriter(w io.Writer, s Schema) *Writer {
	if s.root == nil {
		s = New()
	}
	out := &tail{w: w}
	writer := &Writer{out: out, schema: s, shred: shredder{schema: s, columns: make([][]entry, len(s.leaves))}}
	physical, err := s.physical()
	if err != nil {
		writer.err = fmt.Errorf("prepare columns: %w", err)
		return writer
	}
	options := []parquet.WriterOption{
		physical,
		parquet.Compression(&parquet.Zstd),
		parquet.PageBufferSize(pageBytes),
		// What the oldest readers know.
		parquet.DataPageVersion(1),
		parquet.DefaultEncoding(&parquet.Plain),
	}
	for i := range s.leaves {
		if !s.leaves[i].ordered() {
			options = append(options, parquet.SkipPageBounds(s.leaves[i].path...))
		}
	}
	writer.parts = parquet.NewGenericWriter[any](out, options...)
	return writer
}

// physical returns s without annotations, as parquet-go has it: it need not know what values mean, and so cannot
// differ from us about it.
func (s Schema) physical() (*parquet.Schema, error) {
	elements := make([]format.SchemaElement, len(s.elements))
	for i, e := range s.elements {
		elements[i] = format.SchemaElement{
			Type:           e.Type,
			TypeLength:     e.TypeLength,
			RepetitionType: e.RepetitionType,
			Name:           e.Name,
			NumChildren:    e.NumChildren,
		}
	}
	file, err := Schema{elements: elements}.MarshalBinary()
	if err != nil {
		return nil, err
	}
	var out *parquet.Schema
	err = guard(func() error {
		f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return err
		}
		out = parquet.NewSchema(f.Root().Name(), f.Root())
		return nil
	})
	return out, err
}

// ordered reports whether values of l are in the same order with its annotation and without, so that the least and greatest of
// a page can be told to readers.
func (l *leaf) ordered() bool {
	switch s := l.scalar.(type) {
	case intScalar:
		return s.signed
	case decimalScalar:
		return l.physical == format.Int32 || l.physical == format.Int64
	case int96Scalar, fixedScalar:
		return false
	}
	return true
}

// Write adds a row: a JSON object, which stays the caller's. Fields may come in any order; a missing one is null. ErrSchema means that
// it does not fit, and nothing of it was written; further rows may follow. Any other error is one of writing, and is returned by
// all calls from then on.
func (w *Writer) Write(row []byte) error {
	if w.err != nil {
		return w.err
	}
	columns, err := w.shred.shred(row)
	if err != nil {
		return err
	}
	w.row = w.row[:0]
	for i, entries := range columns {
		for _, e := range entries {
			w.row = append(w.row, w.schema.leaves[i].parquetValue(e).Level(e.rep, e.def, i))
		}
	}
	if _, err := w.parts.WriteRows([]parquet.Row{w.row}); err != nil {
		return w.fail(err)
	}
	w.rows++
	w.bytes += len(row)
	if w.rows < groupRows && w.bytes < groupBytes {
		return nil
	}
	return w.flush()
}

// flush ends the row group.
func (w *Writer) flush() error {
	w.rows, w.bytes = 0, 0
	if err := w.parts.Flush(); err != nil {
		return w.fail(err)
	}
	return nil
}

func (w *Writer) fail(err error) error {
	w.err = fmt.Errorf("write Parquet: %w", err)
	return w.err
}

// parquetValue returns e as parquet-go has it.
func (l *leaf) parquetValue(e entry) parquet.Value {
	v := e.value
	if e.def < l.def {
		return parquet.NullValue()
	}
	switch l.physical {
	case format.Boolean:
		return parquet.BooleanValue(v.bits != 0)
	case format.Int32:
		return parquet.Int32Value(int32(v.bits))
	case format.Int64:
		return parquet.Int64Value(int64(v.bits))
	case format.Int96:
		return parquet.Int96Value(deprecated.Int96{
			binary.LittleEndian.Uint32(v.bytes),
			binary.LittleEndian.Uint32(v.bytes[4:]),
			binary.LittleEndian.Uint32(v.bytes[8:]),
		})
	case format.Float:
		return parquet.FloatValue(math.Float32frombits(uint32(v.bits)))
	case format.Double:
		return parquet.DoubleValue(math.Float64frombits(v.bits))
	case format.ByteArray:
		return parquet.ByteArrayValue(v.bytes)
	}
	return parquet.FixedLenByteArrayValue(v.bytes)
}

// Close writes the last row group and the footer. A file without it is damaged. Close does not close the io.Writer, and is to be called once.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	if err := w.flush(); err != nil {
		return err
	}
	w.out.held = new(bytes.Buffer)
	if err := w.parts.Close(); err != nil {
		return w.fail(err)
	}
	if err := w.out.finish(w.schema); err != nil {
		return w.fail(err)
	}
	w.err = errClosed
	return nil
}

// tail hands on what parquet-go writes, until it holds back the end of the file, to put the schema in with all its annotations.
type tail struct {
	w    io.Writer
	held *bytes.Buffer // nil while nothing is held back
}

func (t *tail) Write(p []byte) (int, error) {
	if t.held != nil {
		return t.held.Write(p)
	}
	return t.w.Write(p)
}

// finish writes what has been held back, with s for the schema.
func (t *tail) finish(s Schema) error {
	held := t.held.Bytes()
	meta, end, err := readFooter(bytes.NewReader(append([]byte(magic), held...)), int64(len(magic)+len(held)))
	if err != nil {
		return fmt.Errorf("read the footer back: %w", err)
	}
	meta.Schema = s.elements
	meta.CreatedBy = createdBy
	for _, group := range meta.RowGroups {
		for i := range group.Columns {
			trimStatistics(&group.Columns[i].MetaData.Statistics)
		}
	}
	file, err := appendFooter(held[:end-int64(len(magic)):end-int64(len(magic))], meta)
	if err != nil {
		return err
	}
	_, err = t.w.Write(file)
	return err
}

// maxBoundBytes limits the least and the greatest value of a column in the footer: that of texts helps nobody.
const maxBoundBytes = 1 << 10

func trimStatistics(s *format.Statistics) {
	if len(s.MinValue) > maxBoundBytes || len(s.MaxValue) > maxBoundBytes {
		s.MinValue, s.MaxValue = nil, nil
	}
}
