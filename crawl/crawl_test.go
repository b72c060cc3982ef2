package crawl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
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

func half(b []byte) []byte { return b[:len(b)/2] }

func isZero(r Record) bool {
	return r.Article == article.Article{} && r.Origin == Origin{} && r.BadDate == "" && r.Row == nil
}
