package gold

import (
	"maps"
	"slices"
)

// Task is what is asked of reported pairs.
type Task string

// The tasks; the package comment has what is right and wrong in each. A pair that no reader listed is wrong in all.
const (
	Copies  Task = "copies"  // strict clusters: exact, copy, excerpt
	Stories Task = "stories" // clusters: copies and rewrites of one wire story
	Matches Task = "matches" // pairs that are reported as related at all
)

// Tasks are all of them, in the order in which they are printed.
var Tasks = []Task{Copies, Stories, Matches}

// Right says whether a pair should be reported.
func (t Task) Right(r Reading) bool {
	switch t {
	case Copies:
		return r.Hand == "copy" && r.Cluster == "yes"
	case Stories:
		return r.Cluster == "yes" || r.Hand == "rewrite" && r.Cluster == "maybe"
	default:
		return r.Hand == "copy" || r.Hand == "rewrite"
	}
}

// Wrong says whether a pair should not be reported.
func (t Task) Wrong(r Reading) bool {
	switch {
	case r == Reading{}:
		return true
	case t == Matches:
		return r.Hand == "boilerplate" || r.Hand == "template"
	case t == Copies:
		return r.Cluster == "no" && r.Hand != "copy"
	default:
		return r.Cluster == "no" && r.Hand != "copy" && r.Hand != "rewrite" && r.Hand != "unsure"
	}
}

// Score counts pairs.
type Score struct {
	Found, Wanted int // pairs that should be reported: those that were, all
	Wrong         int // pairs that were reported, and should not be
}

// Precision is 0 where nothing counts that was reported.
func (s Score) Precision() float64 { return ratio(s.Found, s.Found+s.Wrong) }

// Recall is 0 where nothing is wanted.
func (s Score) Recall() float64 { return ratio(s.Found, s.Wanted) }

// F1 is the harmonic mean of precision and recall.
func (s Score) F1() float64 { return ratio(2*s.Found, s.Found+s.Wrong+s.Wanted) }

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// Score scores reported pairs where g is complete: what it does not list is wrong.
func (g Gold) Score(task Task, reported Reported) Score {
	s, listed := g.score(task, reported)
	s.Wrong += reported.Len() - listed
	return s
}

// ScoreListed scores reported pairs as far as g lists them.
func (g Gold) ScoreListed(task Task, reported Reported) Score {
	s, _ := g.score(task, reported)
	return s
}

// score also returns how many listed pairs were reported.
func (g Gold) score(task Task, reported Reported) (s Score, listed int) {
	for pair, reading := range g {
		has := reported.Has(pair)
		if has {
			listed++
		}
		if task.Right(reading) {
			s.Wanted++
			if has {
				s.Found++
			}
		}
		if has && task.Wrong(reading) {
			s.Wrong++
		}
	}
	return s, listed
}

// Missed returns the pairs that should have been reported and were not, in order.
func (g Gold) Missed(task Task, reported Reported) []Pair {
	var missed []Pair
	for pair, reading := range g {
		if task.Right(reading) && !reported.Has(pair) {
			missed = append(missed, pair)
		}
	}
	slices.SortFunc(missed, ComparePairs)
	return missed
}

// WrongListed returns the listed pairs that were reported and should not have been, in order.
func (g Gold) WrongListed(task Task, reported Reported) []Pair {
	var wrong []Pair
	for pair, reading := range g {
		if task.Wrong(reading) && reported.Has(pair) {
			wrong = append(wrong, pair)
		}
	}
	slices.SortFunc(wrong, ComparePairs)
	return wrong
}

// Wrong is WrongListed and, for a complete g, the reported pairs that it does not list; the first limit of them, in order. It goes through
// all reported pairs, but keeps no more than it returns.
func (g Gold) Wrong(task Task, reported Reported, limit int) []Pair {
	if limit == 0 {
		return nil
	}
	first := g.WrongListed(task, reported)
	first = slices.Clone(first[:min(limit, len(first))])
	for pair := range reported.All() {
		if _, listed := g[pair]; listed || len(first) == limit && ComparePairs(first[limit-1], pair) <= 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(first, pair, ComparePairs)
		first = slices.Insert(first, at, pair)
		first = first[:min(limit, len(first))]
	}
	return first
}

// Part has the pairs of which keep holds.
func (g Gold) Part(keep func(Pair) bool) Gold {
	part := maps.Clone(g)
	maps.DeleteFunc(part, func(pair Pair, _ Reading) bool { return !keep(pair) })
	return part
}
