package shingle

import (
	"encoding/binary"
	"math"
	"math/bits"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
	"github.com/zeebo/xxh3"
	"golang.org/x/text/unicode/norm"
)

// A shingle is five words of a spaced script, or as much text of a script without spaces. In 440 pages of manuals that are also in English, a Han character stands for
// 0.61 (Japanese) to 0.65 (Chinese) English words, and a kana for 0.32 (least squares): so they weigh 5/9 and 3/9 of a word.
const (
	// ShingleWords is k, the number of words in a shingle of ordinary words.
	ShingleWords = 5
	// WordWeight is the weight of an ordinary word.
	WordWeight = 9
	// CharWeight is the weight of one character of a script without spaces, but for kana.
	CharWeight = 5
	// KanaWeight is the weight of one kana.
	KanaWeight = 3
	// ShingleWeight is the least weight of a shingle: five words, nine characters, fifteen kana, or a mixture.
	ShingleWeight = ShingleWords * WordWeight
)

// maxTextBytes is the length at which [Words.Scan] cuts a text, so that its offsets fit into 32 bits.
const maxTextBytes = math.MaxUint32

// Words is the word sequence of one text. The four slices have one entry a word, in the order of the text, and
// equal length. The zero value is ready for [Words.Scan], which overwrites the slices: copy what must outlive the next call.
// A Words may not be used by two goroutines at once.
type Words struct {
	Hashes  []uint64 // xxh3 of the normalised word
	Starts  []uint32 // byte offset in the original text where the word begins
	Ends    []uint32 // and where it ends, exclusive; the words do not overlap
	Weights []uint8  // WordWeight, or for a character of a script without spaces CharWeight or KanaWeight

	word       folding                 // the word that is looked at
	folded     []byte                  // its normalised form, or half way to it, where word cannot hold it
	normalised []byte                  // its normal form, when that differs
	segments   *words.Iterator[string] // made when a text first needs it
	normaliser *norm.Iter              // likewise
}

// Scan returns the words of text. It costs one allocation more than [Words.Scan] on a reused Words at the least.
func Scan(text string) *Words {
	w := new(Words)
	w.Scan(text)
	return w
}

// Len is the number of words.
func (w *Words) Len() int { return len(w.Hashes) }

// Digest is the 128-bit xxh3 hash of the word hashes, each as eight little-endian bytes, in canonical (big-endian) form.
// Two texts have one digest if and only if, hash collisions aside, their normalised words are equal. A text without
// words has a digest too, the same as every other such text: check [Words.Len] before taking two for duplicates.
func (w *Words) Digest() [16]byte {
	const wordsAtOnce = 128
	var block [8 * wordsAtOnce]byte
	if len(w.Hashes) <= wordsAtOnce {
		return xxh3.Hash128(appendHashes(block[:0], w.Hashes)).Bytes()
	}
	var hasher xxh3.Hasher128
	for rest := w.Hashes; len(rest) > 0; {
		n := min(wordsAtOnce, len(rest))
		hasher.Write(appendHashes(block[:0], rest[:n])) // never fails
		rest = rest[n:]
	}
	return hasher.Sum128().Bytes()
}

func appendHashes(dst []byte, hashes []uint64) []byte {
	for _, h := range hashes {
		dst = binary.LittleEndian.AppendUint64(dst, h)
	}
	return dst
}

// Scan replaces w by the words of text; the package comment says what a word is. It reuses the slices, so that a
// Words that has seen a longer text does not allocate, except one copy of a text that is invalid UTF-8, or has both
// characters outside the class table and U+200B, U+200D or U+202F. Time is O(n). Text after the first 4 GiB − 1 byte is ignored.
func (w *Words) Scan(text string) {
	if uint64(len(text)) > maxTextBytes {
		text = text[:maxTextBytes]
	}
	w.Hashes, w.Starts, w.Ends, w.Weights = w.Hashes[:0], w.Starts[:0], w.Ends[:0], w.Weights[:0]
	if n := len(text)/bytesPerWord + 8; cap(w.Hashes) == 0 {
		w.Hashes, w.Starts, w.Ends, w.Weights = make([]uint64, 0, n), make([]uint32, 0, n), make([]uint32, 0, n), make([]uint8, 0, n)
	}

	s := source{text: text}
	for pos := 0; pos < len(s.text); {
		switch b := s.text[pos]; {
		case b >= utf8.RuneSelf:
			pos = w.scanOther(&s, pos)
		case asciiSegments[b] == segmentBreak:
			pos++
		default:
			pos = w.scanBlock(&s, pos)
		}
	}
	w.release()
}

// A source is the text that is scanned.
type source struct {
	text    string
	cleaned bool // text has gone through clean
}

// scanOther adds the word at pos, or the characters, if there is one, and returns the end of what it has looked at.
func (w *Words) scanOther(s *source, pos int) int {
	c, size := classAt(s.text, pos)
	next := isOdd
	switch c.segment() {
	case segmentLetter, segmentHebrew, segmentDigit, segmentConnector:
		next = w.scanWord(s.text, pos)
	case segmentChar:
		next = w.scanChars(s.text, pos)
	case segmentOdd:
	default:
		next = pos + size
	}
	if next == isOdd {
		if !s.cleaned {
			s.text, s.cleaned = clean(s.text), true
			return pos
		}
		next = w.scanOdd(s.text, pos)
	}
	return next
}

// isOdd is returned instead of an offset by the scanners of common characters when they meet another one. They have
// then added nothing, and the word is for scanOdd.
const isOdd = -1

// scanWord adds the word of letters, digits and connectors that begins at start, and returns its end.
// What it joins are rules WB4 to WB13b of UAX #29 for the characters that have a class of their own here:
//
//	WB5, 8, 9, 10, 13a, 13b  letters, digits and connectors join each other
//	WB4                      what is ignored joins anything
//	WB6, 7                   letter × (mid-letter | mid-both) × letter
//	WB7a                     Hebrew letter × '
//	WB7b, 7c                 Hebrew letter × " × Hebrew letter
//	WB11, 12                 digit × (mid-number | mid-both) × digit
func (w *Words) scanWord(text string, start int) int {
	var (
		f       = w.word.reset()
		last    segment // of the last character that is not ignored: letter, Hebrew letter, digit or connector
		content bool    // there is a letter or digit
		pos     = start
	)
scan:
	for pos < len(text) {
		switch b := text[pos]; {
		case b < utf8.RuneSelf:
			if s := asciiSegments[b]; s == segmentLetter || s == segmentDigit {
				x := loadUpTo64(text, pos)
				n := bits.TrailingZeros64(^asciiWordBytes(x)&high) / 8
				f.addASCII(x, n)
				pos += n
				last, content = asciiSegments[text[pos-1]], true
				continue
			}
		case b < 0xE0:
			if end := f.addLetters(text, pos); end > pos {
				pos = end
				last, content = segmentLetter, true
				if text[pos-2] == hebrewLead {
					last = segmentHebrew
				}
				continue
			}
		default:
			if end, letter := f.addSyllables(text, pos); end > pos {
				pos = end
				if letter {
					last, content = segmentLetter, true
				}
				continue
			}
		}
		c, size := classAt(text, pos)
		switch s := c.segment(); s {
		case segmentLetter, segmentHebrew, segmentDigit:
			last, content = s, true
		case segmentConnector:
			last = s
		case segmentIgnored:
		case segmentMidLetter, segmentMidNumber, segmentMidBoth:
			follower := segmentAfter(text, pos+size)
			if follower == segmentOdd {
				return isOdd
			}
			if joinsAcross(last, s, follower) {
				break
			}
			if last == segmentHebrew && text[pos] == '\'' {
				if pos+size < len(text) && text[pos+size] >= utf8.RuneSelf {
					return isOdd // there may be something ignored
				}
				f.add("'", c)
				pos += size
			}
			break scan
		case segmentOdd:
			return isOdd
		default:
			if last != segmentHebrew || text[pos] != '"' {
				break scan
			}
			if follower := segmentAfter(text, pos+size); follower == segmentOdd {
				return isOdd
			} else if follower != segmentHebrew {
				break scan
			}
		}
		f.add(text[pos:pos+size], c)
		pos += size
	}
	if content {
		w.add(f, text, start, pos, WordWeight)
	}
	return pos
}

// hebrewLead is the first byte of the Hebrew letters of folded2, and of no others.
const hebrewLead = 0xD7

// joinsAcross says whether two characters are in one word if a mark like the full stop stands between them.
func joinsAcross(before, mid, after segment) bool {
	switch before {
	case segmentLetter, segmentHebrew:
		return mid != segmentMidNumber && (after == segmentLetter || after == segmentHebrew)
	case segmentDigit:
		return mid != segmentMidLetter && after == segmentDigit
	}
	return false
}

// segmentAfter is the class of segmentation of the first character at or after pos that is not ignored; a break at the
// end of the text.
func segmentAfter(text string, pos int) segment {
	for pos < len(text) {
		c, size := classAt(text, pos)
		if s := c.segment(); s != segmentIgnored {
			return s
		}
		pos += size
	}
	return segmentBreak
}

// scanChars adds the characters of scripts without spaces that stand from start on, each with its marks, and returns the
// end of the last one that it can decide.
func (w *Words) scanChars(text string, start int) int {
	begin := start
	c, size := classAt(text, begin)
	for c.segment() == segmentChar {
		first, pos := c, begin+size
		if c, size = classAfter(text, pos); c.segment() != segmentIgnored && c.segment() != segmentOdd && first.fold() == foldNone {
			ch := uint64(text[begin]) | uint64(text[begin+1])<<8 | uint64(text[begin+2])<<16
			w.append(hash3(ch, ch<<40, 3), begin, pos, charWeight(text[begin:]))
			begin = pos
			continue
		}
		f := w.word.reset()
		f.add(text[begin:pos], first)
		for c.segment() == segmentIgnored {
			f.add(text[pos:pos+size], c)
			pos += size
			c, size = classAfter(text, pos)
		}
		if c.segment() == segmentOdd { // perhaps a mark
			if begin == start {
				return isOdd
			}
			return begin
		}
		w.add(f, text, begin, pos, charWeight(text[begin:]))
		begin = pos
	}
	return begin
}

// charWeight is the weight of the character of a script without spaces that text begins with.
func charWeight(text string) uint8 {
	if isKana(text) {
		return KanaWeight
	}
	return CharWeight
}

// isKana says whether text, of three bytes at least, begins with a kana: one of U+3040 to U+30FF, U+31F0 to U+31FF, or U+FF60 to U+FFBF, where the half-width
// ones are. Those beyond U+FFFF are in no modern text.
func isKana(text string) bool {
	switch text[0] {
	case 0xE3:
		return 0x81 <= text[1] && text[1] <= 0x83 || text[1] == 0x87 && text[2] >= 0xB0
	case 0xEF:
		return text[1] == 0xBD && text[2] >= 0xA0 || text[1] == 0xBE
	}
	return false
}

// classAfter is classAt, or a break at the end of the text.
func classAfter(text string, pos int) (class, int) {
	if pos+2 < len(text) && text[pos]&0xF0 == 0xE0 { // most often, and quicker here
		return class3(text[pos], text[pos+1], text[pos+2]), 3
	}
	if pos == len(text) {
		return classBreak, 0
	}
	return classAt(text, pos)
}

// release lets go of the text.
func (w *Words) release() {
	if w.segments != nil {
		w.segments.SetText("")
	}
	if w.normaliser != nil {
		w.normaliser.InitString(norm.NFKC, "")
	}
}

// add appends the word text[start:end], which f has normalised, unless that leaves nothing of it.
func (w *Words) add(f *folding, text string, start, end int, weight uint8) {
	if f.rare {
		w.addRare(text, start, end, weight)
		return
	}
	if hash, n := f.hash64(); n > 0 {
		w.append(hash, start, end, weight)
	}
}

// addRare is add for a word that needs the Unicode normalisation.
func (w *Words) addRare(text string, start, end int, weight uint8) {
	if folded := w.fold(text[start:end]); len(folded) > 0 {
		w.append(xxh3.Hash(folded), start, end, weight)
	}
}

// bytesPerWord is what most texts have at least, separators included: English 6, Russian 12.
const bytesPerWord = 5

func (w *Words) append(hash uint64, start, end int, weight uint8) {
	w.Hashes = append(w.Hashes, hash)
	w.Starts = append(w.Starts, uint32(start))
	w.Ends = append(w.Ends, uint32(end))
	w.Weights = append(w.Weights, weight)
}
