package shingle

import "unicode/utf8"

// A class says of a character how it joins its neighbours into words, and what normalisation does with it: the two
// questions that decide every word, answered for the Basic Multilingual Plane by the table of class_table.go.
//
// Layout: 0x40 | segment << 2 | fold, so that a class is a printable ASCII character and the table can be read.
type class uint8

// A segment is a class of word segmentation: the Word_Break property of UAX #29, without the distinctions that
// make no difference to words with a letter or a digit in them.
type segment uint8

const (
	segmentBreak     segment = iota // belongs to no word: spaces, punctuation, symbols
	segmentIgnored                  // Extend and Format: joins whatever stands before it
	segmentLetter                   // ALetter
	segmentHebrew                   // Hebrew_Letter
	segmentDigit                    // Numeric
	segmentConnector                // ExtendNumLet
	segmentMidLetter                // MidLetter
	segmentMidNumber                // MidNum
	segmentMidBoth                  // MidNumLet and Single_Quote
	segmentOdd                      // for scanOdd: letters that are symbols, what is outside the table …
	segmentChar                     // a character of a script without spaces that is a word of its own
)

// A fold is a class of normalisation.
type fold uint8

const (
	foldNone fold = iota // stays as it is, whatever stands beside it but characters of foldNorm
	foldRune             // becomes foldedRune of it, which is of class foldNone, or nothing
	foldMark             // stays as it is if no other mark stands beside it
	foldNorm             // needs the Unicode normalisation
)

// isMid says whether s is a mark that may stand inside a word.
func (s segment) isMid() bool { return segmentMidLetter <= s && s <= segmentMidBoth }

func (c class) segment() segment { return segment(c >> 2 & 15) }
func (c class) fold() fold       { return fold(c & 3) }

const (
	classBreak = 0x40 | class(segmentBreak)<<2 | class(foldNone)
	classOdd   = 0x40 | class(segmentOdd)<<2 | class(foldNorm)
)

// Between the first and the last emoji there is no letter, and nothing that joins but the skin tones U+1F3FB to U+1F3FF.
const (
	firstEmoji = '\U0001F300'
	skinTones  = '\U0001F3F8' // the eight characters from here
	lastEmoji  = '\U0001FAFF'
)

// classAt is the class of the character at text[pos], and its length in bytes. Invalid UTF-8, and what is outside the
// Basic Multilingual Plane and no emoji, is odd, of length 1.
func classAt(text string, pos int) (class, int) {
	b := text[pos]
	switch {
	case b < 0x80:
		return class(classTable[b]), 1
	case b < 0xC2:
	case b < 0xE0:
		if pos+1 < len(text) && text[pos+1]&0xC0 == 0x80 {
			return class(classTable[uint(b&0x1F)<<6|uint(text[pos+1]&0x3F)]), 2
		}
	case b < 0xF0:
		if pos+2 < len(text) {
			if c := class3(b, text[pos+1], text[pos+2]); c != classOdd {
				return c, 3
			}
		}
	case b == 0xF0:
		if r, size := utf8.DecodeRuneInString(text[pos:]); firstEmoji <= r && r <= lastEmoji && r>>3 != skinTones>>3 {
			return classBreak, size
		}
	}
	return classOdd, 1
}

// class3 is the class of the character of three bytes a, b, c, the first of which is E0 to EF. It is odd if they are no
// valid UTF-8: the surrogates are odd in the table, and so are the characters below U+0800 in this form.
func class3(a, b, c byte) class {
	r := uint(a&0x0F)<<12 | uint(b&0x3F)<<6 | uint(c&0x3F)
	if b&0xC0 != 0x80 || c&0xC0 != 0x80 || r < 0x800 {
		return classOdd
	}
	return class(classTable[uint(classPages[r>>8])<<8|r&0xFF])
}
