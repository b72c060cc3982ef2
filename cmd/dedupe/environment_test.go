package main

import (
	"path/filepath"
	"testing"
)

func TestIndexDir(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		flag string
		vars map[string]string
		want string
	}{
		{"flag", "a", map[string]string{"DEDUPE_INDEX": "b"}, "a"},
		{"variable", "", map[string]string{"DEDUPE_INDEX": "b", "XDG_DATA_HOME": "/c"}, "b"},
		{"XDG", "", map[string]string{"XDG_DATA_HOME": "/c", "HOME": "/d"}, "/c/dedupe/index"},
		{"relative XDG is ignored", "", map[string]string{"XDG_DATA_HOME": "c", "HOME": "/d"}, "/d/.local/share/dedupe/index"},
		{"home", "", map[string]string{"HOME": "/d"}, "/d/.local/share/dedupe/index"},
		{"nothing", "", nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := &environment{indexFlag: test.flag, getenv: func(name string) string { return test.vars[name] }}
			got, err := env.indexDir()
			if got != filepath.FromSlash(test.want) || (err == nil) != (test.want != "") {
				t.Errorf("indexDir() = %q, %v, want %q", got, err, test.want)
			}
		})
	}
}
