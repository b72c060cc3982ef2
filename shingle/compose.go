package shingle

import "unicode/utf8"

// addComposed adds r, whose class is foldNorm. For the characters below, which make up every second word of their script,
// the normal form is known; for the others the word needs the Unicode normalisation.
//
//	vowel signs in two parts   ா compose with the sign before it, if that is one of few, and else stay
//	nuktas                     ़ compose with three letters, and are else a mark as any other
//	letters with a nukta       ড় are taken apart: normal forms have no character for them
//	sara am                    ำ is taken apart
//	full-width letters, digits Ａ１ become A1, and lower case
func (f *folding) addComposed(r rune) {
	switch {
	case isNukta(r):
		last, _ := utf8.DecodeLastRune(f.bytes[:f.n])
		if f.mark || composes(last, r) {
			f.rare = true
		}
		f.mark = true
		f.addRune(r)
	case isSecondPart(r):
		last, _ := utf8.DecodeLastRune(f.bytes[:f.n])
		if f.n == 0 || composes(last, r) {
			f.rare = true
		}
		f.mark = false
		f.addRune(r)
	case r == 'ำ' || r == 'ຳ':
		f.mark = false
		f.addRune(r + 0x1A) // nikhahit: ํ or ໍ
		f.addRune(r - 1)    // า or າ
	case '０' <= r && r <= '９', 'ａ' <= r && r <= 'ｚ':
		f.mark = false
		f.addRune(r - '０' + '0')
	case 'Ａ' <= r && r <= 'Ｚ':
		f.mark = false
		f.addRune(r - 'Ａ' + 'a')
	default:
		letter := withoutNukta(r)
		if letter == 0 {
			f.rare = true
			return
		}
		f.addRune(letter)
		f.addRune(nuktaOf(r))
		f.mark = true
	}
}

func isNukta(r rune) bool {
	return r == '\u093c' || r == '\u09bc' || r == '\u0a3c' || r == '\u0b3c'
}

// isSecondPart says whether r is a sign that composes with a sign before it, as in Bengali, Oriya, Tamil, Kannada, Malayalam.
func isSecondPart(r rune) bool {
	switch r {
	case '\u09be', '\u09d7', '\u0b3e', '\u0b56', '\u0b57', '\u0bbe', '\u0bd7', '\u0cc2', '\u0cd5', '\u0cd6', '\u0d3e', '\u0d57':
		return true
	}
	return false
}

// composes says whether the canonical composition makes one character of last and r, a nukta or a second part.
func composes(last, r rune) bool {
	switch last {
	case '\u0928', '\u0930', '\u0933':
		return r == '\u093c'
	case '\u09c7':
		return r == '\u09be' || r == '\u09d7'
	case '\u0b47':
		return r == '\u0b3e' || r == '\u0b56' || r == '\u0b57'
	case '\u0b92':
		return r == '\u0bd7'
	case '\u0bc6':
		return r == '\u0bbe' || r == '\u0bd7'
	case '\u0bc7':
		return r == '\u0bbe'
	case '\u0cbf':
		return r == '\u0cd5'
	case '\u0cc6':
		return r == '\u0cc2' || r == '\u0cd5' || r == '\u0cd6'
	case '\u0cca':
		return r == '\u0cd5'
	case '\u0d46':
		return r == '\u0d3e' || r == '\u0d57'
	case '\u0d47':
		return r == '\u0d3e'
	}
	return false
}

// nuktaOf is the nukta of the script that r is of: the blocks of these scripts have 128 characters, and it stands at one place of all.
func nuktaOf(r rune) rune { return r&^0x7f | 0x3c }

// withoutNukta is the letter of a letter with a nukta; 0 if r is none.
func withoutNukta(r rune) rune {
	switch r {
	case '\u0958', '\u0959', '\u095a':
		return r - 0x0958 + 0x0915
	case '\u095b':
		return '\u091c'
	case '\u095c', '\u095d':
		return r - 0x095c + 0x0921
	case '\u095e':
		return '\u092b'
	case '\u095f':
		return '\u092f'
	case '\u09dc', '\u09dd':
		return r - 0x09dc + 0x09a1
	case '\u09df':
		return '\u09af'
	case '\u0a33':
		return '\u0a32'
	case '\u0a36':
		return '\u0a38'
	case '\u0a59', '\u0a5a':
		return r - 0x0a59 + 0x0a16
	case '\u0a5b':
		return '\u0a1c'
	case '\u0a5e':
		return '\u0a2b'
	case '\u0b5c', '\u0b5d':
		return r - 0x0b5c + 0x0b21
	}
	return 0
}
