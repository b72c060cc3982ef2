package columns

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/format"
)

func seed(f *testing.F) {
	for _, file := range samples(f) {
		f.Add(file)
	}
	f.Add(write(f, Flat("a"), `{"a":"1"}`))
	f.Add([]byte("PAR1\x00\x00\x00\x00PAR1"))
}

// FuzzOpen reads bytes of any kind: no panic, errors of our own, rows of JSON.
func FuzzOpen(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		readDamaged(t, file)
	})
}

// FuzzRoundTrip reads bytes of any kind, and writes what rows there are with the schema of the file: they are the same when read again.
func FuzzRoundTrip(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		in, err := Open(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		want, _ := readDamaged(t, file)
		want = want[:min(len(want), 100)]
		var out bytes.Buffer
		w := NewWriter(&out, in.Schema())
		for _, row := range want {
			if err := w.Write([]byte(row)); err != nil {
				t.Fatalf("Write(%s) with %v: %v", row, in.Schema(), err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatalf("Close with %v: %v", in.Schema(), err)
		}
		again := open(t, out.Bytes())
		if got := mustRows(t, again); !slices.Equal(got, want) {
			t.Errorf("rows are %q, want %q", got, want)
		}
		if !again.Schema().Equal(in.Schema()) {
			t.Errorf("schema is %v, want %v", again.Schema(), in.Schema())
		}
	})
}

// FuzzDecoder decodes bytes of any kind as values of each type in each encoding.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte{0x80, 0x01, 0x04, 0x05, 0x02, 0x02, 1, 0, 0, 0, 0xff}, []byte{1, 0, 0, 0, 'a'})
	f.Add([]byte{3, 0x04, 2, 0x03, 0x88, 0xc6, 0xfa}, make([]byte, 64))
	f.Fuzz(func(t *testing.T, src, dictSrc []byte) {
		for physical := format.Boolean; physical <= format.FixedLenByteArray; physical++ {
			l := &leaf{physical: physical, width: 3}
			dict, err := newDictionary(l, dictSrc, len(dictSrc)/16)
			if err != nil {
				dict = nil
			}
			for encoding := format.Plain; encoding <= format.ByteStreamSplit; encoding++ {
				d, err := newDecoder(l, encoding, src, dict)
				for n := 0; err == nil && n < 1000; n++ {
					_, err = d.next()
				}
			}
		}
	})
}

// FuzzNew makes schemas of names of any kind: each is there once.
func FuzzNew(f *testing.F) {
	f.Add("a\na\n\xff\n\xfe\n\ufffd\n\n\x00\nschema\na.b\nlist\nkey_value")
	f.Fuzz(func(t *testing.T, lines string) {
		names := strings.Split(lines, "\n")
		s := Flat(names...)
		want := make(map[string]bool)
		for _, name := range names {
			want[strings.ToValidUTF8(name, "\ufffd")] = true
		}
		if len(s.leaves) != len(want) {
			t.Errorf("New(%q) has %d columns, want %d", names, len(s.leaves), len(want))
		}
		b, err := s.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var again Schema
		if err := again.UnmarshalBinary(b); err != nil || !again.Equal(s) {
			t.Errorf("UnmarshalBinary of New(%q) = %v, %v", names, again, err)
		}
	})
}

// FuzzWrite writes any row: it fits, or ErrSchema tells why not.
func FuzzWrite(f *testing.F) {
	for _, file := range samples(f) {
		rows, err := readDamaged(f, file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(rows[0]))
	}
	f.Add([]byte(`{"text":"","int64":0,"fixed":"YWJj","decimal":0,"pairs":[]}`))
	const rest = `,"int64":0,"fixed":"YWJj","decimal":"0","pairs":[[1,{"\u0078":"\udc00"}]],"map":{"\ud800":"\u0000"},"json":"\ud800"}`
	for _, text := range []string{`"\ud800"`, `"\ud800\u0041"`, `"\u0000\""`, "\"\\\\\xff\"", "\"\xc3\\u0028\""} { // half surrogates, halves of characters
		f.Add([]byte(`{"t\u0065xt":` + text + rest))
	}
	f.Fuzz(func(t *testing.T, row []byte) {
		var out bytes.Buffer
		w := NewWriter(&out, everything(t))
		written := 1
		if err := w.Write(row); errors.Is(err, ErrSchema) {
			written = 0
		} else if err != nil {
			t.Fatalf("Write: %v", err)
		}
		if err := w.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
		if got := mustRows(t, open(t, out.Bytes())); len(got) != written {
			t.Errorf("%d rows, want %d", len(got), written)
		}
	})
}
