package crawl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// place is an outcome, and where it is.
type place struct {
	at   Origin
	what string
}

// places reads inputs, what was skipped among the rest.
func places(t testing.TB, inputs []string, opts Options) []place {
	t.Helper()
	got := []place{}
	opts.Skipped = func(at Origin, reason string) { got = append(got, place{at, reason}) }
	for r, err := range Read(t.Context(), inputs, opts) {
		var p *Problem
		switch {
		case errors.As(err, &p):
			got = append(got, place{p.Origin, err.Error()})
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, place{r.Origin, fmt.Sprintf("%+v %s", r.Article, r.Row)})
		}
	}
	return got
}

// behind returns the outcomes of a file behind the n-th one, and those at the same place.
func behind(all []place, n int) []place {
	at := all[n].at
	return slices.DeleteFunc(slices.Clone(all[n+1:]), func(p place) bool {
		return p.at.File == at.File && p.at.Line == at.Line && p.at.Record == at.Record
	})
}

// Wherever a reader was left, going on there gives exactly what was left.
func TestResume(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	jsonLines := lineA + "\r\n\nbad\n" + lineB + "\n{\"id\":\"l\",\"text\":\"" + strings.Repeat("x", 300) + "\"}\n" + lineC + "\n" + lineA + "\n{}\n" + lineB
	table := "\nid,text\na,\"al\npha\"\nb,\"be\"ta\nc,gamma\n\nd\n\"e\ne\",\"\n\"\nf," + strings.Repeat("x", 300) + "\n\"g,gamma\nh,\"eta\"\n"
	archive := slicesOf([]byte("rubbish\r\n"), []byte(strings.Join(wire(), "")), []byte("more rubbish"), []byte(strings.Join(wire(), "")))
	records := gzipped(t, wire()...)
	arc := "filedesc://x.arc 0.0.0.0 20080509190241 text/plain 9\n1 0 test\n\n" +
		"http://a.example/1 192.0.2.1 20080509190241 text/plain 6\nalpha\n\n" +
		"http://a.example/2 192.0.2.1 20080509190242 image/png 5\nPNG..\n" +
		"http://a.example/3 192.0.2.1 20080509190243 text/plain 5\nbeta\n\n"
	parquet := parquetOf(t, 7, 0, 40, 1, 12)
	bad := bytes.Clone(parquet)
	for i := range 60 {
		bad[len(bad)*2/5+i] ^= 0x55
	}
	for name, data := range map[string][]byte{
		"lines.jsonl":        []byte(jsonLines),
		"lines.jsonl.gz":     gzipped(t, jsonLines[:40], jsonLines[40:]),
		"lines-cut.gz":       half(gzipped(t, manyLines(100))),
		"lines.jsonl.zst":    zstandard(t, jsonLines),
		"table.csv":          []byte(table),
		"table.csv.gz":       gzipped(t, table),
		"archive.warc":       archive,
		"records.warc.gz":    slicesOf(records, records),
		"damaged.warc.gz":    flip(slicesOf(records, records, records), len(records)+len(records)/2),
		"one-stream.warc.gz": gzipped(t, string(archive)),
		"x.arc":              []byte(arc),
		"x.parquet":          parquet,
		"damaged.parquet":    bad,
		"text.txt":           []byte("Headline\nText"),
		"page.html":          []byte("<p>alpha"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, folder, name, data)
			other := write(t, folder, "other-"+name+".jsonl", []byte(lineA+"\n"+lineB))
			inputs := []string{path, other, path}
			opts := Options{Rows: true, MaxLineBytes: 200, HTML: tellPage}
			first := places(t, inputs[:1], opts)
			all := places(t, inputs, opts)
			if len(first) < 1 || len(all) != 2*len(first)+2 {
				t.Fatalf("%d outcomes of one file, %d of all", len(first), len(all))
			}
			for n := range first {
				for _, workers := range []int{1, 3} {
					opts := opts
					opts.Workers, opts.After = workers, first[n].at
					got := places(t, inputs, opts)
					want := append(behind(first, n), all[len(first):]...)
					if diff := cmp.Diff(want, got, cmp.AllowUnexported(place{})); diff != "" {
						t.Fatalf("%d workers, after outcome %d, %+v (-want +got):\n%.3000s", workers, n, first[n], diff)
					}
				}
			}
		})
	}
}

// A file of lines, rows or records has no outcome without a place in it, but those that say that nothing can be read.
func TestEveryOutcomeHasAPlace(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"x.warc": "rubbish\r\n" + wire()[0], "y.warc": "rubbish", "z.warc.gz": string(half(gzipped(t, wire()[0]))),
		"x.csv": "", "x.jsonl.gz": string(half(gzipped(t, lineA))),
	} {
		for _, p := range places(t, []string{write(t, t.TempDir(), name, []byte(data))}, Options{}) {
			if p.at.Line == 0 && p.at.Record == 0 {
				t.Errorf("%s: %+v has no line or record", name, p)
			}
		}
	}
}

func TestResumeInAnotherFile(t *testing.T) {
	t.Parallel()
	path := write(t, t.TempDir(), "x", []byte(lineA))
	for _, inputs := range [][]string{nil, {"y", path}, {path + "/../x"}} {
		var errs []error
		for _, err := range Read(t.Context(), inputs, Options{After: Origin{File: path, Line: 1}}) {
			errs = append(errs, err)
		}
		var p *Problem
		if len(errs) != 1 || errors.As(errs[0], &p) || !strings.Contains(errs[0].Error(), "After") {
			t.Errorf("Read(%q) = %v, want an error about After alone", inputs, errs)
		}
	}
}

// A file that cannot be read any more is told of, wherever it was left.
func TestResumeInAFileThatIsDamagedNow(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{"x.parquet": half(parquetOf(t, 100)), "x.csv": []byte("no,column\n1,2"), "x.gz": {0x1f, 0x8b}, "x.pdf": []byte("%PDF-1.7")} {
		path := write(t, t.TempDir(), name, data)
		for _, after := range []Origin{{File: path, Line: 5}, {File: path, Record: 5}} {
			if got := places(t, []string{path}, Options{After: after}); len(got) != 1 {
				t.Errorf("%s, after %+v: %v, want one problem", name, after, got)
			}
		}
	}
}

// An offset that is no beginning of a line, or none, costs time but no line.
func TestResumeWithoutOffset(t *testing.T) {
	t.Parallel()
	path := write(t, t.TempDir(), "x.jsonl", []byte(lineA+"\n"+lineB+"\n"+lineC))
	for _, offset := range []int64{0, 5, 26, 1000, -1} {
		got := lines(t, "", Read(t.Context(), []string{path}, Options{After: Origin{File: path, Line: 2, Offset: offset}}))
		wantLines(t, fmt.Sprint("offset ", offset), got, path+":3@51 c=gamma")
	}
}

// Nothing of a plain file is read that lies far before where we go on.
func TestResumeSeeks(t *testing.T) {
	t.Parallel()
	path := write(t, t.TempDir(), "x.jsonl", []byte(strings.Repeat(lineA+"\n", 1<<16)+lineB))
	var read atomic.Int64
	opts := Options{After: Origin{File: path, Line: 1 << 16, Offset: 26 * (1<<16 - 1)}, ReadBytes: &read}
	for r, err := range Read(t.Context(), []string{path}, opts) {
		if want := (Origin{File: path, Line: 1<<16 + 1, Offset: 26 << 16}); err != nil || r.Origin != want {
			t.Errorf("Read: %+v, %v, want %+v", r, err, want)
		}
	}
	if size := int64(26<<16 + len(lineB)); read.Load() != size {
		t.Errorf("%d bytes read or passed over, want %d", read.Load(), size)
	}
}

func TestReadBytes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	parquet := parquetOf(t, 100, 100, 50)
	for name, data := range map[string][]byte{
		"a.jsonl": []byte(manyLines(500)), "b.jsonl.gz": gzipped(t, manyLines(500)), "c.zst": zstandard(t, manyLines(500)),
		"d.warc.gz": flip(gzipped(t, wire()...), 400), "e.csv": []byte("no,column\n" + strings.Repeat("x,y\n", 1<<17)), "f.txt": []byte("x"),
		"g.parquet": parquet, "h.parquet": half(parquet), "i.pdf": append([]byte("%PDF"), make([]byte, 1<<18)...), "j": nil,
		"k.xz": unhex(t, inXZ), "l.bz2": unhex(t, inBzip2), "m.gz": {0x1f, 0x8b},
	} {
		write(t, folder, name, data)
	}
	files, _ := List([]string{folder})
	var read atomic.Int64
	total, last := int64(0), int64(0)
	for _, f := range files {
		total += f.SizeBytes
		for range Read(t.Context(), []string{f.Name}, Options{ReadBytes: &read}) {
			if now := read.Load(); now < last || now > total {
				t.Errorf("%s: %d bytes read, then %d, of %d", f.Name, last, now, total)
			}
		}
		if last = read.Load(); last != total {
			t.Errorf("%s: %d bytes read, want %d", f.Name, last, total)
		}
	}
	before := read.Load()
	for range Read(t.Context(), []string{"-"}, Options{ReadBytes: &read, Stdin: io.MultiReader(strings.NewReader(lineA), strings.NewReader(lineB))}) {
	}
	if got := read.Load() - before; got != int64(len(lineA+lineB)) {
		t.Errorf("%d bytes read of standard input, want %d", got, len(lineA+lineB))
	}
}

func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	path := write(t, t.TempDir(), "x.csv", []byte("id,text\n"))
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	wantLines(t, "unreadable", lines(t, "", Read(t.Context(), []string{path}, Options{})), path+": permission denied")
}
