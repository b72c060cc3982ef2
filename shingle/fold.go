package shingle

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

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

// foldCommon is fold for a word whose characters have the classes foldNone and foldRune only, which need no normalisation.
func (w *Words) foldCommon(word string) []byte {
	w.folded = w.folded[:0]
	for i := 0; i < len(word); {
		if b := word[i]; b < utf8.RuneSelf {
			if 'A' <= b && b <= 'Z' {
				b += 'a' - 'A'
			}
			w.folded = append(w.folded, b)
			i++
			continue
		}
		c, size := classAt(word, i)
		if c.fold() == foldNone {
			w.folded = append(w.folded, word[i:i+size]...)
		} else {
			r, _ := utf8.DecodeRuneInString(word[i:])
			if r = foldedRune(r); r >= 0 {
				w.folded = utf8.AppendRune(w.folded, r)
			}
		}
		i += size
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
