package index

import (
	"cmp"
	"errors"
	"slices"

	"github.com/dedupe-news/dedupe/cluster"
	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
)

// judgement is a verdict on the new article (A) and another one (B).
type judgement struct {
	number  number
	verdict match.Verdict
}

// judgeNew compares a new article with its candidates, after it was counted. The
// judgements are sorted, the best first. earlier is a candidate whose story it tells (see match.Pair.SameStory), 0 if it begins one.
func (c *changes) judgeNew(n number, p *prepared, lists [][]number) (judged []judgement, earlier number, err error) {
	x := c.x
	var pairs []*pairing
	var numbers []number
	for _, other := range candidates(lists, leastShared(lists)) {
		pairing := p.pairs[other.Number]
		if pairing == nil {
			s, err := c.subjectAt(other.Number)
			if err != nil {
				return nil, 0, err
			}
			if s == nil {
				continue
			}
			pairing = x.pair(&p.subject, s)
		} else if r, err := c.record(other.Number); r == nil || err != nil {
			if err != nil {
				return nil, 0, err
			}
			continue // removed in this batch
		}
		if earlier == 0 {
			tells, err := c.tells(pairing, other.Number)
			if err != nil {
				return nil, 0, err
			}
			if tells {
				earlier = other.Number
			}
		}
		pairs, numbers = append(pairs, pairing), append(numbers, other.Number)
	}
	if earlier == 0 {
		c.count(x.countedPrints(&p.subject), 1)
	} else {
		rel, err := c.relation(n)
		if err != nil {
			return nil, 0, err
		}
		rel.Uncounted = true
		c.touch(n)
	}
	if len(pairs) == 0 {
		return nil, 0, nil
	}
	finder := &furnitureFinder{x: x, txn: c.txn}
	judged, err = c.widen(finder, p, x.judgeAll(finder, pairs, numbers))
	if err != nil {
		return nil, 0, err
	}
	return judged, earlier, finder.err()
}

// tells says whether a new article tells the story of holder n.
func (c *changes) tells(p *pairing, n number) (bool, error) {
	if p.sameStory() {
		return true, nil
	}
	rel, err := c.relation(n)
	if err != nil || rel.Story == 0 {
		return false, err
	}
	holders, err := c.membersOf(rel.Story, cluster.LargeGroup)
	return len(holders) >= cluster.LargeGroup && p.retells(), err
}

// maxWidened is the number of members of one story that an article which matches
// one of them is compared with.
const maxWidened = 16

// widen compares p with the other members of the stories that it matches, too: a
// story has few postings under a key, so that not all of its members are candidates.
func (c *changes) widen(f *furnitureFinder, p *prepared, judged []judgement) ([]judgement, error) {
	known := make(map[number]bool)
	for _, j := range judged {
		known[j.number] = true
	}
	var pairs []*pairing
	var numbers []number
	looked := make(map[number]bool) // stories
	for _, j := range judged {
		if j.verdict.Kind < match.Rewrite {
			break // sorted by kind
		}
		rel, err := c.relation(j.number)
		if err != nil {
			return nil, err
		}
		if rel.Story == 0 || looked[rel.Story] {
			continue
		}
		looked[rel.Story] = true
		members, err := c.membersOf(rel.Story, maxWidened)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if known[m] {
				continue
			}
			known[m] = true
			r, err := c.record(m)
			if err != nil {
				return nil, err
			}
			if r == nil || r.Digest == p.digest {
				continue
			}
			s, err := c.subjectAt(m)
			if err != nil {
				return nil, err
			}
			if s == nil {
				continue
			}
			pairs, numbers = append(pairs, c.x.pair(&p.subject, s)), append(numbers, m)
		}
	}
	if len(pairs) == 0 {
		return judged, nil
	}
	judged = append(judged, c.x.judgeAll(f, pairs, numbers)...)
	slices.SortStableFunc(judged, compareJudgements)
	return judged, nil
}

// judgeAll gives the verdicts on pairs of one subject (A) with others.
func (x *Index) judgeAll(f *furnitureFinder, pairs []*pairing, numbers []number) []judgement {
	a := &marked{subject: pairs[0].a}
	judged := make([]judgement, len(pairs))
	x.parallel(len(pairs), func(i int) { judged[i] = judgement{numbers[i], pairs[i].judge(f, a)} })
	slices.SortStableFunc(judged, compareJudgements)
	return judged
}

// compareJudgements puts the best first.
func compareJudgements(a, b judgement) int {
	return cmp.Or(cmp.Compare(b.verdict.Kind, a.verdict.Kind), cmp.Compare(b.verdict.Weight(), a.verdict.Weight()), cmp.Compare(a.number, b.number))
}

// countedPrints are the prints by which an article is counted: of its shingles,
// or of its sketch in an index without texts (so that it can be taken away again).
func (x *Index) countedPrints(s *subject) []furniture.Print {
	if s.reading != nil {
		return prints(s.reading.Shingles)
	}
	return prints(s.Sketch.Hashes)
}

// subjectAt is article n made ready to be compared; nil if it is not there, or if its text is damaged: Check tells of that, and it stops
// nothing here.
func (c *changes) subjectAt(n number) (*subject, error) {
	r, err := c.record(n)
	if r == nil || err != nil {
		return nil, err
	}
	s, err := c.load(n, r)
	if errors.Is(err, ErrCorrupt) {
		return nil, nil
	}
	return s, err
}

// load is Index.load within a batch.
func (c *changes) load(n number, r *record) (*subject, error) {
	if s := c.x.readings.get(n); s != nil {
		return s, nil
	}
	if value, ok := c.written(keyText(n)); ok && c.x.keepsText() {
		text, err := c.x.decompress(n, value)
		if err != nil {
			return nil, err
		}
		return &subject{
			reading:  readingOf(r, text),
			Sketched: match.Sketched{Sketch: r.Sketch, Site: r.Site, Published: r.Published},
		}, nil
	}
	return c.x.load(c.txn, n, r)
}

// reexamine judges the edges of holder n again, but for those to the holders in done, now that more is known to be
// furniture, and takes away those that no longer hold. It returns the holders whose
// clusters are to be settled; none if nothing changed.
func (c *changes) reexamine(n number, done map[number]bool) ([]number, error) {
	edges, err := c.edgesOf(n)
	if err != nil || len(edges) == 0 || len(edges) > maxCandidates {
		return nil, err
	}
	s, err := c.subjectAt(n)
	if s == nil || err != nil {
		return nil, err
	}
	finder := &furnitureFinder{x: c.x, txn: c.txn}
	a := &marked{subject: s}
	var touched []number
	for _, e := range edges {
		if done[e.Other] {
			continue
		}
		o, err := c.subjectAt(e.Other)
		if err != nil {
			return nil, err
		}
		if o == nil {
			continue
		}
		v := c.x.pair(s, o).judge(finder, a)
		switch {
		case !v.Story:
			err = c.disconnect(n, e.Other)
		case v.Kind != e.Kind:
			err = c.connect(n, e.Other, &v)
		default:
			continue
		}
		if err != nil {
			return nil, err
		}
		touched = append(touched, n, e.Other)
	}
	return touched, finder.err()
}
