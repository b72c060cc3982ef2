package page

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReplace(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "RESULTS.md")
	for _, step := range []struct{ name, section, want string }{
		{"a", "one\n\n", "<!-- begin a -->\none\n<!-- end a -->\n"},
		{"b", "two", "<!-- begin a -->\none\n<!-- end a -->\n\n<!-- begin b -->\ntwo\n<!-- end b -->\n"},
		{"a", "# three\n\nlines\n", "<!-- begin a -->\n# three\n\nlines\n<!-- end a -->\n\n<!-- begin b -->\ntwo\n<!-- end b -->\n"},
		{"b", "", "<!-- begin a -->\n# three\n\nlines\n<!-- end a -->\n\n<!-- begin b -->\n\n<!-- end b -->\n"},
	} {
		if err := Replace(file, step.name, []byte(step.section)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != step.want {
			t.Errorf("with %q in section %s: %q, %v, want %q", step.section, step.name, got, err, step.want)
		}
	}
}

// What others wrote stays, and a page that is damaged is left alone.
func TestReplaceKeeps(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "RESULTS.md")
	for _, test := range []struct {
		before, want string
		fails        bool
	}{
		{before: "# by hand\n", want: "# by hand\n\n<!-- begin a -->\nnew\n<!-- end a -->\n"},
		{before: "first\n<!-- begin a -->\nold\n<!-- end a -->\nlast\n", want: "first\n<!-- begin a -->\nnew\n<!-- end a -->\nlast\n"},
		{before: "<!-- begin a -->\nold\n", want: "<!-- begin a -->\nold\n", fails: true},
	} {
		if err := os.WriteFile(file, []byte(test.before), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := Replace(file, "a", []byte("new\n")); (err != nil) != test.fails {
			t.Errorf("Replace in %q: error %v", test.before, err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != test.want {
			t.Errorf("%q became %q, %v, want %q", test.before, got, err, test.want)
		}
	}
}
