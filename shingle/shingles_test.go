package shingle

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestGolden holds the hashes that are in every index. If it fails, old indexes cannot be read: that is a new format version.
func TestGolden(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		words      []uint64
		shingles   []uint64
		digest     string
	}{
		{
			name: "no words", text: "…",
			words:    nil,
			shingles: nil,
			digest:   "99aa06d3014798d86001c324468d497f",
		},
		{
			name: "one word", text: "Copy",
			words:    []uint64{0x6768761f34e1f655},
			shingles: []uint64{0xd074622f51d77e62},
			digest:   "e0414606bda81db6f06ba14fdb63ea7d",
		},
		{
			name: "six words", text: "The quick brown fox’s JUMP over",
			words: []uint64{0xcb1283631cf33d7d, 0xa484d68ab370b322, 0x0e2bc6a228ded8eb, 0xee250f415effa992,
				0xea2e373a6ea1f063, 0x021987b1080c5631},
			shingles: []uint64{0x32e6cc1828d46d32, 0x559a55d9bc5a727b},
			digest:   "d0e47638236bb744fad9521a217479d0",
		},
		{
			name: "Russian", text: "Ещё раз",
			words:    []uint64{0xb5a60dc3555bddc5, 0x77f707250b98727e},
			shingles: []uint64{0xc40de22a4024c15d},
			digest:   "8dd7da8b3f3a6473406647586fa1eddf",
		},
		{
			name: "nine characters, a kana and a word", text: "中国新闻东京大阪年 カ Straße",
			words: []uint64{0x0524b6e05bc20c62, 0x32f354111d4cbd6c, 0x070d895ef52f8371, 0xd1bd2d8c71f64e1e,
				0xa86c714c5dc7bb1b, 0x69cd86f27bd7ca86, 0xe2e1d08d009f5c62, 0xe7e4206e63dfaf15,
				0x597c9d292e034c36, 0x81950b829cd68573, 0x862b1b43f40932bc},
			shingles: []uint64{0x7f1d734dd81a82ae, 0x9a88c1e9f2010da2, 0x964e431be1da2d14},
			digest:   "ff332fb965e4c16f282dbb0af81cc68c",
		},
		{
			name: "normalised", text: "ﬁnanz क़ e\u00ad\u0301té",
			words:    []uint64{0xeef4f7707e6cb82c, 0x5600514cd183a5d7, 0x4527085b35eb8255},
			shingles: []uint64{0xd14c76df49c91cb4},
			digest:   "8d29bcf2f4c61464b9181fcb3b94a336",
		},
	}
	for _, tt := range tests {
		w := Scan(tt.text)
		if !slices.Equal(w.Hashes, tt.words) {
			t.Errorf("%s: Scan(%q).Hashes = %#x, want %#x", tt.name, tt.text, w.Hashes, tt.words)
		}
		if got := w.Shingles(nil); !slices.Equal(got, tt.shingles) {
			t.Errorf("%s: Shingles of %q = %#x, want %#x", tt.name, tt.text, got, tt.shingles)
		}
		if got := fmt.Sprintf("%x", w.Digest()); got != tt.digest {
			t.Errorf("%s: Digest of %q = %s, want %s", tt.name, tt.text, got, tt.digest)
		}
	}
}

func TestShingleLengths(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		ends       []int // of the shingles
	}{
		{"empty", "", nil},
		{"only punctuation", "...", nil},
		{"one word", "a", []int{1}},
		{"four words", "a b c d", []int{4}},
		{"five words", "a b c d e", []int{5}},
		{"seven words", "a b c d e f g", []int{5, 6, 7}},
		{"eight characters", "一二三四五六七八", []int{8}},
		{"nine characters", "一二三四五六七八九", []int{9}},
		{"ten characters", "一二三四五六七八九十", []int{9, 10}},
		{"characters, then words", "一二三四 a b c d", []int{7, 8, 8}}, // 20+27 ≥ 45, 15+36 ≥ 45, 10+36 ≥ 45
		{"words, then characters", "a b c d 一二三四", []int{6, 8}},    // 36+10 ≥ 45, 27+20 ≥ 45
	}
	for _, tt := range tests {
		w := Scan(tt.text)
		var ends []int
		for i := range w.Shingles(nil) {
			ends = append(ends, w.ShingleEnd(i))
		}
		if !slices.Equal(ends, tt.ends) {
			t.Errorf("%s: the shingles of %q end at %v, want %v", tt.name, tt.text, ends, tt.ends)
		}
		for i := len(ends); i < w.Len(); i++ {
			if got := w.ShingleEnd(i); got != w.Len() {
				t.Errorf("%s: ShingleEnd(%d) = %d, want %d, for no whole shingle begins there", tt.name, i, got, w.Len())
			}
		}
	}
}

func TestShinglesAppends(t *testing.T) {
	t.Parallel()
	w := Scan("a b c d e f")
	got := w.Shingles([]uint64{7})
	if want := append([]uint64{7}, w.Shingles(nil)...); !slices.Equal(got, want) {
		t.Errorf("Shingles([7]) = %x, want %x", got, want)
	}
}

// TestShinglesRoll compares the rolling sum with the definition, and takes equal runs of words to equal hashes.
func TestShinglesRoll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "中", "文", "カ"}), 0, 60).Draw(t, "words")
		w := Scan(strings.Join(words, " "))
		shingles := w.Shingles(nil)
		if want := plainShingles(w); !slices.Equal(shingles, want) {
			t.Fatalf("Shingles(%q) = %x, want %x", words, shingles, want)
		}
		for i, x := range shingles {
			for j, y := range shingles[:i] {
				same := slices.Equal(words[i:w.ShingleEnd(i)], words[j:w.ShingleEnd(j)])
				if (x == y) != same {
					t.Errorf("shingles %q and %q: %x and %x", words[i:w.ShingleEnd(i)], words[j:w.ShingleEnd(j)], x, y)
				}
			}
		}
	})
}

// TestUniform checks the values of 2^16 shingles that differ little: each bit is set in half of them, each byte takes each value
// equally often (chi-square with 255 degrees of freedom, standard deviation √510 = 22.6), the least of 2^16 lies where the least of
// so many random numbers does, and a single changed word changes half of the bits.
func TestUniform(t *testing.T) {
	t.Parallel()
	const n = 1 << 16
	var text strings.Builder
	for i := range n + ShingleWords - 1 {
		fmt.Fprintf(&text, "%d ", i)
	}
	shingles := Scan(text.String()).Shingles(nil)
	if len(shingles) != n {
		t.Fatalf("%d shingles, want %d", len(shingles), n)
	}
	for bit := range 64 {
		ones := 0
		for _, s := range shingles {
			ones += int(s >> bit & 1)
		}
		if off := math.Abs(float64(ones) - n/2); off > 4.5*math.Sqrt(n)/2 {
			t.Errorf("bit %d is set in %d of %d shingles", bit, ones, n)
		}
	}
	for byteAt := range 8 {
		var counts [256]float64
		for _, s := range shingles {
			counts[byte(s>>(8*byteAt))]++
		}
		chi2 := 0.0
		for _, c := range counts {
			chi2 += (c - n/256) * (c - n/256) / (n / 256)
		}
		if math.Abs(chi2-255) > 5*22.6 {
			t.Errorf("byte %d: chi-square %.0f, want 255 ± 113", byteAt, chi2)
		}
	}
	if least := float64(slices.Min(shingles)) / math.Exp2(64) * n; least < 0.001 || least > 10 {
		t.Errorf("the least shingle is %g times what is expected", least)
	}
	changed := 0
	for i, s := range shingles[1:] {
		changed += bits.OnesCount64(s ^ shingles[i])
	}
	if mean := float64(changed) / (n - 1); math.Abs(mean-32) > 0.1 {
		t.Errorf("neighbouring shingles differ in %.2f bits, want 32", mean)
	}
}
