package extract

import (
	"strings"
	"unicode"
)

// block is one paragraph, heading, list item or table row.
type block struct {
	text      string
	words     int // see countWords
	linkWords int // those of words that stand in links
	kind      blockKind
}

type blockKind int

const (
	paragraph blockKind = iota
	heading
	item // of a list or a table
)

// links is the share of a block that is links.
func (b block) links() float64 {
	return float64(b.linkWords) / float64(max(1, b.words))
}

// isProse reports whether a block reads like a sentence of an article, not like a label, a credit, or a list of links.
func (b block) isProse() bool {
	return b.kind != heading && b.words >= 12 && b.links() < 0.5 && (b.words >= 25 || hasSentenceEnd(b.text))
}

// hasSentenceEnd reports whether the text ends, apart from quotation marks and brackets, like a sentence.
func hasSentenceEnd(text string) bool {
	text = strings.TrimRight(text, " \"'”’»)]」』】“")
	for _, end := range []string{".", "!", "?", "…", ":", "。", "！", "？", "।", "؟", "۔", "።"} {
		if strings.HasSuffix(text, end) {
			return true
		}
	}
	return false
}

// blockWriter cuts text into blocks: callers give it text and say where blocks begin and end.
type blockWriter struct {
	blocks []block
	text   strings.Builder
	space  bool // white space is due before the next character
	links  int  // links that are open
	inLink int  // words of text that stand in links
	kind   blockKind
}

// write adds text. Runs of white space become one space; characters that cannot be seen and would tear words apart in a
// comparison (soft hyphen, zero-width space) go, and nothing else is changed.
func (w *blockWriter) write(text string) {
	if w.links > 0 {
		w.inLink += countWords(text)
	}
	for _, r := range text {
		switch {
		case r == '\u00ad' || r == '\u200b' || r == '\ufeff' || r == 0:
		case unicode.IsSpace(r) || unicode.IsControl(r):
			w.space = true
		default:
			if w.space && w.text.Len() > 0 {
				w.text.WriteByte(' ')
			}
			w.space = false
			w.text.WriteRune(r)
		}
	}
}

// end closes the block, if there is text in it; the next one is of the kind given.
func (w *blockWriter) end(next blockKind) {
	if w.text.Len() > 0 {
		text := w.text.String()
		w.blocks = append(w.blocks, block{text: text, words: countWords(text), linkWords: w.inLink, kind: w.kind})
		w.text.Reset()
	}
	w.space, w.inLink, w.kind = false, 0, next
}

// countWords measures how much a text says, roughly: runs of letters and digits; in scripts that put no spaces between words,
// two characters make one.
func countWords(text string) int {
	words, halves, inWord := 0, 0, false
	for _, r := range text {
		switch {
		case isUnspaced(r):
			halves++
			inWord = false
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if !inWord {
				words++
			}
			inWord = true
		case !unicode.IsMark(r) && r != '\'' && r != '’':
			inWord = false
		}
	}
	return words + (halves+1)/2
}

// isUnspaced reports whether r belongs to a script that does not separate words by spaces.
func isUnspaced(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao,
		unicode.Khmer, unicode.Myanmar)
}

// join writes blocks as the text of an article: one a line.
func join(blocks []block) string {
	var text strings.Builder
	for i, b := range blocks {
		if i > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(b.text)
	}
	return text.String()
}

func oneLine(s string) string {
	return strings.Join(strings.Fields(s), " ")
}
