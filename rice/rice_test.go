package rice_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dedupe-news/dedupe/rice"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		n, k := random.IntN(50), random.UintN(rice.MaxParameter+1)
		numbers := make([]uint64, n)
		w := rice.NewWriter([]byte{9})
		for i := range numbers {
			numbers[i] = random.Uint64N(rice.MaxNumber+1) >> random.UintN(34)
			w.Put(numbers[i], k)
			w.Bits(numbers[i]&7, 3)
		}
		b := w.Bytes()
		r := rice.NewReader(b, 8)
		for i, want := range numbers {
			if got := r.Get(k); got != want {
				t.Fatalf("number %d of parameter %d: %d, want %d", i, k, got, want)
			}
			if got := r.Bits(3); got != want&7 {
				t.Fatalf("bits %d, want %d", got, want&7)
			}
		}
		if rest, ok := r.Rest(); !ok || len(rest) > 0 {
			t.Fatalf("Rest() = %v, %v behind the last number", rest, ok)
		}
	}
}

// Fill reads what Get does, also where the last numbers stand at the end of the bytes, or behind it.
func TestFillIsGet(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(2, 2))
	for range 2000 {
		k := random.UintN(rice.MaxParameter + 1)
		w := rice.NewWriter(nil)
		for range random.IntN(50) {
			w.Put(random.Uint64N(rice.MaxNumber+1)>>random.UintN(34), k)
		}
		b := w.Bytes()
		one, all := rice.NewReader(b, 0), rice.NewReader(b, 0)
		got := make([]uint64, random.IntN(60))
		all.Fill(got, k)
		for i, v := range got {
			if want := one.Get(k); v != want {
				t.Fatalf("number %d of parameter %d: %d, want %d", i, k, v, want)
			}
		}
		if all.At() != one.At() || all.Good() != one.Good() {
			t.Fatalf("Fill ends at bit %d (%t), Get at %d (%t)", all.At(), all.Good(), one.At(), one.Good())
		}
	}
}

func TestEnds(t *testing.T) {
	t.Parallel()
	if k := rice.Parameter(0, 1<<20); k != 0 {
		t.Errorf("Parameter(0, 1<<20) = %d, want 0", k)
	}
	for k := range uint(rice.MaxParameter + 1) {
		w := rice.NewWriter(nil)
		w.Put(rice.MaxNumber, k)
		w.Put(0, k)
		r := rice.NewReader(w.Bytes(), 0)
		if a, b := r.Get(k), r.Get(k); a != 1<<33-1 || b != 0 || !r.Good() {
			t.Errorf("with parameter %d the largest number and 0 are read as %d and %d", k, a, b)
		}
	}
}

// The bytes, in the binary of the numbers: 5 with k = 1 is two zeros, a one, and the bit 1.
func TestGolden(t *testing.T) {
	t.Parallel()
	w := rice.NewWriter(nil)
	w.Put(5, 1)
	w.Put(0, 0)
	w.Put(200, 2)
	// from the right: 001 1, 1, then 16 zeros, and 200 in 33 bits
	if got, want := w.Bytes(), []byte{0b000_1_1_100, 0, 0b000_00000, 0b00011001, 0, 0, 0}; !bytes.Equal(got, want) {
		t.Errorf("wrote %08b, want %08b", got, want)
	}
	r := rice.NewReader(w.Bytes(), 0)
	if a, b, c := r.Get(1), r.Get(0), r.Get(2); a != 5 || b != 0 || c != 200 {
		t.Errorf("read %d, %d, %d; want 5, 0, 200", a, b, c)
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	w := rice.NewWriter(nil)
	w.Put(300, 4)
	good := w.Bytes()
	short := rice.NewReader(good[:len(good)-1], 0)
	short.Get(4)
	if _, ok := short.Rest(); ok || short.Good() {
		t.Error("a number that ends early is good")
	}
	filled := rice.NewReader([]byte{0b10001}, 0)
	filled.Get(3)
	if _, ok := filled.Rest(); ok {
		t.Error("bits behind the last number are not 0, and it is good")
	}
	needless := rice.NewReader([]byte{0, 0, 1, 0, 0, 0, 0}, 0) // 1, as it is
	if needless.Get(0); needless.Good() {
		t.Error("a number that is written too long is good")
	}
}

// What the package comment says of 102 numbers below 2²⁹.
func TestSize(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(2, 2))
	const n, below, rounds = 102, 1 << 29, 200
	size := 0
	for range rounds {
		numbers := make([]uint64, n)
		for i := range numbers {
			numbers[i] = random.Uint64N(below)
		}
		slices.Sort(numbers)
		w, before := rice.NewWriter(nil), uint64(0)
		for _, v := range numbers {
			w.Put(v-before, rice.Parameter(n, below))
			before = v
		}
		size += 8 * len(w.Bytes())
	}
	if each := float64(size) / n / rounds; each > 23.95 {
		t.Errorf("a number takes %.2f bits", each)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, uint8(5))
	f.Fuzz(func(t *testing.T, b []byte, k uint8) {
		parameter := min(uint(k), rice.MaxParameter)
		r, w := rice.NewReader(b, 0), rice.NewWriter(nil)
		for r.Good() && r.At() < uint(8*len(b)) {
			at := r
			v := r.Get(parameter)
			if !r.Good() {
				r = at
				break
			}
			w.Put(v, parameter)
		}
		if rest, ok := r.Rest(); ok && !bytes.Equal(w.Bytes(), b[:len(b)-len(rest)]) {
			t.Errorf("%x is read, and written as %x", b, w.Bytes())
		}
	})
}
