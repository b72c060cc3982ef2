package shingle

import (
	"os"
	"strings"
	"testing"
)

// benchTexts are paragraphs of news prose, written for this purpose: a language, a tab and a text a line.
var benchTexts = func() (texts []struct{ name, text string }) {
	table, err := os.ReadFile("testdata/paragraphs.tsv")
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(table)) {
		name, text, _ := strings.Cut(line, "\t")
		texts = append(texts, struct{ name, text string }{name, text})
	}
	return texts
}()

func BenchmarkScan(b *testing.B) {
	for _, bt := range benchTexts {
		text := strings.Repeat(bt.text, 1+4000/len(bt.text))
		b.Run(bt.name, func(b *testing.B) {
			var w Words
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				w.Scan(text)
			}
		})
	}
}

func BenchmarkScanAndShingles(b *testing.B) {
	for _, bt := range benchTexts {
		text := strings.Repeat(bt.text, 1+4000/len(bt.text))
		b.Run(bt.name, func(b *testing.B) {
			var w Words
			var shingles []uint64
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				w.Scan(text)
				shingles = w.Shingles(shingles[:0])
			}
		})
	}
}

// BenchmarkPlainWords is the slow twin, to compare.
func BenchmarkPlainWords(b *testing.B) {
	text := strings.Repeat(benchTexts[0].text, 8)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		plainWords(text)
	}
}

func BenchmarkDigest(b *testing.B) {
	w := Scan(strings.Repeat(benchTexts[0].text, 8))
	b.ReportAllocs()
	for b.Loop() {
		w.Digest()
	}
}

func BenchmarkNewSet(b *testing.B) {
	shingles := Scan(strings.Repeat(benchTexts[0].text, 8)).Shingles(nil)
	b.ReportAllocs()
	for b.Loop() {
		NewSet(shingles)
	}
}
