package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/dedupe-news/dedupe/cluster"
	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
)

// Recluster makes counts, edges and clusters anew from the articles, as if all
// had been added at once. The result depends on the set of articles only, not on the order in
// which they were added: it is the reference for what Add does step by step.
// progress (may be nil) is told about pairs compared, from several goroutines at once.
//
// It is a chain of pure stages: holders → postings → pairs → stories that
// furniture is counted by → counts → verdicts → clusters. Memory: about 600 bytes a
// holder and 16 a pair, and up to 3 KB an article for the furniture counts. If it is cancelled or fails, the index is as before.
func (x *Index) Recluster(ctx context.Context, progress func(done, total int)) (Reclustered, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	report, err := x.recluster(ctx, progress)
	if err != nil {
		return Reclustered{}, fmt.Errorf("recluster index %s: %w", x.dir, err)
	}
	return report, nil
}

func (x *Index) recluster(ctx context.Context, progress func(done, total int)) (Reclustered, error) {
	if err := errors.Join(x.usable(), ctx.Err()); err != nil {
		return Reclustered{}, err
	}
	if err := x.checkDisk(); err != nil {
		return Reclustered{}, err
	}
	r := &reclustering{x: x, ctx: ctx, c: x.begin(), progress: progress}
	defer r.c.discard()
	if err := r.readHolders(); err != nil {
		return Reclustered{}, err
	}
	postings := r.postings()
	seeds := r.pairs(postings)
	r.total = 2 * len(seeds)
	same := make([]bool, len(seeds))
	err := r.eachPair(seeds, func(i int, p *pairing) error {
		same[i] = p.sameStory()
		return nil
	})
	if err != nil {
		return Reclustered{}, err
	}
	begun := components(len(r.holders), seeds, same)
	if err := r.retold(begun, seeds, same); err != nil {
		return Reclustered{}, err
	}
	begun = components(len(r.holders), seeds, same)
	counts, err := r.count(begun)
	if err != nil {
		return Reclustered{}, err
	}
	pairs := r.pairs(thaw(postings, begun))
	r.total = r.done() + len(pairs)
	verdicts, err := r.judge(pairs, counts)
	if err != nil {
		return Reclustered{}, err
	}
	edges := r.edges(pairs, verdicts)
	relations := r.relations(begun, edges)
	edges = r.stored(edges)
	report, err := r.compareWithOld(relations, edges)
	if err != nil {
		return report, err
	}
	return report, r.write(relations, edges, postings, counts)
}

// reclustering is one run of Recluster. Holders are known by their place in holders: the earliest
// published first, so that nothing depends on the order in which they were added.
type reclustering struct {
	x        *Index
	ctx      context.Context
	c        *changes // for reading
	holders  []holder
	place    map[number]int
	compared atomic.Int64
	total    int
	progress func(done, total int)
}

type holder struct {
	number number
	record *record
	group  []number // it and its exact copies
	first  number   // the representative of these: its site and time count
}

func (r *reclustering) done() int { return int(r.compared.Load()) }

func (r *reclustering) readHolders() error {
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

// postings are all keys of all holders, sorted. Number is the place of the holder here.
func (r *reclustering) postings() []posting {
	var all []posting
	for i, h := range r.holders {
		for _, key := range keysOf(h.record.Sketch) {
			all = append(all, posting{key, number(i)})
		}
	}
	slices.SortFunc(all, comparePostings)
	return all
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

// shortList is the length up to which all pairs under a key are candidates. In a
// longer one each holder is paired with the first and with the last before it, so
// many of each: the number of pairs stays linear.
const shortList = 16

// place2 is a pair of places, the lower first.
type place2 struct{ a, b number }

// pairs are the pairs of holders that share enough keys, sorted.
func (r *reclustering) pairs(postings []posting) []place2 {
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
func (r *reclustering) eachPair(pairs []place2, do func(i int, p *pairing) error) error {
	const chunk = 64
	errs := make([]error, (len(pairs)+chunk-1)/chunk)
	r.x.parallel(len(errs), func(k int) {
		for i := k * chunk; i < min((k+1)*chunk, len(pairs)); i++ {
			if errs[k] = r.ctx.Err(); errs[k] != nil {
				return
			}
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
		done := r.compared.Add(int64(min((k+1)*chunk, len(pairs)) - k*chunk))
		if r.progress != nil {
			r.progress(int(done), r.total)
		}
	})
	return firstError(errs)
}

// firstError is the first error of many goroutines: the others are mostly the same.
func firstError(errs []error) error {
	i := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	if i < 0 {
		return nil
	}
	return errs[i]
}

func (r *reclustering) load(i int) (*subject, error) {
	h := &r.holders[i]
	first := *r.c.records[h.first]
	first.Sketch = h.record.Sketch
	return r.x.load(r.c.txn, h.first, &first)
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

// retold marks the pairs that join one holder to a story that many tell.
func (r *reclustering) retold(begun []int, seeds []place2, same []bool) error {
	size := make(map[int]int)
	for _, story := range begun {
		size[story]++
	}
	var doubtful []int
	var pairs []place2
	for i, p := range seeds {
		a, b := size[begun[p.a]], size[begun[p.b]]
		if min(a, b) == 1 && max(a, b) >= cluster.LargeGroup {
			doubtful, pairs = append(doubtful, i), append(pairs, p)
		}
	}
	r.total += len(pairs)
	return r.eachPair(pairs, func(i int, p *pairing) error {
		same[doubtful[i]] = p.retells()
		return nil
	})
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
func (r *reclustering) count(story []int) (*furniture.Tally, error) {
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
		if err := errors.Join(append(errs, r.ctx.Err())...); err != nil {
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
func (r *reclustering) judge(pairs []place2, counts *furniture.Tally) ([]match.Verdict, error) {
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

// edges are those of the holders, by place and then by rising number: of each article the
// best maxEdges to earlier ones, as Add keeps them.
func (r *reclustering) edges(pairs []place2, verdicts []match.Verdict) [][]edge {
	earlier := make([][]judgement, len(r.holders)) // number is a place here
	for i, p := range pairs {
		if v := &verdicts[i]; v.Story {
			earlier[p.b] = append(earlier[p.b], judgement{p.a, v.Swap()})
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
func (r *reclustering) stored(edges [][]edge) [][]edge {
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

// relations are those of the holders, by place.
func (r *reclustering) relations(begun []int, edges [][]edge) []relation {
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
func (r *reclustering) first(numbers []number) number {
	candidates := make([]cluster.Candidate, len(numbers))
	for i, n := range numbers {
		candidates[i] = r.c.records[n].candidate()
	}
	return numbers[cluster.Representative(candidates)]
}

// compareWithOld counts what changes, for the report.
func (r *reclustering) compareWithOld(relations []relation, edges [][]edge) (Reclustered, error) {
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

// write stores everything under a new generation and new files, and switches to them.
func (r *reclustering) write(relations []relation, edges [][]edge, postings []posting, counts *furniture.Tally) error {
	x := r.x
	next := x.state.Generation + 1
	if err := x.deleteGeneration(next); err != nil {
		return err
	}
	f := x.newFiles()
	defer f.batch.Cancel()
	clusters := make(map[number]*clusterRecord)
	for i, h := range r.holders {
		rel := &relations[i]
		if !rel.isDefault() {
			if err := f.batch.Set(keyRelation(next, h.number), rel.append(nil)); err != nil {
				return err
			}
		}
		if len(edges[i]) > 0 {
			if err := f.batch.Set(keyEdges(next, h.number), appendEdges(nil, edges[i])); err != nil {
				return err
			}
		}
		if rel.Story == 0 {
			continue
		}
		if err := f.batch.Set(keyMember(next, rel.Story, h.number), []byte{}); err != nil {
			return err
		}
		k := clusters[rel.Story]
		if k == nil {
			k = &clusterRecord{}
			clusters[rel.Story] = k
		}
		k.Size += rel.Group
		k.Representative = r.first(slices.DeleteFunc([]number{k.Representative, cmp.Or(rel.GroupRep, h.number)}, func(n number) bool { return n == 0 }))
	}
	for _, name := range slices.Sorted(maps.Keys(clusters)) {
		if err := f.batch.Set(keyCluster(next, name), clusters[name].append(nil)); err != nil {
			return err
		}
	}
	level := 0
	for n := int(sealArticles); n < len(r.holders); n *= mergeSegments {
		level++
	}
	f.replacesSegments(x.state.Segments)
	f.replacesRuns(x.state.Runs)
	if err := f.segment(level, r.postingsKept(postings, relations)); err != nil {
		return err
	}
	if err := f.run(level, counts.Sorted()); err != nil {
		return err
	}
	c := x.begin()
	defer c.discard()
	old := x.state.Generation
	c.deleteLogs()
	x.state.Sealed, x.state.FirstLog = x.state.Next, x.state.NextLog
	f.state.Generation, f.state.Stale = next, &old
	if err := f.commit(c); err != nil {
		return err
	}
	clear(x.tail)
	x.tailCounts.Reset()
	return x.deleteObsolete()
}

// postingsKept are the postings by the rules that Add has for hot keys, with article numbers.
func (r *reclustering) postingsKept(postings []posting, relations []relation) []posting {
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
