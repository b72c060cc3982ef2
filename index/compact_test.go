package index

import (
	"context"
	"fmt"
	"testing"
)

// What was removed leaves the disk, and what was not is all there.
func TestRemovedTextsLeaveTheDisk(t *testing.T) {
	t.Parallel()
	const n, left = 300, 60
	articles := singles(n, 1500)
	x := filled(t, Options{}, articles)
	size := func() int64 {
		t.Helper()
		bytes, err := valueLogSize(x.dir)
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	x = reopened(t, x, Options{})
	before := size()
	for i := left; i < n; i++ {
		mustRemove(t, x, fmt.Sprint(i))
	}
	if x.state.Garbage < before/2 {
		t.Errorf("%d bytes of garbage after %d of %d texts in %d bytes were removed", x.state.Garbage, n-left, n, before)
	}
	x = reopened(t, x, Options{})
	if after := size(); after > before*left/n*3/2 {
		t.Errorf("the value log has %d bytes with %d texts, and %d with %d", before, n, after, left)
	}
	if x.state.Garbage != 0 {
		t.Errorf("%d bytes of garbage after they were collected", x.state.Garbage)
	}
	mustCheck(t, x, left)
	for _, a := range articles[:left] {
		if e, err := x.Get(context.Background(), a.ID); err != nil || e.Article.Text != a.Text {
			t.Errorf("Get(%q) has not its text: %v", a.ID, err)
		}
	}
}
