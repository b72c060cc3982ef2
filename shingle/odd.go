package shingle

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// scanOdd adds the words of the segment of UAX #29 that begins at start, whatever characters it has, and returns its end.
// The text must have gone through clean.
func (w *Words) scanOdd(text string, start int) int {
	if w.segments == nil {
		w.segments = words.FromString("")
	}
	w.segments.SetText(text[start:])
	w.segments.Next()
	end := start + w.segments.End()

	run, content := start, false // the word before pos begins at run, and has a letter or digit
	for pos := start; pos < end; {
		r, size := utf8.DecodeRuneInString(text[pos:end])
		switch {
		case isSpaceless(r):
			if content {
				w.addRare(text, run, pos, WordWeight)
			}
			next := pos + size
			for next < end {
				mark, size := utf8.DecodeRuneInString(text[next:end])
				if !isExtending(mark) {
					break
				}
				next += size
			}
			if isContent(r) {
				w.addRare(text, pos, next, charWeight(text[pos:]))
			}
			pos, run, content = next, next, false
			continue
		case isContent(r):
			content = true
		}
		pos += size
	}
	if content {
		w.addRare(text, run, end, WordWeight)
	}
	return end
}

// clean replaces, byte by byte, so that offsets stay, what we read differently than UAX #29 and its library do:
//
//	invalid UTF-8              one U+0001 a byte, which belongs to no word
//	U+200B zero-width space    U+2060 word joiner, which breaks no word
//	U+200D zero-width joiner   U+2060, which ties no emoji to the word before it
//	U+202F narrow NBSP         U+2003 em space, which is a space
func clean(text string) string {
	if utf8.ValidString(text) && !strings.Contains(text, "\u200b") && !strings.Contains(text, "\u200d") && !strings.Contains(text, "\u202f") {
		return text
	}
	cleaned := make([]byte, 0, len(text))
	for pos := 0; pos < len(text); {
		r, size := utf8.DecodeRuneInString(text[pos:])
		switch {
		case r == utf8.RuneError && size == 1:
			cleaned = append(cleaned, 1)
		case r == '\u200b', r == '\u200d':
			cleaned = append(cleaned, "\u2060"...)
		case r == '\u202f':
			cleaned = append(cleaned, "\u2003"...)
		default:
			cleaned = append(cleaned, text[pos:pos+size]...)
		}
		pos += size
	}
	return string(cleaned)
}

// isContent says whether r makes a word of a segment.
func isContent(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsNumber(r)) && !isExtending(r)
}

// isExtending says whether r belongs to the character before it. The last two are the half-width voicing marks of
// katakana, letters by category.
func isExtending(r rune) bool {
	return unicode.IsMark(r) || unicode.Is(unicode.Cf, r) || r == '\uff9e' || r == '\uff9f' ||
		'\U0001F3FB' <= r && r <= '\U0001F3FF' // skin tones
}

// isSpaceless says whether r is of a script that is written without spaces between words. Digits are not: they make numbers.
// The single characters are marks of repetition, length and the like, which Unicode ascribes to several scripts.
func isSpaceless(r rune) bool {
	if r < '\u0e00' || '\uac00' <= r && r <= '\ud7a3' {
		return false
	}
	switch r {
	case '\u3006', '\u303c', '\u3031', '\u3032', '\u3033', '\u3034', '\u3035', '\u30fc', '\uff70':
		return true
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) && !unicode.IsDigit(r) && !isExtending(r)
}
