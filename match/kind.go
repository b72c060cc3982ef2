package match

import "fmt"

// Kind says how two articles are related. The zero Kind, None, is no relation;
// the others are ordered by strength, so that kinds can be compared with < and >.
type Kind uint8

// The kinds, weakest first.
const (
	None    Kind = iota
	Quote        // shares only statements, documents or background that other stories carry too, or is reworded throughout
	Rewrite      // the same story, derived from the same text, but much reworded, reordered or new
	Excerpt      // one is almost contained in the other: trimmed, or extended with own paragraphs
	Copy         // almost the same text both ways
	Exact        // the same normalised words
)

var kindNames = [...]string{"none", "quote", "rewrite", "excerpt", "copy", "exact"}

// String is the name of k as used in JSON, flags and documents.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText writes the name of k.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a name as ParseKind does.
func (k *Kind) UnmarshalText(text []byte) error {
	parsed, err := ParseKind(string(text))
	if err == nil {
		*k = parsed
	}
	return err
}

// ParseKind returns the kind of that name. None cannot be named.
func ParseKind(name string) (Kind, error) {
	for k := Quote; k <= Exact; k++ {
		if kindNames[k] == name {
			return k, nil
		}
	}
	return None, fmt.Errorf("unknown kind %q: choose quote, rewrite, excerpt, copy or exact", name)
}
