package index

import "sync/atomic"

// work counts what an index did since it was opened: what must not grow with the copies of one story, nor with the pages of one template.
// A test holds it.
type work struct {
	compared atomic.Int64 // pairs of articles
	blocks   atomic.Int64 // of postings, read and decoded
	pages    atomic.Int64 // of furniture counts, read and decoded
	visited  atomic.Int64 // holders, on the way to a cluster
	written  atomic.Int64 // entries of transactions
}
