package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/bulk"
	"github.com/dedupe-news/dedupe/columns"
)

// wireRow is a row of the test corpus.
type wireRow struct {
	ID     string `json:"id"`
	URL    string `json:"url"`
	Source string `json:"source"`
	Date   string `json:"date"`
	Title  string `json:"title"`
	Text   string `json:"text"`
}

func wireRows(t *testing.T) []wireRow {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "wire.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []wireRow
	seen := make(map[string]bool)
	for line := range strings.Lines(string(data)) {
		var row wireRow
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if !seen[row.URL] { // ids of pages are derived from URLs
			rows = append(rows, row)
		}
		seen[row.URL] = true
	}
	return rows
}

// crawlFolder is a folder of crawl files under construction, and what must be read of it.
type crawlFolder struct {
	t    *testing.T
	dir  string
	rows []wireRow // not yet in a file
	ids  []string  // of all articles that can be read
}

// take returns the next n rows that have enough text to be found on a page.
func (f *crawlFolder) take(n int) []wireRow {
	f.t.Helper()
	const onAPage = 600 // bytes
	var taken, rest []wireRow
	for _, r := range f.rows {
		if len(taken) < n && len(r.Text) > onAPage {
			taken = append(taken, r)
		} else {
			rest = append(rest, r)
		}
	}
	if len(taken) < n {
		f.t.Fatalf("there are only %d articles left", len(taken))
	}
	f.rows = rest
	return taken
}

func (f *crawlFolder) write(name string, content []byte) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, name), content, 0o666); err != nil {
		f.t.Fatal(err)
	}
}

// pack compresses parts as the extension says: in gzip a member each.
func pack(t *testing.T, ext string, parts ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, part := range parts {
		var w io.WriteCloser
		var err error
		switch ext {
		case ".gz":
			w = gzip.NewWriter(&b)
		case ".zst":
			w, err = zstd.NewWriter(&b)
		default:
			b.Write(part)
			continue
		}
		if err == nil {
			_, err = w.Write(part)
		}
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func page(r wireRow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!doctype html><html><head><title>%s</title><link rel=canonical href=%q><meta property=article:published_time content=%q></head><body><nav><a href=/>Home</a> <a href=/sport>Sport</a></nav><article><h1>%s</h1>",
		html.EscapeString(r.Title), r.URL, r.Date, html.EscapeString(r.Title))
	for paragraph := range strings.SplitSeq(r.Text, "\n") {
		if strings.TrimSpace(paragraph) != "" {
			fmt.Fprintf(&b, "<p>%s</p>", html.EscapeString(paragraph))
		}
	}
	b.WriteString("</article><footer><p>All rights reserved.</p></footer></body></html>")
	return b.String()
}

func warcRecord(kind, url, media, block string) []byte {
	return fmt.Appendf(nil, "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n",
		kind, url, media, len(block), block)
}

func arcRecord(r wireRow) []byte {
	body := response("200", "text/html; charset=utf-8", page(r))
	return fmt.Appendf(nil, "%s 192.0.2.1 20260101000000 text/html %d\n%s\n", r.URL, len(body), body)
}

// separated is a table of rows, a part a row.
func separated(t *testing.T, comma rune, rows []wireRow) [][]byte {
	var parts [][]byte
	for i, r := range append([]wireRow{{"id", "url", "source", "date", "title", "text"}}, rows...) {
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Comma = comma
		if w.Write([]string{r.ID, r.URL, r.Source, r.Date, r.Title, r.Text}) != nil {
			t.Fatalf("row %d cannot be written", i)
		}
		w.Flush()
		parts = append(parts, b.Bytes())
	}
	return parts
}

func jsonLine(t *testing.T, v any) []byte {
	line, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return append(line, '\n')
}

func parquetFile(t *testing.T, rows []wireRow) []byte {
	var b bytes.Buffer
	w := columns.NewWriter(&b, columns.Flat("id", "url", "source", "date", "title", "text"))
	for _, r := range rows {
		if err := w.Write(bytes.TrimSpace(jsonLine(t, r))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// good writes a file of every format in every packing, and a Parquet file.
func (f *crawlFolder) good() {
	f.t.Helper()
	ids := func(rows []wireRow, id func(wireRow) string) {
		for _, r := range rows {
			f.ids = append(f.ids, id(r))
		}
	}
	byID := func(r wireRow) string { return r.ID }
	byURL := func(r wireRow) string { return article.DeriveID(r.URL, r.Text) }
	for _, ext := range []string{"", ".gz", ".zst"} {
		rows := f.take(3)
		var parts [][]byte
		for _, r := range rows {
			parts = append(parts, jsonLine(f.t, r))
		}
		f.write("lines.jsonl"+ext, pack(f.t, ext, parts...))
		ids(rows, byID)

		rows = f.take(2)
		f.write("comma.csv"+ext, pack(f.t, ext, separated(f.t, ',', rows)...))
		ids(rows, byID)

		rows = f.take(2)
		f.write("tabs.tsv"+ext, pack(f.t, ext, separated(f.t, '\t', rows)...))
		ids(rows, byID)

		rows = f.take(3)
		parts = [][]byte{warcRecord("warcinfo", "", "application/warc-fields", "software: our own\r\n")}
		for _, r := range rows {
			parts = append(parts, warcRecord("response", r.URL, "application/http; msgtype=response", response("200", "text/html; charset=utf-8", page(r))))
		}
		parts = append(parts, warcRecord("revisit", "https://a.example/", "application/http", ""),
			warcRecord("response", "https://a.example/gone", "application/http; msgtype=response", response("404", "text/html", "gone")))
		f.write("pages.warc"+ext, pack(f.t, ext, parts...))
		ids(rows, byURL)

		rows = f.take(2)
		parts = nil
		for _, r := range rows {
			parts = append(parts, warcRecord("conversion", r.URL, "text/plain", r.Text))
		}
		f.write("texts.wet"+ext, pack(f.t, ext, parts...))
		ids(rows, byURL)

		rows = f.take(2)
		const head = "1 0 test\nURL IP-address Archive-date Content-type Archive-length\n\n"
		parts = [][]byte{fmt.Appendf(nil, "filedesc://test.arc 0.0.0.0 20260101000000 text/plain %d\n%s", len(head), head)}
		for _, r := range rows {
			parts = append(parts, arcRecord(r))
		}
		f.write("pages.arc"+ext, pack(f.t, ext, parts...))
		ids(rows, byURL)

		rows = f.take(1)
		f.write("page.html"+ext, pack(f.t, ext, []byte(page(rows[0]))))
		ids(rows, byURL)

		rows = f.take(1)
		f.write("text.txt"+ext, pack(f.t, ext, []byte(rows[0].Text)))
		f.ids = append(f.ids, f.dir+"/text.txt"+ext)
	}
	rows := f.take(3)
	f.write("table.parquet", parquetFile(f.t, rows))
	ids(rows, byID)
}

// bad writes files with which something is wrong, some of which have good articles too. It returns what must be said of them.
func (f *crawlFolder) bad() (said []string) {
	f.t.Helper()
	big := int64(1) << 30
	if testing.Short() {
		big = 1 << 27
	}

	// Of six members of a WARC file, the second and the fourth are damaged.
	var members [][]byte
	rows := f.take(6)
	for i, r := range rows {
		member := pack(f.t, ".gz", warcRecord("response", r.URL, "application/http; msgtype=response", response("200", "text/html; charset=utf-8", page(r))))
		if i == 1 || i == 3 {
			for j := len(member) / 3; j < len(member)/2; j++ {
				member[j] ^= 0x55
			}
		} else {
			f.ids = append(f.ids, article.DeriveID(r.URL, r.Text))
		}
		members = append(members, member)
	}
	f.write("corrupt.warc.gz", bytes.Join(members, nil))
	at := len(members[0])
	said = append(said, fmt.Sprintf(`corrupt\.warc\.gz: record 2 at byte %d: damaged compressed data`, at))
	at += len(members[1]) + len(members[2])
	said = append(said, fmt.Sprintf(`corrupt\.warc\.gz: record 4 at byte %d: damaged compressed data`, at))

	table := parquetFile(f.t, rows)
	f.write("truncated.parquet", table[:len(table)*2/3])
	said = append(said, `truncated\.parquet: .*damaged Parquet file`)

	// A line of a gigabyte: holes in the file, which are read as NUL bytes.
	row := f.take(1)[0]
	f.ids = append(f.ids, row.ID)
	file, err := os.Create(filepath.Join(f.dir, "long.jsonl"))
	if err == nil {
		_, err = file.WriteString(`{"text":"`)
	}
	if err == nil {
		_, err = file.WriteAt(append([]byte("\n"), jsonLine(f.t, row)...), big)
	}
	if err := errors.Join(err, file.Close()); err != nil {
		f.t.Fatal(err)
	}
	said = append(said, `long\.jsonl:1: line too long`)

	// A gigabyte of nothing in a megabyte of gzip.
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	if _, err := io.Copy(w, io.MultiReader(strings.NewReader(`{"text":"`), io.LimitReader(zeros{}, big))); err != nil || w.Close() != nil {
		f.t.Fatal(err)
	}
	f.write("bomb.jsonl.gz", bomb.Bytes())
	said = append(said, `bomb\.jsonl\.gz:1: line too long`)

	// What is not UTF-8 is read, as well as can be.
	row = f.take(1)[0]
	row.ID = "not-utf8"
	f.write("bytes.jsonl", bytes.Replace(jsonLine(f.t, row), []byte(row.Text[:4]), []byte("\xff\xfe\xfd "), 1))
	f.ids = append(f.ids, row.ID)

	if err := os.Symlink("nowhere", filepath.Join(f.dir, "unreadable.jsonl")); err != nil {
		f.t.Fatal(err)
	}
	said = append(said, `unreadable\.jsonl: no such file or directory`)
	if os.Getuid() != 0 {
		f.write("secret.jsonl", nil)
		if err := os.Chmod(filepath.Join(f.dir, "secret.jsonl"), 0); err != nil {
			f.t.Fatal(err)
		}
		said = append(said, `secret\.jsonl: permission denied`)
	}
	f.write("empty.txt", nil)
	said = append(said, `empty\.txt: the file has no text`)

	f.write("lines-of-all-kinds.jsonl", fmt.Appendf(nil, "%s\n%s\n[1]\n%s", `{"id":"half","text":"cut`, `{"id":"no-text"}`, jsonLine(f.t, map[string]string{
		"id": "after-bad-lines", "text": "After three bad lines comes a good one, about a lighthouse keeper who counts the ships that pass.",
	})))
	said = append(said, `lines-of-all-kinds\.jsonl:1: not a JSON object`, `lines-of-all-kinds\.jsonl:2: record "no-text" has no text`,
		`lines-of-all-kinds\.jsonl:3: not a JSON object`)
	f.ids = append(f.ids, "after-bad-lines")

	f.write("broken.csv", []byte("id,text\nrow-1,A row of a table that tells of a broken gate and of the goat behind it\nrow-2,too,many,cells\nrow-3,Another row of the table tells how the gate was mended and the goat came home\n"))
	said = append(said, `broken\.csv:3: malformed row`)
	f.ids = append(f.ids, "row-1", "row-3")

	f.write("picture.png", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"))
	said = append(said, `picture\.png: format not supported`)
	return said
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestMixedCrawl crawls a folder with every format there is, and with everything that can be wrong.
func TestMixedCrawl(t *testing.T) {
	t.Parallel()
	work := t.TempDir()
	f := &crawlFolder{t: t, dir: filepath.Join(work, "crawl"), rows: wireRows(t)}
	if err := os.Mkdir(f.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	f.good()
	said := f.bad()

	out, dropped := filepath.Join(work, "unique.jsonl"), filepath.Join(work, "dropped.jsonl")
	cmd := exec.Command("dedupe", "crawl", f.dir, "--out", out, "--dropped", dropped, "--memory", "1GiB")
	cmd.Env = childEnv(filepath.Join(work, "none"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != exitSkipped {
		t.Fatalf("dedupe crawl: %v, want exit code 3\n%s", err, &stderr)
	}
	for _, want := range said {
		if !regexp.MustCompile(`(?m)^dedupe: skipped: .*` + want).MatchString(stderr.String()) {
			t.Errorf("standard error does not say %q", want)
		}
	}
	if n := strings.Count(stderr.String(), "dedupe: skipped: "); n != len(said) {
		t.Errorf("%d things were skipped, want %d:\n%s", n, len(said), &stderr)
	}
	read := make(map[string]int)
	for _, name := range []string{out, dropped} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			var row struct{ ID string }
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			read[row.ID]++
		}
	}
	for _, id := range f.ids {
		if read[id] != 1 {
			t.Errorf("article %s is %d times in the outputs, want once", id, read[id])
		}
		delete(read, id)
	}
	if len(read) > 0 {
		t.Errorf("articles that nobody wrote: %v", read)
	}
	const most = 512 // MiB; half of --memory, for 264 are measured
	if peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10; peak > most && !raceBuild {
		t.Errorf("the peak of memory was %d MiB, want less than %d", peak, most)
	}
}

func TestProgressLine(t *testing.T) {
	t.Parallel()
	reading := bulk.Progress{Phase: "reading", Articles: 16211, Copies: 5674, Bytes: 40e6, TotalBytes: 100e6, Seconds: 10, Done: 0.4}
	for _, test := range []struct {
		p    bulk.Progress
		bar  bool
		want string
	}{
		{reading, true, "reading 40 % ▕████░░░░░░▏ 16,211 articles · 1,621/s · 4.00 MB/s · 35 % copies · 15s left"},
		{reading, false, "reading 40 % 16,211 articles · 1,621/s · 4.00 MB/s · 35 % copies · 15s left"},
		{bulk.Progress{Phase: "reading", Articles: 1, Bytes: 512, Seconds: 1}, true, "reading 1 article · 1/s · 512 B/s"},
		{bulk.Progress{Phase: "writing", Done: 0.254}, true, "writing 25 %"},
	} {
		if got := progressLine(test.p, test.bar); got != test.want {
			t.Errorf("progressLine(%+v) = %q, want %q", test.p, got, test.want)
		}
	}
}

func TestShellWord(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"news/a.jsonl.gz": "news/a.jsonl.gz", "": "''", "two words": "'two words'", "it's": `'it'\''s'`, "*.gz": "'*.gz'", "--keep=prefer=a.example": "--keep=prefer=a.example",
	} {
		if got := shellWord(word); got != want {
			t.Errorf("shellWord(%q) = %s, want %s", word, got, want)
		}
	}
}

func TestFlagsOfCrawl(t *testing.T) {
	t.Parallel()
	var age time.Duration
	for text, want := range map[string]time.Duration{"7d": 7 * 24 * time.Hour, "2w": 14 * 24 * time.Hour, "90m": 90 * time.Minute, "1.5d": 36 * time.Hour} {
		if err := (ageValue{&age}).Set(text); err != nil || age != want {
			t.Errorf("age %q = %s, %v; want %s", text, age, err, want)
		}
	}
	for _, text := range []string{"", "d", "7", "-1d", "soon", "1e9w"} {
		if err := (ageValue{&age}).Set(text); err == nil {
			t.Errorf("age %q was taken as %s", text, age)
		}
	}
	var size int64
	for text, want := range map[string]int64{"2GiB": 2 << 30, "512MiB": 512 << 20, "1GB": 1e9, "600000000": 6e8} {
		if err := (sizeValue{&size, 512 << 20}).Set(text); err != nil || size != want {
			t.Errorf("size %q = %d, %v; want %d", text, size, err, want)
		}
	}
	for _, text := range []string{"", "1KiB", "-2GiB", "much", "1e30"} {
		if err := (sizeValue{&size, 512 << 20}).Set(text); err == nil {
			t.Errorf("size %q was taken as %d", text, size)
		}
	}
	var date time.Time
	for text, want := range map[string]string{
		"2026-03-01": "2026-03-02T00:00:00Z", "2026-03-01T12:00:00Z": "2026-03-01T12:00:00Z", "9999-12-31": "9999-12-31T23:59:59Z",
	} {
		if err := (dateValue{&date, true}).Set(text); err != nil || date.Format(time.RFC3339) != want {
			t.Errorf("until %q = %s, %v; want %s", text, date, err, want)
		}
	}
}
