package passage

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// sequence makes a text of words that are separated by spaces and weigh 9. A word of Han characters stands for as many
// words of weight 5.
func sequence(text string) Sequence {
	var s Sequence
	for _, word := range strings.Fields(text) {
		if first, _ := utf8.DecodeRuneInString(word); unicode.Is(unicode.Han, first) {
			for _, r := range word {
				s.add(string(r), 5)
			}
			continue
		}
		s.add(word, 9)
	}
	return s
}

func (s *Sequence) add(word string, weight uint8) {
	h := fnv.New64a()
	h.Write([]byte(word))
	s.Hashes = append(s.Hashes, h.Sum64())
	s.Weights = append(s.Weights, weight)
}

// drawing shows a cover: x is covered, . is not.
func drawing(covered []bool) string {
	var b strings.Builder
	for _, is := range covered {
		if is {
			b.WriteByte('x')
		} else {
			b.WriteByte('.')
		}
	}
	return b.String()
}

func cover(a, b Sequence) []bool { return NewRuns(a).Cover(NewRuns(b)) }

func TestCoverAndFind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		a, b           string
		coverA, coverB string
		passages       []Passage
	}{
		{
			name: "equal texts",
			a:    "two ferries collided in fog", b: "two ferries collided in fog",
			coverA: "xxxxx", coverB: "xxxxx",
			passages: []Passage{{0, 0, 5}},
		},
		{
			name: "nothing shared",
			a:    "two ferries collided in fog", b: "the mill burned down at night",
			coverA: ".....", coverB: "......",
		},
		{
			name: "a run of exactly four words",
			a:    "today two ferries collided in fog", b: "yesterday two ferries collided in rain",
			coverA: ".xxxx.", coverB: ".xxxx.",
			passages: []Passage{{1, 1, 4}},
		},
		{
			name: "a run of three words",
			a:    "today two ferries collided in fog", b: "yesterday two ferries collided near land",
			coverA: "......", coverB: "......",
		},
		{
			name: "the same words in another order",
			a:    "two ferries collided in fog", b: "fog in collided ferries two",
			coverA: ".....", coverB: ".....",
		},
		{
			name: "moved paragraphs",
			a:    "a1 a2 a3 a4 a5 b1 b2 b3 b4 c1 c2 c3 c4 c5 c6", b: "c1 c2 c3 c4 c5 c6 new b1 b2 b3 b4 a1 a2 a3 a4 a5",
			coverA: "xxxxxxxxxxxxxxx", coverB: "xxxxxx.xxxxxxxxx",
			passages: []Passage{{0, 11, 5}, {5, 7, 4}, {9, 0, 6}},
		},
		{
			name: "text twice in the second",
			a:    "a b c d e", b: "a b c d e x a b c d e",
			coverA: "xxxxx", coverB: "xxxxx.xxxxx",
			passages: []Passage{{0, 0, 5}},
		},
		{
			name: "text twice in the first",
			a:    "a b c d e x a b c d e", b: "a b c d e",
			coverA: "xxxxx.xxxxx", coverB: "xxxxx",
			passages: []Passage{{0, 0, 5}, {6, 0, 5}},
		},
		{
			name: "the longer of two places",
			a:    "a b c d e f g", b: "a b c d e x a b c d e f g x a b c d",
			coverA: "xxxxxxx", coverB: "xxxxx.xxxxxxx.xxxx",
			passages: []Passage{{0, 6, 7}},
		},
		{
			name: "runs that overlap in the first: the end of the second is covered, but too short for a passage",
			a:    "a b c d e f g", b: "a b c d e x c d e f g",
			coverA: "xxxxxxx", coverB: "xxxxx.xxxxx",
			passages: []Passage{{0, 0, 5}},
		},
		{
			name: "runs that overlap in the first: the rest of the second is a passage",
			a:    "a b c d e f g h", b: "a b c d x c d e f g h",
			coverA: "xxxxxxxx", coverB: "xxxx.xxxxxx",
			passages: []Passage{{0, 0, 4}, {4, 7, 4}},
		},
		{
			name: "eight characters of a script without spaces",
			a:    "市议会通过旧港口", b: "昨天市议会通过旧港口计划",
			coverA: "xxxxxxxx", coverB: "..xxxxxxxx..",
			passages: []Passage{{0, 2, 8}},
		},
		{
			name: "seven characters of a script without spaces",
			a:    "市议会通过旧港", b: "昨天市议会通过旧港计划",
			coverA: ".......", coverB: "...........",
		},
		{
			name: "mixed: two words and four characters weigh 38",
			a:    "甲 Route 9 市议会通 乙", b: "丙 Route 9 市议会通 丁",
			coverA: ".xxxxxx.", coverB: ".xxxxxx.",
			passages: []Passage{{1, 1, 6}},
		},
		{
			name: "mixed: two words and three characters weigh 33",
			a:    "甲 Route 9 市议会 乙", b: "丙 Route 9 市议会 丁",
			coverA: ".......", coverB: ".......",
		},
		{
			name: "mixed: a light word at the end of a run that is heavy enough without it",
			a:    "a b c d 市 甲", b: "a b c d 市 乙",
			coverA: "xxxxx.", coverB: "xxxxx.",
			passages: []Passage{{0, 0, 5}},
		},
		{
			name: "mixed: a light word at the beginning of such a run",
			a:    "甲 市 a b c d", b: "乙 市 a b c d",
			coverA: ".xxxxx", coverB: ".xxxxx",
			passages: []Passage{{1, 1, 5}},
		},
		{name: "both empty"},
		{name: "one empty", a: "a b c d e", coverA: "....."},
		{name: "shorter than MinWeight and equal", a: "a b c", b: "a b c", coverA: "...", coverB: "..."},
		{name: "one shorter than MinWeight", a: "a b c", b: "a b c d e", coverA: "...", coverB: "....."},
		{
			name: "one word repeated",
			a:    "a a a a a a", b: "a a a a",
			coverA: "xxxxxx", coverB: "xxxx",
			passages: []Passage{{0, 0, 4}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, b := sequence(tt.a), sequence(tt.b)
			if got := drawing(cover(a, b)); got != tt.coverA {
				t.Errorf("Cover of %q by %q = %s, want %s", tt.a, tt.b, got, tt.coverA)
			}
			if got := drawing(cover(b, a)); got != tt.coverB {
				t.Errorf("Cover of %q by %q = %s, want %s", tt.b, tt.a, got, tt.coverB)
			}
			if diff := cmp.Diff(tt.passages, Find(a, b)); diff != "" {
				t.Errorf("Find(%q, %q) differs (-want +got):\n%s", tt.a, tt.b, diff)
			}
		})
	}
}

func TestArgumentsStay(t *testing.T) {
	t.Parallel()
	a, b := sequence("x a b c d e 市议会通过"), sequence("a b c d e y 市议会通过")
	a.Hashes, a.Weights = slices.Clip(a.Hashes), slices.Clip(a.Weights)
	before := []Sequence{cloneOf(a), cloneOf(b)}
	ra, rb := NewRuns(a), NewRuns(b)
	first := ra.Cover(rb)
	Find(a, b)
	if diff := cmp.Diff(before, []Sequence{a, b}); diff != "" {
		t.Errorf("NewRuns, Cover and Find changed their arguments (-before +after):\n%s", diff)
	}
	clear(first)
	if got, want := drawing(ra.Cover(rb)), ".xxxxx....."; got != want {
		t.Errorf("Cover after its first result was overwritten = %s, want %s: the slice must be new", got, want)
	}
}

func cloneOf(s Sequence) Sequence {
	return Sequence{Hashes: slices.Clone(s.Hashes), Weights: slices.Clone(s.Weights)}
}

// Texts for which the plain way would take the square of their length: 10⁸ steps and more.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	const words = 10_000
	repeated := sequence(strings.Repeat("a ", words))
	nearlyRepeated := sequence(strings.Repeat("a a a a a a a a a b ", words/10))
	tests := []struct {
		name     string
		a, b     Sequence
		passages int
	}{
		{"one word repeated, with itself", repeated, repeated, 1},
		{"one word repeated, with half of it", repeated, sequence(strings.Repeat("a ", words/2)), 2},
		{"one word repeated, with the same and another in between", repeated, nearlyRepeated, words / 9},
		{"the other way round", nearlyRepeated, repeated, words / 10},
		{"nine of one word, with ten of it", nearlyRepeated, sequence(strings.Repeat("a a a a a a a a a a c ", words/11)), words / 10},
	}
	for _, tt := range tests {
		start := time.Now()
		covered := cover(tt.a, tt.b)
		passages := Find(tt.a, tt.b)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: Cover and Find took %v, want a few milliseconds", tt.name, took)
		}
		inPassages := 0
		for _, p := range passages {
			inPassages += p.Words
		}
		if got := strings.Count(drawing(covered), "x"); got < inPassages || got == 0 {
			t.Errorf("%s: Cover marks %d words, want at least the %d of the passages", tt.name, got, inPassages)
		}
		if len(passages) != tt.passages {
			t.Errorf("%s: Find returns %d passages, want %d", tt.name, len(passages), tt.passages)
		}
	}
}

// slowCover is the definition: a word of a is covered if it stands in a run of weight MinWeight or more that stands in b
// too. It looks at every pair of places, O(n·m): length[i][j] is that of the longest run common to a[i:] and b[j:], and a
// word is in a common run if it is in a longest one.
func slowCover(a, b Sequence) []bool {
	covered := make([]bool, len(a.Hashes))
	below := make([]int, len(b.Hashes)+1)
	for i := len(a.Hashes) - 1; i >= 0; i-- {
		row := make([]int, len(b.Hashes)+1)
		for j := len(b.Hashes) - 1; j >= 0; j-- {
			if a.Hashes[i] != b.Hashes[j] {
				continue
			}
			row[j] = below[j+1] + 1
			if weightOf(a.Weights[i:i+row[j]]) >= MinWeight {
				for k := range row[j] {
					covered[i+k] = true
				}
			}
		}
		below = row
	}
	return covered
}

// alphabet is of few words, so that they often meet. Weights belong to words, as in real texts.
var alphabet = sequence("a b c d 市 议 会")

// texts draws two texts; the second is made of passages of the first and of other words.
func texts(t *rapid.T) (a, b Sequence) {
	letter := rapid.IntRange(0, len(alphabet.Hashes)-1)
	if rapid.Bool().Draw(t, "spaced") {
		letter = rapid.IntRange(0, 3)
	}
	add := func(s *Sequence, letters ...int) {
		for _, l := range letters {
			s.Hashes = append(s.Hashes, alphabet.Hashes[l])
			s.Weights = append(s.Weights, alphabet.Weights[l])
		}
	}
	add(&a, rapid.SliceOfN(letter, 0, 60).Draw(t, "a")...)
	for range rapid.IntRange(0, 6).Draw(t, "parts") {
		if rapid.Bool().Draw(t, "copied") && len(a.Hashes) > 0 {
			begin := rapid.IntRange(0, len(a.Hashes)-1).Draw(t, "begin")
			end := rapid.IntRange(begin, min(len(a.Hashes), begin+15)).Draw(t, "end")
			b.Hashes = append(b.Hashes, a.Hashes[begin:end]...)
			b.Weights = append(b.Weights, a.Weights[begin:end]...)
		} else {
			add(&b, rapid.SliceOfN(letter, 0, 12).Draw(t, "new")...)
		}
	}
	return a, b
}

func TestCoverEqualsSlowCover(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := texts(t)
		if got, want := drawing(cover(a, b)), drawing(slowCover(a, b)); got != want {
			t.Fatalf("Cover = %s, want %s as slowCover", got, want)
		}
		if got, want := drawing(cover(b, a)), drawing(slowCover(b, a)); got != want {
			t.Fatalf("Cover the other way = %s, want %s as slowCover", got, want)
		}
	})
}

// What holds of the passages p of Find(a, b), as long as no run has more than maxPlaces places (none does here):
//
//   - p is common: the words of a at p.A are those of b at p.B, and weigh MinWeight or more;
//   - p is maximal to the right: it ends with a text, or before a word that differs; and no other place of b has more of a;
//   - p is maximal to the left, unless another passage ends where it begins;
//   - passages rise and do not overlap in a (in b they may);
//   - each of their words is covered, on both sides;
//   - a covered word of a that is in no passage is covered only by runs that begin inside the passage before it, and what
//     lies behind that passage is too light.
func TestFind(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := texts(t)
		passages := Find(a, b)
		coverA, coverB := cover(a, b), cover(b, a)
		inPassage := make([]bool, len(a.Hashes))
		end := 0
		for _, p := range passages {
			if p.A < end {
				t.Fatalf("passage %v begins before %d, where the one before it ends", p, end)
			}
			run := a.Hashes[p.A : p.A+p.Words]
			if !slices.Equal(run, b.Hashes[p.B:p.B+p.Words]) {
				t.Fatalf("passage %v is not common", p)
			}
			if weight := weightOf(a.Weights[p.A : p.A+p.Words]); weight < MinWeight {
				t.Fatalf("passage %v weighs %d, want %d or more", p, weight, MinWeight)
			}
			for j := range b.Hashes {
				if n := commonLength(a.Hashes[p.A:], b.Hashes[j:]); n > p.Words {
					t.Fatalf("passage %v: at %d the second text has %d words of it", p, j, n)
				}
			}
			if p.A > end && p.B > 0 && a.Hashes[p.A-1] == b.Hashes[p.B-1] {
				t.Fatalf("passage %v could begin one word earlier", p)
			}
			for k := range p.Words {
				inPassage[p.A+k] = true
				if !coverA[p.A+k] || !coverB[p.B+k] {
					t.Fatalf("word %d of passage %v is covered in a: %t, in b: %t; want both", k, p, coverA[p.A+k], coverB[p.B+k])
				}
			}
			end = p.A + p.Words
		}
		behind := 0 // the end of the last passage so far
		for i, is := range coverA {
			if inPassage[i] {
				behind = i + 1
				continue
			}
			rest := Sequence{Hashes: a.Hashes[behind:], Weights: a.Weights[behind:]}
			if is && slowCover(rest, b)[i-behind] {
				t.Fatalf("word %d is in a common run behind %d, but in no passage", i, behind)
			}
		}
	})
}

func TestSymmetricFacts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := texts(t)
		coverA, coverB := drawing(cover(a, b)), drawing(cover(b, a))
		if (strings.Count(coverA, "x") > 0) != (strings.Count(coverB, "x") > 0) {
			t.Fatalf("covers %s and %s: a run that one text has in common the other has too", coverA, coverB)
		}
		if there, back := len(Find(a, b)), len(Find(b, a)); (there > 0) != (back > 0) || (there > 0) != strings.Contains(coverA, "x") {
			t.Fatalf("Find(a, b) has %d passages, Find(b, a) %d, the cover is %s", there, back, coverA)
		}
		whole := ""
		if weightOf(a.Weights) >= MinWeight {
			whole = strings.Repeat("x", len(a.Hashes))
		} else {
			whole = strings.Repeat(".", len(a.Hashes))
		}
		if got := drawing(cover(a, a)); got != whole {
			t.Fatalf("a text of weight %d is covered by itself %s, want %s", weightOf(a.Weights), got, whole)
		}
	})
}

func TestLongest(t *testing.T) {
	t.Parallel()
	passages := []Passage{{0, 9, 4}, {4, 0, 7}, {11, 20, 4}, {15, 0, 12}}
	Longest(passages)
	want := []Passage{{15, 0, 12}, {4, 0, 7}, {0, 9, 4}, {11, 20, 4}}
	if diff := cmp.Diff(want, passages); diff != "" {
		t.Errorf("Longest differs (-want +got):\n%s", diff)
	}
	Longest(nil)
}

func TestConcurrentCover(t *testing.T) {
	t.Parallel()
	a, b := NewRuns(sequence("a b c d e f")), NewRuns(sequence("x b c d e f"))
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if got, want := drawing(a.Cover(b)), ".xxxxx"; got != want {
				t.Errorf("Cover = %s, want %s", got, want)
			}
		})
	}
}
