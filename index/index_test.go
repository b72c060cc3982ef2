package index

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/shingle"
)

var update = flag.Bool("update", false, "write the files under testdata anew")

// TestMain lets the test binary be a child process too (see crash_test.go and open_test.go), and makes
// indexes seal after few articles and sort few values at once, so that each test with more of them reads segments, runs, their merges, and chunks.
func TestMain(m *testing.M) {
	sealArticles = 32
	aheadArticles, partArticles, lookUpEach, gatherFrom = 16, 4, 4, 64
	bucketBits, chunkValues, leastRoom = 6, 1024, 2048
	switch os.Getenv("INDEX_TEST_CHILD") {
	case "add":
		addAsChild()
	case "open":
		openAsChild()
	default:
		flag.Parse()
		os.Exit(m.Run())
	}
}

// readCorpus reads a JSONL file with the fields of testdata/wire.jsonl.
func readCorpus(path string) ([]article.Article, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var articles []article.Article
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var row struct{ ID, URL, Source, Date, Title, Text string }
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return nil, err
		}
		a := article.Article{ID: row.ID, URL: row.URL, Site: row.Source, Title: row.Title, Text: row.Text}
		if row.Date != "" {
			if a.Published, err = article.ParseTime(row.Date); err != nil {
				return nil, err
			}
		}
		articles = append(articles, a)
	}
	return articles, lines.Err()
}

var wireOnce = sync.OnceValues(func() ([]article.Article, error) {
	return readCorpus(filepath.Join("..", "testdata", "wire.jsonl"))
})

// goldTable are the rows of testdata/wire.gold.tsv: two ids, their relation, whether a reader wants them together.
func goldTable(t testing.TB) [][]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "wire.gold.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(data)) {
		if row := strings.Split(line, "\t"); row[0] != "id_a" {
			rows = append(rows, row)
		}
	}
	return rows
}

// wire are the articles of testdata/wire.jsonl, a new slice each time.
func wire(t testing.TB) []article.Article {
	t.Helper()
	articles, err := wireOnce()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(articles)
}

// byID returns those of articles that have one of ids, in the order of ids.
func byID(t testing.TB, articles []article.Article, ids ...string) []article.Article {
	t.Helper()
	var found []article.Article
	for _, id := range ids {
		i := slices.IndexFunc(articles, func(a article.Article) bool { return a.ID == id })
		if i < 0 {
			t.Fatalf("no article %q in the corpus", id)
		}
		found = append(found, articles[i])
	}
	return found
}

func shuffled[T any](list []T, seed uint64) []T {
	list = slices.Clone(list)
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// newIndex creates an index in a directory of its own, closed when the test ends.
func newIndex(t testing.TB, opts Options) *Index {
	t.Helper()
	opts.Create = true
	return openIndex(t, t.TempDir(), opts)
}

func openIndex(t testing.TB, dir string, opts Options) *Index {
	t.Helper()
	x, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// mustAdd adds articles, all of which must be good.
func mustAdd(t testing.TB, x *Index, articles ...article.Article) []Added {
	t.Helper()
	added, err := x.Add(context.Background(), articles)
	if err != nil {
		t.Fatal(err)
	}
	if len(added) != len(articles) {
		t.Fatalf("Add(%d articles) = %d results", len(articles), len(added))
	}
	for i, a := range added {
		if a.Err != nil || a.ID != articles[i].ID {
			t.Fatalf("Add: result %d is of %q: %v; want of %q", i, a.ID, a.Err, articles[i].ID)
		}
	}
	return added
}

// filled is a new index with articles, added in one call.
func filled(t testing.TB, opts Options, articles []article.Article) *Index {
	t.Helper()
	x := newIndex(t, opts)
	mustAdd(t, x, articles...)
	return x
}

func mustRemove(t testing.TB, x *Index, ids ...string) {
	t.Helper()
	if err := x.Remove(context.Background(), ids...); err != nil {
		t.Fatal(err)
	}
}

func mustRecluster(t testing.TB, x *Index) Reclustered {
	t.Helper()
	report, err := x.Recluster(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func mustQuery(t testing.TB, x *Index, a article.Article, opts QueryOptions) []Match {
	t.Helper()
	matches, err := x.Query(context.Background(), a, opts)
	if err != nil {
		t.Fatal(err)
	}
	return matches
}

// mustCheck fails the test if Check finds a problem, or another number of articles than want.
func mustCheck(t testing.TB, x *Index, want int) Checked {
	t.Helper()
	report, err := x.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range report.Problems {
		if i == 10 {
			t.Errorf("Check: … and %d problems more", len(report.Problems)-i)
			break
		}
		t.Errorf("Check: %s: %s", p.Record, p.What)
	}
	if report.Articles != want {
		t.Errorf("Check: %d articles, want %d", report.Articles, want)
	}
	return report
}

// mustStats are the figures but the bytes on disk, which depend on Badger's moods.
func mustStats(t testing.TB, x *Index) Stats {
	t.Helper()
	s, err := x.Stats(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if s.DiskBytes <= 0 {
		t.Errorf("Stats: %d bytes on disk", s.DiskBytes)
	}
	s.DiskBytes = 0
	return s
}

// clusters lists the clusters of one level.
func clusters(t testing.TB, x *Index, least match.Kind) []Cluster {
	t.Helper()
	var list []Cluster
	for c, err := range x.Clusters(context.Background(), ClusterOptions{MinKind: least}) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

// membership is what clusters are without their names: for both levels, for each article in a
// cluster of two or more, the sorted ids of the cluster.
type membership struct{ stories, copies map[string]string }

func members(t testing.TB, x *Index) membership {
	t.Helper()
	level := func(least match.Kind) map[string]string {
		of := make(map[string]string)
		for _, c := range clusters(t, x, least) {
			ids := strings.Join(slices.Sorted(maps.Keys(idsOf(c.Members))), " ")
			for _, m := range c.Members {
				if of[m.ID] != "" {
					t.Errorf("%q is in two clusters of level %s", m.ID, least)
				}
				of[m.ID] = ids
			}
		}
		return of
	}
	return membership{stories: level(match.Rewrite), copies: level(match.Excerpt)}
}

func idsOf(matches []Match) map[string]bool {
	ids := make(map[string]bool)
	for _, m := range matches {
		ids[m.ID] = true
	}
	return ids
}

// differing are the articles of which one level of a is another than in b, sorted.
func differing(a, b membership) []string {
	ids := make(map[string]bool)
	for _, level := range [][2]map[string]string{{a.stories, b.stories}, {a.copies, b.copies}} {
		for _, side := range level {
			for id := range side {
				if level[0][id] != level[1][id] {
					ids[id] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

func wantSameClusters(t testing.TB, what string, got, want membership) {
	t.Helper()
	ids := differing(got, want)
	if len(ids) == 0 {
		return
	}
	id := ids[0]
	t.Errorf("%s: %d articles are in other clusters, such as %s:\nstory  %s\nwant   %s\ncopies %s\nwant   %s",
		what, len(ids), id, got.stories[id], want.stories[id], got.copies[id], want.copies[id])
}

// nameless are matches without their clusters' names and their ordinals, by which indexes of another history differ.
func nameless(matches []Match) []Match {
	matches = slices.Clone(matches)
	for i := range matches {
		matches[i].Cluster, matches[i].Ordinal = "", 0
	}
	return matches
}

// editor replaces words by others of the same corpus and language, at random from a seed.
type editor struct {
	random     *rand.Rand
	vocabulary map[string][]string // by the first two letters of an id
}

func newEditor(articles []article.Article, seed uint64) *editor {
	e := &editor{random: rand.New(rand.NewPCG(seed, 1)), vocabulary: make(map[string][]string)}
	for _, a := range articles {
		for _, w := range wordsOf(a.Text) {
			e.vocabulary[language(a)] = append(e.vocabulary[language(a)], a.Text[w.Start:w.End])
		}
	}
	return e
}

func language(a article.Article) string { return a.ID[:2] }

// wordsOf are the words of a text. In scripts without spaces as many characters are taken as a word as weigh as much.
func wordsOf(text string) []Span {
	scanned := shingle.Scan(text)
	var words []Span
	for i := 0; i < scanned.Len(); i++ {
		w := Span{Start: int(scanned.Starts[i]), End: int(scanned.Ends[i])}
		for weight := scanned.Weights[i]; weight < shingle.WordWeight; i++ {
			next := i + 1
			if next == scanned.Len() || scanned.Weights[next] == shingle.WordWeight || int(scanned.Starts[next]) != w.End {
				break
			}
			weight += scanned.Weights[next]
			w.End = int(scanned.Ends[next])
		}
		words = append(words, w)
	}
	return words
}

// edit replaces each word of a with probability rate.
func (e *editor) edit(a article.Article, rate float64) string {
	var b strings.Builder
	end := 0
	for _, w := range wordsOf(a.Text) {
		if e.random.Float64() < rate {
			list := e.vocabulary[language(a)]
			b.WriteString(a.Text[end:w.Start])
			b.WriteString(list[e.random.IntN(len(list))])
			end = w.End
		}
	}
	b.WriteString(a.Text[end:])
	return b.String()
}

// story is a text of n made-up words that depends on seed alone.
func story(seed uint64, n int) string {
	random := rand.New(rand.NewPCG(seed, 2))
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		for range 3 + random.IntN(6) {
			b.WriteByte(byte('a' + random.IntN(26)))
		}
		if i%12 == 11 {
			b.WriteByte('.')
		}
	}
	return b.String()
}

// fewer is n, and in a race build a fraction of it.
func fewer(n, fraction int) int {
	if raceBuild {
		return n / fraction
	}
	return n
}

var day = time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)

// pairsOfCopies are n stories, each told twice in the same words: "0" and "0 too", …
func pairsOfCopies(n int) []article.Article {
	var list []article.Article
	for _, a := range singles(n, 40) {
		list = append(list, a, article.Article{ID: a.ID + " too", Text: a.Text})
	}
	return list
}

// What is removed in a loop over clusters is in none of those that were not made yet, and few are made ahead, however many workers there are.
func TestFewClustersAreMadeAhead(t *testing.T) {
	t.Parallel()
	const n = 100
	x := filled(t, Options{NoText: true, Workers: 16}, pairsOfCopies(n))
	seen := 0
	for c, err := range x.Clusters(context.Background(), ClusterOptions{}) {
		if err != nil || len(c.Members) != 2 {
			t.Fatalf("cluster of %d, %v, want 2", len(c.Members), err)
		}
		if seen++; seen > 1 {
			continue
		}
		for i := range n {
			mustRemove(t, x, fmt.Sprint(i))
		}
	}
	if most := aheadArticles / 2; seen > most {
		t.Errorf("%d clusters of 2 come after all were dissolved at the first, want %d at most", seen, most)
	}
}

// Clusters of many parts come in their order, up to a break, and up to the first error.
func TestClustersOfManyParts(t *testing.T) {
	t.Parallel()
	const n = 60
	var want []string
	for i := range n {
		want = append(want, fmt.Sprint(i))
	}
	x := filled(t, Options{NoText: true, Workers: 4}, pairsOfCopies(n))
	seen := func(most int) (ids []string, err error) {
		for c, err := range x.Clusters(context.Background(), ClusterOptions{}) {
			if err != nil {
				return ids, err
			}
			ids = append(ids, c.Representative)
			if len(ids) == most {
				break
			}
		}
		return ids, nil
	}
	for _, most := range []int{1, partArticles/2 + 1, n - 1, n, n + 1} {
		if got, err := seen(most); err != nil || !slices.Equal(got, want[:min(most, n)]) {
			t.Errorf("the first %d clusters are %q, %v, want %q", most, got, err, want[:min(most, n)])
		}
	}
	const damaged = 40
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	behindItsBack(t, x.dir, set(keyArticle(2*damaged+1), []byte{0xff}))
	x = openIndex(t, x.dir, Options{Workers: 4})
	got, err := seen(-1)
	if !errors.Is(err, ErrCorrupt) || len(got) < damaged-partArticles || !slices.Equal(got, want[:min(len(got), damaged)]) {
		t.Errorf("before the damaged cluster %d come %q, %v, want those before it or before its part, and ErrCorrupt", damaged, got, err)
	}
}

func TestTheIndexCanBeUsedInALoopOverClusters(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := filled(t, Options{}, wire(t))
	want := len(clusters(t, x, match.Rewrite))
	type outcome struct {
		n   int
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		for c, err := range x.Clusters(ctx, ClusterOptions{}) {
			o.err = errors.Join(o.err, err)
			if err != nil {
				break
			}
			waiting := make(chan error, 1) // a writer that waits must not keep readers out
			go func() {
				waiting <- second(x.Add(ctx, []article.Article{{ID: fmt.Sprint("beside ", o.n), Text: story(uint64(1000+o.n), 50)}}))
			}()
			time.Sleep(time.Millisecond)
			o.err = errors.Join(o.err,
				second(x.Get(ctx, c.Representative)),
				second(x.Query(ctx, article.Article{ID: "asking", Text: story(uint64(o.n), 50)}, QueryOptions{})),
				second(x.Add(ctx, []article.Article{{ID: fmt.Sprint("within ", o.n), Text: story(uint64(o.n), 50)}})),
				second(x.ClusterOf(ctx, c.Representative)),
				<-waiting)
			o.n++
		}
		done <- o
	}()
	select {
	case o := <-done:
		if o.err != nil || o.n != want {
			t.Errorf("the loop saw %d clusters, want %d: %v", o.n, want, o.err)
		}
	case <-time.After(time.Minute):
		panic("deadlock: Add and Query within a loop over Clusters")
	}
	mustCheck(t, x, 103+2*want)
}
