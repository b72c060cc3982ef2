package crawl

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zlib"
)

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
