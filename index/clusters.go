package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/dedupe-news/dedupe/match"
)

// Clusters yields the clusters, the largest first, then by number. Which there are is
// seen when the loop begins; each is made when its turn comes or before it, without what was removed or moved
// meanwhile. Those that are made have 1,024 articles together at most, or are one that is larger. Figures against the
// representative that are not stored are computed from the texts. The index may be used in the loop, and a break waits until those that are being made are done.
func (x *Index) Clusters(ctx context.Context, opts ClusterOptions) iter.Seq2[Cluster, error] {
	return func(yield func(Cluster, error) bool) {
		groups, err := x.groups(opts)
		if err == nil {
			err = x.eachCluster(ctx, groups, opts, func(c Cluster) bool { return yield(c, nil) })
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(Cluster{}, fmt.Errorf("clusters of index %s: %w", x.dir, err))
		}
	}
}

// aheadArticles is how many articles the clusters have together that are made and not used yet, and partArticles how many those that
// are made one after the other; variables so that tests make many parts.
var aheadArticles, partArticles = 1024, 64

// eachCluster makes the clusters of groups, some in parallel and ahead, and calls do with those that there are, in their order, until it returns false:
// then with errStopped.
func (x *Index) eachCluster(ctx context.Context, groups []group, opts ClusterOptions, do func(Cluster) bool) error {
	parts := partsOf(groups)
	gathered, err := x.gather(ctx, parts)
	if err != nil {
		return err
	}
	defer gathered.close()
	size := func(i int) (articles int) {
		for _, g := range parts[i] {
			articles += g.size
		}
		return articles
	}
	return inOrderWithin(aheadArticles, x.workers, len(parts), size, func(i int) ([]Cluster, error) {
		ahead, err := gathered.part(i)
		if err != nil {
			return nil, err
		}
		return x.makeClusters(ctx, parts[i], opts, ahead)
	}, func(clusters []Cluster) error {
		for _, c := range clusters {
			if err := ctx.Err(); err != nil {
				return err
			}
			if !do(c) {
				return errStopped
			}
		}
		return nil
	})
}

// partsOf divides groups into those that are made together: of about partArticles, or of one large group.
func partsOf(groups []group) [][]group {
	var parts [][]group
	from, size := 0, 0
	for i, g := range groups {
		if size += g.size; size >= partArticles || i == len(groups)-1 {
			parts = append(parts, groups[from:i+1])
			from, size = i+1, 0
		}
	}
	return parts
}

// makeClusters makes what people see of groups, by what may have been read ahead of their members, but for those that have become too small.
func (x *Index) makeClusters(ctx context.Context, groups []group, opts ClusterOptions, ahead *gatheredPart) ([]Cluster, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.usable(); err != nil {
		return nil, err
	}
	c := x.begin()
	defer c.discard()
	ahead.enter(c, groups)
	var clusters []Cluster
	for _, g := range groups {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		made, err := c.makeCluster(g, opts)
		if err != nil {
			return nil, err
		}
		if len(made.Members) > 0 {
			clusters = append(clusters, made)
		}
	}
	return clusters, nil
}

// makeCluster is makeClusters of one; nothing if it has become too small.
func (c *changes) makeCluster(g group, opts ClusterOptions) (Cluster, error) {
	var still []number
	for _, h := range g.holders {
		rel, err := c.relation(h)
		if err != nil {
			return Cluster{}, err
		}
		if opts.MinKind != match.Excerpt && rel.Story == g.name || opts.MinKind == match.Excerpt && rel.Strict == g.name {
			still = append(still, h)
		}
	}
	g.holders = still
	if len(still) == 0 {
		return Cluster{}, nil
	}
	made, err := c.cluster(g)
	if len(made.Members) < cmp.Or(opts.MinSize, 2) {
		return Cluster{}, err
	}
	return made, err
}

// group is a cluster by its holders.
type group struct {
	name    number
	holders []number
	size    int  // articles
	strict  bool // of copies only
}

var errKind = errors.New("clusters are kept for rewrite (whole stories) and excerpt (copies only)")

func (x *Index) groups(opts ClusterOptions) ([]group, error) {
	strict := false
	switch opts.MinKind {
	case match.None, match.Rewrite:
	case match.Excerpt:
		strict = true
	default:
		return nil, fmt.Errorf("%w, not for %s", errKind, opts.MinKind)
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.usable(); err != nil {
		return nil, err
	}
	txn := x.db.NewTransaction(false)
	defer txn.Discard()
	var members []uint64           // name and holder
	copies := make(map[number]int) // of holders: their exact copies
	err := x.eachRelation(txn, func(n number, rel relation) error {
		name := rel.Story
		if strict {
			name = rel.Strict
		}
		if name != 0 {
			members = append(members, uint64(name)<<32|uint64(n))
		}
		if rel.Group > 1 {
			copies[n] = rel.Group - 1
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	sortWords(members, make([]uint64, len(members)))
	holders := make([]number, len(members)) // of one group after the other
	var list []group
	for of := range groups(members) {
		g := group{name: number(of[0] >> 32), holders: holders[:len(of):len(of)], size: len(of), strict: strict}
		holders = holders[len(of):]
		for i, member := range of {
			g.holders[i] = number(member)
			g.size += copies[number(member)]
		}
		if g.size >= cmp.Or(opts.MinSize, 2) {
			list = append(list, g)
		}
	}
	slices.SortFunc(list, func(a, b group) int { return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(a.name, b.name)) })
	return list, nil
}

// cluster makes what people see of a group.
func (c *changes) cluster(g group) (Cluster, error) {
	made := Cluster{ID: clusterName(g.name), Ordinal: Ordinal(g.name)}
	first, firstHolder := number(0), number(0)
	for _, h := range g.holders {
		rel, err := c.relation(h)
		if err != nil {
			return made, err
		}
		rep := cmp.Or(rel.GroupRep, h)
		best := rep
		if first != 0 {
			if best, err = c.earlier(first, rep); err != nil {
				return made, err
			}
		}
		if best == rep {
			first, firstHolder = rep, h
		}
	}
	representative, err := c.head(first)
	if err != nil {
		return made, err
	}
	if representative == nil {
		return made, fmt.Errorf("representative %d of cluster %s: %w: it is missing", first, made.ID, ErrCorrupt)
	}
	made.Representative = representative.ID
	if made.Weakest, err = c.weakest(g); err != nil {
		return made, err
	}
	against := c.against(firstHolder, g.holders)
	for _, h := range g.holders {
		v, via, err := against.verdict(h)
		if err != nil {
			return made, err
		}
		members, err := c.appendMatches(nil, representative, h, v, 0)
		if err != nil {
			return made, err
		}
		for i := range members {
			if via != nil {
				members[i].Via = via.ID
				if members[i].Contained == representative.ID {
					members[i].Contained = via.ID
				}
			}
			members[i].Cluster = made.ID
		}
		made.Members = append(made.Members, members...)
	}
	slices.SortFunc(made.Members, func(a, b Match) int {
		if rank := boolCompare(a.ID == made.Representative, b.ID == made.Representative); rank != 0 {
			return rank
		}
		return compareMatches(a, b)
	})
	return made, nil
}

// boolCompare puts true first.
func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}

// comparer gives the figures of holders against one of them.
type comparer struct {
	c       *changes
	holder  number
	members []number // the cluster, by rising number
	marked  *marked  // loaded when it is needed first
	finder  furnitureFinder
}

func (c *changes) against(holder number, members []number) *comparer {
	return &comparer{c: c, holder: holder, members: members, finder: furnitureFinder{x: c.x, txn: c.txn}}
}

// verdict is that on the comparer's holder (A) and h (B). Where the two do not match, it is
// the one on via, the member to which h has its strongest edge, and h.
func (a *comparer) verdict(h number) (v *match.Verdict, via *record, err error) {
	if h == a.holder {
		return &match.Verdict{Kind: match.Exact, Jaccard: 1, ContainmentA: 1, ContainmentB: 1}, nil, nil
	}
	edges, err := a.c.edgesOf(h)
	if err != nil {
		return nil, nil, err
	}
	strongest := -1
	for i, e := range edges {
		if e.Other == a.holder {
			return a.c.verdictOf(e), nil, nil
		}
		if !a.isMember(e.Other) {
			continue
		}
		if strongest < 0 || e.Kind > edges[strongest].Kind || e.Kind == edges[strongest].Kind && e.Weight > edges[strongest].Weight {
			strongest = i
		}
	}
	if v, err = a.compute(h); err != nil || v.Kind >= match.Rewrite || strongest < 0 {
		return v, nil, err
	}
	e := edges[strongest]
	via, err = a.c.head(e.Other)
	if err != nil || via == nil {
		return v, nil, err
	}
	return a.c.verdictOf(e), via, nil
}

func (a *comparer) isMember(n number) bool {
	_, is := slices.BinarySearch(a.members, n)
	return is
}

// verdictOf is a stored edge, seen from its other end (A).
func (c *changes) verdictOf(e edge) *match.Verdict {
	return &match.Verdict{
		Kind: e.Kind, Story: true, Jaccard: float64(e.Jaccard), Estimated: !c.x.keepsText(),
		ContainmentA: float64(e.Contains), ContainmentB: float64(e.Containment),
	}
}

func (a *comparer) compute(h number) (*match.Verdict, error) {
	if a.marked == nil {
		s, err := a.load(a.holder)
		if err != nil {
			return nil, err
		}
		a.marked = &marked{subject: s}
	}
	other, err := a.load(h)
	if err != nil {
		return nil, err
	}
	v := a.c.x.pair(a.marked.subject, other).judge(&a.finder, a.marked)
	return &v, a.finder.err()
}

func (a *comparer) load(n number) (*subject, error) {
	r, err := a.c.record(n)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, fmt.Errorf("article number %d: %w: it is missing", n, ErrCorrupt)
	}
	return a.c.load(n, r)
}

// ClusterOf returns the story that the article of that id is in; a story of one
// member if it is alone. ErrNotFound.
func (x *Index) ClusterOf(ctx context.Context, id string) (Cluster, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	made, err := x.clusterOf(ctx, id)
	if err != nil {
		return Cluster{}, fmt.Errorf("index %s: %w", x.dir, err)
	}
	return made, nil
}

func (x *Index) clusterOf(ctx context.Context, id string) (Cluster, error) {
	if err := errors.Join(x.usable(), ctx.Err()); err != nil {
		return Cluster{}, err
	}
	c := x.begin()
	defer c.discard()
	n, err := c.find(id)
	if err != nil {
		return Cluster{}, err
	}
	r, err := c.record(n)
	if err != nil {
		return Cluster{}, err
	}
	holder := n
	if r.Holder != 0 {
		holder = r.Holder
	}
	rel, err := c.relation(holder)
	if err != nil {
		return Cluster{}, err
	}
	holders, err := c.holdersOf(holder)
	if err != nil {
		return Cluster{}, err
	}
	return c.cluster(group{name: rel.story(holder), holders: holders})
}

// StoryOf returns what is known of the story that the article of that id is in, in a time that does not grow beyond that for 512 texts. ErrNotFound.
func (x *Index) StoryOf(ctx context.Context, id string) (Story, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	s, err := x.storyOf(ctx, id)
	if err != nil {
		return Story{}, fmt.Errorf("index %s: %w", x.dir, err)
	}
	return s, nil
}

func (x *Index) storyOf(ctx context.Context, id string) (s Story, err error) {
	if err := errors.Join(x.usable(), ctx.Err()); err != nil {
		return s, err
	}
	c := x.begin()
	defer c.discard()
	n, err := c.find(id)
	if err != nil {
		return s, err
	}
	story, first, err := c.clusterOf(n)
	if err != nil {
		return s, err
	}
	r, err := c.record(first)
	if err != nil {
		return s, err
	}
	if r == nil {
		return s, fmt.Errorf("representative %d of cluster %d: %w: it is missing", first, story, ErrCorrupt)
	}
	k, err := c.clusterAt(story)
	if err != nil {
		return s, err
	}
	s = Story{ID: clusterName(story), Articles: max(k.Size, 1), Representative: articleOf(r)}
	holders, err := c.membersOf(story, maxComponent+1)
	if err == nil && len(holders) > 0 && k.Size == 0 {
		err = fmt.Errorf("cluster %s: %w: its record is missing", s.ID, ErrCorrupt)
	}
	if err != nil {
		return Story{}, err
	}
	if len(holders) == 0 || len(holders) > maxComponent {
		return s, nil
	}
	s.Weakest, err = c.weakest(group{name: story, holders: holders})
	return s, err
}

// find returns the number of the article of that id, which has a record.
func (c *changes) find(id string) (number, error) {
	n, err := c.numberAt(keyID(id))
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	r, err := c.record(n)
	if err == nil && r == nil {
		err = fmt.Errorf("article number %d of id %q: %w: it is missing", n, id, ErrCorrupt)
	}
	return n, err
}
