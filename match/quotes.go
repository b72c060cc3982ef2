package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dedupe-news/dedupe/shingle"
)

// maxQuote is the number of words after which a quotation that nobody closed is
// taken to have ended: a forgotten mark must not swallow the article.
const maxQuote = 120

// closers are the marks that end a quotation, by the mark that began it. Languages
// use the same marks the other way round („so“ »so« ”so” “so” «so»).
var closers = map[rune]string{
	'“': "”", '”': "”", '„': "“”", '«': "»", '»': "«»", '「': "」", '『': "』", '"': "\"", '`': "'",
}

// quotedWords tells which words stand inside quotation marks. A quotation ends
// at its closing mark, at the end of the paragraph, or after maxQuote words. A
// mark opens a quotation only if no space follows it (but for French). Single quotation marks are
// apostrophes too often to count, but “ and ” may be written as “ “ “, or as two
// grave accents and two apostrophes.
func quotedWords(text string, words *shingle.Words) []bool {
	quoted := make([]bool, words.Len())
	var opener rune // 0: outside
	opened, pos := 0, 0
	for i := range quoted {
		gap := text[pos:words.Starts[i]]
		for k, r := range gap {
			switch {
			case r == '\n':
				opener = 0
			case opener != 0 && closes(opener, r, gap[k:]):
				opener = 0
			case opener == 0 && opens(r, text[pos+k:]):
				opener, opened = r, i
			}
		}
		if i-opened >= maxQuote {
			opener = 0
		}
		quoted[i] = opener != 0
		pos = int(words.Ends[i])
	}
	return quoted
}

// opens says whether the mark r, with which rest begins, begins a quotation.
func opens(r rune, rest string) bool {
	if closers[r] == "" {
		return false
	}
	after := rest[utf8.RuneLen(r):]
	if r == '`' { // ``so'' of TeX and of tokenised corpora, where spaces follow
		return len(after) > 0 && after[0] == '`'
	}
	next, size := utf8.DecodeRuneInString(after)
	if r == '«' && unicode.IsSpace(next) && next != '\n' { // French puts a space inside: look for the other end
		end := strings.IndexAny(after[size:], "»«\n")
		return end >= 0 && strings.HasPrefix(after[size+end:], "»")
	}
	return !unicode.IsSpace(next)
}

// closes says whether the mark r, with which rest begins, ends what opener began.
func closes(opener, r rune, rest string) bool {
	if opener == '`' {
		return len(rest) > 1 && rest[:2] == "''"
	}
	for _, c := range closers[opener] {
		if r == c {
			return true
		}
	}
	return false
}
