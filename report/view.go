package report

import "html/template"

// view is what the template sees: the figures of the report, and what is drawn of them.
type view struct {
	Report
	Policy   string
	Style    template.CSS
	Figures  template.JS
	Headline sentence
	All      int // kept and dropped
	Parts    []part
	Timeline *timeline
	Unit     unit

	SiteTable     siteTable  // shown at once
	MoreSiteTable *siteTable // folded; nil if there are no more
	SiteCount     int        // known ones
	InputCount    int
	AllBytes      int64

	MoreStories int // that are not among the clusters
	SkippedSum  int
	PassedSum   int
}

// siteTable is some sites, and the sum of those that follow.
type siteTable struct {
	Rows []siteRow
	Rest Rest
}

// siteRow is a site with its bar, whose whole length is the articles of the largest site.
type siteRow struct {
	Site
	KeptWidth, DroppedWidth share
}

const topSites = 25

// viewOf makes the view of r, which is short and tame.
func viewOf(r Report) view {
	v := view{
		Report:      r,
		Headline:    headline(r),
		All:         r.Kept + r.Dropped,
		Parts:       parts(r),
		Timeline:    timelineOf(r),
		Unit:        unit(r.DaysUnit),
		MoreStories: max(0, r.Stories-len(r.Clusters)),
		SkippedSum:  r.LeftOut.Skipped.Count,
		PassedSum:   r.LeftOut.PassedOver.Count,
	}
	rows := siteRows(r.Sites)
	if v.SiteTable.Rows = rows; len(rows) > topSites {
		v.SiteTable.Rows = rows[:topSites]
		v.MoreSiteTable = &siteTable{rows[topSites:], r.LeftOut.Sites}
	} else {
		v.SiteTable.Rest = r.LeftOut.Sites
	}
	v.InputCount = len(r.Inputs) + r.LeftOut.Inputs.Entries
	v.AllBytes = r.KeptBytes + r.DroppedBytes
	v.SiteCount = r.LeftOut.Sites.Entries
	for _, s := range r.Sites {
		if s.Site != "" {
			v.SiteCount++
		}
	}
	for _, s := range r.Skipped {
		v.SkippedSum += s.Count
	}
	for _, p := range r.PassedOver {
		v.PassedSum += p.Count
	}
	return v
}

// siteRows measures sites, which are sorted: the first one is the largest.
func siteRows(sites []Site) []siteRow {
	rows := make([]siteRow, len(sites))
	for i, s := range sites {
		rows[i].Site = s
		if largest := float64(sites[0].Articles); largest > 0 {
			rows[i].KeptWidth = share(100 * float64(s.Kept) / largest)
			rows[i].DroppedWidth = share(100 * float64(s.Dropped) / largest)
		}
	}
	return rows
}

// UnitLabel is how the time that begins with d is called.
func (v view) UnitLabel(d Date) string { return v.Unit.label(d) }

// When is UnitLabel as a sentence has it: "on 2026-03-09", "in the week of 2026-03-09", "in 2026-03".
func (v view) When(d Date) string {
	switch v.Unit {
	case "week":
		return "in the week of " + v.UnitLabel(d)
	case "month", "year":
		return "in " + v.UnitLabel(d)
	}
	return "on " + v.UnitLabel(d)
}
