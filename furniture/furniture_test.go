package furniture

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/dedupe-news/dedupe/rice"
)

func TestPrintOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		hash uint64
		want Print
	}{
		{0, 0},
		{1<<30 - 1, 0}, // the lower 30 bits are dropped
		{1 << 30, 1},
		{1<<62 - 1, math.MaxUint32}, // the largest that is counted
		{0x3123_4567_89AB_CDEF, 0xC48D_159E},
	}
	for _, tt := range tests {
		if got := PrintOf(tt.hash); got != tt.want {
			t.Errorf("PrintOf(%#x) = %#x, want %#x", tt.hash, got, tt.want)
		}
	}
}

// Pages are found by the upper bits of a print: a print must not be smaller than that of a smaller hash.
func TestPrintOfKeepsOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Uint64Max(1<<62-1).Draw(t, "a"), rapid.Uint64Max(1<<62-1).Draw(t, "b")
		if PrintOf(min(a, b)) > PrintOf(max(a, b)) {
			t.Fatalf("PrintOf(%#x) = %#x is more than PrintOf(%#x) = %#x", min(a, b), PrintOf(min(a, b)), max(a, b), PrintOf(max(a, b)))
		}
	})
}

// The figures of the package comment.
func TestWorkedNumbers(t *testing.T) {
	t.Parallel()
	const articles, words, oneIn = 40_000, 1_000, 4
	prints := float64(articles * words / oneIn)
	if prints != 10e6 {
		t.Errorf("%d articles of %d words have %g counted shingles, the comment says ten million", articles, words, prints)
	}
	p := prints / (1 << 32)
	if math.Round(1000*p) != 2 {
		t.Errorf("a new print meets a foreign one with probability %.4f, the comment says 0.002", p)
	}
	// And it is so: a million prints, and as many new ones.
	random := rand.New(rand.NewPCG(1, 2))
	const n = 1 << 20
	var tally Tally
	for range n {
		tally.Add(PrintOf(random.Uint64()>>2), 1)
	}
	met := 0
	for range n {
		if tally.Get(PrintOf(random.Uint64()>>2)) > 0 {
			met++
		}
	}
	expected := float64(n) * float64(tally.Len()) / (1 << 32) // 256
	if deviation := 4 * math.Sqrt(expected); math.Abs(float64(met)-expected) > deviation {
		t.Errorf("%d of %d new prints meet one of %d counted ones, want %.0f ± %.0f", met, n, tally.Len(), expected, deviation)
	}
}

// The figure of the comment of AppendPage.
func TestPageSize(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	var counts []Count
	for range 4_000_000 {
		counts = append(counts, Count{Print(random.Uint32()), 1})
	}
	counts = Sum(counts)
	bytes, n := 0, 0
	for page := range slices.Chunk(counts, 512) {
		bytes += len(AppendPage(nil, page[0].Print, page))
		n += len(page)
	}
	if each := float64(bytes) / float64(n); each < 1.5 || each > 1.65 {
		t.Errorf("pages of 512 of %d counts take %.2f bytes a count, the comment says about 1.6", n, each)
	}
}

func TestTally(t *testing.T) {
	t.Parallel()
	type add struct {
		p Print
		n int
	}
	tests := []struct {
		name string
		adds []add
		len  int
		want []Count
	}{
		{"empty", nil, 0, nil},
		{"one", []add{{7, 1}}, 1, []Count{{7, 1}}},
		{"print zero and the largest", []add{{math.MaxUint32, 2}, {0, 1}}, 2, []Count{{0, 1}, {math.MaxUint32, 2}}},
		{"twice", []add{{7, 1}, {7, 1}}, 1, []Count{{7, 2}}},
		{"taken away again", []add{{7, 1}, {7, -1}}, 1, nil},
		{"below zero", []add{{7, -2}}, 1, []Count{{7, -2}}},
		{"zero", []add{{7, 0}}, 1, nil},
		{"saturates above", []add{{7, 100}, {7, 100}}, 1, []Count{{7, 127}}},
		{"saturates below", []add{{7, -100}, {7, -100}}, 1, []Count{{7, -127}}},
		{"saturates at once", []add{{7, 1 << 40}}, 1, []Count{{7, 127}}},
		{"what reached the end stays", []add{{7, 100}, {7, 100}, {7, -127}, {7, -1}}, 1, []Count{{7, 127}}},
		{"what nearly did does not", []add{{7, 100}, {7, 26}, {7, -100}}, 1, []Count{{7, 26}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var tally Tally
			for _, a := range tt.adds {
				tally.Add(a.p, a.n)
			}
			if diff := gocmp.Diff(tt.want, tally.Sorted(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Sorted() differs (-want +got):\n%s", diff)
			}
			if tally.Len() != tt.len {
				t.Errorf("Len() = %d, want %d", tally.Len(), tt.len)
			}
			for _, p := range []Print{1, 6, 8, 1 << 31} {
				if got := tally.Get(p); got != 0 {
					t.Errorf("Get(%d) = %d, want 0: it was never added", p, got)
				}
			}
		})
	}
}

// prints draws prints that meet each other often, and in the slots of a Tally.
var prints = rapid.OneOf(
	rapid.Map(rapid.Uint32Max(40), func(p uint32) Print { return Print(p) }),
	rapid.Map(rapid.Uint32Max(40), func(p uint32) Print { return math.MaxUint32 - Print(p) }),
	rapid.Map(rapid.Uint32Max(40), func(p uint32) Print { return Print(p << 17) }), // 1,024 slots: few of them
	rapid.Map(rapid.Uint32(), func(p uint32) Print { return Print(p) }),
)

var smallCounts = rapid.Map(rapid.IntRange(-127, 127), func(n int) int8 { return int8(n) })

// plainSorted is the content of a map as Sorted and Sum give it.
func plainSorted(counts map[Print]int) []Count {
	var sorted []Count
	for _, p := range slices.Sorted(maps.Keys(counts)) {
		if n := min(max(counts[p], -127), 127); n != 0 {
			sorted = append(sorted, Count{p, int8(n)})
		}
	}
	return sorted
}

func TestTallyEqualsMap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var tally Tally
		plain := make(map[Print]int)
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				p, n := prints.Draw(t, "print"), rapid.IntRange(-200, 200).Draw(t, "n")
				tally.Add(p, n)
				if plain[p] < MaxStories {
					plain[p] = min(max(plain[p]+n, -MaxStories), MaxStories)
				}
			},
			"grow": func(t *rapid.T) {
				for i := range rapid.SampledFrom([]int{10, 100, 1000}).Draw(t, "many") {
					p := Print(i * 0x01000193)
					tally.Add(p, 1)
					plain[p] = min(plain[p]+1, 127)
				}
			},
			"reset": func(t *rapid.T) {
				if rapid.IntRange(0, 5).Draw(t, "really") == 0 {
					tally.Reset()
					clear(plain)
				}
			},
			"": func(t *rapid.T) {
				if tally.Len() != len(plain) {
					t.Fatalf("Len() = %d, want %d", tally.Len(), len(plain))
				}
				for p, n := range plain {
					if got := tally.Get(p); got != n {
						t.Fatalf("Get(%#x) = %d, want %d", p, got, n)
					}
				}
				if p := prints.Draw(t, "asked"); tally.Get(p) != plain[p] {
					t.Fatalf("Get(%#x) = %d, want %d", p, tally.Get(p), plain[p])
				}
				if got, want := tally.Sorted(), plainSorted(plain); !slices.Equal(got, want) {
					t.Fatalf("Sorted() = %v, want %v", got, want)
				}
			},
		})
	})
}

// However many there are: no slot is lost when the table grows.
func TestTallyGrows(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	var tally Tally
	plain := make(map[Print]int)
	for range 200_000 {
		p := Print(random.Uint32N(100_000) << 9)
		tally.Add(p, 1)
		plain[p]++
	}
	if tally.Len() != len(plain) {
		t.Errorf("Len() = %d, want %d", tally.Len(), len(plain))
	}
	if got, want := tally.Sorted(), plainSorted(plain); !slices.Equal(got, want) {
		t.Errorf("Sorted() of %d random prints differs from a map's", len(want))
	}
}

var someCounts = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Count {
	return Count{prints.Draw(t, "print"), smallCounts.Draw(t, "n")}
}), 0, 60)

func TestSum(t *testing.T) {
	t.Parallel()
	if got := Sum(nil); len(got) != 0 {
		t.Errorf("Sum(nil) = %v, want nothing", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		counts := someCounts.Draw(t, "counts")
		plain := make(map[Print]int)
		for _, c := range counts {
			plain[c.Print] += int(c.N)
		}
		for _, c := range counts {
			if c.N == MaxStories { // or more
				plain[c.Print] = MaxStories
			}
		}
		if diff := gocmp.Diff(plainSorted(plain), Sum(slices.Clone(counts)), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("Sum(%v) differs (-want +got):\n%s", counts, diff)
		}
	})
}

// Counting sorted prints is counting them one by one.
func TestCountSorted(t *testing.T) {
	t.Parallel()
	if got := CountSorted(nil); len(got) != 0 {
		t.Errorf("CountSorted(nil) = %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.Uint32Range(0, 5)).Draw(t, "prints")
		list = append(list, slices.Repeat([]uint32{math.MaxUint32}, rapid.SampledFrom([]int{0, 1, MaxStories, MaxStories + 1}).Draw(t, "highest"))...)
		slices.Sort(list)
		var tally Tally
		for _, p := range list {
			tally.Add(Print(p), 1)
		}
		if got, want := CountSorted(list), tally.Sorted(); !slices.Equal(got, want) {
			t.Errorf("CountSorted(%v) = %v, want %v", list, got, want)
		}
	})
}

// runs draws sorted runs without zeros, whose sums do not saturate.
func runs(t *rapid.T) [][]Count {
	drawn := rapid.SliceOfN(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Count {
		return Count{prints.Draw(t, "print"), int8(rapid.IntRange(-2, 2).Draw(t, "n"))}
	}), 0, 20), 0, 6).Draw(t, "runs")
	for i := range drawn {
		drawn[i] = Sum(drawn[i])
	}
	return drawn
}

// each yields counts, and then an error, if there is one.
func each(counts []Count, last error) iter.Seq2[Count, error] {
	return func(yield func(Count, error) bool) {
		for _, c := range counts {
			if !yield(c, nil) {
				return
			}
		}
		if last != nil {
			yield(Count{}, last)
		}
	}
}

func collect(counts iter.Seq2[Count, error]) (list []Count, err error) {
	for c, err := range counts {
		if err != nil {
			return list, err
		}
		list = append(list, c)
	}
	return list, nil
}

func TestSumSorted(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	tests := []struct {
		name         string
		counts, want []Count
	}{
		{"nothing", nil, nil},
		{"the first and the last print", []Count{{0, 1}, {math.MaxUint32, 1}}, []Count{{0, 1}, {math.MaxUint32, 1}}},
		{"neighbours", []Count{{7, 1}, {7, 1}, {9, 2}}, []Count{{7, 2}, {9, 2}}},
		{"zero at the end", []Count{{0, 1}, {0, -1}, {9, 2}, {9, -2}}, nil},
		{"beyond the limits", []Count{{7, 100}, {7, 100}, {9, -100}, {9, -100}}, []Count{{7, 127}, {9, -127}}},
		{"beyond the limits and back", []Count{{7, 100}, {7, 100}, {7, -90}}, []Count{{7, 110}}},
	}
	for _, tt := range tests {
		if got, err := collect(SumSorted(each(tt.counts, nil))); !slices.Equal(got, tt.want) || err != nil {
			t.Errorf("%s: SumSorted(%v) = %v, %v, want %v", tt.name, tt.counts, got, err, tt.want)
		}
		if _, err := collect(SumSorted(each(tt.counts, broken))); err != broken {
			t.Errorf("%s: SumSorted(%v, broken) ends with %v, want the error", tt.name, tt.counts, err)
		}
		for range SumSorted(each(tt.counts, nil)) {
			break
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		runs := runs(t)
		plain := make(map[Print]int)
		for _, run := range runs {
			for _, c := range run {
				plain[c.Print] += int(c.N)
			}
		}
		all := sortCounts(slices.Concat(runs...))
		got, err := collect(SumSorted(each(all, nil)))
		if diff := gocmp.Diff(plainSorted(plain), got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Fatalf("SumSorted(%v) differs (-want +got), %v:\n%s", all, err, diff)
		}
		if sum := Sum(all); !slices.Equal(got, sum) {
			t.Fatalf("SumSorted = %v, Sum = %v", got, sum)
		}
	})
}

func TestPageCount(t *testing.T) {
	t.Parallel()
	const last = Print(math.MaxUint32)
	for _, n := range []int{0, 1, 7, 14, 15, 16, 30, 31, 300} {
		counts := []Count{{0, 1}}
		for i := range n {
			counts = append(counts, Count{Print(2*i + 1), -2})
		}
		counts = append(counts, Count{last, 3})
		page := mustPage(t, 0, AppendPage(nil, 0, counts))
		for _, c := range counts {
			if got := page.Count(c.Print); got != int(c.N) {
				t.Errorf("Count(%d) among %d = %d, want %d", c.Print, len(counts), got, c.N)
			}
		}
		for _, p := range []Print{2, 4, 6, 28, 30, 32, 34, 1000, 1 << 31, last - 1} {
			if got := page.Count(p); got != 0 {
				t.Errorf("Count(%d) among %d = %d, which is not there", p, len(counts), got)
			}
		}
	}
	if got := mustPage(t, 7, nil).Count(7); got != 0 {
		t.Errorf("Count(7) in an empty page = %d, want 0", got)
	}
	if _, err := NewPage(0, []byte{0x80}); !errors.Is(err, ErrPage) {
		t.Errorf("NewPage(damaged) = %v, want %v", err, ErrPage)
	}
}

func mustPage(t interface {
	Helper()
	Fatalf(string, ...any)
}, first Print, page []byte) *Page {
	t.Helper()
	p, err := NewPage(first, page)
	if err != nil {
		t.Fatalf("NewPage(%d, % x) = %v", first, page, err)
	}
	return p
}

// Three pages one can read.
func TestAppendPage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		first  Print
		counts []Count
		want   []byte
	}{
		{"empty", 100, nil, nil},
		{"one bit each for the difference 0 and the N 1", 100, []Count{{100, 1}}, []byte{1, 0, 0, 0b11}},
		{"with four lower bits", 100, []Count{{100, 1}, {101, 1}, {164, 1}}, []byte{3, 0, 4, 0b01_1_0000_1, 0b1_000_1_000, 0b1_111_0}},
		{"without the two bits that are 0", 100, []Count{{104, 1}, {112, 1}}, []byte{2, 2, 0, 0b1_10_1_10}},
		{"another N", 103, []Count{{103, 3}}, []byte{1, 0, 0, 0b100_1}},
		{"far apart", 0, []Count{{math.MaxUint32, 1}}, []byte{1, 0, 32, 0xFF, 0xFF, 0xFF, 0xFF, 0b11}},
		{"limits", 0, []Count{{1, 127}, {2, -127}}, []byte{2, 0, 0, 2, 0, 0xF8, 1, 0, 0, 8, 0, 0xD0, 0xF, 0, 0, 0}},
	}
	for _, tt := range tests {
		if got := AppendPage(nil, tt.first, tt.counts); !bytes.Equal(got, tt.want) {
			t.Errorf("%s: AppendPage(%d, %v) = % x, want % x", tt.name, tt.first, tt.counts, got, tt.want)
		}
		if got := AppendPage([]byte("before"), tt.first, tt.counts); string(got) != "before"+string(tt.want) {
			t.Errorf("%s: AppendPage does not append: % x", tt.name, got)
		}
		got, err := DecodePage(nil, tt.first, tt.want)
		if err != nil || !slices.Equal(got, tt.counts) {
			t.Errorf("%s: DecodePage(% x) = %v, %v, want %v", tt.name, tt.want, got, err, tt.counts)
		}
	}
}

func TestDecodePageRefuses(t *testing.T) {
	t.Parallel()
	w := rice.NewWriter([]byte{1, 0, 0})
	w.Put(0, 0)
	w.Put(254, 0)
	noCount := w.Bytes()
	tests := []struct {
		name  string
		first Print
		page  []byte
	}{
		{"a varint that does not end", 0, []byte{0x80}},
		{"a varint with a needless byte", 0, []byte{0x81, 0, 0, 0, 0b11}},
		{"no counts", 0, []byte{0, 0, 0}},
		{"more counts than there is room for", 0, []byte{0xFF, 0x7F, 0, 0, 0b11}},
		{"no head", 0, []byte{1, 0}},
		{"a shift of all bits", 0, []byte{1, 32, 0, 0b11}},
		{"a parameter above all", 0, []byte{1, 0, 33, 0b11}},
		{"another parameter than follows from the prints", 0, []byte{1, 0, 1, 0b1_0_1}},
		{"another shift than follows from the prints", 0, []byte{1, 0, 2, 0b1_00_10}},
		{"a print above 32 bits", math.MaxUint32, []byte{1, 0, 0, 0b1_10}},
		{"a difference above 32 bits once it is shifted", 0, []byte{1, 31, 0, 0b1_0100}},
		{"a count that is missing", 0, []byte{2, 0, 0, 0b11}},
		{"an N that is none", 0, noCount},
		{"bits behind the last count", 0, []byte{1, 0, 0, 0b111}},
		{"a byte behind the last count", 0, []byte{1, 0, 0, 0b11, 0}},
	}
	for _, tt := range tests {
		dst := []Count{{1, 2}, {3, 4}}
		got, err := DecodePage(dst, tt.first, tt.page)
		if !errors.Is(err, ErrPage) {
			t.Errorf("%s: DecodePage(% x) = %v, error %v, want %v", tt.name, tt.page, got, err, ErrPage)
		}
		if !slices.Equal(got, []Count{{1, 2}, {3, 4}}) {
			t.Errorf("%s: DecodePage(% x) returns %v, want dst as it was", tt.name, tt.page, got)
		}
	}
}

func TestPageRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		counts := Sum(someCounts.Draw(t, "counts"))
		first := Print(0)
		if len(counts) > 0 {
			first = Print(rapid.Uint32Max(uint32(counts[0].Print)).Draw(t, "first"))
		}
		page := AppendPage(nil, first, counts)
		dst := []Count{{9, 9}}
		got, err := DecodePage(dst, first, page)
		if err != nil || !slices.Equal(got, append(dst, counts...)) {
			t.Fatalf("DecodePage(AppendPage(%v)) = %v, %v", counts, got, err)
		}
		checkPage(t, first, page[:rapid.IntRange(0, len(page)).Draw(t, "cut")])
		if len(page) > 0 {
			page[rapid.IntRange(0, len(page)-1).Draw(t, "at")] ^= rapid.Byte().Draw(t, "flip")
			checkPage(t, first, page)
		}
	})
}

// checkPage checks what must hold for any bytes: no panic; refused, nothing is written; taken, the counts are such as
// AppendPage is given, and it makes the same bytes of them.
func checkPage(t interface {
	Helper()
	Fatalf(string, ...any)
}, first Print, page []byte) {
	t.Helper()
	dst := make([]Count, 1, 4)
	dst[0] = Count{9, 9}
	asItWas := bytes.Clone(page)
	got, err := DecodePage(dst, first, page)
	if !bytes.Equal(page, asItWas) {
		t.Fatalf("DecodePage(% x) changed the page", asItWas)
	}
	if len(got) == 0 || got[0] != (Count{9, 9}) || dst[0] != (Count{9, 9}) {
		t.Fatalf("DecodePage(% x) = %v, want dst as it was in front", page, got)
	}
	if err != nil {
		if !errors.Is(err, ErrPage) || len(got) != 1 {
			t.Fatalf("DecodePage(% x) = %v, %v, want dst as it was and %v", page, got, err, ErrPage)
		}
		return
	}
	got = got[1:]
	if !slices.IsSortedFunc(got, func(a, b Count) int { return cmp.Or(cmp.Compare(a.Print, b.Print), -1) }) {
		t.Fatalf("DecodePage(% x) = %v, want rising prints, each once", page, got)
	}
	for _, c := range got {
		if c.Print < first || c.N == 0 || c.N == -128 {
			t.Fatalf("DecodePage(% x) from %d = %v, with %v", page, first, got, c)
		}
	}
	for i, c := range got {
		ready := mustPage(t, first, page)
		if n := ready.Count(c.Print); n != int(c.N) {
			t.Fatalf("Count(%d) in % x = %d, want %d", c.Print, page, n, c.N)
		}
		if next := c.Print + 1; next > c.Print && (i+1 == len(got) || got[i+1].Print > next) && ready.Count(next) != 0 {
			t.Fatalf("Count(%d) in % x is not 0", next, page)
		}
	}
	if again := AppendPage(nil, first, got); !bytes.Equal(again, page) {
		t.Fatalf("DecodePage(% x) = %v, of which AppendPage makes % x", page, got, again)
	}
}

func FuzzDecodePage(f *testing.F) {
	f.Add(uint32(0), []byte{})
	f.Add(uint32(100), []byte{0x00, 0x02, 0x7E, 0x07, 0x03, 0x03, 0xFF})
	f.Add(uint32(0), []byte{0xFE, 0xFF, 0xFF, 0xFF, 0x1F})
	f.Add(uint32(math.MaxUint32), []byte{0x02})
	f.Add(uint32(5), []byte(strings.Repeat("\xFF", 10)+"\x01"))
	f.Fuzz(func(t *testing.T, first uint32, page []byte) {
		checkPage(t, Print(first), page)
	})
}

func BenchmarkTallyAdd(b *testing.B) {
	random := rand.New(rand.NewPCG(7, 8))
	added := make([]Print, 100_000)
	for i := range added {
		added[i] = Print(random.Uint32())
	}
	b.ReportAllocs()
	var tally Tally
	for b.Loop() {
		tally.Reset()
		for _, p := range added {
			tally.Add(p, 1)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(added)), "ns/print")
}

func BenchmarkPageCount(b *testing.B) {
	random := rand.New(rand.NewPCG(9, 10))
	pages := make([]*Page, 1000)
	for i := range pages {
		counts := make([]Count, 256)
		for i := range counts {
			counts[i] = Count{Print(random.Uint32N(1 << 14)), int8(1 + random.IntN(8)/7)}
		}
		pages[i] = mustPage(b, 0, AppendPage(nil, 0, Sum(counts)))
	}
	b.ReportAllocs()
	for b.Loop() {
		pages[random.IntN(len(pages))].Count(Print(random.Uint32N(1 << 14)))
	}
}

func BenchmarkDecodePage(b *testing.B) {
	random := rand.New(rand.NewPCG(9, 10))
	for _, n := range []int{64, 512, 4096} {
		counts := make([]Count, n)
		for i := range counts {
			counts[i] = Count{Print(random.Uint32N(uint32(n) << 10)), int8(1 + random.IntN(8)/7)}
		}
		counts = Sum(counts)
		page := AppendPage(nil, 0, counts)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(page)))
			dst := make([]Count, 0, n)
			for b.Loop() {
				var err error
				if dst, err = DecodePage(dst[:0], 0, page); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
