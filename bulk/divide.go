package bulk

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

// Division says how a cluster is divided into articles that are kept and what is dropped for each of them.
type Division struct {
	Keep    Keep
	MinKind match.Kind    // weakest kind of what is dropped
	Window  time.Duration // an article is dropped only for one that was published within that time of it; 0: however long

	// Relate tells how two articles are related that need not be neighbours, as index.Index.Relate does.
	Relate func(ctx context.Context, id, other string) (index.Match, error)
}

// Kept is how many articles of a cluster are kept, if all are read at once.
func (d *Division) Kept(ctx context.Context, c index.Cluster) (int, error) {
	groups, err := d.groups(ctx, c, func(*index.Member) bool { return false })
	return len(groups), err
}

// group is an article that is kept, and what is dropped for it. Mostly a cluster is one group.
type group struct {
	id      string
	part    uint16
	kept    index.Member   // as it stands in the cluster
	members []index.Member // with figures against kept, which is the first
}

// groups divides a cluster. What was in the index before comes before all else, for it has been written by another crawl.
func (d *Division) groups(ctx context.Context, c index.Cluster, wasThere func(*index.Member) bool) ([]group, error) {
	members := slices.Clone(c.Members)
	slices.SortStableFunc(members, func(a, b index.Member) int {
		if there := wasThere(&a); there != wasThere(&b) {
			if there {
				return -1
			}
			return 1
		}
		return d.Keep.compare(&a, &b)
	})
	var groups []group
	for _, m := range members {
		joined, err := d.join(ctx, c, groups, m)
		if err != nil {
			return nil, err
		}
		if !joined {
			groups = append(groups, newGroup(c, m, len(groups)))
		}
	}
	return groups, nil
}

// newGroup begins with m. Each but the first of a cluster has a name of its own: "c17.2".
func newGroup(c index.Cluster, m index.Member, before int) group {
	g := group{id: c.ID, kept: m, part: uint16(min(before, math.MaxUint16))}
	if before > 0 {
		g.id = fmt.Sprintf("%s.%d", c.ID, before+1)
	}
	m.Kind, m.Jaccard, m.Containment, m.Contained, m.Via = match.Exact, 1, 1, m.ID, ""
	g.members = []index.Member{m}
	return g
}

func (g *group) cluster() index.Cluster {
	return index.Cluster{ID: g.id, Representative: g.kept.ID, Members: g.members}
}

// comparedGroups is how many groups of a cluster an article is compared with, if its kind decides.
const comparedGroups = 8

// join puts m into the first of the groups whose kept article is near enough to it.
func (d *Division) join(ctx context.Context, c index.Cluster, groups []group, m index.Member) (bool, error) {
	compared := 0
	for i := range groups {
		g := &groups[i]
		if !d.near(&g.kept, &m) {
			continue
		}
		if compared++; compared > comparedGroups {
			break
		}
		with, err := d.against(ctx, c, &g.kept, m)
		if err != nil {
			return false, err
		}
		if with.Via != "" || with.Kind < d.MinKind { // a copy of a copy
			if d.Window > 0 || d.MinKind == match.Copy {
				continue
			}
			if with, err = d.bridged(ctx, c, with); err != nil {
				return false, err
			}
		}
		g.members = append(g.members, with)
		return true, nil
	}
	return false, nil
}

// near reports whether two articles were published within the window.
func (d *Division) near(a, b *index.Member) bool {
	if d.Window == 0 || a.Published.IsZero() || b.Published.IsZero() {
		return true
	}
	return a.Published.Sub(b.Published).Abs() <= d.Window
}

// against is m with its figures against the article that is kept.
func (d *Division) against(ctx context.Context, c index.Cluster, kept *index.Member, m index.Member) (index.Member, error) {
	if kept.ID == c.Representative {
		return m, nil
	}
	direct, err := d.Relate(ctx, kept.ID, m.ID)
	if err != nil {
		return m, err
	}
	switch {
	case direct.Kind >= match.Rewrite:
		return direct, nil
	case m.ID == c.Representative: // it is related to kept as kept is to it
		m.Kind, m.Jaccard, m.Containment, m.Contained, m.Via = kept.Kind, kept.Jaccard, kept.Containment, kept.Contained, kept.Via
	case m.Via == "":
		m.Via = c.Representative
	}
	return m, nil
}

// mostBridges is with how many members an article is compared to find what holds it in its cluster.
const mostBridges = 16

// bridged is m with its figures against a member that it is a copy of, where it is none of the kept article itself.
func (d *Division) bridged(ctx context.Context, c index.Cluster, m index.Member) (index.Member, error) {
	for i, bridge := range c.Members {
		if i == mostBridges || m.Via != "" && m.Kind >= d.MinKind {
			break
		}
		if bridge.ID == m.ID {
			continue
		}
		found, err := d.Relate(ctx, bridge.ID, m.ID)
		if err != nil {
			return m, err
		}
		if found.Kind >= d.MinKind {
			found.Via = bridge.ID
			return found, nil
		}
	}
	return m, nil
}
