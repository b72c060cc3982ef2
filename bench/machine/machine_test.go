package machine

import (
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
