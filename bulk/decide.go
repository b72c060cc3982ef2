package bulk

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/report"
)

// decisions say of each article of this crawl whether it is kept. Articles are known by their ordinal; those below plan.First were in the
// index before.
type decisions struct {
	first   index.Ordinal
	list    []decision        // by ordinal, from first on
	ordinal []index.Ordinal   // of each row, in the order of the spool; 0: it is not in the index
	sites   []string          // of the articles that something is dropped for
	siteAt  map[string]uint32 // 1 + index in sites; only while clusters are gone through
	last    []uint32          // by ordinal, from first on: 1 + the last row with its id, which is the one that counts; 0: no row has it
	stories []story           // only if rows are annotated or there is a report
	storyOf []membership      // by ordinal, from first on; only if there are stories

	clusters     []report.Cluster // the largest stories; only if there is a report
	firsts       map[string]int   // stories that a site had first
	copyClusters int
}

// decision is what becomes of an article. The zero value keeps it.
type decision struct {
	of          index.Ordinal // the article that it is a copy of, and dropped for; 0: kept
	via         index.Ordinal // the figures are against that one; 0: against of
	cluster     index.Ordinal
	part        uint16 // … and the group in it, from 0
	kind        match.Kind
	contained   bool // it is contained in the other; else the other in it
	estimated   bool //
	jaccard     float32
	containment float32
	site        uint32 // 1 + index in decisions.sites of that of the article it is dropped for; 0: the index tells it
	copies      uint32 // of a kept one: articles of this crawl that are dropped for it
}

// story is a cluster from rewrite up.
type story struct {
	id             string
	representative string
}

// membership says where an article stands in its story, with figures against the representative.
type membership struct {
	story       uint32 // 1 + index in decisions.stories; 0: alone
	kind        match.Kind
	jaccard     float32
	containment float32
}

func (d *decisions) at(o index.Ordinal) *decision { return &d.list[o-d.first] }

// isNew reports whether an article was not in the index before.
func (d *decisions) isNew(o index.Ordinal) bool { return o >= d.first }

// isOurs reports whether an article is in a row of this crawl. Others that are new were added by somebody else meanwhile, or by a
// crawl that was given up: they are in no output, and so nothing may be dropped for them.
func (d *decisions) isOurs(o index.Ordinal) bool { return d.isNew(o) && d.last[o-d.first] > 0 }

// decide is the second phase.
func (j *job) decide(ctx context.Context) (*decisions, error) {
	next := j.index.NextOrdinal()
	first := index.Ordinal(j.plan.First)
	n := int(max(next, first) - first)
	d := &decisions{first: first, list: make([]decision, n), last: make([]uint32, n), siteAt: make(map[string]uint32)}
	if err := j.findRows(ctx, d); err != nil {
		return nil, err
	}
	if err := j.decideCopies(ctx, d); err != nil {
		return nil, err
	}
	if j.wantsStories() {
		return d, j.findStories(ctx, d)
	}
	return d, nil
}

func (j *job) wantsStories() bool { return j.opts.Annotate || j.opts.Report != "" }

// deciding returns what a step of this phase (0: rows, 1: copies, 2: stories) calls with the number of articles that it has done since the
// last call. It tells of the progress after each batch of them.
func (j *job) deciding(step, all int) func(more int) {
	steps := 2.0
	if j.wantsStories() {
		steps++
	}
	done, told := 0, 0
	return func(more int) {
		if done += more; done-told < batchRows {
			return
		}
		told = done
		j.tell("deciding", (float64(step)+min(1, float64(done)/float64(max(1, all))))/steps)
	}
}

// findRows finds the article of each row. If this process made the index of what was loaded, it knows them without reading anything; with as many articles as rows that were not
// refused, nobody else's are among them.
func (j *job) findRows(ctx context.Context, d *decisions) error {
	d.ordinal = make([]index.Ordinal, 0, j.rows)
	tell := j.deciding(0, j.rows)
	if loaded := j.index.Loaded(d.first); len(loaded) == j.rows-len(j.refused) {
		d.enterLoaded(loaded, j.refused)
		tell(j.rows)
		return ctx.Err()
	}
	for b, err := range j.spool.batches(false) {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		ids := make([]string, len(b.Rows))
		for i, r := range b.Rows {
			ids[i] = r.ID
		}
		found, err := j.index.Ordinals(ids)
		if err != nil {
			return err
		}
		for i, o := range found {
			if b.Rows[i].Refused {
				o = 0
			}
			d.enterRow(o)
		}
		tell(len(b.Rows))
	}
	return nil
}

// enterLoaded enters the articles of all rows but those that were refused.
func (d *decisions) enterLoaded(loaded []index.Ordinal, refused []int) {
	for _, row := range refused {
		for n := row - len(d.ordinal); n > 0; n-- {
			d.enterRow(loaded[0])
			loaded = loaded[1:]
		}
		d.enterRow(0)
	}
	for _, o := range loaded {
		d.enterRow(o)
	}
}

// enterRow enters the article of the next row.
func (d *decisions) enterRow(o index.Ordinal) {
	if o != 0 && d.isNew(o) {
		d.last[o-d.first] = uint32(len(d.ordinal)) + 1
	}
	d.ordinal = append(d.ordinal, o)
}

// decideCopies goes through the clusters, and writes them if that is wanted.
func (j *job) decideCopies(ctx context.Context, d *decisions) (err error) {
	out, err := j.openOutput(j.opts.Clusters, clusterColumns)
	if err != nil {
		return err
	}
	defer out.abandon()
	clusters := index.ClusterOptions{MinKind: match.Excerpt}
	if j.opts.MinKind == match.Rewrite {
		clusters.MinKind = match.Rewrite
	}
	division := Division{Keep: j.opts.Keep, MinKind: j.opts.MinKind, Window: j.opts.Window, Relate: j.index.Relate}
	tell := j.deciding(1, int(j.index.NextOrdinal()))
	for c, err := range j.index.Clusters(ctx, clusters) {
		if err != nil {
			return err
		}
		tell(len(c.Members))
		size := len(c.Members)
		c.Members = slices.DeleteFunc(c.Members, func(m index.Member) bool { return d.isNew(m.Ordinal) && !d.isOurs(m.Ordinal) })
		if !slices.ContainsFunc(c.Members, func(m index.Member) bool { return d.isOurs(m.Ordinal) }) {
			continue
		}
		groups, err := division.groups(ctx, c, func(m *index.Member) bool { return !d.isNew(m.Ordinal) })
		if err != nil {
			return err
		}
		d.enter(c, groups)
		d.copyClusters++
		for _, g := range groups {
			if len(g.members) > 1 {
				made := g.cluster()
				if len(g.members) == size {
					made.Weakest = c.Weakest
				}
				if err := j.writeCluster(out, made); err != nil {
					return err
				}
			}
		}
	}
	d.siteAt = nil
	return out.finish()
}

// enter decides on the members of a cluster.
func (d *decisions) enter(c index.Cluster, groups []group) {
	ordinals := make(map[string]index.Ordinal, len(c.Members))
	for _, m := range c.Members {
		ordinals[m.ID] = m.Ordinal
	}
	for _, g := range groups {
		for _, m := range g.members[1:] {
			if !d.isOurs(m.Ordinal) {
				continue
			}
			*d.at(m.Ordinal) = decision{
				of: g.kept.Ordinal, via: ordinals[m.Via], cluster: c.Ordinal, part: g.part, kind: m.Kind, jaccard: float32(m.Jaccard),
				containment: float32(m.Containment), contained: m.Contained == m.ID, estimated: m.Estimated, site: d.siteOf(g.kept.Site),
			}
			if d.isNew(g.kept.Ordinal) {
				d.at(g.kept.Ordinal).copies++
			}
		}
	}
}

// siteOf enters a site, as a decision has it.
func (d *decisions) siteOf(name string) uint32 {
	at, is := d.siteAt[name]
	if !is {
		name = strings.Clone(name) // it shares memory with the rest of its record
		d.sites = append(d.sites, name)
		at = uint32(len(d.sites))
		d.siteAt[name] = at
	}
	return at
}

// reportedClusters is how many of the largest stories a report tells of.
const reportedClusters = 50

// findStories finds the story of each article.
func (j *job) findStories(ctx context.Context, d *decisions) error {
	d.storyOf, d.firsts = make([]membership, len(d.list)), make(map[string]int)
	tell := j.deciding(2, int(j.index.NextOrdinal()))
	for c, err := range j.index.Clusters(ctx, index.ClusterOptions{MinKind: match.Rewrite}) {
		if err != nil {
			return err
		}
		tell(len(c.Members))
		ours := false
		for _, m := range c.Members {
			if d.isOurs(m.Ordinal) {
				ours = true
				d.storyOf[m.Ordinal-d.first] = membership{
					story: uint32(len(d.stories) + 1), kind: m.Kind, jaccard: float32(m.Jaccard), containment: float32(m.Containment),
				}
			}
		}
		if !ours {
			continue
		}
		d.stories = append(d.stories, story{c.ID, strings.Clone(c.Representative)}) // it shares memory with the rest of its record
		if first := c.Members[0]; !first.Published.IsZero() {
			d.firsts[strings.Clone(first.Site)]++
		}
		if len(d.clusters) < reportedClusters {
			d.clusters = append(d.clusters, clusterFigures(c))
		}
	}
	return nil
}

// clusterFigures is what a report tells of a story.
func clusterFigures(c index.Cluster) report.Cluster {
	first := c.Members[0]
	made := report.Cluster{
		ID: c.ID, Representative: first.ID, Title: first.Title, URL: first.URL, Site: first.Site, Size: len(c.Members),
	}
	sites := make(map[string]bool)
	times := make([]time.Time, len(c.Members))
	for i, m := range c.Members {
		times[i] = m.Published
		if m.Site != "" {
			sites[m.Site] = true
		}
		switch {
		case i == 0:
		case m.Kind >= match.Excerpt:
			made.Copies++
		default:
			made.Rewrites++
		}
	}
	made.Sites = len(sites)
	made.First, made.Last, made.Spread = report.SpreadOf(times)
	return made
}
