package index

import (
	"errors"
	"fmt"

	"github.com/dedupe-news/dedupe/cluster"
	"github.com/dedupe-news/dedupe/match"
)

// Thresholds are the least weights of the edges that clusters are made of, 0…1. The weight of an edge is the own coverage of its match
// (of the article with fewer own words, or of both, whichever is more). 0: whatever the rules let through, so that the zero value
// is the default.
type Thresholds struct {
	Story  float64 `json:"story,omitempty"`  // an edge below it counts for no cluster at all
	Strict float64 `json:"strict,omitempty"` // a copy below it counts for stories only
}

var errThreshold = errors.New("a threshold is a number from 0 to 1")

func (t Thresholds) validate() error {
	for _, f := range []float64{t.Story, t.Strict} {
		if !(f >= 0 && f <= 1) {
			return fmt.Errorf("%w, not %v", errThreshold, f)
		}
	}
	return nil
}

// counts says for which clusters an edge counts. Weights have 32 bits, and are compared as such: 0.7 reaches 0.7.
func (t Thresholds) counts(e edge) (story, strict bool) {
	story = e.Weight >= float32(t.Story)
	return story, story && e.Kind >= match.Excerpt && e.Weight >= float32(t.Strict)
}

// link is edge e of holder n as package cluster takes it; false: it does not count.
func (t Thresholds) link(n number, e edge) (cluster.Edge, bool) {
	story, strict := t.counts(e)
	return cluster.Edge{A: n, B: e.Other, Weight: float64(e.Weight), Strict: strict}, story
}

// Thresholds are those that Recut has set.
func (x *Index) Thresholds() Thresholds {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.state.Thresholds
}

// LeastThresholds are the own coverages that the rules ask for between two sites (between pages of one site they ask for more). Nothing
// below them is stored, so that lower thresholds change nothing.
func (x *Index) LeastThresholds() Thresholds {
	story, copies := match.LeastCoverage(!x.keepsText())
	return Thresholds{Story: story, Strict: copies}
}
