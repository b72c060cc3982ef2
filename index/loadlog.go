package index

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/zeebo/xxh3"

	"github.com/dedupe-news/dedupe/furniture"
)

// The load log is a file beside the database, in which Load keeps articles until Recluster writes them into it, each once and in
// the order of the keys.
//
//	head    8 bytes  "dedupe" 0x00 0x02: magic and version
//	        uvarint length and JSON of type loadHead
//	        8 bytes  xxh3-64 of that JSON, big-endian
//	frame   8 bytes  "loaded" 0x00 0x01
//	        8 bytes  length of what follows, big-endian
//	        8 bytes  xxh3-64 of what follows, big-endian
//	        uvarint length and JSON of the state of the index behind these articles
//	        articles: uvarint length and record (format.go; the holder is not known yet), uvarint length and text, one zstd frame;
//	        then, in an index with texts, uvarint number of its prints, and 4 bytes each, little-endian
//
// A frame is synced before Load returns and before the next one is begun; what a crash leaves of the last one is cut off when the index is opened again. Damage before
// a whole frame is no crash: ErrCorrupt, and nothing is cut off. The log counts until the
// state in the database says that this load is done; then it is deleted.
type loadLog struct {
	file *os.File
	name string
	head loadHead
	size int64
	room []byte // of the frame before, for the next one

	begin int64 // of the frames
}

// loadHead is the head of the log: what is needed to make the database anew.
type loadHead struct {
	Load  uint32 `json:"load"` // as state.Loads, once it is done
	Meta  meta   `json:"meta"`
	State state  `json:"state"` // when it began
}

const (
	loadName    = "loading"
	loadMagic   = "dedupe\x00\x02"
	frameMagic  = "loaded\x00\x01"
	frameHeader = 24
	sumBytes    = 8
)

// createLoadLog makes the file, which is there as a whole or not at all.
func createLoadLog(dir string, head loadHead) (*loadLog, error) {
	content, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, loadName)
	file, err := os.Create(name + ".new")
	if err != nil {
		return nil, err
	}
	l := &loadLog{file: file, name: name, head: head}
	b := appendHead(content)
	l.begin, l.size = int64(len(b)), int64(len(b))
	_, err = file.Write(b)
	if err == nil {
		err = errors.Join(file.Sync(), os.Rename(name+".new", name), syncDir(dir))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return l, nil
}

// appendHead is the head whose JSON is content.
func appendHead(content []byte) []byte {
	return binary.BigEndian.AppendUint64(appendBytes([]byte(loadMagic), content), xxh3.Hash(content))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func appendBytes(dst, b []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

// openLoadLog opens the log in dir, and returns the state behind its last frame, nil if there is none; no log if there is no file.
func openLoadLog(dir string) (_ *loadLog, _ *state, err error) {
	name := filepath.Join(dir, loadName)
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("load log: %w", errors.Join(err, file.Close()))
		}
	}()
	l := &loadLog{file: file, name: name}
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	if err := l.readHead(); err != nil {
		return nil, nil, err
	}
	last := int64(0) // frame
	for at := l.size; ; {
		end, ok := l.frameEnd(at, info.Size())
		if !ok {
			break
		}
		if _, more := l.frameEnd(end, info.Size()); !more && !l.isWhole(at, end) {
			break
		}
		last, at, l.size = at, end, end
	}
	if err := l.mayTruncate(info.Size()); err != nil {
		return nil, nil, err
	}
	if err := file.Truncate(l.size); err != nil {
		return nil, nil, err
	}
	if last == 0 {
		return l, nil, nil
	}
	s, err := l.frameState(last, l.size)
	return l, &s, err
}

// frameState is the state behind the articles of the frame that begins and ends there.
func (l *loadLog) frameState(at, end int64) (state, error) {
	content, err := l.piece(at+frameHeader, end)
	if err != nil {
		return state{}, err
	}
	s, err := decodeJSON[state](content)
	if err == nil {
		err = s.validate()
	}
	return s, err
}

func (l *loadLog) readHead() error {
	var magic [len(loadMagic)]byte
	if _, err := l.file.ReadAt(magic[:], 0); err != nil || string(magic[:]) != loadMagic {
		return fmt.Errorf("%w: no load log", ErrCorrupt)
	}
	content, err := l.piece(int64(len(magic)), math.MaxInt64)
	if err != nil {
		return err
	}
	head := appendHead(content)
	l.begin, l.size = int64(len(head)), int64(len(head))
	var sum [sumBytes]byte
	if _, err := l.file.ReadAt(sum[:], l.size-sumBytes); err != nil || string(sum[:]) != string(head[l.size-sumBytes:]) {
		return fmt.Errorf("%w: the head of the load log does not have its checksum", ErrCorrupt)
	}
	if l.head, err = decodeJSON[loadHead](content); err != nil {
		return err
	}
	return l.head.State.validate()
}

// mayTruncate returns ErrCorrupt if a whole frame stands somewhere behind the last one that was found.
func (l *loadLog) mayTruncate(size int64) error {
	rest := make([]byte, size-l.size)
	if _, err := l.file.ReadAt(rest, l.size); err != nil && err != io.EOF {
		return err
	}
	for from := 0; ; from++ {
		at := bytes.Index(rest[from:], []byte(frameMagic))
		if at < 0 {
			return nil
		}
		from += at
		begin := l.size + int64(from)
		if end, ok := l.frameEnd(begin, size); ok && l.isWhole(begin, end) {
			return fmt.Errorf("%w: from byte %d to %d there is no frame, and behind it there is one", ErrCorrupt, l.size, begin)
		}
	}
}

// piece reads the uvarint length at a place before end, and so many bytes.
func (l *loadLog) piece(at, end int64) ([]byte, error) {
	const most = 16 << 20 // of a state or a head
	var length [binary.MaxVarintLen64]byte
	n, err := l.file.ReadAt(length[:], at)
	size, used := binary.Uvarint(length[:n])
	if err != nil && err != io.EOF || used <= 0 || size > most || int64(size) > end-at-int64(used) {
		return nil, errors.Join(err, fmt.Errorf("%w: bad length", ErrCorrupt))
	}
	b := make([]byte, size)
	_, err = l.file.ReadAt(b, at+int64(used))
	return b, err
}

// frameEnd is where the frame ends that begins at a place; false if there is no whole one.
func (l *loadLog) frameEnd(at, size int64) (int64, bool) {
	var header [frameHeader]byte
	if _, err := l.file.ReadAt(header[:], at); err != nil || string(header[:8]) != frameMagic {
		return 0, false
	}
	length := binary.BigEndian.Uint64(header[8:])
	if length > uint64(size-at-frameHeader) {
		return 0, false
	}
	return at + frameHeader + int64(length), true
}

// isWhole checks the checksum of a frame.
func (l *loadLog) isWhole(at, end int64) bool {
	b := make([]byte, end-at)
	if _, err := l.file.ReadAt(b, at); err != nil {
		return false
	}
	return isSummed(b)
}

// isSummed says whether a frame has its checksum.
func isSummed(frame []byte) bool {
	return xxh3.Hash(frame[frameHeader:]) == binary.BigEndian.Uint64(frame[16:])
}

// append writes a frame of articles behind the others. It is durable when append returns.
func (l *loadLog) append(s *state, articles [][]byte) error {
	content, err := json.Marshal(s)
	if err != nil {
		return err
	}
	frame := appendBytes(append(l.room[:0], make([]byte, frameHeader)...), content)
	for _, a := range articles {
		frame = append(frame, a...)
	}
	l.room = frame
	copy(frame, frameMagic)
	binary.BigEndian.PutUint64(frame[8:], uint64(len(frame)-frameHeader))
	binary.BigEndian.PutUint64(frame[16:], xxh3.Hash(frame[frameHeader:]))
	if _, err := l.file.WriteAt(frame, l.size); err != nil {
		return err
	}
	if err := l.file.Sync(); err != nil {
		return err
	}
	l.size += int64(len(frame))
	return nil
}

// remove deletes the log.
func (l *loadLog) remove() error { return errors.Join(l.file.Close(), os.Remove(l.name)) }

// loggedArticle is an article in the log.
type loggedArticle struct {
	record, text []byte
	prints       []byte // 4 bytes each
}

// appendLogged appends an article as it is in the log to b.
func (p *prepared) appendLogged(b []byte, r *record, room *printRoom) []byte {
	b = appendBytes(appendBytes(b, r.append(nil)), p.text)
	if p.subject.reading == nil {
		return b
	}
	list := room.of(p.subject.reading.Shingles)
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, p := range list {
		b = binary.LittleEndian.AppendUint32(b, uint32(p))
	}
	return b
}

// decodeLogged takes the first article of b, and returns the rest.
func decodeLogged(b []byte, keepsText bool) (a loggedArticle, rest []byte, err error) {
	d := decoder{b: b}
	a.record = d.bytes(d.count(1))
	a.text = d.bytes(d.count(1))
	if keepsText {
		a.prints = d.bytes(4 * d.count(4))
	}
	return a, d.b, d.err
}

// appendLoggedPrints appends prints, as they are in the log, to dst.
func appendLoggedPrints(dst []furniture.Print, logged []byte) []furniture.Print {
	for ; len(logged) >= 4; logged = logged[4:] {
		dst = append(dst, furniture.Print(binary.LittleEndian.Uint32(logged)))
	}
	return dst
}
