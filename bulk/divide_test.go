package bulk

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

func onDay(d int) index.Member {
	if d == 0 {
		return index.Member{ID: "undated"}
	}
	return index.Member{ID: fmt.Sprintf("day %02d", d), Published: time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC)}
}

// kept is how many members a division keeps if isCopy says of each two whether they are copies; else they are rewrites.
func kept(t *testing.T, d Division, members []index.Member, isCopy func(a, b *index.Member) bool) int {
	t.Helper()
	byID := make(map[string]*index.Member)
	first := 0
	for i := range members {
		byID[members[i].ID] = &members[i]
		if compareAge(&members[i], &members[first]) < 0 {
			first = i
		}
	}
	kind := func(a, b *index.Member) match.Kind {
		if isCopy(a, b) {
			return match.Copy
		}
		return match.Rewrite
	}
	c := index.Cluster{ID: "c1", Representative: members[first].ID}
	for _, m := range members {
		m.Kind = kind(byID[c.Representative], &m)
		c.Members = append(c.Members, m)
	}
	d.Relate = func(_ context.Context, id, other string) (index.Match, error) {
		m := *byID[other]
		m.Kind = kind(byID[id], byID[other])
		return m, nil
	}
	n, err := d.Kept(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDivision(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	members := []index.Member{onDay(9), onDay(0), onDay(1), onDay(20), onDay(3), onDay(29)}
	within := func(days int) func(a, b *index.Member) bool {
		return func(a, b *index.Member) bool {
			return a.Published.IsZero() || b.Published.IsZero() || a.Published.Sub(b.Published).Abs() <= time.Duration(days)*day
		}
	}
	always := func(_, _ *index.Member) bool { return true }
	never := func(_, _ *index.Member) bool { return false }
	for _, test := range []struct{ days, want int }{{1, 5}, {7, 4}, {10, 2}, {30, 1}} {
		if got := kept(t, Division{MinKind: match.Excerpt, Window: time.Duration(test.days) * day}, members, always); got != test.want {
			t.Errorf("kept of copies within %d days = %d, want %d", test.days, got, test.want)
		}
		if got := kept(t, Division{MinKind: match.Copy}, members, within(test.days)); got != test.want {
			t.Errorf("kept, if what is within %d days is a copy = %d, want %d", test.days, got, test.want)
		}
	}
	if got := kept(t, Division{MinKind: match.Copy}, members, never); got != len(members) {
		t.Errorf("kept where nothing is a copy = %d, want %d", got, len(members))
	}
	// Without a window and with excerpts, a copy of a copy is one of what is kept.
	if got := kept(t, Division{MinKind: match.Excerpt}, members, within(7)); got != 1 {
		t.Errorf("kept where all hang together = %d, want 1", got)
	}
	// The tenth is a copy of the ninth alone, and is not compared with it unless others are too far away.
	many := make([]index.Member, 10)
	for i := range many {
		many[i] = onDay(10 + i)
	}
	ninth := func(a, b *index.Member) bool { return a.ID == "day 18" && b.ID == "day 19" }
	if got := kept(t, Division{MinKind: match.Copy}, many, ninth); got != 10 {
		t.Errorf("kept where the ninth would have to be compared = %d, want 10", got)
	}
	if got := kept(t, Division{MinKind: match.Copy, Window: 8 * day}, many, ninth); got != 9 {
		t.Errorf("kept where the first is far from the last = %d, want 9", got)
	}
}
