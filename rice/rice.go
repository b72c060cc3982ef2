// Package rice writes small numbers in few bits.
//
// # The idea
//
// The gaps between n sorted random numbers below m are geometrically distributed, with mean m/n. The best code of whole bits for
// such gaps is Golomb's (1966, "Run-length encodings"), and Rice's (1979) is the same for powers of two: of a number its k lower bits as they
// are, and what is above them in unary.
//
// # The mathematics
//
// With 2ᵏ ≈ ln 2 · m/n a gap takes about 1.5 bits more than log₂ of the mean: 102 numbers below 2²⁹ take 23.9 bits each, where the
// entropy is 23.8, and a varint 32.
//
// # Example
//
//	var w rice.Writer
//	w.Put(gap, rice.Parameter(n, m))
//	b := w.Bytes()
//
// Bits fill bytes from the lowest bit on. A number of which more than 15 lies above its lower k bits is written as 16 zeros and
// 33 bits, so that no number takes more than 49 bits. The package does no I/O and keeps no state.
package rice

import (
	"encoding/binary"
	"math/bits"
)

const (
	// MaxParameter is the largest k.
	MaxParameter = 32
	// MaxNumber is the largest number.
	MaxNumber = 1<<rawBits - 1

	escape  = 16 // so many zeros, and the number as it is
	rawBits = 33
)

// Parameter is the k for the gaps between n sorted numbers that span m < 2⁶⁰: the least with 2ᵏ ≥ ln 2 · m/n. It is 0 for none.
func Parameter(n int, m uint64) uint {
	if n <= 0 {
		return 0
	}
	least := m / uint64(n) * 11 / 16 // ln 2 of the mean, about
	return uint(min(bits.Len64(max(least, 1)-1), MaxParameter))
}

// Writer appends numbers to bytes. The zero Writer is empty.
type Writer struct {
	bytes []byte
	last  uint64 // bits that are not in bytes
	n     uint   // … how many: fewer than 8
}

// NewWriter returns a writer that appends to dst.
func NewWriter(dst []byte) *Writer { return &Writer{bytes: dst} }

// Put appends v, 0 ≤ v ≤ MaxNumber, with parameter k.
func (w *Writer) Put(v uint64, k uint) {
	if q := v >> k; q < escape {
		w.Bits(1<<q, uint(q)+1)
		w.Bits(v&(1<<k-1), k)
		return
	}
	w.Bits(0, escape)
	w.Bits(v, rawBits)
}

// Bits appends the lowest n bits of v, n ≤ 56, of which no others are set.
func (w *Writer) Bits(v uint64, n uint) {
	w.last |= v << w.n
	if w.n += n; w.n < 8 {
		return
	}
	whole := w.n / 8
	w.bytes = binary.LittleEndian.AppendUint64(w.bytes, w.last)[:len(w.bytes)+int(whole)] // and what is too much is written over
	w.last >>= 8 * whole
	w.n %= 8
}

// Bytes returns what was written; the last byte is filled with zeros. Nothing can be put behind it.
func (w *Writer) Bytes() []byte {
	if w.n > 0 {
		return append(w.bytes, byte(w.last))
	}
	return w.bytes
}

// Reader reads what a Writer wrote. What is read behind the end is 0, and makes End false.
type Reader struct {
	bytes []byte
	at    uint // bit
	bad   bool
}

// NewReader returns a reader of b from a bit on.
func NewReader(b []byte, at uint) Reader { return Reader{bytes: b, at: at} }

// At is the bit where the next number begins.
func (r *Reader) At() uint { return r.at }

// window returns the next 57 bits at least; behind the end they are 0.
func (r *Reader) window() uint64 {
	i := r.at / 8
	if i+8 <= uint(len(r.bytes)) {
		return binary.LittleEndian.Uint64(r.bytes[i:]) >> (r.at % 8)
	}
	var b [8]byte
	if i < uint(len(r.bytes)) {
		copy(b[:], r.bytes[i:])
	}
	return binary.LittleEndian.Uint64(b[:]) >> (r.at % 8)
}

// Get reads a number with parameter k.
func (r *Reader) Get(k uint) uint64 {
	w := r.window()
	if q := uint(bits.TrailingZeros64(w)); q < escape {
		r.at += q + 1 + k
		return uint64(q)<<k | w>>(q+1)&(1<<k-1)
	}
	r.at += escape + rawBits
	v := w >> escape & (1<<rawBits - 1)
	r.bad = r.bad || v>>k < escape // Put writes it otherwise
	return v
}

// Fill reads as many numbers with parameter k as fit into numbers. It is Get for each, in half of the time.
func (r *Reader) Fill(numbers []uint64, k uint) {
	b, at, i := r.bytes, r.at, 0
	for mask := uint64(1)<<k - 1; i < len(numbers) && at/8+8 <= uint(len(b)); i++ {
		w := binary.LittleEndian.Uint64(b[at/8:]) >> (at % 8)
		q := uint(bits.TrailingZeros64(w))
		if q >= escape {
			break
		}
		numbers[i] = uint64(q)<<k | w>>(q+1)&mask
		at += q + 1 + k
	}
	for r.at = at; i < len(numbers); i++ {
		numbers[i] = r.Get(k)
	}
}

// Bits reads n bits, n ≤ 56.
func (r *Reader) Bits(n uint) uint64 {
	v := r.window() & (1<<n - 1)
	r.at += n
	return v
}

// Good says that all numbers so far were there, as a Writer writes them.
func (r *Reader) Good() bool { return !r.bad && r.at <= uint(len(r.bytes))*8 }

// Rest returns the bytes behind the last number; false if it was not there, or if the bits that fill its byte are not 0.
func (r *Reader) Rest() ([]byte, bool) {
	end := (r.at + 7) / 8
	if !r.Good() || r.at%8 != 0 && r.bytes[end-1]>>(r.at%8) != 0 {
		return nil, false
	}
	return r.bytes[end:], true
}
