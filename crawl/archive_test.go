package crawl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"

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

// TestReadDamagedArchives damages archives of three records, each in one way.
func TestReadDamagedArchives(t *testing.T) {
	t.Parallel()
	r := wire()
	whole := strings.Join(r, "")
	second := int64(len(r[0])) // where the second record begins
	third := second + int64(len(r[1]))
	block2 := strings.Index(r[1], "\r\n\r\n") + 4
	length := func(s string) string {
		return strings.Replace(r[1], "Content-Length: 47", "Content-Length: "+s, 1)
	}
	at := func(record int, offset int64, what string) string {
		return fmt.Sprintf("record %d at byte %d: damaged record: %s", record, offset, what)
	}
	html := response("200 OK", "Whole, HTTP says.", plainText, "Content-Length: 17")
	plain := []struct {
		name, data string
		want       []string
	}{
		{"end in a block", whole[:len(whole)-10], []string{fromWire[0], fromWire[1], at(3, third, "the file ends after 36 of the 42 bytes of its block")}},
		{"end in a block of 47", whole[:second+int64(block2)+10], []string{fromWire[0], at(2, second, "the file ends after 10 of the 47 bytes of its block")}},
		{"end in a header", whole[:second+100], []string{fromWire[0], at(2, second, "the file ends in its header after 99 bytes")}},
		{"end in a version", whole[:second+7], []string{fromWire[0], at(1, second, "7 bytes that belong to no record were skipped")}},
		{"end without line ends", strings.TrimSpace(whole), fromWire},
		{"cut off in a block, and put together", r[0] + r[1][:block2+10] + r[2],
			[]string{fromWire[0], at(2, second, "the next record begins after 10 of the 47 bytes of its block"), fromWire[2]}},
		{"cut off in a header, and put together", r[0] + r[1][:100] + r[2],
			[]string{fromWire[0], at(2, second, "the next record begins in its header; 100 bytes skipped"), fromWire[2]}},
		{"cut off at the end in a header, and put together", r[0] + r[1][:100] + r[2][:100],
			[]string{fromWire[0], at(2, second, "the next record begins in its header; 99 bytes skipped"), at(3, second+100, "the file ends in its header after 99 bytes")}},
		{"length too large", r[0] + length("70") + r[2],
			[]string{fromWire[0], at(2, second, "the next record begins after 51 of the 70 bytes of its block"), fromWire[2]}},
		{"length beyond the end", r[0] + length("70000") + r[2],
			[]string{fromWire[0], at(2, second, "the next record begins after 51 of the 70000 bytes of its block"), fromWire[2]}},
		{"length beyond the limit", r[0] + length("700000000000000000") + r[2],
			[]string{fromWire[0], at(2, second, "the next record begins after 51 of the 700000000000000000 bytes of its block"), fromWire[2]}},
		{"length too small", r[0] + length("21") + r[2],
			[]string{fromWire[0], "2 https://b.example/2 Ferries wait outside.", at(2, second+int64(block2)+23, "28 bytes that belong to no record were skipped"), fromWire[2]}},
		{"length negative", r[0] + length("-47") + r[2], []string{fromWire[0], at(2, second, fmt.Sprintf(`its length is "-47"; %d bytes skipped`, len(r[1])+1)), fromWire[2]}},
		{"length no number", r[0] + length("many") + r[2], []string{fromWire[0], at(2, second, fmt.Sprintf(`its length is "many"; %d bytes skipped`, len(r[1])+2)), fromWire[2]}},
		{"length of 30 digits", r[0] + length(strings.Repeat("7", 30)) + r[2],
			[]string{fromWire[0], at(2, second, fmt.Sprintf(`its length is "777777777777777777777777777777"; %d bytes skipped`, len(r[1])+28)), fromWire[2]}},
		{"version overwritten", r[0] + "XXXX" + r[1][4:] + r[2],
			[]string{fromWire[0], at(1, second, fmt.Sprint(len(r[1]), " bytes that belong to no record were skipped")), "2" + fromWire[2][1:]}},
		{"header without end", r[0] + "WARC/1.0\r\nWARC-Type: resource\r\n" + strings.Repeat("X: y\r\n", maxHeaderBytes/6) + r[2],
			[]string{fromWire[0], at(2, second, fmt.Sprintf("the next record begins in its header; %d bytes skipped", 31+maxHeaderBytes/6*6)), fromWire[2]}},
		{"header without end, longer", r[0] + "WARC/1.0\r\nWARC-Type: resource\r\n" + strings.Repeat("X: y\r\n", maxHeaderBytes) + r[2],
			[]string{fromWire[0], at(2, second, fmt.Sprintf("the header has more than 262144 bytes; %d bytes skipped", 31+maxHeaderBytes*6)), fromWire[2]}},
		{"zeros between records", r[0] + strings.Repeat("\x00", 100_000) + r[1] + r[2],
			[]string{fromWire[0], at(1, second, "100000 bytes that belong to no record were skipped"), fromWire[1], fromWire[2]}},
		{"zeros at the end", whole + strings.Repeat("\x00", 100), append(fromWire[:3:3], at(3, int64(len(whole)), "100 bytes that belong to no record were skipped"))},
		{"nonsense at the beginning", "nonsense\n" + whole, []string{
			"record 1 at byte 0: damaged record: 9 bytes that belong to no record were skipped", "2" + fromWire[0][1:], "3" + fromWire[1][1:], "4" + fromWire[2][1:]}},
		{"nothing but nonsense", "non\nsense WARC/1.0 ", []string{
			"record 1 at byte 0: damaged record: 19 bytes that belong to no record were skipped"}},
		{"line ends converted, so that lengths are too large", strings.ReplaceAll(warc("response", "http://a.example/", "application/http", html)+r[1], "\r\n", "\n"),
			[]string{"1 http://a.example/ Whole, HTTP says.", at(1, 0, "the next record begins after 80 of the 82 bytes of its block"), "2" + fromWire[1][1:]}},
	}
	for _, test := range plain {
		t.Run("plain/"+test.name, func(t *testing.T) {
			got := readAs(t, "x.warc", strings.NewReader(test.data), Options{})
			wantLines(t, test.name, got, test.want...)
		})
	}
	packed := gzipped(t, r...)
	m := int(len(gzipped(t, r[0])))
	m3 := m + len(gzipped(t, r[1]))
	without := func(from, to int) []byte { return append(bytes.Clone(packed[:from]), packed[to:]...) }
	stored := func(s string) []byte { // a member with one stored block
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.NoCompression)
		_, _ = io.WriteString(z, s)
		_ = z.Close()
		return b.Bytes()
	}
	big := stored(warc("resource", "http://a.example/", "text/plain", strings.Repeat("x", 60_000)))
	const lost = "LOST"
	for _, test := range []struct {
		name string
		data []byte
		want []string
	}{
		{"magic", flip(packed, m), []string{fromWire[0], lost, fromWire[2]}},
		{"method", flip(packed, m+2), []string{fromWire[0], lost, fromWire[2]}},
		{"first bytes", flip(packed, m+11), []string{fromWire[0], lost, fromWire[2]}},
		{"middle", flip(packed, (m+m3)/2), []string{fromWire[0], lost, fromWire[2]}},
		{"checksum", flip(packed, m3-8), []string{fromWire[0], lost, fromWire[2]}},
		{"a byte is missing", without((m+m3)/2, (m+m3)/2+1), []string{fromWire[0], lost, fromWire[2]}},
		{"most is missing", without(m+40, m3), []string{fromWire[0], lost, fromWire[2]}},
		{"all but the magic is missing", without(m+3, m3), []string{fromWire[0], lost, fromWire[2]}},
		{"trailer is missing", without(m3-8, m3), []string{fromWire[0], lost, fromWire[2]}},
		{"zeros inside", concat(packed[:m+50], make([]byte, 100_000), packed[m+50:]), []string{fromWire[0], lost, fromWire[2]}},
		{"a member that swallows the next ones", concat(packed[:m], big[:500], packed[m3:]), []string{fromWire[0], lost, fromWire[2]}},
	} {
		t.Run("gzip/"+test.name, func(t *testing.T) {
			got := readAs(t, "x.warc.gz", bytes.NewReader(test.data), Options{})
			skipped := len(test.data) - (len(packed) - m3) - m
			wantProblem(t, got, 1, fmt.Sprintf("record 2 at byte %d: damaged compressed data", m), fmt.Sprintf("; %d bytes of the file skipped", skipped))
			wantLines(t, test.name, append(got[:1:1], got[min(2, len(got)):]...), test.want[0], test.want[2])
		})
	}
	t.Run("gzip/end in a member", func(t *testing.T) {
		got := readAs(t, "x", bytes.NewReader(packed[:m3-20]), Options{})
		wantProblem(t, got, 1, fmt.Sprintf("record 2 at byte %d: damaged compressed data", m), fmt.Sprintf("; %d bytes of the file skipped", m3-20-m))
		wantLines(t, "before", got[:1], fromWire[0])
	})
	t.Run("gzip/end in a trailer", func(t *testing.T) {
		got := readAs(t, "x", bytes.NewReader(packed[:m3-3]), Options{})
		wantProblem(t, got, 2, fmt.Sprintf("record 2 at byte %d: damaged compressed data", m), fmt.Sprintf("; %d bytes of the file skipped", m3-3-m))
		wantLines(t, "before", got[:2], fromWire[:2]...)
	})
	t.Run("gzip/first member", func(t *testing.T) {
		for _, data := range [][]byte{packed[10:], flip(packed, 0), flip(packed, 20), append([]byte("nonsense"), packed[m-9:]...)} {
			got := readAs(t, "x.warc.gz", bytes.NewReader(data), Options{})
			wantProblem(t, got, 0, "record 1 at byte 0: damaged compressed data", fmt.Sprintf("; %d bytes of the file skipped", len(data)-len(packed)+m))
			wantLines(t, "behind", got[1:], fromWire[1:]...)
		}
	})
	t.Run("gzip/cut off in the content of a member", func(t *testing.T) {
		got := readAs(t, "x.warc.gz", bytes.NewReader(gzipped(t, r[0], r[1][:block2+5], r[2], "WARC/1.0\r\nWARC-")), Options{})
		wantLines(t, "cut", got, fromWire[0], at(2, int64(m), "the next record begins after 5 of the 47 bytes of its block"), fromWire[2],
			strings.Replace(at(3, int64(m+len(gzipped(t, r[1][:block2+5]))+len(gzipped(t, r[2]))), "15 bytes that belong to no record were skipped"), "\n", "", 1))
	})
	t.Run("gzip/one stream", func(t *testing.T) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, r[0])
		_ = z.Flush() // what is behind does not matter to the first record
		n := b.Len()
		_, _ = io.WriteString(z, r[1]+r[2])
		_ = z.Close()
		got := readAs(t, "x.warc.gz", bytes.NewReader(b.Bytes()[:n+120]), Options{})
		wantProblem(t, got, 2, "record 3 at byte 0: damaged compressed data after", fmt.Sprintf("; %d bytes of the file skipped", n+120))
		wantLines(t, "before", got[:2], fromWire[:2]...)
	})
	t.Run("gzip/ARC", func(t *testing.T) {
		members := []string{arc("filedesc://x.arc", "text/plain", "1 0 x\nURL\n"), arc("http://a.example/", "text/plain", "A"), arc("http://b.example/", "text/plain", "B")}
		data := gzipped(t, members...)
		got := readAs(t, "x.arc.gz", bytes.NewReader(flip(data, len(gzipped(t, members[0]))+30)), Options{})
		wantProblem(t, got, 0, "record 2 at byte", "bytes of the file skipped")
		wantLines(t, "behind", got[1:], "3 http://b.example/ B")
	})
	t.Run("zstd", func(t *testing.T) {
		data := append(zstandard(t, whole), zstandard(t, whole)...)
		got := readAs(t, "x.warc.zst", bytes.NewReader(data[:len(data)-5]), Options{})
		wantProblem(t, got, 3, "record 3 at byte 526: ", "damaged compressed data")
		wantLines(t, "before", got[:3], fromWire...)
	})
	t.Run("reader fails", func(t *testing.T) {
		broken := errors.New("the disk is broken")
		for n := range len(packed) {
			got := readAs(t, "x.warc.gz", io.MultiReader(bytes.NewReader(packed[:n]), &failing{broken}), Options{})
			if len(got) == 0 || !strings.Contains(strings.Join(got, "\n"), "the disk is broken") {
				t.Fatalf("after %d bytes: got %q, want the error of the disk", n, got)
			}
		}
		got := readAs(t, "x.warc", io.MultiReader(strings.NewReader(whole[:third+5]), &failing{broken}), Options{})
		wantProblem(t, got, 2, "record 3 at byte", "the disk is broken")
	})
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

func concat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// wantProblem wants the outcome i to begin and to contain what is given.
func wantProblem(t *testing.T, got []string, i int, prefix, part string) {
	t.Helper()
	if i >= len(got) || !strings.HasPrefix(got[i], prefix) || !strings.Contains(got[i], part) {
		t.Fatalf("got %q, want at %d: %s…%s", got, i, prefix, part)
	}
}

func TestReadHTTP(t *testing.T) {
	t.Parallel()
	const text = "The council voted for the bridge."
	gz := string(gzipped(t, text))
	var zl, raw bytes.Buffer
	z := zlib.NewWriter(&zl)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	f, _ := flate.NewWriter(&raw, 6)
	_, _ = io.WriteString(f, text)
	_ = f.Close()
	kept := "1 http://a.example/ " + text
	chunked := "Transfer-Encoding: chunked"
	bomb := gzipped(t, strings.Repeat("bomb ", 1<<20))
	for _, test := range []struct{ name, block, want string }{
		{"plain", response("200 OK", text, plainText), kept},
		{"only LF", strings.ReplaceAll(response("200 OK", text, plainText), "\r\n", "\n"), kept},
		{"HTTP/2", "HTTP/2 200\r\n" + plainText + "\r\n\r\n" + text, kept},
		{"only a header", "HTTP/1.1 200 OK\r\n" + plainText, "1 skipped: no text"},
		{"not found", response("404 Not Found", text, plainText), "1 skipped: HTTP 404"},
		{"partial", response("206 Partial Content", text, plainText), "1 skipped: HTTP 206"},
		{"no status", "HTTP/1.1 okay\r\n\r\n", `record 1 at byte 0: damaged record: no HTTP status but "HTTP/1.1 okay"`},
		{"image", response("200 OK", "x", "Content-Type: image/png"), "1 skipped: image/png"},
		{"no type", response("200 OK", text), "1 skipped: no media type"},
		{"chunked", response("200 OK", "4\r\nThe \r\n1d;x=y\r\ncouncil voted for the bridge.\r\n0\r\nTrailer: x\r\n\r\n", plainText, chunked), kept},
		{"chunked, only LF and padded", response("200 OK", "0004  \nThe \n1D\ncouncil voted for the bridge.\n0\n\n", plainText, chunked), kept},
		{"chunked, not really", response("200 OK", text, plainText, chunked), kept},
		{"chunked, not really, but begins like it", response("200 OK", "7\nwonders", plainText, chunked), "1 http://a.example/ wonders"},
		{"chunked, no size at a text", response("200 OK", "1\nby one\nthey went", plainText, chunked), "1 http://a.example/ 1\nby one\nthey went"},
		{"chunked, wrong second size", response("200 OK", "4\r\nThe \r\nzz\r\ncouncil", plainText, chunked), "1 http://a.example/ The zz\r\ncouncil"},
		{"chunked, cut off", response("200 OK", "4\r\nThe \r\nff\r\ncouncil", plainText, chunked), "1 http://a.example/ The council"},
		{"gzip", response("200 OK", gz, plainText, "Content-Encoding: gzip"), kept},
		{"X-Gzip in chunks", response("200 OK", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(gz), gz), plainText, "Content-Encoding: X-GZIP", chunked), kept},
		{"gzip of two members", response("200 OK", string(gzipped(t, text[:9], text[9:])), plainText, "Content-Encoding: gzip"), kept},
		{"gzip twice", response("200 OK", string(gzipped(t, gz)), plainText, "Content-Encoding: gzip", "Content-Encoding: gzip"), kept},
		{"gzip, not really", response("200 OK", text, plainText, "Content-Encoding: gzip"), kept},
		{"gzip without trailer", response("200 OK", gz[:len(gz)-8], plainText, "Content-Encoding: gzip"), kept},
		{"gzip cut off", response("200 OK", gz[:len(gz)-20], plainText, "Content-Encoding: gzip"), "DAMAGED"},
		{"gzip cut off in its header", response("200 OK", gz[:5], plainText, "Content-Encoding: gzip"), "DAMAGED"},
		{"deflate with zlib header", response("200 OK", zl.String(), plainText, "Content-Encoding: deflate"), kept},
		{"deflate without", response("200 OK", raw.String(), plainText, "Content-Encoding: deflate"), kept},
		{"deflate, not really", response("200 OK", text, plainText, "Content-Encoding: deflate"), kept},
		{"zstd", response("200 OK", string(zstandard(t, text)), plainText, "Content-Encoding: zstd"), kept},
		{"br", response("200 OK", string(brotlied(t, text)), plainText, "Content-Encoding: br"), kept},
		{"br, cut off", response("200 OK", string(brotlied(t, text)[:20]), plainText, "Content-Encoding: br"),
			"record 1 at byte 0: body: damaged compressed data after 17 bytes of content: unexpected EOF"},
		{"compress", response("200 OK", "\x1f\x9d\x90The\xff", plainText, "Content-Encoding: compress"), "1 skipped: coding compress"},
		{"br, not really", response("200 OK", text, plainText, "Content-Encoding: br"), kept},
		{"another", response("200 OK", "\xff\x00", plainText, "Content-Encoding: rot13"), "1 skipped: coding other"},
		{"bomb", response("200 OK", string(bomb), plainText, "Content-Encoding: gzip"),
			"record 1 at byte 0: body: too long: more than 1048576 bytes decompressed (MaxRecordBytes)"},
		{"bomb of zstd", response("200 OK", string(zstandard(t, strings.Repeat("bomb ", 1<<20))), plainText, "Content-Encoding: zstd"),
			"record 1 at byte 0: body: too long: more than 1048576 bytes decompressed (MaxRecordBytes)"},
		{"Windows-1252", response("200 OK", "Caf\xe9", plainText), "1 http://a.example/ Café"},
		{"KOI8-R", response("200 OK", "\xf7\xcf\xda", plainText+"; charset=\"koi8-r\""), "1 http://a.example/ Воз"},
		{"UTF-8, whatever the header says", response("200 OK", "Café", plainText+"; charset=iso-8859-1"), "1 http://a.example/ Café"},
		{"UTF-16", response("200 OK", "C\x00a\x00f\x00\xe9\x00", plainText+"; charset=utf-16le"), "1 http://a.example/ Café"},
		{"unknown charset", response("200 OK", "Caf\xe9", plainText+"; charset=klingon"), "1 http://a.example/ Café"},
		{"byte order mark", response("200 OK", "\xef\xbb\xbfCafé", plainText), "1 http://a.example/ Café"},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := warc("response", "http://a.example/", "application/http", test.block)
			got := readAs(t, "-", strings.NewReader(data), Options{MaxRecordBytes: 1 << 20})
			if test.want == "DAMAGED" {
				wantProblem(t, got, 0, "record 1 at byte 0: body: damaged compressed data after", "unexpected EOF")
				return
			}
			wantLines(t, test.name, got, test.want)
		})
	}
	t.Run("truncated by the crawler", func(t *testing.T) {
		block := response("200 OK", string(gzipped(t, strings.Repeat(text+" ", 3000)))[:60], plainText, "Content-Encoding: gzip")
		got := readAs(t, "-", strings.NewReader(warc("response", "http://a.example/", "application/http", block, "WARC-Truncated: length")), Options{})
		wantProblem(t, got, 0, kept, text)
	})
}

// TestReadLongRecords wants records beyond the limit to be skipped without being held.
func TestReadLongRecords(t *testing.T) {
	before, after := wire()[0], wire()[2]
	const limit, size = 1 << 20, 300 << 20
	long := func(fields ...string) io.Reader {
		head := response("200 OK", "", fields...)
		h := strings.Replace(warc("response", "http://a.example/", "application/http", head), fmt.Sprint("Content-Length: ", len(head)),
			fmt.Sprint("Content-Length: ", len(head)+size), 1)
		return io.MultiReader(strings.NewReader(before+strings.TrimSuffix(h, "\r\n\r\n")), io.LimitReader(letters{}, size), strings.NewReader("\r\n\r\n"+after))
	}
	behind := "3" + fromWire[2][1:]
	for _, test := range []struct {
		name string
		data io.Reader
		want []string
	}{
		{"text", long(plainText), []string{fromWire[0], "record 2 at byte 293: record too long: 314572845 bytes, at most 1048576 are read (MaxRecordBytes)", behind}},
		{"video", long("Content-Type: video/mp4"), []string{fromWire[0], "2 skipped: video/mp4", behind}},
	} {
		runtime.GC()
		var m0, m1 runtime.MemStats
		runtime.ReadMemStats(&m0)
		got := readAs(t, "x.warc", test.data, Options{MaxRecordBytes: limit, Workers: 1})
		runtime.ReadMemStats(&m1)
		wantLines(t, test.name, got, test.want...)
		if allocated := m1.TotalAlloc - m0.TotalAlloc; allocated > 8*limit {
			t.Errorf("%s: %d bytes allocated, want a few times the limit of %d", test.name, allocated, limit)
		}
	}
}

// letters are letters without end.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// TestReadLies wants many headers that claim long blocks to cost no more than their bytes: 50,000 times 60 MB would take minutes.
func TestReadLies(t *testing.T) {
	t.Parallel()
	lie := "WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 60000000\r\n\r\ntext"
	arcLie := "http://a.example/ 192.0.2.1 20260102030405 text/plain 60000000\ntext"
	const n = 50_000
	started := time.Now()
	for _, test := range []struct{ name, data string }{
		{"x.warc", strings.Repeat(lie, n)},
		{"x.arc", arc("filedesc://x", "text/plain", "") + strings.Repeat(arcLie, n)},
		{"x.warc.gz", string(gzipped(t, strings.Repeat(lie, n)))},
		{"members.warc.gz", string(bytes.Repeat(gzipped(t, lie), n))},
	} {
		got := readAs(t, test.name, strings.NewReader(test.data), Options{})
		if len(got) != n {
			t.Errorf("%s: %d problems, want %d; the last is %s", test.name, len(got), n, got[len(got)-1])
		}
	}
	if took := time.Since(started); took > time.Minute {
		t.Errorf("took %v, want some seconds", took)
	}
}

// FuzzWARC and FuzzARC read any bytes as an archive: as they are, as gzip, and in members, one of which may be damaged. No panic, only our
// errors, and nothing that depends on workers or on how the bytes come.
func FuzzWARC(f *testing.F) {
	for i, data := range []string{
		strings.Join(wire(), ""), wire()[0][:200] + wire()[1], strings.ReplaceAll(strings.Join(wire(), ""), "\r", ""),
		warc("response", "http://a.example/", "application/http", response("200 OK", "4\r\nThe \r\nff\r\nx", plainText, "Transfer-Encoding: chunked")),
		warc("response", "http://a.example/", "application/http", response("200", string(gzipped(f, "text")), textHTML, "Content-Encoding: gzip, deflate")),
		"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 9999999\r\n\r\nWARC/1.0\r\nWARC-Type: resource\r\nContent-Type: text/plain\r\n\r\nx",
		string(gzipped(f, wire()...)), string(half(gzipped(f, strings.Join(wire(), "")))), string(zstandard(f, wire()[0])),
	} {
		f.Add([]byte(data), byte(i), uint16(7*i))
	}
	f.Fuzz(func(t *testing.T, data []byte, packing byte, flipped uint16) {
		fuzzArchive(t, "x.warc", "WARC/", data, packing, flipped)
	})
}

func FuzzARC(f *testing.F) {
	head := arc("filedesc://x.arc", "text/plain", "1 0 Crawler\nURL IP-address Archive-date Content-type Archive-length\n")
	for i, data := range []string{
		head + arc("http://a.example/", "text/html", response("200 OK", "The text.", plainText)) + arc("http://a.example/d e", "text/plain", "Old."),
		head + "http://a.example/ 192.0.2.1 20260102030405 text/plain 9999999\nhttp://a.example/ 192.0.2.1 20260102030405 text/plain 200 - - 0 x 3\nabc",
		"http://a.example/ 1.1.1.1 20260102 text/html -1\n\nhttp://b.example/ 1.1.1.1 20260102 text/html 1",
	} {
		f.Add([]byte(data), byte(i), uint16(7*i))
	}
	f.Fuzz(func(t *testing.T, data []byte, packing byte, flipped uint16) {
		fuzzArchive(t, "x.arc", "http://", data, packing, flipped)
	})
}

func fuzzArchive(t *testing.T, name, mark string, data []byte, packing byte, flipped uint16) {
	switch packing % 4 {
	case 1:
		name += ".gz"
	case 2, 3: // a member wherever a record may begin
		name += ".gz"
		members := strings.Split(string(data), mark)
		for i := 1; i < len(members); i++ {
			members[i] = mark + members[i]
		}
		data = gzipped(t, members...)
		if packing%4 == 3 {
			data[int(flipped)%len(data)] ^= 1 + packing
		}
	}
	opts := Options{Workers: 1, MaxRecordBytes: 3000, HTML: tellPage}
	one := fuzzRead(t, name, bytes.NewReader(data), opts)
	opts.Workers = 3
	if diff := cmp.Diff(one, fuzzRead(t, name, &trickle{data: data, sizes: []int{1 + int(packing), 1, 64}}, opts)); diff != "" {
		t.Fatalf("one worker and one read, three workers and many reads differ:\n%s", diff)
	}
}

// fuzzRead reads and checks all that holds for every record and error.
func fuzzRead(t *testing.T, name string, r io.Reader, opts Options) []string {
	got, last := []string{}, Origin{}
	see := func(at Origin, what string) {
		if at.File != name || at.Record < last.Record || at.Offset < last.Offset {
			t.Fatalf("%+v after %+v", at, last)
		}
		last = at
		got = append(got, fmt.Sprintf("%+v %s", at, what))
	}
	opts.Skipped = see
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
		case errors.As(err, &problem):
			if !isOurs(err) && !strings.Contains(err.Error(), "strange page") {
				t.Fatalf("error %v, want one of ours", err)
			}
			see(problem.Origin, err.Error())
		case err != nil || r.Article.ID == "" || strings.TrimSpace(r.Article.Text) == "" || strings.ToValidUTF8(r.Article.URL+r.Article.Text, "") != r.Article.URL+r.Article.Text:
			t.Fatalf("record %+v, error %v", r, err)
		default:
			see(r.Origin, fmt.Sprintf("%+v", r.Article))
		}
		return true
	})
	return got
}

// BenchmarkReadWARC reads WARC of about 100 MB, as it comes from a crawler: pages of 20 KB with our words, gzip member a record. MB/s
// are of decompressed bytes; HTML is taken as it is.
func BenchmarkReadWARC(b *testing.B) {
	const pages, words = 5000, 3300
	var all bytes.Buffer
	z := gzip.NewWriter(&all)
	seed, size := uint64(1), 0
	for i := range pages {
		var text strings.Builder
		for range words {
			seed = seed*6364136223846793005 + 1442695040888963407
			text.WriteString([]string{"harbour ", "storm ", "mayor ", "<p>", "bridge ", "council ", "voted ", "ferries "}[seed>>61])
			if seed>>40&31 == 0 {
				fmt.Fprintf(&text, "%x ", seed>>50)
			}
		}
		media := []string{plainText, textHTML}[i%2]
		record := warc("response", fmt.Sprint("https://a.example/", i), "application/http", response("200 OK", text.String(), media))
		size += len(record)
		z.Reset(&all)
		_, _ = io.WriteString(z, record)
		if err := z.Close(); err != nil {
			b.Fatal(err)
		}
	}
	page := func(page []byte, _, _ string) (Page, error) {
		return Page{Article: article.Article{Text: string(page)}}, nil
	}
	plain, err := gzip.NewReader(bytes.NewReader(all.Bytes()))
	if err != nil {
		b.Fatal(err)
	}
	content, err := io.ReadAll(plain)
	if err != nil {
		b.Fatal(err)
	}
	for _, data := range []struct {
		name  string
		bytes []byte
	}{{"plain", content}, {"gzip", all.Bytes()}} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", data.name, workers), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					n := 0
					opts := Options{Workers: workers, HTML: page, Stdin: bytes.NewReader(data.bytes)}
					for _, err := range Read(b.Context(), []string{"-"}, opts) {
						if err != nil {
							b.Fatal(err)
						}
						n++
					}
					if n != pages {
						b.Fatalf("got %d articles, want %d", n, pages)
					}
				}
				b.ReportMetric(float64(len(data.bytes))*float64(b.N)/b.Elapsed().Seconds()/1e6, "file-MB/s")
			})
		}
	}
}
