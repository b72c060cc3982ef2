package crawl

import (
	"fmt"
	"io"
	"slices"
)

// checkAfter tells what is wrong with Options.After.
func (o Options) checkAfter(inputs []string) error {
	switch {
	case o.After == Origin{}:
	case len(inputs) == 0 || inputs[0] != o.After.File:
		return fmt.Errorf("crawl options: After is in the file %q, which is not the first input", o.After.File)
	}
	return nil
}

// passes reports whether a place lies behind us: it is o or a place before it in the same file. What is said of the file as a whole
// does not lie behind a place in it: if the file cannot be read any more, that must be told.
func (o Origin) passes(at Origin) bool {
	if o.File == "" || o.File != at.File {
		return false
	}
	if at.Line == 0 && at.Record == 0 {
		return o.Line == 0 && o.Record == 0
	}
	return at.Line <= o.Line && at.Record <= o.Record
}

// emit hands a piece of the current file to the workers, see pipeline.emit. It leaves out what lies behind us; readers that know
// that of a whole piece, or can save work, need not emit it.
func (s *source) emit(sizeBytes int, run func([]outcome) []outcome) bool {
	after := s.after
	if after.File == "" {
		return s.pipe.emit(sizeBytes, run)
	}
	return s.pipe.emit(sizeBytes, func(out []outcome) []outcome {
		return slices.DeleteFunc(run(out), func(o outcome) bool { return after.passes(o.origin()) })
	})
}

// report emits a problem in the current file.
func (s *source) report(at Origin, err error) bool {
	if s.after.passes(at) {
		return !s.pipe.stopping()
	}
	return s.pipe.report(at, err)
}

// seekLine goes to the line at which we have been told to go on, if that is in a file that can do so. It reports whether it
// did: the next byte of s.plain is the first one of that line.
func (s *source) seekLine() bool {
	if s.file == nil || s.after.Offset == 0 {
		return false
	}
	var before [1]byte
	if _, err := s.file.ReadAt(before[:], s.after.Offset-1); err != nil || before[0] != '\n' {
		return false // the file is another one, or the caller has no offset; lines can be counted
	}
	if _, err := s.file.Seek(s.after.Offset, io.SeekStart); err != nil {
		return false
	}
	s.meter.passOver(s.after.Offset)
	s.past.reset(&metered{s.file, s.meter})
	s.raw.Reset(s.past)
	s.plain.Reset(&stoppable{r: s.raw, pipe: s.pipe})
	return true
}
