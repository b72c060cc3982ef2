package index

import (
	"errors"
	"unique"

	"github.com/dedupe-news/dedupe/minhash"
)

// A key that stands in many stories is furniture and tells nothing: Add freezes it, and Recluster leaves out pairs that only such keys told of. But
// which holders tell one story is found by pairs. So keys are frozen twice. Most are before there are pairs: where holders that are taken from all over the
// list of a key have little else in common, they tell as many stories. The others are when stories are known, and what they told of is taken back
// (thaw). Of a million made-up articles, half of them with furniture of one of 2,000 sites, that leaves 1.4 million pairs to be
// compared instead of 8.0 million, with the same clusters.

const (
	frozenStories = frozenPostings / clusterPostings // that a frozen key stands in
	frozenSample  = 32                               // holders that are looked at before there are pairs
	frozenApart   = 24                               // … of which so many are apart from all others

	// Two holders are not apart if so large a part of their keys is common. Of copies of one story, in up to 15 % of whose words are others, three in four have such a
	// partner. Pages of one site may have a lot of furniture; but no site tells one story 64 times.
	commonKeys     = 0.5
	commonKeysSite = 0.75
)

// frozenKeys are those that were frozen before there were pairs.
type frozenKeys struct {
	keys  []map[uint32]bool // by chunk of postings
	other []bool            // by chunk of postings: it has another key that may be frozen later
}

func (f *frozenKeys) begin(chunks int) {
	f.keys, f.other = make([]map[uint32]bool, chunks), make([]bool, chunks)
}

func (f *frozenKeys) has(chunk int, list []uint64) bool { return f.keys[chunk][uint32(list[0]>>32)] }

func (f *frozenKeys) mayThaw(chunk int) bool { return f.other[chunk] }

// isTold says whether the pairs of a list of postings are told of; if not, its key is frozen. Each chunk is for one goroutine.
func (r *reclustering) isTold(chunk int, list []uint64) (bool, error) {
	if len(list) < frozenStories {
		return true, nil
	}
	apart, err := r.isApart(list)
	switch {
	case err != nil:
		return false, err
	case !apart:
		r.frozen.other[chunk] = true
		return true, nil
	}
	if r.frozen.keys[chunk] == nil {
		r.frozen.keys[chunk] = make(map[uint32]bool)
	}
	r.frozen.keys[chunk][uint32(list[0]>>32)] = true
	return false, nil
}

// isApart says whether holders from all over a list of postings have so little in common that its key stands in many stories.
func (r *reclustering) isApart(list []uint64) (bool, error) {
	if len(list) < frozenPostings {
		return false, nil
	}
	sample := make([]sampled, frozenSample)
	for i := range sample {
		var err error
		if sample[i], err = r.sampled(uint32(list[i*len(list)/frozenSample])); err != nil {
			return false, err
		}
	}
	return apart(sample) >= frozenApart, nil
}

// sampled is a holder in a sample.
type sampled struct {
	site string
	keys minhash.Sketch
}

func (r *reclustering) sampled(place uint32) (sampled, error) {
	var made sampled
	err := r.placed.get(place, func(h *placedHolder) error {
		s, err := h.sketch()
		made = sampled{unique.Make(string(h.site)).Value(), s.Keys(leastKeys)}
		return err
	})
	return made, err
}

// apart counts those in a sample that have little in common with each other one.
func apart(sample []sampled) int {
	together := make([]bool, len(sample))
	table := tables.Get().(*minhash.Table)
	defer tables.Put(table)
	for i, s := range sample {
		table.Fill(s.keys)
		for j, other := range sample[:i] {
			if together[i] && together[j] {
				continue
			}
			least := commonKeys
			if s.site != "" && s.site == other.site {
				least = commonKeysSite
			}
			common, onlyS, onlyOther := table.Overlap(other.keys)
			if float64(common) >= least*float64(common+min(onlyS, onlyOther)) {
				together[i], together[j] = true, true
			}
		}
	}
	n := 0
	for _, is := range together {
		if !is {
			n++
		}
	}
	return n
}

// thaw leaves out what only keys told of that stand in so many stories that they are frozen.
func (r *reclustering) thaw() (err error) {
	s, err := r.tuples(r.frozen.mayThaw, func(i int, list []uint64) (bool, error) {
		return !r.frozen.has(i, list) && r.isFrozen(list), nil
	})
	defer func() { err = errors.Join(err, s.close()) }()
	if err != nil {
		return err
	}
	at := 0
	err = inOrder(r.x.workers, s.chunks(), func(i int) (pairs []pairState, err error) {
		err = s.chunk(i, func(chunk []uint64) error {
			pairs = counted(chunk, func(pairState) bool { return true })
			return nil
		})
		return pairs, err
	}, func(frozen []pairState) error {
		for _, f := range frozen {
			for at < r.pairs.n && r.pairs.at(at).pair < f.pair {
				at++
			}
			if at < r.pairs.n && r.pairs.at(at).pair == f.pair {
				r.pairs.at(at).shared -= f.shared
			}
		}
		return nil
	})
	kept := 0
	for i := range r.pairs.n {
		if p := *r.pairs.at(i); p.state&pairHopeless == 0 && r.enough(p) {
			*r.pairs.at(kept) = p
			kept++
		}
	}
	r.pairs.cut(kept)
	return err
}

// isFrozen says whether a list of postings has so many stories in it that its key tells nothing; but not if nearly all are of one (see coreOf).
func (r *reclustering) isFrozen(list []uint64) bool {
	if len(list) < frozenStories {
		return false
	}
	members := make(map[uint32]int) // by story
	most := 0                       // of one
	for _, p := range list {
		story := r.begun[uint32(p)]
		members[story]++
		most = max(most, members[story])
		if len(members) >= max(frozenStories, len(list)/coreShare) {
			return true
		}
	}
	return len(members) >= max(frozenStories, most/coreShare)
}
