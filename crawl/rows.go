package crawl

import "bytes"

// rowScan finds where the rows of a table end. A field that begins with a quote ends with the next one that is not doubled, and
// may hold separators and line ends; in other fields quotes are letters (encoding/csv refuses them there). It looks at each byte a
// few times at most, however the quotes stand, and however many pieces the data comes in.
//
// That takes one rule more: where a line ends inside of a quoted field, an even number of quotes must stand in the other fields of
// the row before. Else, in a file of lines `x","`, each line would begin a row that ends nowhere, and each would be looked for
// through the whole limit. With it, a row that goes on behind its first line has an odd number of quotes in it; so the next such line
// that the scan meets ends it, and no two of these scans overlap by more than one row.
type rowScan struct {
	separator  byte
	limit      int // bytes of the longest row, and of the longest line
	at         int // so much of the row has been looked at
	inside     bool
	oddLetters bool // an odd number of quotes that are letters
	broken     bool
	noLineEnd  int // if broken, so much of the row has no line end in it
	lineEnd    int // there is no line end before it from at on; see nextLineEnd
}

// rowKind tells what stands at the beginning of the data.
type rowKind int

const (
	rowUnknown rowKind = iota // more data is needed
	rowWhole
	rowBroken // the quotes are wrong, or it is longer than the limit; only its first line is given
	rowLong   // a line that is longer than the limit
)

// next returns the size of the row that data begins with, with its line end. As long as that is unknown, it wants to be asked again
// with the same data and more; the end must have come, or data must hold limit+1 bytes, to get an answer for sure. A long line
// stays unknown until its end is there, too.
func (r *rowScan) next(data []byte, end bool) (size int, kind rowKind) {
	size, kind = r.scan(data, end)
	if kind != rowUnknown {
		*r = r.anew()
	}
	return size, kind
}

// anew returns a scan for the next row.
func (r *rowScan) anew() rowScan { return rowScan{separator: r.separator, limit: r.limit} }

func (r *rowScan) scan(data []byte, end bool) (size int, kind rowKind) {
	window := data[:min(len(data), r.limit+1)]
	full := len(window) > r.limit
	if !r.broken {
		size = r.step(window, end && !full)
	}
	switch {
	case size > 0:
		return size, rowWhole
	case !r.broken && !full && !end:
		return 0, rowUnknown
	}
	r.broken = true
	kind = rowBroken
	if full {
		window = data // to pass over a line that is too long
	}
	first := bytes.IndexByte(window[r.noLineEnd:], '\n')
	switch size = r.noLineEnd + first + 1; {
	case first < 0 && !end:
		r.noLineEnd = len(window)
		return 0, rowUnknown
	case first < 0:
		size = len(data)
	}
	if full && (first < 0 || size > r.limit+1) {
		kind = rowLong
	}
	return size, kind
}

// step goes on in the row. It returns its size if it ends, else it sets broken or needs more.
func (r *rowScan) step(row []byte, end bool) int {
	for r.at < len(row) || end {
		if !r.inside {
			if size := r.letters(row, end); size > 0 {
				return size
			}
			continue
		}
		quote := bytes.IndexByte(row[r.at:], '"')
		within := row[r.at:]
		if quote >= 0 {
			within = within[:quote]
		}
		if r.oddLetters && bytes.IndexByte(within, '\n') >= 0 || quote < 0 && end {
			r.broken = true
			return 0
		}
		r.at += len(within)
		if quote < 0 {
			return 0
		}
		behind := row[r.at+1:]
		switch {
		case len(behind) == 0 && end:
			return len(row)
		case len(behind) == 0:
			return 0
		case behind[0] == '"':
			r.at += 2
		case behind[0] == r.separator:
			r.inside = false
			r.at += 2
		case behind[0] == '\n':
			return r.at + 2
		case behind[0] == '\r' && len(behind) == 1 && !end:
			return 0
		case behind[0] == '\r' && (len(behind) == 1 || behind[1] == '\n'):
			return r.at + 1 + min(2, len(behind))
		default:
			r.broken = true
			return 0
		}
	}
	return 0
}

// letters goes on outside of quotes, up to the end of the row or the next quote that opens a field.
func (r *rowScan) letters(row []byte, end bool) int {
	lineEnd := r.nextLineEnd(row)
	for {
		quote := bytes.IndexByte(row[r.at:lineEnd], '"')
		if quote < 0 {
			break
		}
		at := r.at + quote
		r.at = at + 1
		if at == 0 || row[at-1] == r.separator {
			r.inside = true
			return 0
		}
		r.oddLetters = !r.oddLetters
	}
	r.at = lineEnd
	switch {
	case lineEnd < len(row):
		return lineEnd + 1
	case end:
		return len(row)
	}
	return 0
}

// nextLineEnd returns where the next line end is, or the length of the row. It looks at nothing twice, else a line of a million
// quoted fields would take a million searches of its end.
func (r *rowScan) nextLineEnd(row []byte) int {
	if r.lineEnd < r.at || r.lineEnd < len(row) && row[r.lineEnd] != '\n' {
		r.lineEnd = max(r.lineEnd, r.at)
		if i := bytes.IndexByte(row[r.lineEnd:], '\n'); i >= 0 {
			r.lineEnd += i
		} else {
			r.lineEnd = len(row)
		}
	}
	return r.lineEnd
}
