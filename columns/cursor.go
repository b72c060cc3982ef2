package columns

import (
	"errors"
	"io"
)

// cursor goes through the entries of one column of a row group: values and nulls with their levels.
type cursor struct {
	chunk chunk
	rep   int // of the entry; 0 at the end
	def   int
	done  bool  // behind the last entry, or err
	err   error // ErrDamaged and the like; the entries before it were good

	page content
	left int // entries of the page behind this one
}

// start moves to the first entry of the row with this number, from 0. Pages before it are not read, where their headers tell how many
// rows they have.
func (c *cursor) start(row int64) {
	for {
		p, err := c.chunk.nextPage()
		if err != nil {
			c.stop(err)
			return
		}
		if p.rows >= 0 && int64(p.rows) <= row {
			row -= int64(p.rows)
			continue
		}
		if c.enter(p); c.done {
			return
		}
		break
	}
	for ; !c.done; c.pass() {
		if c.rep != 0 {
			continue
		}
		if row == 0 {
			return
		}
		row--
	}
}

// enter moves to the first entry of p.
func (c *cursor) enter(p *page) {
	var err error
	if c.page, err = c.chunk.content(p); err != nil {
		c.stop(atPage(p.start, err))
		return
	}
	c.left = p.values
	c.levels()
}

func (c *cursor) stop(err error) {
	c.done, c.rep, c.def = true, 0, 0
	if err != io.EOF {
		c.err = err
	}
}

// levels reads those of the next entry of the page.
func (c *cursor) levels() {
	c.left--
	c.rep, c.def = 0, 0
	if c.chunk.leaf.rep > 0 {
		rep, err := c.page.reps.next()
		if err != nil {
			c.stop(err)
			return
		}
		c.rep = int(rep)
	}
	if c.chunk.leaf.def > 0 {
		def, err := c.page.defs.next()
		if err != nil {
			c.stop(err)
			return
		}
		c.def = int(def)
	}
	if c.rep > c.chunk.leaf.rep || c.def > c.chunk.leaf.def {
		c.stop(errLevels)
	}
}

// null reports whether the entry has no value.
func (c *cursor) null() bool { return c.def < c.chunk.leaf.def }

// value returns that of the entry, which is not null. It is called once for each such entry, before next.
func (c *cursor) value() (value, bool) {
	v, err := c.page.values.next()
	if err != nil {
		c.stop(err)
		return v, false
	}
	return v, true
}

// next moves to the next entry.
func (c *cursor) next() {
	switch {
	case c.done:
	case c.left > 0:
		c.levels()
	default:
		p, err := c.chunk.nextPage()
		if err != nil {
			c.stop(err)
			return
		}
		c.enter(p)
	}
}

// pass moves to the next entry without anyone having seen this one.
func (c *cursor) pass() {
	if !c.null() {
		if _, ok := c.value(); !ok {
			return
		}
	}
	c.next()
}

var errEnds = errors.New("fewer rows than the footer says")
