package minhash

import "slices"

// A Table is a sketch made ready to be compared with many others. Overlap goes through both sketches step by step, and each step waits for the
// one before; a table is asked for each hash of the other sketch, and no question waits for another (see BenchmarkTable).
// The zero Table is that of the empty sketch.
type Table struct {
	of      Sketch
	first   [1 << firstBits]uint64  // a hash in its first slot; 0: free
	second  [1 << secondBits]uint64 // a hash in its second slot, where the first was taken
	crowded []uint64                // hashes with neither, and the hash 0
}

const (
	firstBits  = 10 // of a hundred hashes five find their slot taken
	secondBits = 7
)

// slotsOf are the first and the second slot of a hash: multiplied (by 2⁶⁴ over the golden ratio), its upper bits are as good as random.
func slotsOf(hash uint64) (first, second uint64) {
	mixed := hash * 0x9e3779b97f4a7c15
	return mixed >> (64 - firstBits), mixed << firstBits >> (64 - secondBits)
}

// Fill makes t the table of s, which shares memory with t afterwards. Time O(n).
func (t *Table) Fill(s Sketch) {
	for _, h := range t.of.Hashes {
		first, second := slotsOf(h)
		t.first[first], t.second[second] = 0, 0
	}
	t.of, t.crowded = s, t.crowded[:0]
	for _, h := range s.Hashes {
		first, second := slotsOf(h)
		switch {
		case h != 0 && t.first[first] == 0:
			t.first[first] = h
		case h != 0 && t.second[second] == 0:
			t.second[second] = h
		default:
			t.crowded = append(t.crowded, h)
		}
	}
}

// Overlap is what the function Overlap counts for the sketch of t and another one, if it leaves out none.
func (t *Table) Overlap(with Sketch) (common, only, onlyWith int) {
	scale := max(t.of.Scale, with.Scale)
	mine, others := t.of.At(scale), with.At(scale)
	for _, h := range others {
		first, second := slotsOf(h)
		found := 0
		if t.first[first] == h {
			found = 1
		}
		if t.second[second] == h {
			found = 1
		}
		common += found
	}
	if len(others) > 0 && others[0] == 0 {
		if first, second := slotsOf(0); t.first[first] == 0 || t.second[second] == 0 {
			common-- // that was a free slot
		}
	}
	for _, h := range t.crowded {
		if _, is := slices.BinarySearch(others, h); is {
			common++
		}
	}
	return common, len(mine) - common, len(others) - common
}
