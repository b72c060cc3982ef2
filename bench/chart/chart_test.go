package chart

import "testing"

func TestLabelsDoNotOverlap(t *testing.T) {
	t.Parallel()
	taken := new(places)
	for range 20 { // twenty labels for one point
		taken.place(300, 300, "a label of some length")
	}
	for i, a := range *taken {
		for _, b := range (*taken)[i+1:] {
			if a.overlaps(b) {
				t.Fatalf("labels at %v and %v overlap", a, b)
			}
		}
	}
}
