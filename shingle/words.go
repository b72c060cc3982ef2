package shingle

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
	"github.com/zeebo/xxh3"
	"golang.org/x/text/unicode/norm"
)

// A shingle is five words of a spaced script, or as much text of a script without spaces: a Chinese word has
// about two characters, so nine characters are five words, and a character weighs 5/9 of a word.
const (
	// ShingleWords is k, the number of words in a shingle of ordinary words.
	ShingleWords = 5
	// WordWeight is the weight of an ordinary word.
	WordWeight = 9
	// CharWeight is the weight of one character of a script without spaces.
	CharWeight = 5
	// ShingleWeight is the least weight of a shingle: five words, nine characters, or a mixture.
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
	Weights []uint8  // WordWeight, or CharWeight for a character of a script without spaces

	folded     []byte                  // the normalised word, or half way to it
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

	cleaned := false
	for pos := 0; pos < len(text); {
		if b := text[pos]; b < utf8.RuneSelf {
			switch asciiSegment(b) {
			case segmentBreak:
				pos++
				continue
			case segmentLetter, segmentDigit:
				if end := w.scanASCII(text, pos); end > pos {
					pos = end
					continue
				}
			}
		}
		c, size := classAt(text, pos)
		var next int
		switch c.segment() {
		case segmentLetter, segmentHebrew, segmentDigit, segmentConnector:
			next = w.scanWord(text, pos)
		case segmentChar:
			next = w.scanChars(text, pos)
		case segmentOdd:
			next = isOdd
		default:
			next = pos + size
		}
		if next == isOdd {
			if !cleaned {
				text, cleaned = clean(text), true
				continue
			}
			next = w.scanOdd(text, pos)
		}
		pos = next
	}
	w.release()
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
//	WB11, 12                 digit × (mid-number | mid-both) × digit
func (w *Words) scanWord(text string, start int) int {
	var (
		seen classSet
		last segment // of the last character that is not ignored: letter, digit or connector
		mark bool    // the character before pos is a mark
		pos  = start
	)
scan:
	for pos < len(text) {
		c, size := classAt(text, pos)
		switch s := c.segment(); s {
		case segmentLetter, segmentDigit, segmentConnector:
			last = s
		case segmentHebrew:
			// WB7a to 7c are about quotation marks behind a Hebrew letter, and rare.
			if quoteMayFollow(text, pos+size) {
				return isOdd
			}
			last = segmentLetter
		case segmentIgnored:
		case segmentMidLetter, segmentMidNumber, segmentMidBoth:
			switch follower := segmentAfter(text, pos+size); {
			case follower == segmentOdd:
				return isOdd
			case follower != last,
				last == segmentLetter && s == segmentMidNumber,
				last == segmentDigit && s == segmentMidLetter,
				last == segmentConnector:
				break scan
			}
		case segmentOdd:
			return isOdd
		default:
			break scan
		}
		mark = seen.addAfter(c, mark)
		pos += size
	}
	if seen.any(contentClasses) {
		w.add(text, start, pos, seen, WordWeight)
	}
	return pos
}

// segmentAfter is the class of segmentation of the first character at or after pos that is not ignored, Hebrew letters
// counting as letters; a break at the end of the text.
func segmentAfter(text string, pos int) segment {
	for pos < len(text) {
		c, size := classAt(text, pos)
		switch s := c.segment(); s {
		case segmentIgnored:
			pos += size
		case segmentHebrew:
			return segmentLetter
		default:
			return s
		}
	}
	return segmentBreak
}

// quoteMayFollow says whether a straight quotation mark stands at pos, or something ignored, behind which there may be one.
func quoteMayFollow(text string, pos int) bool {
	if pos == len(text) {
		return false
	}
	c, _ := classAt(text, pos)
	return c.segment() == segmentIgnored || text[pos] == '\'' || text[pos] == '"'
}

// scanChars adds the characters of scripts without spaces that stand from start on, each with its marks, and returns the
// end of the last one that it can decide.
func (w *Words) scanChars(text string, start int) int {
	begin := start
	c, size := classAt(text, begin)
	for c.segment() == segmentChar {
		var seen classSet
		seen.add(c)
		pos := begin + size
		c = classBreak
		for mark := false; pos < len(text); pos += size {
			if c, size = classAt(text, pos); c.segment() != segmentIgnored {
				break
			}
			mark = seen.addAfter(c, mark)
			c = classBreak
		}
		if c.segment() == segmentOdd { // perhaps a mark
			if begin == start {
				return isOdd
			}
			return begin
		}
		w.add(text, begin, pos, seen, CharWeight)
		begin = pos
	}
	return begin
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

// add appends the word text[start:end], in which the classes of seen occur, unless normalisation leaves nothing of it.
func (w *Words) add(text string, start, end int, seen classSet, weight uint8) {
	word := text[start:end]
	if !seen.any(foldedClasses) {
		w.append(xxh3.HashString(word), start, end, weight)
		return
	}
	var folded []byte
	if seen.any(normalisedClasses) {
		folded = w.fold(word)
	} else {
		folded = w.foldCommon(word)
	}
	if len(folded) > 0 {
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
