package shingle

import "math/bits"

// Most words are short, and words of up to eight bytes are hashed here by both of the formulas that xxh3 has for them, of which one is
// chosen without a branch: no processor foresees the length of the next word. The test compares with the library. Formulas: XXH3_len_1to3_64b, _4to8_64b and _9to16_64b of xxhash.h, without a seed; the
// constants beside the primes are what their secret comes to.

// hashUpTo8 is the xxh3 of n bytes, 1 ≤ n ≤ 8: the low ones of first, and also the high ones of last.
func hashUpTo8(first, last uint64, n int) uint64 {
	short, h := hash3(first, last, n), hash8(first, last, n)
	if n <= 3 {
		h = short
	}
	return h
}

// hash3 is the xxh3 of n bytes, 1 ≤ n ≤ 3: the low ones of first, and also the high ones of last.
func hash3(first, last uint64, n int) uint64 {
	middle := first >> (8 * uint(n>>1) & 63) & 0xFF
	h := (first&0xFF<<16 | middle<<24 | last>>56 | uint64(n)<<8) ^ 0x87275A9B
	h ^= h >> 33
	h *= 0xC2B2AE3D27D4EB4F
	h ^= h >> 29
	h *= 0x165667B19E3779F9
	return h ^ h>>32
}

// hash8 is the xxh3 of n bytes, 4 ≤ n ≤ 8: the low ones of first, and also the high ones of last.
func hash8(first, last uint64, n int) uint64 {
	h := (first<<32 | last>>32) ^ 0xC73AB174C5ECD5A2
	h ^= bits.RotateLeft64(h, 49) ^ bits.RotateLeft64(h, 24)
	h *= 0x9FB21C651E98DF25
	h ^= h>>35 + uint64(n)
	h *= 0x9FB21C651E98DF25
	return h ^ h>>28
}

// hash16 is the xxh3 of n bytes, 8 < n ≤ 16, the first and the last eight of which are first and last.
func hash16(first, last uint64, n int) uint64 {
	first ^= 0x6782737BEA4239B9
	last ^= 0xAF56BC3B0996523A
	high, low := bits.Mul64(first, last)
	h := uint64(n) + bits.ReverseBytes64(first) + last + (high ^ low)
	h ^= h >> 37
	h *= 0x165667919E3779F9
	return h ^ h>>32
}
