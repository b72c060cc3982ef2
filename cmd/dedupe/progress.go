package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// statusLine is the last line of a terminal on standard error, on which a long
// command says how far it is. Elsewhere it prints nothing. It may be used by
// many goroutines.
type statusLine struct {
	w  io.Writer
	on bool

	mu    sync.Mutex
	shown bool
	last  time.Time
}

// statusEvery is how often the line changes at most.
const statusEvery = 200 * time.Millisecond

// update shows a new text, if the old one has stood long enough.
func (s *statusLine) update(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.on || time.Since(s.last) < statusEvery {
		return
	}
	s.last = time.Now()
	s.shown = true
	_, _ = fmt.Fprintf(s.w, "\r\x1b[K%s", visible(fmt.Sprintf(format, args...)))
}

// clear takes the text away, before something else is printed.
func (s *statusLine) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.shown {
		return
	}
	s.shown = false
	_, _ = io.WriteString(s.w, "\r\x1b[K")
}
