package report

import "slices"

// tame returns r, which is short, with each text of others made visible and each URL that may not be a link taken out. It is what the template gets, so
// that the template cannot forget it.
func tame(r Report) Report {
	show := func(texts ...*string) {
		for _, s := range texts {
			*s = visible(*s)
		}
	}
	show(&r.Type, &r.Version, &r.Output, &r.MinKind, &r.DaysUnit)
	r.Inputs = slices.Clone(r.Inputs)
	for i := range r.Inputs {
		show(&r.Inputs[i].Name)
	}
	r.Copies = slices.Clone(r.Copies)
	for i := range r.Copies {
		show(&r.Copies[i].Kind)
	}
	r.Sites = slices.Clone(r.Sites)
	for i := range r.Sites {
		show(&r.Sites[i].Site, &r.Sites[i].CopiedFrom.Site)
	}
	r.Clusters = slices.Clone(r.Clusters)
	for i := range r.Clusters {
		c := &r.Clusters[i]
		show(&c.ID, &c.Representative, &c.Title, &c.Site)
		c.URL = webLink(c.URL)
	}
	r.Furniture = slices.Clone(r.Furniture)
	for i := range r.Furniture {
		show(&r.Furniture[i].Text, &r.Furniture[i].Example)
	}
	r.Skipped = slices.Clone(r.Skipped)
	for i := range r.Skipped {
		show(&r.Skipped[i].File, &r.Skipped[i].Reason, &r.Skipped[i].First)
	}
	r.PassedOver = slices.Clone(r.PassedOver)
	for i := range r.PassedOver {
		show(&r.PassedOver[i].Reason)
	}
	return r
}
