package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"
)

func TestRemoveIDs(t *testing.T) {
	t.Parallel()
	env := &environment{
		stdin:    bytes.NewBufferString("b\r\n\n  c \na\nb"),
		terminal: func(any) (int, bool) { return 0, false },
	}
	got, err := removeIDs(context.Background(), env, []string{"a", "-", "d", "a"})
	if want := []string{"a", "b", "c", "d"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("removeIDs = %q, %v, want %q", got, err, want)
	}
}

func TestReadLinesIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	open, w := io.Pipe()
	defer w.Close()
	if got, err := readLines(ctx, open); !errors.Is(err, context.Canceled) {
		t.Errorf("readLines = %q, %v, want %v", got, err, context.Canceled)
	}
}
