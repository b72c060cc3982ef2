package bulk

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"sync"

	json "github.com/goccy/go-json"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/xxh3"
)

// A spool is the file in which a crawl keeps what it read until the outputs are written: the rows as they were, and
// what else happened, batch after batch. It is also what a crawl resumes from.
//
//	frame   8 bytes  "dedupe" 0x00 0x01: magic and version
//	        8 bytes  length of the batch, big-endian
//	        8 bytes  length of the rows, big-endian
//	        8 bytes  xxh3-64 of the batch and the rows, big-endian
//	        batch    JSON of type batch, one zstd frame
//	        rows     the rows one after the other, one S2 block; batch.Rows has their lengths. Of no bytes if the crawl writes no rows
//
// S2 takes a tenth of the time that zstd does, and half as much room again.
//
// A frame is written after its articles are in the index, and synced. What a crash leaves of a frame is cut off when the spool
// is opened again.
type spool struct {
	file    *os.File
	size    int64
	encoder *zstd.Encoder
	decoder *zstd.Decoder
	packed  []byte // reused
}

const (
	frameMagic  = "dedupe\x00\x01"
	frameHeader = 32

	// maxBatchBytes and maxRowsBytes are more than a batch can take: a row has 64 MiB at most, and one row is enough for a batch.
	maxBatchBytes = 1 << 30
	maxRowsBytes  = 1 << 30
)

// errSpool: the spool is damaged in its middle, by something else than a crash.
var errSpool = errors.New("damaged spool")

// openSpool opens the spool of that name, which is made if there is none, and returns its batches without their rows. do is
// called for each.
func openSpool(name string, do func(*batch) error) (_ *spool, err error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true))
	if err != nil {
		return nil, err
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxRowsBytes))
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		decoder.Close()
		return nil, err
	}
	s := &spool{file: file, encoder: encoder, decoder: decoder}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("spool %s: %w", name, err), s.close())
		}
	}()
	for b, err := range s.batches(false) {
		if err != nil {
			torn, failed := s.isTorn(err)
			if torn && failed == nil {
				break
			}
			return nil, errors.Join(err, failed)
		}
		s.size = b.end
		if err := do(b.batch); err != nil {
			return nil, err
		}
	}
	return s, file.Truncate(s.size)
}

// isTorn reports whether err, met at the end of what is good, can be what a crash left: no other frame comes behind it, for a
// frame is synced before the next one is written.
func (s *spool) isTorn(err error) (bool, error) {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return true, nil
	case !errors.Is(err, errSpool):
		return false, nil
	}
	r := bufio.NewReader(io.NewSectionReader(s.file, s.size+1, math.MaxInt64-s.size-1))
	for {
		head, err := r.Peek(len(frameMagic))
		switch {
		case string(head) == frameMagic:
			return false, nil
		case err == io.EOF:
			return true, nil
		case err != nil:
			return false, err
		}
		if _, err := r.Discard(1); err != nil {
			return false, err
		}
	}
}

func (s *spool) close() error {
	s.decoder.Close()
	return errors.Join(s.encoder.Close(), s.file.Close())
}

// pack compresses rows, for append.
func (s *spool) pack(rows []byte) []byte {
	s.packed = s2.Encode(s.packed[:cap(s.packed)], rows)
	return s.packed
}

// append writes a batch and its packed rows behind the others. It is durable when append returns.
func (s *spool) append(b *batch, packed []byte) error {
	head, err := json.Marshal(b)
	if err != nil {
		return err
	}
	frame := make([]byte, frameHeader, frameHeader+len(head)/2+len(packed))
	frame = s.encoder.EncodeAll(head, frame)
	headEnd := len(frame)
	frame = append(frame, packed...)
	copy(frame, frameMagic)
	binary.BigEndian.PutUint64(frame[8:], uint64(headEnd-frameHeader))
	binary.BigEndian.PutUint64(frame[16:], uint64(len(packed)))
	binary.BigEndian.PutUint64(frame[24:], xxh3.Hash(frame[frameHeader:]))
	if _, err := s.file.WriteAt(frame, s.size); err != nil {
		return err
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	s.size += int64(len(frame))
	return nil
}

// spooled is a batch in the spool.
type spooled struct {
	*batch
	rows []byte // of all rows of the batch, if they were asked for; valid within the step
	end  int64  // of its frame
}

// batches yields the batches, with or without their rows. Without them, only the checksum of the last frame is looked at, the only
// one that a crash can damage.
func (s *spool) batches(withRows bool) iter.Seq2[spooled, error] {
	return func(yield func(spooled, error) bool) {
		info, err := s.file.Stat()
		if err != nil {
			yield(spooled{}, err)
			return
		}
		if info.Size() == 0 {
			return
		}
		var (
			next  spooled
			buf   []byte
			ahead sync.WaitGroup
		)
		defer ahead.Wait()
		read := func(at int64) {
			ahead.Go(func() { next, buf, err = s.read(at, info.Size(), withRows, buf) })
		}
		at := int64(0)
		for read(at); ; {
			ahead.Wait()
			if err != nil {
				yield(spooled{}, fmt.Errorf("frame at byte %d: %w", at, err))
				return
			}
			b := next
			at = b.end
			if at < info.Size() {
				read(at) // while b is used
			}
			if !yield(b, nil) || at >= info.Size() {
				return
			}
		}
	}
}

// read reads the frame at a place of the file. buf is reused, and returned.
func (s *spool) read(at, size int64, withRows bool, buf []byte) (spooled, []byte, error) {
	var header [frameHeader]byte
	if size-at < frameHeader {
		return spooled{}, buf, io.ErrUnexpectedEOF
	}
	if _, err := s.file.ReadAt(header[:], at); err != nil {
		return spooled{}, buf, err
	}
	headBytes, rowsBytes := int64(binary.BigEndian.Uint64(header[8:])), int64(binary.BigEndian.Uint64(header[16:]))
	switch {
	case string(header[:8]) == string(make([]byte, 8)):
		return spooled{}, buf, io.ErrUnexpectedEOF // what some file systems leave of bytes that were not written
	case string(header[:8]) != frameMagic || headBytes < 0 || headBytes > maxBatchBytes || rowsBytes < 0 || rowsBytes > maxRowsBytes:
		return spooled{}, buf, errSpool
	case size-at-frameHeader < headBytes+rowsBytes:
		return spooled{}, buf, io.ErrUnexpectedEOF
	}
	b := spooled{batch: new(batch), end: at + frameHeader + headBytes + rowsBytes}
	last := !s.hasFrame(b.end, size)
	n := headBytes
	if withRows || last {
		n += rowsBytes
	}
	if int64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if _, err := s.file.ReadAt(buf, at+frameHeader); err != nil {
		return spooled{}, buf, err
	}
	if n == headBytes+rowsBytes && xxh3.Hash(buf) != binary.BigEndian.Uint64(header[24:]) {
		return spooled{}, buf, fmt.Errorf("%w: its checksum is wrong", errSpool)
	}
	head, err := s.decoder.DecodeAll(buf[:headBytes], nil)
	if err == nil {
		err = json.Unmarshal(head, b.batch)
	}
	if err == nil && withRows {
		b.rows, err = s.unpack(buf[headBytes:])
	}
	if err == nil && withRows && len(b.rows) != b.rowsBytes() {
		err = errors.New("lengths of rows do not fit")
	}
	if err != nil {
		return spooled{}, buf, fmt.Errorf("%w: %w", errSpool, err)
	}
	return b, buf, nil
}

// unpack decompresses rows.
func (s *spool) unpack(packed []byte) ([]byte, error) {
	n, err := s2.DecodedLen(packed)
	if err == nil && n > maxRowsBytes {
		err = s2.ErrTooLarge
	}
	if err != nil {
		return nil, err
	}
	return s2.Decode(make([]byte, n), packed)
}

// hasFrame reports whether a frame begins at a place.
func (s *spool) hasFrame(at, size int64) bool {
	var magic [len(frameMagic)]byte
	if size-at < frameHeader {
		return false
	}
	_, err := s.file.ReadAt(magic[:], at)
	return err == nil && string(magic[:]) == frameMagic
}

// batch is what happened in one batch.
type batch struct {
	Rows    []row   `json:"rows,omitempty"`
	Events  []event `json:"events,omitempty"`
	After   place   `json:"after"`          // where reading goes on
	Taken   int     `json:"taken"`          // articles that the index took, up to here
	Copies  int     `json:"copies"`         // of these, those that matched an article as a copy when they were added
	Bytes   int64   `json:"bytes"`          // of the inputs, read up to here
	Seconds float64 `json:"seconds"`        // of work, up to here
	Done    bool    `json:"done,omitempty"` // nothing comes after it
}

func (b *batch) rowsBytes() int {
	n := 0
	for _, r := range b.Rows {
		n += r.Bytes
	}
	return n
}

// place is a place in the inputs: behind a line, a record or a whole file.
type place struct {
	File   int   `json:"file"`             // index in the inputs
	Line   int   `json:"line,omitempty"`   // behind this one; 0 and Record 0: nothing of the file has been read
	Record int   `json:"record,omitempty"` //
	Offset int64 `json:"offset,omitempty"` // where that line or record begins
}

// row is a row of the inputs that is an article.
type row struct {
	place
	ID        string `json:"id"`
	URL       string `json:"url,omitempty"`
	Site      string `json:"site,omitempty"`
	Title     string `json:"title,omitempty"`
	Published *int64 `json:"published,omitempty"` // Unix seconds
	Text      int    `json:"text"`                // bytes
	Bytes     int    `json:"bytes"`               // of the row itself; 0: it is not in the spool
	Refused   bool   `json:"refused,omitempty"`   // the index cannot take it; an event tells why
}

// event is something in the inputs that is no row.
type event struct {
	place
	Name   string `json:"name,omitempty"`   // of the file, if it is none of the inputs
	Passed string `json:"passed,omitempty"` // passed over: why
	Reason string `json:"reason,omitempty"` // skipped: the kind of problem
	Text   string `json:"text,omitempty"`   // … and all about it
	Out    bool   `json:"out,omitempty"`    // published outside of the dates asked for
}
