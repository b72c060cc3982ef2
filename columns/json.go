package columns

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// Rows are JSON, but not decoded into Go values: numbers must keep all their digits, and maps their order. The text is checked
// once, and then cut; the functions here that take JSON take it to be valid.

const hexDigits = "0123456789abcdef"

// appendString appends text as a JSON string. U+FFFD stands for each byte that is not part of a character.
func appendString(dst, text []byte) []byte {
	if !utf8.Valid(text) {
		text = replaceInvalid(text)
	}
	dst = append(dst, '"')
	start := 0
	for i, c := range text {
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	dst = append(dst, text[start:]...)
	return append(dst, '"')
}

// replaceInvalid replaces each invalid byte; bytes.ToValidUTF8 would make one character of a run of them.
func replaceInvalid(text []byte) []byte {
	return []byte(string([]rune(string(text))))
}

// appendCompact appends raw without space between its tokens; not ok if it is no JSON.
func appendCompact(dst, raw []byte) (_ []byte, ok bool) {
	b := bytes.NewBuffer(dst)
	if json.Compact(b, raw) != nil {
		return dst, false
	}
	return b.Bytes(), true
}

// unquote returns the text of a JSON string. It refers to raw if nothing is escaped.
//
// It panics only if raw is no JSON string. Keys are strings, values are told by their first byte before they come here, and the whole
// row is checked before it is cut.
func unquote(raw []byte) []byte {
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return inner
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		panic("columns: checked JSON is invalid: " + err.Error())
	}
	return []byte(s)
}

// members yields the keys of an object, unquoted, and their values, in order. Keys may repeat.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, member []byte) bool) {
		var key []byte
		for part := range parts(object) {
			if key == nil {
				key = unquote(part)
				continue
			}
			if !yield(key, part) {
				return
			}
			key = nil
		}
	}
}

// parts yields the elements of an array, or in turn the keys and values of an object.
func parts(raw []byte) iter.Seq[[]byte] {
	return func(yield func(part []byte) bool) {
		for rest := trimLeft(raw[1:]); rest[0] != ']' && rest[0] != '}'; {
			n := valueLen(rest)
			if !yield(rest[:n:n]) {
				return
			}
			if rest = trimLeft(rest[n:]); rest[0] == ',' || rest[0] == ':' {
				rest = trimLeft(rest[1:])
			}
		}
	}
}

func trimLeft(raw []byte) []byte { return bytes.TrimLeft(raw, " \t\r\n") }

// valueLen returns the length of the value with which raw begins.
func valueLen(raw []byte) int {
	depth := 0
	for i := 0; ; i++ {
		switch raw[i] {
		case '"':
			i += stringLen(raw[i:]) - 1
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		default:
			if depth == 0 {
				return i + literalLen(raw[i:])
			}
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
}

// stringLen returns the length of the string with which raw begins, with its quotes.
func stringLen(raw []byte) int {
	for i := 1; ; i++ {
		switch raw[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
}

// literalLen returns the length of the number, boolean or null with which raw begins.
func literalLen(raw []byte) int {
	if i := bytes.IndexAny(raw, ",:]} \t\r\n"); i >= 0 {
		return i
	}
	return len(raw)
}
