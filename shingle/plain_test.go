package shingle

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
	"golang.org/x/text/unicode/norm"
)

// A plainWord is a word as the slow twin finds it.
type plainWord struct {
	text       string // normalised
	start, end int
	weight     uint8
}

// plainWords is the slow twin of Scan: the library's segments, cut into characters where the script wants it, and the
// normalisation as one would write it first.
func plainWords(text string) []plainWord {
	var replaced strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd"):
			replaced.WriteByte(1)
		case r == '\u200b', r == '\u200d':
			replaced.WriteRune('\u2060')
		case r == '\u202f':
			replaced.WriteRune('\u2003')
		default:
			replaced.WriteRune(r)
		}
	}
	var found []plainWord
	segments := words.FromString(replaced.String())
	for segments.Next() {
		for _, p := range plainParts(segments.Value()) {
			if p.text = plainFold(p.text); p.text != "" {
				p.start += segments.Start()
				p.end += segments.Start()
				found = append(found, p)
			}
		}
	}
	return found
}

// plainParts cuts a segment into single characters of spaceless scripts and what stands between them, and keeps the
// parts that have a letter or digit.
func plainParts(segment string) []plainWord {
	const outside, inChar, inWord = 0, 1, 2
	var parts []plainWord
	state := outside
	for i, r := range segment {
		width := utf8.RuneLen(r)
		switch {
		case isSpaceless(r):
			parts = append(parts, plainWord{start: i, end: i, weight: plainCharWeight(r)})
			state = inChar
		case state == inChar && isExtending(r):
		case state != inWord:
			parts = append(parts, plainWord{start: i, end: i, weight: WordWeight})
			state = inWord
		}
		parts[len(parts)-1].end = i + width
	}
	kept := parts[:0]
	for _, p := range parts {
		p.text = segment[p.start:p.end]
		if strings.ContainsFunc(p.text, isContent) {
			kept = append(kept, p)
		}
	}
	return kept
}

func plainCharWeight(r rune) uint8 {
	if r <= 0xffff && (unicode.In(r, unicode.Hiragana, unicode.Katakana) || r == 'ー' || r == 'ｰ') {
		return KanaWeight
	}
	return CharWeight
}

func plainFold(word string) string {
	word = norm.NFKC.String(word)
	word = strings.Map(foldedRune, word)
	word = norm.NFKC.String(word)
	return strings.Trim(word, "'")
}

// plainShingles hashes each shingle from its definition, without rolling.
func plainShingles(w *Words) []uint64 {
	var shingles []uint64
	for i := range w.Hashes {
		end, weight := i, 0
		for end < w.Len() && weight < ShingleWeight {
			weight += int(w.Weights[end])
			end++
		}
		if weight < ShingleWeight && i > 0 {
			break
		}
		var sum uint64
		for _, h := range w.Hashes[i:end] {
			sum = sum*0x85EBCA77C2B2AE63 + h
		}
		shingles = append(shingles, mix(sum))
	}
	return shingles
}
