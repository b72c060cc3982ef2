package gold

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// List is a file of labelled pairs.
type List struct {
	Gold     Gold
	Labels   map[Pair]string // as the file has them, in lower case; "hand cluster" with blanks where it has both: "rewrite maybe"
	Notes    map[Pair]string // the column note; only those that are not empty
	Complete bool            // it has hand and cluster: then it is taken to have all pairs that overlap
}

// ErrList: the file is no list of labelled pairs. The text names the line, and what is wrong there.
var ErrList = errors.New("no list of labelled pairs")

// labels are the readings that a single label stands for.
var labels = map[string]Reading{
	"duplicate": {"copy", "yes"}, "1": {"copy", "yes"}, "yes": {"copy", "yes"}, "true": {"copy", "yes"},
	"exact": {"copy", "yes"}, "copy": {"copy", "yes"}, "excerpt": {"copy", "yes"},
	"rewrite":   {"rewrite", "yes"},
	"quote":     {"quotes", "no"},
	"different": {"boilerplate", "no"}, "0": {"boilerplate", "no"}, "no": {"boilerplate", "no"}, "false": {"boilerplate", "no"},
	"none":   {"boilerplate", "no"},
	"unsure": {"unsure", "maybe"},
}

var (
	hands    = []string{"copy", "rewrite", "quotes", "background", "template", "boilerplate", "unsure"}
	clusters = []string{"yes", "maybe", "no"}
)

// Read reads a list of labelled pairs: a table with a header, its fields divided by tabs, commas or semicolons, as the header
// shows. The columns id_a, id_b and either hand and cluster (see [Reading]) or label must be there, in any order; others do not
// matter, but for note. If all three are there, label does not count. Capitals and blanks around a label do not matter. The last line on a
// pair counts.
//
// A label is duplicate, 1, yes, true, exact, copy or excerpt: as hand copy, cluster yes; rewrite: as rewrite, yes; quote: as quotes, no;
// different, 0, no, false or none: as boilerplate, no; unsure: as unsure, maybe, which counts in no task.
//
// Everything else is ErrList, also a pair of an article with itself: a slip in a truth would silently change figures. Memory: that of the list.
func Read(r io.Reader) (*List, error) {
	lines, err := table(r)
	if err != nil {
		return nil, err
	}
	header, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: it is empty", ErrList)
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	c, err := columnsOf(header)
	if err != nil {
		return nil, err
	}
	list := &List{Gold: make(Gold), Labels: make(map[Pair]string), Notes: make(map[Pair]string), Complete: c.label < 0}
	for {
		row, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrList, err)
		}
		if err := list.add(c, row); err != nil {
			line, _ := lines.FieldPos(0)
			return nil, fmt.Errorf("%w: line %d: %w", ErrList, line, err)
		}
	}
}

// table finds out by the first line what divides the fields.
func table(r io.Reader) (*csv.Reader, error) {
	const longestHeader = 64 << 10
	b := bufio.NewReaderSize(r, longestHeader)
	start, err := b.Peek(longestHeader)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if mark := []byte("\ufeff"); bytes.HasPrefix(start, mark) {
		start = start[len(mark):]
		if _, err := b.Discard(len(mark)); err != nil {
			return nil, err
		}
	}
	header, _, _ := bytes.Cut(bytes.TrimLeft(start, "\r\n"), []byte{'\n'})
	lines := csv.NewReader(b)
	lines.LazyQuotes, lines.FieldsPerRecord = true, -1
	for _, comma := range "\t,;" {
		if bytes.ContainsRune(header, comma) {
			lines.Comma = comma
			break
		}
	}
	return lines, nil
}

// columns are the places of the columns; −1: there is none.
type columns struct{ a, b, hand, cluster, label, note int }

func columnsOf(header []string) (columns, error) {
	names := make([]string, len(header))
	for i, name := range header {
		names[i] = strings.ToLower(strings.TrimSpace(name))
	}
	at := func(name string) int { return slices.Index(names, name) }
	c := columns{at("id_a"), at("id_b"), at("hand"), at("cluster"), at("label"), at("note")}
	switch {
	case c.a < 0 || c.b < 0 || c.label < 0 && (c.hand < 0 || c.cluster < 0):
		return c, fmt.Errorf("%w: the first line must name the columns id_a, id_b and label (or hand and cluster), but has %q", ErrList, header)
	case c.hand >= 0 && c.cluster >= 0:
		c.label = -1
	}
	return c, nil
}

// add takes a row.
func (l *List) add(c columns, row []string) error {
	field := func(i int) string {
		if i < 0 || i >= len(row) {
			return ""
		}
		return row[i]
	}
	word := func(i int) string { return strings.ToLower(strings.TrimSpace(field(i))) }
	a, b := field(c.a), field(c.b)
	switch {
	case a == "" || b == "":
		return errors.New("an id is empty")
	case a == b:
		return fmt.Errorf("a pair of %q with itself", a)
	}
	pair := PairOf(a, b)
	if c.label >= 0 {
		reading, known := labels[word(c.label)]
		if !known {
			return fmt.Errorf("label %q: want duplicate or different (1, 0, yes, no, true, false), exact, copy, excerpt, rewrite, quote, none or unsure", field(c.label))
		}
		l.Gold[pair], l.Labels[pair] = reading, word(c.label)
	} else {
		reading := Reading{word(c.hand), word(c.cluster)}
		switch {
		case !slices.Contains(hands, reading.Hand):
			return fmt.Errorf("hand %q: want %s", field(c.hand), strings.Join(hands, ", "))
		case !slices.Contains(clusters, reading.Cluster):
			return fmt.Errorf("cluster %q: want %s", field(c.cluster), strings.Join(clusters, ", "))
		}
		l.Gold[pair], l.Labels[pair] = reading, reading.Hand+" "+reading.Cluster
	}
	delete(l.Notes, pair)
	if note := strings.TrimSpace(field(c.note)); note != "" {
		l.Notes[pair] = note
	}
	return nil
}
