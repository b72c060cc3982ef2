package index

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

// closedIndex is the directory of an index with the first n wire articles.
func closedIndex(t *testing.T, opts Options, n int) string {
	t.Helper()
	x := filled(t, opts, wire(t)[:n])
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	return x.dir
}

// behindItsBack changes the database of a closed index without the index knowing.
func behindItsBack(t *testing.T, dir string, do func(txn *badger.Txn) error) {
	t.Helper()
	db, err := badger.Open(badgerOptions(dir, budget{table: 2 << 20, blocks: 8 << 20}))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(do), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func set(key, value []byte) func(txn *badger.Txn) error {
	return func(txn *badger.Txn) error { return txn.Set(key, value) }
}

func TestOpenTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		dir  func(t *testing.T) string
		opts Options
		want error
		says string
	}{
		{name: "missing directory", want: ErrNoIndex, dir: func(t *testing.T) string { return filepath.Join(t.TempDir(), "a", "b") }},
		{name: "empty directory", want: ErrNoIndex, dir: func(t *testing.T) string { return t.TempDir() }},
		{name: "other files", want: ErrNotIndex, opts: Options{Create: true}, dir: func(t *testing.T) string {
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "letter.txt"), "dear")
			return dir
		}},
		{name: "a file", want: ErrNotIndex, opts: Options{Create: true}, dir: func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "letter.txt")
			writeFile(t, path, "dear")
			return path
		}},
		{name: "another program's Badger database", want: ErrNotIndex, opts: Options{Create: true}, dir: func(t *testing.T) string {
			dir := t.TempDir()
			db, err := badger.Open(badger.DefaultOptions(dir).WithLogger(nil))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(db.Update(set([]byte("key"), []byte("value"))), db.Close()); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{name: "open in this process", want: ErrLocked, dir: func(t *testing.T) string { return filled(t, Options{}, wire(t)[:1]).dir }},
		{name: "newer format", want: ErrNewerFormat, says: "format 99", dir: func(t *testing.T) string {
			dir := closedIndex(t, Options{}, 1)
			value, err := json.Marshal(meta{Format: 99, Scheme: scheme(true)})
			if err != nil {
				t.Fatal(err)
			}
			behindItsBack(t, dir, set(keyMeta, value))
			return dir
		}},
		{name: "index with texts, none asked for", want: ErrSchemeMismatch, opts: Options{NoText: true}, says: "keep_text is true in the index, false asked for",
			dir: func(t *testing.T) string { return closedIndex(t, Options{}, 1) }},
		{name: "another scheme", want: ErrSchemeMismatch, says: "shingle_words is 7 in the index, 5 asked for; hash is md5 in the index",
			dir: func(t *testing.T) string {
				dir := closedIndex(t, Options{}, 1)
				other := scheme(true)
				other.ShingleWords, other.Hash = 7, "md5"
				value, err := json.Marshal(meta{Format: FormatVersion, Scheme: other})
				if err != nil {
					t.Fatal(err)
				}
				behindItsBack(t, dir, set(keyMeta, value))
				return dir
			}},
		{name: "damaged meta", want: ErrCorrupt, says: "meta", dir: func(t *testing.T) string { return damaged(t, keyMeta) }},
		{name: "damaged state", want: ErrCorrupt, says: "state", dir: func(t *testing.T) string { return damaged(t, keyState) }},
		{name: "missing meta", want: ErrCorrupt, says: "meta", opts: Options{Create: true}, dir: func(t *testing.T) string { return without(t, keyMeta) }},
		{name: "missing state", want: ErrCorrupt, says: "state", dir: func(t *testing.T) string { return without(t, keyState) }},
		{name: "damaged log", want: ErrCorrupt, says: "log 0", dir: func(t *testing.T) string { return damaged(t, keyLog(0, 0)) }},
		{name: "missing log", want: ErrCorrupt, says: "log 0", dir: func(t *testing.T) string { return without(t, keyLog(0, 0)) }},
		{name: "damaged fences", want: ErrCorrupt, says: "fences of posting segment 1", dir: func(t *testing.T) string {
			dir := closedIndex(t, Options{}, 40)
			behindItsBack(t, dir, set(keyFences(1), []byte{0xff}))
			return dir
		}},
		{name: "missing manifest", want: ErrNotIndex, dir: func(t *testing.T) string {
			dir := closedIndex(t, Options{}, 1)
			if err := os.Remove(filepath.Join(dir, badger.ManifestFilename)); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{name: "damaged manifest", want: ErrCorrupt, dir: func(t *testing.T) string {
			dir := closedIndex(t, Options{}, 1)
			path := filepath.Join(dir, badger.ManifestFilename)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i := 9; i < len(data); i++ {
				data[i] ^= 0xff
			}
			writeFile(t, path, string(data))
			return dir
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := test.dir(t)
			untouched := test.want == ErrNoIndex || test.want == ErrNotIndex
			before := ""
			if untouched {
				before = listing(t, dir)
			}
			x, err := Open(dir, test.opts)
			if err == nil {
				x.Close()
			}
			if !errors.Is(err, test.want) || !strings.Contains(fmt.Sprint(err), test.says) || !strings.Contains(fmt.Sprint(err), dir) {
				t.Errorf("Open(%s) = %v, want %v with %q", dir, err, test.want, test.says)
			}
			for _, other := range []error{ErrNoIndex, ErrNotIndex, ErrLocked, ErrNewerFormat, ErrSchemeMismatch, ErrCorrupt} {
				if other != test.want && errors.Is(err, other) {
					t.Errorf("Open(%s) = %v, which is %v too", dir, err, other)
				}
			}
			if untouched && listing(t, dir) != before {
				t.Errorf("Open(%s) changed the directory: %s, and there was %s", dir, listing(t, dir), before)
			}
		})
	}
}

func damaged(t *testing.T, key []byte) string {
	t.Helper()
	dir := closedIndex(t, Options{}, 3)
	behindItsBack(t, dir, set(key, []byte{0xff}))
	return dir
}

func without(t *testing.T, key []byte) string {
	t.Helper()
	dir := closedIndex(t, Options{}, 3)
	behindItsBack(t, dir, func(txn *badger.Txn) error { return txn.Delete(key) })
	return dir
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// listing are the files of a directory with their contents, to be compared.
func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %x\n", e.Name(), bytes.TrimRight(data, "\x00"))
	}
	return b.String()
}

// child is a process of this test binary that does what TestMain says.
func child(t *testing.T, what string, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), append(env, "INDEX_TEST_CHILD="+what)...)
	cmd.Stderr = os.Stderr
	return cmd
}

// Not parallel, as TestKilledAddLosesNothing.
func TestAnotherProcessFindsTheIndexLocked(t *testing.T) {
	x := filled(t, Options{}, wire(t)[:1])
	dir := x.dir
	for _, want := range []string{"locked", "open"} {
		out, err := child(t, "open", "INDEX_TEST_DIR="+dir).Output()
		if err != nil || string(out) != want {
			t.Errorf("Open in another process says %q, %v, want %q", out, err, want)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// openAsChild prints how opening an index went.
func openAsChild() {
	x, err := Open(os.Getenv("INDEX_TEST_DIR"), Options{})
	switch {
	case errors.Is(err, ErrLocked):
		fmt.Print("locked")
	case err != nil:
		fmt.Print(err)
	default:
		fmt.Print("open")
		x.Close()
	}
}

func TestOpenCreatesAndReopens(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "index")
	x, err := Open(dir, Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	mustAdd(t, x, wire(t)...)
	stats, before := mustStats(t, x), members(t, x)
	if stats.Articles != 103 || stats.Format != FormatVersion || !stats.TextKept || stats.Scheme != scheme(true) || stats.ExactCopies == 0 || stats.Segments == 0 {
		t.Errorf("Stats() = %+v", stats)
	}
	x = reopened(t, x, Options{Create: true}) // also where there is one
	if got := mustStats(t, x); got != stats {
		t.Errorf("Stats() after opening again = %+v, want %+v", got, stats)
	}
	wantSameClusters(t, "after opening again", members(t, x), before)
	mustCheck(t, x, 103)
	for _, a := range wire(t) {
		e, err := x.Get(context.Background(), a.ID)
		if err != nil || e.Article != a || e.Words == 0 || e.Added.IsZero() {
			t.Errorf("Get(%s) = %+v, %v, want %+v", a.ID, e, err, a)
		}
	}
}

// A process that is killed when it has just made a file leaves it empty.
func TestOpenMendsEmptyFiles(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{{"00001.mem"}, {"00007.mem", "00008.mem"}, {"000002.vlog"}, {"00002.mem", "000002.vlog"}} {
		dir := closedIndex(t, Options{}, 40)
		for _, name := range names {
			writeFile(t, filepath.Join(dir, name), "")
		}
		x, err := Open(dir, Options{})
		if err != nil {
			t.Errorf("with %v empty: %v", names, err)
			continue
		}
		mustCheck(t, x, 40)
		mustAdd(t, x, wire(t)...)
		x = reopened(t, x, Options{})
		mustCheck(t, x, 103)
	}
	for _, name := range []string{"LOCK", "MANIFEST-REWRITE"} { // killed when it was made
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, name), "")
		if _, err := Open(dir, Options{}); !errors.Is(err, ErrNoIndex) {
			t.Errorf("Open of a directory with %s only: %v, want ErrNoIndex", name, err)
		}
		x, err := Open(dir, Options{Create: true})
		if err != nil {
			t.Errorf("Open with Create of a directory with %s only: %v", name, err)
			continue
		}
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestNoTextIndexOpensWithoutTheOption(t *testing.T) {
	t.Parallel()
	x := openIndex(t, closedIndex(t, Options{NoText: true}, 3), Options{})
	if s := mustStats(t, x); s.TextKept || s.Scheme.KeepText {
		t.Errorf("Stats() = %+v, want no texts", s)
	}
}

// Each damaged record is found by Check, which names it, and is ErrCorrupt for the calls that need it.
func TestDamageIsToldByName(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	first := wire(t)[0] // number 1, in a story
	asking := first
	asking.ID, asking.Text = "asking", first.Text+" And more."
	query := func(x *Index) error { _, err := x.Query(ctx, asking, QueryOptions{}); return err }
	get := func(x *Index) error { _, err := x.Get(ctx, first.ID); return err }
	list := func(x *Index) error {
		for _, err := range x.Clusters(ctx, ClusterOptions{}) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	add := func(x *Index) error { _, err := x.Add(ctx, []article.Article{asking}); return err }
	recluster := func(x *Index) error { _, err := x.Recluster(ctx, nil); return err }
	remove := func(x *Index) error { return x.Remove(ctx, first.ID) }
	stats := func(x *Index) error { _, err := x.Stats(ctx); return err }
	calls := func(list ...func(x *Index) error) []func(x *Index) error { return list }
	for _, test := range []struct {
		name    string
		key     []byte
		problem string // part of the record that Check names
		calls   []func(x *Index) error
	}{
		{"article", keyArticle(1), "article number 1", calls(query, get, add, recluster, remove)},
		{"text", keyText(1), `article "en-ferry-wire"`, calls(get, recluster)}, // others go on without it
		{"relation", keyRelation(0, 1), `relation of article "en-ferry-wire"`, calls(list, get, stats, recluster, remove)},
		{"edges", keyEdges(0, 1), `edges of article "en-ferry-wire"`, calls(recluster, remove)},
		{"cluster", keyCluster(0, 1), "cluster c1", calls(get)},
		{"id", keyID(first.ID), `record "ien-ferry-wire"`, calls(get, remove)},
		{"posting block", keyBlock(1, 0), "postings", calls(stats)},
		{"furniture page", keyPage(2, 0), "furniture counts", calls(stats)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := closedIndex(t, Options{}, 40) // sealed
			behindItsBack(t, dir, func(txn *badger.Txn) error {
				if _, err := txn.Get(test.key); err != nil {
					return fmt.Errorf("record %q: %w", test.key, err)
				}
				return txn.Set(test.key, []byte{0xff, 0xff})
			})
			for i, call := range test.calls {
				x, err := Open(dir, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if err := call(x); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), dir) {
					t.Errorf("call %d: %v, want ErrCorrupt", i, err)
				}
				if err := x.Close(); err != nil {
					t.Fatal(err)
				}
			}
			x := openIndex(t, dir, Options{})
			report, err := x.Check(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(report.Problems, func(p Problem) bool {
				return strings.Contains(p.Record, test.problem) && strings.Contains(p.What, ErrCorrupt.Error())
			}) {
				t.Errorf("Check() = %+v, want a problem of %q", report.Problems, test.problem)
			}
		})
	}
}

// Records that are well-formed and wrong break an invariant that Check knows.
func TestCheckFindsBrokenInvariants(t *testing.T) {
	t.Parallel()
	type change = func(txn *badger.Txn) error
	remove := func(key []byte) change { return func(txn *badger.Txn) error { return txn.Delete(key) } }
	edit := func(n number, do func(r *relation)) change {
		return func(txn *badger.Txn) error {
			value, err := get(txn, keyRelation(0, n))
			if err != nil {
				return err
			}
			r, err := decodeRelation(value)
			if err != nil {
				return err
			}
			do(&r)
			return txn.Set(keyRelation(0, n), r.append(nil))
		}
	}
	// The ferry family: 1 is the holder of 3, and in a story with 2, 4, 5, 6.
	for _, test := range []struct {
		name   string
		change change
		says   string
	}{
		{"an article without its id", remove(keyID("en-ferry-wire")), "there are 39 for 40 articles"},
		{"an id of no article", set(keyID("ghost"), appendNumber(1)), `id "ghost": leads to number 1, which is not that article`},
		{"a holder without its digest", remove(keyDigest(digestOf(t, "en-ferry-wire"))), "holders"},
		{"a digest of no article", set(keyDigest(digest{1}), appendNumber(2)), "which is not its holder"},
		{"an exact copy that is not listed", remove(keyExact(1, 3)), "exact copies: the list differs"},
		{"an exact copy that is none", set(keyExact(1, 2), nil), "listed as an exact copy of a holder that is not its own"},
		{"an article without text", remove(keyText(2)), `article "en-ferry-beacon": text of article number 2: damaged record: it is missing`},
		{"a text of no article", set(keyText(99), nil), "text of number 99: belongs to no article"},
		{"another text", func(txn *badger.Txn) error {
			value, err := get(txn, keyText(4))
			return errors.Join(err, txn.Set(keyText(2), value))
		}, "its text has not its digest"},
		{"an article that vanished", remove(keyArticle(2)), "state: counts 40 articles"},
		{"a posting block that vanished", remove(keyBlock(1, 0)), "it is missing"},
		{"postings of others", set(keyBlock(1, 0), appendBlock(nil, 0, []posting{{1, 5}})), "which is not one of its keys"},
		{"an edge at one end only", remove(keyEdges(0, 1)), `article "en-ferry-beacon": has an edge to article "en-ferry-wire", which has none back`},
		{"an edge of no holder", set(keyEdges(0, 1), appendEdges(nil, []edge{{Other: 3, Kind: match.Copy}})), `article "en-ferry-exact": has an edge, but is no holder`},
		{"a member that is not listed", remove(keyMember(0, 1, 2)), "members: the lists differ"},
		{"a member of another cluster", set(keyMember(0, 7, 2), nil), `c7: lists article "en-ferry-beacon", which is not in it`},
		{"another number of exact copies", edit(1, func(r *relation) { r.Group = 5 }), "says there are 5 articles with its words"},
		{"a member that left", edit(2, func(r *relation) { r.Story, r.Strict = 0, 0 }), "c1: says it has"},
		{"a cluster without record", remove(keyCluster(0, 1)), "c1: has articles, but no record"},
		{"a cluster of no articles", set(keyCluster(0, 35), clusterRecord{Size: 2, Representative: 35}.append(nil)), "c35: says it has 2 articles, and has 0"},
		{"another representative", set(keyCluster(0, 1), clusterRecord{Size: 6, Representative: 2}.append(nil)), "is represented by"},
		{"a relation of no holder", set(keyRelation(0, 3), (&relation{Uncounted: true}).append(nil)), "has a relation, but is no holder"},
		{"strict clusters across stories", edit(2, func(r *relation) { r.Strict = 30 }), "its strict cluster is not within its story"},
		{"a core of no cluster", set(keyCore(35), (&core{articles: 600}).append(nil)), "core of c35: there is no such cluster"},
		{"a damaged core", set(keyCore(1), []byte{1}), "core of c1: core of c1: damaged record"},
		{"a segment that nobody names", set(keyFences(0), nil), "segment or run 0: is not in use"},
		{"an article with a number that is not given yet", func(txn *badger.Txn) error {
			r := record{ID: "future", Added: day}
			return txn.Set(keyArticle(1000), r.append(nil))
		}, "has number 1000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := closedIndex(t, Options{}, 40)
			behindItsBack(t, dir, test.change)
			report, err := openIndex(t, dir, Options{}).Check(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(report.Problems, func(p Problem) bool { return strings.Contains(p.Record+": "+p.What, test.says) }) {
				t.Errorf("Check() = %+v, want a problem that says %q", report.Problems, test.says)
			}
		})
	}
}

func digestOf(t *testing.T, id string) digest {
	a := byID(t, wire(t), id)[0]
	full := match.Read(a.Text, "", a.Published).Words.Digest()
	return digest(full[:digestBytes])
}

// Keys that are too short to hold a number do no harm.
func TestDamagedKeysDoNoHarm(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, prefix := range []byte("atidxrekmlsnfc") {
		t.Run(string(prefix), func(t *testing.T) {
			t.Parallel()
			dir := closedIndex(t, Options{}, 40)
			behindItsBack(t, dir, set([]byte{prefix}, []byte{1}))
			behindItsBack(t, dir, set([]byte{prefix, 0}, []byte{1}))
			behindItsBack(t, dir, set([]byte{prefix, 0, 1}, []byte{1}))
			x := openIndex(t, dir, Options{})
			if _, err := x.Check(ctx); err != nil && !errors.Is(err, ErrCorrupt) {
				t.Error(err)
			}
			if _, err := x.Recluster(ctx, nil); err != nil && !errors.Is(err, ErrCorrupt) {
				t.Error(err)
			}
			if _, err := x.Stats(ctx); err != nil && !errors.Is(err, ErrCorrupt) {
				t.Error(err)
			}
		})
	}
}
