package index

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The table of recent postings is a map of lists, whatever is added and removed, also where several keys want one place.
func TestRecentPostingsEqualMap(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var table recentPostings
	for round := range 3 {
		want := make(map[uint64][]number)
		for step := range 20_000 {
			key, n := uint64(random.IntN(3000))<<(8*round), number(1+random.IntN(20))
			if has := slices.Contains(want[key], n); table.has(key, n) != has {
				t.Fatalf("round %d, step %d: has(%d, %d) = %v, want %v", round, step, key, n, !has, has)
			} else if random.IntN(3) == 0 {
				if removed := table.remove(key, n); removed != has {
					t.Fatalf("round %d, step %d: remove(%d, %d) = %v, want %v", round, step, key, n, removed, has)
				}
				want[key] = slices.DeleteFunc(want[key], func(m number) bool { return m == n })
			} else if !has {
				table.add(key, n)
				want[key] = append(want[key], n)
			}
		}
		var wanted []posting
		for key, list := range want {
			slices.Sort(list)
			if got := slices.Sorted(slices.Values(table.appendUnder(nil, key))); !slices.Equal(got, list) {
				t.Errorf("round %d: %v under %d, want %v", round, got, key, list)
			}
			for _, n := range list {
				wanted = append(wanted, posting{key, n})
			}
		}
		all := slices.Collect(table.all())
		sortPostings(all)
		sortPostings(wanted)
		if !slices.Equal(all, wanted) {
			t.Errorf("round %d: %d postings in all, want %d", round, len(all), len(wanted))
		}
		table.reset()
		if got := slices.Collect(table.all()); len(got) > 0 {
			t.Errorf("%d postings after reset", len(got))
		}
	}
}
