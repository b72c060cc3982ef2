package index

import (
	"bytes"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func newDecoder(t testing.TB) *zstd.Decoder {
	t.Helper()
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(decoder.Close)
	return decoder
}

// What is compressed as literals is a frame of zstd, one text after the other in the same room.
func TestLiterals(t *testing.T) {
	t.Parallel()
	decoder := newDecoder(t)
	english := story(1, 30_000)
	tests := []struct {
		name string
		text string
		want bool
	}{
		{"news", story(7, 400), true},
		{"a sentence", "The ferry to Port Ellisby was late again on Monday, for the third time in a week, said its owner.", false},
		{"Chinese", strings.Repeat("渡轮周一早上在浓雾中相撞，三十七人受伤。", 30), true},
		{"sizes of 10 bits", english[:1<<10-1], true},
		{"sizes of 14 bits", english[:1<<10], true},
		{"the most of 14 bits", english[:1<<14-1], true},
		{"sizes of 18 bits", english[:1<<14], true},
		{"one block", english[:zstdBlock], true},
		{"more than one block", english[:zstdBlock+1], false},
		{"one byte again and again", strings.Repeat("a", 500), false},
		{"few bytes", "ferry", false},
		{"nothing", "", false},
		{"all bytes alike", string(diverse(4096)), false},
	}
	var room literalsRoom
	for range 2 {
		for _, test := range tests {
			before := []byte("before")
			framed, ok := room.appendLiterals(before, []byte(test.text))
			if ok != test.want {
				t.Errorf("%s: appendLiterals = %t, want %t", test.name, ok, test.want)
			}
			if !ok {
				if string(framed) != "before" {
					t.Errorf("%s: it appended something to what it refused", test.name)
				}
				continue
			}
			got, err := decoder.DecodeAll(bytes.TrimPrefix(framed, before), nil)
			if err != nil || string(got) != test.text {
				t.Errorf("%s: decoded %d bytes of %d, %v", test.name, len(got), len(test.text), err)
			}
			if most := len(test.text) * 9 / 10; len(framed) > most {
				t.Errorf("%s: %d bytes became %d, want at most %d", test.name, len(test.text), len(framed), most)
			}
		}
	}
}

// diverse are bytes that occur equally often.
func diverse(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 167)
	}
	return b
}

// No text comes back changed: a bit that turned over is told by the checksum, or earlier.
func TestDamagedLiterals(t *testing.T) {
	t.Parallel()
	decoder := newDecoder(t)
	text := story(5, 200)
	framed, _ := new(literalsRoom).appendLiterals(nil, []byte(text))
	for i := range 8 * len(framed) {
		framed[i/8] ^= 1 << (i % 8)
		if got, err := decoder.DecodeAll(framed, nil); err == nil && string(got) != text {
			t.Errorf("with bit %d of %d turned over, another text came back", i, 8*len(framed))
		}
		framed[i/8] ^= 1 << (i % 8)
	}
}

func FuzzLiterals(f *testing.F) {
	f.Add([]byte(story(3, 40)))
	f.Add(diverse(300))
	f.Add([]byte("aaaaaaaaaaaaaaaab"))
	decoder := newDecoder(f)
	var room literalsRoom
	f.Fuzz(func(t *testing.T, text []byte) {
		framed, ok := room.appendLiterals(nil, text)
		if !ok {
			return
		}
		if got, err := decoder.DecodeAll(framed, nil); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%q came back as %q, %v", text, got, err)
		}
	})
}
