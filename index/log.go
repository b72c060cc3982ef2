package index

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/furniture"
)

// Logs live only until the tail is sealed, so they must stay out of the value log, where what was deleted is not soon got rid
// of. A log stands there in pieces that are too short for it; but not the long log of a very long text, for a transaction has limits.
const (
	logPiece = valueThreshold - 1
	longLog  = 256 << 10
)

// cutLog cuts a log into pieces of one length, of which the last one is shorter, and may be empty: so it is seen if one is missing.
func cutLog(log []byte) [][]byte {
	size := logPiece
	if len(log) > longLog {
		size = len(log)
	}
	var pieces [][]byte
	for ; len(log) >= size; log = log[size:] {
		pieces = append(pieces, log[:size])
	}
	return append(pieces, log)
}

// joinLog is the log of these pieces.
func joinLog(pieces [][]byte) ([]byte, error) {
	size := logPiece
	if len(pieces) > 0 && len(pieces[0]) > longLog {
		size = len(pieces[0])
	}
	for i, p := range pieces {
		if last := i == len(pieces)-1; last != (len(p) < size) || !last && len(p) != size {
			return nil, fmt.Errorf("%w: a piece of %d bytes where they have %d", ErrCorrupt, len(p), size)
		}
	}
	if len(pieces) == 0 {
		return nil, fmt.Errorf("%w: it is missing", ErrCorrupt)
	}
	return slices.Concat(pieces...), nil
}

// putLog enters the log of the batch.
func (c *changes) putLog() {
	log := batchLog{Postings: c.postings, Removed: c.removed, Counts: furniture.Sum(c.counts)}
	sortPostings(log.Postings)
	if len(log.Postings)+len(log.Removed)+len(log.Counts) == 0 {
		return
	}
	for i, piece := range cutLog(log.append(nil)) {
		c.put(keyLog(c.x.state.NextLog, i), piece)
	}
	c.x.state.NextLog++
}

// readLogs returns the logs of the tail, in order.
func (x *Index) readLogs(txn *badger.Txn) ([]batchLog, error) {
	logs := make([]batchLog, x.state.NextLog-x.state.FirstLog)
	pieces := make([][][]byte, len(logs))
	for key, value := range valuesWith(txn, []byte{prefixLog}) {
		seq, piece := numbersOf(key)
		b, err := value()
		if err != nil {
			return nil, err
		}
		if i := seq - x.state.FirstLog; i < uint32(len(logs)) && piece == uint32(len(pieces[i])) {
			pieces[i] = append(pieces[i], b)
		}
	}
	for i := range logs {
		b, err := joinLog(pieces[i])
		if err == nil {
			logs[i], err = decodeLog(b)
		}
		if err != nil {
			return nil, fmt.Errorf("log %d: %w", x.state.FirstLog+uint32(i), err)
		}
	}
	return logs, nil
}

// deleteLogs deletes all logs that were committed.
func (c *changes) deleteLogs() {
	for key := range keysWith(c.txn, []byte{prefixLog}) {
		c.delete(key)
	}
}

// batchLog is the record l.
type batchLog struct {
	Postings []posting // added, sorted
	Removed  []number  // articles whose postings were taken away
	Counts   []furniture.Count
}

func (l *batchLog) append(b []byte) []byte {
	block := appendBlock(nil, 0, l.Postings)
	b = binary.AppendUvarint(b, uint64(len(block)))
	b = append(b, block...)
	b = binary.AppendUvarint(b, uint64(len(l.Removed)))
	for _, n := range l.Removed {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return furniture.AppendPage(b, 0, l.Counts)
}

func decodeLog(b []byte) (batchLog, error) {
	var l batchLog
	d := decoder{b: b}
	postings, err := decodeBlock(nil, 0, d.bytes(d.count(1)))
	if err != nil {
		return l, err
	}
	l.Postings = postings
	for range d.count(1) {
		l.Removed = append(l.Removed, d.number())
	}
	if d.err != nil {
		return l, d.err
	}
	if l.Counts, err = furniture.DecodePage(nil, 0, d.b); err != nil {
		return l, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return l, nil
}
