package columns

import (
	"errors"
	"fmt"
	"io"
)

// What can be wrong, for errors.Is. Errors of the reader and of the writer that the caller gave are wrapped as they are.
var (
	// ErrDamaged: the file is cut off, its footer makes no sense, a page does not decode, or has another checksum than it should.
	// Rows before the damage have been yielded; fetch the file again.
	ErrDamaged = errors.New("damaged Parquet file")

	// ErrUnsupported: the file may be whole, but uses what this package does not read: encryption, columns in files of their own,
	// the codecs LZO and LZ4 with Hadoop's frames, the retired encoding BIT_PACKED. Write it anew with another program.
	ErrUnsupported = errors.New("kind of Parquet file not supported")

	// ErrSchema: a row to be written is no JSON object, has a field that is no column, lacks a required one, or has a value that its
	// column cannot hold without loss. The message names column and value. Nothing of the row has been written.
	ErrSchema = errors.New("row does not fit the schema")
)

// readError is an error of the caller's io.ReaderAt, which says nothing about the file.
type readError struct{ err error }

func (e *readError) Error() string { return "read: " + e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// damage makes err, found while reading a file, an error for the caller: ErrDamaged, unless it is one of the other two.
func damage(where string, err error) error {
	var read *readError
	switch {
	case errors.As(err, &read), errors.Is(err, ErrUnsupported):
		return fmt.Errorf("%s: %w", where, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrDamaged, where, err)
}

// readFull reads len(p) bytes at off; io.ErrUnexpectedEOF if there are fewer.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	switch {
	case n == len(p):
		return nil
	case err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	}
	return &readError{err}
}

// guard calls f, which calls a library with bytes of a file, and makes an error of a panic: with some damaged bytes libraries do
// panic. It stands around calls of libraries only, so that our own bugs are not taken for damage.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("decoder panicked: %v", r)
		}
	}()
	return f()
}
