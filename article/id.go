package article

import (
	"encoding/hex"

	"github.com/zeebo/xxh3"
)

// DeriveID makes an id for an article that came without one: "u-" and 16 hexadecimal digits of the 64-bit XXH3 (seed 0) of
// the URL, or, where url is empty, "t-" and the same hash of the text. Bytes are hashed as given, so
// "https://a.example/x" and "https://a.example/x/" are two articles.
//
// Ids are stored in indexes and in other people's tables: this function stays as it is for ever.
//
// Two different inputs share an id with probability about n²/2⁶⁵ among n articles: 3·10⁻⁶ at ten million.
func DeriveID(url, text string) string {
	if url != "" {
		return "u-" + hash16(url)
	}
	return "t-" + hash16(text)
}

func hash16(s string) string {
	sum := xxh3.HashString(s)
	var b [8]byte
	for i := range b {
		b[i] = byte(sum >> (56 - 8*i))
	}
	return hex.EncodeToString(b[:])
}
