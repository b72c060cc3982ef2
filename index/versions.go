package index

import (
	"cmp"
	"time"

	"github.com/dedupe-news/dedupe/match"
)

// Versions say which matches are called versions of one article (Match.Version). They change what is called so, and nothing else: neither kinds nor
// clusters. The zero value: those of one URL, and those of one site published within a week of each other.
type Versions struct {
	Off    bool          // nothing is a version
	Within time.Duration // … published within so long of each other; 0: a week (match.VersionAge); below 0: those of one URL only
}

// are says of two articles with much text in common whether they are versions of one.
func (v Versions) are(a, b *record) bool {
	within := cmp.Or(v.Within, match.VersionAge)
	switch {
	case v.Off:
		return false
	case a.URL != "" && a.URL == b.URL:
		return true
	case within < 0 || a.Site == "" || a.Site != b.Site || a.Published.IsZero() || b.Published.IsZero():
		return false
	}
	return a.Published.Sub(b.Published).Abs() <= within
}
