package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/dedupe-news/dedupe/spell"
)

// output is standard output in one of its three forms: JSON lines (--json),
// tables for people on a terminal, and lines of tab-separated fields elsewhere.
//
// Whatever it prints as text is made harmless by visible first, so that no
// verb can forget it.
type output struct {
	w        *bufio.Writer
	json     bool
	terminal bool
	people   bool // on a terminal, and no JSON
	columns  int  // of the terminal; 0: unknown
	color    bool
}

func (env *environment) newOutput() *output {
	columns, terminal := env.terminal(env.stdout)
	env.out = &output{
		w:        bufio.NewWriter(env.stdout),
		json:     env.json,
		terminal: terminal,
		people:   terminal && !env.json,
		columns:  columns,
		color:    terminal && !env.json && env.getenv("NO_COLOR") == "" && env.getenv("TERM") != "dumb",
	}
	return env.out
}

// object prints v as one line of JSON. Characters that are dangerous on a terminal are escaped, which changes no value.
func (o *output) object(v any) error {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("encode %T: %w", v, err)
	}
	_, err := o.w.Write(escapeHidden(line.Bytes()))
	return err
}

// escapeHidden writes what is hidden inside of the strings of a line of JSON as \u escapes.
func escapeHidden(line []byte) []byte {
	dangerous := func(r rune) bool { return r != '\n' && spell.Hidden(r) }
	if bytes.IndexFunc(line, dangerous) < 0 {
		return line
	}
	escaped := make([]byte, 0, len(line)+64)
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRune(line[i:])
		switch {
		case !dangerous(r):
			escaped = append(escaped, line[i:i+size]...)
		case r > 0xffff:
			escaped = fmt.Appendf(escaped, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		default:
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		}
		i += size
	}
	return escaped
}

// style is how a piece of text looks on a terminal that has colours.
type style string

const (
	plain   style = ""
	bold    style = "1"
	dim     style = "2"
	red     style = "31"
	green   style = "32"
	yellow  style = "33"
	blue    style = "34"
	cyan    style = "36"
	magenta style = "35"
)

// kindStyle is that of a status or kind, by its name: the closer the copy, the warmer the colour.
func kindStyle(name string) style {
	switch name {
	case "new", "first":
		return green
	case "exact", "copy":
		return red
	case "excerpt":
		return magenta
	case "rewrite":
		return yellow
	case "quote":
		return cyan
	case "updated":
		return blue
	}
	return dim
}

// paint puts s, which is visible, in a style.
func (o *output) paint(s string, as style) string {
	if !o.color || as == plain || s == "" {
		return s
	}
	return "\x1b[" + string(as) + "m" + s + "\x1b[0m"
}

// cell is a field of a line or of a table.
type cell struct {
	text  string
	style style
}

// words make a cell of plain text.
func words(s string) cell { return cell{text: s} }

// line prints pieces of text one after the other.
func (o *output) line(pieces ...cell) error {
	for _, piece := range pieces {
		if _, err := o.w.WriteString(o.paint(visible(piece.text), piece.style)); err != nil {
			return err
		}
	}
	return o.w.WriteByte('\n')
}

// fields prints a line of fields with tabs between them.
func (o *output) fields(fields ...cell) error {
	for i, field := range fields {
		if i > 0 {
			if err := o.w.WriteByte('\t'); err != nil {
				return err
			}
		}
		if _, err := o.w.WriteString(visible(field.text)); err != nil {
			return err
		}
	}
	return o.w.WriteByte('\n')
}

// number writes a whole number: for people with commas.
func (o *output) number(n int) string {
	if o.people {
		return spell.Grouped(n)
	}
	return strconv.Itoa(n)
}

// properties prints names and their values, a line each: aligned for people,
// who are spared empty values; with a tab between them elsewhere.
func (o *output) properties(properties ...property) error {
	longest := 0
	for _, p := range properties {
		longest = max(longest, len(p.name))
	}
	for _, p := range properties {
		var err error
		switch {
		case !o.people:
			err = o.fields(words(p.name), words(p.value))
		case p.value != "":
			err = o.line(cell{fmt.Sprintf("%-*s", longest+len(gap), p.name), dim}, words(p.value))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// property is a name and its value.
type property struct{ name, value string }

// text prints a text of several lines as it stands, but harmless.
func (o *output) text(s string) error {
	_, err := io.WriteString(o.w, visibleText(s)+"\n")
	return err
}

// flush hands on what has been printed.
func (o *output) flush() error { return o.w.Flush() }
