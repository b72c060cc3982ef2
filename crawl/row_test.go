package crawl

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
)

// rowsOf reads data as the file of a name, and returns the rows, or the messages of problems, with NAME for the path.
func rowsOf(t testing.TB, name, data string, opts Options) []string {
	t.Helper()
	path := write(t, t.TempDir(), name, []byte(data))
	got := []string{}
	for r, err := range Read(t.Context(), []string{path}, opts) {
		row := string(r.Row)
		if err != nil {
			row = err.Error()
		}
		got = append(got, strings.ReplaceAll(row, path, "NAME"))
	}
	return got
}

func TestRows(t *testing.T) {
	t.Parallel()
	page := func(page []byte, _, _ string) (Page, error) {
		return Page{
			Article:  article.Article{Title: "<T> & \"Q\"", Text: string(page), Published: time.Date(2016, 9, 20, 12, 0, 0, 500e6, time.FixedZone("", 3600))},
			Language: "en-GB", DateFrom: "meta",
		}, nil
	}
	wet := "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://www.bbc.co.uk/x\r\nWARC-Date: 2024-01-02T03:04:05Z\r\n" +
		"Content-Type: text/plain\r\nContent-Length: 7\r\n\r\nT\nalpha\r\n\r\n"
	html := strings.NewReplacer("text/plain", "text/html", "conversion", "resource", "2024-01-02T03:04:05Z", "yesterday").Replace(wet)
	arc := "filedesc://x.arc 0.0.0.0 20080509190241 text/plain 9\n1 0 test\n\n" +
		"http://a.example/1 192.0.2.1 20080509190241 text/plain 7\nal\xffpha\n\n"
	for _, test := range []struct {
		name, file, data string
		want             []string
	}{
		{"lines as they stand", "x.jsonl", "\ufeff {\"text\": \"\\u00e9\xff<\" ,\"id\":1} \t\r\nbad\n\n{\"id\":\"b\",\"text\":\"x\"}", []string{
			"{\"text\": \"\\u00e9\xff<\" ,\"id\":1}\r", `NAME:2: not a JSON object: it begins with "b"`, `{"id":"b","text":"x"}`}},
		{"table", "x.csv", "id,n, text \na,1,\"<al\xffpha>\"\nb,\n", []string{
			"{\"id\":\"a\",\"n\":\"1\",\"text\":\"<al\ufffdpha>\"}", "NAME:3: malformed row: number of fields is 2, of the header 3"}},
		{"text file", "x.txt", "T\nal\"pha", []string{`{"id":"NAME","title":"T","text":"T\nal\"pha"}`}},
		{"text file without a title", "x.txt", strings.Repeat("long ", 50), []string{`{"id":"NAME","text":"` + strings.Repeat("long ", 50) + `"}`}},
		{"HTML file", "x.html", "<p>alpha", []string{
			`{"id":"NAME","title":"<T> & \"Q\"","date":"2016-09-20T11:00:00.5Z","date_from":"meta","language":"en-GB","text":"<p>alpha"}`}},
		{"WET", "x.wet", wet, []string{
			`{"id":"u-fdc478f6ab16b545","url":"https://www.bbc.co.uk/x","title":"T","source":"bbc.co.uk","fetched":"2024-01-02T03:04:05Z","text":"T\nalpha"}`}},
		{"HTML in WARC, strange date", "x.warc", html, []string{
			`{"id":"u-fdc478f6ab16b545","url":"https://www.bbc.co.uk/x","title":"<T> & \"Q\"","date":"2016-09-20T11:00:00.5Z","date_from":"meta",` +
				`"source":"bbc.co.uk","language":"en-GB","text":"T\nalpha"}`}},
		{"ARC", "x.arc", arc, []string{
			`{"id":"` + article.DeriveID("http://a.example/1", "") + `","url":"http://a.example/1","title":"alÿpha","source":"a.example",` +
				`"fetched":"2008-05-09T19:02:41Z","text":"alÿpha\n"}`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := rowsOf(t, test.file, test.data, Options{Rows: true, HTML: page})
			wantLines(t, test.name, got, test.want...)
			for r, err := range Read(t.Context(), []string{write(t, t.TempDir(), test.file, []byte(test.data))}, Options{HTML: page}) {
				if err == nil && r.Row != nil {
					t.Errorf("%s: row %s, though none are wanted", test.name, r.Row)
				}
			}
		})
	}
}

// A row is the caller's: what is done to it, or appended, changes no other.
func TestRowsAreTheCallers(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{"x.jsonl": lineA + "\n" + lineB, "x.csv": "id,text\na,alpha\nb,beta\n", "x.warc": wire()[0] + wire()[2]} {
		path := write(t, t.TempDir(), name, []byte(data))
		var first []Record
		for r, err := range Read(t.Context(), []string{path}, Options{Rows: true, Workers: 1}) {
			if err != nil {
				t.Fatal(err)
			}
			first = append(first, r)
			for i := range r.Row {
				r.Row[i] = '!'
			}
			_ = append(r.Row, strings.Repeat("!", 100)...)
		}
		for i, r := range first {
			if !bytes.Equal(r.Row, bytes.Repeat([]byte("!"), len(r.Row))) || strings.Contains(r.Article.Text, "!") {
				t.Errorf("%s: record %d is %+v after its row was changed", name, i, r)
			}
		}
	}
}

func TestRowTime(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		time time.Time
		want string
	}{
		{time.Time{}, ""},
		{time.Date(2024, 1, 2, 3, 4, 5, 0, time.FixedZone("", -3600)), "2024-01-02T04:04:05Z"},
		{time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600)), ""},
		{time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), ""},
	} {
		if got := rowTime(test.time); got != test.want {
			t.Errorf("rowTime(%v) = %q, want %q", test.time, got, test.want)
		}
	}
}

// FuzzString wants of each string JSON that says the same, in valid UTF-8 and without escapes that need not be.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "a\"\\/\b\f\n\r\t\x00\x1f\x7f", "<>&\u2028\u00e9\U0001f600", "\xff\xc3(\xed\xa0\x80\ufffd", "\xf0\x9f\x98"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := appendString([]byte("x"), s)
		var got string
		if err := json.Unmarshal(out[1:], &got); err != nil || got != string([]rune(s)) {
			t.Fatalf("appendString(%q) = %s, which is %q, %v", s, out, got, err)
		}
		if bytes.Contains(out, []byte(`\u00`)) != strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' }) &&
			!strings.Contains(s, `\u00`) {
			t.Fatalf("appendString(%q) = %s", s, out)
		}
	})
}
