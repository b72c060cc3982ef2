package match

import (
	"encoding/json"
	"testing"
)

func TestRatio(t *testing.T) {
	t.Parallel()
	for of, want := range map[Ratio]string{
		0: "0", 1: "1", 0.5: "0.5", 0.93456789: "0.934568", 0.99999999: "0.999999", 0.1: "0.1",
	} {
		if got, err := json.Marshal(of); err != nil || string(got) != want {
			t.Errorf("JSON of %v = %s, %v, want %s", float64(of), got, err, want)
		}
	}
}
