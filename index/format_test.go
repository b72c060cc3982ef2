package index

import (
	"encoding/hex"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dedupe-news/dedupe/furniture"
	"github.com/dedupe-news/dedupe/match"
	"github.com/dedupe-news/dedupe/minhash"
)

// These bytes are golden for ever: another spelling is another format version. The first is the example
// worked out in format.go.
func TestFormatIsSpelled(t *testing.T) {
	t.Parallel()
	numbered := digest{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	kept := func(upper uint64) uint64 { return upper << hashShift }
	first := record{ID: "a", Title: "T", Added: time.Unix(1, 0), Words: 1, Digest: numbered, Sketch: minhash.Sketch{Hashes: []uint64{kept(0xabcdef)}}}
	for _, test := range []struct {
		name string
		got  []byte
		want string // hex, spaces between fields
	}{
		{"key of the article", keyArticle(1), "61 00000001"},
		{"article", first.append(nil), "00 01 61 00 00 01 54 01 01 00010203040506070809 00 01 df9b570100"},
		{"published before 1970", (&record{ID: "a", Published: time.Unix(-1, 0), Added: time.Unix(128, 0), Words: 2, Digest: numbered}).append(nil),
			"02 01 61 00 00 00 01 8001 02 00010203040506070809 00 00"},
		{"exact copy", (&record{ID: "b", URL: "u", Site: "s", Added: time.Unix(1, 0), Words: 1, Digest: numbered, Holder: 300}).append(nil),
			"01 01 62 01 75 01 73 00 01 01 00010203040506070809 ac02"},
		{"scale and two hashes", (&record{ID: "a", Added: time.Unix(1, 0), Words: 9, Digest: numbered,
			Sketch: minhash.Sketch{Scale: 4, Hashes: []uint64{kept(1), kept(129)}}}).append(nil),
			"00 01 61 00 00 00 01 09 00010203040506070809 04 02 03000010100000"},

		{"relation of one alone that is not counted", (&relation{Uncounted: true, Group: 1}).append(nil), "01 01 00"},
		{"relation of three exact copies", (&relation{Story: 7, Strict: 7, Group: 3, GroupRep: 9}).append(nil), "02 07 07 03 09"},
		{"edges", appendEdges(nil, []edge{{Other: 1, Kind: match.Rewrite, Jaccard: 0.25, Containment: 0.5, Contains: 1, Weight: 0.75}, {Other: 301, Kind: match.Copy}}),
			"02 01 02 3e800000 3f000000 3f800000 3f400000 ac02 04 00000000 00000000 00000000 00000000"},

		{"cluster", clusterRecord{Size: 200, Representative: 5}.append(nil), "c801 05"},
		{"number", appendNumber(300), "ac02"},
		{"posting block", appendBlock(nil, 10, []posting{{10, 5}, {10, 7}, {12, 3}}), "03 00 03 fb1c"},
		{"fences", appendFences(nil, []uint64{10, 10, 300}), "0a 00 a202"},
		{"log", (&batchLog{Postings: []posting{{1, 2}}, Removed: []number{300}, Counts: []furniture.Count{{Print: 5, N: 1}, {Print: 6, N: -1}}}).append(nil),
			"04 0100020a 01 ac02 020001 3c00803f000000"},
		{"empty log", (&batchLog{}).append(nil), "00 00"},

		{"key of a text", keyText(0x01020304), "74 01020304"},
		{"key of an id", keyID("ab"), "69 6162"},
		{"key of a digest", keyDigest(numbered), "64 00010203040506070809"},
		{"key of an exact copy", keyExact(1, 2), "78 00000001 00000002"},
		{"key of a relation", keyRelation(3, 1), "72 03 00000001"},
		{"key of edges", keyEdges(3, 1), "65 03 00000001"},
		{"key of a member", keyMember(3, 1, 2), "6d 03 00000001 00000002"},
		{"key of a cluster", keyCluster(3, 1), "6b 03 00000001"},
		{"key of a piece of a log", keyLog(9, 2), "6c 00000009 00000002"},
		{"key of a block", keyBlock(1, 2), "73 00000001 00000002"},
		{"key of fences", keyFences(1), "6e 00000001"},
		{"key of a page", keyPage(1, 2), "66 00000001 00000002"},
		{"key of meta", keyMeta, "4d"},
		{"key of a core", keyCore(1), "63 00000001"},
		{"key of the state", keyState, "53"},
	} {
		if got, want := hex.EncodeToString(test.got), strings.ReplaceAll(test.want, " ", ""); got != want {
			t.Errorf("%s: %s, want %s", test.name, got, want)
		}
	}
}

// codec is one kind of record on disk: how to draw a valid one, and to decode and encode it again.
type codec struct {
	name   string
	draw   func(t *rapid.T) (encoded []byte, value any)
	decode func(b []byte) (value any, again func() []byte, err error)
	// prefixes of a valid record may be valid: the record has no end mark and no count
	open bool
}

func codecs() []codec {
	return []codec{
		{
			name: "record",
			draw: func(t *rapid.T) ([]byte, any) {
				r := drawRecord(t)
				return r.append(nil), r
			},
			decode: func(b []byte) (any, func() []byte, error) {
				r, err := decodeRecord(b)
				return r, func() []byte { return r.append(nil) }, err
			},
		},
		{
			name: "relation",
			draw: func(t *rapid.T) ([]byte, any) {
				r := drawRelation(t)
				return r.append(nil), r
			},
			decode: func(b []byte) (any, func() []byte, error) {
				r, err := decodeRelation(b)
				return r, func() []byte { return r.append(nil) }, err
			},
		},
		{
			name: "edges",
			draw: func(t *rapid.T) ([]byte, any) {
				list := drawEdges(t)
				return appendEdges(nil, list), list
			},
			decode: func(b []byte) (any, func() []byte, error) {
				list, err := decodeEdges(b)
				return list, func() []byte { return appendEdges(nil, list) }, err
			},
		},
		{
			name: "cluster",
			draw: func(t *rapid.T) ([]byte, any) {
				c := clusterRecord{Size: rapid.IntRange(2, math.MaxUint32).Draw(t, "size"), Representative: drawNumber(t)}
				return c.append(nil), c
			},
			decode: func(b []byte) (any, func() []byte, error) {
				c, err := decodeCluster(b)
				return c, func() []byte { return c.append(nil) }, err
			},
		},
		{
			name: "number",
			draw: func(t *rapid.T) ([]byte, any) {
				n := drawNumber(t)
				return appendNumber(n), n
			},
			decode: func(b []byte) (any, func() []byte, error) {
				n, err := decodeNumber(b)
				return n, func() []byte { return appendNumber(n) }, err
			},
		},
		{
			name: "block",
			open: true,
			draw: func(t *rapid.T) ([]byte, any) {
				postings := drawPostings(t, fuzzFence)
				return appendBlock(nil, fuzzFence, postings), postings
			},
			decode: func(b []byte) (any, func() []byte, error) {
				p, err := decodeBlock(nil, fuzzFence, b)
				return p, func() []byte { return appendBlock(nil, fuzzFence, p) }, err
			},
		},
		{
			name: "fences",
			open: true,
			draw: func(t *rapid.T) ([]byte, any) {
				fences := drawKeys(t, 0)
				return appendFences(nil, fences), fences
			},
			decode: func(b []byte) (any, func() []byte, error) {
				f, err := decodeFences(b)
				return f, func() []byte { return appendFences(nil, f) }, err
			},
		},
		{
			name: "core",
			open: true, // at its end, the prints
			draw: func(t *rapid.T) ([]byte, any) {
				c := core{articles: rapid.IntRange(0, math.MaxUint32).Draw(t, "articles"), holders: rapid.IntRange(0, math.MaxUint32).Draw(t, "holders")}
				for _, p := range drawPrints(t) {
					n := rapid.Int8Range(match.FurnitureStories+1, math.MaxInt8).Draw(t, "least")
					c.counts = append(c.counts, furniture.Count{Print: p, N: n})
				}
				return c.append(nil), c
			},
			decode: func(b []byte) (any, func() []byte, error) {
				c, err := decodeCore(b)
				return c, func() []byte { return c.append(nil) }, err
			},
		},
		{
			name: "log",
			open: true, // at its end, the counts
			draw: func(t *rapid.T) ([]byte, any) {
				l := drawLog(t)
				return l.append(nil), l
			},
			decode: func(b []byte) (any, func() []byte, error) {
				l, err := decodeLog(b)
				return l, func() []byte { return l.append(nil) }, err
			},
		},
	}
}

const (
	fuzzFence = 1000 // the fence of the blocks that are tried
)

func drawNumber(t *rapid.T) number { return rapid.Uint32Range(1, math.MaxUint32).Draw(t, "number") }

func drawKeys(t *rapid.T, least uint64) []uint64 {
	keys := rapid.SliceOf(rapid.Uint64Range(least, math.MaxUint64>>hashShift)).Draw(t, "keys")
	slices.Sort(keys)
	if len(keys) == 0 {
		return nil
	}
	return keys
}

func drawPostings(t *rapid.T, fence uint64) []posting {
	var postings []posting
	for _, key := range drawKeys(t, fence) {
		postings = append(postings, posting{key, drawNumber(t)})
	}
	slices.SortFunc(postings, comparePostings)
	return slices.Compact(postings)
}

func drawRecord(t *rapid.T) record {
	s := rapid.String()
	r := record{
		ID: s.Draw(t, "id"), URL: s.Draw(t, "url"), Site: s.Draw(t, "site"), Title: s.Draw(t, "title"),
		Added: time.Unix(rapid.Int64Range(0, 1<<40).Draw(t, "added"), 0).UTC(), Words: rapid.IntRange(0, math.MaxInt32).Draw(t, "words"),
		Digest: digest(rapid.SliceOfN(rapid.Byte(), digestBytes, digestBytes).Draw(t, "digest")),
	}
	if rapid.Bool().Draw(t, "dated") {
		r.Published = time.Unix(rapid.Int64Range(-1<<35, 1<<40).Draw(t, "published"), 0).UTC()
	}
	if rapid.Bool().Draw(t, "exact") {
		r.Holder = drawNumber(t)
		return r
	}
	r.Sketch.Scale = rapid.Uint8Range(0, minhash.MaxScale).Draw(t, "scale")
	hashes := rapid.SliceOf(rapid.Uint64Range(0, minhash.Limit(r.Sketch.Scale)>>hashShift)).Draw(t, "hashes")
	slices.Sort(hashes)
	for _, h := range slices.Compact(hashes) {
		r.Sketch.Hashes = append(r.Sketch.Hashes, h<<hashShift)
	}
	return r
}

func drawRelation(t *rapid.T) relation {
	r := relation{
		Uncounted: rapid.Bool().Draw(t, "uncounted"), Group: rapid.IntRange(1, math.MaxUint32).Draw(t, "group"),
		GroupRep: rapid.Uint32().Draw(t, "first"),
	}
	if rapid.Bool().Draw(t, "clustered") {
		r.Story, r.Strict = drawNumber(t), drawNumber(t)
		r.Story, r.Strict = min(r.Story, r.Strict), max(r.Story, r.Strict)
	}
	return r
}

func drawEdges(t *rapid.T) []edge {
	figure := rapid.Float32Range(0, 1)
	list := []edge{}
	for _, other := range slices.Sorted(slices.Values(rapid.SliceOfNDistinct(rapid.Uint32Min(1), 0, 5, rapid.ID).Draw(t, "others"))) {
		list = append(list, edge{
			Other: other, Kind: match.Kind(rapid.IntRange(int(match.Rewrite), int(match.Exact)).Draw(t, "kind")),
			Jaccard: figure.Draw(t, "jaccard"), Containment: figure.Draw(t, "containment"), Contains: figure.Draw(t, "contains"), Weight: figure.Draw(t, "weight"),
		})
	}
	return list
}

func drawLog(t *rapid.T) batchLog {
	l := batchLog{Postings: drawPostings(t, 0)}
	for range rapid.IntRange(0, 3).Draw(t, "removed") {
		l.Removed = append(l.Removed, drawNumber(t))
	}
	for _, p := range drawPrints(t) {
		n := rapid.Int8Range(-math.MaxInt8, math.MaxInt8).Filter(func(n int8) bool { return n != 0 }).Draw(t, "count")
		l.Counts = append(l.Counts, furniture.Count{Print: p, N: n})
	}
	return l
}

// drawPrints are distinct prints in rising order.
func drawPrints(t *rapid.T) []furniture.Print {
	prints := rapid.SliceOfDistinct(rapid.Map(rapid.Uint32(), func(p uint32) furniture.Print { return furniture.Print(p) }), rapid.ID[furniture.Print]).Draw(t, "prints")
	slices.Sort(prints)
	return prints
}

// What was encoded is decoded to the same; a record that ends early or goes on is ErrCorrupt.
func TestRecordsRoundTrip(t *testing.T) {
	t.Parallel()
	for _, c := range codecs() {
		t.Run(c.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				encoded, want := c.draw(t)
				got, again, err := c.decode(encoded)
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("decode(%x) = %+v, %v, want %+v", encoded, got, err, want)
				}
				if string(again()) != string(encoded) {
					t.Fatalf("encoded again: %x, want %x", again(), encoded)
				}
				for n := range encoded {
					_, again, err := c.decode(encoded[:n:n])
					switch {
					case err == nil && !c.open:
						t.Fatalf("decode(%x), the first %d bytes of %d: no error", encoded[:n], n, len(encoded))
					case err == nil && string(again()) != string(encoded[:n]):
						t.Fatalf("decode(%x): encoded again %x", encoded[:n], again())
					case err != nil && !errors.Is(err, ErrCorrupt):
						t.Fatalf("decode(%x) = %v, want ErrCorrupt", encoded[:n], err)
					}
				}
				if !c.open {
					if _, _, err := c.decode(append(slices.Clone(encoded), 0)); !errors.Is(err, ErrCorrupt) {
						t.Fatalf("decode(%x with a byte more) = %v, want ErrCorrupt", encoded, err)
					}
				}
			})
		})
	}
}

// Two shingles whose hashes agree in the bits that are stored are one hash of the sketch, so that it is never said to have more in common
// with another one than it has.
func TestStoredHashesAreDistinct(t *testing.T) {
	t.Parallel()
	x := newIndex(t, Options{NoText: true})
	if got := x.sketchOf([]uint64{7<<hashShift | 1, 7<<hashShift | 2, 9 << hashShift}).Hashes; !slices.Equal(got, []uint64{7 << hashShift, 9 << hashShift}) {
		t.Errorf("the hashes of the sketch are %x, want 7 and 9", got)
	}
}

func TestInvalidRecordsAreRefused(t *testing.T) {
	t.Parallel()
	const digestHex = "00010203040506070809"
	for _, test := range []struct{ codec, name, hex string }{
		{"record", "unknown flags", "04 01 61 00 00 00 01 01" + digestHex + "00 00"},
		{"record", "string longer than the record", "00 ff01 61"},
		{"record", "string of 4 GiB", "00 ffffffff0f 61"},
		{"record", "endless number", "00 01 61 00 00 00 ffffffffffffffffffff01 01" + digestHex + "00 00"},
		{"record", "scale out of range", "00 01 61 00 00 00 01 01" + digestHex + "ff 00"},
		{"record", "more hashes than bytes", "00 01 61 00 00 00 01 01" + digestHex + "00 ffffffff0f"},
		{"record", "hash above the limit of its scale", "00 01 61 00 00 00 01 01" + digestHex + "08 01 02000000"},
		{"record", "a hash twice", "00 01 61 00 00 00 01 01" + digestHex + "00 02 0100008000000000"},
		{"record", "holder 0", "01 01 61 00 00 00 01 01" + digestHex + "00"},
		{"record", "holder of 33 bits", "01 01 61 00 00 00 01 01" + digestHex + "8080808010"},
		{"relation", "unknown flags", "04 01 00"},
		{"relation", "story 0", "02 00 04 01 00"},
		{"relation", "group of none", "00 00 00"},
		{"edges", "holder 0", "01 00 02 3e800000 3f000000 3f800000 3f400000"},
		{"edges", "other ends that do not rise", "02 01 02 3e800000 3f000000 3f800000 3f400000 00 02 3e800000 3f000000 3f800000 3f400000"},
		{"edges", "an end above 32 bits", "01 8080808010 02 3e800000 3f000000 3f800000 3f400000"},
		{"edges", "early end", "01 01 02 3e800000 3f000000 3f800000 3f4000"},
		{"edges", "kind quote", "01 01 01 3e800000 3f000000 3f800000 3f400000"},
		{"edges", "kind beyond exact", "01 01 06 3e800000 3f000000 3f800000 3f400000"},
		{"edges", "figure above 1", "01 01 02 3f800001 3f000000 3f800000 3f400000"},
		{"edges", "figure below 0", "01 01 02 bf800000 3f000000 3f800000 3f400000"},
		{"edges", "figure that is no number", "01 01 02 7fc00000 3f000000 3f800000 3f400000"},
		{"cluster", "representative 0", "02 00"},
		{"number", "0", "00"},
		{"number", "nothing", ""},
		{"block", "no postings", "00 00 00"},
		{"block", "no width", "01 00"},
		{"block", "number 0", "01 00 00 01"},
		{"block", "the same twice", "02 00 03 bb"},
		{"block", "numbers of 33 bits", "01 00 21 01"},
		{"block", "parameter above all", "01 21 01 03"},
		{"block", "key beyond 32 bits", "01 00 01 00000000000003"},
		{"block", "postings that are missing", "02 00 01 03"},
		{"block", "more postings than bits", "ff7f 00 01 03"},
		{"block", "a byte behind the last", "01 00 01 03 00"},
		{"fences", "beyond 40 bits", "ffffffffff1f 01"},
		{"fences", "unfinished", "80"},
		{"core", "nothing", ""},
		{"core", "articles of 33 bits", "8080808010"},
		{"core", "damaged counts", "05 05 01"},
		{"core", "what is furniture in three stories", "8004 8004 01 00 02 46"},
		{"log", "nothing", ""},
		{"log", "block longer than the record", "05 01"},
		{"log", "damaged block", "01 01 00"},
		{"log", "removed 0", "00 01 00"},
		{"log", "more removed than bytes", "00 ffffffff0f"},
		{"log", "damaged counts", "00 00 01"},
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(test.hex, " ", ""))
		if err != nil {
			t.Fatalf("%s, %s: %v", test.codec, test.name, err)
		}
		for _, c := range codecs() {
			if c.name != test.codec {
				continue
			}
			if value, _, err := c.decode(b); !errors.Is(err, ErrCorrupt) {
				t.Errorf("%s with %s: decode(%x) = %+v, %v, want ErrCorrupt", test.codec, test.name, b, value, err)
			}
		}
	}
}

// A decoder that fails leaves what was there before.
func TestDecodeBlockKeepsWhatItWasGiven(t *testing.T) {
	t.Parallel()
	dst := []posting{{1, 2}}
	got, err := decodeBlock(dst, 0, []byte{1, 1, 0})
	if !errors.Is(err, ErrCorrupt) || !slices.Equal(got, dst) {
		t.Errorf("decodeBlock of damaged bytes = %v, %v, want what was there", got, err)
	}
}

// fuzz feeds bytes to the decoder of one kind of record: no panic, no error but ours, and what is
// accepted is decoded to the same when it is encoded again.
func fuzz(f *testing.F, name string, seeds ...string) {
	for _, seed := range seeds {
		b, err := hex.DecodeString(strings.ReplaceAll(seed, " ", ""))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	list := codecs()
	c := list[slices.IndexFunc(list, func(c codec) bool { return c.name == name })]
	f.Fuzz(func(t *testing.T, b []byte) {
		value, again, err := c.decode(b)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatalf("decode(%x) = %v, want ErrCorrupt", b, err)
			}
			return
		}
		encoded := again()
		if len(encoded) > len(b) {
			t.Fatalf("decode(%x) = %+v, encoded again longer: %x", b, value, encoded)
		}
		if back, _, err := c.decode(encoded); err != nil || !reflect.DeepEqual(back, value) {
			t.Fatalf("decode(%x) = %+v; encoded %x, decoded again: %+v, %v", b, value, encoded, back, err)
		}
	})
}

func FuzzDecodeRecord(f *testing.F) {
	fuzz(f, "record", "00 01 61 00 00 01 54 01 01 00010203040506070809 00 01 df9b570100", "02 01 61 00 00 00 01 8001 02 00010203040506070809 00 00",
		"01 01 62 01 75 01 73 00 01 01 00010203040506070809 ac02", "00 01 61 00 00 00 01 09 00010203040506070809 04 02 03000010100000")
}

func FuzzDecodeRelation(f *testing.F) {
	fuzz(f, "relation", "01 01 00", "02 07 07 03 09")
}

func FuzzDecodeEdges(f *testing.F) { fuzz(f, "edges", "01 01 02 3e800000 3f000000 3f800000 3f400000") }

func FuzzDecodeCluster(f *testing.F) { fuzz(f, "cluster", "c801 05") }

func FuzzDecodeNumber(f *testing.F) { fuzz(f, "number", "ac02") }

func FuzzDecodeBlock(f *testing.F) { fuzz(f, "block", "03 00 03 fb1c", "") }

func FuzzDecodeFences(f *testing.F) { fuzz(f, "fences", "0a 00 a202", "") }

func FuzzDecodeCore(f *testing.F) {
	fuzz(f, "core", "8004 05", "8004 8004 01 00 02 86", "8004 8004 02 00 05 0bf20004")
}

func FuzzDecodeLog(f *testing.F) {
	fuzz(f, "log", "04 0100020a 01 ac02 020001 3c00803f000000", "00 00")
}
