package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/dedupe-news/dedupe/index"
)

func TestExitCode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		err     error
		code    int
		message string
	}{
		{"done", nil, 0, ""},
		{"reader gone", fmt.Errorf("write: %w", syscall.EPIPE), 0, ""},
		{"nothing found", nothingFound(), 1, ""},
		{"skipped", someSkipped(), 3, ""},
		{"other error", errors.New("odd"), 2, "odd"},
		{"no index", fmt.Errorf("open index x: %w", index.ErrNoIndex), 10, `open index x: no index here; "dedupe add FILE" makes one`},
		{"loaded", index.ErrUnclustered, 2, `articles were loaded, but not clustered yet; resume the crawl that loaded them, or let "dedupe recluster" do it`},
		{"no index of ours", fmt.Errorf("open index x: %w", index.ErrNotIndex), 2, "open index x: not a dedupe index"},
		{"locked", fmt.Errorf("open index x: %w", index.ErrLocked), 11, "open index x: locked by another process"},
		{"other scheme", index.ErrSchemeMismatch, 12, "index has another scheme"},
		{"newer format", index.ErrNewerFormat, 12, "written by a newer version of dedupe"},
		{"damaged", index.ErrCorrupt, 2, "damaged record"},
		{"disk full", index.ErrDiskFull, 2, "disk is almost full"},
		{"interrupted", fmt.Errorf("query: %w", context.Canceled), 130, "interrupted"},
		{"skipped, and closing failed", withCloseError(someSkipped(), index.ErrDiskFull), 2, "disk is almost full"},
		{"interrupted, and closing failed", withCloseError(&exitError{130, "interrupted"}, index.ErrDiskFull), 2,
			"interrupted\ndisk is almost full"},
		{"closed", withCloseError(someSkipped(), nil), 3, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := exitCode(test.err); got != test.code {
				t.Errorf("exitCode(%v) = %d, want %d", test.err, got, test.code)
			}
			if got := exitMessage(test.err); got != test.message {
				t.Errorf("exitMessage(%v) = %q, want %q", test.err, got, test.message)
			}
		})
	}
}
