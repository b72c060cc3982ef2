package index

import (
	"slices"
	"testing"
)

func TestCandidates(t *testing.T) {
	t.Parallel()
	full, frozen := numbers(1, frozenPostings-1), numbers(1, frozenPostings)
	other := numbers(frozenPostings-1, 2*frozenPostings)
	var first []candidate // of those that share two keys, the first by number
	for n := number(1); n <= maxCandidates; n++ {
		first = append(first, candidate{n, 2})
	}
	tests := []struct {
		name      string
		lists     [][]number
		furniture int // so many of the first keys
		least     int
		want      []candidate
	}{
		{"no keys", nil, 0, 1, nil},
		{"no postings", [][]number{nil, nil}, 0, 1, nil},
		{"one key is too few", [][]number{{1, 2}, {3}}, 0, 2, nil},
		{"one key is enough", [][]number{{1}, {2}}, 0, 1, []candidate{{1, 1}, {2, 1}}},
		{"those that share most first, then by number", [][]number{{3, 4, 9}, {3, 9}, {4, 8, 9}}, 0, 2, []candidate{{9, 3}, {3, 2}, {4, 2}}},
		{"keys that are nearly frozen", [][]number{full, full}, 0, 2, first},
		{"a frozen key does not count", [][]number{frozen, {1, 2}, {2}}, 0, 2, []candidate{{2, 2}}},
		{"nor do two where others lead somewhere", [][]number{frozen, frozen, {100}, {100}}, 0, 2, []candidate{{100, 2}}},
		{"frozen keys where no other leads anywhere", [][]number{frozen, frozen, {100}, {200}}, 0, 2, first},
		{"nothing but frozen keys", [][]number{frozen, frozen}, 0, 2, first},
		{"a frozen key beside another one", [][]number{frozen, {7}}, 0, 2, []candidate{{7, 2}}},
		{"nothing but furniture", [][]number{{1}, {1}, {2}}, 2, 2, nil},
		{"furniture and a key of its own", [][]number{{1, 2}, {1, 3}, {2, 3, 4}}, 2, 2, []candidate{{2, 2}, {3, 2}}},
		{"furniture that is frozen, where others lead somewhere", [][]number{frozen, {1, 100}, {100}}, 1, 2, []candidate{{100, 2}}},
		{"furniture that is frozen, where they do not", [][]number{frozen, {1, 100}, {200}}, 1, 2, []candidate{{1, 2}}},
		{"two frozen keys that share little", [][]number{frozen, other}, 0, 2, []candidate{{frozenPostings - 1, 2}, {frozenPostings, 2}}},
	}
	for _, tt := range tests {
		furniture := make([]bool, len(tt.lists))
		for i := range tt.furniture {
			furniture[i] = true
		}
		if got := candidates(tt.lists, furniture, tt.least); !slices.Equal(got, tt.want) {
			t.Errorf("%s: candidates = %v, want %v", tt.name, got, tt.want)
		}
	}
}
