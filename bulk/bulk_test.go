package bulk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	pq "github.com/parquet-go/parquet-go"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/columns"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/disk"
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

func TestKeep(t *testing.T) {
	t.Parallel()
	all := wireLines(t)
	sites := make(map[string]string)
	words := make(map[string]int)
	place := make(map[string]int)
	for i, line := range all {
		var row struct{ ID, Source, Text string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		sites[row.ID], place[row.ID] = row.Source, i
	}
	clusters := added(t, match.Excerpt, all)
	for _, c := range clusters {
		for _, m := range c.Members {
			words[m.ID] = m.Words
		}
	}
	site := sites[clusters[0].Members[len(clusters[0].Members)-1].ID]
	for _, test := range []struct {
		keep   string
		better func(a, b string) bool // a must not be dropped for b
	}{
		{"longest", func(a, b string) bool { return words[a] > words[b] }},
		{"first", func(a, b string) bool { return place[a] < place[b] }},
		{"prefer=" + site, func(a, b string) bool { return sites[a] == site && sites[b] != site }},
	} {
		t.Run(test.keep, func(t *testing.T) {
			t.Parallel()
			keep, err := ParseKeep(test.keep)
			if err != nil || keep.String() != test.keep {
				t.Fatalf("ParseKeep(%q) = %v, %v", test.keep, keep, err)
			}
			opts := optionsFor(t.TempDir(), cut(t, all, 2)...)
			opts.Keep = keep
			made := mustRun(t, opts)
			if members := len(partition(clusters)); made.Dropped != members-len(clusters) {
				t.Errorf("%d dropped, want one kept of each of %d clusters with %d members", made.Dropped, len(clusters), members)
			}
			for _, d := range objects[droppedRow](t, opts.Dropped) {
				if test.better(d.ID, d.Of) {
					t.Errorf("%s was dropped for %s", d.ID, d.Of)
				}
				if d.Kind == "" || d.Kind == "none" {
					t.Errorf("dropped %+v without a kind", d)
				}
			}
		})
	}
}

func TestParseKeepRefuses(t *testing.T) {
	for _, s := range []string{"", "latest", "prefer=", "prefer=a,,b", "Earliest"} {
		if k, err := ParseKeep(s); err == nil {
			t.Errorf("ParseKeep(%q) = %v, want an error", s, k)
		}
	}
}

func TestPreferKnowsSubdomains(t *testing.T) {
	k := Prefer("a.example", "b.example")
	for _, test := range []struct {
		site string
		want int
	}{{"a.example", 0}, {"www.a.example", 0}, {"B.example", 1}, {"xa.example", 2}, {"", 2}, {"example", 2}} {
		if got := k.rank(test.site); got != test.want {
			t.Errorf("rank(%q) = %d, want %d", test.site, got, test.want)
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

func TestAnnotate(t *testing.T) {
	t.Parallel()
	all := wireLines(t)
	opts := optionsFor(t.TempDir(), cut(t, all, 1)...)
	opts.Annotate = true
	made := mustRun(t, opts)
	stories := make(map[string]index.Cluster)
	for _, c := range added(t, match.Rewrite, all) {
		for _, m := range c.Members {
			stories[m.ID] = c
		}
	}
	copies, rewrites := 0, 0
	for _, row := range objects[struct {
		ID     string
		Dedupe annotation
	}](t, opts.Out) {
		copies += int(row.Dedupe.Copies)
		c := stories[row.ID]
		if row.Dedupe.Story != c.ID || row.Dedupe.Representative != c.Representative {
			t.Errorf("%s: %+v, want story %q of %q", row.ID, row.Dedupe, c.ID, c.Representative)
		}
		if row.Dedupe.Kind == "rewrite" {
			rewrites++
		}
	}
	if copies != made.Dropped || rewrites == 0 {
		t.Errorf("kept rows stand for %d copies, %d were dropped; %d rewrites", copies, made.Dropped, rewrites)
	}
}

// Lines that end with CR LF are written so again.
func TestLineEndsStay(t *testing.T) {
	t.Parallel()
	crlf := "{\"id\": \"goats\", \"text\": \"Eleven goats have learned to open the gate of the town garden.\"}\r\n"
	lf := "{\"id\": \"ferry\", \"dedupe\": 1, \"text\": \"The ferry to Lower Orrin stays at its berth until spring.\"}\n"
	in := filepath.Join(t.TempDir(), "in.jsonl")
	if err := os.WriteFile(in, []byte(crlf+lf+strings.Replace(crlf, "goats", "goats again", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	opts := optionsFor(t.TempDir(), in)
	mustRun(t, opts)
	if got, err := os.ReadFile(opts.Out); err != nil || string(got) != crlf+lf {
		t.Errorf("kept %q, %v, want %q", got, err, crlf+lf)
	}
	opts = optionsFor(t.TempDir(), in)
	opts.Annotate = true
	mustRun(t, opts)
	if got, err := os.ReadFile(opts.Out); err != nil || strings.Count(string(got), "}\r\n") != 1 || strings.Count(string(got), "\n") != 2 {
		t.Errorf("kept %q, %v, want one CR LF and one LF", got, err)
	}
	for _, row := range []string{`{"id":1}` + "\r", `{"dedupe":0}` + "\r"} {
		if got, err := annotated([]byte(row), &annotation{}); err != nil || !strings.HasSuffix(string(got), "}\r") {
			t.Errorf("annotated(%q) = %q, %v, want its CR at the end", row, got, err)
		}
	}
}

func TestAnnotatedRowKeepsItsBytes(t *testing.T) {
	got, err := annotated([]byte(`{"text":"a } b" , "n": 1.50 }`), &annotation{Copies: 2})
	if want := `{"text":"a } b" , "n": 1.50 ,"dedupe":{"copies":2}}`; err != nil || string(got) != want {
		t.Errorf("annotated = %s, %v; want %s", got, err, want)
	}
}

// decompressed is the content of an output.
func decompressed(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var r io.Reader = bytes.NewReader(data)
	switch {
	case strings.HasSuffix(name, ".gz"):
		r, err = gzip.NewReader(r)
	case strings.HasSuffix(name, ".zst"):
		var z *zstd.Decoder
		z, err = zstd.NewReader(r)
		r = z
	}
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	return data
}

func TestFormatsOfOutputs(t *testing.T) {
	t.Parallel()
	names := cut(t, wireLines(t), 1)
	plain := optionsFor(t.TempDir(), names...)
	mustRun(t, plain)
	for _, ext := range []string{".jsonl.gz", ".jsonl.zst", ".ndjson"} {
		opts := optionsFor(t.TempDir(), names...)
		for _, name := range []*string{&opts.Out, &opts.Dropped, &opts.Clusters} {
			*name = strings.TrimSuffix(*name, ".jsonl") + ext
		}
		mustRun(t, opts)
		for _, pair := range [][2]string{{opts.Out, plain.Out}, {opts.Dropped, plain.Dropped}, {opts.Clusters, plain.Clusters}} {
			if !bytes.Equal(decompressed(t, pair[0]), decompressed(t, pair[1])) {
				t.Errorf("%s has other rows than %s", filepath.Base(pair[0]), filepath.Base(pair[1]))
			}
		}
	}
	var stdout bytes.Buffer
	opts := optionsFor(t.TempDir(), names...)
	opts.Out, opts.Stdout = "-", &stdout
	mustRun(t, opts)
	if !bytes.Equal(stdout.Bytes(), decompressed(t, plain.Out)) {
		t.Error("standard output has other rows than the file")
	}
	for _, name := range []string{"out", "out.json", "out.csv", "out.jsonl.bz2", "out.parquet.gz"} {
		opts := optionsFor(t.TempDir(), names...)
		opts.Out = filepath.Join(t.TempDir(), name)
		if _, err := Run(context.Background(), opts); !errors.Is(err, ErrFormat) {
			t.Errorf("output %s: %v, want ErrFormat", name, err)
		}
	}
}

// table reads a Parquet file as JSON lines.
func table(t *testing.T, name string) []string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	f, err := columns.Open(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for g := range f.Groups() {
		for row, err := range f.Group(g, 0) {
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, string(row))
		}
	}
	return rows
}

func TestParquetOutputs(t *testing.T) {
	t.Parallel()
	names := cut(t, wireLines(t), 1)
	plain := optionsFor(t.TempDir(), names...)
	mustRun(t, plain)
	opts := optionsFor(t.TempDir(), names...)
	for _, name := range []*string{&opts.Out, &opts.Dropped, &opts.Clusters} {
		*name = strings.TrimSuffix(*name, ".jsonl") + ".parquet"
	}
	mustRun(t, opts)
	kept := table(t, opts.Out)
	if got, want := idsOf(t, kept), idsOf(t, lines(t, plain.Out)); !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	var row, want struct{ ID, URL, Title, Date, Source, Text string }
	if err := errors.Join(json.Unmarshal([]byte(kept[0]), &row), json.Unmarshal([]byte(lines(t, plain.Out)[0]), &want)); err != nil || row != want {
		t.Errorf("the first row is %+v, want %+v (%v)", row, want, err)
	}
	if got, want := len(table(t, opts.Dropped)), len(lines(t, plain.Dropped)); got != want {
		t.Errorf("%d dropped rows, want %d", got, want)
	}
	members := 0
	for _, c := range objects[index.Cluster](t, plain.Clusters) {
		members += len(c.Members)
	}
	if got := len(table(t, opts.Clusters)); got != members {
		t.Errorf("%d rows of clusters, want one for each of %d members", got, members)
	}

	// Kept rows of Parquet inputs with the same columns are written with these columns.
	again := optionsFor(t.TempDir(), opts.Out)
	again.Out = filepath.Join(t.TempDir(), "again.parquet")
	if made := mustRun(t, again); made.Kept != len(kept) {
		t.Fatalf("of unique articles %d were kept, want all %d", made.Kept, len(kept))
	}
	if got := table(t, again.Out); !slices.Equal(got, kept) {
		t.Error("kept rows of Parquet have changed")
	}
	again = optionsFor(t.TempDir(), opts.Out)
	again.Annotate, again.Out = true, filepath.Join(t.TempDir(), "notes.parquet")
	mustRun(t, again)
	annotated := table(t, again.Out)
	for i, got := range annotated {
		if own := strings.TrimSuffix(kept[i], "}"); !strings.HasPrefix(got, own+`,"story":`) || !strings.Contains(got, `"copies":0`) {
			t.Fatalf("an annotated row is %.300s; want the row as it was, and its copies", got)
		}
	}
	if !strings.Contains(strings.Join(annotated, "\n"), `"kind":"rewrite"`) {
		t.Error("no annotated row is a rewrite")
	}
}

// Nested columns stay as they are when rows are annotated, unless one is called as a column of the note.
func TestAnnotatedParquetKeepsNestedColumns(t *testing.T) {
	t.Parallel()
	type tagged struct {
		ID   string   `parquet:"id"`
		Text string   `parquet:"text"`
		Tags []string `parquet:"tags,list"`
	}
	type clashing struct {
		ID   string   `parquet:"id"`
		Text string   `parquet:"text"`
		Kind []string `parquet:"kind,list"`
	}
	const text = "Eleven goats from the upper farms have learned to open the gate of the town garden with their horns."
	const note = `"story":null,"representative":null,"kind":null,"jaccard":null,"containment":null,"copies":0}`
	tags := []string{"goats", "gates"}
	for _, tt := range []struct {
		name  string
		write func(name string) error
		want  string
	}{
		{"nested", func(name string) error { return pq.WriteFile(name, []tagged{{"a", text, tags}}) },
			`{"id":"a","text":"` + text + `","tags":["goats","gates"],` + note},
		{"the name of a note", func(name string) error { return pq.WriteFile(name, []clashing{{"a", text, tags}}) },
			`{"id":"a","url":null,"title":null,"date":null,"source":null,"text":"` + text + `","more":"{\"kind\":[\"goats\",\"gates\"]}",` + note},
	} {
		in := filepath.Join(t.TempDir(), "in.parquet")
		if err := tt.write(in); err != nil {
			t.Fatal(err)
		}
		opts := optionsFor(t.TempDir(), in)
		opts.Annotate, opts.Out = true, filepath.Join(filepath.Dir(opts.Out), "kept.parquet")
		mustRun(t, opts)
		if got := table(t, opts.Out); len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s: kept %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	opts := optionsFor(dir, cut(t, wireLines(t), 1)...)
	opts.DryRun, opts.Report = true, filepath.Join(dir, "report.html")
	if made := mustRun(t, opts); made.Dropped == 0 {
		t.Error("nothing would be dropped")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("a dry run left %v, %v", entries, err)
	}
}

func TestReportPage(t *testing.T) {
	t.Parallel()
	opts := optionsFor(t.TempDir(), cut(t, wireLines(t), 3)...)
	opts.Report = filepath.Join(filepath.Dir(opts.Out), "report.html")
	made := mustRun(t, opts)
	page, err := os.ReadFile(opts.Report)
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(page), `id="figures">`)
	inside, _, _ := strings.Cut(after, "</script>")
	var shown report.Report
	if err := json.Unmarshal([]byte(inside), &shown); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made.Short(), shown); diff != "" {
		t.Errorf("the page has other figures than Run returned (-want +got):\n%s", diff)
	}
	if len(made.Clusters) == 0 || len(made.Sites) < 10 || len(made.Days) < 3 || made.Stories == 0 || made.CopyClusters == 0 || made.Rewrites == 0 {
		t.Errorf("the report has no clusters, sites or days: %+v", made)
	}
}

func TestMisuse(t *testing.T) {
	t.Parallel()
	unfinished := func(t *testing.T) Options {
		opts := optionsFor(t.TempDir(), cut(t, wireLines(t), 2)...)
		ctx, cancel := context.WithCancel(context.Background())
		opts.OnProgress = func(Progress) { cancel() }
		if _, err := Run(ctx, opts); !errors.Is(err, context.Canceled) {
			t.Fatalf("Run, cancelled: %v", err)
		}
		opts.OnProgress = nil
		return opts
	}
	for _, test := range []struct {
		name   string
		change func(t *testing.T, opts *Options)
		want   error
	}{
		{"output exists", func(t *testing.T, opts *Options) {
			*opts = optionsFor(t.TempDir(), opts.Asked...)
			if err := os.WriteFile(opts.Dropped, nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}, ErrExists},
		{"unfinished", func(*testing.T, *Options) {}, ErrUnfinished},
		{"nothing to resume", func(t *testing.T, opts *Options) { *opts = optionsFor(t.TempDir(), opts.Asked...); opts.Resume = true }, ErrNothingToResume},
		{"other input", func(_ *testing.T, opts *Options) {
			opts.Resume = true
			opts.Asked = []string{"elsewhere", opts.Asked[1]}
		}, ErrOtherCrawl},
		{"fewer inputs", func(_ *testing.T, opts *Options) { opts.Resume = true; opts.Asked = opts.Asked[:1] }, ErrOtherCrawl},
		{"other fields", func(_ *testing.T, opts *Options) { opts.Resume = true; opts.Crawl.Fields.ID = "key" }, ErrOtherCrawl},
		{"other index", func(_ *testing.T, opts *Options) { opts.Resume = true; opts.Index = "seen" }, ErrOtherCrawl},
		{"other dates", func(_ *testing.T, opts *Options) { opts.Resume = true; opts.Since = time.Now() }, ErrOtherCrawl},
		{"full disk", func(_ *testing.T, opts *Options) { opts.Resume = true; opts.ReserveBytes = 1 << 60 }, disk.ErrFull},
		{"an output is an input", func(_ *testing.T, opts *Options) { opts.Force = true; opts.Out = opts.Asked[0] }, ErrIsInput},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			good := unfinished(t)
			opts := good
			test.change(t, &opts)
			if _, err := Run(context.Background(), opts); !errors.Is(err, test.want) {
				t.Fatalf("Run = %v, want %v", err, test.want)
			}
			good.Resume = true // nothing was lost by it
			mustRun(t, good)
		})
	}
	t.Run("changed input", func(t *testing.T) {
		t.Parallel()
		opts := unfinished(t)
		if err := os.Truncate(opts.Asked[0], 100); err != nil {
			t.Fatal(err)
		}
		opts.Resume = true
		if _, err := Run(context.Background(), opts); !errors.Is(err, ErrChanged) {
			t.Errorf("Run = %v, want ErrChanged", err)
		}
	})
	opts := unfinished(t)
	opts.Force = true
	mustRun(t, opts)
	opts.Force, opts.MinKind = false, match.Quote
	if _, err := Run(context.Background(), opts); err == nil {
		t.Error("MinKind quote was taken")
	}
}

// A crawl into an index is given up: what it added is in no output, and is new to the next one.
func TestWhatAnUnfinishedCrawlAddedIsNew(t *testing.T) {
	t.Parallel()
	seen := filepath.Join(t.TempDir(), "seen")
	given := optionsFor(t.TempDir(), cut(t, wireLines(t), 2)...)
	given.Index = seen
	ctx, cancel := context.WithCancel(context.Background())
	given.OnProgress = func(p Progress) {
		if p.Articles > 40 {
			cancel()
		}
	}
	if _, err := Run(ctx, given); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	opts := optionsFor(t.TempDir(), cut(t, wireLines(t)[20:], 1)...)
	opts.Index = seen
	if _, err := Run(context.Background(), opts); !errors.Is(err, ErrUnfinished) {
		t.Fatalf("a crawl into the index of an unfinished one: %v, want ErrUnfinished", err)
	}
	opts.Force = true
	mustRun(t, opts)
	alone := optionsFor(t.TempDir(), opts.Asked...)
	mustRun(t, alone)
	kept := make(map[string]bool)
	for _, id := range idsOf(t, lines(t, opts.Out)) {
		kept[id] = true
	}
	for _, d := range objects[droppedRow](t, opts.Dropped) {
		if !kept[d.Of] {
			t.Errorf("%s was dropped for %s, which is in no output", d.ID, d.Of)
		}
	}
	if got, want := len(kept), len(lines(t, alone.Out)); got < want-2 || got > want+2 { // what was added first changes a verdict here and there
		t.Errorf("%d rows were kept, a crawl into an empty index keeps %d", got, want)
	}
	// The index has no unfinished crawl any more.
	opts = optionsFor(t.TempDir(), cut(t, wireLines(t)[:5], 1)...)
	opts.Index = seen
	mustRun(t, opts)
}

// Nothing is dropped for an article that somebody else added while the crawl was interrupted.
func TestArticlesAddedMeanwhileAreInNoOutput(t *testing.T) {
	t.Parallel()
	seen := filepath.Join(t.TempDir(), "seen")
	rows := []string{line("a", "2026-03-05", tale(1)), line("b", "2026-03-05", tale(2))}
	for i := range 20 {
		rows = append(rows, line(fmt.Sprint("x", i), "2026-03-06", tale(10+i)))
	}
	opts := optionsFor(t.TempDir(), cut(t, rows, 1)...)
	opts.Index = seen
	ctx, cancel := context.WithCancel(context.Background())
	opts.OnProgress = func(Progress) { cancel() }
	if _, err := Run(ctx, opts); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	x, err := index.Open(seen, index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Recluster(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	_, err = x.Add(context.Background(), []article.Article{{ID: "meanwhile", Text: tale(1) + " and more", Published: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}})
	if err := errors.Join(err, x.Close()); err != nil {
		t.Fatal(err)
	}
	opts.OnProgress, opts.Resume = nil, true
	mustRun(t, opts)
	if got := lines(t, opts.Out); len(got) != len(rows) {
		t.Errorf("%d rows were kept, want all %d: none has a copy among them", len(got), len(rows))
	}
}

func TestRunningTwice(t *testing.T) {
	t.Parallel()
	opts := optionsFor(t.TempDir(), cut(t, wireLines(t), 1)...)
	again := opts
	var second error
	opts.OnProgress = func(Progress) {
		if second == nil {
			again.Force = true
			_, second = Run(context.Background(), again)
		}
	}
	mustRun(t, opts)
	if !errors.Is(second, ErrRunning) {
		t.Errorf("a second crawl in the same place: %v, want ErrRunning", second)
	}
}

// A dropped row is a copy, or says through which one.
func TestDroppedRowsAreCopies(t *testing.T) {
	t.Parallel()
	for _, keep := range []Keep{Earliest, Longest, First, Prefer("coast-post.example", "vale-courier.example")} {
		for _, window := range []time.Duration{0, time.Hour, 24 * time.Hour} {
			opts := optionsFor(t.TempDir(), cut(t, wireLines(t), 1)...)
			opts.Keep, opts.Window = keep, window
			mustRun(t, opts)
			kept := make(map[string]bool)
			for _, id := range idsOf(t, lines(t, opts.Out)) {
				kept[id] = true
			}
			for _, d := range objects[droppedRow](t, opts.Dropped) {
				if d.Kind == "rewrite" || window > 0 && d.Via != "" || !kept[d.Of] {
					t.Errorf("keep %s, window %s: dropped %+v", keep, window, d)
				}
			}
		}
	}
}

func TestMissingInputsAreCounted(t *testing.T) {
	t.Parallel()
	names := append(cut(t, wireLines(t)[:5], 1), filepath.Join(t.TempDir(), "missing.jsonl"))
	opts := optionsFor(t.TempDir(), names...)
	var heard []string
	opts.OnSkip = func(at crawl.Origin, id string, why error) { heard = append(heard, filepath.Base(at.File)) }
	made := mustRun(t, opts)
	if len(made.Skipped) != 1 || made.Skipped[0].Count != 1 || !slices.Equal(heard, []string{"missing.jsonl"}) {
		t.Errorf("skipped %+v, heard of %v; want the missing file", made.Skipped, heard)
	}
}
