package match

import (
	"math"
	"strconv"
)

// Ratio is a similarity or a containment, 0…1, as it is written in JSON.
type Ratio float64

// MarshalJSON writes r with at most six decimals; what is below one is never rounded to one.
func (r Ratio) MarshalJSON() ([]byte, error) {
	const unit = 1e6
	f := math.Round(float64(r)*unit) / unit
	if f == 1 && r < 1 {
		f = (unit - 1) / unit
	}
	return strconv.AppendFloat(nil, f, 'f', -1, 64), nil
}
