package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

func TestAbsurdStateIsCorrupt(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`,
		`{"next":2,"sealed":3,"next_file":2}`,
		`{"next":2,"sealed":1,"next_file":2,"next_log":1,"first_log":2}`,
		`{"next":2,"sealed":1,"next_file":2,"articles":-1}`,
		`{"next":2,"sealed":1,"next_file":2,"exact":-1}`,
		`{"next":2,"sealed":1,"next_file":2,"exact":1}`,
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":1,"bits":200}]}`,
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":1,"bits":33}]}`,
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":1,"bits":1,"counts":-5}]}`,
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":1,"bits":1,"counts":1152921504606846976}]}`,
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":1,"bits":1,"level":-1}]}`,
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":1,"level":1152921504606846976}]}`, // sealing would count up to it
		`{"next":2,"sealed":1,"next_file":2,"next_log":4294967295}`,                         // 300 GB
		`{"next":2,"sealed":1,"next_file":2,"runs":[{"id":2}]}`,
		`{"next":2,"sealed":1,"next_file":2,"segments":[{"id":1}]}`, // it has no fences
		`{"next":2,"sealed":1,"next_file":2,"segments":[{"id":2}]}`,
		`{"next":2,"sealed":1,"next_file":2,"segments":[{"id":1,"postings":-1}]}`,
		`{"next":2,"sealed":1,"next_file":2,"segments":[{"id":1,"level":-1}]}`,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if s, err := decodeJSON[state]([]byte(text)); err != nil || s.NextLog > 1<<30 && !errors.Is(s.validate(), ErrCorrupt) {
				t.Fatalf("four billion logs are valid (%v): Open would run out of memory, which kills the process", err)
			}
			dir := closedIndex(t, Options{}, 1)
			behindItsBack(t, dir, set(keyState, []byte(text)))
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("panic: %v", p)
				}
			}()
			x, err := Open(dir, Options{})
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("Open = %v, want ErrCorrupt", err)
			}
			if err != nil {
				return
			}
			defer x.Close()
			if _, err := x.Stats(context.Background()); !errors.Is(err, ErrCorrupt) {
				t.Errorf("Stats = %v, want ErrCorrupt", err)
			}
		})
	}
}

// What a damaged state says of the number of articles is not what memory is taken for.
func TestReclusterTakesMemoryForWhatIsThere(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, n := range []int{0, 1, 40} {
		want := filled(t, Options{}, wire(t)[:n])
		mustRecluster(t, want)
		dir := closedIndex(t, Options{}, n)
		behindItsBack(t, dir, func(txn *badger.Txn) error {
			item, err := txn.Get(keyState)
			if err != nil {
				return err
			}
			return item.Value(func(value []byte) error {
				var s map[string]any
				if err := json.Unmarshal(value, &s); err != nil {
					return err
				}
				s["next"], s["articles"] = uint32(math.MaxUint32), uint32(math.MaxUint32-1)
				damaged, err := json.Marshal(s)
				return errors.Join(err, txn.Set(keyState, damaged))
			})
		})
		x := openIndex(t, dir, Options{})
		stopped := errors.New("stopped")
		_, err := x.withTemporary(ctx, func(r *reclustering) (Reclustered, error) {
			return r.rewrite(func(*badger.Txn) error {
				if r.next != number(n)+1 {
					t.Errorf("with %d articles, and four billion in the state, Recluster makes room for %d", n, r.next)
				}
				return stopped
			})
		})
		if !errors.Is(err, stopped) || t.Failed() {
			t.Fatalf("rewrite = %v, want it stopped", err)
		}
		mustRecluster(t, x)
		if got, want := members(t, x), members(t, want); !reflect.DeepEqual(got, want) {
			t.Errorf("with a damaged state Recluster makes the clusters %v, want %v", got, want)
		}
		if _, err := x.Recut(ctx, Thresholds{}); err != nil {
			t.Errorf("Recut with a damaged state: %v", err)
		}
	}
}

func TestMissingFencesAreCorrupt(t *testing.T) {
	t.Parallel()
	dir := closedIndex(t, Options{}, 40)
	behindItsBack(t, dir, func(txn *badger.Txn) error {
		if _, err := txn.Get(keyFences(1)); err != nil {
			return err
		}
		return txn.Delete(keyFences(1))
	})
	x, err := Open(dir, Options{})
	if !errors.Is(err, ErrCorrupt) || !strings.Contains(fmt.Sprint(err), "fences of posting segment 1") {
		t.Errorf("Open = %v, want ErrCorrupt of the fences of segment 1", err)
	}
	if err == nil {
		x.Close()
	}
}

// An article whose text is damaged stops nothing: others come and go, and so does it.
func TestDamagedTextStopsNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	text := story(1, 200)
	edited := func(id string, place int) article.Article {
		w := strings.Fields(text)
		w[place] = "another"
		return article.Article{ID: id, Text: strings.Join(w, " ")}
	}
	articles := []article.Article{{ID: "damaged", Text: text}, edited("near", 20), edited("nearer", 40), {ID: "far", Text: story(2, 200)}}
	for _, damage := range []func(txn *badger.Txn) error{
		set(keyText(1), []byte{0xff, 0xff}),
		set(keyText(1), []byte{}),
		func(txn *badger.Txn) error { return txn.Delete(keyText(1)) },
	} {
		for _, goes := range []string{"removed", "updated", "handed over"} {
			x := filled(t, Options{}, articles)
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			behindItsBack(t, x.dir, damage)
			x = openIndex(t, x.dir, Options{})
			if _, err := x.Get(ctx, "damaged"); !errors.Is(err, ErrCorrupt) {
				t.Errorf("Get(damaged) = %v, want ErrCorrupt", err)
			}
			found := idsOf(mustQuery(t, x, edited("asking", 60), QueryOptions{}))
			if !found["near"] || !found["nearer"] || found["far"] {
				t.Errorf("%s: Query beside a damaged text = %v, want near and nearer", goes, found)
			}
			if a := mustAdd(t, x, edited("late", 80))[0]; a.Status != Status(match.Copy.String()) {
				t.Errorf("%s: Add beside a damaged text = %+v, want a copy", goes, a)
			}
			mustRemove(t, x, "near")
			switch want := 4; goes {
			case "removed":
				mustRemove(t, x, "damaged")
				mustCheck(t, x, want-1)
			case "updated":
				if a := mustAdd(t, x, article.Article{ID: "damaged", Text: story(3, 200)})[0]; a.Status != Updated || a.Match != nil {
					t.Errorf("Add(damaged with another text) = %+v, want it updated and alone", a)
				}
				mustCheck(t, x, want)
				wantCluster(t, x, "damaged", "damaged", 1)
			case "handed over":
				if a := mustAdd(t, x, article.Article{ID: "exact", Text: text})[0]; a.Status != Status(match.Exact.String()) {
					t.Errorf("Add(the text of the damaged) = %+v, want an exact copy", a)
				}
				mustRemove(t, x, "damaged")
				mustCheck(t, x, want)
				wantCluster(t, x, "exact", "exact", 3)
			}
			wantCluster(t, x, "far", "far", 1)
		}
	}
}

// Articles that lead nowhere, or that nothing leads to, are told of by those who look at all of them.
func TestReclusterRefusesArticlesThatHangInTheAir(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, x *Index, c *changes)
	}{
		{"a holder that was never given a number", func(t *testing.T, x *Index, c *changes) { putHolder(t, c, 3, 1<<32-1) }},
		{"a holder that is the next number", func(t *testing.T, x *Index, c *changes) { putHolder(t, c, 3, x.state.Next) }},
		{"a holder that is an exact copy", func(t *testing.T, x *Index, c *changes) { putHolder(t, c, 3, 4) }},
		{"an id is missing", func(t *testing.T, x *Index, c *changes) { c.delete(keyID("1")) }},
		{"all ids are missing", func(t *testing.T, x *Index, c *changes) {
			for key := range keysWith(c.txn, []byte{prefixID}) {
				c.delete(key)
			}
		}},
	} {
		for _, opts := range []Options{{}, {NoText: true}} {
			x := filled(t, opts, append(singles(3, 50), article.Article{ID: "0 again", Text: story(0, 50)}))
			x.mu.Lock()
			c := x.begin()
			test.damage(t, x, c)
			err := c.commit()
			c.discard()
			x.mu.Unlock()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := x.Recluster(context.Background(), nil); !errors.Is(err, ErrCorrupt) {
				t.Errorf("%s, %+v: Recluster() = %v, want ErrCorrupt", test.name, opts, err)
			}
			if _, err := x.Recut(context.Background(), Thresholds{Story: .5}); !errors.Is(err, ErrCorrupt) {
				t.Errorf("%s, %+v: Recut() = %v, want ErrCorrupt", test.name, opts, err)
			}
		}
	}
}

// putHolder makes article n an exact copy of a holder.
func putHolder(t *testing.T, c *changes, n, holder number) {
	t.Helper()
	r, err := c.record(n)
	if err != nil {
		t.Fatal(err)
	}
	changed := *r
	changed.Holder = holder
	c.putRecord(n, &changed)
}

// Whatever records are damaged, in whatever way, calls return: with errors, or with what they can tell. None panics.
func TestDamagedRecordsAreNoPanic(t *testing.T) {
	t.Parallel()
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	articles := wire(t)
	for _, opts := range []Options{{}, {NoText: true}} {
		whole := t.TempDir()
		x, err := Open(whole, Options{Create: true, NoText: opts.NoText})
		if err != nil {
			t.Fatal(err)
		}
		mustAdd(t, x, withUpdates(articles)...)
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		for round := range rounds {
			dir := filepath.Join(t.TempDir(), "damaged")
			if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			if x, err = Open(dir, Options{}); err != nil {
				t.Fatal(err)
			}
			damage(t, x, rand.New(rand.NewPCG(7, uint64(round))))
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			if x, err = Open(dir, Options{}); err == nil {
				useAll(x, articles)
				_ = x.Close() // may tell of damage
			}
		}
	}
}

// damage deletes, cuts, flips, moves or mixes up some records.
func damage(t *testing.T, x *Index, random *rand.Rand) {
	t.Helper()
	c := x.begin()
	defer c.discard()
	keys := make(map[byte][][]byte)
	for key := range keysWith(c.txn, nil) {
		if key[0] != prefixMeta && key[0] != prefixState {
			keys[key[0]] = append(keys[key[0]], key)
		}
	}
	prefixes := slices.Sorted(maps.Keys(keys))
	for range 1 + random.IntN(8) {
		list := keys[prefixes[random.IntN(len(prefixes))]]
		key, other := list[random.IntN(len(list))], list[random.IntN(len(list))]
		value, err := get(c.txn, key)
		if err != nil {
			t.Fatal(err)
		}
		switch kind := random.IntN(5); {
		case kind == 0:
			c.delete(key)
		case kind == 1:
			c.put(other, value)
		case kind == 2:
			moved := slices.Clone(key)
			moved[1+random.IntN(len(moved)-1)] ^= byte(1 + random.IntN(255))
			c.put(moved, value)
		case len(value) == 0:
		case kind == 3:
			c.put(key, value[:random.IntN(len(value))])
		default:
			value[random.IntN(len(value))] ^= byte(1 + random.IntN(255))
			c.put(key, value)
		}
	}
	if err := c.commit(); err != nil {
		t.Fatal(err)
	}
}

// useAll calls everything that reads records, whatever it returns.
func useAll(x *Index, articles []article.Article) {
	ctx := context.Background()
	_, _ = x.Check(ctx)
	_, _ = x.Stats(ctx)
	_, _ = x.Furniture(ctx, 5)
	for _, least := range []match.Kind{match.Rewrite, match.Excerpt} {
		for range x.Clusters(ctx, ClusterOptions{MinKind: least}) {
		}
	}
	for range x.Survey(ctx, 20) {
	}
	for i := 0; i < len(articles); i += 10 {
		_, _ = x.Query(ctx, articles[i], QueryOptions{MinKind: match.Quote})
		_, _ = x.ClusterOf(ctx, articles[i].ID)
		_, _ = x.StoryOf(ctx, articles[i].ID)
	}
	_, _ = x.Recut(ctx, Thresholds{Story: .6})
	_ = x.Remove(ctx, articles[3].ID, articles[30].ID)
	again := slices.Clone(articles[:20])
	for i := range again {
		again[i].ID += " again"
		again[i].Text += " " + story(uint64(i), 30)
	}
	_, _ = x.Add(ctx, again)
	_, _ = x.Recluster(ctx, nil)
}
