package columns

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"
)

// maxRowBytes limits the JSON of a row. A page of some kilobytes can say that one row has two billion values.
const maxRowBytes = 256 << 20

// assembler puts rows together from columns: the record assembly of the Dremel paper, with a walk through the tree of nodes in
// the place of its automaton.
type assembler struct {
	cursors []cursor
	err     error
	unpack  decompressor
}

// newAssembler returns one that stands at the given row of the group.
func newAssembler(r io.ReaderAt, s Schema, group *format.RowGroup, row int64) *assembler {
	a := &assembler{cursors: make([]cursor, len(s.leaves))}
	for i := range a.cursors {
		meta := &group.Columns[i].MetaData
		off := chunkStart(meta)
		c := &a.cursors[i]
		c.chunk = chunk{
			leaf:   &s.leaves[i],
			codec:  meta.Codec,
			r:      r,
			off:    off,
			end:    off + meta.TotalCompressedSize,
			left:   meta.NumValues,
			unpack: &a.unpack,
		}
		c.start(row)
	}
	return a
}

// chunkStart returns where the first page of a column is: that of the dictionary, if there is one.
func chunkStart(meta *format.ColumnMetaData) int64 {
	if d := meta.DictionaryPageOffset; d > 0 && d < meta.DataPageOffset {
		return d
	}
	return meta.DataPageOffset
}

// row appends the next row. It must not be called after an error.
func (a *assembler) row(dst []byte, root *node) ([]byte, error) {
	dst = a.node(dst, root)
	for i := range a.cursors {
		c := &a.cursors[i]
		if c.err != nil {
			return nil, fmt.Errorf("column %q: %w", c.chunk.leaf, c.err)
		}
		if c.rep != 0 { // the next row begins with 0
			a.fail(errDisagree)
		}
	}
	if a.err != nil {
		return nil, a.err
	}
	return dst, nil
}

var (
	errDisagree = errors.New("columns of one group differ in how it repeats, or where it is null")
	errLongRow  = fmt.Errorf("a row has more than %d bytes", maxRowBytes)
)

// fail keeps the first error. The walk ends then, since all entries seem to have been read.
func (a *assembler) fail(err error) {
	if a.err == nil {
		a.err = err
	}
	for i := range a.cursors {
		a.cursors[i].stop(io.EOF)
	}
}

// node appends n, and moves the cursors of its columns to what follows it.
func (a *assembler) node(dst []byte, n *node) []byte {
	if n.hi == n.lo || a.err != nil { // a schema without columns, or the rest of a row that is none
		return append(dst, "{}"...)
	}
	first := &a.cursors[n.lo]
	switch {
	case first.done:
		if first.err == nil {
			a.fail(fmt.Errorf("column %q: %w", first.chunk.leaf, errEnds))
		}
		return dst
	case len(dst) > maxRowBytes: // of nulls
		a.fail(errLongRow)
		return dst
	case first.def < n.def && n.optional:
		a.pass(n, first.def)
		return append(dst, "null"...)
	case first.def < n.def:
		a.fail(errDisagree)
		return dst
	}
	switch n.shape {
	case leafShape:
		return a.leaf(dst, first)
	case structShape:
		return a.object(dst, n)
	}
	return a.list(dst, n)
}

func (a *assembler) leaf(dst []byte, c *cursor) []byte {
	v, ok := c.value()
	switch {
	case !ok:
		return dst
	case len(dst)+len(v.bytes) > maxRowBytes:
		a.fail(errLongRow)
		return dst
	}
	dst = c.chunk.leaf.appendJSON(dst, v)
	c.next()
	return dst
}

// pass moves the cursors of the columns under n, for which there is one entry in each.
func (a *assembler) pass(n *node, def int) {
	for i := n.lo; i < n.hi; i++ {
		c := &a.cursors[i]
		if c.def != def || c.done {
			a.fail(errDisagree)
			return
		}
		c.next()
	}
}

func (a *assembler) object(dst []byte, n *node) []byte {
	for i, c := range n.children {
		dst = append(dst, "{,"[min(i, 1)])
		dst = appendString(dst, []byte(c.name))
		dst = append(dst, ':')
		dst = a.node(dst, c)
	}
	return append(dst, '}')
}

// list appends a list or a map.
func (a *assembler) list(dst []byte, n *node) []byte {
	brackets := "[]"
	if n.named {
		brackets = "{}"
	}
	if first := &a.cursors[n.lo]; first.def == n.def {
		a.pass(n, first.def)
		return append(dst, brackets...)
	}
	dst = append(dst, brackets[0])
	for i := 0; i == 0 || a.more(n); i++ {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = a.element(dst, n)
	}
	return append(dst, brackets[1])
}

// element appends an element of a list, or a pair of a map.
func (a *assembler) element(dst []byte, n *node) []byte {
	switch {
	case n.shape == listShape:
		return a.node(dst, n.children[0])
	case n.named:
		dst = a.node(dst, n.children[0])
		dst = append(dst, ':')
		return a.node(dst, n.children[1])
	}
	dst = append(dst, '[')
	dst = a.node(dst, n.children[0])
	dst = append(dst, ',')
	dst = a.node(dst, n.children[1])
	return append(dst, ']')
}

// more reports whether the next entries belong to one more element of n.
func (a *assembler) more(n *node) bool {
	more := a.cursors[n.lo].rep >= n.rep
	for i := n.lo; i < n.hi; i++ {
		if rep := a.cursors[i].rep; (rep >= n.rep) != more || rep > n.rep {
			a.fail(errDisagree)
			return false
		}
	}
	return more
}

// end checks, behind the last row, that the columns have no more.
func (a *assembler) end() error {
	for i := range a.cursors {
		switch c := &a.cursors[i]; {
		case c.err != nil:
			return fmt.Errorf("column %q: %w", c.chunk.leaf, c.err)
		case !c.done:
			return fmt.Errorf("column %q: more values than the rows have", c.chunk.leaf)
		}
	}
	return nil
}
