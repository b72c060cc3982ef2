package match_test

import (
	"fmt"
	"time"

	"github.com/dedupe-news/dedupe/match"
)

func Example() {
	const wire = "Two car ferries collided in thick fog at the mouth of Callen Sound early on Monday, injuring 37 people and leaving " +
		"one of the vessels aground on a sandbank with 412 passengers on board, the coastguard said. Four lifeboats took them off."
	const copied = "PORT ELLISBY. Two car ferries collided in thick fog at the mouth of Callen Sound early on Monday, injuring 37 people and " +
		"leaving one of the vessels aground on a sandbank with 412 passengers on board, the coastguard said."
	a := match.Read(wire, "northlight-wire.example", time.Time{})
	b := match.Read(copied, "daily-beacon.example", time.Time{})
	verdict := match.Compare(a, b).Judge(nil, nil)
	fmt.Printf("%v: %.2f of the first stands in the second, and %.2f the other way\n", verdict.Kind, verdict.CoverageA, verdict.CoverageB)
	// Output: copy: 0.88 of the first stands in the second, and 0.95 the other way
}
