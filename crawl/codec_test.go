package crawl

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Both hold lineA and lineB, as xz and bzip2 wrote them.
const (
	inXZ = "fd377a585a000004e6d6b4460200210116000000742fe5a3e0003200265d003d88892681935385b17e8b40a561e8381b6c5fc82a4ce05dc7970083" +
		"e90aa5f111460e1c80000000008c3161000b1bc05f00014233baf9195d1fb6f37d010000000004595a"
	inBzip2 = "425a683931415926535905f42400000017d9800010100400103664444a2000314c001341288c46a0dea226b5fbbec116516cd3ee1be2e0e415c42" +
		"81c460e8bb9229c284802fa120000"
	// xz --lzma2=dict=1536MiB
	inXZOfHugeDictionary = "fd377a585a000004e6d6b44602002101250000003b787b41e0003200265d003d88892681935385b17e8b40a561e8381b6c5fc82a4ce05d" +
		"c7970083e93fc686c474e018e0000000008c3161000b1bc05f00014233baf9195d1fb6f37d010000000004595a"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	data, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

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

func TestReadXZAndBzip2(t *testing.T) {
	t.Parallel()
	xz, bzip2 := unhex(t, inXZ), unhex(t, inBzip2)
	ab := []string{"x:1@0 a=alpha", "x:2@26 b=beta"}
	abab := append(ab[:2:2], "x:3@51 a=alpha", "x:4@77 b=beta")
	for _, test := range []struct {
		name string
		data []byte
		want []string
	}{
		{"xz", xz, ab},
		{"xz, two streams", slicesOf(xz, xz), abab},
		{"xz, padded", slicesOf(xz, make([]byte, 8), xz, make([]byte, 4)), abab},
		{"bzip2", bzip2, ab},
		{"bzip2, two streams", slicesOf(bzip2, bzip2), abab},
		{"bzip2, of nothing", unhex(t, "425a683917724538509000000000"), []string{"x: the file has no text"}},
		{"text that begins like bzip2", []byte("BZh9 is how it begins"), []string{"x:0@0 x=BZh9 is how it begins"}},
	} {
		wantLines(t, test.name, readAll(t, "x", test.data), test.want...)
	}
	wantLines(t, "name inside of another", readAll(t, "x.csv.xz", xz), `x.csv.xz:1: header: `+errQuote.Error())
	wantLines(t, "twice", readAll(t, "x.gz", gzipped(t, string(bzip2))), "x.gz: format not supported: this is compressed twice; decompress it once")
}

func slicesOf(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// readAll reads data as the file of a name.
func readAll(t testing.TB, name string, data []byte) []string {
	t.Helper()
	folder := t.TempDir()
	got := lines(t, folder, Read(t.Context(), []string{write(t, folder, name, data)}, Options{}))
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], folder+"/", "")
	}
	return got
}

// However xz and bzip2 are cut off or changed, what is told is damage, and what was there before stays.
func TestDamagedXZAndBzip2(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{"xz": unhex(t, inXZ), "bzip2": unhex(t, inBzip2)} {
		for i := 10; i < len(data); i++ {
			for what, damaged := range map[string][]byte{
				"cut at": data[:i], "changed at": flip(data, i), "with rubbish behind": append(data[:len(data):len(data)], data[i:]...),
			} {
				var problem error
				for _, err := range Read(t.Context(), []string{"-"}, Options{Stdin: bytes.NewReader(damaged)}) {
					if err != nil {
						problem = err
					}
				}
				harmless := errors.Is(problem, ErrNoText) || errors.Is(problem, ErrNotObject) // no check sum covers the length of a text
				if !errors.Is(problem, ErrDamaged) && !harmless && !errors.Is(problem, ErrFormat) && what != "changed at" {
					t.Errorf("%s %s %d: %v, want ErrDamaged", name, what, i, problem)
				}
			}
		}
	}
	whole := unhex(t, inXZ)
	got := readAll(t, "x", append(whole, unhex(t, inXZ)[:40]...))
	if len(got) != 3 || got[0] != "x:1@0 a=alpha" || !strings.HasPrefix(got[2], "x:3: damaged compressed data after 51 bytes of content: unexpected EOF") {
		t.Errorf("xz, second stream cut off: %q", got)
	}
}

func TestHugeDictionaries(t *testing.T) {
	t.Parallel()
	tooLarge := binary.LittleEndian.AppendUint32(nil, dictionaryFrame)
	tooLarge = binary.LittleEndian.AppendUint32(tooLarge, maxDictionaryBytes+1)
	tooLarge = binary.LittleEndian.AppendUint32(tooLarge, dictionaryMagic)
	bomb := skippable(dictionaryFrame, zstandard(t, strings.Repeat("x", maxDictionaryBytes+1)))
	for name, data := range map[string][]byte{"xz": unhex(t, inXZOfHugeDictionary), "zstd": tooLarge, "zstd, decompressed": bomb} {
		for r, err := range Read(t.Context(), []string{"-"}, Options{Stdin: bytes.NewReader(data)}) {
			if !errors.Is(err, ErrFormat) || errors.Is(err, ErrDamaged) {
				t.Errorf("%s: %+v, %v, want ErrFormat", name, r, err)
			}
		}
	}
}

// A bomb of 256 MiB in one line must cost no memory. (That of gzip is in TestReadBomb.)
func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("decompresses 256 MiB, slowly")
	}
	for name, data := range map[string]string{
		"xz": "H4sIAFNxBGsC/5Pv5mAILmTJZvr/9kK09+VEhoaP5c+UNGclTmHXUvaanXyu+4pUmseaUK9XGnd8dDQ6DU+dMAp6o79wroD6YYNundQO5dWdgh5rWQ8xxW" +
			"YsOb2I+YZT8KaeDOfrXfscyu9+sYl/0Biv8dhnomfHif7Fe3dxbAzb5sQROPHVe4720E2/hCaWPnzUFjV74bnI4srZfx+4pDUt/bLS6Htt53LDc5uvi+wS" +
			"2lusc0Vu9+pTVtVx+5d6hE74n9R/9o6BiOjnG79f/vSfX5yipPr44Y8F95bM3Lnq3PxP93Lem572/tU2if3qdXPT39ZGV9yFis5vszqWt3LJgyfffmhl2m" +
			"w99HGr0ZNdwXPF7n9boPg242fvudKll08ylx4+qzs9a4rvZk/1+iM7xbc92doSd092o9av69JM92dfuvzkW/X8flvN87c3puzInLn494FV+9LPLbnx99iv" +
			"k5sOKV1/svL2Mf5/ST8XLXge+v1PTKJXa3lpYZLfh15F7Q0fA6aESQVE3bt7ve5l/RK9Uo1t7/RObzymw+t+m+m4vzRz996Hz1LmLsre9+ttzGq3vefvRn" +
			"x/G7P294f9EdU6s9NvHbq4ScSw9tCFztPx11m73sgdYGDmMRiCxIb/wj6r1ggG1h+oyY7b3XLijN/3n0JnrRQnVymt85ykIuyUP18qdl/Q6kiFOvFMk79M" +
			"l7pq2zVmMjAAAIWzGQ2jAgAA",
		"bzip2": "H4sIAFNxBGsC/wGqAFX/H4sIAFNxBGsC/3OKyrA0dIxUC47cMEl1Jmud1c2GAwICLAwCaikuXgwcCgwBC5fNYBAMyVzWH7jsq/+CRUyrOncpKGk1CK/76q" +
			"b1Re7tnKzrV7ZMuhjIGOry5yhrykzfFAv17hrWOksGZgYGBoUGhkOMppJcDdOWaDHF0Ef+odCyFpaV3EB5AZD8YQORZbMchdwONan0ixe5WgRMmPc0PxYA" +
			"27Uwf/gAAADgnrceqgAAAA==",
		"zstd": "",
	} {
		packed, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			t.Fatal(err)
		}
		var r io.Reader = bytes.NewReader(packed)
		if name == "zstd" {
			var out bytes.Buffer
			w, err := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
			if err != nil {
				t.Fatal(err)
			}
			zeros := make([]byte, 1<<20)
			_, _ = io.WriteString(w, lineA+"\n{")
			for range 256 {
				_, _ = w.Write(zeros)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			r = &out
		} else { // gzip twice, since they shrink so much
			for range 2 {
				if r, err = gzip.NewReader(r); err != nil {
					t.Fatal(err)
				}
			}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := lines(t, "", Read(t.Context(), []string{"-"}, Options{Stdin: r, MaxLineBytes: 1 << 20}))
		runtime.ReadMemStats(&after)
		wantLines(t, name, got, "-:1@0 a=alpha", "-:2: line too long: 268435457 bytes, at most 1048576 are read (MaxLineBytes)")
		if used := after.TotalAlloc - before.TotalAlloc; used > 48<<20 {
			t.Errorf("%s: reading a bomb with a limit of 1 MiB a line allocated %d MiB in all, want at most 48", name, used>>20)
		}
	}
}

// skippable makes a frame that decoders pass over.
func skippable(magic uint32, content []byte) []byte {
	head := binary.LittleEndian.AppendUint32(nil, magic)
	return append(binary.LittleEndian.AppendUint32(head, uint32(len(content))), content...)
}

func TestZstdDictionary(t *testing.T) {
	t.Parallel()
	var contents [][]byte
	for i := range 50 {
		contents = append(contents, fmt.Appendf(nil, "%s\n%x The harbour number %d was closed.", wire()[i%len(wire())], i*7919, i))
	}
	dictionary, err := zstd.BuildDict(zstd.BuildDictOptions{
		ID: 7, Contents: contents, History: []byte("WARC/1.0\r\nWARC-Type: response\r\n"), Offsets: [3]int{1, 4, 8},
	})
	if err != nil {
		t.Fatal(err)
	}
	var frames []byte
	for _, record := range wire() {
		frames = append(frames, zstandard(t, record, zstd.WithEncoderDict(dictionary))...)
	}
	plain := readAs(t, "x.warc", strings.NewReader(strings.Join(wire(), "")), Options{HTML: tellPage})
	for _, test := range []struct {
		name string
		data []byte
	}{
		{"dictionary", slicesOf(skippable(dictionaryFrame, dictionary), frames)},
		{"compressed dictionary", slicesOf(skippable(dictionaryFrame, zstandard(t, string(dictionary))), frames)},
		{"something else in the frame", slicesOf(skippable(dictionaryFrame, []byte("an index")), zstandard(t, strings.Join(wire(), "")))},
		{"nothing in the frame", slicesOf(skippable(dictionaryFrame, nil), zstandard(t, strings.Join(wire(), "")))},
	} {
		wantLines(t, test.name, readAs(t, "x.warc.zst", bytes.NewReader(test.data), Options{HTML: tellPage}), plain...)
	}
	whole := skippable(dictionaryFrame, dictionary)
	for name, test := range map[string]struct {
		data []byte
		want error
	}{
		"no dictionary":                      {frames, ErrFormat},
		"dictionary cut off":                 {whole[:len(whole)-5], ErrDamaged},
		"dictionary changed":                 {slicesOf(flip(whole, 20), frames), ErrDamaged},
		"compressed dictionary cut off":      {skippable(dictionaryFrame, half(zstandard(t, string(dictionary)))), ErrDamaged},
		"dictionary, and nothing behind it ": {whole[:12], ErrDamaged},
	} {
		n := 0
		for r, err := range Read(t.Context(), []string{"-"}, Options{Stdin: bytes.NewReader(test.data)}) {
			if n++; !errors.Is(err, test.want) {
				t.Errorf("%s: %s, %v, want %v", name, fmt.Sprint(r.Origin), err, test.want)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d outcomes, want 1", name, n)
		}
	}
}
