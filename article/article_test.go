package article_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dedupe-news/dedupe/article"
)

// The ids are golden for ever: they stand in indexes and in other people's tables.
func TestDeriveID(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, url, text, want string }{
		{"URL", "https://www.bbc.co.uk/news/uk-1", "ignored", "u-dcdb46f76e6667f2"},
		{"URL without text", "https://www.bbc.co.uk/news/uk-1", "", "u-dcdb46f76e6667f2"},
		{"another slash is another URL", "https://www.bbc.co.uk/news/uk-1/", "", "u-611fd43b4a613227"},
		{"text", "", "A plane landed safely.", "t-46acf8cb22c3cb28"},
		{"neither", "", "", "t-2d06800538d394c2"}, // as in the reference implementation
		{"long text", "", strings.Repeat("news ", 1000), "t-90fbfaefaf9c8c2c"},
		{"not UTF-8", "", "\xff\x00", "t-0b06685630f819e7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := article.DeriveID(test.url, test.text); got != test.want {
				t.Errorf("DeriveID(%q, %.40q) = %s, want %s", test.url, test.text, got, test.want)
			}
		})
	}
}

func TestSiteOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, url, want string }{
		{"empty", "", ""},
		{"subdomain", "https://www.nytimes.com/2016/09/20/x.html?&hp", "nytimes.com"},
		{"deep subdomain", "http://a.b.c.spiegel.de/", "spiegel.de"},
		{"two-label suffix", "https://www.bbc.co.uk/news", "bbc.co.uk"},
		{"upper case", "HTTPS://WWW.BBC.CO.UK/NEWS", "bbc.co.uk"},
		{"port", "https://m.bbc.co.uk:443/news", "bbc.co.uk"},
		{"user", "ftp://me:secret@ftp.heise.de/x", "heise.de"},
		{"at sign in the path", "https://medium.com/@someone/story", "medium.com"},
		{"query right after the host", "https://heise.de?x=a@b.example", "heise.de"},
		{"space around", "  https://heise.de/x\n", "heise.de"},
		{"trailing dot", "https://www.heise.de./", "heise.de"},
		{"no scheme", "www.heise.de/x", "heise.de"},
		{"no scheme, port", "heise.de:8080/x", "heise.de"},
		{"scheme-relative", "//cdn.heise.de/x", "heise.de"},
		{"bad escape in the path", "https://heise.de/%zz", "heise.de"},
		{"another URL in the query", "heise.de/?u=https://golem.de/", "heise.de"},
		{"private suffix", "https://alice.github.io/blog", "alice.github.io"},
		{"suffix itself", "https://github.io/", "github.io"},
		{"www. of a suffix", "https://www.github.io/", "github.io"},
		{"www is the name", "https://www.com/", "www.com"},
		{"www is the name, twice", "https://www.www.com/", "www.com"},
		{"unlisted top-level domain", "http://news.intranet.corpnet/", "intranet.corpnet"},
		{"bare name", "http://localhost:8080/x", "localhost"},
		{"IPv4", "http://192.0.2.1:8080/x", "192.0.2.1"},
		{"IPv6", "http://[2001:DB8::1]:80/x", "2001:db8::1"},
		{"IPv6, unclosed", "http://[2001:DB8::1/x", ""},
		{"international", "https://www.Bücher.example/", "xn--bcher-kva.example"},
		{"international, ASCII", "https://www.xn--bcher-kva.example/", "xn--bcher-kva.example"},
		{"relative path", "/news/index.html", ""},
		{"file name", "index.html", ""},
		{"file URL", "file:///home/x/a.html", ""},
		{"mail", "mailto:someone@heise.de", ""},
		{"urn", "urn:isbn:0451450523", ""},
		{"script", "javascript:void(0)", ""},
		{"space inside", "https://hei se.de/", ""},
		{"empty label", "https://heise..de/", ""},
		{"bad port", "https://heise.de:http/", ""},
		{"only a scheme", "https://", ""},
		{"not UTF-8", "https://\xff\xfe.de/", ""},
		{"too long", "https://" + strings.Repeat("ü", 1<<20) + ".de/", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := article.SiteOf(test.url); got != test.want {
				t.Errorf("SiteOf(%q) = %q, want %q", test.url, got, test.want)
			}
		})
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	second := time.Date(2006, 1, 2, 15, 4, 5, 0, time.UTC)
	half := second.Add(500 * time.Millisecond)
	minute := second.Truncate(time.Minute)
	day := second.Truncate(24 * time.Hour)
	for _, test := range []struct {
		value string
		want  time.Time
	}{
		{"2006-01-02T15:04:05Z", second},
		{"2006-01-02T15:04:05.5Z", half},
		{"2006-01-02T16:04:05+01:00", second},
		{"2006-01-02T10:04:05-0500", second},
		{"2006-01-02T17:04:05+02", second},
		{"2006-01-02T15:04:05", second},
		{"2006-01-02T15:04:05.500", half},
		{"2006-01-02T15:04", minute},
		{"2006-01-02T15:04Z", minute},
		{"2006-01-02T16:04+0100", minute},
		{"2006-01-02 15:04:05", second},
		{"2006-01-02 15:04", minute},
		{"2006-01-02 15:04:05.5", half},
		{"2006-01-02 16:04:05+01:00", second},
		{"2006-01-02 16:04:05+0100", second},
		{"2006-01-02 16:04:05+01", second},
		{"2006-01-02 16:04:05 +01:00", second},
		{"2006-01-02 16:04:05 +0100", second},
		{"2006-01-02 15:04:05 UTC", second},
		{"2006-01-02 15:04:05 +0000 UTC", second},
		{"2006-01-02", day},
		{"  2006-01-02\n", day},
		{"0001-01-01T00:00:00Z", time.Time{}},
		{"Mon, 02 Jan 2006 15:04:05 GMT", second},
		{"Mon, 2 Jan 2006 15:04:05 UT", second},
		{"Monday, 2 Jan 2006 15:04:05 UTC", second},
		{"mon, 2 jan 2006 15:04:05 Z", second},
		{"Mon, 02 Jan 2006 16:04:05 +0100", second},
		{"Mon, 02 Jan 2006 09:34:05 -0530", second},
		{"Mon, 02 Jan 2006 10:04:05 EST", second},
		{"Mon, 02 Jan 2006 11:04:05 EDT", second},
		{"Mon, 02 Jan 2006 08:04:05 MST", second},
		{"Mon, 02 Jan 2006 07:04:05 PST", second},
		{"Mon, 02 Jan 2006 15:04:05 CET", second}, // as RFC 5322 advises
		{"02 Jan 06 15:04 GMT", minute},
		{"02 Jan 06 16:04 +0100", minute},
		{"2 Jan 2006 15:04:05", second},
		{"20060102", day},
		{"20060102T150405Z", second},
		{"20060102T150405", second},
		{"20060102T160405+0100", second},
		{"20060102T1504Z", minute},
		{"20060102150405", second},
		{"200601021504", minute},
		{"1136214245", second},
		{"1136214245.5", half},
		{"1136214245000", second},
		{"1136214245500", half},
		{"946684800", time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"946684800000", time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"2024-02-29", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
	} {
		t.Run(test.value, func(t *testing.T) {
			got, err := article.ParseTime(test.value)
			if err != nil || got != test.want { // == : the location too, so that equal times are equal records
				t.Errorf("ParseTime(%q) = %v, %v, want %v", test.value, got, err, test.want)
			}
		})
	}
}

func TestParseTimeErrors(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"", " ", "yesterday", "0", "-1", "2016", "7 hours ago", "2006-13-01", "2023-02-29", "0000-00-00", "2006-01-02T25:00:00Z",
		"01/02/2006", "02.01.2006", "20061301", "99999999", "1.5e9", "1136214245.", ".5", "12345678901", "123456789012345",
		"Mon, 02 Jan 2006 15:04:05 +9900", "Foo, 02 Jan 2006 15:04:05 GMT", "02 Jan 2006 15:04:05 Europe/Berlin",
		"20060102Tnever", "9999-12-31T23:59:59-23:00", "0000-01-01T00:00:00+01:00", "\xff\xfe", strings.Repeat("9", 1000), "2006-01-02T15:04:05Z trailing",
	} {
		t.Run(fmt.Sprintf("%.40q", value), func(t *testing.T) {
			got, err := article.ParseTime(value)
			if !errors.Is(err, article.ErrTime) || !got.IsZero() {
				t.Fatalf("ParseTime(%q) = %v, %v, want the zero time and ErrTime", value, got, err)
			}
			if want := fmt.Sprintf("%.60q", value); !strings.Contains(err.Error(), strings.Trim(want, `"`)) {
				t.Errorf("ParseTime(%q): error %q does not name the value", value, err)
			}
			if len(err.Error()) > 400 {
				t.Errorf("ParseTime: an error of %d bytes", len(err.Error()))
			}
		})
	}
}

// What a date means must not depend on where the program runs.
func TestParseTimeIgnoresLocalZone(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	time.Local = time.FixedZone("CET", 3600)
	for _, value := range []string{"Mon, 02 Jan 2006 15:04:05 CET", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		got, err := article.ParseTime(value)
		if want := time.Date(2006, 1, 2, 15, 4, 5, 0, time.UTC); err != nil || got != want {
			t.Errorf("ParseTime(%q) = %v, %v, want %v", value, got, err, want)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, value := range []string{"2006-01-02T15:04:05Z", "Mon, 02 Jan 2006 15:04:05 GMT", "1136214245.5", "20060102T150405Z", "2006-01-02"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got, err := article.ParseTime(value)
		if err != nil {
			if !errors.Is(err, article.ErrTime) || !got.IsZero() {
				t.Fatalf("ParseTime(%q) = %v, %v", value, got, err)
			}
			return
		}
		again, err := article.ParseTime(got.Format(time.RFC3339Nano))
		if got.Location() != time.UTC || 0 < got.Year() && got.Year() < 10000 && (err != nil || again != got) {
			t.Fatalf("ParseTime(%q) = %v, which reads as %v, %v", value, got, again, err)
		}
	})
}

func FuzzSiteOf(f *testing.F) {
	for _, url := range []string{"https://www.bbc.co.uk/news", "//x.github.io:80", "http://[::1]/", "http://192.0.2.1", "www.Bücher.de", "a@b.de"} {
		f.Add(url)
	}
	f.Fuzz(func(t *testing.T, url string) {
		site := article.SiteOf(url)
		if !utf8.ValidString(site) || strings.ContainsAny(site, "/ \x00@") {
			t.Fatalf("SiteOf(%q) = %q", url, site)
		}
		host := site
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		if again := article.SiteOf("http://" + host + "/"); again != site {
			t.Fatalf("SiteOf(%q) = %q, of which the site is %q", url, site, again)
		}
	})
}

func ExampleDeriveID() {
	fmt.Println(article.DeriveID("https://www.bbc.co.uk/news/uk-1", "The text does not matter."))
	fmt.Println(article.DeriveID("", "The text matters."))
	// Output:
	// u-dcdb46f76e6667f2
	// t-6b5a14a74cad7123
}

func ExampleSiteOf() {
	fmt.Println(article.SiteOf("https://m.bbc.co.uk:443/news/uk-1"))
	fmt.Println(article.SiteOf("https://alice.github.io/"))
	// Output:
	// bbc.co.uk
	// alice.github.io
}

func ExampleParseTime() {
	for _, value := range []string{"2016-09-20", "Tue, 20 Sep 2016 09:30:00 EDT", "1474378200000", "last Tuesday"} {
		fmt.Println(article.ParseTime(value))
	}
	// Output:
	// 2016-09-20 00:00:00 +0000 UTC <nil>
	// 2016-09-20 13:30:00 +0000 UTC <nil>
	// 2016-09-20 13:30:00 +0000 UTC <nil>
	// 0001-01-01 00:00:00 +0000 UTC "last Tuesday": not a date we know
}
