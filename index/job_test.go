package index

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

func TestJobCountsWhatAddTook(t *testing.T) {
	t.Parallel()
	articles := wire(t)
	bad := article.Article{ID: "no-words", Text: "…"}
	dir := t.TempDir()

	x := openIndex(t, dir, Options{Create: true, Job: "one"})
	mustAdd(t, x, articles[:10]...)
	if _, err := x.Add(context.Background(), []article.Article{bad, articles[3]}); err != nil { // refused, unchanged
		t.Fatal(err)
	}
	if got := x.Taken(); got != 12 {
		t.Errorf("Taken() = %d, want 12: refused and unchanged articles count too", got)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}

	x = openIndex(t, dir, Options{}) // somebody else adds meanwhile
	mustAdd(t, x, articles[10:20]...)
	if got := x.Taken(); got != 0 {
		t.Errorf("without a job Taken() = %d, want 0", got)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}

	x = openIndex(t, dir, Options{Job: "one"})
	if got := x.Taken(); got != 12 {
		t.Errorf("after reopening Taken() = %d, want 12", got)
	}
	mustAdd(t, x, articles[20:25]...)
	if got := x.Taken(); got != 17 {
		t.Errorf("after five more Taken() = %d, want 17", got)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = openIndex(t, dir, Options{Job: "two"})
	if got := x.Taken(); got != 0 {
		t.Errorf("another job: Taken() = %d, want 0", got)
	}
	if got, want := x.Unfinished(), (Job{"one", 1, 17}); got != want {
		t.Errorf("Unfinished() = %+v, want %+v", got, want)
	}
	if err := errors.Join(x.EndJob(), x.Close()); err != nil {
		t.Fatal(err)
	}
	if got := openIndex(t, dir, Options{Job: "three"}).Unfinished(); got != (Job{}) {
		t.Errorf("after EndJob Unfinished() = %+v, want none", got)
	}
}

func TestRefusalIsWhatAddSays(t *testing.T) {
	t.Parallel()
	x := newIndex(t, Options{})
	for _, a := range []article.Article{
		{ID: "good", Text: "a few words"},
		{ID: "empty", Text: " … "},
		{Text: "no id"},
		{ID: string(make([]byte, MaxIDBytes+1)), Text: "long id"},
		{ID: "long", Text: string(make([]byte, MaxTextBytes+1))},
	} {
		added, err := x.Add(context.Background(), []article.Article{a})
		if err != nil {
			t.Fatal(err)
		}
		got, want := Refusal(a), added[0].Err
		if (got == nil) != (want == nil) || got != nil && got.Error() != want.Error() {
			t.Errorf("Refusal(%.10q) = %v, Add says %v", a.ID, got, want)
		}
	}
}

// What is looked up in many parts is in the order in which it was asked for; an error in a later part is told.
func TestLookUpInManyParts(t *testing.T) {
	t.Parallel()
	const n = 30
	x := filled(t, Options{NoText: true, Workers: 4}, singles(n, 30))
	var ids []string
	var want []Ordinal
	for i := range n {
		ids, want = append(ids, fmt.Sprint(n-1-i), fmt.Sprint("nobody", i)), append(want, Ordinal(n-i), 0)
	}
	got, err := x.Ordinals(ids)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Ordinals = %v, %v, want %v", got, err, want)
	}
	var asked []Ordinal
	for o := range Ordinal(n) {
		asked = append(asked, n-o)
	}
	articles, err := x.Articles(asked)
	if err != nil || len(articles) != n {
		t.Fatalf("Articles = %d, %v, want %d", len(articles), err, n)
	}
	for i, a := range articles {
		if want := fmt.Sprint(n - 1 - i); a.ID != want {
			t.Errorf("article %d is %q, want %q", asked[i], a.ID, want)
		}
	}
	if _, err := x.Articles(append(asked, n+1)); !errors.Is(err, ErrNotFound) {
		t.Errorf("Articles of one that is not there, in the last part: %v, want ErrNotFound", err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	behindItsBack(t, x.dir, set(keyID(fmt.Sprint(n/2)), []byte{0xff}))
	x = openIndex(t, x.dir, Options{Workers: 4})
	if _, err := x.Ordinals(ids); !errors.Is(err, ErrCorrupt) {
		t.Errorf("Ordinals with a damaged record in a later part: %v, want ErrCorrupt", err)
	}
}

// A walk finds what looking up each id finds: in the order of adding, out of it, removed, unknown, and twice.
func TestWalkEqualsLookUp(t *testing.T) {
	t.Parallel()
	const n = 40
	x := filled(t, Options{NoText: true}, singles(n, 30))
	for _, gone := range []int{0, 7, 8, 20, n - 1} {
		mustRemove(t, x, fmt.Sprint(gone))
	}
	c := x.begin()
	defer c.discard()
	rapid.Check(t, func(t *rapid.T) {
		w := walk{c: c}
		defer w.close()
		for range rapid.IntRange(1, 5).Draw(t, "runs") {
			from := rapid.IntRange(-2, n+2).Draw(t, "from")
			for i := range rapid.IntRange(1, n).Draw(t, "ids") {
				id := fmt.Sprint(from + i)
				got, err := w.find(id)
				want, wantErr := c.numberAt(keyID(id))
				if got != want || err != nil || wantErr != nil {
					t.Fatalf("find(%s) = %d, %v, want %d, %v", id, got, err, want, wantErr)
				}
			}
		}
	})
}

func TestOrdinals(t *testing.T) {
	t.Parallel()
	articles := wire(t)
	x := filled(t, Options{}, articles[:20])
	got, err := x.Ordinals([]string{articles[4].ID, "nobody", articles[0].ID})
	if err != nil || !slices.Equal(got, []Ordinal{5, 0, 1}) {
		t.Fatalf("Ordinals = %v, %v; want [5 0 1]", got, err)
	}
	changed := articles[0]
	changed.Text = articles[0].Text + " A sentence more."
	mustAdd(t, x, changed)
	mustRemove(t, x, articles[4].ID)
	got, err = x.Ordinals([]string{articles[0].ID, articles[4].ID})
	if err != nil || !slices.Equal(got, []Ordinal{21, 0}) {
		t.Errorf("after an update and a removal Ordinals = %v, %v; want [21 0]", got, err)
	}
	if got := x.NextOrdinal(); got != 22 {
		t.Errorf("NextOrdinal() = %d, want 22", got)
	}
	a, err := x.Article(2)
	if err != nil || a.ID != articles[1].ID || a.Site != articles[1].Site || a.Title != articles[1].Title || a.Text != "" {
		t.Errorf("Article(2) = %+v, %v; want %q without its text", a, err, articles[1].ID)
	}
	if _, err := x.Article(5); !errors.Is(err, ErrNotFound) {
		t.Errorf("Article(5), which was removed: %v, want ErrNotFound", err)
	}
}

// Relate says of every pair in a story what Clusters says of its representative and a member.
func TestRelateIsWhatClustersSay(t *testing.T) {
	t.Parallel()
	for _, opts := range []Options{{}, {NoText: true}} {
		x := filled(t, opts, wire(t))
		compared := 0
		for _, c := range clusters(t, x, match.Rewrite) {
			for _, m := range c.Members[1:] {
				if m.Via != "" {
					continue
				}
				got, err := x.Relate(context.Background(), c.Representative, m.ID)
				if err != nil {
					t.Fatal(err)
				}
				got.Cluster = m.Cluster
				if got != m {
					t.Errorf("Relate(%s, %s) = %+v, Clusters has %+v", c.Representative, m.ID, got, m)
				}
				back, err := x.Relate(context.Background(), m.ID, c.Representative)
				if err != nil || back.Kind != m.Kind || back.Jaccard != m.Jaccard {
					t.Errorf("Relate(%s, %s) = %+v, %v; want the kind and similarity of %+v", m.ID, c.Representative, back, err, m)
				}
				compared++
			}
		}
		if compared < 20 {
			t.Errorf("only %d pairs were compared", compared)
		}
		if _, err := x.Relate(context.Background(), "nobody", wire(t)[0].ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("Relate(nobody, …): %v, want ErrNotFound", err)
		}
	}
}

func TestBefore(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	articles := singles(4, 50)
	articles[0].Published = when.AddDate(0, 0, -2)
	articles[1].Published = when
	articles[2].Published = when.Add(-time.Second)
	// articles[3] has no date: it counts from when it was added
	x := filled(t, Options{}, articles)
	for _, test := range []struct {
		before time.Time
		want   []string
	}{
		{when, []string{articles[0].ID, articles[2].ID}},
		{when.AddDate(0, 0, -10), nil},
		{time.Now().Add(time.Hour), []string{articles[0].ID, articles[1].ID, articles[2].ID, articles[3].ID}},
	} {
		var got []string
		for id, err := range x.Before(context.Background(), test.before) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, id)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("Before(%s) = %v, want %v", test.before, got, test.want)
		}
	}
}

func TestCommonestFurniture(t *testing.T) {
	t.Parallel()
	box := "Sign up for our morning letter and read what moves the valley before your first coffee is cold."
	articles := singles(40, 80)
	for i := range articles[:30] {
		articles[i].Text += "\n\n" + box
	}
	x := filled(t, Options{}, articles)
	got, err := x.Furniture(context.Background(), 3)
	if err != nil || len(got) != 1 {
		t.Fatalf("Furniture = %+v, %v; want the one box", got, err)
	}
	f := got[0]
	if f.Stories != 30 || len(f.Text) < len(box)/2 || len(f.Text) > len(box)+20 || f.Example == "" {
		t.Errorf("Furniture = %+v, want %q in 30 stories", f, box)
	}
	if got, err := filled(t, Options{NoText: true}, articles).Furniture(context.Background(), 3); len(got) != 0 || err != nil {
		t.Errorf("without texts Furniture = %v, %v; want none", got, err)
	}
}

func TestReserve(t *testing.T) {
	t.Parallel()
	x := newIndex(t, Options{ReserveBytes: math.MaxInt64})
	_, err := x.Add(context.Background(), wire(t)[:1])
	if !errors.Is(err, ErrDiskFull) {
		t.Errorf("Add with all of the disk in reserve: %v, want ErrDiskFull", err)
	}
	if got := mustStats(t, x).Articles; got != 0 {
		t.Errorf("%d articles are there, want none", got)
	}
}
