package crawl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/dedupe-news/dedupe/article"
)

// warc makes a record. Fields are lines without their ends.
func warc(kind, uri, media, block string, fields ...string) string {
	h := []string{"WARC/1.0", "WARC-Type: " + kind, "WARC-Record-ID: <urn:uuid:1>", "WARC-Date: 2026-01-02T03:04:05Z"}
	if uri != "" {
		h = append(h, "WARC-Target-URI: "+uri)
	}
	if media != "" {
		h = append(h, "Content-Type: "+media)
	}
	h = append(append(h, fields...), fmt.Sprint("Content-Length: ", len(block)), "", "")
	return strings.Join(h, "\r\n") + block + "\r\n\r\n"
}

func arc(uri, media, block string) string {
	return fmt.Sprintf("%s 192.0.2.1 20260102030405 %s %d\n%s\n", uri, media, len(block), block)
}

// response makes a block. Fields are lines without their ends.
func response(status, body string, fields ...string) string {
	return "HTTP/1.1 " + status + "\r\n" + strings.Join(append(fields, "", ""), "\r\n") + body
}

const (
	plainText = "Content-Type: text/plain"
	textHTML  = "Content-Type: text/html; charset=utf-8"
)

// wire are three records with our own stories.
func wire() []string {
	return []string{
		warc("response", "https://a.example/1", "application/http; msgtype=response",
			response("200 OK", "The harbour was closed after the storm.\n", plainText)),
		warc("conversion", "https://b.example/2", "text/plain", "Ferries wait outside.\n\nThe mayor spoke at noon."),
		warc("resource", "https://c.example/3", "text/plain; charset=utf-8", "The storm has passed – boats sail again."),
	}
}

var fromWire = []string{
	"1 https://a.example/1 The harbour was closed after the storm.\n",
	"2 https://b.example/2 Ferries wait outside.\n\nThe mayor spoke at noon.",
	"3 https://c.example/3 The storm has passed – boats sail again.",
}

// tellPage stands for an extraction.
func tellPage(page []byte, contentType, url string) (Page, error) {
	switch {
	case bytes.Contains(page, []byte("menu")):
		return Page{}, fmt.Errorf("only a menu: %w", ErrNoText)
	case bytes.Contains(page, []byte("strange")):
		return Page{}, errors.New("strange page")
	}
	return Page{Article: article.Article{Title: "T", Text: fmt.Sprintf("page %q of %s", page, contentType)}}, nil
}

// readAs reads data under a name. It spells records as number, URL and text; what was skipped as number and reason; problems as
// their messages without the name.
func readAs(t testing.TB, name string, r io.Reader, opts Options) []string {
	t.Helper()
	got := []string{}
	opts.Skipped = func(at Origin, reason string) { got = append(got, fmt.Sprintf("%d skipped: %s", at.Record, reason)) }
	opts = opts.withDefaults()
	p := startPipeline(opts.Workers, func(p *pipeline) {
		s := newSource(opts, p)
		defer s.close()
		s.readStream(name, r)
	})
	defer p.stop()
	p.outcomes(t.Context(), opts.Skipped, func(r Record, err error) bool {
		var problem *Problem
		switch {
		case err == nil:
			got = append(got, fmt.Sprintf("%d %s %s", r.Origin.Record, r.Article.URL, r.Article.Text))
			if a := r.Article; a.ID != article.DeriveID(a.URL, a.Text) || a.Site != article.SiteOf(a.URL) || !a.Published.IsZero() {
				t.Errorf("%s: article %+v", name, a)
			}
		case errors.As(err, &problem) && problem.File == name:
			got = append(got, strings.TrimPrefix(strings.TrimPrefix(err.Error(), name), ": "))
		default:
			t.Errorf("%s: error %v", name, err)
		}
		return true
	})
	return got
}

// packings are the ways in which records become a file.
var packings = []struct {
	name string
	pack func(t testing.TB, records []string) []byte
}{
	{"x.warc", func(_ testing.TB, records []string) []byte { return []byte(strings.Join(records, "")) }},
	{"member-a-record.warc.gz", func(t testing.TB, records []string) []byte { return gzipped(t, records...) }},
	{"one-stream.warc.gz", func(t testing.TB, records []string) []byte { return gzipped(t, strings.Join(records, "")) }},
	{"extra-fields.warc.gz", func(t testing.TB, records []string) []byte {
		var all bytes.Buffer
		for _, record := range records {
			z := gzip.NewWriter(&all)
			z.Extra, z.Name, z.Comment = []byte("SL\x08\x00\x01\x02\x03\x04\x05\x06\x07\x08"), "name", "comment"
			if _, err := io.WriteString(z, record); err != nil || z.Close() != nil {
				t.Fatal(err)
			}
		}
		return all.Bytes()
	}},
	{"wrong-members.warc.gz", func(t testing.TB, records []string) []byte {
		all := strings.Join(records, "")
		return gzipped(t, all[:len(all)/5], "", all[len(all)/5:len(all)/2], all[len(all)/2:])
	}},
	{"x.warc.zst", func(t testing.TB, records []string) []byte { return zstandard(t, strings.Join(records, "")) }},
}

func TestReadArchives(t *testing.T) {
	t.Parallel()
	lf := func(records []string) []string {
		for i := range records { // the blocks have no CR, so that the lengths stay right
			records[i] = strings.ReplaceAll(records[i], "\r\n", "\n")
		}
		return records
	}
	text := func(uri, text string) string { return warc("resource", uri, "text/plain", text) }
	version := func(v string) []string {
		records := wire()
		for i := range records {
			records[i] = strings.Replace(records[i], "WARC/1.0", v, 1)
		}
		return records
	}
	noLength := wire()
	for i, r := range noLength {
		at := strings.Index(r, "Content-Length")
		noLength[i] = r[:at] + r[at+strings.IndexByte(r[at:], '\n')+1:]
	}
	page := func(body string) string {
		return warc("response", "https://a.example/p", "application/http", response("200", body, textHTML))
	}
	arcHead := arc("filedesc://x.arc", "text/plain", "1 0 Crawler\nURL IP-address Archive-date Content-type Archive-length\n")
	for _, test := range []struct {
		name    string
		records []string
		want    []string
	}{
		{"1.0", wire(), fromWire},
		{"1.1", version("WARC/1.1"), fromWire},
		{"0.17", version("WARC/0.17"), fromWire},
		{"0.18", version("WARC/0.18"), fromWire},
		{"no Content-Length", noLength, []string{strings.TrimSpace(fromWire[0]), fromWire[1], fromWire[2]}},
		{"only LF", lf([]string{text("http://a.example/", "A\nB"), text("http://b.example/", "C")}), []string{"1 http://a.example/ A\nB", "2 http://b.example/ C"}},
		{"folded and strange header lines", []string{
			"WARC/1.0\r\nwarc-type:\r\n response\r\ncontent-type: application/http;\r\n\tmsgtype=response\r\nno colon\r\nX-Long: a\r\n b\r\n\tc\r\n" +
				"WARC-TARGET-URI:http://a.example/\r\nWARC-Target-URI: http://second.example/\r\nCONTENT-LENGTH:  73 \r\n\r\n" +
				response("200 OK", "The text.", "content-TYPE:\r\n text/plain;\r\n charset=utf-8"), "\r\n\r\n\r\n\n",
			text("http://b.example/", "C")},
			[]string{"1 http://a.example/ The text.", "2 http://b.example/ C"}},
		{"URIs", []string{text("<http://a.example/x>", "A"), text("http://a.example/b c  d", "B"), text("", "C"), text("http://\xff.example/", "D")},
			[]string{"1 http://a.example/x A", "2 http://a.example/b%20c%20%20d B", "3  C", "4 http://\uFFFD.example/ D"}},
		{"types of records", []string{
			warc("warcinfo", "", "application/warc-fields", "software: x"), warc("request", "http://a.example/", "application/http", "GET / HTTP/1.1\r\n\r\n"),
			warc("metadata", "http://a.example/", "text/plain", "x"), warc("revisit", "http://a.example/", "application/http", response("200 OK", "")),
			warc("continuation", "http://a.example/", "", "x"), warc("novel", "http://a.example/", "text/plain", "x"),
			warc("resource", "metadata://gnu.org/software/wget/warc/wget.log", "text/plain", "log"), text("http://a.example/", "A")},
			[]string{"4 skipped: revisit", "5 skipped: continuation of a record", "6 skipped: unknown type of record", "7 skipped: written by the crawler",
				"8 http://a.example/ A"}},
		{"no HTTP, though a response", []string{warc("response", "http://a.example/", "text/plain", "A"), warc("response", "dns:a.example", "text/dns", "1"),
			warc("response", "http://a.example/", "application/http", "nonsense\r\nmore"), warc("response", "http://a.example/", "", "")},
			[]string{"1 http://a.example/ A", "2 skipped: text/dns", `record 3 at byte OFFSET: damaged record: no HTTP status but "nonsense"`, "4 skipped: no text"}},
		{"media types", []string{text("http://a.example/", " \n"), text("http://a.example/", "\x00\x01PNG"), warc("resource", "http://a.example/", "image/PNG;x=y", "x"),
			warc("resource", "http://a.example/", "", "x"), warc("resource", "http://a.example/", "söme thing", "x"),
			warc("resource", "http://a.example/", "", "x", "WARC-Identified-Payload-Type: text/plain"),
			warc("resource", "http://a.example/", "", "\n<!DOCTYPE HTML><p>x")},
			[]string{"1 skipped: no text", "2 skipped: binary", "3 skipped: image/png", "4 skipped: no media type", "5 skipped: malformed media type",
				"6 http://a.example/ x", `7 http://a.example/ page "\n<!DOCTYPE HTML><p>x" of `}},
		{"HTML", []string{page("<p>A"), page("<p>menu"), page("strange"), warc("resource", "http://a.example/", "application/xhtml+xml", "B")},
			[]string{`1 https://a.example/p page "<p>A" of text/html; charset=utf-8`, "2 skipped: no text",
				"record 3 at byte OFFSET: HTML: strange page", `4 http://a.example/ page "B" of application/xhtml+xml`}},
		{"a record in a record", []string{text("http://a.example/", "An archive:\n"+wire()[1]), text("http://b.example/", "B")},
			[]string{"1 http://a.example/ An archive:\n" + wire()[1], "2 http://b.example/ B"}},
		{"ARC", []string{arcHead, "\n", arc("http://a.example/", "text/html", response("200 OK", "The text.", plainText)),
			arc("http://a.example/b c", "text/plain", response("404 Not Found", "No.")), arc("dns:a.example", "text/dns", "1.2.3.4"),
			arc("http://a.example/d", "text/plain", "Old server.")},
			[]string{"2 http://a.example/ The text.", "3 skipped: HTTP 404", "4 skipped: text/dns", "5 http://a.example/d Old server."}},
		{"ARC 2", []string{arc("filedesc://x.arc", "text/plain 200 - - 0 x.arc", "2 0 Crawler\nURL IP-address Archive-date Content-type Result-code …\n"),
			arc("http://a.example/ 1", "text/html 200 d41d8cd9 - 1234 x.arc", response("200 OK", "The text.", plainText))},
			[]string{"2 http://a.example/%201 The text."}},
	} {
		for _, packing := range packings {
			t.Run(test.name+"/"+packing.name, func(t *testing.T) {
				data := packing.pack(t, test.records)
				got := readAs(t, packing.name, bytes.NewReader(data), Options{HTML: tellPage})
				for i := range got {
					if before, after, ok := strings.Cut(got[i], "at byte "); ok {
						got[i] = before + "at byte OFFSET" + after[strings.IndexByte(after, ':'):]
					}
				}
				wantLines(t, test.name, got, test.want...)
				slow := readAs(t, packing.name, &trickle{data: data, sizes: []int{1, 3, 1000}}, Options{HTML: tellPage, Workers: 3})
				if len(slow) != len(got) {
					t.Errorf("%s in small reads: got %q, want %q", test.name, slow, got)
				}
			})
		}
	}
}

func TestReadArchiveByContent(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"-", "x", "x.txt", "x.jsonl", "x.gz"} {
		for _, data := range [][]byte{[]byte(strings.Join(wire(), "")), gzipped(t, wire()...)} {
			wantLines(t, name, readAs(t, name, bytes.NewReader(data), Options{}), fromWire...)
		}
	}
	for _, name := range []string{"x.warc", "x.warc.gz", "x.arc", "x.arc.gz", "x.wet", "x.wat.gz"} {
		wantLines(t, name, readAs(t, name, strings.NewReader(""), Options{}))
	}
	html := warc("resource", "http://a.example/", "text/html", "<p>A")
	wantLines(t, "HTML is nil", readAs(t, "-", strings.NewReader(html), Options{}), "1 skipped: HTML")
	r := Read(t.Context(), []string{"-"}, Options{Stdin: strings.NewReader(html + wire()[1])})
	wantLines(t, "Skipped is nil", lines(t, "", r), "-:0@184 "+article.DeriveID("https://b.example/2", "")+"=Ferries wait outside.\n\nThe mayor spoke at noon.")
}

// TestArchiveOffsets wants each offset to be where a record of which the number is known begins.
func TestArchiveOffsets(t *testing.T) {
	t.Parallel()
	records := wire()
	plain := int64(len(records[0]))
	member := int64(len(gzipped(t, records[0])))
	for _, test := range []struct {
		name string
		data []byte
		want []int64
	}{
		{"x.warc", []byte(strings.Join(records, "")), []int64{0, plain, plain + int64(len(records[1]))}},
		{"x.warc.gz", gzipped(t, records...), []int64{0, member, member + int64(len(gzipped(t, records[1])))}},
		{"empty members", gzipped(t, records[0], "", "", records[1], records[2]), []int64{0, member + 2*int64(len(gzipped(t, ""))),
			member + 2*int64(len(gzipped(t, ""))) + int64(len(gzipped(t, records[1])))}},
		{"one stream", gzipped(t, strings.Join(records, "")), []int64{0, 0, 0}},
		{"x.warc.zst", zstandard(t, strings.Join(records, "")), []int64{0, plain, plain + int64(len(records[1]))}},
	} {
		got := []int64{}
		for r, err := range Read(t.Context(), []string{"-"}, Options{Stdin: bytes.NewReader(test.data)}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r.Origin.Offset)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: offsets (-want +got):\n%s", test.name, diff)
		}
	}
}

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

func concat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// wantProblem wants the outcome i to begin and to contain what is given.
func wantProblem(t *testing.T, got []string, i int, prefix, part string) {
	t.Helper()
	if i >= len(got) || !strings.HasPrefix(got[i], prefix) || !strings.Contains(got[i], part) {
		t.Fatalf("got %q, want at %d: %s…%s", got, i, prefix, part)
	}
}
