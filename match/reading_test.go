package match

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dedupe-news/dedupe/shingle"
)

// numbered is a text of n different words.
func numbered(prefix string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s%d ", prefix, i)
	}
	return b.String()
}

func read(text string) *Reading { return Read(text, "", time.Time{}) }

func TestCounted(t *testing.T) {
	t.Parallel()
	if !Counted(0) || !Counted(1<<62-1) || Counted(1<<62) || Counted(1<<63) {
		t.Error("Counted is not true of the hashes below 2⁶² only")
	}
	hashes := read(numbered("w", 4004)).Shingles
	n := 0
	for _, h := range hashes {
		if Counted(h) {
			n++
		}
	}
	if n < 890 || n > 1110 { // 4 standard deviations of a quarter of 4,000
		t.Errorf("%d of %d shingles are counted, want a quarter", n, len(hashes))
	}
}

// slowFurniture is Furniture as its comment says it.
func slowFurniture(r *Reading, isFurniture func(uint64) bool) []bool {
	marks := make([]bool, r.Words.Len())
	last := -1 // one past the last furniture shingle before, if any
	for i, hash := range r.Shingles {
		if !Counted(hash) || !isFurniture(hash) {
			continue
		}
		if last >= 0 && i-last <= furnitureGap {
			for j := last; j < i; j++ {
				marks[j] = true
			}
		}
		for j := i; j < r.Words.ShingleEnd(i); j++ {
			marks[j] = true
		}
		last = max(last, r.Words.ShingleEnd(i))
	}
	return marks
}

func TestFurniture(t *testing.T) {
	t.Parallel()
	texts := []string{"", "one", numbered("w", 300), "市议会星期二通过了旧港口改造计划，结束了近十年来居民之间的争论。 City council 2027", strings.Repeat("again ", 40)}
	for _, r := range wire().readings[:20] {
		texts = append(texts, r.Text)
	}
	var readings []*Reading
	for _, text := range texts {
		readings = append(readings, read(text))
	}
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom(readings).Draw(t, "text")
		share := rapid.Uint64Range(1, 40).Draw(t, "one in")
		isFurniture := func(hash uint64) bool { return hash%share == 0 }
		got := r.Furniture(func(hash uint64) bool {
			if !Counted(hash) {
				t.Fatalf("Furniture asks for %x, which is not counted", hash)
			}
			return isFurniture(hash)
		})
		if want := slowFurniture(r, isFurniture); !slices.Equal(got, want) {
			t.Fatalf("Furniture = %v, want %v", got, want)
		}
	})
	for _, r := range readings {
		got := r.Furniture(func(uint64) bool { return false })
		if len(got) != r.Words.Len() || slices.Contains(got, true) {
			t.Errorf("Furniture of %.40q without furniture = %v, want no word of %d", r.Text, got, r.Words.Len())
		}
	}
}

// Two furniture shingles of which the second begins up to furnitureGap words behind the first are one piece.
func TestFurnitureGap(t *testing.T) {
	t.Parallel()
	r := read(numbered("w", 2000))
	var counted []int
	for i, hash := range r.Shingles {
		if Counted(hash) {
			counted = append(counted, i)
		}
	}
	seen := make(map[int]bool)
	for k, i := range counted {
		for _, j := range counted[k+1:] {
			gap := j - (i + shingle.ShingleWords)
			if gap < 1 || gap > furnitureGap+3 || seen[gap] {
				continue
			}
			seen[gap] = true
			marks := r.Furniture(func(hash uint64) bool { return hash == r.Shingles[i] || hash == r.Shingles[j] })
			want := 2 * shingle.ShingleWords
			if gap <= furnitureGap {
				want += gap
			}
			got := 0
			for _, is := range marks {
				if is {
					got++
				}
			}
			if got != want || !marks[i] || marks[i+shingle.ShingleWords] != (gap <= furnitureGap) {
				t.Errorf("two shingles with %d words between: %d words are furniture, want %d", gap, got, want)
			}
		}
	}
	if len(seen) != furnitureGap+3 {
		t.Fatalf("the text has only the gaps %v", seen)
	}
}

func TestReadEmpty(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " \n", "…!?"} {
		r := read(text)
		if r.Words.Len() != 0 || len(r.Shingles) != 0 || len(r.Set()) != 0 || len(r.Sequence().Hashes) != 0 {
			t.Errorf("Read(%q) has %d words, %d shingles, want none", text, r.Words.Len(), len(r.Shingles))
		}
	}
}

func TestReadingConcurrently(t *testing.T) {
	t.Parallel()
	a, b := read(numbered("w", 200)), read(numbered("w", 150))
	want := Compare(read(a.Text), read(b.Text)).Judge(nil, nil)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if got := Compare(a, b).Judge(nil, nil); got != want {
				t.Errorf("Judge in one of eight goroutines = %+v, want %+v", got, want)
			}
		})
	}
	group.Wait()
}

// A reading that is used again is as a new one, whatever it was before.
func TestReadingUsedAgain(t *testing.T) {
	t.Parallel()
	c := wire()
	used := new(Reading)
	for i, fresh := range c.readings {
		used.Read(fresh.Text, fresh.Site, fresh.Published)
		if !slices.Equal(used.Words.Hashes, fresh.Words.Hashes) || !slices.Equal(used.Shingles, fresh.Shingles) || used.Title != "" {
			t.Fatalf("%s: Read() into a reading that was used differs from a new one", c.ids[i])
		}
		if i > 0 {
			used.Title = fresh.Title
			other := c.readings[i-1]
			got, want := Compare(used, other), Compare(fresh, other)
			if got.common != want.common || !slices.Equal(got.coverA, want.coverA) || got.SameStory() != want.SameStory() {
				t.Fatalf("%s: Compare() of a reading that was used differs from a new one", c.ids[i])
			}
		}
	}
}
