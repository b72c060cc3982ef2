package crawl

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// members reads a gzip file, which is a sequence of members, and knows where in the file each began. WARC and ARC files have a
// member a record, so that behind a damaged member it can go on with the next one (see resync).
type members struct {
	raw    *bufio.Reader // reads from past
	past   *rewinder
	z      gzip.Reader
	inside bool // z is inside of a member
	err    error
	begin  memberStart // of the member that is read, or could not be read
	plain  int64       // bytes of content delivered
	starts []memberStart
	probe  gzip.Reader
	found  [probeBytes]byte
}

// memberStart says where a member begins, in the content and in the file.
type memberStart struct{ plain, file int64 }

const (
	// maxStarts bounds the memory for members that have been read ahead of their use. If there are more (of some bytes each), the
	// offsets of some records are those of earlier members.
	maxStarts = 4096

	// rewindBytes is how far before the place where damage was noticed the next member is looked for. Behind damage a decoder
	// takes what follows for compressed data, until it finds nonsense in it: at random data after some hundred bytes; a stored
	// block can swallow 64 KiB.
	rewindBytes = 256 << 10

	// probeBytes is how much of a possible member is decompressed to see whether it is one, and of how many bytes.
	probeBytes = 4096
)

var gzipMagic = []byte{0x1f, 0x8b, 8}

func newMembers(raw *bufio.Reader, past *rewinder) *members { return &members{raw: raw, past: past} }

// reset makes m read what comes next from its reader.
func (m *members) reset() {
	m.inside, m.err, m.begin, m.plain, m.starts = false, nil, memberStart{0, m.offset()}, 0, m.starts[:0]
}

// offset returns how much of the file has been used.
func (m *members) offset() int64 { return m.past.offset() - int64(m.raw.Buffered()) }

// Read reads the content of all members. An error stays until resync.
func (m *members) Read(p []byte) (int, error) {
	for m.err == nil {
		if !m.inside {
			if m.err = m.next(); m.err != nil {
				break
			}
		}
		n, err := m.z.Read(p)
		m.plain += int64(n)
		if m.inside = err != io.EOF; m.inside {
			m.err = err
		}
		if n > 0 || len(p) == 0 {
			return n, nil
		}
	}
	return 0, m.err
}

// next enters the next member. Its error is io.EOF where the file ends.
func (m *members) next() error {
	m.begin = memberStart{m.plain, m.offset()}
	if err := m.z.Reset(m.raw); err != nil {
		return err
	}
	m.z.Multistream(false)
	m.inside = true
	if n := len(m.starts); n > 0 && (n == maxStarts || m.starts[n-1].plain == m.plain) {
		m.starts[n-1] = m.begin
	} else {
		m.starts = append(m.starts, m.begin)
	}
	return nil
}

// fileOffset returns where the member begins in which a byte of the content stands. Bytes must be asked for in their order.
func (m *members) fileOffset(plain int64) int64 {
	drop := 0
	for drop+1 < len(m.starts) && m.starts[drop+1].plain <= plain {
		drop++
	}
	m.starts = m.starts[:copy(m.starts, m.starts[drop:])]
	if len(m.starts) == 0 {
		return m.begin.file
	}
	return m.starts[0].file
}

// resync goes to the next member whose content looks like the beginning of a record, after an error in the current one. It
// returns the offset of that member; or the end of what can be read, and false. What Read gave before must have been used.
func (m *members) resync(looksRight func(content []byte) bool, stopping func() bool) (int64, bool) {
	m.past.rewind(min(m.offset(), max(m.begin.file+1, m.offset()-rewindBytes)))
	m.raw.Reset(m.past)
	for {
		head, err := m.raw.Peek(probeBytes)
		skip := bytes.Index(head, gzipMagic)
		switch {
		case skip == 0 && m.looksRight(head, looksRight):
			m.inside, m.err, m.starts = false, nil, m.starts[:0]
			m.begin = memberStart{m.plain, m.offset()}
			return m.begin.file, true
		case skip == 0:
			skip = 1
		case skip < 0 && err == nil:
			skip = len(head) - len(gzipMagic) + 1
		case skip < 0: // the end
			skip = len(head)
		}
		_, _ = m.raw.Discard(skip) // has been peeked
		if skip == 0 || stopping() {
			m.err = io.EOF
			return m.offset(), false
		}
	}
}

func (m *members) looksRight(head []byte, looksRight func([]byte) bool) bool {
	if m.probe.Reset(bytes.NewReader(head)) != nil {
		return false
	}
	n, _ := io.ReadFull(&m.probe, m.found[:]) // mostly cut off, since head is
	return looksRight(m.found[:n])
}

// rewinder reads r and remembers the last bytes read, rewindBytes and a buffer of them at least, so that they can be read again.
type rewinder struct {
	r    io.Reader
	past []byte
	next int   // past[next:] will be read again
	end  int64 // offset in r of the end of past
}

func (w *rewinder) reset(r io.Reader) { *w = rewinder{r: r, past: w.past[:0]} }

// offset returns how many bytes of r have been read, less what will be read again.
func (w *rewinder) offset() int64 { return w.end - int64(len(w.past)-w.next) }

func (w *rewinder) Read(p []byte) (int, error) {
	if w.next < len(w.past) {
		n := copy(p, w.past[w.next:])
		w.next += n
		return n, nil
	}
	n, err := w.r.Read(p)
	const keep = rewindBytes + bufferBytes
	if len(w.past)+n > 2*keep {
		w.past = w.past[:copy(w.past, w.past[max(0, len(w.past)-keep):])]
	}
	w.past = append(w.past, p[max(0, n-keep):n]...)
	w.next = len(w.past)
	w.end += int64(n)
	return n, err
}

// rewind makes the next Read begin at an offset that is remembered.
func (w *rewinder) rewind(offset int64) {
	first := w.end - int64(len(w.past))
	if offset < first || offset > w.end {
		panic(fmt.Sprintf("crawl: rewind to %d, which is not in %d…%d", offset, first, w.end))
	}
	w.next = int(offset - first)
}
