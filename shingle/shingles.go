package shingle

import "slices"

// Shingles appends to dst the hash of each shingle of w, in the order of the text, and returns the extended slice.
// Entry i begins at word i and ends before word [Words.ShingleEnd](i): it covers the shortest run of words from i whose weights
// add up to at least [ShingleWeight]. So there are as many entries as places where a whole shingle fits. A text with words,
// but of less weight than that, is one shingle; a text without words has none.
//
// The hash of words with hashes h₁ … hₙ is
//
//	mix(h₁·Mⁿ⁻¹ + h₂·Mⁿ⁻² + … + hₙ mod 2⁶⁴),  M = 0x85EBCA77C2B2AE63,
//
// mix being the finaliser of MurmurHash3 (fmix64), a bijection. The weights do not enter. The word hashes are 64 random
// bits, so that the sum is, and two different runs of words agree with probability 2⁻⁶⁴, or a little more where M brings in
// a factor of two: exchanging the words i and j adds (hᵢ−hⱼ)·(Mʲ⁻ⁱ−1)·Mˣ, and Mʲ⁻ⁱ−1 is divisible by 2⁵ at most (j−i = 8), which makes 2⁻⁵⁹.
// The sum rolls: each shingle costs two multiplications however long it is, and mix two more.
func (w *Words) Shingles(dst []uint64) []uint64 {
	if len(w.Hashes) == 0 {
		return dst
	}
	hashes := w.Hashes
	weights := w.Weights[:len(hashes)]
	dst = slices.Grow(dst, len(hashes))
	shingles := dst[len(dst) : len(dst)+len(hashes)]
	var (
		sum    uint64 // of the words from begin on
		weight int    // likewise
		begin  int
	)
	for end, hash := range hashes {
		sum = sum*multiplier + hash
		weight += int(weights[end])
		for weight >= ShingleWeight {
			shingles[begin] = mix(sum)
			sum -= hashes[begin] * powers[(end-begin)&15]
			weight -= int(weights[begin])
			begin++
		}
	}
	if begin == 0 {
		shingles[0] = mix(sum)
		begin = 1
	}
	return dst[:len(dst)+begin]
}

// ShingleEnd is the index one past the last word of the shingle that begins at word i, 0 ≤ i < Len. It is Len where
// fewer words are left than make a shingle.
func (w *Words) ShingleEnd(i int) int {
	for weight := 0; weight < ShingleWeight && i < len(w.Weights); i++ {
		weight += int(w.Weights[i])
	}
	return i
}

const multiplier uint64 = 0x85EBCA77C2B2AE63 // the fourth prime of xxHash; M−1 and M+1 have few factors of two

// powers[i] is multiplier to the i. A shingle has fifteen words at the most, of the least weight; sixteen spare a bounds check.
var powers = func() (p [16]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * multiplier
	}
	return p
}()

// mix is fmix64 of MurmurHash3. The smallest shingle hashes become the sketch, so they must be uniform in all their bits.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xFF51AFD7ED558CCD
	x ^= x >> 33
	x *= 0xC4CEB9FE1A85EC53
	x ^= x >> 33
	return x
}
