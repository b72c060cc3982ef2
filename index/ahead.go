package index

import (
	"errors"

	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
)

// ahead is what was read for an article before its turn comes.
type ahead struct {
	numbers   map[string]number // under its id and its digest
	records   map[number]*record
	relations map[number]relation
	edges     map[number][]edge
}

// warm does ahead and in parallel what the articles of a batch will probably need:
// it finds their postings in segments, compares them with their candidates, and reads the records that this concerns. It
// saves time and changes no result.
func (c *changes) warm(batch []*prepared) error {
	clear(c.gone) // what went with earlier batches is in the segments no more
	read := make([]ahead, len(batch))
	errs := make([]error, len(batch))
	c.x.parallel(len(batch), func(i int) {
		if batch[i].err == nil {
			errs[i] = c.readAhead(batch[i], &read[i])
		}
	})
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for i := range read {
		c.keep(&read[i])
	}
	return nil
}

// readAhead fills read for one article. It may be called for several at the same time, while c does not change.
func (c *changes) readAhead(p *prepared, read *ahead) error {
	id, err := c.numberAt(keyID(p.article.ID))
	if err != nil {
		return err
	}
	holder, err := c.numberAt(keyDigest(p.digest))
	if err != nil {
		return err
	}
	*read = ahead{
		numbers: map[string]number{string(keyID(p.article.ID)): id, string(keyDigest(p.digest)): holder},
		records: make(map[number]*record), relations: make(map[number]relation), edges: make(map[number][]edge),
	}
	if holder != 0 {
		if read.records[holder], err = c.peek(holder); err != nil {
			return err
		}
		return c.relatedAhead(holder, read)
	}
	if p.lists, err = c.x.sealedPostings(c.txn, p.keys); err != nil {
		return err
	}
	lists := c.x.withTail(p.keys, p.lists)
	p.pairs = make(map[number]*pairing)
	asked := false // for the furniture of p
	others, err := c.candidates(p, lists, leastShared(lists))
	if err != nil {
		return err
	}
	for _, other := range others {
		if err := c.relatedAhead(other.Number, read); err != nil {
			return err
		}
		if read.relations[other.Number].Story == 0 && len(read.edges[other.Number]) == 0 && c.isApart(p, other.Number) {
			p.pairs[other.Number] = nil
			continue
		}
		pair, err := c.pairAhead(p, other.Number, read)
		if err != nil {
			return err
		}
		if pair == nil {
			continue
		}
		if _, hopeless := pair.seed(); hopeless {
			continue
		}
		if !asked {
			asked = true
			if err := c.askFurniture(&p.subject); err != nil {
				return err
			}
		}
		if err := c.askFurniture(pair.b); err != nil {
			return err
		}
	}
	return nil
}

// pairAhead compares p with holder n; nil if there is nothing to compare with.
func (c *changes) pairAhead(p *prepared, n number, read *ahead) (*pairing, error) {
	r, err := c.peek(n)
	if r == nil || err != nil {
		return nil, err
	}
	read.records[n] = r
	pair, err := c.compare(p, n, r)
	if pair != nil {
		p.pairs[n] = pair
	}
	return pair, err
}

// relatedAhead reads the cluster of holder n, or its edges if it is in none. Those of a story that many tell are long, and most are not needed.
func (c *changes) relatedAhead(n number, read *ahead) (err error) {
	if read.relations[n], err = c.readRelation(n); err != nil || read.relations[n].Story != 0 {
		return err
	}
	read.edges[n], err = c.readEdges(n)
	return err
}

// askFurniture looks up what is furniture in s, so that it is known.
func (c *changes) askFurniture(s *subject) error {
	var prints []furniture.Print
	for _, h := range s.hashes() {
		if match.Counted(h) {
			prints = append(prints, furniture.PrintOf(h))
		}
	}
	_, err := c.x.standIn(c.txn, prints, match.FurnitureStories)
	return err
}

// keep enters what was read, as if c had read it.
func (c *changes) keep(read *ahead) {
	for key, n := range read.numbers {
		c.numbers[key] = n
	}
	for n, r := range read.records {
		c.records[n] = r
	}
	for n, r := range read.relations {
		if c.relations[n] == nil {
			c.enterRelation(n, r)
		}
	}
	for n, list := range read.edges {
		c.edges[n] = list
	}
}
