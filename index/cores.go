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
	coreHolders = 512 // a story has a core from so many texts on
	coreSample  = 64  // of them are looked at
	coreSites   = 8   // different sites, of the sample, on which a print of the core stands
	coreShare   = 64
)

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

// core is that of one story; without counts, if it has too few texts or sites.
type core struct {
	articles, holders int // of the story, when it was looked for
	counts            []furniture.Count
}

func newCores() cores { return cores{make(map[number]core), make(map[furniture.Print]int)} }

// set enters the core of a story.
func (c *cores) set(story number, of core) {
	c.stories[story] = of
	c.sum()
}

// drop forgets the core of a story.
func (c *cores) drop(story number) {
	delete(c.stories, story)
	c.sum()
}

func (c *cores) sum() {
	clear(c.more)
	for _, of := range c.stories {
		for _, count := range of.counts {
			c.more[count.Print] = max(c.more[count.Print], int(count.N)-match.FurnitureStories)
		}
	}
}

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
	c.put(keyCore(story), of.append(nil))
	c.x.cores.set(story, of)
	c.x.counted++
}

// findCore finds the core of the story of holder n, if that has become so large, or twice as large as when it was found last.
func (c *changes) findCore(n number) error {
	rel, err := c.relation(n)
	if err != nil || rel.Story == 0 {
		return err
	}
	story := rel.Story
	k, err := c.clusterAt(story)
	if err != nil || k.Size < max(coreHolders, 2*c.x.cores.stories[story].articles) {
		return err
	}
	members, err := c.membersOf(story, 0)
	if err != nil {
		return err
	}
	made := core{articles: k.Size, holders: len(members)}
	if len(members) >= coreHolders {
		sample := make([]coreMember, 0, coreSample)
		for i := range coreSample {
			s, err := c.subjectAt(members[i*len(members)/coreSample])
			if err != nil {
				return err
			}
			if s != nil {
				sample = append(sample, coreMember{s.Site, c.x.countedPrints(s)})
			}
		}
		made.counts = coreOf(len(members), sample)
	}
	c.putCore(story, made)
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
	return err == nil && first.Story != 0 && first.Story == second.Story && len(c.x.cores.stories[first.Story].counts) > 0, err
}

// dropCore forgets the core of a story, if it has one.
func (c *changes) dropCore(story number) {
	if _, has := c.x.cores.stories[story]; has {
		c.delete(keyCore(story))
		c.x.cores.drop(story)
		c.x.counted++
	}
}

// foundCore is a core that Recluster found.
type foundCore struct {
	core
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
	r.cores, r.coreOf = []foundCore{}, newCores()
	for _, story := range slices.Sorted(maps.Keys(members)) {
		list := members[story]
		sample := make([]coreMember, coreSample)
		found := foundCore{members: make([]uint32, coreSample)}
		for i := range sample {
			place := list[i*len(list)/coreSample]
			s, err := r.subject(place)
			if err != nil {
				return err
			}
			found.members[i], sample[i] = place, coreMember{s.Site, r.x.countedPrints(s)}
		}
		found.holders = len(list)
		for _, place := range list {
			found.articles += int(r.group[place])
		}
		found.counts = coreOf(len(list), sample)
		r.cores = append(r.cores, found)
		r.coreOf.set(number(story), found.core)
	}
	return nil
}

// keepCores is findCores of Recut: the cores stay with the holders that gave their stories the name.
func (r *reclustering) keepCores() {
	r.cores = []foundCore{}
	for _, story := range slices.Sorted(maps.Keys(r.x.cores.stories)) {
		if place, is := r.placeOf(story); is {
			r.cores = append(r.cores, foundCore{r.x.cores.stories[story], []uint32{place}})
		}
	}
}

// putCores stores the cores under the stories in which their members are now.
func (r *reclustering) putCores(c *changes) {
	for key := range keysWith(c.txn, []byte{prefixCore}) { // of damaged ones too
		c.delete(key)
	}
	r.x.cores = newCores()
	for _, found := range r.cores {
		for _, place := range found.members {
			if story := r.relations[place].Story; story != 0 && r.x.cores.stories[story].articles < found.articles {
				c.putCore(story, found.core)
				break
			}
		}
	}
}
