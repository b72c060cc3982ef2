package index

import (
	"encoding/binary"
	"math"

	"github.com/dedupe-news/dedupe/match"
)

// edgeBytes is what an edge takes at the least.
const edgeBytes = 18

// edge is a verified match of a holder with another one, strong enough for one story.
type edge struct {
	Other       number
	Kind        match.Kind
	Jaccard     float32
	Containment float32 // the part of this one that stands in the other
	Contains    float32 // the part of the other that stands in this one
	Weight      float32
}

// appendEdges encodes the edges of one holder, which are by rising other end.
func appendEdges(b []byte, edges []edge) []byte {
	b = binary.AppendUvarint(b, uint64(len(edges)))
	before := number(0)
	for _, e := range edges {
		b = binary.AppendUvarint(b, uint64(e.Other-before))
		before = e.Other
		b = append(b, byte(e.Kind))
		for _, f := range []float32{e.Jaccard, e.Containment, e.Contains, e.Weight} {
			b = binary.BigEndian.AppendUint32(b, math.Float32bits(f))
		}
	}
	return b
}

func decodeEdges(b []byte) ([]edge, error) {
	d := decoder{b: b}
	edges := make([]edge, d.count(edgeBytes))
	before := uint64(0)
	for i := range edges {
		e := &edges[i]
		delta := d.uvarint(math.MaxUint32)
		if before += delta; delta == 0 || before > math.MaxUint32 {
			d.fail("edges out of order")
		}
		e.Other, e.Kind = number(before), match.Kind(d.byte())
		if e.Kind < match.Rewrite || e.Kind > match.Exact {
			d.fail("unknown kind")
		}
		for _, f := range []*float32{&e.Jaccard, &e.Containment, &e.Contains, &e.Weight} {
			*f = math.Float32frombits(d.uint32())
			if !(*f >= 0 && *f <= 1) {
				d.fail("figure out of range")
			}
		}
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	return edges, nil
}

// relation is what is known of a holder besides its record and its edges.
type relation struct {
	Uncounted bool
	Story     number // 0: alone
	Strict    number
	Group     int    // articles with these words, itself included
	GroupRep  number // … the representative of them; 0: itself
}

// relationBytes is the memory that a relation takes.
const relationBytes = 32

const (
	flagUncounted = 1
	flagCluster   = 2
)

// isDefault says that r need not be stored.
func (r *relation) isDefault() bool {
	return !r.Uncounted && r.Story == 0 && r.Group <= 1
}

func (r *relation) append(b []byte) []byte {
	flags := byte(0)
	if r.Uncounted {
		flags |= flagUncounted
	}
	if r.Story != 0 {
		flags |= flagCluster
	}
	b = append(b, flags)
	if r.Story != 0 {
		b = binary.AppendUvarint(b, uint64(r.Story))
		b = binary.AppendUvarint(b, uint64(r.Strict))
	}
	b = binary.AppendUvarint(b, uint64(max(r.Group, 1)))
	return binary.AppendUvarint(b, uint64(r.GroupRep))
}

func decodeRelation(b []byte) (relation, error) {
	var r relation
	d := decoder{b: b}
	flags := d.byte()
	if flags&^(flagUncounted|flagCluster) != 0 {
		d.fail("unknown flags")
	}
	r.Uncounted = flags&flagUncounted != 0
	if flags&flagCluster != 0 {
		r.Story, r.Strict = d.number(), d.number()
	}
	r.Group = int(d.uvarint(math.MaxUint32))
	if r.Group == 0 {
		d.fail("group of none")
	}
	r.GroupRep = number(d.uvarint(math.MaxUint32))
	return r, d.end()
}

// clusterRecord is the record k.
type clusterRecord struct {
	Size           int
	Representative number
}

func (c clusterRecord) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(c.Size))
	return binary.AppendUvarint(b, uint64(c.Representative))
}

func decodeCluster(b []byte) (clusterRecord, error) {
	d := decoder{b: b}
	c := clusterRecord{Size: int(d.uvarint(math.MaxUint32)), Representative: d.number()}
	return c, d.end()
}
