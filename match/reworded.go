package match

// A text that was reworded sentence by sentence keeps next to no run of four words, but short ones all over it: names, set phrases, a verb with its object. Texts
// that only tell of one thing have some of these too, in places. So runs of three words say that there is enough in common, and runs of two that it is everywhere. Of
// Clough and Stevenson's answers, independent ones that have three tenths of each third in runs of two have 11 % of their words in runs of three, reworded ones 20 % and
// more; bounds of a fifth to a third, and of 12 to 20 %, all find 17 or 18 of the 19 that were heavily reworded, and none of the 38.
//
// Of 10,916 pairs of ECB+ that are below the floor and report one event, or two that are alike, the rule takes 169, beside the 318 of faintCovered. Of 47,000 pairs
// below it, drawn at random from the texts of one script in Telegram and AllSides, both together take 21, if no furniture is known: they tell of one event, or share furniture.
const (
	rewordedCovered = 35.0 // own words in shared runs of three words …
	rewordedTriples = 0.18 // … as part of its own words
	rewordedThird   = 0.30 // each third of the own words stands to this in shared runs of two words
)

// reworded are the figures of a pair that may be so, of the text with fewer own words: those of rewordedTriples and rewordedThird.
type reworded struct{ triples, thinnest float64 }

// reworded reports whether one text is the other one, reworded throughout. Issues of one form are not: their figures break all longer runs.
func (p *Pair) reworded(furnitureA, furnitureB []bool) (f reworded, is bool) {
	if p.isForm() {
		return f, false
	}
	pairsA, triplesA := p.a.shortRuns()
	pairsB, triplesB := p.b.shortRuns()
	triples := compare(tally(p.a, furnitureA, triplesA.Cover(triplesB)), tally(p.b, furnitureB, triplesB.Cover(triplesA)))
	f.triples = triples.coverage
	if triples.covered < rewordedCovered || f.triples < rewordedTriples {
		return f, false
	}
	f.thinnest = compare(tally(p.a, furnitureA, pairsA.Cover(pairsB)), tally(p.b, furnitureB, pairsB.Cover(pairsA))).thinnest
	return f, f.thinnest >= rewordedThird
}
