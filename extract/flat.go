package extract

import (
	"bytes"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// flat reads a page as a stream of blocks, without building a tree: for pages that are nested too deeply or have too many
// elements, and for the scraps of HTML in JSON-LD.
func flat(page []byte) []block {
	var w blockWriter
	z := html.NewTokenizer(bytes.NewReader(page))
	for unseen := atom.Atom(0); ; {
		switch z.Next() {
		case html.ErrorToken:
			w.end(paragraph)
			return w.blocks
		case html.TextToken:
			if unseen == 0 {
				w.write(string(z.Text()))
			}
		case html.StartTagToken:
			tag := tagOf(z)
			switch kind, isBlock := blockOf(tag, paragraph); {
			case unseen != 0:
			case isUnseen(tag) && tag != atom.Embed:
				unseen = tag
			case isBlock:
				w.end(kind)
			case tag == atom.A:
				w.links = 1
			}
		case html.EndTagToken:
			tag := tagOf(z)
			switch _, isBlock := blockOf(tag, paragraph); {
			case tag == unseen:
				unseen = 0
			case isBlock:
				w.end(paragraph)
				w.links = 0
			case tag == atom.A:
				w.links = 0
			}
		}
	}
}

func tagOf(z *html.Tokenizer) atom.Atom {
	name, _ := z.TagName()
	return atom.Lookup(name)
}

// prose keeps what reads like sentences, wherever on the page that stands.
func prose(blocks []block) []block {
	kept := blocks[:0]
	for _, b := range blocks {
		if b.isProse() {
			kept = append(kept, b)
		}
	}
	return kept
}
