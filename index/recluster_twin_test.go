package index

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/dedupe-news/dedupe/cluster"
	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/minhash"
)

// twinOf computes what Recluster must find, in memory and as plainly as it can be said: a chain of
// pure stages: holders → postings → pairs → stories that furniture is counted by → counts → verdicts → clusters.
func twinOf(x *Index) (*twin, error) {
	r := &twin{x: x, c: x.begin()}
	defer r.c.discard()
	if err := r.readHolders(); err != nil {
		return nil, err
	}
	postings := r.allPostings()
	told := r.told(postings)
	seeds := r.pairs(told)
	same := make([]bool, len(seeds))
	err := r.eachPair(seeds, func(i int, p *pairing) error {
		same[i] = p.sameStory()
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := r.retold(components(len(r.holders), seeds, same), seeds, same); err != nil {
		return nil, err
	}
	begun := components(len(r.holders), seeds, same)
	if r.counts, err = r.count(begun); err != nil {
		return nil, err
	}
	pairs := r.pairs(thaw(told, begun))
	verdicts, err := r.judge(pairs, r.counts)
	if err != nil {
		return nil, err
	}
	edges := r.edgesOf(pairs, verdicts)
	r.relations = r.relate(begun, edges)
	r.edges = r.stored(edges)
	r.postings = r.postingsKept(postings, r.relations)
	r.report, err = r.compareWithOld(r.relations, r.edges)
	return r, err
}

// twin is a slow Recluster. Holders are known by their place in holders: the earliest
// published first.
type twin struct {
	x       *Index
	c       *changes // for reading
	holders []holder
	place   map[number]int

	postings  []posting
	counts    *furniture.Tally
	edges     [][]edge
	relations []relation
	report    Reclustered
}

type holder struct {
	number number
	record *record
	group  []number // it and its exact copies
	first  number   // the representative of these: its site and time count
}

func (r *twin) readHolders() error {
	copies := make(map[number][]number)
	r.place = make(map[number]int)
	for key, value := range valuesWith(r.c.txn, []byte{prefixArticle}) {
		n := numberOf(key)
		b, err := value()
		if err != nil {
			return err
		}
		rec, err := decodeRecord(b)
		if err != nil {
			return fmt.Errorf("article number %d: %w", n, err)
		}
		r.c.records[n] = &rec
		if rec.Holder != 0 {
			copies[rec.Holder] = append(copies[rec.Holder], n)
			continue
		}
		r.holders = append(r.holders, holder{number: n, record: &rec, group: []number{n}})
	}
	for i := range r.holders {
		h := &r.holders[i]
		h.group = append(h.group, copies[h.number]...)
		h.first = r.first(h.group)
	}
	slices.SortFunc(r.holders, func(a, b holder) int {
		x, y := r.c.records[a.first].candidate(), r.c.records[b.first].candidate()
		return boolCompare(x.Before(y), y.Before(x))
	})
	for i, h := range r.holders {
		r.place[h.number] = i
	}
	return nil
}

// allPostings are all keys of all holders, sorted. Number is the place of the holder here.
func (r *twin) allPostings() []posting {
	var all []posting
	for i, h := range r.holders {
		for _, key := range keysOf(h.record.Sketch) {
			all = append(all, posting{key, number(i)})
		}
	}
	slices.SortFunc(all, comparePostings)
	return all
}

// place2 is a pair of places, the lower first.
type place2 struct{ a, b number }

// pairs are the pairs of holders that share enough keys, sorted.
func (r *twin) pairs(postings []posting) []place2 {
	var all []place2
	eachList(postings, func(_ uint64, list []posting) {
		for i := range list {
			first, last := i, 0
			if i > shortList {
				first, last = shortList/2, i-shortList/2
			}
			for j := range i {
				if j < first || j >= last {
					all = append(all, place2{list[j].Number, list[i].Number})
				}
			}
		}
	})
	slices.SortFunc(all, comparePlaces)
	var pairs []place2
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j] == all[i] {
			j++
		}
		p := all[i]
		few := min(len(keysOf(r.holders[p.a].record.Sketch)), len(keysOf(r.holders[p.b].record.Sketch))) < fewKeys
		if j-i >= 2 || few {
			pairs = append(pairs, p)
		}
		i = j
	}
	return pairs
}

func comparePlaces(x, y place2) int {
	return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
}

// eachPair compares pairs in parallel and calls do with each, which must be safe to
// be called concurrently.
func (r *twin) eachPair(pairs []place2, do func(i int, p *pairing) error) error {
	const chunk = 64
	errs := make([]error, (len(pairs)+chunk-1)/chunk)
	r.x.parallel(len(errs), func(k int) {
		for i := k * chunk; i < min((k+1)*chunk, len(pairs)); i++ {
			a, err := r.load(int(pairs[i].a))
			if err != nil {
				errs[k] = err
				return
			}
			b, err := r.load(int(pairs[i].b))
			if err != nil {
				errs[k] = err
				return
			}
			if errs[k] = do(i, r.x.pair(a, b)); errs[k] != nil {
				return
			}
		}
	})
	return firstError(errs)
}

func (r *twin) load(i int) (*subject, error) {
	h := &r.holders[i]
	first := *r.c.records[h.first]
	first.Sketch = h.record.Sketch
	return r.x.load(r.c.txn, h.first, &first)
}

// retold joins single holders to stories that many tell.
func (r *twin) retold(begun []int, seeds []place2, same []bool) error {
	size := make(map[int]int)
	for _, story := range begun {
		size[story]++
	}
	return r.eachPair(seeds, func(i int, p *pairing) error {
		a, b := size[begun[seeds[i].a]], size[begun[seeds[i].b]]
		same[i] = same[i] || min(a, b) == 1 && max(a, b) >= cluster.LargeGroup && p.retells()
		return nil
	})
}

// components joins the pairs that are the same, and returns for each of n places the
// lowest place that hangs together with it.
func components(n int, pairs []place2, same []bool) []int {
	root := make([]int, n)
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for i, p := range pairs {
		if same[i] {
			a, b := find(int(p.a)), find(int(p.b))
			root[max(a, b)] = min(a, b)
		}
	}
	for i := range root {
		root[i] = find(i)
	}
	return root
}

// told leaves the keys out that are frozen before there are pairs.
func (r *twin) told(postings []posting) []posting {
	var kept []posting
	eachList(postings, func(_ uint64, list []posting) {
		if len(list) >= frozenPostings {
			var sample []sampled
			for i := range frozenSample {
				h := &r.holders[list[i*len(list)/frozenSample].Number]
				sample = append(sample, sampled{r.c.records[h.first].Site, h.record.Sketch.Keys(leastKeys)})
			}
			alone := 0
			for i, a := range sample {
				if !slices.ContainsFunc(slices.Delete(slices.Clone(sample), i, i+1), func(b sampled) bool {
					common := max(minhash.EstimateContainment(a.keys, b.keys), minhash.EstimateContainment(b.keys, a.keys))
					return common >= commonKeysSite || common >= commonKeys && (a.site == "" || a.site != b.site)
				}) {
					alone++
				}
			}
			if alone >= frozenApart {
				return
			}
		}
		kept = append(kept, list...)
	})
	return kept
}

// thaw leaves the keys out that stand in so many stories that they are frozen.
func thaw(postings []posting, story []int) []posting {
	var kept []posting
	eachList(postings, func(_ uint64, list []posting) {
		if len(list) >= frozenPostings/clusterPostings {
			stories := make(map[int]bool)
			for _, p := range list {
				stories[story[p.Number]] = true
			}
			if len(stories) >= frozenPostings/clusterPostings {
				return
			}
		}
		kept = append(kept, list...)
	})
	return kept
}

// count counts the prints of the articles that begin a story.
func (r *twin) count(story []int) (*furniture.Tally, error) {
	tally := new(furniture.Tally)
	const chunk = 256
	for from := 0; from < len(r.holders); from += chunk {
		to := min(from+chunk, len(r.holders))
		lists := make([][]furniture.Print, to-from)
		errs := make([]error, to-from)
		r.x.parallel(to-from, func(i int) {
			if story[from+i] != from+i {
				return
			}
			s, err := r.load(from + i)
			if err != nil {
				errs[i] = err
				return
			}
			lists[i] = r.x.countedPrints(s)
		})
		if err := errors.Join(errs...); err != nil {
			return nil, err
		}
		for _, list := range lists {
			for _, p := range list {
				tally.Add(p, 1)
			}
		}
	}
	return tally, nil
}

// judge gives the verdicts on pairs; those that are no story are zero.
func (r *twin) judge(pairs []place2, counts *furniture.Tally) ([]match.Verdict, error) {
	from := func(least int) func(shingle uint64) bool {
		return func(shingle uint64) bool { return counts.Get(furniture.PrintOf(shingle)) >= least }
	}
	verdicts := make([]match.Verdict, len(pairs))
	err := r.eachPair(pairs, func(i int, p *pairing) error {
		var v match.Verdict
		switch {
		case p.texts == nil:
			v = match.Estimate(p.a.Sketched, p.b.Sketched, from(match.FurnitureStories))
		case !p.texts.Hopeless():
			isFurniture := from(p.texts.FurnitureStories())
			v = p.texts.Judge(p.a.reading.Furniture(isFurniture), p.b.reading.Furniture(isFurniture))
		}
		if v.Story {
			verdicts[i] = v
		}
		return nil
	})
	return verdicts, err
}

// edgesOf are those of the holders, by place and then by rising number: of each article the
// best maxEdges to earlier ones, as Add keeps them.
func (r *twin) edgesOf(pairs []place2, verdicts []match.Verdict) [][]edge {
	earlier := make([][]judgement, len(r.holders)) // number is a place here
	for i, p := range pairs {
		if v := &verdicts[i]; v.Story {
			earlier[p.b] = append(earlier[p.b], judgement{number: p.a, verdict: v.Swap()})
		}
	}
	edges := make([][]edge, len(r.holders))
	for b, list := range earlier {
		slices.SortFunc(list, compareJudgements)
		for _, j := range list[:min(len(list), maxEdges)] {
			swapped := j.verdict.Swap()
			edges[b] = append(edges[b], edgeTo(r.holders[j.number].number, &j.verdict))
			edges[j.number] = append(edges[j.number], edgeTo(r.holders[b].number, &swapped))
		}
	}
	for _, list := range edges {
		slices.SortFunc(list, func(a, b edge) int { return cmp.Compare(a.Other, b.Other) })
	}
	return edges
}

// stored leaves out edges of holders that have more than are kept.
func (r *twin) stored(edges [][]edge) [][]edge {
	kept := make([][]edge, len(edges))
	for a, list := range edges {
		for _, e := range list {
			b := r.place[e.Other]
			if a > b || len(kept[a]) >= maxComponent || len(kept[b]) >= maxComponent {
				continue
			}
			i, _ := placeOf(edges[b], r.holders[a].number)
			kept[a], kept[b] = append(kept[a], e), append(kept[b], edges[b][i])
		}
	}
	for _, list := range kept {
		slices.SortFunc(list, func(a, b edge) int { return cmp.Compare(a.Other, b.Other) })
	}
	return kept
}

// relate gives those of the holders, by place.
func (r *twin) relate(begun []int, edges [][]edge) []relation {
	relations := make([]relation, len(r.holders))
	for i, h := range r.holders {
		rel := &relations[i]
		rel.Uncounted = begun[i] != i
		rel.Group = len(h.group)
		if rel.Group > 1 {
			rel.Story, rel.Strict = h.number, h.number
			rel.GroupRep = h.first
		}
	}
	var numbers []number
	var first []cluster.Candidate
	var links []cluster.Edge
	for i, h := range r.holders {
		for _, e := range edges[i] {
			if link, counts := r.x.state.Thresholds.link(h.number, e); counts && h.number < e.Other {
				links = append(links, link)
			}
		}
		if len(edges[i]) > 0 {
			numbers = append(numbers, h.number)
			first = append(first, r.c.records[cmp.Or(relations[i].GroupRep, h.number)].candidate())
		}
	}
	size := make(map[number]int)
	assigned := assignByAge(numbers, first, links)
	for _, a := range assigned {
		size[a.Story] += relations[r.place[a.Node]].Group
	}
	for _, a := range assigned {
		if rel := &relations[r.place[a.Node]]; size[a.Story] > 1 {
			rel.Story, rel.Strict = a.Story, a.Strict
		}
	}
	return relations
}

// first is the representative of articles.
func (r *twin) first(numbers []number) number {
	candidates := make([]cluster.Candidate, len(numbers))
	for i, n := range numbers {
		candidates[i] = r.c.records[n].candidate()
	}
	return numbers[cluster.Representative(candidates)]
}

// compareWithOld counts what changes, for the report.
func (r *twin) compareWithOld(relations []relation, edges [][]edge) (Reclustered, error) {
	report := Reclustered{Articles: r.x.state.Articles}
	oldStories, newStories := make(map[number][]number), make(map[number][]number)
	copies := make(map[number]int)
	for i, h := range r.holders {
		old, err := r.c.relation(h.number)
		if err != nil {
			return report, err
		}
		oldEdges, err := r.c.edgesOf(h.number)
		if err != nil {
			return report, err
		}
		rel := &relations[i]
		stays := 0
		for _, e := range edges[i] {
			if _, there := placeOf(oldEdges, e.Other); there {
				stays++
			}
		}
		report.Edges += len(edges[i])
		report.EdgesNew += len(edges[i]) - stays
		report.EdgesGone += len(oldEdges) - stays
		oldStories[old.story(h.number)] = append(oldStories[old.story(h.number)], h.number)
		newStories[rel.story(h.number)] = append(newStories[rel.story(h.number)], h.number)
		if rel.Strict != 0 {
			copies[rel.Strict] += rel.Group
		}
	}
	// each edge was seen from both ends
	report.Edges, report.EdgesNew, report.EdgesGone = report.Edges/2, report.EdgesNew/2, report.EdgesGone/2
	for name, members := range newStories {
		size := 0
		for _, n := range members {
			size += len(r.holders[r.place[n]].group)
		}
		if size > 1 {
			report.Stories++
		}
		if !slices.Equal(oldStories[name], members) {
			report.Moved += size
		}
	}
	for _, n := range copies {
		if n > 1 {
			report.CopyClusters++
		}
	}
	return report, nil
}

// postingsKept are the postings by the rules that Add has for hot keys, with article numbers.
func (r *twin) postingsKept(postings []posting, relations []relation) []posting {
	kept := make([]posting, 0, len(postings))
	eachList(postings, func(key uint64, list []posting) {
		under := make(map[number]int) // story → postings
		n := 0
		for _, p := range list {
			h := r.holders[p.Number].number
			story := relations[p.Number].story(h)
			if n < frozenPostings && under[story] < clusterPostings {
				under[story]++
				n++
				kept = append(kept, posting{key, h})
			}
		}
	})
	slices.SortFunc(kept, comparePostings) // by number, no longer by place
	return kept
}

// eachList calls do with the holders under each key.
func eachList(postings []posting, do func(key uint64, list []posting)) {
	for i := 0; i < len(postings); {
		j := i
		for j < len(postings) && postings[j].Key == postings[i].Key {
			j++
		}
		do(postings[i].Key, postings[i:j])
		i = j
	}
}
