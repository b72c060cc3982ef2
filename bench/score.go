package main

import (
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"slices"
)

// Pair is two ids, the lower one first.
type Pair [2]string

// PairOf puts two ids in order.
func PairOf(a, b string) Pair { return Pair{min(a, b), max(a, b)} }

// Pairs is a set of pairs.
type Pairs map[Pair]struct{}

// Add adds the pair of a and b, unless they are one.
func (p Pairs) Add(a, b string) {
	if a != b {
		p[PairOf(a, b)] = struct{}{}
	}
}

// AddAll adds each two of the ids.
func (p Pairs) AddAll(ids []string) {
	for i, a := range ids {
		for _, b := range ids[i+1:] {
			p.Add(a, b)
		}
	}
}

// Reading is what a reader says of a pair that overlaps. The zero Reading means that the pair is not listed: it does not overlap.
type Reading struct {
	Hand    string // copy, rewrite, quotes, background, template, boilerplate or unsure
	Cluster string // yes, maybe or no: would one want the two in one cluster
}

// Gold is what readers say of the pairs of a set.
type Gold map[Pair]Reading

// ReadGold reads a gold.tsv: a header, then id_a, id_b, hand, cluster and perhaps more. The last line on a pair counts.
func ReadGold(name string) (Gold, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := csv.NewReader(f)
	lines.Comma, lines.LazyQuotes = '\t', true
	rows, err := lines.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(rows) == 0 || len(rows[0]) < 4 || !slices.Equal(rows[0][:4], []string{"id_a", "id_b", "hand", "cluster"}) {
		return nil, fmt.Errorf("%s: no header of id_a, id_b, hand, cluster", name)
	}
	gold := make(Gold)
	for _, row := range rows[1:] {
		gold[PairOf(row[0], row[1])] = Reading{row[2], row[3]}
	}
	return gold, nil
}

// GoldOf is the truth where those of one group, and no others, should be reported.
func GoldOf(group map[string]string) Gold {
	byGroup := make(map[string][]string)
	for id, g := range group {
		byGroup[g] = append(byGroup[g], id)
	}
	wanted := make(Pairs)
	for _, ids := range byGroup {
		wanted.AddAll(ids)
	}
	gold := make(Gold)
	for pair := range wanted {
		gold[pair] = Reading{"copy", "yes"}
	}
	return gold
}

// Task is what is asked of reported pairs.
type Task string

// The tasks, and what is right and wrong in each; the rest is neither. A pair that no reader listed is wrong in all.
const (
	Copies  Task = "copies"  // right: copy with cluster yes; wrong: cluster no, but hand copy
	Stories Task = "stories" // right: cluster yes, rewrite with cluster maybe; wrong: cluster no, but hand copy, rewrite, unsure
	Matches Task = "matches" // right: copy, rewrite; wrong: boilerplate, template
)

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

// Score scores reported pairs.
func (g Gold) Score(task Task, reported Pairs) Score {
	var s Score
	for pair, reading := range g {
		if task.Right(reading) {
			s.Wanted++
			if _, ok := reported[pair]; ok {
				s.Found++
			}
		}
	}
	for pair := range reported {
		if task.Wrong(g[pair]) {
			s.Wrong++
		}
	}
	return s
}

// ofPart are the entries of pairs of which the lower id is of a part.
func ofPart[V any](pairs map[Pair]V, inPart func(id string) bool) map[Pair]V {
	part := maps.Clone(pairs)
	maps.DeleteFunc(part, func(pair Pair, _ V) bool { return !inPart(pair[0]) })
	return part
}
