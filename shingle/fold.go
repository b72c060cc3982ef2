package shingle

import (
	"bytes"
	"encoding/binary"
	"unicode"
	"unicode/utf8"

	"github.com/zeebo/xxh3"
	"golang.org/x/text/unicode/norm"
)

// foldedMax is the length of normalised words up to which a folding can hold one.
const foldedMax = 96

// A folding is a word while it is normalised, character by character as it is scanned.
type folding struct {
	bytes [foldedMax + 16]byte // the characters so far, and room for another one
	n     int                  // bytes of them
	mark  bool                 // only characters that may vanish stand between a mark and the next character
	rare  bool                 // it needs the Unicode normalisation, or is too long: see Words.fold
}

// reset makes f an empty word.
func (f *folding) reset() *folding {
	f.n, f.mark, f.rare = 0, false, false
	return f
}

// add adds ch, one character of class c.
func (f *folding) add(ch string, c class) {
	switch c.fold() {
	case foldNone:
		f.mark = false
		f.n += copy(f.bytes[f.n:], ch)
	case foldMark:
		if f.mark { // two marks may have to change places
			f.rare = true
		}
		f.mark = true
		f.n += copy(f.bytes[f.n:], ch)
	case foldRune:
		r, _ := utf8.DecodeRuneInString(ch)
		if r = foldedRune(r); r >= 0 {
			f.addRune(r)
		}
	case foldNorm:
		r, _ := utf8.DecodeRuneInString(ch)
		f.addComposed(r)
	}
	f.checkRoom()
}

// checkRoom makes room for another character: the bytes of a word that is too long are of no use.
func (f *folding) checkRoom() {
	if f.n > foldedMax {
		f.n, f.rare = 0, true
	}
}

func (f *folding) addRune(r rune) { f.n += utf8.EncodeRune(f.bytes[f.n:], r) }

// addASCII adds the n low bytes of x, ASCII letters and digits.
func (f *folding) addASCII(x uint64, n int) {
	binary.LittleEndian.PutUint64(f.bytes[f.n:], x|lowerASCII)
	f.n += n
	f.mark = false
	f.checkRoom()
}

// hash64 is the hash of what was added; n is the number of its bytes, without apostrophes at the ends.
func (f *folding) hash64() (hash uint64, n int) {
	b := f.bytes[:f.n]
	if len(b) == 0 {
		return 0, 0
	}
	if b[0] == '\'' || b[len(b)-1] == '\'' {
		b = trimApostrophes(b)
		return xxh3.Hash(b), len(b)
	}
	first := binary.LittleEndian.Uint64(f.bytes[:])
	switch {
	case len(b) <= 8:
		last := first << (8 * uint(8-len(b)) & 63)
		return hashUpTo8(first, last, len(b)), len(b)
	case len(b) <= 16:
		return hash16(first, binary.LittleEndian.Uint64(b[len(b)-8:]), len(b)), len(b)
	}
	return xxh3.Hash(b), len(b)
}

// folded2 is the lower case of the letters U+0080 to U+07FF that need nothing but that, as their two bytes of UTF-8, the
// first lowest; zero for other characters.
var folded2 = func() (table [0x800]uint16) {
	for r := rune(utf8.RuneSelf); r < 0x800; r++ {
		c := class(classTable[r])
		if s := c.segment(); s != segmentLetter && s != segmentHebrew {
			continue
		}
		folded := r
		if c.fold() == foldRune {
			folded = foldedRune(r)
		}
		if c.fold() <= foldRune && folded >= utf8.RuneSelf && folded < 0x800 {
			table[r] = uint16(0xC0|folded>>6) | uint16(0x80|folded&0x3F)<<8
		}
	}
	return table
}()

// addLetters adds the letters of folded2 that stand from pos on, and returns their end. At least eight bytes of room are left after each.
func (f *folding) addLetters(text string, pos int) int {
	n := f.n
	begin := pos
	for pos+1 < len(text) && n <= foldedMax {
		a, b := text[pos], text[pos+1]
		if a&0xE0 != 0xC0 || b&0xC0 != 0x80 {
			break
		}
		folded := folded2[uint(a&0x1F)<<6|uint(b&0x3F)]
		if folded == 0 {
			break
		}
		binary.LittleEndian.PutUint16(f.bytes[n:], folded)
		n += 2
		pos += 2
	}
	if pos > begin {
		f.mark = false
	}
	f.n = n
	f.checkRoom()
	return pos
}

// addSyllables adds the characters of three bytes that stand from pos on and stay as they are: letters, and the vowel signs
// and marks that follow them. It returns their end, and whether there was a letter.
func (f *folding) addSyllables(text string, pos int) (end int, letter bool) {
	const (
		plainLetter = 0x40 | class(segmentLetter)<<2 | class(foldNone)
		vowelSign   = 0x40 | class(segmentIgnored)<<2 | class(foldNone)
		simpleMark  = 0x40 | class(segmentIgnored)<<2 | class(foldMark)
	)
	n, mark := f.n, f.mark
scan:
	for pos+2 < len(text) && n <= foldedMax {
		a, b, c := text[pos], text[pos+1], text[pos+2]
		if a&0xF0 != 0xE0 {
			break
		}
		switch class3(a, b, c) {
		case plainLetter:
			mark, letter = false, true
		case vowelSign:
			mark = false
		case simpleMark:
			if mark { // two marks may have to change places
				f.rare = true
			}
			mark = true
		default:
			break scan
		}
		ch := f.bytes[n : n+3]
		ch[0], ch[1], ch[2] = a, b, c
		n += 3
		pos += 3
	}
	f.n, f.mark = n, mark
	f.checkRoom()
	return pos, letter
}

// fold returns the normalised form of word: NFKC, each rune folded, NFKC again for what the folding brought together,
// and without apostrophes at the ends. It is empty if all of word vanishes, and valid until the next call.
func (w *Words) fold(word string) []byte {
	if w.normaliser == nil {
		w.normaliser = new(norm.Iter)
	}
	// An Iter does what NFKC.AppendString does, which allocates.
	w.normaliser.InitString(norm.NFKC, word)
	w.normalised = w.normalised[:0]
	for !w.normaliser.Done() {
		w.normalised = append(w.normalised, w.normaliser.Next()...)
	}
	w.folded = w.folded[:0]
	for i := 0; i < len(w.normalised); {
		r, size := utf8.DecodeRune(w.normalised[i:])
		if r = foldedRune(r); r >= 0 {
			w.folded = utf8.AppendRune(w.folded, r)
		}
		i += size
	}
	if norm.NFKC.QuickSpan(w.folded) < len(w.folded) { // perhaps not normal
		w.normaliser.Init(norm.NFKC, w.folded)
		w.normalised = w.normalised[:0]
		for !w.normaliser.Done() {
			w.normalised = append(w.normalised, w.normaliser.Next()...)
		}
		w.folded, w.normalised = w.normalised, w.folded
	}
	return trimApostrophes(w.folded)
}

// trimApostrophes takes the apostrophes off both ends. A word has one there only if it is written with one of those
// that Unicode counts as letters (ʼ ʻ), or in Hebrew; the others are punctuation there, and no part of the word.
func trimApostrophes(folded []byte) []byte { return bytes.Trim(folded, "'") }

// foldedRune is the lower case of r, or the one we take for all of its kind; negative if r vanishes from words.
func foldedRune(r rune) rune {
	if lower := unicode.ToLower(r); lower != r {
		return lower
	}
	switch {
	case r < utf8.RuneSelf:
		return r
	case r == '\u2019', r == '\u2018', r == '\u02bc', r == '\u02bb': // apostrophes: ’ ‘ ʼ ʻ
		return '\''
	case r == 'ς':
		return 'σ'
	case r == '\u0640': // tatweel, which stretches an Arabic word
		return -1
	case '\ufe00' <= r && r <= '\ufe0f', '\U000E0100' <= r && r <= '\U000E01EF': // variation selectors
		return -1
	case unicode.Is(unicode.Cf, r): // soft hyphen, zero-width characters, writing direction
		return -1
	}
	return r
}
