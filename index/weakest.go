package index

// weakest is the weakest link of a group: each of its texts has a strongest edge to another one in it, and this is the least of these weights.
// Only edges that count for such a cluster are looked at. It is 1 if all articles have the same words, and 0 if there is one article
// only, or no edge is stored (an article whose matches all have 512 edges has none; others then decide).
func (c *changes) weakest(g group) (float64, error) {
	if len(g.holders) == 1 {
		if rel, err := c.relation(g.holders[0]); rel == nil || rel.Group < 2 {
			return 0, err
		}
		return 1, nil
	}
	inside := make(map[number]bool, len(g.holders))
	for _, h := range g.holders {
		inside[h] = true
	}
	least := float32(0)
	for _, h := range g.holders {
		edges, err := c.edgesOf(h)
		if err != nil {
			return 0, err
		}
		strongest := float32(0)
		for _, e := range edges {
			counts, isCopy := c.x.state.Thresholds.counts(e)
			if counts && (isCopy || !g.strict) && inside[e.Other] {
				strongest = max(strongest, e.Weight)
			}
		}
		if strongest > 0 && (least == 0 || strongest < least) {
			least = strongest
		}
	}
	return float64(least), nil
}
