package shingle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zeebo/xxh3"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// show spells words as the table tests do: separated by spaces, characters of spaceless scripts marked by a dot before them.
func show(plain []plainWord) string {
	var parts []string
	for _, p := range plain {
		if p.weight != WordWeight {
			parts = append(parts, "·"+p.text)
		} else {
			parts = append(parts, p.text)
		}
	}
	return strings.Join(parts, " ")
}

type errorfer interface {
	Helper()
	Errorf(string, ...any)
}

// checkScan compares Scan, on a reused and on a fresh Words, with the slow twin.
func checkScan(t errorfer, reused *Words, text string) {
	t.Helper()
	reused.Scan(text)
	checkWords(t, "Scan on reused words", reused, text)
	checkWords(t, "Scan", Scan(text), text)
}

// checkWords reports the first word of got that is not that of the slow twin, or not where it may be.
func checkWords(t errorfer, name string, got *Words, text string) {
	t.Helper()
	plain := plainWords(text)
	if !(len(got.Hashes) == len(got.Starts) && len(got.Starts) == len(got.Ends) && len(got.Ends) == len(got.Weights)) {
		t.Errorf("%s(%+q) has %d hashes, %d starts, %d ends, %d weights, want equal numbers",
			name, shorten(text, 0), len(got.Hashes), len(got.Starts), len(got.Ends), len(got.Weights))
		return
	}
	last := uint32(0)
	for i, want := range plain {
		if i >= got.Len() {
			t.Errorf("%s(%+q) has %d words, want %d, the next being %+q", name, shorten(text, want.start), got.Len(), len(plain), want.text)
			return
		}
		start, end := got.Starts[i], got.Ends[i]
		if int(start) != want.start || int(end) != want.end || got.Weights[i] != want.weight || got.Hashes[i] != xxh3.HashString(want.text) {
			t.Errorf("%s(%+q) word %d = text[%d:%d], weight %d, hash %x, want text[%d:%d], weight %d, hash of %+q", name, shorten(text, want.start), i,
				start, end, got.Weights[i], got.Hashes[i], want.start, want.end, want.weight, want.text)
			return
		}
		if start < last || end <= start || int(end) > len(text) {
			t.Errorf("%s(%+q) word %d = text[%d:%d], after %d, in a text of %d bytes", name, shorten(text, want.start), i, start, end, last, len(text))
			return
		}
		last = end
	}
	if got.Len() > len(plain) {
		t.Errorf("%s(%+q) has %d words, want %d", name, shorten(text, int(last)), got.Len(), len(plain))
	}
}

// shorten is the part of text around pos.
func shorten(text string, pos int) string { return text[max(0, pos-40):min(len(text), pos+40)] }

// scanTests are the texts of the table test, and seeds of the fuzz test.
var scanTests = []struct {
	name, text, want string
}{
	{"empty", "", ""},
	{"only punctuation", "… -- !? «» 「」 ' ’ _ __", ""},
	{"only emoji", "🙂 👩‍👩‍👧 🇩🇪 ❤️", ""},
	{"one word repeated", "No no NO.", "no no no"},
	{"English", "The U.S. can't export 3.5% of $1,000,000 (e.g. O'Neill's).", "the u.s can't export 3.5 of 1,000,000 e.g o'neill's"},
	{"English with typographic apostrophes", "‘Don’t’, she said; it‘s Donʼt", "don't she said it's don't"},
	{"web", "See https://example.com/a_b?x=1 or @user_1 #tag", "see https example.com a_b x 1 or user_1 tag"},
	{"mid characters", "a:b 1:2 a.b 1.2 a.1 1.a a,b 1,2 a;b 1;2 a'b 1'2 a.b2,3 a. .b", "a:b 1 2 a.b 1.2 a 1 1 a a b 1,2 a b 1;2 a'b 1'2 a.b2,3 a b"},
	{"connectors", "_a_ __ a_1 1_a _1 a_.b a._b", "_a_ a_1 1_a _1 a_ b a _b"},
	{"German", "Die Straße in ÖSTERREICH, GROẞ; Müller-Lüdenscheidt", "die straße in österreich groß müller lüdenscheidt"},
	{"French", "L’été, aujourd’hui\u202f: «\u202f10\u202f000\u202f€\u202f» cœur", "l'été aujourd'hui 10 000 cœur"},
	{"Italian", "L'ITALIA dell’università", "l'italia dell'università"},
	{"Russian", "Россия и ЕЩЁ 2,5 млн. слов-то", "россия и ещё 2,5 млн слов то"},
	{"Ukrainian", "п'ять п’ять пʼять П＇ять", "п'ять п'ять п'ять п'ять"},
	{"Greek with final sigma", "Ο ΔΡΟΜΟΣ, ο δρόμος", "ο δρομοσ ο δρόμοσ"},
	{"Turkish", "İstanbul ISPARTA ılık", "istanbul isparta ılık"},
	{"Polish", "Zażółć GĘŚLĄ jaźń", "zażółć gęślą jaźń"},
	{"Arabic", "قال الرئيس، الـــعـربية ١٢٫٥ مُحَمَّد", "قال الرئيس العربية ١٢٫٥ مُحَمَّد"},
	{"Persian with ZWNJ", "می\u200cخواهم", "میخواهم"},
	{"Hebrew", `צה"ל אמר ש'שלום' ג'ורג'`, `צה"ל אמר ש'שלום ג'ורג`},
	{"Hindi", "हिन्दी में समाचार क़ानून", "हिन्दी में समाचार क़ानून"},
	{"Tamil", "தமிழ் செய்தி", "தமிழ் செய்தி"},
	{"Korean", "한국어 뉴스는 2024년에", "한국어 뉴스는 2024년에"},
	{"Vietnamese", "Việt Nam ĐẤT NƯỚC", "việt nam đất nước"},
	{"Vietnamese decomposed", norm.NFD.String("Việt Nam ĐẤT NƯỚC"), "việt nam đất nước"},
	{"Chinese", "中国新闻，2024年GDP增长5.2%。", "·中 ·国 ·新 ·闻 2024 ·年 gdp ·增 ·长 5.2"},
	{"Japanese", "東京のニュースは人々に。ｶﾞﾝﾀﾞﾑ Wi-Fi", "·東 ·京 ·の ·ニ ·ュ ·ー ·ス ·は ·人 ·々 ·に ·ガ ·ン ·ダ ·ム wi fi"},
	{"Japanese decomposed", "か\u3099カ\u3099", "·が ·ガ"},
	{"kana beside connectors and letters", "カ_a a_カ 々a a々b カa1ナ", "·カ _a a_ ·カ ·々 a a ·々 b ·カ a1 ·ナ"},
	{"Thai", "ข่าวไทย ๑๒๓ น้ำ", "·ข่ ·า ·ว ·ไ ·ท ·ย ๑๒๓ ·น้ ·\u0e4d\u0e32"},
	{"Lao", "ຂ່າວ", "·ຂ່ ·າ ·ວ"},
	{"Khmer", "ព័ត៌មាន", "·ព័ ·ត៌ ·មា ·ន"},
	{"Myanmar", "သတင်း", "·သ ·တ ·င်း"},
	{"full width", "ＣＯＰＹ１２　ｔｅｘｔ", "copy12 text"},
	{"long s and ligatures", "ﬁnanz Congreſs ĳ", "finanz congress ij"},
	{"Roman numeral, fraction, ordinal", "Ⅷ ½ 1º", "viii 1⁄2 1o"},
	{"soft hyphens", "co\u00adpy co\u00adpy\u00ad \u00adcopy", "copy copy copy"},
	{"zero-width characters", "co\u200bpy co\u200cpy co\u200dpy co\u2060py co\ufeffpy \ufeffcopy", "copy copy copy copy copy copy"},
	{"zero-width space beside an odd character", "א co\u200bpy a\u200b.b", "א copy a.b"},
	{"soft hyphen between base and mark", "e\u00ad\u0301te\u0301", "été"},
	{"marks in either order", "a\u0323\u0302 a\u0302\u0323 q\u0323\u0307 q\u0307\u0323", "ậ ậ q̣̇ q̣̇"},
	{"marks brought together", "q\u0307\u00ad\u0323 q\u0307\u0640\u0323", "q̣̇ q̣̇"},
	{"variation selectors", "葛\U000E0100飾 a\ufe0f", "·葛 ·飾 a"},
	{"invalid UTF-8", "ab\xffcd ef\xe2 g\xe2\x80h \xed\xa0\x80i \xc0\xafj k\xf0\x9f", "ab cd ef g h i j k"},
	{"only invalid UTF-8", "\xff\xfe\x80", ""},
	{"the replacement character", "ab\ufffdcd", "ab cd"},
	{"emoji that is a letter", " \u200dℹ x\u200dℹ", "i xi"},
	{"emoji inside words", "co🙂py 人🏻a 𠮷野", "co py ·人🏻 a ·𠮷 ·野"},
	{"letters that are symbols", "Ⓐ Ⓐbc ㌔ 10㌔ ㍍a", "abc 10 a"},
	{"apostrophes that are letters", "ʼ ʼtis dogsʼ ʻokina", "tis dogs okina"},
	{"only tatweel", "ـــ a", "a"},
	{"long word", strings.Repeat("Ab", 500) + " x", strings.Repeat("ab", 500) + " x"},
}

func TestScan(t *testing.T) {
	t.Parallel()
	for _, tt := range scanTests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			plain := plainWords(tt.text)
			if got := show(plain); got != tt.want {
				t.Errorf("plain words of %q:\n got %+q\nwant %+q", tt.text, got, tt.want)
			}
			checkScan(t, new(Words), tt.text)
		})
	}
}

// TestScanInContext puts each pair of test texts together, so that each fast path meets each slow one.
func TestScanInContext(t *testing.T) {
	t.Parallel()
	reused := new(Words)
	for _, a := range scanTests {
		for _, b := range scanTests {
			if len(a.text)+len(b.text) < 500 {
				checkScan(t, reused, a.text+b.text)
			}
		}
	}
}

// awkward are characters of each class, and those that the rules name.
var awkward = strings.Split("a|B|é|É|ß|ẞ|ſ|ﬁ|ς|Σ|İ|я|Я|ё|1|２|٣|๑|½|Ⅷ|_|‿|.|,|:|;|'|’|ʼ|ʻ|＇|\"|-| |\u00a0|\u202f|\u2003|\n|\r|"+
	"\u00ad|\u200b|\u200c|\u200d|\u2060|\ufeff|\u200e|\ufe0f|\U000E0100|ـ|\u0301|\u0323|\u0327|\u0345|\u3099|\u0e48|\u094d|\u093c|"+
	"א|ב|ا|ل|ﷺ|ﹱ|क|क़|ि|த|ข|า|ำ|ຂ|ក|្|က|中|々|〇|あ|が|カ|ガ|ー|ｶ|ﾞ|ｰ|・|㌔|한|ᄒ|ᅡ|ᆫ|ﾡ|ơ|ᾈ|Ⓐ|ℹ|™|🙂|🏻|🇩|𠮷|𝐀|ʼn|ŉ|"+
	"\u02c2|\u0600|\u066b|\u066c|\u180e|\ud7a3|\ufffd|\uffff|\U0010FFFF|\x00|\x80|\xc3|\xe2|\xe2\x80|\xed\xa0\x80|\xff", "|")

// TestScanOfTriples tries each three awkward characters in a row.
func TestScanOfTriples(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a million texts")
	}
	reused := new(Words)
	var text strings.Builder
	for _, a := range awkward {
		for _, b := range awkward {
			text.Reset()
			for _, c := range awkward {
				text.WriteString(a + b + c + "\n" + "a" + b + c + "1 ")
			}
			reused.Scan(text.String())
			checkWords(t, "Scan", reused, text.String())
		}
	}
}

// TestEachRune puts every rune alone, inside a word and beside a character.
func TestEachRune(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes seconds, and a minute with the race detector")
	}
	reused := new(Words)
	var text strings.Builder
	for page := rune(0); page < 0x110000; page += 256 {
		text.Reset()
		for r := page; r < page+256; r++ {
			fmt.Fprintf(&text, "%c a%ca 1%c1 %cカ%c\n", r, r, r, r, r)
		}
		reused.Scan(text.String())
		checkWords(t, "Scan", reused, text.String())
	}
}

// TestScanOfLongRuns repeats each pair of awkward characters: words of a hundred marks, and nothing that takes O(n²).
func TestScanOfLongRuns(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes seconds, and a minute with the race detector")
	}
	reused := new(Words)
	for _, a := range awkward {
		for _, b := range awkward {
			checkScan(t, reused, "a"+strings.Repeat(a+b, 50)+"z")
		}
		for _, text := range []string{
			strings.Repeat(a, 1<<18),
			strings.Repeat("a"+a, 1<<17),
			strings.Repeat("カ"+a, 1<<16),
			"a" + strings.Repeat(a, 1<<17) + "'" + strings.Repeat("\u0301", 1<<16) + "א",
		} {
			before := time.Now()
			if reused.Scan(text); time.Since(before) > 10*time.Second {
				t.Errorf("Scan of %+q many times took %v", a, time.Since(before))
			}
		}
	}
}

func TestScanProperties(t *testing.T) {
	t.Parallel()
	reused := new(Words)
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.OneOf(rapid.SampledFrom(awkward), rapid.SampledFrom(awkward), rapid.StringN(1, 3, -1))).Draw(t, "parts")
		text := strings.Join(parts, "")
		checkScan(t, reused, text)
	})
}

// TestCanonicalEquivalence says that composed and decomposed texts have the same words.
func TestCanonicalEquivalence(t *testing.T) {
	t.Parallel()
	for _, tt := range scanTests {
		composed, decomposed := Scan(norm.NFC.String(tt.text)), Scan(norm.NFD.String(tt.text))
		if !slices.Equal(composed.Hashes, decomposed.Hashes) || composed.Digest() != decomposed.Digest() {
			t.Errorf("%s: Scan(NFC) = %d words, Scan(NFD) = %d words, want the same words", tt.name, composed.Len(), decomposed.Len())
		}
	}
}

// TestFoldIsIdempotent: normalising a normalised character changes nothing.
func TestFoldIsIdempotent(t *testing.T) {
	t.Parallel()
	for r := rune(0); r < 0x110000; r++ {
		once := plainFold(string(r))
		if twice := plainFold(once); twice != once {
			t.Errorf("fold(%U) = %+q, fold of that = %+q, want the same", r, once, twice)
		}
	}
}

func TestScanDoesNotAllocate(t *testing.T) {
	for _, bt := range benchTexts {
		var w Words
		shingles := make([]uint64, 0, 1000)
		got := testing.AllocsPerRun(10, func() {
			w.Scan(bt.text)
			shingles = w.Shingles(shingles[:0])
			w.Digest()
		})
		if got != 0 {
			t.Errorf("Scan, Shingles and Digest of the %s text allocate %g times on reused words, want 0", bt.name, got)
		}
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"a", "b", "中"})
		a := rapid.SliceOfN(word, 0, 400).Draw(t, "a")
		b := a
		if rapid.Bool().Draw(t, "other") {
			b = rapid.SliceOfN(word, 0, 400).Draw(t, "b")
		}
		x, y := Scan(strings.Join(a, " ")), Scan(strings.ToUpper(strings.Join(b, "\n")))
		if got, want := x.Digest() == y.Digest(), slices.Equal(a, b); got != want {
			t.Errorf("digests of %q and %q equal: got %t, want %t", a, b, got, want)
		}
	})
}

func FuzzScan(f *testing.F) {
	for _, tt := range scanTests {
		f.Add(tt.text)
	}
	f.Add(strings.Join(awkward, ""))
	fuzzScan(f)
}

// fuzzScan compares with the slow twins.
func fuzzScan(f *testing.F) {
	reused := new(Words)
	f.Fuzz(func(t *testing.T, text string) {
		checkScan(t, reused, text)
		if got, want := reused.Shingles(nil), plainShingles(reused); !slices.Equal(got, want) {
			t.Errorf("Shingles(%q) = %x, want %x", text, got, want)
		}
	})
}

// fuzzLanguage is FuzzScan from the news of one language on: as it is, in capitals, decomposed, without spaces, and between awkward characters.
func fuzzLanguage(f *testing.F, language string) {
	for _, bt := range benchTexts {
		if bt.name != language {
			continue
		}
		f.Add(bt.text)
		f.Add(strings.ToUpper(bt.text))
		f.Add(norm.NFD.String(bt.text))
		f.Add(strings.ReplaceAll(bt.text, " ", ""))
		var mixed strings.Builder
		for i, word := range strings.SplitAfter(bt.text, " ") {
			mixed.WriteString(awkward[i%len(awkward)] + word)
		}
		f.Add(mixed.String())
	}
	fuzzScan(f)
}

func FuzzScanEnglish(f *testing.F)  { fuzzLanguage(f, "English") }
func FuzzScanGerman(f *testing.F)   { fuzzLanguage(f, "German") }
func FuzzScanFrench(f *testing.F)   { fuzzLanguage(f, "French") }
func FuzzScanRussian(f *testing.F)  { fuzzLanguage(f, "Russian") }
func FuzzScanChinese(f *testing.F)  { fuzzLanguage(f, "Chinese") }
func FuzzScanJapanese(f *testing.F) { fuzzLanguage(f, "Japanese") }
func FuzzScanKorean(f *testing.F)   { fuzzLanguage(f, "Korean") }
func FuzzScanArabic(f *testing.F)   { fuzzLanguage(f, "Arabic") }
func FuzzScanHindi(f *testing.F)    { fuzzLanguage(f, "Hindi") }
func FuzzScanThai(f *testing.F)     { fuzzLanguage(f, "Thai") }
func FuzzScanHebrew(f *testing.F)   { fuzzLanguage(f, "Hebrew") }
func FuzzScanBengali(f *testing.F)  { fuzzLanguage(f, "Bengali") }
func FuzzScanTamil(f *testing.F)    { fuzzLanguage(f, "Tamil") }
func FuzzScanGreek(f *testing.F)    { fuzzLanguage(f, "Greek") }
