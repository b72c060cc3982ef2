package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/cluster"
	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
)

// A batch is what one transaction takes. Results do not depend on where batches end.
const (
	batchArticles = 128
	batchBytes    = 512 << 10 // of text
)

// Add adds articles in order. When it returns, all articles of the result are
// durable; the result has one entry an article, in order, and is shorter than
// articles only with an error (such as the context's), which tells why the rest was not
// added. An article that cannot be added has its error in Added.Err and is skipped.
// A thousand articles a call are added faster than one, for they are synced together.
//
// The id of an article decides: the same id with the same words is unchanged (then
// nothing is stored, not even another title), with other words it is updated.
func (x *Index) Add(ctx context.Context, articles []article.Article) ([]Added, error) {
	results, err := x.addAll(ctx, articles)
	if len(results) > 0 {
		err = errors.Join(err, x.sync())
	}
	if err != nil {
		return results, fmt.Errorf("add to index %s: %w", x.dir, err)
	}
	return results, nil
}

// sync makes what was committed durable.
func (x *Index) sync() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.usable(); err != nil {
		return err
	}
	if err := x.db.Sync(); err != nil {
		x.broken = fmt.Errorf("an earlier write failed, open the index again: %w", err)
		return err
	}
	return nil
}

// addAll adds batch after batch; while one is added the next is prepared.
func (x *Index) addAll(ctx context.Context, articles []article.Article) ([]Added, error) {
	var results []Added
	prepare := func() chan []*prepared {
		n, bytes := 0, 0
		for n < len(articles) && n < batchArticles && (n == 0 || bytes+len(articles[n].Text) <= batchBytes) {
			bytes += len(articles[n].Text)
			n++
		}
		batch := articles[:n]
		articles = articles[n:]
		ready := make(chan []*prepared, 1)
		go func() { ready <- x.prepareAll(batch) }()
		return ready
	}
	for next := prepare(); ; {
		batch := <-next
		if len(batch) == 0 {
			return results, nil
		}
		next = prepare()
		added, err := x.addBatch(ctx, batch)
		results = append(results, added...)
		if err != nil {
			<-next
			return results, err
		}
	}
}

func (x *Index) prepareAll(articles []article.Article) []*prepared {
	batch := make([]*prepared, len(articles))
	x.parallel(len(articles), func(i int) { batch[i] = x.prepare(articles[i], true) })
	return batch
}

func (x *Index) addBatch(ctx context.Context, batch []*prepared) ([]Added, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := errors.Join(x.usable(), ctx.Err()); err != nil {
		return nil, err
	}
	if err := x.checkDisk(); err != nil {
		return nil, err
	}
	c := x.begin()
	defer c.discard()
	if err := c.warm(batch); err != nil {
		return nil, err
	}
	added := make([]Added, 0, len(batch))
	for _, p := range batch {
		a, err := c.add(p)
		if err != nil {
			x.broken = fmt.Errorf("an earlier add failed, open the index again: %w", err)
			return nil, err
		}
		added = append(added, a)
	}
	if err := c.commit(); err != nil {
		return nil, err
	}
	x.added += len(batch)
	if x.state.Next-x.state.Sealed >= sealArticles {
		if err := x.seal(); err != nil {
			return added, err
		}
	}
	return added, nil
}

// parallel calls do for 0…n−1 in x.workers goroutines.
func (x *Index) parallel(n int, do func(i int)) {
	var wait sync.WaitGroup
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	for range min(x.workers, n) {
		wait.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	wait.Wait()
}

// warm does ahead and in parallel what the articles of a batch will probably need:
// it finds their postings in segments, and compares them with their candidates. It
// saves time and changes no result.
func (c *changes) warm(batch []*prepared) error {
	x := c.x
	errs := make([]error, len(batch))
	x.parallel(len(batch), func(i int) {
		p := batch[i]
		if p.err != nil {
			return
		}
		if holder, err := get(c.txn, keyDigest(p.digest)); holder != nil || err != nil {
			errs[i] = err
			return
		}
		if p.lists, errs[i] = x.sealedPostings(c.txn, p.keys); errs[i] != nil {
			return
		}
		lists := make([][]number, len(p.keys))
		for k, key := range p.keys {
			lists[k] = slices.Concat(p.lists[k], x.tail[key])
		}
		p.pairs = make(map[number]*pairing)
		for _, other := range candidates(lists) {
			value, err := get(c.txn, keyArticle(other.Number))
			if value == nil || err != nil {
				errs[i] = err
				continue
			}
			r, err := decodeRecord(value)
			if err != nil {
				errs[i] = fmt.Errorf("article number %d: %w", other.Number, err)
				return
			}
			s, err := x.load(c.txn, other.Number, &r)
			if err != nil {
				errs[i] = err
				return
			}
			p.pairs[other.Number] = pair(&p.subject, s)
		}
	})
	return errors.Join(errs...)
}

// lookup returns the postings under each of the keys of p.
func (c *changes) lookup(p *prepared) ([][]number, error) {
	if p.lists == nil {
		var err error
		if p.lists, err = c.x.sealedPostings(c.txn, p.keys); err != nil {
			return nil, err
		}
	}
	lists := make([][]number, len(p.keys))
	for i, key := range p.keys {
		lists[i] = c.current(key, p.lists[i])
	}
	return lists, nil
}

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
	m := matchOf(h, match.Exact)
	m.Jaccard, m.Containment, m.Contained = 1, 1, r.ID
	return &m, nil
}

// earlier is the one of two articles that comes first as a representative.
func (c *changes) earlier(a, b number) (number, error) {
	ra, err := c.record(a)
	if err != nil {
		return 0, err
	}
	rb, err := c.record(b)
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

// matchOf begins a match with the article of record r.
func matchOf(r *record, kind match.Kind) Match {
	return Match{ID: r.ID, Kind: kind, Title: r.Title, URL: r.URL, Site: r.Site, Published: r.Published}
}

// addHolder finds the matches of a new text, counts it for furniture, and puts it
// into a cluster and under its keys. It returns the best match from rewrite up.
func (c *changes) addHolder(n number, r *record, p *prepared) (*Match, error) {
	x := c.x
	lists, err := c.lookup(p)
	if err != nil {
		return nil, err
	}
	judged, err := c.judgeNew(n, p, lists)
	if err != nil {
		return nil, err
	}
	var best *Match
	touched, edges := []number{n}, 0
	for _, j := range judged {
		switch {
		case j.verdict.Story && edges < maxEdges:
			edges++
			if err := c.connect(n, j.number, &j.verdict); err != nil {
				return nil, err
			}
		case j.verdict.Refused():
			doubtful, err := c.reexamine(j.number)
			if err != nil {
				return nil, err
			}
			touched = append(touched, doubtful...)
		}
		if j.verdict.Kind >= match.Rewrite && best == nil {
			other, err := c.record(j.number)
			if err != nil {
				return nil, err
			}
			m := matchWith(r.ID, other, &j.verdict)
			best = &m
		}
	}
	if x.keepsText() {
		x.readings.put(n, &p.subject, p.words)
	}
	if edges > 0 || len(touched) > 1 {
		if err := c.settle(touched); err != nil {
			return nil, err
		}
	}
	return best, c.addPostings(n, p.keys, lists)
}

// judgement is a verdict on the new article (A) and another one (B).
type judgement struct {
	number  number
	verdict match.Verdict
}

// judgeNew compares a new article with its candidates, after it was counted. The
// judgements are sorted, the best first.
func (c *changes) judgeNew(n number, p *prepared, lists [][]number) ([]judgement, error) {
	x := c.x
	var pairs []*pairing
	var numbers []number
	begins := true // a story
	for _, other := range candidates(lists) {
		pairing := p.pairs[other.Number]
		if pairing == nil {
			r, err := c.record(other.Number)
			if err != nil {
				return nil, err
			}
			if r == nil {
				continue
			}
			s, err := c.load(other.Number, r)
			if err != nil {
				return nil, err
			}
			pairing = pair(&p.subject, s)
		} else if r, err := c.record(other.Number); r == nil || err != nil {
			if err != nil {
				return nil, err
			}
			continue // removed in this batch
		}
		begins = begins && !pairing.sameStory()
		pairs, numbers = append(pairs, pairing), append(numbers, other.Number)
	}
	if begins {
		c.count(x.countedPrints(&p.subject), 1)
	} else {
		rel, err := c.relation(n)
		if err != nil {
			return nil, err
		}
		rel.Uncounted = true
		c.touch(n)
	}
	if len(pairs) == 0 {
		return nil, nil
	}
	finder := &furnitureFinder{x: x, txn: c.txn}
	judged, err := c.widen(finder, p, x.judgeAll(finder, pairs, numbers))
	if err != nil {
		return nil, err
	}
	return judged, finder.err()
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
	for _, j := range judged {
		if j.verdict.Kind < match.Rewrite {
			break // sorted by kind
		}
		members, err := c.holdersOf(j.number, maxWidened)
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
			s, err := c.load(m, r)
			if err != nil {
				return nil, err
			}
			pairs, numbers = append(pairs, pair(&p.subject, s)), append(numbers, m)
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

// load is Index.load within a batch.
func (c *changes) load(n number, r *record) (*subject, error) {
	if s := c.x.readings.get(n); s != nil {
		return s, nil
	}
	if value, ok := c.writes[string(keyText(n))]; ok && c.x.keepsText() {
		text, err := c.x.decompress(n, value)
		if err != nil {
			return nil, err
		}
		return &subject{
			reading:  match.Read(text, r.Site, r.Published),
			Sketched: match.Sketched{Sketch: r.Sketch, Site: r.Site, Published: r.Published},
		}, nil
	}
	return c.x.load(c.txn, n, r)
}

// matchWith is the match of the article id (A of the verdict) with other (B).
func matchWith(id string, other *record, v *match.Verdict) Match {
	m := matchOf(other, v.Kind)
	m.Jaccard, m.Estimated = v.Jaccard, v.Estimated
	var isA bool
	if m.Containment, isA = v.Contained(); isA {
		m.Contained = id
	} else {
		m.Contained = other.ID
	}
	return m
}

// reexamine judges the edges of holder n again, now that more is known to be
// furniture, and takes away those that no longer hold. It returns the holders whose
// clusters are to be settled; none if nothing changed.
func (c *changes) reexamine(n number) ([]number, error) {
	edges, err := c.edgesOf(n)
	if err != nil || len(edges) == 0 || len(edges) > maxCandidates {
		return nil, err
	}
	r, err := c.record(n)
	if r == nil || err != nil {
		return nil, err
	}
	s, err := c.load(n, r)
	if err != nil {
		return nil, err
	}
	finder := &furnitureFinder{x: c.x, txn: c.txn}
	a := &marked{subject: s}
	var touched []number
	for _, e := range edges {
		ro, err := c.record(e.Other)
		if err != nil {
			return nil, err
		}
		if ro == nil {
			continue
		}
		o, err := c.load(e.Other, ro)
		if err != nil {
			return nil, err
		}
		v := pair(s, o).judge(finder, a)
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
