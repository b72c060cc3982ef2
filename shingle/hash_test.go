package shingle

import (
	"encoding/binary"
	"testing"

	"github.com/zeebo/xxh3"
	"pgregory.net/rapid"
)

// TestHashEqualsLibrary compares the hashes of short words with those of the library.
func TestHashEqualsLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SliceOfN(rapid.Byte(), 1, 16).Draw(t, "word")
		behind := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "behind")
		n := len(word)
		first := binary.LittleEndian.Uint64(append(word[:n:n], behind...))
		var got uint64
		if n <= 8 {
			got = hashUpTo8(first, first<<(64-8*n), n)
		} else {
			got = hash16(first, binary.LittleEndian.Uint64(word[n-8:]), n)
		}
		if want := xxh3.Hash(word); got != want {
			t.Fatalf("hash of %x = %x, want %x", word, got, want)
		}
	})
}
