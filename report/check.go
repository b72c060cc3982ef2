package report

import (
	"errors"
	"fmt"
)

// Check tells which sums of r do not agree, nil if all do: rows, kinds, sites, days and clusters. [Write] writes such a report all the same,
// for after hours of work a page with one wrong figure is better than none; so Check is for tests. Lists that are empty are
// not checked.
func (r Report) Check() error {
	var wrong []error
	same := func(what string, got, want int64) {
		if got != want {
			wrong = append(wrong, fmt.Errorf("%s is %d, want %d", what, got, want))
		}
	}
	within := r.Kept + r.Dropped
	same("rows", int64(r.Rows), int64(within+r.Outside))

	if len(r.Inputs) > 0 {
		bytes, articles := r.LeftOut.Inputs.Bytes, r.LeftOut.Inputs.Articles
		for _, in := range r.Inputs {
			bytes += in.Bytes
			articles += in.Articles
		}
		same("sum of the articles of inputs", int64(articles), int64(r.Rows))
		same("sum of the bytes of inputs", bytes, r.InputBytes)
	}
	if len(r.Copies) > 0 || r.Dropped > 0 {
		articles, bytes := 0, int64(0)
		for _, k := range r.Copies {
			articles += k.Articles
			bytes += k.Bytes
		}
		same("sum of copies", int64(articles), int64(r.Dropped))
		same("sum of the bytes of copies", bytes, r.DroppedBytes)
	}
	if len(r.Sites) > 0 {
		kept, dropped := r.LeftOut.Sites.Kept, r.LeftOut.Sites.Dropped
		for _, s := range r.Sites {
			same(fmt.Sprintf("articles of site %q", s.Site), int64(s.Articles), int64(s.Kept+s.Dropped))
			kept += s.Kept
			dropped += s.Dropped
		}
		same("sum of kept by site", int64(kept), int64(r.Kept))
		same("sum of dropped by site", int64(dropped), int64(r.Dropped))
	}
	if len(r.Days) > 0 {
		dated := r.Earlier.Articles() + r.Later.Articles()
		for _, d := range r.Days {
			dated += d.Articles()
		}
		same("sum of days and undated", int64(dated+r.Undated), int64(within))
	}
	for _, c := range r.Clusters {
		same("size of cluster "+c.ID, int64(c.Size), int64(1+c.Copies+c.Rewrites))
		if dated := c.dated(); dated > c.Size {
			same("spread of cluster "+c.ID, int64(dated), int64(c.Size))
		}
	}
	if len(r.Clusters) > r.Stories {
		same("stories", int64(r.Stories), int64(len(r.Clusters)))
	}
	return errors.Join(wrong...)
}

// dated counts the articles whose time of publication is known.
func (c Cluster) dated() int {
	n := 0
	for _, articles := range c.Spread {
		n += articles
	}
	return n
}
