package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestMemoryLimitYields(t *testing.T) {
	before, percentBefore := debug.SetMemoryLimit(-1), debug.SetGCPercent(37)
	defer debug.SetGCPercent(percentBefore)
	const bytes = 64 << 20
	limit := limitMemory(bytes)
	limit.yield()
	if got := debug.SetMemoryLimit(-1); got != bytes {
		t.Errorf("with little live the limit is %d, want %d", got, bytes)
	}
	live := make([]byte, 2*bytes)
	runtime.GC()
	limit.yield()
	if got := debug.SetMemoryLimit(-1); got < 3*bytes || got == math.MaxInt64 {
		t.Errorf("with %d bytes live the limit is %d, want half as much again", len(live), got)
	}
	runtime.KeepAlive(live)
	limit.lift()
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("in the end the limit is %d, want %d as before", got, before)
	}
	if got := debug.SetGCPercent(37); got != 37 {
		t.Errorf("in the end garbage is collected at %d %%, want 37 as before", got)
	}
}
