package machine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLook(t *testing.T) {
	t.Parallel()
	m := Look(t.Context(), filepath.Join("..", ".."))
	if m.Cores < 1 || !strings.HasPrefix(m.Badger, "v4.") || m.Date == "" {
		t.Errorf("Look = %+v, want cores, Badger v4 and a date", m)
	}
	m = Machine{"Some processor", 2, 24 << 30, "linux/amd64", "go1.26.8", "v4.9.6", "0123456789ab", "2026-11-24"}
	if got, want := m.String(), "Machine: 2 cores, Some processor, 24 GiB, linux/amd64. go1.26.8, Badger v4.9.6, commit 0123456789ab, 2026-11-24."; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}

// What is measured writes results, and the next measurement is of the same commit all the same.
func TestCommit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		if _, err := Output(t.Context(), dir, "git", append([]string{"-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false"}, args...)...); err != nil {
			t.Skipf("skipped: %v", err)
		}
	}
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	if commit := Look(t.Context(), dir).Commit; commit != "unknown" {
		t.Errorf("commit %q of no repository, want unknown", commit)
	}
	git("init", "-q")
	write("bench/RESULTS.md", "none")
	write("bench/results/growth.svg", "none")
	write("index.go", "package index")
	git("add", ".")
	git("commit", "-q", "-m", "first")
	clean := Look(t.Context(), dir).Commit
	if len(clean) != 12 {
		t.Errorf("commit %q, want 12 digits", clean)
	}
	write("bench/RESULTS.md", "some")
	write("bench/results/growth.svg", "some")
	write("untracked", "")
	if commit := Look(t.Context(), dir).Commit; commit != clean {
		t.Errorf("commit %q after measuring, want %q", commit, clean)
	}
	write("index.go", "package changed")
	if commit := Look(t.Context(), dir).Commit; commit != clean+"-dirty" {
		t.Errorf("commit %q after a change, want %q", commit, clean+"-dirty")
	}
}
