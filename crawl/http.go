package crawl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/htmlindex"
)

// headerSize returns the size of the header that b begins with, with the empty line behind it; 0 if there is none.
func headerSize(b []byte) int {
	for at := 0; ; {
		end := bytes.IndexByte(b[at:], '\n')
		if end < 0 {
			return 0
		}
		line := b[at : at+end]
		at += end + 1
		if len(bytes.TrimRight(line, "\r")) == 0 {
			return at
		}
	}
}

// fields yields the names and values of a header, without its first line. Folded lines are joined with a space; lines without a
// colon are left out.
func fields(header []byte) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		_, rest, _ := bytes.Cut(header, []byte{'\n'})
		for len(rest) > 0 {
			var line []byte
			line, rest, _ = bytes.Cut(rest, []byte{'\n'})
			name, value, ok := strings.Cut(string(line), ":")
			value = strings.TrimSpace(value)
			if len(rest) > 0 && isFold(rest[0]) {
				var all strings.Builder
				all.WriteString(value)
				for len(rest) > 0 && isFold(rest[0]) {
					line, rest, _ = bytes.Cut(rest, []byte{'\n'})
					all.WriteByte(' ')
					all.Write(bytes.TrimSpace(line))
				}
				value = strings.TrimSpace(all.String())
			}
			if ok && !yield(strings.TrimSpace(name), value) {
				return
			}
		}
	}
}

func isFold(c byte) bool { return c == ' ' || c == '\t' }

// payload is what a record brings, as the server sent it.
type payload struct {
	body    []byte
	media   string // Content-Type, with its parameters
	html    bool   // else it is plain text
	chunked bool
	coding  string // Content-Encoding
	length  int64  // Content-Length, or -1
}

const httpMagic = "HTTP/"

// payload takes a block apart. It tells why the record is to be skipped, if the header says so already; body may be cut off then.
func (o Options) payload(h recordHeader, block []byte) (p payload, skipped string, err error) {
	uri := strings.ToLower(h.uri[:min(len(h.uri), 16)])
	if strings.HasPrefix(uri, "metadata:") || strings.HasPrefix(uri, "urn:x-wpull:") {
		return p, skippedCrawler, nil // the logs of wget and wpull
	}
	p = payload{body: block, media: h.media}
	isHTTP := bytes.HasPrefix(block, []byte(httpMagic)) && h.kind == "response"
	switch media := mediaType(h.media); {
	case len(block) == 0:
		return p, skippedEmpty, nil
	case isHTTP || media == "application/http":
		status := 0
		if p, status, err = parseHTTP(block); err != nil {
			return p, "", err
		}
		if status != 200 {
			return p, fmt.Sprintf("HTTP %d", status), nil
		}
		if h.cut && !p.keepWhole() {
			return p, "", fmt.Errorf("%w: the body is not whole", ErrRecord)
		}
	}
	if p.media == "" {
		p.media = h.identified
	}
	switch media := mediaType(p.media); {
	case media == "text/html" || media == "application/xhtml+xml" || media == "" && looksLikeHTML(p.body):
		p.html = true
		if o.HTML == nil {
			return p, skippedHTML, nil
		}
	case media == "":
		return p, "no media type", nil
	case media != "text/plain":
		return p, media, nil
	}
	return p, "", nil
}

// parseHTTP parses a response: status line, header, body.
func parseHTTP(block []byte) (p payload, status int, err error) {
	line, _, _ := strings.Cut(string(block[:min(len(block), 80)]), "\n")
	version, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if status, err = strconv.Atoi(code); err != nil || status < 0 || status > 999 || !strings.HasPrefix(version, httpMagic) {
		return p, 0, fmt.Errorf("%w: no HTTP status but %.40q", ErrRecord, strings.TrimSpace(line))
	}
	p.length = -1
	size := headerSize(block)
	if size == 0 {
		size = len(block) // a header and no more
	}
	for name, value := range fields(block[:size]) {
		switch {
		case strings.EqualFold(name, "Content-Type"):
			p.media = first(p.media, value)
		case strings.EqualFold(name, "Content-Encoding"):
			p.coding = strings.ToLower(strings.Trim(p.coding+","+value, ","))
		case strings.EqualFold(name, "Content-Length") && p.length < 0:
			if n, err := blockLength(value); err == nil {
				p.length = n
			}
		case strings.EqualFold(name, "Transfer-Encoding"):
			p.chunked = p.chunked || strings.Contains(strings.ToLower(value), "chunked")
		}
	}
	p.body = block[size:]
	return p, status, nil
}

// keepWhole cuts the body of a record that is cut off down to what HTTP says it is. It reports whether there is so much. Of a coded
// body we cannot tell: it may have been decoded already, and the length may be the one of before.
func (p *payload) keepWhole() bool {
	if p.chunked || p.coding != "" || p.length < 0 || p.length > int64(len(p.body)) {
		return false
	}
	p.body = p.body[:p.length]
	return true
}

// mediaType returns the type without parameters, in lower case. What is none is "malformed media type", since the reasons for
// which records were skipped are few.
func mediaType(s string) string {
	const maxBytes = 80
	s, _, _ = strings.Cut(s, ";")
	s, _, _ = strings.Cut(s, ",")
	s = strings.ToLower(strings.TrimSpace(s))
	for i := range len(s) {
		if !isToken(s[i]) || len(s) > maxBytes {
			return "malformed media type"
		}
	}
	return s
}

func looksLikeHTML(body []byte) bool {
	body = bytes.TrimLeft(bytes.TrimPrefix(body, byteOrderMark), " \t\r\n")
	return hasPrefixFold(body, "<!doctype html") || hasPrefixFold(body, "<html")
}

// decode undoes chunks and codings. Archives often hold a body decoded and the header as it was, so what is not what the header
// says is taken as it is. If the crawler truncated the body, what there is of it is enough.
func (p payload) decode(limit int, truncated bool) (body []byte, skipped string, err error) {
	body = p.body
	if p.chunked {
		body = unchunk(body)
	}
	codings := strings.Split(p.coding, ",")
	for i := len(codings) - 1; i >= 0 && err == nil; i-- {
		switch coding := strings.TrimSpace(codings[i]); coding {
		case "", "identity", "none", "utf-8", "chunked":
		case "gzip", "x-gzip":
			if isGzip(body) {
				body, err = gunzipAll(body, limit)
			}
		case "deflate":
			body, err = inflateAny(body, limit)
		case "zstd":
			if isZstd(body) {
				body, err = unzstdAll(body, limit)
			}
		case "br":
			body, err = unbrotli(body, limit)
		default:
			if !isPlain(body) {
				if coding != "compress" && coding != "x-compress" {
					coding = "other"
				}
				return nil, "coding " + coding, nil
			}
		}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) && truncated && len(body) > 0 {
		err = nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("body: %w", err)
	}
	return body, "", nil
}

// isPlain reports whether data looks like text and not like something compressed.
func isPlain(data []byte) bool {
	data = data[:min(len(data), 512)]
	for i := len(data) - 1; i >= 0 && i >= len(data)-utf8.UTFMax; i-- {
		if utf8.RuneStart(data[i]) {
			if !utf8.FullRune(data[i:]) {
				data = data[:i]
			}
			break
		}
	}
	return utf8.Valid(data) && bytes.IndexByte(data, 0) < 0
}

// unchunk undoes chunked transfer coding. From the first wrong chunk on it takes the body as it is; a body that does not begin
// with a chunk is not chunked.
func unchunk(body []byte) []byte {
	const maxLine = 256
	var out []byte
	for rest := body; len(rest) > 0; {
		end := bytes.IndexByte(rest[:min(len(rest), maxLine)], '\n')
		if end < 0 {
			return append(out, rest...)
		}
		digits, _, _ := bytes.Cut(rest[:end], []byte{';'})
		size, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 62)
		if err != nil {
			return append(out, rest...)
		}
		chunk := rest[end+1:]
		switch {
		case size == 0:
			return out
		case size >= uint64(len(chunk)):
			return append(out, chunk...) // cut off
		}
		tail := bytes.TrimPrefix(chunk[size:], []byte{'\r'})
		if !bytes.HasPrefix(tail, []byte{'\n'}) {
			return append(out, rest...) // what looked like a size was text
		}
		out = append(out, chunk[:size]...)
		rest = tail[1:]
	}
	return out
}

// readLimited reads everything. With an error it returns what came before.
func readLimited(r io.Reader, limit int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	switch {
	case len(data) > limit:
		return nil, fmt.Errorf("%w: more than %d bytes decompressed (MaxRecordBytes)", ErrTooLong, limit)
	case err != nil:
		err = fmt.Errorf("%w after %d bytes of content: %w", ErrDamaged, len(data), err)
	}
	return data, err
}

// gunzipAll decompresses members one after the other. It does not look at their trailers, which many bodies lack.
func gunzipAll(data []byte, limit int) ([]byte, error) {
	const trailer = 8
	var all []byte
	for isGzip(data) {
		rest := afterGzipHeader(data)
		r := bytes.NewReader(rest)
		body, err := readLimited(flate.NewReader(r), limit-len(all))
		all = append(all, body...)
		if err != nil {
			return all, err
		}
		data = rest[len(rest)-max(0, r.Len()-trailer):]
	}
	return all, nil
}

// afterGzipHeader returns what follows the header of a member (RFC 1952, section 2.3); nothing if it is cut off.
func afterGzipHeader(data []byte) []byte {
	const fixed, headerCRC, extra, name, comment = 10, 1 << 1, 1 << 2, 1 << 3, 1 << 4
	if len(data) < fixed {
		return nil
	}
	flags, data := data[3], data[fixed:]
	if flags&extra != 0 {
		if len(data) < 2 {
			return nil
		}
		data = data[min(len(data), 2+int(data[0])+int(data[1])<<8):]
	}
	for _, text := range []byte{name, comment} {
		if flags&text != 0 {
			_, data, _ = bytes.Cut(data, []byte{0})
		}
	}
	if flags&headerCRC != 0 {
		data = data[min(len(data), 2):]
	}
	return data
}

// inflateAny decompresses what is called deflate: with the header of zlib, as the standard says, or without, as some servers
// send it.
func inflateAny(data []byte, limit int) ([]byte, error) {
	if len(data) >= 2 && data[0]&0x0f == 8 && (int(data[0])<<8|int(data[1]))%31 == 0 {
		return readLimited(flate.NewReader(bytes.NewReader(data[2:])), limit)
	}
	body, err := readLimited(flate.NewReader(bytes.NewReader(data)), limit)
	if errors.Is(err, ErrDamaged) && isPlain(data) {
		return data, nil
	}
	return body, err
}

func unzstdAll(data []byte, limit int) ([]byte, error) {
	const maxWindow = 8 << 20 // RFC 9659
	z, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer z.Close()
	return readLimited(z, limit)
}

// unbrotli decompresses what is called br. That has no mark of its own: what looks like text is taken
// as it is, and what looks like HTML in another encoding, if it yields nothing.
func unbrotli(data []byte, limit int) ([]byte, error) {
	if isPlain(data) {
		return data, nil
	}
	body, err := readLimited(brotli.NewReader(bytes.NewReader(data)), limit)
	if errors.Is(err, ErrDamaged) && len(body) == 0 && looksLikeHTML(data) {
		return data, nil
	}
	return body, err
}

// decodeCharset returns text as it is if it is UTF-8, else as Content-Type says, else as Windows-1252.
func decodeCharset(data []byte, contentType string) string {
	data = bytes.TrimPrefix(data, byteOrderMark)
	if utf8.Valid(data) && bytes.IndexByte(data, 0) < 0 {
		return string(data)
	}
	if name := charsetOf(contentType); name != "" {
		if e, err := htmlindex.Get(name); err == nil {
			if decoded, err := e.NewDecoder().Bytes(data); err == nil {
				return strings.ToValidUTF8(string(decoded), "\uFFFD")
			}
		}
	}
	return decodeText(data)
}

func charsetOf(contentType string) string {
	for _, parameter := range strings.Split(contentType, ";")[1:] {
		name, value, _ := strings.Cut(parameter, "=")
		if strings.EqualFold(strings.TrimSpace(name), "charset") {
			return strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return ""
}
