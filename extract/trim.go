package extract

// trim takes off what a structure cannot tell from the article: the date and credits above its first sentence, lines that are
// nothing but a link to another story, and headings and lists of links under its last sentence.
//
// F1 on the benchmark before is 0.968, after it 0.974; precision gains 0.022, recall loses 0.011. Also to drop all that follows
// the last sentence costs more recall (tables, results) than it gains.
func trim(blocks []block) []block {
	first, last := -1, -1
	for i, b := range blocks {
		if b.isProse() {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return blocks
	}
	all := totalWords(blocks)
	trimHead := maxTrimmed*totalWords(blocks[:first]) < all
	trimTail := maxTrimmed*totalWords(blocks[last+1:]) < all
	var kept []block
	for i, b := range blocks {
		switch {
		case trimHead && i < first:
		case b.links() >= 0.8:
		case trimTail && i > last && (b.kind == heading || b.links() > 0.5):
		default:
			kept = append(kept, b)
		}
	}
	return kept
}

// maxTrimmed: a head or a tail that is a third of the page or more is no credit line, but a list or a table with a sentence
// beside it.
const maxTrimmed = 3

func totalWords(blocks []block) int {
	words := 0
	for _, b := range blocks {
		words += b.words
	}
	return words
}

// isArticle reports whether blocks make an article: a sentence, or enough text that is not links (lyrics, a table of results).
func isArticle(blocks []block) bool {
	words := 0
	for _, b := range blocks {
		if b.isProse() {
			return true
		}
		words += b.words - b.linkWords
	}
	return words >= 50
}
