package index

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
)

func TestFurnitureSet(t *testing.T) {
	t.Parallel()
	for name, draw := range map[string]func(random *rand.Rand) uint32{
		"even":    func(random *rand.Rand) uint32 { return random.Uint32() },
		"low":     func(random *rand.Rand) uint32 { return random.Uint32() >> random.UintN(30) },
		"high":    func(random *rand.Rand) uint32 { return math.MaxUint32 - random.Uint32N(5000) },
		"no room": func(random *rand.Rand) uint32 { return random.Uint32N(4000) },
		"few":     func(random *rand.Rand) uint32 { return 7 * random.Uint32N(2) },
	} {
		random := rand.New(rand.NewPCG(2, 1))
		counts := make(map[furniture.Print]int8)
		for range 3000 {
			counts[furniture.Print(draw(random))] = int8(1 + random.IntN(6))
		}
		cores := newCores()
		s, asked := new(furnitureSet), []furniture.Print{0, 1 << 16, math.MaxUint32}
		for i, p := range slices.Sorted(maps.Keys(counts)) {
			if i%9 == 0 {
				cores.more[p] = 1 + i%3
			}
			s.add(furniture.Count{Print: p, N: counts[p]}, &cores)
			asked = append(asked, p-1, p, p+1)
		}
		s.finish()
		for _, p := range asked {
			for least := match.FurnitureStories; least <= match.FurnitureStoriesAlike; least++ {
				if got, want := s.has(p, least), int(counts[p]) >= cores.furnitureFrom(p, least); got != want {
					t.Errorf("%s: has(%d, %d) = %v, it stands in %d stories, and %d more are asked for", name, p, least, got, counts[p], cores.more[p])
				}
			}
		}
	}
	empty := new(furnitureSet)
	empty.finish()
	if empty.has(0, match.FurnitureStories) || empty.has(math.MaxUint32, match.FurnitureStories) {
		t.Error("an empty set has prints")
	}
}
