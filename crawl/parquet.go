package crawl

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/dedupe-news/dedupe/columns"
)

// readParquet emits the rows of a Parquet file, group by group. Its index stands at its end, so one must be able to seek in the file.
func (s *source) readParquet(name string) {
	at := Origin{File: name}
	if s.file == nil {
		s.report(at, fmt.Errorf("%w: Parquet cannot be read from a stream; decompress it if it is compressed, and give the file by its name",
			ErrFormat))
		return
	}
	f, err := columns.Open(s.file, s.meter.size)
	if err != nil {
		s.report(at, parquetError{err})
		return
	}
	for g := range f.Groups() {
		first, rows := at.Record, int(f.GroupRows(g))
		at.Record += rows
		if from := max(0, s.after.Record-first); from < rows && !s.readGroup(f, g, Origin{File: name, Record: first + from}, rows-from) {
			return
		}
		if all := f.Rows(); all > 0 {
			s.meter.passOver(int64(float64(s.meter.size) * float64(at.Record) / float64(all)))
		}
	}
}

// readGroup emits the last rows of a group, those behind the row at. It reports whether to go on.
func (s *source) readGroup(f *columns.File, g int, at Origin, rows int) bool {
	b := &rowBlock{s: s, at: at}
	end := at.Record + rows
	for row, err := range f.Group(g, f.GroupRows(g)-int64(rows)) {
		switch {
		case err != nil:
			if !b.flush() {
				return false
			}
			lost := b.at.Record + 1
			b.at.Record = end
			if lost > end {
				return b.report(fmt.Errorf("damage behind it: %w", parquetError{err}))
			}
			return b.report(fmt.Errorf("rows %d to %d skipped: %w", lost, end, parquetError{err}))
		case !b.add(row):
			return false
		}
	}
	return b.flush()
}

// parquetError makes of an error of package columns one of ours.
type parquetError struct{ error }

func (e parquetError) Unwrap() error { return e.error }

func (e parquetError) Is(target error) bool {
	return target == ErrDamaged && errors.Is(e.error, columns.ErrDamaged) || target == ErrFormat && errors.Is(e.error, columns.ErrUnsupported)
}

// rowBlock collects rows for a worker, a JSON object a line.
type rowBlock struct {
	s    *source
	at   Origin // of the last row before it
	rows int
	data []byte
}

// add appends a row, which it copies. It reports whether to go on.
func (b *rowBlock) add(row []byte) bool {
	if len(b.data)+len(row)+1 > cap(b.data) {
		if !b.flush() {
			return false
		}
		b.data = b.s.buffer(len(row))
	}
	b.data = append(append(b.data, row...), '\n')
	b.rows++
	return true
}

// flush emits the rows that have come together.
func (b *rowBlock) flush() bool {
	s, at, data := b.s, b.at, b.data
	b.at.Record += b.rows
	b.rows, b.data = 0, nil
	if len(data) == 0 {
		return !s.pipe.stopping()
	}
	return s.emit(len(data), func(out []outcome) []outcome {
		p := parser{sel: s.sel, maxLine: s.opts.MaxLineBytes, rows: s.opts.Rows}
		for rest := data; len(rest) > 0; {
			var row []byte
			row, rest, _ = bytes.Cut(rest, []byte{'\n'})
			at.Record++
			record, _, err := p.line(row)
			if err != nil {
				out = append(out, outcome{err: &Problem{Origin: at, Err: err, row: true}})
				continue
			}
			record.Origin = at
			out = append(out, outcome{record: record})
		}
		s.recycle(data)
		return out
	})
}

// report emits a problem of the row that the block stands behind.
func (b *rowBlock) report(err error) bool {
	at := b.at
	return b.s.emit(0, func(out []outcome) []outcome {
		return append(out, outcome{err: &Problem{Origin: at, Err: err, row: true}})
	})
}
