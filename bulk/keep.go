package bulk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/report"
)

// Keep is a preference: which article of a cluster is kept. The zero value is Earliest.
type Keep struct {
	rule  keepRule
	sites []string // of Prefer
}

type keepRule int

const (
	earliest keepRule = iota
	longest
	first
	prefer
)

// The preferences that need no more. Where they leave a choice, and for articles of unknown date, the earliest is kept; of several
// of one time the one with the lowest id.
var (
	Earliest = Keep{rule: earliest} // the first to be published: the representative of its cluster
	Longest  = Keep{rule: longest}  // the one with the most words
	First    = Keep{rule: first}    // the first in the order of the inputs
)

// Prefer keeps an article of the first of the sites that has one, and the earliest where none has. A site stands for its subdomains too.
func Prefer(sites ...string) Keep { return Keep{rule: prefer, sites: sites} }

// ParseKeep reads a preference as it is written on a command line: "earliest", "longest", "first" or "prefer=a.example,b.example".
func ParseKeep(s string) (Keep, error) {
	switch sites, is := strings.CutPrefix(s, "prefer="); {
	case is:
		k := Prefer(strings.Split(sites, ",")...)
		return k, k.validate()
	case s == "earliest":
		return Earliest, nil
	case s == "longest":
		return Longest, nil
	case s == "first":
		return First, nil
	}
	return Keep{}, fmt.Errorf("want earliest, longest, first, or prefer=SITE,… but got %q", s)
}

// String returns k as ParseKeep reads it.
func (k Keep) String() string {
	switch k.rule {
	case longest:
		return "longest"
	case first:
		return "first"
	case prefer:
		return "prefer=" + strings.Join(k.sites, ",")
	}
	return "earliest"
}

func (k Keep) validate() error {
	if k.rule == prefer && (len(k.sites) == 0 || slices.Contains(k.sites, "")) {
		return fmt.Errorf("want a site behind %q", k)
	}
	return nil
}

// compare says which of two articles is to be kept: the lower.
func (k Keep) compare(a, b *index.Member) int {
	order := 0
	switch k.rule {
	case longest:
		order = cmp.Compare(b.Words, a.Words)
	case first:
		order = cmp.Compare(a.Ordinal, b.Ordinal)
	case prefer:
		order = cmp.Compare(k.rank(a.Site), k.rank(b.Site))
	}
	return cmp.Or(order, compareAge(a, b))
}

// rank is the place of a site among those that are preferred.
func (k Keep) rank(site string) int {
	for i, s := range k.sites {
		if isOf(site, s) {
			return i
		}
	}
	return len(k.sites)
}

// isOf says whether site is that one, or a subdomain of it.
func isOf(site, of string) bool {
	return strings.EqualFold(site, of) || len(site) > len(of) && strings.EqualFold(site[len(site)-len(of)-1:], "."+of)
}

// Unmatched are the preferred sites that none of sites is of: mistyped perhaps.
func (k Keep) Unmatched(sites []report.Site) []string {
	var unmatched []string
	for _, preferred := range k.sites {
		if !slices.ContainsFunc(sites, func(s report.Site) bool { return isOf(s.Site, preferred) }) {
			unmatched = append(unmatched, preferred)
		}
	}
	return unmatched
}

// compareAge puts what was published earlier first, as the index does for representatives; what is not known comes last.
func compareAge(a, b *index.Member) int {
	if a.Published.IsZero() != b.Published.IsZero() {
		if b.Published.IsZero() {
			return -1
		}
		return 1
	}
	return cmp.Or(a.Published.Compare(b.Published), cmp.Compare(a.ID, b.ID))
}
