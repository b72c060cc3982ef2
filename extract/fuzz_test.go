package extract

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzHTML holds what every page must keep, whatever its bytes.
func FuzzHTML(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.html")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		page, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(page, "text/html", "https://www.halden-courier.example/2019/11/19/x")
	}
	f.Add([]byte("<p>\xd0\xc1\xd2\xcf\xcd"), "text/html; charset=koi8-r", "")
	f.Add([]byte("\xff\xfe<\x00p\x00>\x00"), "", "http://[::1]/")
	f.Add([]byte("<table><a><table><b><p></a></table><svg><title><p>"), "x;charset", "%")
	f.Fuzz(func(t *testing.T, page []byte, contentType, pageURL string) {
		p, err := HTML(page, contentType, pageURL)
		switch {
		case err == nil && p.Text == "":
			t.Error("no text and no error")
		case err != nil && (p.Text != "" || !errors.Is(err, ErrNoArticle)):
			t.Errorf("text %q with error %v", p.Text, err)
		}
		if !utf8.ValidString(p.Text) {
			t.Errorf("text is not UTF-8: %q", p.Text)
		}
		for _, line := range strings.Split(p.Text, "\n") {
			if strings.TrimSpace(line) != line || line == "" && p.Text != "" || strings.Contains(line, "  ") {
				t.Errorf("line %q of %q", line, p.Text)
			}
		}
		if p.Title != strings.TrimSpace(p.Title) {
			t.Errorf("title %q", p.Title)
		}
		if p.URL != strings.TrimSpace(pageURL) {
			if u, err := url.Parse(p.URL); err != nil || !u.IsAbs() || u.Host == "" {
				t.Errorf("URL %q: %v", p.URL, err)
			}
		}
		if p.Published.IsZero() != (p.PublishedFrom == "") || p.Published.Location() != time.UTC {
			t.Errorf("published %v from %q", p.Published, p.PublishedFrom)
		}
		if again, _ := HTML(page, contentType, pageURL); again != p {
			t.Errorf("twice: %+v and %+v", p, again)
		}
	})
}

// FuzzDecode is FuzzHTML for the encodings alone: the detector runs in goroutines of its own, where a panic cannot be caught.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"\xd0\xc1\xd2\xcf\xcd \xcb\xcf\xd4\xcf\xd2\xd9\xca", "\x8d\x60\x98\x70\x8b\xc7", "\xb8\xdb\xce\xf1\xbe\xd6\x81\x30\x81\x30", "\x1b$B9A\x1b(B",
		"F\xe4hre", "\xff\xfe\x00\xd8", "\xef\xbb\xbf\xff", "\xa4\xe9\x8e\xb1\x8f\xa1\xa1", "\xe0\xe1\xee \xf9\xec\xe5\xed"} {
		f.Add([]byte(s), "")
		f.Add([]byte(strings.Repeat(s+" ", 20)), "text/html; charset=utf-8")
	}
	f.Fuzz(func(t *testing.T, page []byte, contentType string) {
		got := decode(page, contentType)
		if !utf8.Valid(got) {
			t.Errorf("decode(%q, %q) = %q, which is not UTF-8", page, contentType, got)
		}
		if again := decode(page, contentType); string(again) != string(got) {
			t.Errorf("decode(%q, %q) = %q, and the second time %q", page, contentType, got, again)
		}
	})
}
