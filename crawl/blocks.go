package crawl

import (
	"bytes"
	"fmt"
	"io"
)

// blockBytes is the usual size of a block of lines.
const blockBytes = 256 << 10

// maxEmptyReads is how often a reader may return nothing and no error before we give up, as in package bufio.
const maxEmptyReads = 100

// lineForm is what JSON lines and the rows of a table differ in.
type lineForm interface {
	// whole returns how many bytes of b.buf are whole lines or rows; the first old bytes are what it left of the last time. Behind
	// them comes more, or the end. It reports whether to go on with the file.
	whole(b *blocks, old int, comes ending) (size int, goOn bool)

	// emit hands on a block of whole lines or rows; if the file was cut off, the last of them may be incomplete.
	emit(at Origin, block []byte, cut bool) bool
}

// ending is what comes behind a piece of a file.
type ending int

const (
	more   ending = iota
	ended         // nothing
	cutOff        // nothing that can be read: the file is damaged
)

// readLines emits the objects in the lines of r.
func (s *source) readLines(name string, r io.Reader) {
	b := &blocks{s: s, form: jsonLines{s}, file: name, line: 1}
	if s.seekLine() {
		b.line, b.offset = s.after.Line, s.after.Offset
	}
	b.read(r)
}

// blocks cuts a stream into blocks of whole lines.
type blocks struct {
	s      *source
	form   lineForm
	file   string
	buf    []byte // begins at the beginning of a line, unless long > 0
	line   int    // number of that line
	offset int64  // of that line
	long   int64  // bytes dropped of a line that is too long
}

// read emits what is in r, in blocks that workers parse. Each read gives a block if there is a line end in it, so that what is
// typed or piped in slowly is not held back.
func (b *blocks) read(r io.Reader) {
	b.buf = b.s.buffer(0)
	for empty := 0; ; {
		if len(b.buf) == cap(b.buf) {
			b.grow()
		}
		n, err := r.Read(b.buf[len(b.buf):cap(b.buf)])
		if !b.add(n) {
			return
		}
		if empty++; n > 0 {
			empty = 0
		}
		if err == nil && empty >= maxEmptyReads {
			err = io.ErrNoProgress
		}
		switch {
		case err == io.EOF:
			b.end(ended)
			return
		case err != nil:
			if at, ok := b.end(cutOff); ok {
				b.s.report(at, err)
			}
			return
		}
	}
}

func (b *blocks) origin() Origin { return Origin{File: b.file, Line: b.line, Offset: b.offset} }

// add takes over n bytes that have been read behind b.buf, and emits what is complete. It reports whether to go on.
func (b *blocks) add(n int) bool {
	old := len(b.buf)
	b.buf = b.buf[:old+n]
	if b.long > 0 {
		if !b.skip() {
			return false
		}
		old = 0
	}
	size, ok := b.form.whole(b, old, more)
	if !ok || size > 0 && !b.emit(size, false) {
		return false
	}
	if len(b.buf) > b.s.opts.MaxLineBytes {
		b.long = int64(len(b.buf))
		b.buf = b.s.buffer(0)
	}
	return true
}

// skip drops what belongs to a line that is too long, and reports the line when its end is found.
func (b *blocks) skip() bool {
	end := bytes.IndexByte(b.buf, '\n')
	if end < 0 {
		b.long += int64(len(b.buf))
		b.buf = b.buf[:0]
		return true
	}
	b.long += int64(end)
	ok := b.reportLong()
	b.offset += b.long + 1
	b.line++
	b.long = 0
	b.buf = b.buf[:copy(b.buf, b.buf[end+1:])]
	return ok
}

func (b *blocks) reportLong() bool {
	return b.s.report(b.origin(), tooLong(b.long, b.s.opts.MaxLineBytes))
}

func tooLong(length int64, limit int) error {
	return fmt.Errorf("line %w: %d bytes, at most %d are read (MaxLineBytes)", ErrTooLong, length, limit)
}

// emit hands the first size bytes to the workers, unless all of them lie behind us, and moves the rest to another buffer.
func (b *blocks) emit(size int, cut bool) bool {
	block, at := b.buf, b.origin()
	b.buf = append(b.s.buffer(len(block)-size), block[size:]...)
	b.offset += int64(size)
	b.line += bytes.Count(block[:size], []byte{'\n'})
	if b.line <= b.s.after.Line {
		b.s.recycle(block)
		return !b.s.pipe.stopping()
	}
	return b.form.emit(at, block[:size], cut)
}

// drop passes over the first size bytes.
func (b *blocks) drop(size int) {
	b.offset += int64(size)
	b.line += bytes.Count(b.buf[:size], []byte{'\n'})
	b.buf = b.buf[:copy(b.buf, b.buf[size:])]
}

// grow makes room for a line that is longer than the buffer, but for no more than the limit and one byte, by which it is known
// to be too long.
func (b *blocks) grow() {
	size := min(2*cap(b.buf), b.s.opts.MaxLineBytes+1)
	b.buf = append(make([]byte, 0, size), b.buf...)
}

// end emits what stands behind the last line feed. It returns where the stream ended, and whether to go on.
//
// If the stream was cut off, that is half a line, and no second problem; unless it is a whole object, which half a line
// cannot be.
func (b *blocks) end(comes ending) (Origin, bool) {
	at := b.origin()
	if b.long > 0 {
		return at, b.reportLong()
	}
	size, ok := b.form.whole(b, len(b.buf), comes)
	if !ok || size == 0 {
		return at, ok
	}
	return at, b.emit(size, comes == cutOff)
}

// buffer returns an empty buffer with room for some bytes more than the given number.
func (s *source) buffer(bytes int) []byte {
	if bytes > blockBytes/2 {
		return make([]byte, 0, bytes+blockBytes)
	}
	if buf, ok := s.free.Get().(*[blockBytes]byte); ok {
		return buf[:0]
	}
	return make([]byte, 0, blockBytes)
}

// recycle takes back a buffer of which nobody uses anything any more; any goroutine may call it.
func (s *source) recycle(buf []byte) {
	if cap(buf) == blockBytes {
		s.free.Put((*[blockBytes]byte)(buf[:blockBytes]))
	}
}
