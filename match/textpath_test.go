package match_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/dedupe-news/dedupe/minhash"
	"github.com/dedupe-news/dedupe/shingle"
)

const (
	articleBytes = 2300 // the length of a typical news article, by which speed is told
	leastKeys    = 24   // as in an index
)

// paragraphs are the news of package shingle's tests: language, text.
func paragraphs(t testing.TB) iter.Seq2[string, string] {
	table, err := os.ReadFile("../shingle/testdata/paragraphs.tsv")
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(language, text string) bool) {
		for line := range strings.Lines(string(table)) {
			if language, text, _ := strings.Cut(strings.TrimSpace(line), "\t"); !yield(language, text) {
				return
			}
		}
	}
}

// TestTextPathDoesNotAllocate scans, shingles and sketches into what the articles before have left.
func TestTextPathDoesNotAllocate(t *testing.T) {
	for language, paragraph := range paragraphs(t) {
		var (
			words    shingle.Words
			shingles []uint64
			sketch   minhash.Sketch
		)
		articles := shuffled(paragraph)
		all := func() {
			for _, text := range articles {
				words.Scan(text)
				shingles = words.Shingles(shingles[:0])
				sketch = minhash.NewIn(sketch.Hashes, shingles, leastKeys)
			}
		}
		if got := testing.AllocsPerRun(2, all); got != 0 {
			t.Errorf("%d articles in %s allocate %g times after the first %d, want 0", len(articles), language, got, len(articles))
		}
	}
}

// BenchmarkTextPath is the whole way of a text before it is looked up: words, shingles, sketch. Each language has 256 different
// articles, so that no processor learns a text by heart: the words of a paragraph of news, in random order.
func BenchmarkTextPath(b *testing.B) {
	for language, paragraph := range paragraphs(b) {
		b.Run(language, func(b *testing.B) { benchmarkTextPath(b, shuffled(paragraph)) })
	}
}

// BenchmarkTextPathOfRealNews is the same for the articles of the shared data by their script.
func BenchmarkTextPathOfRealNews(b *testing.B) {
	const enough = 4 << 20 // bytes of one script
	texts, bytes := map[string][]string{}, map[string]int{}
	for _, set := range []string{"telegram", "guides"} {
		file, err := os.Open(filepath.Join("..", "..", "shared", "data", set, "articles.jsonl.gz"))
		if err != nil {
			b.Skip(err)
		}
		defer file.Close()
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			b.Fatal(err)
		}
		lines := bufio.NewScanner(unzipped)
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			var a struct{ Text string }
			if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
				b.Fatal(err)
			}
			if script := scriptOf(a.Text); bytes[script] < enough {
				texts[script] = append(texts[script], a.Text)
				bytes[script] += len(a.Text)
			}
		}
	}
	for _, script := range scripts {
		if len(texts[script]) > 0 {
			b.Run(script, func(b *testing.B) { benchmarkTextPath(b, texts[script]) })
		}
	}
}

func benchmarkTextPath(b *testing.B, texts []string) {
	var (
		words    shingle.Words
		shingles []uint64
		bytes    int
		sketch   minhash.Sketch
	)
	for _, text := range texts {
		bytes += len(text)
	}
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			words.Scan(text)
			shingles = words.Shingles(shingles[:0])
			sketch = minhash.NewIn(sketch.Hashes, shingles, leastKeys)
		}
	}
	b.ReportMetric(float64(b.N)*float64(bytes)/articleBytes/b.Elapsed().Seconds(), "articles/s")
}

// shuffled makes 256 articles of the words of text; where there are no spaces, of runs of four characters.
func shuffled(text string) []string {
	var parts []string
	for word := range strings.SplitAfterSeq(text+" ", " ") {
		for len(word) > 40 {
			cut := 0
			for n := 0; n < 4 || cut < len(word) && isMark(word[cut:]); n++ {
				_, size := utf8.DecodeRuneInString(word[cut:])
				cut += size
			}
			parts = append(parts, word[:cut])
			word = word[cut:]
		}
		parts = append(parts, word)
	}
	r := rand.New(rand.NewPCG(1, 2))
	articles := make([]string, 256)
	for i := range articles {
		var article strings.Builder
		for article.Len() < articleBytes {
			article.WriteString(parts[r.IntN(len(parts))])
		}
		articles[i] = article.String()
	}
	return articles
}

func isMark(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsMark(r)
}

var scripts = []string{"ASCII", "Latin", "Cyrillic", "Greek", "Hebrew", "Arabic", "Devanagari", "Bengali", "Tamil", "Thai", "Hangul", "Kana", "Han", "other"}

// scriptOf is the script of most letters; ASCII is news in Latin letters of which at most one in two hundred has an accent.
func scriptOf(text string) string {
	counts := make(map[string]int)
	letters, best := 0, "other"
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		script := "ASCII"
		if r >= utf8.RuneSelf {
			script = "other"
			for name, table := range unicode.Scripts {
				if r < 0x250 {
					script = "Latin"
					break
				}
				if unicode.Is(table, r) {
					script = name
					break
				}
			}
			if script == "Hiragana" || script == "Katakana" {
				script = "Kana"
			}
		}
		if counts[script]++; counts[script] > counts[best] {
			best = script
		}
	}
	switch {
	case best == "Han" && counts["Kana"]*5 > letters:
		return "Kana"
	case best == "ASCII" && counts["ASCII"]*200 < letters*199:
		return "Latin"
	}
	return best
}
