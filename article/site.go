package article

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// SiteOf returns the registrable domain of a URL (one label more than its public suffix), in lower case, internationalised
// names in their ASCII form: "https://www.bbc.co.uk/news" and "//m.bbc.co.uk:443" are both of "bbc.co.uk", and
// "https://alice.github.io/" is of "alice.github.io", because anybody may publish under github.io.
//
// A host that has no registrable domain (an IP address, a bare name, a public suffix itself) stands for itself, without a
// leading "www.". The scheme may be missing if the host ends in a known public suffix. Only the host is looked at: a path
// that no strict URL parser takes ("/%zz") does not matter. Where there is no host that makes sense, the site is empty.
func SiteOf(rawURL string) string {
	host := hostOf(strings.TrimSpace(rawURL))
	if host == "" {
		return ""
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return host // publicsuffix would take 192.0.2.1 for a page of the site 2.1
	}
	// A second "www." is part of the name, and so is the first where nothing but a top-level domain would remain: www.com.
	if rest, ok := strings.CutPrefix(host, "www."); ok && strings.Contains(rest, ".") {
		host = rest
	}
	if site, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return site
	}
	return host
}

// hostOf cuts the host out of a URL: lower case, ASCII, without user, port and trailing dot; IPv6 without brackets. It is
// empty if rawURL has none. We do not use net/url, which refuses the whole of a URL for one bad escape in its path.
func hostOf(rawURL string) string {
	rest, absolute := cutScheme(rawURL)
	if i := strings.IndexAny(rest, `/\?#`); i >= 0 {
		rest = rest[:i]
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		if !absolute {
			return "" // mailto:someone@example.com
		}
		rest = rest[i+1:]
	}
	host, ok := cutPort(rest)
	if !ok {
		return ""
	}
	if v6, ok := strings.CutPrefix(host, "["); ok {
		addr, err := netip.ParseAddr(strings.TrimSuffix(v6, "]"))
		if err != nil {
			return ""
		}
		return addr.String()
	}
	host = asciiHost(strings.TrimSuffix(host, "."))
	if !absolute && !hasKnownSuffix(host) {
		return "" // a relative path: "index.html", "news/today"
	}
	return host
}

// cutScheme removes "scheme://" or "//"; absolute says that one was there.
func cutScheme(s string) (rest string, absolute bool) {
	if rest, ok := strings.CutPrefix(s, "//"); ok {
		return rest, true
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme == "" || strings.ContainsAny(scheme, "/?#:@[") {
		return s, false
	}
	return rest, true
}

// cutPort removes ":" and digits from the end; not ok if something else follows the colon. The colons of an IPv6 address
// stand in brackets.
func cutPort(s string) (host string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.HasSuffix(s, "]") {
		return s, true
	}
	for _, c := range s[i+1:] {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	return s[:i], true
}

// maxHostBytes is what the domain name system allows (RFC 1035, section 2.3.4). It also bounds the cost of Punycode, which is
// quadratic.
const maxHostBytes = 255

// asciiHost returns host in lower case and in ASCII ("bücher.example" is "xn--bcher-kva.example"), or "" if it is no host
// name: too long, an empty label, or a character that cannot stand in one.
func asciiHost(host string) string {
	if len(host) > maxHostBytes || !utf8.ValidString(host) {
		return ""
	}
	ascii, err := idna.Punycode.ToASCII(strings.ToLower(host))
	if err != nil || ascii == "" || strings.HasPrefix(ascii, ".") || strings.HasSuffix(ascii, ".") || strings.Contains(ascii, "..") {
		return ""
	}
	for i := range len(ascii) {
		c := ascii[i]
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_') {
			return ""
		}
	}
	return ascii
}

// hasKnownSuffix reports whether host ends in a suffix of the list. For an unlisted one the library falls back to the last
// label and says "not ICANN", which it also says of private suffixes; those have a dot.
func hasKnownSuffix(host string) bool {
	suffix, icann := publicsuffix.PublicSuffix(host)
	return strings.Contains(host, ".") && (icann || strings.Contains(suffix, "."))
}
