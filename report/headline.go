package report

import "strings"

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

// headline says how many articles are unique and how many are copies. Articles outside of the dates are not spoken of.
func headline(r Report) sentence {
	all := r.Kept + r.Dropped
	switch {
	case r.Rows == 0:
		return sentence{{"No article was read.", ""}}
	case all == 0:
		return sentence{{"No article was published between the dates.", ""}}
	case all == 1 && r.Dropped == 0:
		return sentence{{"The ", ""}, {"one", "kept"}, {" article is unique.", ""}}
	case all == 1:
		return sentence{{"The ", ""}, {"one", "dropped"}, {" article is a copy.", ""}}
	case r.Dropped == 0:
		return sentence{{"All ", ""}, {grouped(all), "kept"}, {" articles are unique.", ""}}
	case r.Kept == 0:
		return sentence{{"All ", ""}, {grouped(all), "dropped"}, {" articles are copies.", ""}}
	}
	unique, copies := noBreak+"are"+noBreak+"unique; ", " are copies."
	if r.Kept == 1 {
		unique = noBreak + "is" + noBreak + "unique; "
	}
	if r.Dropped == 1 {
		copies = " is a copy."
	}
	return sentence{
		{"Of " + grouped(all) + " articles ", ""},
		{grouped(r.Kept), "kept"},
		{unique, ""},
		{grouped(r.Dropped), "dropped"},
		{" (" + percent(r.Dropped, all) + ")" + copies, ""},
	}
}
