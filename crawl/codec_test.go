package crawl

import (
	"bytes"
	"io"
	"testing"

	"github.com/andybalholm/brotli"
)

func brotlied(t testing.TB, s string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := brotli.NewWriter(&out)
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
