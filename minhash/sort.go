package minhash

import "slices"

// sortBelow writes the hashes that are kept at scale to the beginning of dst, sorted, and returns them. dst has the length of
// hashes, and its end is written to as well.
//
// Uniform hashes are nearly in order once they are in buckets by their upper bits. Comparisons, which no processor can
// foresee, are only needed inside a bucket: that takes a fifth of the time of slices.Sort for 34 of 70 hashes.
func sortBelow(dst, hashes []uint64, scale uint8) []uint64 {
	const (
		bucketBits = 6
		beyond     = 1 << bucketBits // the bucket of the hashes that are not kept
		full       = 8               // hashes that one bucket gets by chance
	)
	shift := 64 - bucketBits - scale
	var ends [beyond + 2]int
	for _, h := range hashes {
		ends[min(h>>shift, beyond)+1]++
	}
	most := 0
	for i := 1; i < len(ends); i++ {
		if i <= beyond {
			most = max(most, ends[i])
		}
		ends[i] += ends[i-1]
	}
	for _, h := range hashes {
		i := min(h>>shift, beyond)
		dst[ends[i]] = h
		ends[i]++
	}
	sorted := dst[:ends[beyond-1]]
	if most > full { // not uniform, or very many
		slices.Sort(sorted)
		return sorted
	}
	for i := 1; i < len(sorted); i++ {
		h, j := sorted[i], i
		for ; j > 0 && sorted[j-1] > h; j-- {
			sorted[j] = sorted[j-1]
		}
		sorted[j] = h
	}
	return sorted
}
