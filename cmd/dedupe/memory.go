package main

import (
	"runtime/debug"
	"runtime/metrics"
)

// memoryLimit is a limit that the garbage collector keeps to as long as that leaves it room, instead of to gcPercent. The memory of a crawl grows with the number of
// articles, if slowly; and where nearly all that the limit allows is live, the collector runs all the time: 10 million
// articles with 2 GiB took 14 minutes so, of which four were lost.
type memoryLimit struct {
	bytes, before int64
	percent       int // … before
	live          []metrics.Sample
}

// limitMemory sets the limit. Call lift in the end.
func limitMemory(bytes int64) *memoryLimit {
	const percent = 100 // takes 6 % less processor time than gcPercent, and a quarter more memory, where the limit is far
	return &memoryLimit{bytes, debug.SetMemoryLimit(bytes), debug.SetGCPercent(percent), []metrics.Sample{{Name: "/gc/heap/live:bytes"}}}
}

// yield raises the limit where it leaves less room than the collector asks for without one. It is not for concurrent use.
func (l *memoryLimit) yield() {
	metrics.Read(l.live)
	const most = 150 // percent of what is live: what gcPercent would allow, and what the collector does not see
	if needed := int64(l.live[0].Value.Uint64()) / 100 * most; needed > l.bytes {
		l.bytes = needed
		debug.SetMemoryLimit(needed)
	}
}

// lift sets what there was before.
func (l *memoryLimit) lift() {
	debug.SetMemoryLimit(l.before)
	debug.SetGCPercent(l.percent)
}
