package bulk

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/dedupe-news/dedupe/columns"
)

// format is what an output is written in.
type format int

const (
	jsonLines format = iota
	jsonGzip
	jsonZstd
	parquet
)

// formatOf tells it by the name.
func formatOf(name string) (format, error) {
	base, ext := name, jsonLines
	switch {
	case name == "-":
		return jsonLines, nil
	case strings.HasSuffix(name, ".parquet"):
		return parquet, nil
	case strings.HasSuffix(name, ".gz"):
		base, ext = strings.TrimSuffix(name, ".gz"), jsonGzip
	case strings.HasSuffix(name, ".zst"):
		base, ext = strings.TrimSuffix(name, ".zst"), jsonZstd
	}
	if strings.HasSuffix(base, ".jsonl") || strings.HasSuffix(base, ".ndjson") {
		return ext, nil
	}
	return 0, fmt.Errorf("%s: %w: want a name that ends in .jsonl, .ndjson (.gz, .zst) or .parquet", name, ErrFormat)
}

// output is a file of rows that is written beside its name, and gets it in the end. Its zero value, of an output that is not
// wanted, takes rows and drops them.
type output struct {
	name   string // empty: not wanted
	file   *os.File
	buffer *bufio.Writer
	pack   io.WriteCloser // nil: as it is
	table  *columns.Writer
	line   []byte
	err    error // of the first write that failed
}

// openOutput opens an output; name may be empty. schema is asked for the columns if they are needed.
func (j *job) openOutput(name string, schema func(*job) (columns.Schema, error)) (*output, error) {
	o := &output{name: name}
	if name == "" || j.opts.DryRun {
		o.name = ""
		return o, nil
	}
	form, err := formatOf(name)
	if err != nil {
		return nil, err
	}
	var w io.Writer = j.opts.Stdout
	if name != "-" {
		if o.file, err = os.Create(beside(name)); err != nil {
			return nil, err
		}
		w = o.file
	}
	const bufferBytes = 256 << 10
	o.buffer = bufio.NewWriterSize(w, bufferBytes)
	switch form {
	case jsonGzip:
		o.pack = gzip.NewWriter(o.buffer)
	case jsonZstd:
		o.pack, err = newFrames(o.buffer)
	case parquet:
		var s columns.Schema
		if s, err = schema(j); err == nil {
			o.table = columns.NewWriter(o.buffer, s)
		}
	}
	if err != nil {
		o.abandon()
		return nil, err
	}
	return o, nil
}

// wanted reports whether rows are of any use.
func (o *output) wanted() bool { return o.name != "" }

// row writes a JSON object.
func (o *output) row(object []byte) error {
	if o.name == "" || o.err != nil {
		return o.err
	}
	switch {
	case o.table != nil:
		o.err = o.table.Write(object)
	default:
		var w io.Writer = o.buffer
		if o.pack != nil {
			w = o.pack
		}
		o.line = append(append(o.line[:0], object...), '\n')
		_, o.err = w.Write(o.line)
	}
	if o.err != nil {
		o.err = fmt.Errorf("write %s: %w", o.name, o.err)
	}
	return o.err
}

// finish gives the file its name, if all was well.
func (o *output) finish() error {
	if o.name == "" {
		return nil
	}
	err := o.err
	if err == nil && o.table != nil {
		err = o.table.Close()
	}
	if err == nil && o.pack != nil {
		err = o.pack.Close()
	}
	if err == nil {
		err = o.buffer.Flush()
	}
	if err == nil && o.file != nil {
		err = errors.Join(o.file.Sync(), o.file.Close(), os.Rename(o.file.Name(), o.name))
		o.file = nil
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", o.name, err)
	}
	return nil
}

// abandon takes away what was written, unless it is finished.
func (o *output) abandon() {
	if o != nil && o.file != nil {
		_ = errors.Join(o.file.Close(), os.Remove(o.file.Name())) // there is an error already, which tells more
		o.file = nil
	}
}
