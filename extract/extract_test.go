package extract

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

var update = flag.Bool("update", false, "write testdata/*.golden")

func readPage(t testing.TB, name string) []byte {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// spell writes a page so that a change of it can be read.
func spell(p Page, err error) string {
	date := "none"
	if !p.Published.IsZero() {
		date = p.Published.Format(time.RFC3339) + " from " + p.PublishedFrom
	}
	return fmt.Sprintf("error:     %v\ntitle:     %s\nurl:       %s\nsite:      %s\nlanguage:  %s\npublished: %s\n\n%s\n",
		err, p.Title, p.URL, p.Site, p.Language, date, p.Text)
}

func TestPages(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("testdata/*.html")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages: ", err)
	}
	for _, path := range pages {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			got := spell(HTML(readPage(t, name), "text/html", "https://www.halden-courier.example/fetched/"+name))
			golden := strings.TrimSuffix(path, ".html") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("HTML(%s) differs from its golden (-want +got):\n%s", name, diff)
			}
		})
	}
}

// TestSameStory is what the package is for: a story that was fetched twice, the second time in another dress.
func TestSameStory(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for _, name := range []string{"ferry.html", "ferry-redesigned.html", "amp.html"} {
		p, err := HTML(readPage(t, name), "", "")
		if err != nil {
			t.Fatalf("HTML(%s): %v", name, err)
		}
		texts[name] = p.Text
	}
	for name, text := range texts {
		tp, fp, fn := compareShingles(texts["ferry.html"], text)
		if tp < 0.9 {
			t.Errorf("%s shares %.2f of its shingles with ferry.html (%.2f only here, %.2f only there), want at least 0.9", name, tp, fp, fn)
		}
		for _, furniture := range []string{"cookies", "grandfather", "houseboat", "Black Week", "Photograph", "Facebook", "READ MORE", "Most read"} {
			if strings.Contains(text, furniture) {
				t.Errorf("the text of %s has furniture in it: %q", name, furniture)
			}
		}
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	russian := "Паром, который с 1962 года связывал город с островами, в воскресенье выйдет в последний рейс, сообщило во вторник управление порта. Инженеры нашли трещины в обеих главных балках."
	chinese := "港务局星期二说，自一九六二年以来往返于本市与外岛之间的渡轮将于星期日作最后一次航行，因为工程师在两根主梁上都发现了裂缝。修理费用估计为三百四十万。"
	japanese0 := "港湾局は火曜日、一九六二年から市と離島を結んできたフェリーが日曜日に最後の航海をすると発表した。技術者が二本の主梁に亀裂を見つけたためである。修理には三百四十万かかる。"
	german := "Die Fähre, die seit 1962 die Inseln mit der Stadt verbindet, fährt am Sonntag zum letzten Mal, teilte die Hafenbehörde am Dienstag mit. Prüfer hätten Risse in beiden Trägern gefunden, „größer als befürchtet“."
	for _, test := range []struct {
		name     string
		encoding encoding.Encoding
		text     string
	}{
		{"windows-1252", charmap.Windows1252, german},
		{"windows-1251", charmap.Windows1251, russian},
		{"koi8-r", charmap.KOI8R, russian},
		{"gb18030", simplifiedchinese.GB18030, chinese},
		{"shift_jis", japanese.ShiftJIS, japanese0},
		{"euc-jp", japanese.EUCJP, japanese0},
		{"iso-2022-jp", japanese.ISO2022JP, japanese0},
		{"utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), german},
		{"utf-8", encoding.Nop, russian},
	} {
		write := func(head string) []byte {
			page := "<html><head>" + head + "<title>x</title></head><body><p>" + test.text + "</p></body></html>"
			encoded, err := test.encoding.NewEncoder().String(page)
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			return []byte(encoded)
		}
		meta := `<meta http-equiv="Content-Type" content="text/html; charset=` + test.name + `">`
		late := "<script>" + strings.Repeat("var x;", 1000) + "</script>" + meta
		wide := strings.HasPrefix(test.name, "utf-16") // its metas cannot be read before it is known
		cases := []struct{ name, head, contentType string }{
			{"header", "", "text/html; charset=" + test.name},
			{"header wins over meta", `<meta charset="iso-8859-5">`, `text/html; Charset="` + test.name + `"; x=y`},
		}
		if !wide {
			cases = append(cases, []struct{ name, head, contentType string }{
				{"meta", meta, "text/html"},
				{"meta behind 6,000 bytes", late, ""},
			}...)
		}
		if !wide && test.name != "iso-2022-jp" {
			cases = append(cases, struct{ name, head, contentType string }{"wrongly declared as UTF-8", `<meta charset="utf-8">`, ""})
			cases = append(cases, struct{ name, head, contentType string }{"not declared", "", ""})
		}
		for _, c := range cases {
			t.Run(test.name+"/"+c.name, func(t *testing.T) {
				p, err := HTML(write(c.head), c.contentType, "")
				if err != nil || p.Text != test.text {
					t.Errorf("HTML(%s, %s) = %q, %v, want %q", test.name, c.name, p.Text, err, test.text)
				}
			})
		}
	}
}

func TestEncodingOddities(t *testing.T) {
	t.Parallel()
	const text = "Die Fähre, die seit 1962 die Inseln mit der Stadt verbindet, fährt am Sonntag zum allerletzten Mal."
	wide, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String("<p>" + text)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, page, contentType, want string }{
		{"UTF-8 whatever the header says", "<p>" + text, "text/html; charset=windows-1251", text},
		{"byte order mark", "\xef\xbb\xbf<p>" + text, "text/html; charset=koi8-r", text},
		{"byte order mark of UTF-16", wide, "", text},
		{"one bad byte in UTF-8", "<p>\xff " + text, "", "\uFFFD " + text},
		{"one bad byte in declared UTF-8", "<meta charset=utf-8><p>\xff " + text, "", "\uFFFD " + text},
		{"unknown charset", "<p>" + text, "text/html; charset=martian", text},
		{"an encoding that browsers refuse", "<meta charset=hz-gb-2312><p>" + text, "", text},
		{"latin1 means windows-1252", "<p>\x93F\xe4hre\x94, die seit 1962 die Inseln mit der Stadt am Sund verbindet und nun endet.", "text/html; charset=latin1",
			"“Fähre”, die seit 1962 die Inseln mit der Stadt am Sund verbindet und nun endet."},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := HTML([]byte(test.page), test.contentType, "")
			if err != nil || p.Text != test.want {
				t.Errorf("HTML = %q, %v, want %q", p.Text, err, test.want)
			}
		})
	}
}

func TestTextRules(t *testing.T) {
	t.Parallel()
	const a = "The ferry that has linked the bay with the outer islands since 1962 will sail for the last time."
	const b = "Repairs would cost an estimated 3.4 million crowns and keep the ferry in dock until the summer."
	for _, test := range []struct{ name, body, want string }{
		{"paragraphs", "<p>" + a + "<p>" + b, a + "\n" + b},
		{"line breaks", a + "<br><br>" + b, a + "\n" + b},
		{"white space", "<p>  The ferry\n\tthat&nbsp;has linked " + a[len("The ferry that has linked "):], a},
		{"entities", "<p>" + strings.Replace(a, "ferry", "f&eacute;rry &amp; co", 1), strings.Replace(a, "ferry", "férry & co", 1)},
		{"invisible characters", "<p>" + strings.Replace(a, "ferry", "fer&shy;ry\u200b", 1), a},
		{"scripts and styles", "<script>var a='The story, the story.'</script><style>p{}</style><p>" + a + "<script>x()</script>", a},
		{"inline markup tears no words", "<p>" + strings.Replace(a, "ferry", "<b>f</b>er<i>ry</i>", 1), a},
		{"cells", "<p>" + a + "</p><table><tr><td>Crossings</td><td>41,000</td></tr><tr><td>Crews</td><td>12</td></tr></table>", a + "\nCrossings 41,000\nCrews 12"},
		{"a line of links", "<p>" + a + `</p><p><a href="/x">Ten ferries that never came back home</a></p><p>` + b, a + "\n" + b},
		{"a link in a sentence", "<p>" + strings.Replace(a, "outer islands", `<a href="/i">outer islands</a>`, 1), a},
		{"furniture by class", "<p>" + a + `</p><div class="c-Newsletter_box"><p>Get our letter every morning at six, for free, in your inbox, and never miss a thing.</p></div><p>` + b + "</p><p>" + b, a + "\n" + b + "\n" + b},
		{"a class that lies", `<div class="sidebar-open related"><p>` + a + "</p><p>" + b + "</p></div>", a + "\n" + b},
		{"a word inside a word", `<div><div class="shareholders"><p>` + a + "</p></div><p>" + b + "</p><p>" + b + "</p></div>", a + "\n" + b + "\n" + b},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := HTML([]byte("<html><body>"+test.body+"</body></html>"), "", "")
			if err != nil || p.Text != test.want {
				t.Errorf("HTML(%s) = %q, %v, want %q", test.body, p.Text, err, test.want)
			}
		})
	}
}

func TestNoArticle(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, page string }{
		{"empty", ""},
		{"spaces", " \n "},
		{"no text", "<html><body><img src=x></body></html>"},
		{"script only", "<script>document.write('The ferry that has linked the bay with the islands will sail for the last time.')</script>"},
		{"a few words", "<p>404 Not Found"},
		{"bytes", "\x00\x01\xfe\xff\x80"},
		{"open tag", "<p"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if p, err := HTML([]byte(test.page), "", "http://a.example/x"); !errors.Is(err, ErrNoArticle) || p.Text != "" || p.URL != "http://a.example/x" {
				t.Errorf("HTML(%q) = %+v, %v, want no text, the address, and ErrNoArticle", test.page, p, err)
			}
		})
	}
}

func TestTitle(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, head, body, want string }{
		{"og:title", `<meta property="og:title" content="Ferry sails last time"><title>Islands | Courier</title>`, "", "Ferry sails last time"},
		{"h1 inside og:title", `<meta property="og:title" content="Opinion | Ferry sails last time - The Courier">`, "<h1>Ferry <b>sails</b> last time</h1>", "Ferry sails last time"},
		{"h1 with other quotation marks", `<meta property="og:title" content="'Ferry' sails last time">`, "<h1>‘Ferry’ sails last time</h1>", "‘Ferry’ sails last time"},
		{"h1 is the logo", `<meta property="og:title" content="Ferry sails last time | Courier">`, "<h1>Courier</h1>", "Ferry sails last time | Courier"},
		{"second h1", `<title>Ferry sails last time - Courier</title>`, "<h1>Courier</h1><h1>Ferry sails last time</h1>", "Ferry sails last time"},
		{"site name", `<meta property="og:site_name" content="The Courier"><title>Ferry sails last time – Islands - The Courier</title>`, "", "Ferry sails last time – Islands"},
		{"site from the address", `<title>Ferry sails – last time | Courier News</title>`, "", "Ferry sails – last time | Courier News"},
		{"site in front", `<meta property="og:site_name" content="Courier"><title>Courier | Ferry sails last time</title>`, "", "Ferry sails last time"},
		{"headline", `<script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferry &amp; crew sail"}</script><title>x</title>`, "", "Ferry & crew sail"},
		{"a drawing has a title too", `<title>Ferry sails last time</title>`, "<svg><title>Icon</title></svg>", "Ferry sails last time"},
		{"h1 alone", "", "<h1> Ferry\nsails </h1>", "Ferry sails"},
		{"none", "", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, _ := HTML([]byte("<head>"+test.head+"</head><body>"+test.body), "", "http://paper.example/x")
			if p.Title != test.want {
				t.Errorf("title = %q, want %q", p.Title, test.want)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	const page = "https://www.courier.example/news/ferry?utm_source=x"
	for _, test := range []struct{ name, head, pageURL, want string }{
		{"canonical", `<link rel="canonical" href="https://courier.example/news/ferry#top">`, page, "https://courier.example/news/ferry"},
		{"relative", `<link rel=Canonical href="/n/1">`, page, "https://www.courier.example/n/1"},
		{"base", `<base href="/b/"><link rel=canonical href="1">`, page, "https://www.courier.example/b/1"},
		{"og:url", `<meta property="og:url" content="//courier.example/ferry">`, page, "https://courier.example/ferry"},
		{"none", "", page, page},
		{"front page", `<link rel=canonical href="https://www.courier.example/">`, page, page},
		{"front page of itself", `<link rel=canonical href="https://www.courier.example/">`, "https://www.courier.example", "https://www.courier.example/"},
		{"another site", `<link rel=canonical href="https://agency.example/ferry">`, page, page},
		{"a cache", `<link rel=canonical href="https://courier.example/ferry">`, "https://courier-example.cdn.ampproject.org/c/s/x", "https://courier.example/ferry"},
		{"no address known", `<link rel=canonical href="https://courier.example/ferry">`, "", "https://courier.example/ferry"},
		{"no host", `<link rel=canonical href="/ferry">`, "", ""},
		{"not http", `<link rel=canonical href="javascript:void(0)"><meta property="og:url" content="{{url}}">`, page, "https://www.courier.example/news/%7B%7Burl%7D%7D"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if p, _ := HTML([]byte(test.head), "", test.pageURL); p.URL != test.want {
				t.Errorf("URL = %q, want %q", p.URL, test.want)
			}
		})
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ page, want string }{
		{`<html lang="en">`, "en"},
		{`<html lang="PT_br">`, "pt-BR"},
		{`<html xml:lang="zh-Hant-TW">`, "zh-TW"},
		{`<html lang="{{lang}}"><meta property="og:locale" content="de_AT">`, "de-AT"},
		{`<html lang=""><meta http-equiv="content-language" content="fr, en">`, "fr"},
		{`<script type="application/ld+json">{"@type":"Article","headline":"x","inLanguage":"ru-RU"}</script>`, "ru-RU"},
		{`<html lang="english">`, ""},
		{`<p>`, ""},
	} {
		if p, _ := HTML([]byte(test.page), "", ""); p.Language != test.want {
			t.Errorf("language of %s = %q, want %q", test.page, p.Language, test.want)
		}
	}
}

func TestPublished(t *testing.T) {
	t.Parallel()
	ld := func(s string) string { return `<script type="application/ld+json">` + s + `</script>` }
	const meta = `<meta property="article:published_time" content="2019-11-18T08:00:00Z">`
	for _, test := range []struct{ name, page, want string }{
		{"json-ld", ld(`{"@type":"NewsArticle","datePublished":"2019-11-19T10:00:00+01:00"}`) + meta, "2019-11-19T09:00:00Z json-ld"},
		{"graph", ld(`{"@graph":[{"@type":"WebSite"},{"@type":["Thing","http://schema.org/Article"],"datePublished":"2019-11-19"}]}`), "2019-11-19T00:00:00Z json-ld"},
		{"array", ld(`[{"@type":"Person"},{"@type":"BlogPosting","datePublished":"2019-11-19"}]`), "2019-11-19T00:00:00Z json-ld"},
		{"main entity", ld(`{"@type":"WebPage","mainEntity":{"@type":"ReportageNewsArticle","datePublished":"2019-11-19"}}`), "2019-11-19T00:00:00Z json-ld"},
		{"of the web page", ld(`{"@type":"WebPage","datePublished":"2019-11-19"}`), "2019-11-19T00:00:00Z json-ld"},
		{"not of a video or a linked story", ld(`[{"@type":"VideoObject","datePublished":"2011-01-01"},{"@type":"ItemList","itemListElement":[{"@type":"Article","datePublished":"2012-01-01"}]}]`), "0001-01-01T00:00:00Z "},
		{"the first article", ld(`[{"@type":"Article","datePublished":"2019-11-19"},{"@type":"Article","datePublished":"2018-01-01"}]`), "2019-11-19T00:00:00Z json-ld"},
		{"broken JSON", ld(`{"@type":"NewsArticle","a":["x",],"datePublished" : "2019-11-19"}`), "2019-11-19T00:00:00Z json-ld"},
		{"JSON in a comment", ld("<!--\n{\"@type\":\"Article\",\"headline\":\"a\nb\",\"datePublished\":\"2019-11-19\"};\n-->"), "2019-11-19T00:00:00Z json-ld"},
		{"template", ld(`{"@type":"NewsArticle","datePublished":"{{date}}"}`) + meta, "2019-11-18T08:00:00Z meta"},
		{"future", ld(`{"@type":"NewsArticle","datePublished":"2999-01-01"}`) + meta, "2019-11-18T08:00:00Z meta"},
		{"before the Web", ld(`{"@type":"NewsArticle","datePublished":"1970-01-01T00:00:00Z"}`) + meta, "2019-11-18T08:00:00Z meta"},
		{"order of metas", `<meta name="date" content="2019-11-20"><meta name=parsely-pub-date content="2019-11-19">`, "2019-11-19T00:00:00Z meta"},
		{"capitals", `<META NAME="DC.Date.Issued" CONTENT="2019-11-19">`, "2019-11-19T00:00:00Z meta"},
		{"microdata", `<span itemprop="datePublished" content="2019-11-19T10:00Z">today</span>`, "2019-11-19T10:00:00Z meta"},
		{"not the last change", `<meta property="og:updated_time" content="2019-11-19"><meta http-equiv="last-modified" content="2019-11-19">`, "0001-01-01T00:00:00Z "},
		{"in words", `<meta name="pubdate" content="November 19, 2019, 10:48 PM">`, "2019-11-19T22:48:00Z meta"},
		{"JavaScript", `<meta name="pubdate" content="Tue Nov 19 2019 08:38:00 GMT+0100 (Central European Standard Time)">`, "2019-11-19T07:38:00Z meta"},
		{"slashes", `<meta name="pubdate" content="2019/11/19 8:38">`, "2019-11-19T08:38:00Z meta"},
		{"time", `<time datetime="2019-11-19T10:00:00Z">`, "2019-11-19T10:00:00Z time"},
		{"marked time", `<time datetime="2019-11-01"><time class="entry-date published" datetime="2019-11-19">`, "2019-11-19T00:00:00Z time"},
		{"time with pubdate", `<time datetime="2019-11-01"><time pubdate datetime="2019-11-19">`, "2019-11-19T00:00:00Z time"},
		{"not a time in a sidebar", `<aside><time datetime="2019-11-01"></time></aside><time datetime="2019-11-19">`, "2019-11-19T00:00:00Z time"},
		{"canonical", `<link rel=canonical href="https://a.example/2019/nov/19/ferry">`, "2019-11-19T00:00:00Z url"},
		{"none", "<p>Tuesday</p>", "0001-01-01T00:00:00Z "},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, _ := HTML([]byte(test.page), "", "")
			if got := p.Published.Format(time.RFC3339) + " " + p.PublishedFrom; got != test.want {
				t.Errorf("published = %q, want %q", got, test.want)
			}
		})
	}
}

// TestPublishedAhead pins the edge of the future, which HTML takes from the clock.
func TestPublishedAhead(t *testing.T) {
	t.Parallel()
	now := time.Date(2019, 11, 19, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		date string
		want bool
	}{
		{"2019-11-21T12:00:00Z", true},
		{"2019-11-21T12:00:01Z", false},
		{"1990-01-01", true},
		{"1989-12-31", false},
	} {
		if _, ok := plausible(test.date, now); ok != test.want {
			t.Errorf("plausible(%s) at %v = %v, want %v", test.date, now, ok, test.want)
		}
	}
}

func TestURLDate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ address, want string }{
		{"https://a.example/2019/11/05/ferry", "2019-11-05"},
		{"https://a.example/news/2019/11/5/20948348/ferry", "2019-11-05"},
		{"https://a.example/news/2019-11-05-ferry.html", "2019-11-05"},
		{"https://a.example/20191105/ferry", "2019-11-05"},
		{"https://a.example/ferry_20191105.html", "2019-11-05"},
		{"https://a.example/uk/2019/nov/05/ferry", "2019-11-05"},
		{"https://a.example/2019/11/ferry", ""},
		{"https://a.example/2019/11/31/ferry", ""},
		{"https://a.example/2019/13/05/ferry", ""},
		{"https://a.example/news/1201911055", ""},
		{"https://a.example/ferry?d=2019/11/05/", ""},
		{"%zz", ""},
		{"", ""},
	} {
		got := ""
		if day, ok := urlDate(test.address); ok {
			got = day.Format(time.DateOnly)
		}
		if got != test.want {
			t.Errorf("urlDate(%q) = %q, want %q", test.address, got, test.want)
		}
	}
}

// TestHostile gives pages that are made to break a reader. Each must end, in time, and keep the sentence where one is.
func TestHostile(t *testing.T) {
	t.Parallel()
	const sentence = "The ferry that has linked the bay with the outer islands since 1962 will sail for the last time."
	formatting := new(strings.Builder)
	for i := range 500 {
		fmt.Fprintf(formatting, "<b id=%d>", i)
	}
	for _, test := range []struct{ name, page string }{
		{"divs", strings.Repeat("<div>", 100_000) + "<p>" + sentence},
		{"divs that close", strings.Repeat("<div>", 5_000) + "<p>" + sentence + "</p>" + strings.Repeat("</div>", 5_000)},
		{"at the limit", strings.Repeat("<div>", 508) + "<p>" + sentence},
		{"tables", strings.Repeat("<table><tr><td>", 20_000) + sentence},
		{"tables across", strings.Repeat("<table><b><tr>", 20_000) + "<p>" + sentence},
		{"formatting that is opened again", "<p>" + formatting.String() + strings.Repeat("<p>x", 50_000) + "<p>" + sentence},
		{"links", strings.Repeat("<a href=x>", 100_000) + "</a><p>" + sentence},
		{"inline", strings.Repeat("<span>", 100_000) + "<p>" + sentence},
		{"nodes", "<p>" + sentence + strings.Repeat("<i></i>", 100_000)},
		{"JSON-LD", "<script type=application/ld+json>" + strings.Repeat(`[`, 1<<20) + "</script><p>" + sentence},
		{"JSON-LD, deep", "<script type=application/ld+json>" + strings.Repeat(`{"@graph":`, 5000) + "1" + strings.Repeat(`}`, 5000) + "</script><p>" + sentence},
		{"attributes", "<html " + strings.Repeat("a b=c ", 200_000) + "><p>" + sentence},
		{"metas", strings.Repeat("<meta name=a content=b>", 20_000) + "<p>" + sentence},
		{"cut", "<p>" + sentence + "</p><!--" + strings.Repeat("ä", MaxPageBytes/2) + "-->"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := HTML([]byte(test.page), "", "")
			if err != nil || !strings.Contains(p.Text, sentence) {
				t.Errorf("HTML = %.200q, %v, want the sentence", p.Text, err)
			}
		})
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	page := []byte(strings.Repeat("€", MaxPageBytes/3+1)) // 16 MiB is no multiple of 3
	if got := cut(page); len(got) != MaxPageBytes-MaxPageBytes%3 || !utf8.Valid(got) {
		t.Errorf("cut leaves %d bytes, valid %v", len(got), utf8.Valid(got))
	}
	if got := cut(page[:MaxPageBytes]); len(got) != MaxPageBytes {
		t.Errorf("cut(MaxPageBytes) leaves %d bytes", len(got))
	}
}

func TestHasFurnitureName(t *testing.T) {
	t.Parallel()
	for names, want := range map[string]bool{
		"share": true, "c-share-bar": true, "shareBar": true, "ShareBar": true, "article__Newsletter2": true, "SHARE": true,
		"HTMLShare":    false, // a run of capitals is one word
		"shareholders": false, "newsletters2019": true, "": false, "-": false, "x": false, "download": false, "ad": true, "header": false,
	} {
		if got := hasFurnitureName(names); got != want {
			t.Errorf("hasFurnitureName(%q) = %v, want %v", names, got, want)
		}
	}
}
