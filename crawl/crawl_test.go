package crawl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/dedupe-news/dedupe/article"
)

// write puts a file into folder and returns its path.
func write(t testing.TB, folder, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func gzipped(t testing.TB, members ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, member := range members {
		w := gzip.NewWriter(&out)
		if _, err := io.WriteString(w, member); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func zstandard(t testing.TB, s string, opts ...zstd.EOption) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, append(opts, zstd.WithEncoderConcurrency(1))...)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll([]byte(s), nil)
}

// lines spells the outcomes of a sequence, one a line: file:line@offset id=text, or the message of a problem. Where folder is
// given, it is left out of file names.
func lines(t testing.TB, folder string, seq iter.Seq2[Record, error]) []string {
	t.Helper()
	got := []string{}
	for r, err := range seq {
		s := ""
		switch {
		case err != nil:
			if !isZero(r) {
				t.Errorf("a record %+v with the error %v", r, err)
			}
			s = err.Error()
		default:
			s = fmt.Sprintf("%s:%d@%d %s=%s", r.Origin.File, r.Origin.Line, r.Origin.Offset, r.Article.ID, r.Article.Text)
		}
		if folder != "" {
			s = strings.ReplaceAll(s, folder+"/", "")
		}
		got = append(got, s)
	}
	return got
}

func stdin(data string) Options { return Options{Stdin: strings.NewReader(data)} }

func readString(t testing.TB, data string, opts Options) []string {
	t.Helper()
	opts.Stdin = strings.NewReader(data)
	return lines(t, "", Read(t.Context(), []string{"-"}, opts))
}

func wantLines(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		t.Errorf("%s: outcomes (-want +got):\n%s", what, diff)
	}
}

const (
	lineA = `{"id":"a","text":"alpha"}`
	lineB = `{"id":"b","text":"beta"}`
	lineC = `{"id":"c","text":"gamma"}`
)

func TestReadFormatsAndCompressions(t *testing.T) {
	t.Parallel()
	lines3 := lineA + "\n" + lineB + "\n" + lineC + "\n"
	fromLines := []string{"IN:1@0 a=alpha", "IN:2@26 b=beta", "IN:3@51 c=gamma"}
	text := "Headline\n\nBody.\n"
	fromText := []string{"IN:0@0 IN=" + text}
	contents := []struct {
		name, data string
		want       []string
	}{
		{"lines.jsonl", lines3, fromLines},
		{"lines.ndjson", lines3, fromLines},
		{"lines.json", lines3, fromLines},
		{"lines", lines3, fromLines},
		{"LINES.JSONL", lines3, fromLines},
		{"text.txt", text, fromText},
		{"text", text, fromText},
		{"brace.txt", "{not JSON}", []string{"IN:0@0 IN={not JSON}"}},
		{"empty.jsonl", "", nil},
		{"empty.txt", "", []string{"IN: the file has no text"}},
		{"empty", "", []string{"IN: the file has no text"}},
		{"space.txt", "\ufeff \r\n", []string{"IN: the file has no text"}},
	}
	packings := []struct {
		extension string
		pack      func(string) []byte
	}{
		{"", func(s string) []byte { return []byte(s) }},
		{".gz", func(s string) []byte { return gzipped(t, s) }},
		{".GZ", func(s string) []byte { return gzipped(t, s[:len(s)/3], "", s[len(s)/3:]) }},
		{".zst", func(s string) []byte {
			return append([]byte("\x50\x2a\x4d\x18\x03\x00\x00\x00abc"), zstandard(t, s, zstd.WithZeroFrames(true))...)
		}},
		{".zst", func(s string) []byte {
			return append(zstandard(t, s[:len(s)/2], zstd.WithZeroFrames(true)), zstandard(t, s[len(s)/2:], zstd.WithZeroFrames(true))...)
		}},
	}
	for _, content := range contents {
		for i, packing := range packings {
			name := content.name + packing.extension
			t.Run(fmt.Sprintf("%d/%s", i, name), func(t *testing.T) {
				path := write(t, t.TempDir(), name, packing.pack(content.data))
				got := lines(t, "", Read(t.Context(), []string{path}, Options{}))
				for i := range got {
					got[i] = strings.ReplaceAll(got[i], path, "IN")
				}
				wantLines(t, name, got, content.want...)
			})
		}
	}
	t.Run("compressed under a plain name", func(t *testing.T) {
		folder := t.TempDir()
		write(t, folder, "a.jsonl", gzipped(t, lineA))
		write(t, folder, "b.jsonl.gz", []byte(lineB))
		write(t, folder, "c", zstandard(t, lineC))
		got := lines(t, folder, Read(t.Context(), []string{folder}, Options{}))
		wantLines(t, "folder", got, "a.jsonl:1@0 a=alpha", "b.jsonl.gz:1@0 b=beta", "c:1@0 c=gamma")
	})
}

func TestReadLines(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, data string
		want       []string
	}{
		{"nothing", "", nil},
		{"last line without line feed", lineA + "\n" + lineB, []string{"-:1@0 a=alpha", "-:2@26 b=beta"}},
		{"CRLF", lineA + "\r\n" + lineB + "\r\n", []string{"-:1@0 a=alpha", "-:2@27 b=beta"}},
		{"byte order mark", "\ufeff" + lineA + "\n" + lineB, []string{"-:1@0 a=alpha", "-:2@29 b=beta"}},
		{"byte order mark in the middle", lineA + "\n\ufeff" + lineB, []string{"-:1@0 a=alpha", "-:2@26 b=beta"}},
		{"blank lines", "\n \r\n" + lineA + "\n\n\t\n" + lineB + "\n\n", []string{"-:3@4 a=alpha", "-:6@33 b=beta"}},
		{"space around", " \t" + lineA + " \t\n", []string{"-:1@0 a=alpha"}},
		{"bad line in the middle", lineA + "\nnonsense\n" + lineB, []string{
			"-:1@0 a=alpha", `-:2: not a JSON object: it begins with "n"`, "-:3@35 b=beta"}},
		{"no object", lineA + "\n[1]\n\"s\"\nnull\n17\n", []string{
			"-:1@0 a=alpha",
			`-:2: not a JSON object: it begins with "["`,
			`-:3: not a JSON object: it begins with "\""`,
			`-:4: not a JSON object: it begins with "n"`,
			`-:5: not a JSON object: it begins with "1"`}},
		{"cut object", `{"id":"a","text":"alp`, []string{"-:1: not a JSON object: unexpected end of JSON input"}},
		{"object spread over lines", "{\n\"id\": \"a\"\n}", []string{
			"-:1: not a JSON object: unexpected end of JSON input",
			`-:2: not a JSON object: it begins with "\""`,
			`-:3: not a JSON object: it begins with "}"`}},
		{"two objects on a line", lineA + lineB, []string{
			"-:1: not a JSON object: invalid character '{' after top-level value"}},
		{"control character in a string", "{\"id\":\"a\x01\"}", []string{
			`-:1: not a JSON object: invalid character '\x01' in string literal`}},
		{"too deep", `{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + "}", []string{
			"-:1: not a JSON object: invalid character '[' exceeded max depth"}},
		{"numbers", `{"id":17,"text":-1.50e3}`, []string{"-:1@0 17=-1.50e3"}},
		{"number too large for a float", `{"id":12345678901234567890123,"text":1e999}`, []string{"-:1@0 12345678901234567890123=1e999"}},
		{"repeated keys", `{"id":"x","id":"a","text":17,"text":"alpha"}`, []string{"-:1@0 a=alpha"}},
		{"repeated key, last is null", `{"id":"a","text":"alpha","text":null}`, []string{
			`-:1: record "a" has no text in field "text" (--text-field names another)`}},
		{"case of keys matters", `{"ID":"x","id":"a","text":"alpha","Text":"x"}`, []string{"-:1@0 a=alpha"}},
		{"escaped key", `{"\u0069d":"a","te\u0078t":"alpha"}`, []string{"-:1@0 a=alpha"}},
		{"escapes", `{"id":"a","text":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`, []string{"-:1@0 a=\"\\/\b\f\n\r\té😀"}},
		{"lone surrogates", `{"id":"a","text":"\ud83d x \ude00 \ud83d\u0041"}`, []string{"-:1@0 a=\ufffd x \ufffd \ufffdA"}},
		{"invalid UTF-8", "{\"id\":\"a\xff\",\"text\":\"al\xc3\x28\xff\xfepha\"}", []string{"-:1@0 a\ufffd=al\ufffd(\ufffd\ufffdpha"}},
		{"NUL bytes", `{"id":"a\u0000b","text":"x"}`, []string{"-:1@0 a\x00b=x"}},
		{"text missing", `{"id":"a","body":"alpha"}`, []string{`-:1: record "a" has no text in field "text" (--text-field names another)`}},
		{"text and id missing", `{"body":"alpha"}`, []string{`-:1: record has no text in field "text" (--text-field names another)`}},
		{"text null", `{"id":"a","text":null}`, []string{`-:1: record "a" has no text in field "text" (--text-field names another)`}},
		{"text of space", `{"id":"a","text":" \n\u00a0\u2003"}`, []string{`-:1: record "a" has no text in field "text" (--text-field names another)`}},
		{"empty object", `{}`, []string{`-:1: record has no text in field "text" (--text-field names another)`}},
		{"wrong types", `{"id":["a"],"text":"x"}` + "\n" + `{"id":"a","text":{"x":1}}` + "\n" + `{"id":"a","text":"x","title":true}`, []string{
			`-:1: field of a wrong type: field "id" is an array, want a string or a number (--id-field names another)`,
			`-:2: field of a wrong type: field "text" is an object, want a string or a number (--text-field names another)`,
			`-:3: field of a wrong type: field "title" is a boolean, want a string or a number (--title-field names another)`}},
		{"other fields may be anything", `{"id":"a","text":"alpha","tags":["x",{"y":[null,true]}],"n":{}}`, []string{"-:1@0 a=alpha"}},
		{"id derived from text", `{"text":"A plane landed safely."}`, []string{"-:1@0 t-46acf8cb22c3cb28=A plane landed safely."}},
		{"id derived from URL", `{"id":" ","text":"x","url":"https://www.bbc.co.uk/news/uk-1"}`, []string{"-:1@0 u-dcdb46f76e6667f2=x"}},
		{"longest id", `{"id":"` + strings.Repeat("i", 1024) + `","text":"x"}`, []string{"-:1@0 " + strings.Repeat("i", 1024) + "=x"}},
		{"id too long", `{"id":"` + strings.Repeat("i", 1025) + `","text":"x"}`, []string{
			`-:1: id too long: 1025 bytes, at most 1024 are allowed; it begins with "` + strings.Repeat("i", 32) + `"`}},
		{"record without text and a huge id", `{"id":"` + strings.Repeat("i", 1025) + `"}`, []string{
			`-:1: record has no text in field "text" (--text-field names another)`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, t.TempDir(), "x.jsonl", []byte(test.data)) // JSON lines whatever the first byte is
			got := lines(t, "", Read(t.Context(), []string{path}, Options{}))
			for i := range got {
				got[i] = strings.Replace(got[i], path, "-", 1)
			}
			wantLines(t, test.name, got, test.want...)
		})
	}
}

func TestReadRecord(t *testing.T) {
	t.Parallel()
	noon := time.Date(2016, 9, 20, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, line string
		fields     Fields
		want       article.Article
		badDate    string
	}{
		{
			name: "all fields",
			line: `{"id":"a","url":" https://www.bbc.co.uk/x ","source":" BBC News ","date":"2016-09-20T12:00:00Z","title":" T ","text":" x "}`,
			want: article.Article{ID: "a", URL: "https://www.bbc.co.uk/x", Site: "BBC News", Published: noon, Title: " T ", Text: " x "},
		}, {
			name: "site from the URL",
			line: `{"id":"a","url":"https://www.bbc.co.uk/x","source":" ","text":"x"}`,
			want: article.Article{ID: "a", URL: "https://www.bbc.co.uk/x", Site: "bbc.co.uk", Text: "x"},
		}, {
			name: "date as a number",
			line: `{"id":"a","date":1474372800,"text":"x"}`,
			want: article.Article{ID: "a", Published: noon, Text: "x"},
		}, {
			name: "date is blank: not given",
			line: `{"id":"a","date":" ","text":"x"}`,
			want: article.Article{ID: "a", Text: "x"},
		}, {
			name:    "date not understood",
			line:    `{"id":"a","date":"last Tuesday","text":"x"}`,
			want:    article.Article{ID: "a", Text: "x"},
			badDate: "last Tuesday",
		}, {
			name: "own names, nested",
			line: `{"doc":{"meta":{"uri":"u","when":"2016-09-20 12:00:00"},"body":"x","head":"T"},"uri":"no"}`,
			fields: Fields{ID: "doc.meta.uri", URL: "doc.meta.uri", Text: "doc.body", Title: "doc.head",
				Date: "doc.meta.when", Site: "doc.publisher.name"},
			want: article.Article{ID: "u", URL: "u", Published: noon, Title: "T", Text: "x"},
		}, {
			name:   "a name with a dot in it comes before a path",
			line:   `{"a.text":"flat","a":{"text":"nested","url":"u"},"a.url":null,"id":"a"}`,
			fields: Fields{Text: "a.text", URL: "a.url"},
			want:   article.Article{ID: "a", URL: "u", Text: "flat"},
		}, {
			name:   "path through what is no object",
			line:   `{"id":"a","text":"x","meta":"m","n":[{"title":"no"}]}`,
			fields: Fields{URL: "meta.url", Title: "n.title"},
			want:   article.Article{ID: "a", Text: "x"},
		}, {
			name:   "repeated object: the last one wins, with all that is in it",
			line:   `{"id":"a","text":"x","meta":{"url":"u","title":"T"},"meta":{"title":"T2"}}`,
			fields: Fields{URL: "meta.url", Title: "meta.title"},
			want:   article.Article{ID: "a", Title: "T2", Text: "x"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts := stdin(test.line)
			opts.Fields = test.fields
			n := 0
			for got, err := range Read(t.Context(), []string{"-"}, opts) {
				want := Record{Article: test.want, Origin: Origin{File: "-", Line: 1}, BadDate: test.badDate}
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("Read(%s): error %v, record (-want +got):\n%s", test.line, err, diff)
				}
				n++
			}
			if n != 1 {
				t.Errorf("Read(%s) yielded %d times, want once", test.line, n)
			}
		})
	}
}

func TestReadText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 40) // 200 bytes, of which the last is a space
	for _, test := range []struct{ name, data, title, text string }{
		{"title and body", "\n\n  Headline \r\nBody.\n", "Headline", "\n\n  Headline \r\nBody.\n"},
		{"one line", "Headline", "Headline", "Headline"},
		{"byte order mark", "\ufeffHeadline\nBody", "Headline", "Headline\nBody"},
		{"longest title", long[:199] + "x\nBody", long[:199] + "x", long[:199] + "x\nBody"},
		{"title too long", long + "xy\nBody", "", long + "xy\nBody"},
		{"Windows-1252", "\x93Caf\xe9\x94 \x96 5 \x80\x81", "“Café” – 5 €\ufffd", "“Café” – 5 €\ufffd"},
		{"UTF-8", "“Café” – 5 €", "“Café” – 5 €", "“Café” – 5 €"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, t.TempDir(), "x.txt", []byte(test.data))
			want := Record{Article: article.Article{ID: path, Title: test.title, Text: test.text}, Origin: Origin{File: path}}
			for got, err := range Read(t.Context(), []string{path}, Options{}) {
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("Read: error %v, record (-want +got):\n%s", err, diff)
				}
			}
		})
	}
	t.Run("standard input", func(t *testing.T) {
		t.Parallel()
		wantLines(t, "text", readString(t, "A plane landed safely.", Options{}), "-:0@0 t-46acf8cb22c3cb28=A plane landed safely.")
	})
}

func TestReadHTMLFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	page := func(page []byte, contentType, url string) (Page, error) {
		if contentType != "" || url != "" {
			t.Errorf("HTML was called with type %q and URL %q, want none", contentType, url)
		}
		text, isArticle := strings.CutPrefix(string(page), "<!doctype html>")
		switch {
		case strings.Contains(text, "strange"):
			return Page{}, errors.New("strange page")
		case strings.Contains(text, "canonical"):
			return Page{Article: article.Article{URL: "https://www.a.example/1", Text: text}}, nil
		case strings.Contains(text, "menu"):
			return Page{}, ErrNoText
		case !isArticle && strings.Contains(text, "empty"):
			return Page{Article: article.Article{Text: " "}}, nil
		}
		return Page{Article: article.Article{Text: text}}, nil
	}
	for _, test := range []struct{ name, data, want string }{
		{"x", "<!doctype html>canonical", article.DeriveID("https://www.a.example/1", "") + " https://www.a.example/1 a.example"},
		{"y.html", "<!doctype html>alpha", "PATH  "},
		{"x.htm", "<!-- saved --><p>x", "PATH  "},
		{"x.xhtml.gz", string(gzipped(t, "<?xml version='1.0'?><html>x")), "PATH  "},
		{"16.html", "\xff\xfe<\x00p\x00>\x00", "PATH  "},
		{"page.txt", "<HTML><p>x", "PATH  "},
		{"menu.html", "<p>menu", "skipped: no text"},
		{"empty.html", "empty", "skipped: no text"},
		{"none.html", "", "skipped: no text"},
		{"strange.html", "<p>strange", "PATH: HTML: strange page"},
		{"x.jsonl", "<html>Not found", "PATH: format not supported: this is HTML; extract the text"},
		{"pdf.html", "%PDF-1.7\n1 0 obj << >> endobj", "PATH: format not supported: this is PDF; convert it to text"},
		{"long.html", strings.Repeat("<p>", 100), "PATH: text file too long: more than 200 bytes (MaxTextFileBytes)"},
		{"cut.html.gz", string(gzipped(t, "<p>x"))[:25], "PATH: damaged compressed data"},
	} {
		path := write(t, dir, test.name, []byte(test.data))
		var got []string
		opts := Options{MaxTextFileBytes: 200, HTML: page, Skipped: func(at Origin, reason string) {
			if at != (Origin{File: path}) {
				t.Errorf("%s: skipped at %+v", test.name, at)
			}
			got = append(got, "skipped: "+reason)
		}}
		for r, err := range Read(t.Context(), []string{path}, opts) {
			if err != nil {
				got = append(got, err.Error())
			} else {
				got = append(got, strings.Join([]string{r.Article.ID, r.Article.URL, r.Article.Site}, " "))
			}
		}
		want := strings.ReplaceAll(test.want, "PATH", path)
		if len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("Read(%s) = %q, want one that begins with %q", test.name, got, want)
		}
	}
	for r, err := range Read(t.Context(), []string{"-"}, Options{HTML: page, Stdin: strings.NewReader("<!doctype html>alpha")}) {
		if want := article.DeriveID("", "alpha"); err != nil || r.Article.ID != want {
			t.Errorf("Read(-) = id %q, error %v, want %q", r.Article.ID, err, want)
		}
	}
}

func TestReadForeignFormats(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, data, want string }{
		{"twice.gz", string(gzipped(t, string(gzipped(t, lineA)))), "compressed twice"},
		{"x.zip", "PK\x03\x04\x01\x02\x03\x04\x05\x06\x07\x08\x09\x10\x11\x12", "zip"},
		{"x.parquet.gz", string(gzipped(t, "PAR1\x01\x02\x03\x04\x05\x06\x07\x08\x09\x10\x11\x12")), "decompress it"},
		{"x", "\n <!DOCTYPE HTML><title>x</title>", "HTML"},
		{"x.html", "<!-- x --><p>x", "HTML"},
		{"pdf.csv", "%PDF-1.7\n1 0 obj << >> endobj", "PDF"},
		{"page.csv", "<!doctype html><title>Not found</title>", "HTML"},
		{"x.pdf", "%PDF-1.7\n1 0 obj << >> endobj", "PDF"},
		{"rss", "<?xml version='1.0'?><rss></rss>", "XML"},
		{"utf16.jsonl", "\xff\xfe{\x00\"\x00i\x00d\x00\"\x00:\x001\x00}\x00\n\x00", "UTF-16"},
		{"array.json", " [" + lineA + "]", "JSON array"},
		{"photo.dat", "\x89PNG\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b", "binary"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, t.TempDir(), test.name, []byte(test.data))
			n := 0
			for _, err := range Read(t.Context(), []string{path}, Options{}) {
				if n++; !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("Read(%s): error %v, want ErrFormat, %s", test.name, err, test.want)
				}
			}
			if n != 1 {
				t.Errorf("Read(%s) yielded %d times, want once", test.name, n)
			}
		})
	}
}

func TestReadTooLong(t *testing.T) {
	t.Parallel()
	const limit = 100
	for _, size := range []int{limit, limit + 1, blockBytes - 1, blockBytes, blockBytes + 1, 3 * blockBytes} {
		for _, lineEnd := range []string{"\n", "\n\n", ""} {
			t.Run(fmt.Sprintf("%d/%q", size, lineEnd), func(t *testing.T) {
				t.Parallel()
				line := `{"id":"l","text":"` + strings.Repeat("x", size-len(`{"id":"l","text":""}`)) + `"}`
				data := lineA + "\n" + line + lineEnd
				want := []string{"-:1@0 a=alpha", fmt.Sprintf("-:2: line too long: %d bytes, at most 100 are read (MaxLineBytes)", size)}
				if size <= limit {
					want[1] = "-:2@26 l=" + strings.Repeat("x", size-len(`{"id":"l","text":""}`))
				}
				if lineEnd != "" {
					want = append(want, fmt.Sprintf("-:%d@%d b=beta", 2+len(lineEnd), len(data)),
						fmt.Sprintf("-:%d@%d c=gamma", 3+len(lineEnd), len(data+lineB)+1))
					data += lineB + "\n" + lineC
				}
				opts := Options{MaxLineBytes: limit}
				wantLines(t, "one read", readString(t, data, opts), want...)
				opts.Stdin = &trickle{data: []byte(data), sizes: []int{1, 7, 26, 4096, blockBytes}}
				wantLines(t, "many reads", lines(t, "", Read(t.Context(), []string{"-"}, opts)), want...)
			})
		}
	}
	t.Run("is not ErrNotObject", func(t *testing.T) {
		t.Parallel()
		opts := stdin("{" + strings.Repeat("x", 200))
		opts.MaxLineBytes = limit
		for _, err := range Read(t.Context(), []string{"-"}, opts) {
			if !errors.Is(err, ErrTooLong) || errors.Is(err, ErrNotObject) {
				t.Errorf("Read: %v, want ErrTooLong alone", err)
			}
		}
	})
	t.Run("line longer than the buffer, within the limit", func(t *testing.T) {
		t.Parallel()
		text := strings.Repeat("x", 5*blockBytes/2)
		got := readString(t, lineA+"\n"+`{"id":"l","text":"`+text+"\"}\n"+lineB, Options{})
		wantLines(t, "lines", got, "-:1@0 a=alpha", "-:2@26 l="+text, fmt.Sprintf("-:3@%d b=beta", 26+20+len(text)+1))
	})
	t.Run("text file", func(t *testing.T) {
		t.Parallel()
		wantLines(t, "101 bytes", readString(t, strings.Repeat("x", 101), Options{MaxTextFileBytes: limit}),
			"-: text file too long: more than 100 bytes (MaxTextFileBytes)")
		wantLines(t, "100 bytes", readString(t, strings.Repeat("x", 15)+"\n"+strings.Repeat("y", 84), Options{MaxTextFileBytes: limit}),
			"-:0@0 "+article.DeriveID("", strings.Repeat("x", 15)+"\n"+strings.Repeat("y", 84))+"="+
				strings.Repeat("x", 15)+"\n"+strings.Repeat("y", 84))
	})
}

// trickle gives its data in reads of the given sizes, in turn.
type trickle struct {
	data  []byte
	sizes []int
	next  int
}

func (r *trickle) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.data[:min(len(r.data), r.sizes[r.next%len(r.sizes)])])
	r.data = r.data[n:]
	r.next++
	return n, nil
}

// A bomb of one endless line must cost no memory: 1 GiB of zeros, one MiB compressed.
func TestReadBomb(t *testing.T) {
	if testing.Short() {
		t.Skip("decompresses 1 GiB")
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, lineA+"\n{"); err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 1 << 10 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := lines(t, "", Read(t.Context(), []string{"-"}, Options{Stdin: &packed, MaxLineBytes: 1 << 20}))
	runtime.ReadMemStats(&after)
	wantLines(t, "bomb", got, "-:1@0 a=alpha", "-:2: line too long: 1073741825 bytes, at most 1048576 are read (MaxLineBytes)")
	if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
		t.Errorf("reading a bomb with a limit of 1 MiB a line allocated %d MiB in all, want at most 32", used>>20)
	}
}

func TestReadDamaged(t *testing.T) {
	t.Parallel()
	var whole strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&whole, "{\"id\":\"%d\",\"text\":\"%x\"}\n", i, i*i*7919)
	}
	text := strings.Repeat("A text that is cut.\n", 1000)
	noSum := gzipped(t, lineA+"\n"+lineB)
	for _, test := range []struct {
		name      string
		data      []byte
		least     int // records before the problem
		most      int
		cause     error
		fileIsBad bool // the problem comes before any line
	}{
		{"gzip, cut in the middle", half(gzipped(t, whole.String())), 5000, 15000, io.ErrUnexpectedEOF, false},
		{"gzip, without its check sum", noSum[:len(noSum)-8], 2, 2, io.ErrUnexpectedEOF, false},
		{"gzip, wrong check sum", flip(noSum, len(noSum)-6), 2, 2, gzip.ErrChecksum, false},
		{"gzip, only the magic", []byte{0x1f, 0x8b}, 0, 0, ErrDamaged, true},
		{"gzip, second member cut", half2(t, lineA+"\n", whole.String()), 1, 19999, io.ErrUnexpectedEOF, false},
		{"gzip, rubbish behind it", append(gzipped(t, lineA+"\n"), "rubbish that is longer than a header"...), 1, 1, gzip.ErrHeader, false},
		{"zstd, cut in the middle", half(zstandard(t, whole.String())), 1, 19999, io.ErrUnexpectedEOF, false},
		{"zstd, only the magic", []byte{0x28, 0xb5, 0x2f, 0xfd}, 0, 0, ErrDamaged, true},
		{"text, cut", half(gzipped(t, text)), 0, 0, io.ErrUnexpectedEOF, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			bad := write(t, folder, "bad", test.data)
			good := write(t, folder, "good", gzipped(t, lineC))
			records, problems := 0, []*Problem{}
			for r, err := range Read(t.Context(), []string{bad, good, bad}, Options{}) {
				var p *Problem
				switch {
				case errors.As(err, &p):
					problems = append(problems, p)
				case err != nil:
					t.Fatalf("error %v, want a Problem", err)
				case r.Origin.File == good:
					if len(problems) != 1 {
						t.Errorf("%d problems before the next file, want 1", len(problems))
					}
				default:
					records++
				}
			}
			if len(problems) != 2 {
				t.Fatalf("problems %v, want one for each time the file is read", problems)
			}
			p := problems[0]
			if !errors.Is(p, ErrDamaged) || !errors.Is(p, test.cause) || p.File != bad {
				t.Errorf("problem %v, want ErrDamaged and %v of the file bad", p, test.cause)
			}
			if n := records / 2; n < test.least || n > test.most || records%2 != 0 {
				t.Errorf("%d records before %v, want %d to %d", n, p, test.least, test.most)
			} else if want := n + 1; !test.fileIsBad && p.Line != want && p.Line != n {
				t.Errorf("problem in line %d, want %d", p.Line, want)
			}
		})
	}
	t.Run("zstd, window too large", func(t *testing.T) {
		t.Parallel()
		huge := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x98, 0x01, 0x00, 0x00} // window descriptor: 2^29 bytes
		for _, err := range Read(t.Context(), []string{"-"}, stdin(string(huge))) {
			if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "--long") {
				t.Errorf("Read: %v, want ErrFormat and a hint", err)
			}
		}
	})
}

func half(b []byte) []byte { return b[:len(b)/2] }

func half2(t *testing.T, first, second string) []byte {
	return append(gzipped(t, first), half(gzipped(t, second))...)
}

func flip(b []byte, at int) []byte {
	c := bytes.Clone(b)
	c[at] ^= 0xff
	return c
}

func TestReadFolder(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	folder := filepath.Join(root, "crawl")
	for _, name := range []string{"b.txt", "a/2.txt", "a/10.txt", "a.txt", "c/.hidden.txt", "c/d/e.txt", ".git/config.txt", "z.txt"} {
		write(t, folder, name, []byte("x"))
	}
	outside := write(t, root, "outside/o.txt", []byte("o"))
	for link, target := range map[string]string{"link.txt": outside, "linked": filepath.Dir(outside), "loop": folder, "gone.txt": "nowhere"} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Skip("no symbolic links: ", err)
		}
	}
	if err := os.Symlink(folder, filepath.Join(root, "named")); err != nil {
		t.Fatal(err)
	}
	names := []string{"a/10.txt", "a/2.txt", "a.txt", "b.txt", "c/d/e.txt", "gone.txt", "link.txt", "z.txt"}
	for _, test := range []struct{ name, input, prefix string }{
		{"folder", folder, folder + "/"},
		{"folder with a slash", folder + "/", folder + "/"},
		{"folder as given", root + "/./crawl", root + "/./crawl/"},
		{"folder behind a link", root + "/named", root + "/named/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := []string{}
			for _, name := range names {
				switch name {
				case "gone.txt":
					want = append(want, test.prefix+name+": no such file or directory")
				case "link.txt":
					want = append(want, test.prefix+name+":0@0 "+test.prefix+name+"=o")
				default:
					want = append(want, test.prefix+name+":0@0 "+test.prefix+name+"=x")
				}
			}
			wantLines(t, test.input, lines(t, "", Read(t.Context(), []string{test.input}, Options{})), want...)
		})
	}
	t.Run("hidden, but named", func(t *testing.T) {
		t.Parallel()
		name := folder + "/.git"
		wantLines(t, name, lines(t, folder, Read(t.Context(), []string{name}, Options{})), ".git/config.txt:0@0 .git/config.txt=x")
	})
}

func TestReadInputs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	a := write(t, folder, "a.jsonl", []byte(lineA))
	b := write(t, folder, "b.jsonl", []byte(lineB))
	missing := filepath.Join(folder, "missing")
	t.Run("order, missing file, twice the same", func(t *testing.T) {
		t.Parallel()
		got := lines(t, folder, Read(t.Context(), []string{b, missing, "-", a, b, "-"}, stdin(lineC)))
		wantLines(t, "inputs", got, "b.jsonl:1@0 b=beta", "missing: no such file or directory", "-:1@0 c=gamma",
			"a.jsonl:1@0 a=alpha", "b.jsonl:1@0 b=beta")
	})
	t.Run("causes", func(t *testing.T) {
		t.Parallel()
		for input, want := range map[string]error{missing: fs.ErrNotExist, "-": ErrNoStdin} {
			for _, err := range Read(t.Context(), []string{input}, Options{}) {
				var p *Problem
				if !errors.Is(err, want) || !errors.As(err, &p) || p.File != input {
					t.Errorf("Read(%s): %v, want a Problem of that input because of %v", input, err, want)
				}
			}
		}
	})
	t.Run("unreadable file and folder", func(t *testing.T) {
		t.Parallel()
		if os.Getuid() == 0 {
			t.Skip("root may read everything")
		}
		folder := t.TempDir()
		write(t, folder, "a/x.txt", []byte("x"))
		write(t, folder, "b.txt", []byte("x"))
		write(t, folder, "c.txt", []byte("x"))
		if err := errors.Join(os.Chmod(folder+"/a", 0), os.Chmod(folder+"/b.txt", 0)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(folder+"/a", 0o755) })
		wantLines(t, "folder", lines(t, folder, Read(t.Context(), []string{folder}, Options{})),
			"a: permission denied", "b.txt: permission denied", "c.txt:0@0 c.txt=x")
	})
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		wantLines(t, "no inputs", lines(t, "", Read(t.Context(), nil, Options{})))
	})
	t.Run("again", func(t *testing.T) {
		t.Parallel()
		seq := Read(t.Context(), []string{a, b}, Options{})
		wantLines(t, "first loop", lines(t, folder, seq), "a.jsonl:1@0 a=alpha", "b.jsonl:1@0 b=beta")
		wantLines(t, "second loop", lines(t, folder, seq), "a.jsonl:1@0 a=alpha", "b.jsonl:1@0 b=beta")
	})
	t.Run("invalid options", func(t *testing.T) {
		t.Parallel()
		for _, opts := range []Options{
			{Workers: -1}, {MaxLineBytes: -1}, {MaxTextFileBytes: -1}, {Fields: Fields{URL: "meta..url"}}, {Fields: Fields{ID: "."}},
		} {
			got := lines(t, "", Read(t.Context(), []string{a}, opts))
			if err := opts.Validate(); err == nil || len(got) != 1 || got[0] != err.Error() {
				t.Errorf("Read with %+v: %v, want only the error of Validate, %v", opts, got, err)
			}
		}
	})
}

func isZero(r Record) bool {
	return r.Article == article.Article{} && r.Origin == Origin{} && r.BadDate == "" && r.Row == nil
}
