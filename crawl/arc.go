package crawl

import (
	"bytes"
	"fmt"
	"strings"
)

// arcForm is the form of ARC files (Burner and Kahle 1996, "Arc File Format"), which the Internet Archive, and Common Crawl until
// 2012, wrote before there was WARC. The header is one line:
//
//	http://a.example/ 192.0.2.1 20080509190241 text/html 6508
//
// in version 2 with more fields before the length. The first record has a URL filedesc:// and describes the file. URLs are not
// always escaped, so that they may hold spaces.
type arcForm struct{}

const (
	arcMagic    = "filedesc://"
	maxARCBytes = 16 << 10 // of a header
)

func (arcForm) begins(b []byte) (yes, short bool) {
	colon := bytes.IndexByte(b[:min(len(b), nextBytes)], ':')
	if colon < 0 && len(b) >= nextBytes || colon == 0 || len(b) > 0 && !isToken(b[0]) {
		return false, false
	}
	end := bytes.IndexByte(b[:min(len(b), maxARCBytes)], '\n')
	if end < 0 {
		return false, len(b) < maxARCBytes
	}
	_, ok := splitARC(b[:end])
	return ok, false
}

// next looks for the schemes of URLs. A header need not stand at the beginning of a line: it may follow what was cut off.
func (arcForm) next(b []byte) int {
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte("://"))
		if i < 0 {
			return -1
		}
		for _, scheme := range []string{"http", "https", "filedesc", "ftp"} {
			if bytes.HasSuffix(b[from:from+i], []byte(scheme)) {
				return from + i - len(scheme)
			}
		}
		from += i + len("://")
	}
}

func (arcForm) header(b []byte) (h recordHeader, size int, err error) {
	end := bytes.IndexByte(b, '\n')
	if end < 0 {
		return h, 0, nil
	}
	f, ok := splitARC(b[:end])
	if !ok {
		return h, 0, fmt.Errorf("%w: not a header of ARC", ErrRecord) // cannot be: begins has looked
	}
	h = recordHeader{kind: "response", uri: targetURI(f.url), date: f.date, media: f.media}
	if strings.HasPrefix(h.uri, arcMagic) {
		h.kind = "warcinfo"
	}
	h.length, err = blockLength(f.length)
	return h, end + 1, err
}

type arcFields struct{ url, date, media, length string }

// splitARC finds the address and the date, between which nothing can be; the URL stands before them.
func splitARC(line []byte) (f arcFields, ok bool) {
	words := strings.Split(strings.TrimRight(string(line), " \r"), " ")
	for i := 2; i < len(words)-2; i++ {
		if isDate(words[i]) && isAddress(words[i-1]) {
			return arcFields{strings.Join(words[:i-1], " "), words[i], words[i+1], words[len(words)-1]}, strings.Contains(words[0], ":")
		}
	}
	return f, false
}

func isDate(s string) bool {
	return len(s) >= 8 && len(s) <= 20 && strings.Trim(s, "0123456789") == ""
}

func isAddress(s string) bool {
	return strings.Trim(s, "0123456789abcdefABCDEF.:") == "" && strings.ContainsAny(s, ".:")
}
