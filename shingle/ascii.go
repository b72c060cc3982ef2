package shingle

import (
	"math/bits"
	"slices"
)

// asciiSegments is the class of an ASCII character; other bytes are odd.
var asciiSegments = func() (s [256]segment) {
	for b := range s {
		s[b] = segmentOdd
		if b < 0x80 {
			s[b] = class(classTable[b]).segment()
		}
	}
	return s
}()

// asciiEnds says whether a word ends before the bytes first and second, whatever follows them: the first one is a break, or it
// is a mark like the full stop, and behind it is a break.
func asciiEnds(first, second byte) bool {
	s := asciiSegments[first]
	return s == segmentBreak || asciiSegments[second] == segmentBreak && s.isMid()
}

const (
	blockBytes = 64
	ones       = 0x0101_0101_0101_0101
	high       = 0x80 * ones
	lowerASCII = 0x20 * ones // makes eight letters small, and leaves digits as they are
)

// scanBlock adds the words that begin in the block of 64 bytes at text[block], and returns where the next block may begin.
//
// First the bytes are classified, all in the same way. Words of up to sixteen ASCII letters and digits that end as
// asciiEnds says are taken out of the bits, and hashed when several are known: so no word waits for the one before it, and
// there is nearly no branch that a processor could not foresee. What has another character in it is for scanOther.
func (w *Words) scanBlock(s *source, block int) int {
	var found asciiWords
	inWord, odd := asciiBits(s.text, block)
	for runs := inWord | odd; runs != 0; {
		// A one added to the lowest run of ones ripples through it, and stands behind it then.
		after := runs + runs&-runs
		start := block + bits.TrailingZeros64(runs)
		end := block + bits.TrailingZeros64(after&^runs)
		if runs&^after&odd == 0 {
			if end == block+blockBytes && start > block { // it may go on in the next block
				w.addASCII(s.text, &found)
				return start
			}
			if end-start <= 16 && start+8 <= len(s.text) && end+1 < len(s.text) && asciiEnds(s.text[end], s.text[end+1]) {
				found.add(start, end)
				runs &= after
				continue
			}
		}
		w.addASCII(s.text, &found)
		next := w.scanOther(s, start)
		if next >= block+blockBytes {
			return next
		}
		runs &= ^uint64(0) << (next - block)
	}
	w.addASCII(s.text, &found)
	return block + blockBytes
}

// asciiWords are words of a block that have at most sixteen ASCII letters and digits, and are not yet hashed.
type asciiWords struct {
	starts, ends [blockBytes / 2]uint32
	n            uint
}

func (p *asciiWords) add(start, end int) {
	p.starts[p.n%(blockBytes/2)], p.ends[p.n%(blockBytes/2)] = uint32(start), uint32(end)
	p.n++
}

// addASCII adds the words of p, and empties it.
func (w *Words) addASCII(text string, p *asciiWords) {
	if p.n == 0 {
		return
	}
	n, found := len(w.Hashes), int(p.n)
	w.Starts, w.Ends = append(w.Starts, p.starts[:found]...), append(w.Ends, p.ends[:found]...)
	w.Hashes, w.Weights = slices.Grow(w.Hashes, found)[:n+found], slices.Grow(w.Weights, found)[:n+found]
	hashes, weights := w.Hashes[n:], w.Weights[n:]
	for i := range hashes {
		start, end := int(p.starts[i%(blockBytes/2)]), int(p.ends[i%(blockBytes/2)])
		hashes[i] = hashASCII(text, start, end)
		weights[i] = WordWeight
	}
	p.n = 0
}

// hashASCII is the hash of the word text[start:end], at most sixteen ASCII letters and digits, behind the start of which text has
// eight bytes at least.
func hashASCII(text string, start, end int) uint64 {
	length := end - start
	first := load64(text, start) | lowerASCII
	if length > 8 {
		return hash16(first, load64(text, end-8)|lowerASCII, length)
	}
	last := first << (8 * uint(8-length) & 63)
	return hashUpTo8(first, last, length)
}

// asciiBits sets bit i of inWord if byte pos+i of text is an ASCII letter or digit, and that of odd if it is neither ASCII nor
// an underscore, for 64 bytes.
func asciiBits(text string, pos int) (inWord, odd uint64) {
	if pos+blockBytes > len(text) {
		return asciiTailBits(text[pos:])
	}
	anyOdd := uint64(0)
	for i := 0; i < blockBytes; i += 8 {
		x := load64(text, pos+i)
		inWord |= gather(asciiWordBytes(x)) << i
		anyOdd |= oddBytes(x)
	}
	if anyOdd == 0 {
		return inWord, 0
	}
	for i := 0; i < blockBytes; i += 8 {
		odd |= gather(oddBytes(load64(text, pos+i))) << i
	}
	return inWord, odd
}

// asciiTailBits is asciiBits of less than 64 bytes.
func asciiTailBits(tail string) (inWord, odd uint64) {
	for i := range len(tail) {
		switch asciiSegments[tail[i]] {
		case segmentLetter, segmentDigit:
			inWord |= 1 << i
		case segmentOdd, segmentConnector:
			odd |= 1 << i
		}
	}
	return inWord, odd
}

// oddBytes sets the high bit of each byte of x that is not ASCII, or an underscore.
func oddBytes(x uint64) uint64 { return (x | (high - (x&^high ^ '_'*ones))) & high }

// asciiWordBytes sets the high bit of each byte of x that is an ASCII letter or digit. No sum carries into the next
// byte, because its summands are below 0x80.
func asciiWordBytes(x uint64) uint64 {
	low := x &^ high
	lower := low | lowerASCII // which makes no letter of what is none
	letter := (lower + (0x80-'a')*ones) &^ (lower + (0x7F-'z')*ones)
	digit := (low + (0x80-'0')*ones) &^ (low + (0x7F-'9')*ones)
	return (letter | digit) & high &^ x
}

// gather brings the high bits of the bytes of x, all else being zero, into the low byte, the first lowest.
func gather(x uint64) uint64 { return x >> 7 * 0x0102_0408_1020_4080 >> 56 }

// load64 is the eight bytes of s from pos on, the first lowest.
func load64(s string, pos int) uint64 {
	s = s[pos : pos+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// loadUpTo64 is load64 where the string may end sooner, and then goes on in zeros.
func loadUpTo64(s string, pos int) uint64 {
	if pos+8 <= len(s) {
		return load64(s, pos)
	}
	var x uint64
	for i := range len(s) - pos {
		x |= uint64(s[pos+i]) << (8 * i)
	}
	return x
}
