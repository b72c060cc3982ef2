package shingle

import "testing"

// TestAddComposed puts every character that addComposed knows behind every character of the scripts that have such, alone
// and with marks around it, and compares with the Unicode normalisation.
func TestAddComposed(t *testing.T) {
	t.Parallel()
	var known []rune
	for r := rune(0); r < 0x10000; r++ {
		if classOf(r).fold() == foldNorm {
			f := new(folding)
			f.addRune('क')
			if f.addComposed(r); !f.rare {
				known = append(known, r)
			}
		}
	}
	if len(known) < 90 {
		t.Fatalf("%d characters are known, want 62 full-width ones and some 40 Indic ones", len(known))
	}
	for _, r := range known {
		step := rune(1)
		if r >= 0xFF00 {
			step = 16 // nothing composes with these
		}
		for before := rune(0x900); before < 0xF00; before += step {
			for _, word := range []string{string(before) + string(r), string(before) + "\u094d" + string(r), string(before) + string(r) + "\u0bbe", string(before) + string(r) + "\u093c"} {
				f := new(folding)
				odd := false
				for _, c := range word {
					class := classOf(c)
					odd = odd || class.segment() == segmentOdd
					f.add(string(c), class)
				}
				if want := plainFold(word); !odd && !f.rare && string(f.bytes[:f.n]) != want {
					t.Fatalf("folding of %+q = %+q, want %+q", word, f.bytes[:f.n], want)
				}
			}
		}
	}
}

func classOf(r rune) class {
	c, _ := classAt(string(r), 0)
	return c
}
