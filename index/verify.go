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
	pair    *pairing // of which it is; nil: the words are the same
}

// judgeNew compares a new article with its candidates, after it was counted. The
// judgements are sorted, the best first. earlier is a candidate whose story it tells (see match.Pair.SameStory), 0 if it begins one.
func (c *changes) judgeNew(n number, p *prepared, lists [][]number) (judged []judgement, earlier number, err error) {
	x := c.x
	others, err := c.candidates(p, lists, leastShared(lists))
	if err != nil {
		return nil, 0, err
	}
	var pairs []*pairing
	var numbers []number
	for _, other := range others {
		pairing, err := c.pairNew(p, other.Number)
		if err != nil {
			return nil, 0, err
		}
		if pairing == nil {
			continue
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
	judged, err = c.judge(finder, p, pairs, numbers)
	if err != nil {
		return nil, 0, err
	}
	return judged, earlier, finder.err()
}

// pairNew is the comparison of a new article with holder n, made ahead or now; nil if there is nothing to compare with, or if they are apart.
func (c *changes) pairNew(p *prepared, n number) (*pairing, error) {
	pair, ahead := p.pairs[n]
	if ahead && pair == nil {
		if single, err := c.isSingle(n); single || err != nil { // still
			return nil, err
		}
	}
	r, err := c.record(n)
	if r == nil || err != nil {
		return nil, err // removed in this batch
	}
	if pair != nil {
		return pair, nil
	}
	return c.compare(p, n, r)
}

// pairAt compares p with holder n; nil if it is not there, or if its text is damaged.
func (c *changes) pairAt(p *prepared, n number) (*pairing, error) {
	r, err := c.record(n)
	if r == nil || err != nil {
		return nil, err
	}
	return c.compare(p, n, r)
}

// compare is pairAt with the record of n. Many may call it at the same time.
func (c *changes) compare(p *prepared, n number, r *record) (*pairing, error) {
	s, err := c.subjectOf(n, r)
	if s == nil || err != nil {
		return nil, err
	}
	pair := c.x.pair(&p.subject, s)
	if s.reading != nil {
		if _, known := c.x.knownSet(n); !known {
			c.x.keepSet(n, cut(s.reading.Set()))
		}
	}
	return pair, nil
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
	if k, err := c.clusterAt(rel.Story); err != nil || k.Size < cluster.LargeGroup { // of articles, of which some may have the same words
		return false, err
	}
	holders, err := c.membersOf(rel.Story, cluster.LargeGroup)
	return len(holders) >= cluster.LargeGroup && p.retells(), err
}

// maxWidened is the number of members of one story that an article which matches
// one of them is compared with.
const maxWidened = 16

// judge compares p with the holders of pairs and with the other members of the stories that it matches, too: a
// story has few postings under a key, so that not all of its members are candidates. The judgements are sorted, the best first.
func (c *changes) judge(f *furnitureFinder, p *prepared, pairs []*pairing, numbers []number) ([]judgement, error) {
	a := &marked{subject: &p.subject}
	judged := make([]judgement, len(pairs))
	c.x.eachPair(len(pairs), func(i int) { judged[i] = judgement{numbers[i], pairs[i].judge(f, a), pairs[i]} })
	slices.SortStableFunc(judged, compareJudgements)
	others, err := c.others(judged)
	if len(others) == 0 || err != nil {
		return judged, err
	}
	more := make([]comparison, len(others))
	c.x.eachPair(len(others), func(i int) { more[i] = c.judgeMember(f, a, p, others[i]) })
	for _, m := range more {
		if m.err != nil {
			return nil, m.err
		}
		if m.record != nil {
			c.records[m.number] = m.record
		}
		if m.judged {
			judged = append(judged, m.judgement)
		}
	}
	slices.SortStableFunc(judged, compareJudgements)
	return judged, nil
}

// others are the members of the stories of what p matches that it was not compared with.
func (c *changes) others(judged []judgement) ([]number, error) {
	known := make(map[number]bool)
	for _, j := range judged {
		known[j.number] = true
	}
	var list []number
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
			if !known[m] {
				known[m] = true
				list = append(list, m)
			}
		}
	}
	return list, nil
}

// comparison is what came of comparing with a member of a story.
type comparison struct {
	judgement
	judged bool
	record *record
	err    error
}

// judgeMember judges p and holder n. It may be called for several at the same time, while c does not change.
func (c *changes) judgeMember(f *furnitureFinder, a *marked, p *prepared, n number) (m comparison) {
	m.number = n
	if m.record, m.err = c.peek(n); m.record == nil || m.record.Digest == p.digest {
		return m
	}
	pair, err := c.compare(p, n, m.record)
	if m.err = err; pair != nil {
		m.verdict, m.pair, m.judged = pair.judge(f, a), pair, true
	}
	return m
}

// fewPairs are compared and judged sooner than goroutines are woken.
const fewPairs = 8

// eachPair calls do for 0…n−1, in several goroutines if it pays.
func (x *Index) eachPair(n int, do func(i int)) {
	if x.keepsText() && n > fewPairs {
		x.parallel(n, do)
		return
	}
	for i := range n {
		do(i)
	}
}

// compareJudgements puts the best first.
func compareJudgements(a, b judgement) int {
	return cmp.Or(cmp.Compare(b.verdict.Kind, a.verdict.Kind), cmp.Compare(b.verdict.Weight(), a.verdict.Weight()), cmp.Compare(a.number, b.number))
}

// countedPrints are the prints by which an article is counted: of its shingles,
// or of its sketch in an index without texts (so that it can be taken away again).
func (x *Index) countedPrints(s *subject) []furniture.Print {
	if s.reading != nil {
		return new(printRoom).of(s.reading.Shingles)
	}
	return appendPrints(nil, s.Sketch)
}

// subjectAt is article n made ready to be compared; nil if it is not there, or if its text is damaged: Check tells of that, and it stops
// nothing here.
func (c *changes) subjectAt(n number) (*subject, error) {
	r, err := c.record(n)
	if r == nil || err != nil {
		return nil, err
	}
	return c.subjectOf(n, r)
}

// subjectOf is subjectAt with the record of n.
func (c *changes) subjectOf(n number, r *record) (*subject, error) {
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

// freshFurniture are the prints of p that became furniture by it, which was just counted.
func (c *changes) freshFurniture(p *prepared) (map[furniture.Print]bool, error) {
	fresh := make(map[furniture.Print]bool)
	for _, print := range c.x.countedPrints(&p.subject) {
		is, err := c.x.standsIn(c.txn, print, match.FurnitureStories)
		if err != nil {
			return nil, err
		}
		if !is {
			continue
		}
		old, err := c.x.standsIn(c.txn, print, match.FurnitureStoriesAlike+1)
		if err != nil {
			return nil, err
		}
		if !old {
			fresh[print] = true
		}
	}
	return fresh, nil
}

// isDoubtful says that the edges of a candidate may not hold any more: a new article shows that what they share is furniture, or made it that.
// One that tells the story of the candidate, or of another member of it if that has a core, shows nothing, unless it made something furniture: of thousands of copies some
// are always refused by others, and with each one more the edges of a dozen would be judged again. earlier is as judgeNew gives it.
func (c *changes) isDoubtful(j *judgement, earlier number, fresh map[furniture.Print]bool) (bool, error) {
	if j.verdict.Refused() {
		if len(fresh) > 0 {
			return true, nil
		}
		if both, err := c.haveOneCore(j.number, earlier); both || err != nil {
			return false, err
		}
		tells, err := c.tells(j.pair, j.number)
		return !tells, err
	}
	if len(fresh) == 0 {
		return false, nil
	}
	edges, err := c.edgesOf(j.number)
	if err != nil || len(edges) == 0 {
		return false, err
	}
	s, err := c.subjectAt(j.number)
	if err != nil || s == nil {
		return false, err
	}
	return slices.ContainsFunc(s.hashes(), func(h uint64) bool { return match.Counted(h) && fresh[furniture.PrintOf(h)] }), nil
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
