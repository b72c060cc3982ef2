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

func (c class) segment() segment { return segment(c >> 2 & 15) }
func (c class) fold() fold       { return fold(c & 3) }

const (
	classBreak = 0x40 | class(segmentBreak)<<2 | class(foldNone)
	classOdd   = 0x40 | class(segmentOdd)<<2 | class(foldNorm)
)

// A classSet has bit i set if class 0x40|i is in it.
type classSet uint64

func (s *classSet) add(c class) { *s |= 1 << (c & 63) }

// addAfter adds the class c of a character; mark says whether only characters that may vanish stand between it and
// a mark before it, and the result says the same for the next character. Two marks together may have to change places.
func (s *classSet) addAfter(c class, mark bool) bool {
	switch c.fold() {
	case foldNone:
		mark = false
	case foldMark:
		if mark {
			s.add(classOdd)
		}
		mark = true
	}
	s.add(c)
	return mark
}

func (s classSet) any(of classSet) bool { return s&of != 0 }

const (
	everySegment classSet = 0x1111_1111_1111_1111

	foldedClasses     = everySegment<<foldRune | normalisedClasses
	normalisedClasses = everySegment << foldNorm
	contentClasses    = 0xF<<(4*segmentLetter) | 0xF<<(4*segmentHebrew) | 0xF<<(4*segmentDigit)
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
		if pos+2 < len(text) && text[pos+1]&0xC0 == 0x80 && text[pos+2]&0xC0 == 0x80 {
			r := uint(b&0x0F)<<12 | uint(text[pos+1]&0x3F)<<6 | uint(text[pos+2]&0x3F)
			if r >= 0x800 { // else it is longer than it needs to be; the surrogates are odd in the table
				return class(classTable[uint(classPages[r>>8])<<8|r&0xFF]), 3
			}
		}
	case b == 0xF0:
		if r, size := utf8.DecodeRuneInString(text[pos:]); firstEmoji <= r && r <= lastEmoji && r>>3 != skinTones>>3 {
			return classBreak, size
		}
	}
	return classOdd, 1
}
