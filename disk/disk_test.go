package disk

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	left, err := free(dir)
	if err != nil || left <= 0 {
		t.Fatalf("free(%s) = %d, %v; want some bytes", dir, left, err)
	}
	if err := Check(dir, 0); err != nil {
		t.Errorf("Check(dir, 0) = %v, want none: nothing is to be left alone", err)
	}
	if err := Check(dir, math.MaxInt64); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "MiB are free") {
		t.Errorf("Check(dir, all) = %v, want ErrFull with figures", err)
	}
}

func TestMissingDirectory(t *testing.T) {
	if err := Check(t.TempDir()+"/missing", 0); err == nil || errors.Is(err, ErrFull) {
		t.Errorf("Check(missing) = %v, want another error than ErrFull", err)
	}
}
