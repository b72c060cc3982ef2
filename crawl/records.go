package crawl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// records reads an archive of web pages, WARC or ARC: a sequence of records, each of a header that tells the length of the
// block that follows it. This file cuts records out, and finds the next one where something is wrong; workers make articles of
// them.
//
// What is believed: a length, if behind so many bytes the archive ends or another record begins. If not, and a record begins
// inside of the block, then the block was cut off there (a crawler was killed, and files were put together), and reading goes on
// with that record; else the length is believed, and what follows belongs to no record. Each byte is looked at a few times at
// most, whatever lengths are claimed: see suspectEnd.
type records struct {
	s       *source
	file    string
	form    recordForm
	in      io.Reader // the content, decompressed
	members *members  // what decompresses it, if it is gzip

	buf []byte
	at  int   // buf[at:] has been read and not been used
	pos int64 // in the content, of buf[at]
	err error // what came behind buf

	number int // of the last record

	// suspectEnd is the position up to which lengths are not to be believed, since a record has been found inside of a block:
	// until there a record ends at the latest where the next one begins. Without it, each of a million headers that claim 60 MB
	// would make us read 60 MB.
	suspectEnd int64

	pieces []piece
	data   []byte // the blocks of the pieces
}

// recordForm is what WARC and ARC differ in.
type recordForm interface {
	// begins reports whether a record begins with b, and whether b is too short to tell.
	begins(b []byte) (yes, short bool)

	// next returns the index of the next place in b that may be the beginning of a record, or -1. Nothing is missed but what
	// begins in the last nextBytes.
	next(b []byte) int

	// header reads the header that b begins with. A size of 0 and no error mean that b is too short.
	header(b []byte) (h recordHeader, size int, err error)
}

const (
	nextBytes      = 16
	maxHeaderBytes = 256 << 10
)

// recordHeader is what we want to know of a record.
type recordHeader struct {
	kind       string // WARC-Type in lower case; in ARC "response", or "warcinfo" for the head of the file
	uri        string
	date       string // when it was fetched, as it is written
	media      string // Content-Type of the block
	identified string // what the crawler found the payload to be
	length     int64  // of the block; -1 if it is not stated
	truncated  bool   // on purpose, by the crawler
	cut        bool   // the block is not all there
}

// piece is a record for a worker, or what else is to be told in its place.
type piece struct {
	at       Origin
	header   recordHeader
	from, to int    // of the block in data
	skipped  string // why it is of no interest
	err      error
}

// readRecords emits the records of an archive.
func (s *source) readRecords(name string, form recordForm, packed *members) {
	r := &records{s: s, file: name, form: form, in: s.plain, members: packed}
	for r.toRecord() && r.record() {
	}
	r.flush()
}

// origin returns where the unused content begins.
func (r *records) origin() Origin {
	at := Origin{File: r.file, Record: r.number, Offset: r.pos}
	if r.members != nil {
		at.Offset = r.members.fileOffset(r.pos)
	}
	return at
}

// toRecord goes to the next record, and reports what it finds before. It returns false at the end.
func (r *records) toRecord() bool {
	for !r.s.pipe.stopping() {
		r.skip(r.lineEnds(0))
		r.shrink()
		switch {
		case r.begins(0):
			return true
		case r.left() > 0:
			at := r.origin()
			numbered := r.number == 0 // since each outcome needs a number
			if numbered {
				at = r.unnumbered(at)
			}
			n, found := r.scan(-1)
			switch {
			case found || r.err == io.EOF:
				r.report(at, fmt.Errorf("%w: %d bytes that belong to no record were skipped", ErrRecord, n))
				continue
			case !numbered:
				at = r.unnumbered(at)
			}
			if !r.resync(at) {
				return false
			}
		case r.err == io.EOF:
			return false
		default:
			at := r.origin()
			if r.members != nil {
				at.Offset = r.members.begin.file
			}
			if !r.resync(r.unnumbered(at)) {
				return false
			}
		}
	}
	return false
}

// unnumbered counts what is damaged before its header could be read as a record.
func (r *records) unnumbered(at Origin) Origin {
	r.number++
	at.Record = r.number
	return at
}

// record reads the record that begins here, and reports whether to go on.
func (r *records) record() bool {
	r.number++
	at := r.origin()
	h, size, err := r.header()
	switch {
	case err != nil:
		r.skip(1)
		n, _ := r.scan(-1)
		r.report(at, fmt.Errorf("%w; %d bytes skipped", err, n+1))
		return true
	case size == 0:
		r.skip(1)
		return r.cutOffInHeader(at)
	}
	if i := r.find(1, size); i > 0 {
		return r.nextInHeader(at, i)
	}
	r.skip(size)
	limit := int64(r.s.opts.MaxRecordBytes)
	if h.length < 0 {
		h.length = int64(r.toNext(r.s.opts.MaxRecordBytes + 1))
	} else if r.pos < r.suspectEnd {
		if i := r.find(0, int(min(h.length, r.suspectEnd-r.pos))); i >= 0 {
			return r.cutBy(at, h, i)
		}
	}
	if h.length > limit {
		return r.tooLong(at, h)
	}
	return r.block(at, h, int(h.length))
}

// header reads a header, but does not skip it. The size is 0 if the content ends in it.
func (r *records) header() (h recordHeader, size int, err error) {
	for {
		h, size, err = r.form.header(r.buf[r.at:])
		switch {
		case size > 0 || err != nil:
			return h, size, err
		case r.left() > maxHeaderBytes:
			return h, 0, fmt.Errorf("%w: the header has more than %d bytes", ErrRecord, maxHeaderBytes)
		case !r.fill(r.left() + 1):
			return h, 0, nil
		}
	}
}

// block reads a block of n bytes.
func (r *records) block(at Origin, h recordHeader, n int) bool {
	if !r.fill(n) {
		return r.cutOff(at, h)
	}
	whole := n + r.lineEnds(n)
	next := r.begins(whole)
	end := r.left() == whole
	if !next && !end {
		if i := r.find(0, n); i >= 0 {
			r.suspectEnd = max(r.suspectEnd, r.pos+int64(n))
			return r.cutBy(at, h, i)
		}
	}
	damaged := end && r.err != io.EOF && (r.members == nil || r.members.begin.plain < r.pos+int64(n))
	// Of a stream that is only cut off, what was read is right. If there is anything else, a wrong checksum for one, we do not
	// know which byte is wrong.
	if !damaged || !errors.Is(r.err, ErrDamaged) || errors.Is(r.err, io.ErrUnexpectedEOF) {
		r.add(at, h, r.buf[r.at:r.at+n])
	}
	r.skip(n)
	return !damaged || r.resync(at)
}

// cutOff reports a record that ends before its block does.
func (r *records) cutOff(at Origin, h recordHeader) bool {
	n := r.left()
	if i := r.find(0, n); i >= 0 {
		r.suspectEnd = r.pos + int64(n)
		return r.cutBy(at, h, i)
	}
	if r.err != io.EOF {
		return r.resync(at)
	}
	r.addCut(at, h, r.buf[r.at:])
	r.reportEnd(at, h, int64(n))
	r.skip(n)
	return false
}

// cutBy reports a record in whose block the next one begins after i bytes, and goes there.
func (r *records) cutBy(at Origin, h recordHeader, i int) bool {
	r.addCut(at, h, r.buf[r.at:r.at+i])
	r.reportNext(at, h, int64(i))
	r.skip(i)
	return true
}

// cutOffInHeader reports a record that ends before its header does.
func (r *records) cutOffInHeader(at Origin) bool {
	if i := r.find(1, r.left()); i >= 0 {
		return r.nextInHeader(at, i)
	}
	if r.err != io.EOF {
		return r.resync(at)
	}
	r.report(at, fmt.Errorf("%w: the file ends in its header after %d bytes", ErrRecord, r.left()))
	r.skip(r.left())
	return false
}

// nextInHeader reports a record in whose header the next one begins after i bytes, and goes there.
func (r *records) nextInHeader(at Origin, i int) bool {
	r.report(at, fmt.Errorf("%w: the next record begins in its header; %d bytes skipped", ErrRecord, i))
	r.skip(i)
	return true
}

func (r *records) reportEnd(at Origin, h recordHeader, n int64) {
	r.report(at, fmt.Errorf("%w: the file ends after %d of the %d bytes of its block", ErrRecord, n, h.length))
}

func (r *records) reportNext(at Origin, h recordHeader, n int64) {
	r.report(at, fmt.Errorf("%w: the next record begins after %d of the %d bytes of its block", ErrRecord, n, h.length))
}

// tooLong passes over a block without holding it. It does not pass over the beginning of a record: that a length is wrong is more
// likely than that an archive of such a size stands in another one.
func (r *records) tooLong(at Origin, h recordHeader) bool {
	r.fill(bufferBytes)
	skipped := r.s.opts.passedOver(h, r.buf[r.at:])
	n, found := r.scan(h.length)
	switch {
	case found && n < h.length:
		r.reportNext(at, h, n)
	case n < h.length && r.err == io.EOF:
		r.reportEnd(at, h, n)
	case n < h.length:
		return r.resync(at)
	case skipped != "":
		r.put(piece{at: at, skipped: skipped})
	case wanted(h):
		r.report(at, fmt.Errorf("record %w: %d bytes, at most %d are read (MaxRecordBytes)", ErrTooLong, h.length, r.s.opts.MaxRecordBytes))
	}
	return true
}

// resync goes on behind damage, if there is a way, and reports what was lost with it.
func (r *records) resync(at Origin) bool {
	why := r.err
	r.skip(r.left())
	if r.members == nil || !errors.Is(why, ErrDamaged) {
		r.report(at, why)
		return false
	}
	next, ok := r.members.resync(func(content []byte) bool {
		yes, _ := r.form.begins(content)
		return yes
	}, r.s.pipe.stopping)
	r.err = nil
	r.report(at, fmt.Errorf("%w; %d bytes of the file skipped", why, next-at.Offset))
	return ok
}

// toNext returns the length of a block that does not tell it: up to the next record or the end, without the line ends there. It
// stops at limit.
func (r *records) toNext(limit int) int {
	for searched := 0; ; searched = max(0, r.left()-nextBytes) {
		more := r.fill(min(limit, searched+bufferBytes))
		end := min(limit, r.left())
		if i := r.find(searched, end); i >= 0 {
			end, more = i, false
		}
		if !more || end == limit {
			for end > 0 && end < limit && isLineEnd(r.buf[r.at+end-1]) {
				end--
			}
			return end
		}
	}
}

// scan skips up to the next record, but not more than limit bytes (-1: any number). It returns how many it skipped, and whether it
// found a record.
func (r *records) scan(limit int64) (skipped int64, found bool) {
	for skipped != limit && !r.s.pipe.stopping() {
		more := r.fill(bufferBytes)
		step := r.form.next(r.buf[r.at:])
		switch {
		case r.left() == 0:
			return skipped, false
		case step == 0 && r.begins(0):
			return skipped, true
		case step == 0:
			step = 1
		case step < 0 && more:
			step = r.left() - nextBytes
		case step < 0:
			step = r.left()
		}
		if limit >= 0 {
			step = int(min(int64(step), limit-skipped))
		}
		r.skip(step)
		skipped += int64(step)
	}
	return skipped, false
}

// find returns where in the next limit bytes a record begins, not before from; or -1.
func (r *records) find(from, limit int) int {
	r.fill(limit + nextBytes)
	for from < limit {
		i := r.form.next(r.buf[r.at+from:])
		if i < 0 || from+i >= limit {
			return -1
		}
		from += i
		if r.begins(from) {
			return from
		}
		from++
	}
	return -1
}

// begins reports whether a record begins after i bytes.
func (r *records) begins(i int) bool {
	for r.fill(i + 1) {
		yes, short := r.form.begins(r.buf[r.at+i:])
		if !short {
			return yes
		}
		if !r.fill(r.left() + 1) {
			return false
		}
	}
	return false
}

// lineEnds returns how many bytes of line ends stand after i bytes.
func (r *records) lineEnds(i int) int {
	n := 0
	for n < bufferBytes && r.fill(i+n+1) && isLineEnd(r.buf[r.at+i+n]) {
		n++
	}
	return n
}

func isLineEnd(c byte) bool { return c == '\r' || c == '\n' }

func (r *records) left() int { return len(r.buf) - r.at }

func (r *records) skip(n int) {
	r.at += n
	r.pos += int64(n)
}

// fill reads until n bytes are there. It reports whether they are; if not, r.err tells why there are no more.
func (r *records) fill(n int) bool {
	for empty := 0; r.left() < n && r.err == nil; {
		if len(r.buf) == cap(r.buf) {
			r.makeRoom(n)
		}
		m, err := r.in.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+m]
		if empty++; m > 0 {
			empty = 0
		}
		if err == nil && empty >= maxEmptyReads {
			err = io.ErrNoProgress
		}
		r.err = err
	}
	return r.left() >= n
}

// makeRoom moves what is left to the front of the buffer, or into one of twice the size, but for no more than n bytes and some.
func (r *records) makeRoom(n int) {
	to := r.buf[:0]
	if r.left() >= cap(r.buf)/2 {
		to = make([]byte, 0, min(2*cap(r.buf), max(n, r.left()))+2*bufferBytes)
	}
	r.buf, r.at = append(to, r.buf[r.at:]...), 0
}

// shrink gives the memory of a large record back.
func (r *records) shrink() {
	if cap(r.buf) > 1<<20 && r.left() < bufferBytes {
		r.buf, r.at = append(make([]byte, 0, 4*bufferBytes), r.buf[r.at:]...), 0
	}
}

func (r *records) report(at Origin, err error) { r.put(piece{at: at, err: err}) }

// add hands on a record, if it may be an article. It copies the block.
func (r *records) add(at Origin, h recordHeader, block []byte) {
	switch {
	case r.s.after.passes(at):
		return
	case !wanted(h):
		if why := unwanted(h); why != "" {
			r.put(piece{at: at, skipped: why})
		}
		return
	case len(r.data)+len(block) > cap(r.data):
		r.flush()
		r.data = r.s.buffer(len(block))
	}
	from := len(r.data)
	r.data = append(r.data, block...)
	r.put(piece{at: at, header: h, from: from, to: len(r.data)})
}

// addCut hands on a record whose block is not all there, which is reported too. The article may be whole all the same, if HTTP
// says so: in archives whose line ends were converted every record is shorter than it says.
func (r *records) addCut(at Origin, h recordHeader, block []byte) {
	if h.cut = true; wanted(h) && bytes.HasPrefix(block, []byte(httpMagic)) {
		r.add(at, h, block)
	}
}

func (r *records) put(p piece) {
	const enough = 1000
	if r.s.after.passes(p.at) {
		return
	}
	if r.pieces = append(r.pieces, p); len(r.pieces) >= enough {
		r.flush()
	}
}

// flush emits the pieces that have come together.
func (r *records) flush() {
	s, pieces, data := r.s, r.pieces, r.data
	r.pieces, r.data = nil, nil
	if len(pieces) == 0 {
		return
	}
	s.emit(len(data), func(out []outcome) []outcome {
		for _, p := range pieces {
			if o, ok := s.opts.outcome(p, data[p.from:p.to]); ok {
				out = append(out, o)
			}
		}
		s.recycle(data)
		return out
	})
}
