package bulk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
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

	"github.com/dedupe-news/dedupe/columns"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/report"
)

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
