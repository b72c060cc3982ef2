package bulk

import (
	"io"
	"runtime"

	"github.com/klauspost/compress/zstd"
)

// frames compresses with zstd in several goroutines: each frameBytes of rows are a frame of their own, which
// any decoder reads one after the other. Where a frame ends depends on the rows alone.
type frames struct {
	to      io.Writer
	encoder *zstd.Encoder
	rows    []byte
	pending []chan []byte // frames that are being compressed, in their order
}

const frameBytes = 4 << 20

func newFrames(to io.Writer) (*frames, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithZeroFrames(true))
	return &frames{to: to, encoder: encoder}, err
}

// Write takes a row.
func (f *frames) Write(row []byte) (int, error) {
	f.rows = append(f.rows, row...)
	if len(f.rows) < frameBytes {
		return len(row), nil
	}
	return len(row), f.end()
}

// end ends a frame. It waits for the first of them if there are enough to keep all processors busy.
func (f *frames) end() error {
	rows, done := f.rows, make(chan []byte, 1)
	f.rows = make([]byte, 0, len(rows)+len(rows)/8)
	go func() { done <- f.encoder.EncodeAll(rows, make([]byte, 0, len(rows)/2)) }()
	f.pending = append(f.pending, done)
	if len(f.pending) > runtime.GOMAXPROCS(0) {
		return f.first()
	}
	return nil
}

// first writes the first pending frame.
func (f *frames) first() error {
	_, err := f.to.Write(<-f.pending[0])
	f.pending = f.pending[1:]
	return err
}

// Close writes what is left. An output without rows is one empty frame.
func (f *frames) Close() error {
	err := f.end()
	for len(f.pending) > 0 {
		if failed := f.first(); err == nil {
			err = failed
		}
	}
	return err
}
