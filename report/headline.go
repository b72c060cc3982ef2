package report

import (
	"strings"

	"github.com/dedupe-news/dedupe/spell"
)

// phrase is a piece of a sentence; Class says what it is about: "kept", "dropped" or nothing.
type phrase struct{ Text, Class string }

// sentence is the one at the top of the page.
type sentence []phrase

// String is s as plain text.
func (s sentence) String() string {
	var b strings.Builder
	for _, p := range s {
		b.WriteString(p.Text)
	}
	return b.String()
}

// headline says how many articles are unique and how many are copies; and how many were dropped for another reason than what is in them.
// Articles outside of the dates are not spoken of.
func headline(r Report) sentence {
	all := r.Kept + r.Dropped
	known, sameID := r.dropped("known"), r.dropped("same id")
	copies := r.Dropped - known - sameID
	switch {
	case r.Rows == 0:
		return sentence{{"No article was read.", ""}}
	case all == 0:
		return sentence{{"No article was published between the dates.", ""}}
	case all == 1 && r.Dropped == 0:
		return sentence{{"The ", ""}, {"one", "kept"}, {" article is unique.", ""}}
	case all == 1 && known == 1:
		return sentence{{"The ", ""}, {"one", "dropped"}, {" article was known.", ""}}
	case all == 1:
		return sentence{{"The ", ""}, {"one", "dropped"}, {" article is a copy.", ""}}
	case r.Dropped == 0:
		return sentence{{"All ", ""}, {spell.Grouped(all), "kept"}, {" articles are unique.", ""}}
	case copies == all:
		return sentence{{"All ", ""}, {spell.Grouped(all), "dropped"}, {" articles are copies.", ""}}
	case known == all:
		return sentence{{"All ", ""}, {spell.Grouped(all), "dropped"}, {" articles were known.", ""}}
	}
	s := sentence{{"Of " + spell.Grouped(all) + " articles ", ""}, {spell.Grouped(r.Kept), "kept"}, {noBreak + either(r.Kept, "is", "are") + noBreak + "unique", ""}}
	between := "; "
	for _, part := range []struct {
		n         int
		one, many string
	}{
		{copies, "is a copy", "are copies"},
		{known, "was known", "were known"},
		{sameID, "has the id of a later one", "have the id of a later one"},
	} {
		if part.n > 0 {
			s = append(s, phrase{between, ""}, phrase{spell.Grouped(part.n), "dropped"}, phrase{" (" + percent(part.n, all) + ") " + either(part.n, part.one, part.many), ""})
			between = ", "
		}
	}
	return append(s, phrase{".", ""})
}

// either is one where n is 1, else many.
func either(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// dropped is how many articles were dropped of one kind.
func (r Report) dropped(kind string) int {
	n := 0
	for _, k := range r.Copies {
		if k.Kind == kind {
			n += k.Articles
		}
	}
	return n
}
