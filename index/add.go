package index

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/dedupe-news/dedupe/cluster"
	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
)

// add adds one article.
func (c *changes) add(p *prepared) (Added, error) {
	result := Added{ID: p.article.ID, Err: p.err}
	if p.err != nil {
		return result, nil
	}
	old, err := c.numberAt(keyID(p.article.ID))
	if err != nil {
		return result, err
	}
	if old != 0 {
		r, err := c.record(old)
		if err != nil {
			return result, err
		}
		if r == nil {
			return result, fmt.Errorf("article number %d of id %q: %w: it is missing", old, p.article.ID, ErrCorrupt)
		}
		if r.Digest == p.digest {
			result.Status = Unchanged
			return result, c.fillCluster(&result, old)
		}
		if err := c.remove(old); err != nil {
			return result, err
		}
	}
	n := c.x.state.Next
	c.x.state.Next++
	c.x.state.Articles++
	c.enter(n)
	r := &record{
		ID: p.article.ID, URL: p.article.URL, Site: p.article.Site, Title: p.article.Title, Published: p.article.Published,
		Added: now(), Words: p.words, Digest: p.digest,
	}
	c.put(keyID(r.ID), appendNumber(n))
	if p.text != nil {
		c.put(keyText(n), p.text)
	}
	holder, err := c.numberAt(keyDigest(p.digest))
	if err != nil {
		return result, err
	}
	var found *Match
	if holder != 0 {
		r.Holder = holder
		c.putRecord(n, r)
		if found, err = c.addExact(n, r); err != nil {
			return result, err
		}
	} else {
		r.Sketch = p.subject.Sketch
		c.putRecord(n, r)
		c.put(keyDigest(p.digest), appendNumber(n))
		if found, err = c.addHolder(n, r, p); err != nil {
			return result, err
		}
	}
	result.Match = found
	switch {
	case old != 0:
		result.Status = Updated
	case found != nil:
		result.Status = Status(found.Kind.String())
	default:
		result.Status = New
	}
	return result, c.fillCluster(&result, n)
}

// now is the time of adding; tests set it.
var now = func() time.Time { return time.Now().UTC().Truncate(time.Second) }

// fillCluster names the cluster of article n and its representative.
func (c *changes) fillCluster(a *Added, n number) error {
	story, representative, err := c.clusterOf(n)
	if err != nil {
		return err
	}
	r, err := c.record(representative)
	if err != nil {
		return err
	}
	if r == nil {
		return fmt.Errorf("representative %d of cluster %d: %w: it is missing", representative, story, ErrCorrupt)
	}
	a.Cluster, a.Representative = clusterName(story), r.ID
	if a.Match != nil {
		a.Match.Cluster = a.Cluster
	}
	return nil
}

// clusterOf returns the cluster of article n and its representative.
func (c *changes) clusterOf(n number) (story, representative number, err error) {
	r, err := c.record(n)
	if err != nil {
		return 0, 0, err
	}
	holder := n
	if r != nil && r.Holder != 0 {
		holder = r.Holder
	}
	rel, err := c.relation(holder)
	if err != nil {
		return 0, 0, err
	}
	story = rel.story(holder)
	if rel.Story == 0 {
		return story, holder, nil
	}
	k, err := c.clusterAt(story)
	if err != nil || k.Size == 0 {
		return story, holder, err
	}
	return story, k.Representative, nil
}

func clusterName(story number) string { return fmt.Sprintf("c%d", story) }

// addExact makes n, which has the words of r.Holder, one of its exact copies.
func (c *changes) addExact(n number, r *record) (*Match, error) {
	c.x.state.Exact++
	c.put(keyExact(r.Holder, n), []byte{})
	rel, err := c.relation(r.Holder)
	if err != nil {
		return nil, err
	}
	h, err := c.record(r.Holder)
	if err != nil {
		return nil, err
	}
	if h == nil {
		return nil, fmt.Errorf("holder %d of article %q: %w: it is missing", r.Holder, r.ID, ErrCorrupt)
	}
	rel.Group++
	c.touch(r.Holder)
	if rel.GroupRep == 0 {
		rel.GroupRep = r.Holder
	}
	if rel.GroupRep, err = c.earlier(rel.GroupRep, n); err != nil {
		return nil, err
	}
	if rel.Story == 0 {
		rel.Story, rel.Strict = r.Holder, r.Holder
	}
	k, err := c.clusterAt(rel.Story)
	if err != nil {
		return nil, err
	}
	if k.Size == 0 {
		k = clusterRecord{Size: rel.Group, Representative: rel.GroupRep}
	} else {
		k.Size++
		if k.Representative, err = c.earlier(k.Representative, n); err != nil {
			return nil, err
		}
	}
	c.put(keyCluster(c.x.state.Generation, rel.Story), k.append(nil))
	m := matchOf(r.Holder, h, match.Exact)
	m.Jaccard, m.Containment, m.Contained = 1, 1, r.ID
	return &m, nil
}

// earlier is the one of two articles that comes first as a representative.
func (c *changes) earlier(a, b number) (number, error) {
	ra, err := c.head(a)
	if err != nil {
		return 0, err
	}
	rb, err := c.head(b)
	if err != nil {
		return 0, err
	}
	if ra == nil || rb != nil && rb.candidate().Before(ra.candidate()) {
		return b, nil
	}
	return a, nil
}

func (r *record) candidate() cluster.Candidate {
	return cluster.Candidate{Published: r.Published, ID: r.ID}
}

// matchOf begins a match with article n of record r.
func matchOf(n number, r *record, kind match.Kind) Match {
	return Match{ID: r.ID, Kind: kind, Ordinal: Ordinal(n), Words: r.Words, Title: r.Title, URL: r.URL, Site: r.Site, Published: r.Published}
}

// addHolder finds the matches of a new text, counts it for furniture, and puts it
// into a cluster and under its keys. It returns the best match from rewrite up.
func (c *changes) addHolder(n number, r *record, p *prepared) (*Match, error) {
	x := c.x
	lists, err := c.lookup(p)
	if err != nil {
		return nil, err
	}
	judged, earlier, err := c.judgeNew(n, p, lists)
	if err != nil {
		return nil, err
	}
	var best *Match
	touched := []number{n}
	var links []edge // to the best matches
	apart := false   // one of them has so many edges that it takes no more
	examined := make(map[number]bool)
	var fresh map[furniture.Print]bool
	if earlier == 0 && len(judged) > 0 {
		if fresh, err = c.freshFurniture(p); err != nil {
			return nil, err
		}
	}
	for _, j := range judged {
		if j.verdict.Kind >= match.Rewrite && best == nil {
			other, err := c.record(j.number)
			if err != nil {
				return nil, err
			}
			m := x.matchWith(r, j.number, other, &j.verdict)
			best = &m
		}
		switch {
		case j.verdict.Story && len(links) < maxEdges:
			links = append(links, edgeTo(j.number, &j.verdict))
			others, err := c.edgesOf(j.number)
			if err != nil {
				return nil, err
			}
			if len(others) >= maxComponent {
				apart = true
				continue
			}
			if err := c.connect(n, j.number, &j.verdict); err != nil {
				return nil, err
			}
		default:
			doubtful, err := c.isDoubtful(&j, earlier, fresh)
			if err != nil {
				return nil, err
			}
			if !doubtful {
				continue
			}
			changed, err := c.reexamine(j.number, examined)
			if err != nil {
				return nil, err
			}
			examined[j.number] = true
			touched = append(touched, changed...)
		}
	}
	if x.keepsText() {
		p.subject.marks = new(atomic.Pointer[furnitureMarks])
		x.readings.put(n, &p.subject)
		x.keepSet(n, p.set())
	}
	if apart {
		affected := make(map[number]bool)
		if err := errors.Join(c.join(n, links, affected), c.recount(affected)); err != nil {
			return nil, err
		}
		touched = touched[1:]
	}
	if len(links) > 0 || len(touched) > 1 {
		if err := c.settle(touched); err != nil {
			return nil, err
		}
	}
	if len(links) > 0 {
		if err := c.findCore(n); err != nil {
			return nil, err
		}
	}
	return best, c.addPostings(n, earlier, p.keys, lists)
}

// matchWith is the match of an article (A of the verdict) with article n, other (B).
func (x *Index) matchWith(a *record, n number, other *record, v *match.Verdict) Match {
	m := matchOf(n, other, v.Kind)
	m.Jaccard, m.Estimated = v.Jaccard, v.Estimated
	var isA bool
	if m.Containment, isA = v.Contained(); isA {
		m.Contained = a.ID
	} else {
		m.Contained = other.ID
	}
	m.Version = a != other && v.Kind >= match.Rewrite && v.Kind < match.Exact && x.versions.are(a, other)
	return m
}
