package bulk

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/report"
)

func TestMain(m *testing.M) {
	batchRows = 8
	if os.Getenv("BULK_TEST_CHILD") != "" {
		crawlAsChild()
		return
	}
	os.Exit(m.Run())
}

const wirePath = "../testdata/wire.jsonl"

// wireLines are the lines of the corpus.
func wireLines(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile(wirePath)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// cut writes lines to so many files, in order, and returns their names.
func cut(t testing.TB, lines []string, files int) []string {
	t.Helper()
	dir := t.TempDir()
	var names []string
	for i := range files {
		name := filepath.Join(dir, fmt.Sprintf("%02d.jsonl", i))
		part := lines[i*len(lines)/files : (i+1)*len(lines)/files]
		if err := os.WriteFile(name, []byte(strings.Join(part, "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

// optionsFor are options that write all outputs into a directory.
func optionsFor(dir string, inputs ...string) Options {
	files, problems := crawl.List(inputs)
	return Options{
		Asked: inputs, Inputs: files, Missing: problems, Crawl: crawl.Options{Fields: crawl.DefaultFields()},
		Out: filepath.Join(dir, "out.jsonl"), Dropped: filepath.Join(dir, "dropped.jsonl"), Clusters: filepath.Join(dir, "clusters.jsonl"),
		Work: filepath.Join(dir, "work"), ClusterObject: func(c index.Cluster) any { return c }, Version: "test",
	}
}

func mustRun(t testing.TB, opts Options) *report.Report {
	t.Helper()
	made, err := Run(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Check(); err != nil {
		t.Errorf("the sums of the report do not agree: %v", err)
	}
	if _, err := os.Stat(opts.Work); err == nil {
		t.Errorf("%s is still there", opts.Work)
	}
	return made
}

// lines of a file.
func lines(t testing.TB, name string) []string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

func objects[T any](t testing.TB, name string) []T {
	t.Helper()
	var list []T
	for _, line := range lines(t, name) {
		var object T
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatalf("%s: %v in %s", name, err, line)
		}
		list = append(list, object)
	}
	return list
}

type idOnly struct{ ID string }

func idsOf(t testing.TB, lines []string) []string {
	t.Helper()
	var ids []string
	for _, line := range lines {
		var row idOnly
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, row.ID)
	}
	return ids
}

// added are the clusters of the same articles, added one after the other and then clustered together.
func added(t testing.TB, least match.Kind, lines []string) []index.Cluster {
	t.Helper()
	x, err := index.Open(t.TempDir(), index.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	name := filepath.Join(t.TempDir(), "all.jsonl")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o666); err != nil {
		t.Fatal(err)
	}
	for record, err := range crawl.Read(context.Background(), []string{name}, crawl.Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.Add(context.Background(), []article.Article{record.Article}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := x.Recluster(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	var list []index.Cluster
	for c, err := range x.Clusters(context.Background(), index.ClusterOptions{MinKind: least}) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

// partition says of each member of a cluster with which others it is together.
func partition(list []index.Cluster) map[string]string {
	with := make(map[string]string)
	for _, c := range list {
		var ids []string
		for _, m := range c.Members {
			ids = append(ids, m.ID)
		}
		slices.Sort(ids)
		for _, id := range ids {
			with[id] = strings.Join(ids, " ")
		}
	}
	return with
}

func TestKeptRowsAreTheInputRowsAndOneOfEachSetOfCopies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	all := wireLines(t)
	made := mustRun(t, optionsFor(dir, cut(t, all, 5)...))

	kept := lines(t, filepath.Join(dir, "out.jsonl"))
	dropped := objects[droppedRow](t, filepath.Join(dir, "dropped.jsonl"))
	if made.Kept != len(kept) || made.Dropped != len(dropped) || len(kept)+len(dropped) != len(all) {
		t.Fatalf("%d kept, %d dropped of %d; the report says %d and %d", len(kept), len(dropped), len(all), made.Kept, made.Dropped)
	}
	next := 0
	for _, line := range kept { // a subsequence, unchanged
		for next < len(all) && all[next] != line {
			next++
		}
		if next == len(all) {
			t.Fatalf("kept a row that was not in the input, or in another order: %.100s", line)
		}
	}
	if want := added(t, match.Excerpt, all); !maps.Equal(partition(objects[index.Cluster](t, filepath.Join(dir, "clusters.jsonl"))), partition(want)) {
		t.Error("the clusters are not those of add")
	}
	isKept := make(map[string]bool)
	for _, id := range idsOf(t, kept) {
		isKept[id] = true
	}
	for _, c := range added(t, match.Excerpt, all) {
		for _, m := range c.Members {
			if isKept[m.ID] != (m.ID == c.Representative) {
				t.Errorf("%s of cluster %s: kept is %v; the representative is %s", m.ID, c.ID, isKept[m.ID], c.Representative)
			}
		}
	}
	for _, d := range dropped {
		if !isKept[d.Of] || d.Why != becauseCopy || d.Kind == "" || d.Line == 0 || d.Cluster == "" {
			t.Errorf("dropped %+v: want it to name a kept article, a kind, a line and a cluster", d)
		}
	}
}

func TestMinKindRewriteDropsWholeStories(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	all := wireLines(t)
	opts := optionsFor(dir, cut(t, all, 1)...)
	opts.MinKind = match.Rewrite
	made := mustRun(t, opts)
	want := added(t, match.Rewrite, all)
	members := 0
	for _, c := range want {
		members += len(c.Members) - 1
	}
	if made.Dropped != members {
		t.Errorf("%d dropped, want %d: all but one of each story", made.Dropped, members)
	}
}

func TestMinKindCopyKeepsExcerpts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	opts := optionsFor(dir, cut(t, wireLines(t), 1)...)
	opts.MinKind = match.Copy
	made := mustRun(t, opts)
	if made.Dropped == 0 {
		t.Error("nothing was dropped")
	}
	for _, d := range objects[droppedRow](t, opts.Dropped) {
		if d.Kind != "copy" && d.Kind != "exact" || d.Via != "" {
			t.Errorf("dropped %+v; want only copies", d)
		}
	}
}

// line is a row of our own.
func line(id, date, text string) string {
	object, _ := json.Marshal(map[string]string{"id": id, "date": date, "text": text, "url": "https://" + id + ".example/x"})
	return string(object)
}

// tale is a text of its own.
func tale(seed int) string {
	var b strings.Builder
	for i := range 120 {
		fmt.Fprintf(&b, "word%d ", (seed*7919+i*i*31+i*seed*17)%100003)
	}
	return b.String()
}

func TestWindowKeepsWhatIsFarAway(t *testing.T) {
	t.Parallel()
	rows := []string{
		line("a", "2026-03-01", tale(1)),
		line("b", "2026-03-03", tale(1)+" and more"),
		line("c", "2026-03-20", tale(1)+" again"),
		line("d", "2026-03-25", tale(1)+" the last"),
		line("e", "", tale(1)+" undated"),
	}
	opts := optionsFor(t.TempDir(), cut(t, rows, 1)...)
	opts.Window = 7 * 24 * time.Hour
	mustRun(t, opts)
	if got, want := idsOf(t, lines(t, opts.Out)), []string{"a", "c"}; !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	of := make(map[string]string)
	for _, d := range objects[droppedRow](t, opts.Dropped) {
		of[d.ID] = d.Of + " " + d.Cluster
	}
	if want := map[string]string{"b": "a c1", "d": "c c1.2", "e": "a c1"}; !maps.Equal(of, want) {
		t.Errorf("dropped %v, want %v", of, want)
	}
	var groups []string
	for _, c := range objects[index.Cluster](t, opts.Clusters) {
		groups = append(groups, fmt.Sprint(c.ID, len(c.Members)))
	}
	if want := []string{"c13", "c1.22"}; !slices.Equal(groups, want) {
		t.Errorf("clusters and sizes %v, want %v", groups, want)
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	rows := []string{
		line("a", "2026-03-01", tale(1)), line("b", "2026-03-02", tale(1)), line("c", "2026-03-03", tale(1)), line("d", "", tale(1)),
	}
	opts := optionsFor(t.TempDir(), cut(t, rows, 1)...)
	opts.Since, opts.Until = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
	made := mustRun(t, opts)
	if got := idsOf(t, lines(t, opts.Out)); made.Outside != 2 || !slices.Equal(got, []string{"b"}) || made.Dropped != 1 {
		t.Errorf("kept %v, dropped %d, %d outside; want [b], 1, 2", got, made.Dropped, made.Outside)
	}
}

func TestOfOneIDTheLastRowCounts(t *testing.T) {
	t.Parallel()
	rows := []string{
		line("a", "", tale(1)), line("b", "", tale(2)), line("a", "", tale(3)), line("b", "", tale(2)), line("c", "", tale(1)),
	}
	opts := optionsFor(t.TempDir(), cut(t, rows, 1)...)
	made := mustRun(t, opts)
	if got := lines(t, opts.Out); !slices.Equal(got, rows[2:]) {
		t.Errorf("kept %v, want the last three rows: the first was replaced, and its text is that of c alone", idsOf(t, got))
	}
	if made.Dropped != 2 || made.Copies[0].Kind != becauseSameID {
		t.Errorf("dropped %+v, want 2 for the same id", made.Copies)
	}
}

func TestALaterCrawlDropsWhatEarlierOnesHad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := []string{line("a", "2026-03-05", tale(1)), line("b", "2026-03-05", tale(2))}
	later := []string{
		line("a", "2026-03-05", tale(1)),           // the same row again
		line("c", "2026-03-01", tale(1)+" more"),   // an earlier copy of a
		line("d", "2026-03-06", tale(3)),           // new
		line("e", "2026-03-07", tale(3)+" and on"), // a copy of what is new
	}
	opts := optionsFor(filepath.Join(dir), cut(t, first, 1)...)
	opts.Index = filepath.Join(dir, "seen")
	if made := mustRun(t, opts); made.Kept != 2 {
		t.Fatalf("the first crawl kept %d, want 2", made.Kept)
	}
	opts = optionsFor(t.TempDir(), cut(t, later, 1)...)
	opts.Index = filepath.Join(dir, "seen")
	made := mustRun(t, opts)
	if got := idsOf(t, lines(t, opts.Out)); !slices.Equal(got, []string{"d"}) {
		t.Errorf("the later crawl kept %v, want [d]", got)
	}
	why := make(map[string]string)
	for _, d := range objects[droppedRow](t, opts.Dropped) {
		why[d.ID] = d.Why + " " + d.Of
	}
	if want := map[string]string{"a": "known a", "c": "known a", "e": "copy d"}; !maps.Equal(why, want) {
		t.Errorf("dropped %v, want %v", why, want)
	}
	if got := made.Copies; len(got) != 2 || got[1].Kind != "known" || got[1].Articles != 2 {
		t.Errorf("the report says %+v", got)
	}
	if _, err := os.Stat(opts.Index); err != nil {
		t.Errorf("the index is gone: %v", err)
	}
}

// A report tells from which site one was copied, whether dropped rows are written, for which what they are dropped for is looked up, or not.
func TestReportTellsWhoWasCopied(t *testing.T) {
	t.Parallel()
	at := func(site, row string) string { // the row, on another site
		var object map[string]string
		if err := json.Unmarshal([]byte(row), &object); err != nil {
			t.Fatal(err)
		}
		object["url"] = "https://" + site + ".example/x"
		moved, _ := json.Marshal(object)
		return string(moved)
	}
	first := []string{
		line("a", "2026-03-01", tale(1)), line("b", "2026-03-02", tale(1)+" more"), line("c", "2026-03-01", tale(2)), line("d", "2026-03-02", tale(2)),
		at("early", line("twice", "", tale(3))), at("late", line("twice", "", tale(4))),
	}
	later := []string{line("e", "2026-03-03", tale(1)+" and on"), at("moved", line("c", "2026-03-01", tale(2))), line("f", "2026-03-04", tale(5)), line("g", "2026-03-05", tale(5))}
	for _, dropped := range []bool{true, false} {
		seen := filepath.Join(t.TempDir(), "seen")
		for _, crawl := range []struct {
			rows []string
			want map[string]string // copied site → from
		}{
			{first, map[string]string{"b.example": "a.example", "d.example": "c.example", "early.example": "late.example"}},
			{later, map[string]string{"e.example": "a.example", "moved.example": "c.example", "g.example": "f.example"}},
		} {
			opts := optionsFor(t.TempDir(), cut(t, crawl.rows, 1)...)
			opts.Index = seen
			if !dropped {
				opts.Dropped = ""
			}
			got := make(map[string]string)
			for _, site := range mustRun(t, opts).Sites {
				if from := site.CopiedFrom; from.Articles > 0 {
					got[site.Site] = from.Site
				}
			}
			if !maps.Equal(got, crawl.want) {
				t.Errorf("dropped rows written: %v: copied from %v, want %v", dropped, got, crawl.want)
			}
		}
	}
}
