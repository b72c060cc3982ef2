package main

import (
	"runtime/debug"
	"runtime/metrics"
)

// memoryLimit lets garbage grow up to a limit of memory, and raises the limit where less than half of what is live would be left for
// garbage: near to it the collector runs all the time. The memory of a crawl grows with the number of articles, if slowly: with a limit that
// did not yield, 10 million of them took 14 minutes with 2 GiB, of which four were lost so.
type memoryLimit struct {
	bytes         int64
	bytesBefore   int64
	percentBefore int
	live          []metrics.Sample
}

// limitMemory sets the limit, and has garbage collected at 100 % instead of gcPercent below it. Call lift in the end.
func limitMemory(bytes int64) *memoryLimit {
	const percent = 100 // takes 6 % less processor time than gcPercent, and a quarter more memory, where the limit is far
	return &memoryLimit{
		bytes: bytes, bytesBefore: debug.SetMemoryLimit(bytes), percentBefore: debug.SetGCPercent(percent),
		live: []metrics.Sample{{Name: "/gc/heap/live:bytes"}},
	}
}

// yield raises the limit if what is live by now asks for it. It is not for concurrent use.
func (l *memoryLimit) yield() {
	metrics.Read(l.live)
	const most = 150 // percent of what is live: with the garbage that gcPercent would allow, and what the collector does not see
	if needed := int64(l.live[0].Value.Uint64()) / 100 * most; needed > l.bytes {
		l.bytes = needed
		debug.SetMemoryLimit(needed)
	}
}

// lift sets what there was before.
func (l *memoryLimit) lift() {
	debug.SetMemoryLimit(l.bytesBefore)
	debug.SetGCPercent(l.percentBefore)
}
