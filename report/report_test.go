package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dedupe-news/dedupe/report"
)

var update = flag.Bool("update", false, "write the page in testdata anew")

func render(t testing.TB, r report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func ExampleWrite() {
	r := report.Report{
		Rows: 3, Kept: 2, Dropped: 1, KeptBytes: 9_800, DroppedBytes: 5_120,
		Copies: []report.KindCount{{Kind: "exact", Articles: 1, Bytes: 5_120}},
	}
	var page bytes.Buffer
	if err := report.Write(&page, r); err != nil {
		fmt.Println(err)
		return
	}
	_, title, _ := strings.Cut(page.String(), "<title>")
	title, _, _ = strings.Cut(title, "</title>")
	fmt.Println(strings.ReplaceAll(title, "\u00a0", " "))
	// Output: Of 3 articles 2 are unique; 1 (33 %) is a copy.
}

// TestGolden shows in review what changes in a page.
func TestGolden(t *testing.T) {
	t.Parallel()
	r := smallReport()
	if err := r.Check(); err != nil {
		t.Errorf("Check of the small report: %v", err)
	}
	got := render(t, r)
	golden := filepath.Join("testdata", "small.golden.html")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("page differs from %s; -update writes it anew (-want +got):\n%s", golden, diff)
	}
}

// TestSameEveryTime: a page depends on the report alone, and not on the order of its lists.
func TestSameEveryTime(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		want := render(t, r)
		if got := render(t, r); !bytes.Equal(got, want) {
			t.Errorf("%s: two pages of one report differ", name)
		}
	}
	r := newsReport()
	want := render(t, r)
	slices.Reverse(r.Copies)
	slices.Reverse(r.Sites)
	slices.Reverse(r.Clusters)
	slices.Reverse(r.Days)
	slices.Reverse(r.Furniture)
	slices.Reverse(r.Skipped)
	slices.Reverse(r.PassedOver)
	if got := render(t, r); !bytes.Equal(got, want) {
		t.Error("a page depends on the order of the lists")
	}
}

// TestBounded: whatever the lists and texts, a page is small.
func TestBounded(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		if page := render(t, r); len(page) >= report.MaxPageBytes {
			t.Errorf("%s: page has %d bytes, want fewer than %d", name, len(page), report.MaxPageBytes)
		}
	}
	// Each list is too long, each text too long, and each character one of those that take the most bytes.
	for _, character := range []string{"\U000E0041", `"`, "<", "\x01", "\u202E", "\U0001F6A2", "\xff"} {
		var r report.Report
		fill(reflect.ValueOf(&r).Elem(), strings.Repeat(character, 1000), 300)
		r.Days = r.Days[:160] // the most bars
		for i := range r.Clusters {
			r.Clusters[i].URL = "https://a.example/" + strings.Repeat("é", 240)
			r.Clusters[i].Spread = slices.Repeat([]int{1_000_000}, 3000)
		}
		if page := render(t, r); len(page) >= report.MaxPageBytes {
			t.Errorf("full of %q: page has %d bytes, want fewer than %d", character, len(page), report.MaxPageBytes)
		}
	}
}

// fill sets each text in v to text, makes each list n entries long, and each number different.
func fill(v reflect.Value, text string, n int) {
	number := int64(1000)
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			v.SetString(text)
		case reflect.Int, reflect.Int64:
			number++
			v.SetInt(number)
		case reflect.Float64:
			number++
			v.SetFloat(float64(number))
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			few := n
			if v.Type().Elem().Kind() == reflect.Int {
				few = min(n, 100)
			}
			for i := range few {
				walk(v.Index(i))
			}
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[time.Time]() {
				v.Set(reflect.ValueOf(time.Unix(1_700_000_000, 0).UTC()))
				return
			}
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		}
	}
	walk(v)
}

func TestShort(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		before, err := json.Marshal(finite(r))
		if err != nil {
			t.Fatal(err)
		}
		short := r.Short()
		if after, _ := json.Marshal(finite(r)); !bytes.Equal(before, after) {
			t.Errorf("%s: Short changed the report that it was called on", name)
		}
		if diff := cmp.Diff(short, short.Short()); diff != "" {
			t.Errorf("%s: Short of a short report is another (-once +twice):\n%s", name, diff)
		}
		text, err := json.Marshal(short)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("null")) {
			t.Errorf("%s: a list is null in %s", name, text)
		}
		if err := r.Check(); err == nil && short.Check() != nil {
			t.Errorf("%s: the sums agreed before Short, and do not any more: %v", name, short.Check())
		}
	}
}

// finite is r as JSON can have it.
func finite(r report.Report) report.Report {
	if math.IsInf(r.Seconds, 0) {
		r.Seconds = 0
	}
	return r
}

// TestSums: cutting a list keeps its sums.
func TestSums(t *testing.T) {
	t.Parallel()
	var r report.Report
	for i := range 1234 {
		r.Sites = append(r.Sites, report.Site{Site: fmt.Sprint("s", i), Articles: i, Kept: i / 3, Dropped: i - i/3, First: 2})
		r.Inputs = append(r.Inputs, report.Input{Name: fmt.Sprint("f", i), Bytes: int64(i), Articles: 3})
		r.Skipped = append(r.Skipped, report.Skip{File: fmt.Sprint("f", i), Count: 2})
		r.PassedOver = append(r.PassedOver, report.Reason{Reason: fmt.Sprint("r", i), Count: 5})
	}
	sum := func(r report.Report) report.Rest {
		left := r.LeftOut
		total := report.Rest{
			Entries:  len(r.Sites) + len(r.Inputs) + len(r.Skipped) + len(r.PassedOver) + left.Sites.Entries + left.Inputs.Entries + left.Skipped.Entries + left.PassedOver.Entries,
			Bytes:    left.Inputs.Bytes,
			Articles: left.Sites.Articles + left.Inputs.Articles,
			Kept:     left.Sites.Kept, Dropped: left.Sites.Dropped, First: left.Sites.First,
			Count: left.Skipped.Count + left.PassedOver.Count,
		}
		for _, s := range r.Sites {
			total.Articles, total.Kept, total.Dropped, total.First = total.Articles+s.Articles, total.Kept+s.Kept, total.Dropped+s.Dropped, total.First+s.First
		}
		for _, in := range r.Inputs {
			total.Bytes, total.Articles = total.Bytes+in.Bytes, total.Articles+in.Articles
		}
		for _, s := range r.Skipped {
			total.Count += s.Count
		}
		for _, p := range r.PassedOver {
			total.Count += p.Count
		}
		return total
	}
	short := r.Short()
	if len(short.Sites) == len(r.Sites) || short.Sites[0].Site != "s1233" {
		t.Errorf("Short() has %d sites, the first %q; want fewer than %d, and the largest first", len(short.Sites), short.Sites[0].Site, len(r.Sites))
	}
	if diff := cmp.Diff(sum(r), sum(short)); diff != "" {
		t.Errorf("sums after Short differ (-want +got):\n%s", diff)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"small", "news", "empty"} {
		if err := samples()[name].Check(); err != nil {
			t.Errorf("Check of %s: %v", name, err)
		}
	}
	for name, spoil := range map[string]func(*report.Report){
		"rows is 1342, want 1341":                                func(r *report.Report) { r.Rows++ },
		"sum of copies is 423, want 424":                         func(r *report.Report) { r.Copies[1].Articles-- },
		"sum of the bytes of copies is 2544001, want 2544000":    func(r *report.Report) { r.Copies[1].Bytes++ },
		`articles of site "coast-post.example" is 530, want 529`: func(r *report.Report) { r.Sites[0].Articles++ },
		"sum of kept by site is 906, want 905":                   func(r *report.Report) { r.Sites[0].Kept++ },
		"sum of days and undated is 1330, want 1329":             func(r *report.Report) { r.Undated++ },
		"size of cluster c1 is 6, want 5":                        func(r *report.Report) { r.Clusters[0].Size++ },
		"spread of cluster c9 is 3, want 2":                      func(r *report.Report) { r.Clusters[1].Spread = []int{3} },
		"stories is 1, want 2":                                   func(r *report.Report) { r.Stories = 1 },
		"sum of the articles of inputs is 1340, want 1341":       func(r *report.Report) { r.Inputs[0].Articles-- },
		"sum of the bytes of inputs is 5199999, want 5200000":    func(r *report.Report) { r.Inputs[0].Bytes-- },
		"sum of dropped by site is 425, want 424":                func(r *report.Report) { r.Sites[2].Dropped++ },
	} {
		r := smallReport()
		spoil(&r)
		if err := r.Check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Check() = %v, want %s", err, name)
		}
		render(t, r) // is written all the same
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriteError(t *testing.T) {
	t.Parallel()
	if err := report.Write(fullDisk{}, smallReport()); !errors.Is(err, errFull) || err.Error() != "write report: disk full" {
		t.Errorf("Write to a full disk = %v, want write report: %v", err, errFull)
	}
}
