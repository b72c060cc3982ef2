package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/bits"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
)

// A story that thousands tell makes furniture of itself: one copy in a hundred is edited so much that nothing leads from it to the others, and counts as a
// story of its own, and three of these are enough. But then nearly all articles with that text tell one story, while a block of a site stands in as many stories as
// articles. So the *core* of a story, what many of its members on different sites have, is furniture only if it stands in
// one other story for each coreShare members that have it.
const (
	coreHolders = maxComponent + 1 // a story has a core from so many texts on
	coreSample  = 64               // of them are looked at
	coreSites   = 8                // different sites, of the sample, on which a print of the core stands; all that are not known count as one
	coreShare   = 64
)

// corePlaces are the places, in a list of n members of a story, of those that are looked at: one from each part of it, but not at equal
// distances, for a crawler may visit sites in turn.
func corePlaces(n int) []int {
	places := make([]int, coreSample)
	for i := range places {
		from, to := i*n/coreSample, (i+1)*n/coreSample
		places[i] = from + int(scatter(uint64(i)+1)%uint64(max(to-from, 1)))
	}
	return places
}

// coreMember is a text of a story, as the core of that needs it.
type coreMember struct {
	site   string
	prints []furniture.Print
}

// coreOf finds the core of a story of so many texts by a sample of them: for each of its prints, by rising print, in how many stories it stands
// if it is furniture. Only those for which that is more than for other prints are in it.
func coreOf(holders int, sample []coreMember) []furniture.Count {
	type standing struct {
		members int
		sites   uint64 // one bit each
	}
	sites := make(map[string]int)
	in := make(map[furniture.Print]standing)
	for _, m := range sample {
		site, known := sites[m.site]
		if !known {
			site = len(sites)
			sites[m.site] = site
		}
		for _, p := range m.prints {
			s := in[p]
			in[p] = standing{s.members + 1, s.sites | 1<<site}
		}
	}
	var core []furniture.Count
	for _, p := range slices.Sorted(maps.Keys(in)) {
		least := min(in[p].members*holders/(len(sample)*coreShare), furniture.MaxStories)
		if bits.OnesCount64(in[p].sites) >= coreSites && least > match.FurnitureStories {
			core = append(core, furniture.Count{Print: p, N: int8(least)})
		}
	}
	return core
}

// cores are those of the stories of an index.
type cores struct {
	stories map[number]core
	more    map[furniture.Print]int // how many stories more than of another print make furniture of it
}

// core is that of one story; without counts, if it is on too few sites.
type core struct {
	articles, holders int // of the story, when it was found
	counts            []furniture.Count
}

func newCores() cores { return cores{make(map[number]core), make(map[furniture.Print]int)} }

// set enters the core of a story.
func (c *cores) set(story number, of core) {
	c.drop(story)
	c.stories[story] = of
	c.sum(of)
}

// drop forgets the core of a story, if it has one.
func (c *cores) drop(story number) {
	if _, has := c.stories[story]; !has {
		return
	}
	delete(c.stories, story)
	clear(c.more)
	for _, other := range c.stories {
		c.sum(other)
	}
}

func (c *cores) sum(of core) {
	for _, count := range of.counts {
		c.more[count.Print] = max(c.more[count.Print], int(count.N)-match.FurnitureStories)
	}
}

// furnitureFrom is from how many stories on a print is furniture, where that is least of one that is in no core.
func (c *cores) furnitureFrom(p furniture.Print, least int) int {
	return min(least+c.more[p], furniture.MaxStories)
}

// has says whether a story has a core; story 0 has none.
func (c *cores) has(story number) bool { return len(c.stories[story].counts) > 0 }

// append encodes a core.
func (c *core) append(b []byte) []byte {
	b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(c.articles)), uint64(c.holders))
	return furniture.AppendPage(b, 0, c.counts)
}

func decodeCore(b []byte) (c core, err error) {
	d := decoder{b: b}
	c.articles, c.holders = int(d.uvarint(math.MaxUint32)), int(d.uvarint(math.MaxUint32))
	if d.err == nil {
		if c.counts, d.err = furniture.DecodePage(nil, 0, d.b); d.err != nil {
			d.err = fmt.Errorf("%w: %w", ErrCorrupt, d.err)
		}
	}
	if d.err == nil && slices.ContainsFunc(c.counts, func(count furniture.Count) bool { return count.N <= match.FurnitureStories }) {
		d.fail("a print that is furniture as soon as others are")
	}
	return c, d.err
}

// storedCores yields the cores of an index by story.
func storedCores(txn *badger.Txn) iter.Seq2[number, func() (core, error)] {
	return func(yield func(number, func() (core, error)) bool) {
		for key, value := range valuesWith(txn, []byte{prefixCore}) {
			story := numberOf(key)
			read := func() (core, error) {
				b, err := value()
				if err != nil {
					return core{}, err
				}
				c, err := decodeCore(b)
				if err != nil {
					err = fmt.Errorf("core of %s: %w", clusterName(story), err)
				}
				return c, err
			}
			if !yield(story, read) {
				return
			}
		}
	}
}

// loadCores reads the cores. Stories do without one that is damaged: Check tells of it, and Recluster makes all of them anew.
func (x *Index) loadCores(txn *badger.Txn) error {
	x.cores = newCores()
	for story, read := range storedCores(txn) {
		c, err := read()
		switch {
		case err == nil:
			x.cores.set(story, c)
		case !errors.Is(err, ErrCorrupt):
			return err
		}
	}
	return nil
}

// putCore stores the core of a story.
func (c *changes) putCore(story number, of core) {
	value := of.append(nil)
	if len(value) >= valueThreshold {
		c.x.state.Garbage += int64(len(value)) // if it is replaced
	}
	c.put(keyCore(story), value)
	c.x.cores.set(story, of)
	c.x.counted++
}

// findCore finds the core of the story of holder n, if that has become so large, or twice as large as when it was found last. How many texts a
// story has is only known when they are counted, which is done for one article in 64 as long as there are too few.
func (c *changes) findCore(n number) error {
	rel, err := c.relation(n)
	if err != nil || rel.Story == 0 {
		return err
	}
	story := rel.Story
	k, err := c.clusterAt(story)
	if err != nil || k.Size < coreHolders {
		return err
	}
	last, known := c.x.cores.stories[story]
	if known && k.Size < 2*last.articles || !known && scatter(uint64(n))%coreSample != 0 {
		return nil
	}
	members, err := c.membersOf(story, 0)
	if err != nil || len(members) < coreHolders {
		return err
	}
	sample := make([]coreMember, 0, coreSample)
	for _, place := range corePlaces(len(members)) {
		s, err := c.subjectAt(members[place])
		if err != nil {
			return err
		}
		if s != nil {
			sample = append(sample, coreMember{s.Site, c.x.countedPrints(s)})
		}
	}
	c.putCore(story, core{k.Size, len(members), coreOf(len(members), sample)})
	return nil
}

// haveOneCore says whether two holders are of one story that has a core; not if one is 0.
func (c *changes) haveOneCore(a, b number) (bool, error) {
	if len(c.x.cores.more) == 0 || a == 0 || b == 0 {
		return false, nil
	}
	first, err := c.relation(a)
	if err != nil {
		return false, err
	}
	second, err := c.relation(b)
	return err == nil && first.Story != 0 && first.Story == second.Story && c.x.cores.has(first.Story), err
}

// dropCore forgets the core of a story, if it has one.
func (c *changes) dropCore(story number) {
	if _, has := c.x.cores.stories[story]; has {
		c.delete(keyCore(story))
		c.x.cores.drop(story)
		c.x.counted++
	}
}

// foundCore is a core that Recluster found, or that Recut takes over.
type foundCore struct {
	counts  []furniture.Count
	members []uint32 // places of some members
}

// findCores finds the cores of the stories that furniture is counted by.
func (r *reclustering) findCores() error {
	size := make([]int, len(r.numbers))
	for _, story := range r.begun {
		size[story]++
	}
	members := make(map[uint32][]uint32)
	for place, story := range r.begun {
		if size[story] >= coreHolders {
			members[story] = append(members[story], uint32(place))
		}
	}
	r.cores, r.begunCores = []foundCore{}, newCores()
	for _, story := range slices.Sorted(maps.Keys(members)) {
		list := members[story]
		var sample []coreMember
		var found foundCore
		for _, i := range corePlaces(len(list)) {
			s, err := r.subject(list[i])
			if err != nil {
				return err
			}
			found.members, sample = append(found.members, list[i]), append(sample, coreMember{s.Site, r.x.countedPrints(s)})
		}
		found.counts = coreOf(len(list), sample)
		r.cores = append(r.cores, found)
		r.begunCores.set(number(story), core{counts: found.counts})
	}
	return nil
}

// keepCores is findCores of Recut, where old are the relations that stood before: what has a core keeps it.
func (r *reclustering) keepCores(old []relation) {
	members := make(map[number][]uint32)
	for place, rel := range old {
		if _, has := r.x.cores.stories[rel.Story]; has {
			members[rel.Story] = append(members[rel.Story], uint32(place))
		}
	}
	r.cores = []foundCore{}
	for _, story := range slices.Sorted(maps.Keys(members)) {
		r.cores = append(r.cores, foundCore{r.x.cores.stories[story].counts, members[story]})
	}
}

// putCores stores each core under the story in which most of its members are now, if that is large enough; two in one story as one.
func (r *reclustering) putCores(c *changes) {
	for key := range keysWith(c.txn, []byte{prefixCore}) { // of damaged ones too
		c.delete(key)
	}
	r.x.cores = newCores()
	made := make(map[number]core)
	for i := range r.relations {
		rel := &r.relations[i]
		if rel.Story != 0 {
			of := made[rel.Story]
			made[rel.Story] = core{of.articles + rel.Group, of.holders + 1, nil}
		}
	}
	for _, found := range r.cores {
		in := make(map[number]int)
		story := number(0) // where most are
		for _, place := range found.members {
			s := r.relations[place].Story
			if in[s]++; s != 0 && (story == 0 || in[s] > in[story] || in[s] == in[story] && s < story) {
				story = s
			}
		}
		if of := made[story]; of.holders >= coreHolders {
			of.counts = mostOf(of.counts, found.counts)
			made[story] = of
			c.putCore(story, of)
		}
	}
}

// mostOf has the prints of two cores, of those in both the larger count.
func mostOf(a, b []furniture.Count) []furniture.Count {
	most := make(map[furniture.Print]int8)
	for _, count := range slices.Concat(a, b) {
		most[count.Print] = max(most[count.Print], count.N)
	}
	var counts []furniture.Count
	for _, p := range slices.Sorted(maps.Keys(most)) {
		counts = append(counts, furniture.Count{Print: p, N: most[p]})
	}
	return counts
}
