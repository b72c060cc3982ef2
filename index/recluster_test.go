package index

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/furniture"
)

// edited are articles with copies in which words were changed, parts of other texts, exact copies and common footers.
func edited(t testing.TB, rounds int, seed uint64) []article.Article {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 9))
	originals := wire(t)
	all := slices.Clone(originals)
	for round := range rounds {
		for i, a := range originals {
			a.ID = fmt.Sprintf("%s/%d", a.ID, round)
			words := strings.Fields(a.Text)
			switch random.IntN(6) {
			case 0: // an exact copy
			case 1:
				other := strings.Fields(originals[random.IntN(len(originals))].Text)
				words = append(words[:len(words)/2], other[len(other)/2:]...)
			default:
				rate := []float64{0.01, 0.1, 0.2, 0.4}[random.IntN(4)]
				for k := range words {
					if random.Float64() < rate {
						words[k] = fmt.Sprintf("w%d", random.IntN(1000))
					}
				}
			}
			a.Text = strings.Join(words, " ")
			if site := random.IntN(4); site > 0 {
				a.Text += fmt.Sprintf("\nThis footer of site number %d asks you to read our letter each morning and evening for less than a coffee in the year %d", site, site)
				a.Site = fmt.Sprintf("site%d.example", site)
			}
			if i%5 == 0 {
				a.Text = fmt.Sprintf("%s %d", a.Text, round)
			}
			all = append(all, a)
		}
	}
	return all
}

// kept is all that Recluster writes.
type kept struct {
	Relations map[number]relation
	Edges     map[number][]edge
	Postings  []posting
	Counts    []furniture.Count
	Clusters  map[number]clusterRecord
	Members   []string
}

func keptOf(t *testing.T, x *Index) kept {
	t.Helper()
	k := kept{Relations: make(map[number]relation), Edges: make(map[number][]edge), Clusters: make(map[number]clusterRecord)}
	c := x.begin()
	defer c.discard()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for n := number(1); n < x.state.Next; n++ {
		rel, err := c.relation(n)
		must(err)
		if !rel.isDefault() {
			k.Relations[n] = *rel
		}
		edges, err := c.edgesOf(n)
		must(err)
		if len(edges) > 0 {
			k.Edges[n] = edges
		}
		cluster, err := c.clusterAt(n)
		must(err)
		if cluster.Size > 0 {
			k.Clusters[n] = cluster
		}
	}
	for key := range keysWith(c.txn, prefixGeneration(prefixMember, x.state.Generation)) {
		story, n := numbersOf(key)
		k.Members = append(k.Members, fmt.Sprint(story, n))
	}
	for p, err := range x.allPostings(c.txn) {
		must(err)
		k.Postings = append(k.Postings, p)
	}
	for p, err := range x.allCounts(c.txn) {
		must(err)
		k.Counts = append(k.Counts, p)
	}
	return k
}

// of are the same things as the twin has them.
func (r *twin) kept() kept {
	k := kept{Relations: make(map[number]relation), Edges: make(map[number][]edge), Clusters: make(map[number]clusterRecord)}
	members := make(map[number][]number)
	for i, h := range r.holders {
		rel := r.relations[i]
		if !rel.isDefault() {
			k.Relations[h.number] = rel
		}
		if len(r.edges[i]) > 0 {
			k.Edges[h.number] = r.edges[i]
		}
		if rel.Story == 0 {
			continue
		}
		members[rel.Story] = append(members[rel.Story], h.number)
		c, known := k.Clusters[rel.Story]
		c.Size += rel.Group
		first := h.first
		if known {
			first = r.first([]number{c.Representative, first})
		}
		c.Representative = first
		k.Clusters[rel.Story] = c
	}
	for n := number(1); n < r.x.state.Next; n++ {
		slices.Sort(members[n])
		for _, m := range members[n] {
			k.Members = append(k.Members, fmt.Sprint(n, m))
		}
	}
	k.Postings, k.Counts = r.postings, r.counts.Sorted()
	return k
}

func TestReclusterIsItsTwin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		noText bool
		tiny   bool
		load   bool
	}{
		{"texts", false, false, false},
		{"texts, little memory", false, true, false},
		{"no texts", true, false, false},
		{"no texts, little memory", true, true, false},
		{"texts, loaded", false, true, true},
		{"no texts, loaded", true, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			articles := edited(t, 5, 1)
			x := newIndex(t, Options{NoText: test.noText})
			if test.tiny {
				x.budget.sorting = 0
			}
			if test.load {
				mustLoad(t, x, articles...)
				mustRecluster(t, x)
			} else {
				mustAdd(t, x, articles...)
				mustRemove(t, x, articles[3].ID, articles[40].ID)
			}
			want, err := twinOf(x)
			if err != nil {
				t.Fatal(err)
			}
			report := mustRecluster(t, x)
			if len(want.edges) == 0 || report != want.report {
				t.Errorf("Recluster() = %+v, want %+v", report, want.report)
			}
			if diff := cmp.Diff(want.kept(), keptOf(t, x), cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
				t.Errorf("Recluster differs from its twin: %.3000s", diff)
			}
			mustCheck(t, x, len(articles)-x.removedIn(articles))
		})
	}
}

// removedIn counts those that are not there.
func (x *Index) removedIn(articles []article.Article) int {
	missing := 0
	for _, a := range articles {
		if _, err := x.Get(context.Background(), a.ID); err != nil {
			missing++
		}
	}
	return missing
}

func mustLoad(t testing.TB, x *Index, articles ...article.Article) {
	t.Helper()
	for part := range slices.Chunk(articles, 100) {
		refused, err := x.Load(context.Background(), part)
		if err != nil {
			t.Fatal(err)
		}
		for i, err := range refused {
			if err != nil {
				t.Fatalf("Load() refused %q: %v", part[i].ID, err)
			}
		}
	}
}

func TestCancelledReclusterReturnsOneError(t *testing.T) {
	t.Parallel()
	articles := variants(1, 100, fewer(300, 3))
	x := filled(t, Options{NoText: true}, articles)
	before, stats := dump(t, x), mustStats(t, x)
	for _, half := range []int{0, 1} { // told the stories apart; giving verdicts
		ctx, cancel := context.WithCancel(context.Background())
		_, err := x.Recluster(ctx, func(done, total int) {
			if done > half*total/2 {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) || strings.Count(fmt.Sprint(err), context.Canceled.Error()) != 1 || strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("Recluster, cancelled in half %d = %.300q, want context.Canceled, once", half, fmt.Sprint(err))
		}
		wantSameDump(t, "after a cancelled Recluster", dump(t, x), before)
		if got := mustStats(t, x); got != stats {
			t.Errorf("Stats() = %+v, want %+v", got, stats)
		}
		mustCheck(t, x, len(articles))
	}
	mustAdd(t, x, article.Article{ID: "late", Text: story(5, 100)})
	mustRecluster(t, x)
	mustCheck(t, x, len(articles)+1)
}
