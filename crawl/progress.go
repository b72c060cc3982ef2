package crawl

import (
	"io"
	"sync/atomic"
)

// meter counts the bytes of one file that have been read, for [Options].ReadBytes; but no more than the file is said to have,
// however often parts of it are read.
type meter struct {
	total *atomic.Int64 // nil: nobody wants to know
	size  int64         // of the file; -1 if that is unknown
	read  int64
}

func (m *meter) add(n int64) {
	if m.size >= 0 {
		n = min(n, m.size-m.read)
	}
	if m.total != nil && n > 0 {
		m.read += n
		m.total.Add(n)
	}
}

// passOver counts everything before an offset.
func (m *meter) passOver(offset int64) { m.add(offset - m.read) }

// finish counts what has not been read, since nobody will read it.
func (m *meter) finish() { m.passOver(m.size) }

// metered counts what is read from r.
type metered struct {
	r     io.Reader
	meter *meter
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.meter.add(int64(n))
	return n, err
}
