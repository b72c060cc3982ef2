package crawl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/dedupe-news/dedupe/article"
)

var fuzzFields = Fields{ID: "id", Text: "text", Title: "meta.title", URL: "meta.url", Date: "date", Site: "site"}

// FuzzJSONL compares what we make of a line with what the slow and simple way over encoding/json makes of it.
func FuzzJSONL(f *testing.F) {
	for _, line := range []string{
		lineA,
		`{"id":17,"text":"x","meta":{"title":"T","url":"https://www.bbc.co.uk/x"},"date":"2016-09-20","site":null}`,
		`{"id":1e5,"text":-0.1E+2,"meta.url":"u","meta":"m","x":[1,{"a":[]},true,false,null]}`,
		`{"id":"\u0000\ud83d\ude00\ud800","text":"\"\\\/\b\f\n\r\t","id":"b"}`,
		"{\"id\":\"\xff\xfe\",\"te\xc3xt\":\"\xe2\x80\"}",
		`{"meta":{"title":["x"]},"text":"x"}`, `{"id":01}`, `{"id":"a",}`, `{"a":tru}`, "{\"a\":\"\x01\"}", `{"a":"\x"}`, `{}x`, `[1]`, "\ufeff{}",
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		line = bytes.ReplaceAll(line, []byte("\n"), nil)
		p := parser{sel: newSelector(fuzzFields), maxLine: 1 << 20}
		got, found, err := p.line(bytes.Clone(line))
		want, wantErr := slowRecord(line)
		blank := len(bytes.Trim(bytes.TrimPrefix(line, byteOrderMark), " \t\r")) == 0
		if found != (wantErr == nil) || err != nil && !errors.Is(err, wantErr) || err == nil && !found && !blank {
			t.Fatalf("line %q: found %t, error %v, want %v", line, found, err, wantErr)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("line %q (-encoding/json +ours):\n%s", line, diff)
		}
	})
}

// slowRecord is parser.line as one would write it without a thought to speed. Its errors are the bare sentinels.
func slowRecord(line []byte) (Record, error) {
	var o map[string]any
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(line, byteOrderMark)))
	d.UseNumber()
	if err := d.Decode(&o); err != nil || o == nil {
		return Record{}, ErrNotObject
	}
	if _, err := d.Token(); err != io.EOF {
		return Record{}, ErrNotObject
	}
	var given [properties]string
	for i, name := range fuzzFields.names() {
		v := o[name]
		if first, second, ok := strings.Cut(name, "."); v == nil && ok {
			if inner, ok := o[first].(map[string]any); ok {
				v = inner[second]
			}
		}
		switch v := v.(type) {
		case nil:
		case string:
			given[i] = v
		case json.Number:
			given[i] = v.String()
		default:
			return Record{}, ErrFieldType
		}
	}
	a := article.Article{ID: given[0], Text: given[1], Title: given[2], URL: strings.TrimSpace(given[3]), Site: strings.TrimSpace(given[5])}
	if strings.TrimSpace(a.Text) == "" {
		return Record{}, ErrNoText
	}
	if strings.TrimSpace(a.ID) == "" {
		a.ID = article.DeriveID(a.URL, a.Text)
	}
	if len(a.ID) > MaxIDBytes {
		return Record{}, ErrLongID
	}
	if a.Site == "" {
		a.Site = article.SiteOf(a.URL)
	}
	date, err := article.ParseTime(given[4])
	a.Published = date
	r := Record{Article: a}
	if err != nil && strings.TrimSpace(given[4]) != "" {
		r.BadDate = given[4]
	}
	return r, nil
}

// FuzzRead reads any bytes under any name: no panic, only our errors, nothing that depends on workers or on how the bytes come.
func FuzzRead(f *testing.F) {
	for _, data := range [][]byte{
		[]byte(lineA + "\r\n\n" + lineB + "\nbad\n" + lineC), []byte("Headline\nText"), []byte("\xef\xbb\xbf {}"), []byte("\x93Caf\xe9\x94"),
		gzipped(f, lineA+"\n", lineB), half(gzipped(f, lineA+"\n"+lineB)), zstandard(f, lineA), half(zstandard(f, lineA+lineB)),
		[]byte("\x50\x2a\x4d\x18\x00\x00\x00\x00"), []byte("[]"), nil, []byte("id,text\na,\"alpha\n\"\n\"b\"x,y\nc,gamma"),
		unhex(f, inXZ), unhex(f, inBzip2), half(unhex(f, inXZ)), skippable(dictionaryFrame, zstandard(f, lineA)), []byte(wire()[0] + wire()[1]), gzipped(f, wire()...), half(gzipped(f, wire()...)), []byte("{\"id\":\"" + strings.Repeat("x", 300) + "\"}\n" + lineA),
	} {
		f.Add(data, byte(len(data)))
	}
	f.Fuzz(func(t *testing.T, data []byte, chunk byte) {
		opts := Options{Workers: 1, MaxLineBytes: 200, MaxTextFileBytes: 5000, Rows: chunk%2 == 0, Stdin: bytes.NewReader(data)}
		one := fuzzOutcomes(t, opts)
		opts.Workers, opts.Stdin = 3, &trickle{data: data, sizes: []int{1 + int(chunk), 1, 64}}
		if diff := cmp.Diff(one, fuzzOutcomes(t, opts)); diff != "" {
			t.Fatalf("one worker and one read, three workers and many reads differ:\n%s", diff)
		}
		opts.Stdin = bytes.NewReader(data)
		all := places(t, []string{"-"}, opts)
		if len(all) == 0 {
			return
		}
		n := int(chunk) % len(all)
		if opts.After = all[n].at; opts.After.Line+opts.After.Record == 0 {
			return
		}
		opts.Stdin = bytes.NewReader(data)
		if diff := cmp.Diff(behind(all, n), places(t, []string{"-"}, opts), cmp.AllowUnexported(place{})); diff != "" {
			t.Fatalf("left at %+v and gone on differs:\n%s", opts.After, diff)
		}
	})
}

// fuzzOutcomes reads standard input and checks all that holds for every record and error.
func fuzzOutcomes(t *testing.T, opts Options) []string {
	last, got := Origin{}, []string{}
	for r, err := range Read(t.Context(), []string{"-"}, opts) {
		at := r.Origin
		if err != nil {
			var p *Problem
			if !errors.As(err, &p) || !isOurs(err) || !isZero(r) {
				t.Fatalf("Read: record %+v, error %v, want no record and an error of ours", r, err)
			}
			at = p.Origin
			got = append(got, err.Error())
		} else if a := r.Article; a.ID == "" || len(a.ID) > MaxIDBytes || strings.TrimSpace(a.Text) == "" ||
			!utf8.ValidString(a.ID+a.URL+a.Site+a.Title+a.Text) {
			t.Fatalf("Read: article %+v", a)
		} else {
			got = append(got, fmt.Sprintf("%+v %s", r, r.Row))
			if opts.Rows != (r.Row != nil) || opts.Rows && !json.Valid(r.Row) {
				t.Fatalf("Read: row %q", r.Row)
			}
		}
		if at.File != "-" || at.Line < last.Line || at.Offset < last.Offset {
			t.Fatalf("Read: %+v after %+v", at, last)
		}
		last = at
	}
	return got
}

func isOurs(err error) bool {
	for _, ours := range []error{ErrNotObject, ErrFieldType, ErrNoText, ErrTooLong, ErrLongID, ErrDamaged, ErrRecord, ErrRow, ErrFormat} {
		if errors.Is(err, ours) {
			return true
		}
	}
	return false
}

// FuzzParquet reads any bytes as a Parquet file: no panic, only our errors, and nothing that depends on where one goes on.
func FuzzParquet(f *testing.F) {
	data := parquetOf(f, 3, 2, 4)
	f.Add(data, byte(4))
	f.Add(half(data), byte(0))
	f.Add(flip(data, len(data)/2), byte(3))
	path := filepath.Join(f.TempDir(), "x.parquet")
	f.Fuzz(func(t *testing.T, data []byte, chunk byte) {
		if err := os.WriteFile(path, append([]byte("PAR1"), bytes.TrimPrefix(data, []byte("PAR1"))...), 0o600); err != nil {
			t.Fatal(err)
		}
		opts := Options{Workers: 1, Rows: true}
		n := 0
		for _, err := range Read(t.Context(), []string{path}, opts) {
			if err != nil && !isOurs(err) {
				t.Fatalf("error %v, want one of ours", err)
			}
			if n++; n > 1e5 {
				return
			}
		}
		all := places(t, []string{path}, opts)
		if n = int(chunk); n >= len(all) || all[n].at.Record == 0 {
			return
		}
		opts.After = all[n].at
		if diff := cmp.Diff(behind(all, n), places(t, []string{path}, opts), cmp.AllowUnexported(place{})); diff != "" {
			t.Fatalf("left at %+v and gone on differs:\n%s", opts.After, diff)
		}
	})
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
