package shingle

import (
	"math/bits"

	"github.com/zeebo/xxh3"
)

// scanASCII adds the word at start if it is made of ASCII letters and digits, and what follows shows at once that it ends
// there: a break, or a mark like the full stop and behind it a break. It returns the offset behind that, or start if
// another function has to look. It finds nothing that scanWord would not; it looks at eight bytes at a time.
func (w *Words) scanASCII(text string, start int) int {
	var upper uint64
	end := start
	for {
		if end+8 > len(text) {
			return start
		}
		inWord, capitals := asciiWordBytes(load64(text[end:]))
		n := bits.TrailingZeros64(^inWord&high) / 8
		end += n
		if n < 8 {
			upper |= capitals & (1<<(8*n) - 1)
			break
		}
		upper |= capitals
	}
	if end == start || end+1 >= len(text) {
		return start
	}
	next := end + 1
	switch asciiSegment(text[end]) {
	case segmentBreak:
	case segmentMidLetter, segmentMidNumber, segmentMidBoth:
		if asciiSegment(text[next]) != segmentBreak {
			return start
		}
		next++
	default:
		return start
	}
	word := text[start:end]
	if upper == 0 {
		w.append(xxh3.HashString(word), start, end, WordWeight)
		return next
	}
	w.folded = append(w.folded[:0], word...)
	for i, b := range w.folded {
		if 'A' <= b && b <= 'Z' {
			w.folded[i] = b + 'a' - 'A'
		}
	}
	w.append(xxh3.Hash(w.folded), start, end, WordWeight)
	return next
}

// asciiSegment is the class of an ASCII character; other bytes are odd.
func asciiSegment(b byte) segment {
	if b >= 0x80 {
		return segmentOdd
	}
	return class(classTable[b]).segment()
}

const (
	ones = 0x0101_0101_0101_0101
	high = 0x80 * ones
)

// asciiWordBytes sets the high bit of each byte of x that is an ASCII letter or digit, and of each that is a capital.
// No sum carries into the next byte, because its summands are below 0x80.
func asciiWordBytes(x uint64) (inWord, capitals uint64) {
	low := x &^ high
	lower := low | 0x20*ones // which makes no letter of what is none
	letter := (lower + (0x80-'a')*ones) &^ (lower + (0x7F-'z')*ones)
	digit := (low + (0x80-'0')*ones) &^ (low + (0x7F-'9')*ones)
	capital := letter &^ (low << 2) // bit 5 is clear in capitals
	return (letter | digit) & high &^ x, capital & high &^ x
}

// load64 is the first eight bytes of s, the first lowest.
func load64(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
