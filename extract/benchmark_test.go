package extract

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// benchmark is the article-extraction-benchmark of Scrapinghub (Zyte): 181 news pages with the article's text as marked by
// people. It is not part of this repository; what needs it is skipped where it is absent.
const benchmark = "../../shared/data/html"

// marked is one page of the benchmark.
type marked struct {
	id, url, body string
	page          []byte
}

func readBenchmark(tb testing.TB) []marked {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(benchmark, "ground-truth.json"))
	if err != nil {
		tb.Skip("no benchmark pages: ", err)
	}
	var truth map[string]struct{ ArticleBody, URL string }
	if err := json.Unmarshal(raw, &truth); err != nil {
		tb.Fatal(err)
	}
	var pages []marked
	for id, t := range truth {
		pages = append(pages, marked{id, t.URL, t.ArticleBody, readGzip(tb, filepath.Join(benchmark, "html", id+".html.gz"))})
	}
	slices.SortFunc(pages, func(a, b marked) int { return strings.Compare(a.id, b.id) })
	return pages
}

func readGzip(tb testing.TB, path string) []byte {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	page, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	return page
}

// TestBenchmark measures as evaluate.py of the benchmark does: see [compareShingles].
func TestBenchmark(t *testing.T) {
	pages := readBenchmark(t)
	var precision, recall, found, marked float64
	titles, from := 0, map[string]int{}
	for _, m := range pages {
		p, err := HTML(m.page, "text/html", m.url)
		if err != nil && !errors.Is(err, ErrNoArticle) {
			t.Errorf("%s: %v", m.url, err)
		}
		tp, fp, fn := compareShingles(m.body, p.Text)
		if tp+fp > 0 {
			precision += tp / (tp + fp)
			found++
		}
		if tp+fn > 0 {
			recall += tp / (tp + fn)
			marked++
		}
		if p.Title != "" {
			titles++
		}
		from[p.PublishedFrom]++
	}
	precision /= found
	recall /= marked
	f1 := 2 * precision * recall / (precision + recall)
	t.Logf("F1 %.4f, precision %.4f, recall %.4f; text on %.0f of %d pages, title on %d, published %v", f1, precision, recall, found, len(pages), titles, from)
	if f1 < 0.97 {
		t.Errorf("F1 = %.4f, want at least 0.97 (0.93 is required)", f1)
	}
	if dated := len(pages) - from[""]; dated < 160 {
		t.Errorf("%d of %d pages have a time of publication, want at least 160", dated, len(pages))
	}
	if titles < len(pages) {
		t.Errorf("%d of %d pages have a title", titles, len(pages))
	}
}

// TestBenchmarkURLDates compares the times of publication with the days in the addresses of the pages, which were not asked: they
// may differ by a day, because an address has the day where its publisher lives.
func TestBenchmarkURLDates(t *testing.T) {
	compared := 0
	for _, m := range readBenchmark(t) {
		p, _ := HTML(m.page, "text/html", m.url)
		day, ok := urlDate(m.url)
		if !ok || p.PublishedFrom == fromURL || p.Published.IsZero() {
			continue
		}
		compared++
		if apart := p.Published.Sub(day).Hours(); math.Abs(apart-12) > 24 {
			t.Errorf("%s: published %v from %s", m.url, p.Published, p.PublishedFrom)
		}
	}
	t.Logf("%d pages compared", compared)
	if compared < 40 {
		t.Errorf("%d pages compared, want at least 40", compared)
	}
}

// compareShingles compares the multisets of 4-word shingles of two texts: what both have, what only got has, what only want
// has, as shares of all three together. Words are runs of letters and digits; case counts.
func compareShingles(want, got string) (both, onlyGot, onlyWant float64) {
	a, b := countShingles(want), countShingles(got)
	for s, n := range a {
		both += float64(min(n, b[s]))
		onlyWant += float64(max(0, n-b[s]))
	}
	for s, n := range b {
		onlyGot += float64(max(0, n-a[s]))
	}
	if all := both + onlyGot + onlyWant; all > 0 {
		return both / all, onlyGot / all, onlyWant / all
	}
	return 0, 0, 0
}

var word = regexp.MustCompile(`[\p{L}\p{N}_]+`)

func countShingles(text string) map[string]int {
	const n = 4
	words := word.FindAllString(text, -1)
	counts := map[string]int{}
	for i := 0; i < max(1, len(words)-n+1); i++ {
		if s := words[i:min(i+n, len(words))]; len(s) > 0 {
			counts[strings.Join(s, " ")]++
		}
	}
	return counts
}

func TestCompareShingles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		want, got               string
		both, onlyGot, onlyWant float64
	}{
		{"a b c d e", "a b c d e", 1, 0, 0},
		{"a b c d e", "a b c d", 0.5, 0, 0.5},
		{"a b c d", "a b c d x y", 1. / 3, 2. / 3, 0},
		{"a b", "a, b!", 1, 0, 0},
		{"a", "A", 0, 0.5, 0.5},
		{"", "", 0, 0, 0},
	} {
		both, onlyGot, onlyWant := compareShingles(test.want, test.got)
		if both != test.both || onlyGot != test.onlyGot || onlyWant != test.onlyWant {
			t.Errorf("compareShingles(%q, %q) = %v, %v, %v, want %v, %v, %v", test.want, test.got, both, onlyGot, onlyWant,
				test.both, test.onlyGot, test.onlyWant)
		}
	}
}

// BenchmarkHTML reads the pages of the benchmark one after the other.
func BenchmarkHTML(b *testing.B) {
	pages := readBenchmark(b)
	size := 0
	for _, m := range pages {
		size += len(m.page)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, m := range pages {
			if _, err := HTML(m.page, "text/html", m.url); err != nil {
				b.Fatal(fmt.Errorf("%s: %w", m.url, err))
			}
		}
	}
	b.ReportMetric(float64(len(pages)*b.N)/b.Elapsed().Seconds(), "pages/s")
}
