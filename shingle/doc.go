// Package shingle turns a text into words, words into shingles, and compares sets of shingles exactly.
//
// A copy of a news story is rarely the same bytes: quotation marks, capitals, line breaks and invisible characters differ, a
// paragraph is cut, a sentence is added. So a text is taken as the sequence of its normalised words, and each run of five
// words, a shingle, is hashed to 64 bits. Two texts are alike as far as they have the same shingles; the order of the paragraphs does
// not matter, the order of the words inside a sentence does.
//
// # Words
//
// Words are those of Unicode Standard Annex #29 (word boundaries), if they contain a letter or a number: punctuation and
// emoji are no words. We differ from the annex in this:
//
//   - Chinese, Japanese kana, Thai, Lao, Khmer and Burmese are written without spaces. There each character, with the marks that
//     follow it, is an entry of its own, which weighs 5 where a word weighs 9, and 3 if it is a kana: nine characters make a shingle, or
//     fifteen kana, as five words do. It is decided character by character, so that Latin words and numbers in a Chinese text stay words.
//   - A zero-width space (U+200B) does not end a word, as no other zero-width character does. Web pages use it to allow a
//     line break: co·py is copy. A zero-width joiner does not tie an emoji to a word.
//   - A narrow no-break space (U+202F) is a space. French puts it before ; : ! ? and into numbers.
//   - Each byte of invalid UTF-8 separates words. No word contains one.
//
// A word is normalised to Unicode form NFKC, so that composed and decomposed, full-width and ligature spellings agree, and
// to lower case, rune by rune: ß and ẞ are ß, not ss; σ and ς are σ; dotted İ is i. The apostrophes ’ ‘ ʼ ʻ ＇ become ', and vanish at the ends
// of a word. Soft hyphens, zero-width characters, marks of writing direction (category Cf), variation selectors and the Arabic tatweel vanish.
//
// The hash of a word is the 64-bit xxh3 of its normalised UTF-8; the hash of a shingle is defined at [Words.Shingles].
// Both are part of every index and do not change. Characters that are younger than the Unicode tables of this version may.
//
// # Resemblance and containment
//
// With S(A) the shingle set of text A, Broder ("On the resemblance and containment of documents", 1997, section 2) defines
//
//	resemblance  r(A, B) = |S(A) ∩ S(B)| / |S(A) ∪ S(B)|   here Jaccard
//	containment  c(A, B) = |S(A) ∩ S(B)| / |S(A)|          here Containment: the part of A that is contained in B
//
// Broder leaves both undefined for empty sets; here they are 0, so that an empty text matches nothing.
//
// A text of n different words has n−4 shingles, and a changed word takes five of them away. Of 200 words with one changed inside,
// 191 of 196 shingles remain: resemblance 191/201 = 0.95. The first 50 of 200 words have 46 shingles, all contained in the
// whole: containment 1, resemblance 46/196 = 0.23. If each word is changed with probability p, a shingle survives with probability q = (1−p)⁵,
// and the resemblance is about q/(2−q): 0.42 at p = 0.1, 0.20 at p = 0.2.
//
// # Example
//
//	a := shingle.NewSet(shingle.Scan(first).Shingles(nil))
//	b := shingle.NewSet(shingle.Scan(second).Shingles(nil))
//	fmt.Println(shingle.Jaccard(a, b), shingle.Containment(a, b))
//
// For many texts keep one [Words] and one slice of shingles, and use them again: then nothing is allocated.
//
// # What it does not do
//
// It knows no language: no stemming, no stop words, no dictionary, no transliteration (Straße is not Strasse, 新闻 not 新聞).
// It does not tell a story from the furniture around it, and reads no HTML. Comparing is exact and takes time in the size of the
// sets; estimates from samples are the task of package minhash.
package shingle
