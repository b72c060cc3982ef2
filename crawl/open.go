package crawl

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// source turns inputs into jobs for a pipeline. Its decoders and buffers are used for one file after the other; it belongs to
// the producer.
type source struct {
	opts  Options
	sel   *selector
	pipe  *pipeline
	after Origin // up to where the current input is passed over

	file   *os.File      // if what is read is a plain file in which one can seek
	meter  *meter        // of what is read
	past   *rewinder     // what the file holds, and the last of it once more if need be
	raw    *bufio.Reader // the same
	plain  *bufio.Reader // what is in it, decompressed
	gunzip *members
	unzstd *zstd.Decoder
	free   sync.Pool // of *[blockBytes]byte, for lines
}

const bufferBytes = 64 << 10

func newSource(opts Options, pipe *pipeline) *source {
	past := new(rewinder)
	return &source{
		opts:  opts,
		sel:   newSelector(opts.Fields),
		pipe:  pipe,
		meter: &meter{size: -1},
		past:  past,
		raw:   bufio.NewReaderSize(past, bufferBytes),
		plain: bufio.NewReaderSize(nil, bufferBytes),
	}
}

// readAll reads the inputs in turn. Whatever goes wrong is reported to the pipeline; it ends early only if that stops.
func (s *source) readAll(inputs []string) {
	defer s.close()
	s.after = s.opts.After
	f := finder{
		file: func(name string, _ fs.FileInfo) {
			if name == "-" {
				s.readStdin()
			} else {
				s.readFile(name)
			}
		},
		problem:  func(name string, err error) { s.pipe.report(Origin{File: name}, err) },
		stopping: s.pipe.stopping,
	}
	for _, input := range inputs {
		if s.pipe.stopping() {
			return
		}
		f.find(input)
		s.after = Origin{}
	}
}

func (s *source) close() {
	if s.unzstd != nil {
		s.unzstd.Close()
	}
}

func (s *source) readStdin() {
	if s.opts.Stdin == nil {
		s.pipe.report(Origin{File: "-"}, fmt.Errorf(`%w: "-" needs Options.Stdin`, ErrNoStdin))
		return
	}
	s.meter = &meter{total: s.opts.ReadBytes, size: -1}
	s.readStream("-", &metered{&abandonable{r: s.opts.Stdin, done: s.pipe.done}, s.meter})
}

// readFile reads one file, or whatever else can be opened and read: `<(zcat …)` of a shell is a pipe.
func (s *source) readFile(name string) {
	f, err := os.Open(name)
	if err != nil {
		s.pipe.report(Origin{File: name}, cause(err))
		return
	}
	defer f.Close()
	s.meter = &meter{total: s.opts.ReadBytes, size: -1}
	var r io.Reader = f
	info, err := f.Stat()
	switch {
	case err != nil:
		s.pipe.report(Origin{File: name}, cause(err))
		return
	case !info.Mode().IsRegular():
		r = &abandonable{r: f, done: s.pipe.done}
	default:
		s.file, s.meter.size = f, info.Size()
		defer func() {
			s.file = nil
			if !s.pipe.stopping() {
				s.meter.finish()
			}
		}()
	}
	s.readStream(name, &metered{r, s.meter})
}

// cause takes the operation and the path off an error of package os, since a Problem names the file itself.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// readStream decompresses r, finds out what it is, and reads it.
func (s *source) readStream(name string, r io.Reader) {
	s.past.reset(r)
	s.raw.Reset(s.past)
	plain, compressed, err := s.decompress(name)
	if err != nil {
		s.pipe.report(Origin{File: name}, err)
		return
	}
	if compressed {
		s.file = nil
	}
	s.plain.Reset(&stoppable{r: plain, pipe: s.pipe, compressed: compressed})
	switch f, err := sniff(name, s.plain, s.opts.Fields.Text); {
	case err != nil:
		s.pipe.report(Origin{File: name}, err)
	case f == formatLines:
		s.readLines(name, s.plain)
	case f == formatTable:
		s.readTable(name, s.plain)
	case f == formatParquet:
		s.readParquet(name)
	case f == formatText:
		s.readWhole(name, s.plain, textArticle)
	case f == formatHTML:
		s.readHTML(name, s.plain)
	case f == formatWARC:
		s.readRecords(name, warcForm{}, s.membersOf(plain))
	case f == formatARC:
		s.readRecords(name, arcForm{}, s.membersOf(plain))
	}
}

// membersOf returns r if it is what reads gzip, else nil.
func (s *source) membersOf(r io.Reader) *members {
	if m, ok := r.(*members); ok {
		return m
	}
	return nil
}

// stoppable ends a stream when the pipeline stops, and names the errors of decompression. It is asked before each read,
// because a bomb can keep us reading for hours without a single line.
type stoppable struct {
	r          io.Reader
	pipe       *pipeline
	compressed bool
	read       int64
}

func (s *stoppable) Read(p []byte) (int, error) {
	if s.pipe.stopping() {
		return 0, errStopped
	}
	n, err := s.r.Read(p)
	s.read += int64(n)
	if err != nil && err != io.EOF {
		if err = cause(err); s.compressed {
			err = damaged(s.read, err)
		}
	}
	return n, err
}

// errStopped never reaches a caller: nobody listens any more.
var errStopped = errors.New("stopped")

// abandonable makes a read that blocks end when done is closed. The goroutine in it stays until the read returns; it owns its
// buffer, so that the late bytes harm nobody.
type abandonable struct {
	r    io.Reader
	done <-chan struct{}
	left []byte // read, but not yet asked for
	err  error  // comes after left
}

func (a *abandonable) Read(p []byte) (int, error) {
	if len(a.left) == 0 && a.err == nil {
		type result struct {
			data []byte
			err  error
		}
		read := make(chan result, 1)
		go func() {
			buf := make([]byte, bufferBytes)
			n, err := a.r.Read(buf)
			read <- result{buf[:n], err}
		}()
		select {
		case r := <-read:
			a.left, a.err = r.data, r.err
		case <-a.done:
			return 0, errStopped
		}
	}
	n := copy(p, a.left)
	a.left = a.left[n:]
	if len(a.left) > 0 {
		return n, nil
	}
	return n, a.err
}
