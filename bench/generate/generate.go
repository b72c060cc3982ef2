// Package generate makes articles that look like news, as many as are wanted: what they are depends on the settings alone.
//
// The words are made up: 100,000 of them, as frequent as Zipf says, 380 an article on average (log-normal). A third of the articles are
// copies: of one before, by at most 200,000 articles, in which some words are replaced, or an excerpt of it; and each of 2,000 sites prints a
// block of its own under half of its articles.
//
// The id tells what an article is: "17-original", or STORY-e10-NUMBER for a copy of the article of the number STORY in which one word in
// ten was replaced (e0: none), STORY-excerpt-NUMBER, and hotN-… in a hot story.
package generate

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/dedupe-news/dedupe/article"
)

// Config says which articles there are.
type Config struct {
	Articles int
	Seed     uint64 // another one gives other articles
	Hot      int    // stories that are copied very often
	HotSize  int    // articles in each of them, about
}

// Write writes the articles as JSON lines.
func Write(cfg Config, to io.Writer) error {
	g := New(cfg)
	out := bufio.NewWriterSize(to, 1<<20)
	var line []byte
	for i := range cfg.Articles {
		line = appendLine(line[:0], g.Article(i))
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return out.Flush()
}

// appendLine appends an article as a line of JSON. Of what its strings have, only line feeds are escaped there.
func appendLine(line []byte, a article.Article) []byte {
	line = fmt.Appendf(line, `{"id":"%s","url":"%s","source":"%s","date":"%s","title":"%s","text":"`, a.ID, a.URL, a.Site, a.Published.Format(time.RFC3339), a.Title)
	for rest := range strings.Lines(a.Text) {
		if paragraph, more := strings.CutSuffix(rest, "\n"); more {
			line = append(append(line, paragraph...), `\n`...)
		} else {
			line = append(line, rest...)
		}
	}
	return append(line, "\"}\n"...)
}

const (
	vocabulary   = 100_000
	zipfEntries  = 1 << 19
	sites        = 2000
	meanWords    = 380
	sigmaWords   = 0.6
	copyShare    = 0.34
	furthestCopy = 200_000
	hotBase      = 1 << 40 // number of the text of the first hot story
)

// editRates are those of copies, in percent of the words.
var editRates = []int{0, 5, 10, 20, 30}

// Generator makes articles. One goroutine may use it at a time.
type Generator struct {
	cfg   Config
	words []string
	zipf  []uint32 // words, each as often as it is used
	base  []uint32 // the text that is copied
	text  []uint32
	buf   []byte
}

// New makes the words.
func New(cfg Config) *Generator {
	g := &Generator{cfg: cfg, words: make([]string, vocabulary), zipf: make([]uint32, zipfEntries)}
	random := rand.New(rand.NewPCG(cfg.Seed, 1))
	const consonants, vowels = "bcdfghklmnprstvwz", "aeiou"
	for i := range g.words {
		var w strings.Builder
		for range 1 + int(math.Log10(float64(i+2))/1.6) + random.IntN(2) {
			w.WriteByte(consonants[random.IntN(len(consonants))])
			w.WriteByte(vowels[random.IntN(len(vowels))])
			if random.IntN(3) == 0 {
				w.WriteByte(consonants[random.IntN(len(consonants))])
			}
		}
		g.words[i] = w.String()
	}
	sum := 0.0
	weight := func(rank int) float64 { return math.Pow(float64(rank)+2.7, -1.05) }
	for i := range vocabulary {
		sum += weight(i)
	}
	word, reached := 0, weight(0)
	for i := range g.zipf {
		for reached < sum*(float64(i)+0.5)/zipfEntries && word < vocabulary-1 {
			word++
			reached += weight(word)
		}
		g.zipf[i] = uint32(word)
	}
	return g
}

// fate is what an article is. It takes the same random numbers each time.
type fate struct {
	random *rand.Rand
	of     int // number of the text; its own: an original
	rate   int // percent; -1: an excerpt
	site   int
}

func (g *Generator) fate(i int) fate {
	f := fate{random: rand.New(rand.NewPCG(g.cfg.Seed, uint64(i)<<8|2)), of: i}
	f.site = int(float64(sites) * math.Pow(f.random.Float64(), 2)) // some publish more than others
	chance := f.random.Float64()
	if hot := float64(g.cfg.Hot*g.cfg.HotSize) / float64(max(g.cfg.Articles, 1)); chance < hot {
		f.of = hotBase + f.random.IntN(g.cfg.Hot)
	} else if chance < hot+copyShare && i > 0 {
		f.of = i - 1 - f.random.IntN(min(i, furthestCopy))
	}
	if kind := f.random.IntN(len(editRates) + 1); kind < len(editRates) {
		f.rate = editRates[kind]
	} else {
		f.rate = -1
	}
	return f
}

// Article is article number i. Those beyond the number of articles of the settings go on as if there were more.
func (g *Generator) Article(i int) article.Article {
	f := g.fate(i)
	if f.of != i && f.of < hotBase && g.fate(f.of).of != f.of {
		f.of = i // no copies of copies
	}
	g.base = g.original(g.base[:0], f.of)
	g.text = append(g.text[:0], g.base...)
	kind := "original"
	switch {
	case f.of == i:
	case f.rate < 0:
		kind = "excerpt"
		from := f.random.IntN(len(g.text)/2 + 1)
		g.text = g.text[from : from+len(g.text)/2]
	default:
		kind = fmt.Sprintf("e%d", f.rate)
		for k := range g.text {
			if f.random.IntN(100) < f.rate {
				g.text[k] = g.word(f.random)
			}
		}
	}
	story := fmt.Sprint(f.of)
	if f.of >= hotBase {
		story = fmt.Sprint("hot", f.of-hotBase)
	}
	id := fmt.Sprintf("%s-%s-%d", story, kind, i)
	if f.of == i {
		id = fmt.Sprintf("%s-%s", story, kind)
	}
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(uint64(f.of)*2654435761%(180*24*3600)) * time.Second)
	if f.of != i {
		first = first.Add(time.Duration(f.random.ExpFloat64() * float64(8*time.Hour)))
	}
	a := article.Article{
		ID:        id,
		URL:       fmt.Sprintf("https://www.site%d.example/%d/%s", f.site, i, g.words[g.base[0]]),
		Site:      fmt.Sprintf("site%d.example", f.site),
		Published: first.Truncate(time.Second),
	}
	g.buf = g.sentences(g.buf[:0], g.base[:min(len(g.base), 9)], 9)
	a.Title = string(g.buf)
	g.buf = g.sentences(g.buf[:0], g.text, 17)
	if f.random.IntN(2) == 0 {
		furniture := rand.New(rand.NewPCG(g.cfg.Seed, uint64(f.site)<<8|3))
		block := make([]uint32, 25+furniture.IntN(40))
		for k := range block {
			block[k] = g.word(furniture)
		}
		g.buf = g.sentences(append(g.buf, "\n\n"...), block, 11)
	}
	a.Text = string(g.buf)
	return a
}

// original appends the words of text number i.
func (g *Generator) original(dst []uint32, i int) []uint32 {
	random := rand.New(rand.NewPCG(g.cfg.Seed, uint64(i)<<8|4))
	n := int(math.Exp(math.Log(meanWords) - sigmaWords*sigmaWords/2 + sigmaWords*random.NormFloat64()))
	for range min(max(n, 30), 5000) {
		dst = append(dst, g.word(random))
	}
	return dst
}

func (g *Generator) word(random *rand.Rand) uint32 { return g.zipf[random.Uint64()%zipfEntries] }

// sentences appends words with a full stop after every so many of them, and a paragraph after five of these.
func (g *Generator) sentences(dst []byte, words []uint32, each int) []byte {
	for i, sentence := range slices.Collect(slices.Chunk(words, each)) {
		switch {
		case i > 0 && i%5 == 0:
			dst = append(dst, "\n\n"...)
		case i > 0:
			dst = append(dst, ' ')
		}
		for k, w := range sentence {
			if k > 0 {
				dst = append(dst, ' ')
			}
			dst = append(dst, g.words[w]...)
			if k == 0 {
				dst[len(dst)-len(g.words[w])] -= 'a' - 'A'
			}
		}
		dst = append(dst, '.')
	}
	return dst
}
