package match

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestKindNames(t *testing.T) {
	t.Parallel()
	names := []string{"none", "quote", "rewrite", "excerpt", "copy", "exact"} // weakest first
	for i, name := range names {
		k := Kind(i)
		if got := k.String(); got != name {
			t.Errorf("Kind(%d).String() = %q, want %q", i, got, name)
		}
		text, err := k.MarshalText()
		if err != nil || string(text) != name {
			t.Errorf("%v.MarshalText() = %q, %v, want %q", k, text, err, name)
		}
		if k == None {
			continue
		}
		if got, err := ParseKind(name); err != nil || got != k {
			t.Errorf("ParseKind(%q) = %v, %v, want %v", name, got, err, k)
		}
		var back Kind
		if err := back.UnmarshalText(text); err != nil || back != k {
			t.Errorf("UnmarshalText(%q) = %v, %v, want %v", text, back, err, k)
		}
	}
	if got, want := Kind(9).String(), "kind(9)"; got != want {
		t.Errorf("Kind(9).String() = %q, want %q", got, want)
	}
}

func TestParseKindRefuses(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "none", "Copy", " copy", "copies", "kind(9)"} {
		k := Excerpt
		if got, err := ParseKind(name); err == nil || got != None || !strings.Contains(err.Error(), fmt.Sprintf("%q", name)) {
			t.Errorf("ParseKind(%q) = %v, %v, want an error that names it", name, got, err)
		}
		if err := k.UnmarshalText([]byte(name)); err == nil || k != Excerpt {
			t.Errorf("UnmarshalText(%q) left %v, %v, want excerpt and an error", name, k, err)
		}
	}
}

func ExampleParseKind() {
	kind, err := ParseKind("excerpt")
	fmt.Println(kind, err, kind >= Rewrite)
	_, err = ParseKind("similar")
	fmt.Println(err)
	// Output:
	// excerpt <nil> true
	// unknown kind "similar": choose quote, rewrite, excerpt, copy or exact
}

func ExampleKind_MarshalText() {
	line, _ := json.Marshal(map[string]Kind{"kind": Copy})
	fmt.Println(string(line))
	// Output: {"kind":"copy"}
}
