package crawl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/dedupe-news/dedupe/article"
)

// TestReadDamagedArchives damages archives of three records, each in one way.
func TestReadDamagedArchives(t *testing.T) {
	t.Parallel()
	r := wire()
	whole := strings.Join(r, "")
	second := int64(len(r[0])) // where the second record begins
	third := second + int64(len(r[1]))
	block2 := strings.Index(r[1], "\r\n\r\n") + 4
	length := func(s string) string {
		return strings.Replace(r[1], "Content-Length: 47", "Content-Length: "+s, 1)
	}
	at := func(record int, offset int64, what string) string {
		return fmt.Sprintf("record %d at byte %d: damaged record: %s", record, offset, what)
	}
	html := response("200 OK", "Whole, HTTP says.", plainText, "Content-Length: 17")
	plain := []struct {
		name, data string
		want       []string
	}{
		{"end in a block", whole[:len(whole)-10], []string{fromWire[0], fromWire[1], at(3, third, "the file ends after 36 of the 42 bytes of its block")}},
		{"end in a block of 47", whole[:second+int64(block2)+10], []string{fromWire[0], at(2, second, "the file ends after 10 of the 47 bytes of its block")}},
		{"end in a header", whole[:second+100], []string{fromWire[0], at(2, second, "the file ends in its header after 99 bytes")}},
		{"end in a version", whole[:second+7], []string{fromWire[0], at(1, second, "7 bytes that belong to no record were skipped")}},
		{"end without line ends", strings.TrimSpace(whole), fromWire},
		{"cut off in a block, and put together", r[0] + r[1][:block2+10] + r[2],
			[]string{fromWire[0], at(2, second, "the next record begins after 10 of the 47 bytes of its block"), fromWire[2]}},
		{"cut off in a header, and put together", r[0] + r[1][:100] + r[2],
			[]string{fromWire[0], at(2, second, "the next record begins in its header; 100 bytes skipped"), fromWire[2]}},
		{"cut off at the end in a header, and put together", r[0] + r[1][:100] + r[2][:100],
			[]string{fromWire[0], at(2, second, "the next record begins in its header; 99 bytes skipped"), at(3, second+100, "the file ends in its header after 99 bytes")}},
		{"length too large", r[0] + length("70") + r[2],
			[]string{fromWire[0], at(2, second, "the next record begins after 51 of the 70 bytes of its block"), fromWire[2]}},
		{"length beyond the end", r[0] + length("70000") + r[2],
			[]string{fromWire[0], at(2, second, "the next record begins after 51 of the 70000 bytes of its block"), fromWire[2]}},
		{"length beyond the limit", r[0] + length("700000000000000000") + r[2],
			[]string{fromWire[0], at(2, second, "the next record begins after 51 of the 700000000000000000 bytes of its block"), fromWire[2]}},
		{"length too small", r[0] + length("21") + r[2],
			[]string{fromWire[0], "2 https://b.example/2 Ferries wait outside.", at(2, second+int64(block2)+23, "28 bytes that belong to no record were skipped"), fromWire[2]}},
		{"length negative", r[0] + length("-47") + r[2], []string{fromWire[0], at(2, second, fmt.Sprintf(`its length is "-47"; %d bytes skipped`, len(r[1])+1)), fromWire[2]}},
		{"length no number", r[0] + length("many") + r[2], []string{fromWire[0], at(2, second, fmt.Sprintf(`its length is "many"; %d bytes skipped`, len(r[1])+2)), fromWire[2]}},
		{"length of 30 digits", r[0] + length(strings.Repeat("7", 30)) + r[2],
			[]string{fromWire[0], at(2, second, fmt.Sprintf(`its length is "777777777777777777777777777777"; %d bytes skipped`, len(r[1])+28)), fromWire[2]}},
		{"version overwritten", r[0] + "XXXX" + r[1][4:] + r[2],
			[]string{fromWire[0], at(1, second, fmt.Sprint(len(r[1]), " bytes that belong to no record were skipped")), "2" + fromWire[2][1:]}},
		{"header without end", r[0] + "WARC/1.0\r\nWARC-Type: resource\r\n" + strings.Repeat("X: y\r\n", maxHeaderBytes/6) + r[2],
			[]string{fromWire[0], at(2, second, fmt.Sprintf("the next record begins in its header; %d bytes skipped", 31+maxHeaderBytes/6*6)), fromWire[2]}},
		{"header without end, longer", r[0] + "WARC/1.0\r\nWARC-Type: resource\r\n" + strings.Repeat("X: y\r\n", maxHeaderBytes) + r[2],
			[]string{fromWire[0], at(2, second, fmt.Sprintf("the header has more than 262144 bytes; %d bytes skipped", 31+maxHeaderBytes*6)), fromWire[2]}},
		{"zeros between records", r[0] + strings.Repeat("\x00", 100_000) + r[1] + r[2],
			[]string{fromWire[0], at(1, second, "100000 bytes that belong to no record were skipped"), fromWire[1], fromWire[2]}},
		{"zeros at the end", whole + strings.Repeat("\x00", 100), append(fromWire[:3:3], at(3, int64(len(whole)), "100 bytes that belong to no record were skipped"))},
		{"nonsense at the beginning", "nonsense\n" + whole, []string{
			"record 1 at byte 0: damaged record: 9 bytes that belong to no record were skipped", "2" + fromWire[0][1:], "3" + fromWire[1][1:], "4" + fromWire[2][1:]}},
		{"nothing but nonsense", "non\nsense WARC/1.0 ", []string{
			"record 1 at byte 0: damaged record: 19 bytes that belong to no record were skipped"}},
		{"line ends converted, so that lengths are too large", strings.ReplaceAll(warc("response", "http://a.example/", "application/http", html)+r[1], "\r\n", "\n"),
			[]string{"1 http://a.example/ Whole, HTTP says.", at(1, 0, "the next record begins after 80 of the 82 bytes of its block"), "2" + fromWire[1][1:]}},
	}
	for _, test := range plain {
		t.Run("plain/"+test.name, func(t *testing.T) {
			got := readAs(t, "x.warc", strings.NewReader(test.data), Options{})
			wantLines(t, test.name, got, test.want...)
		})
	}
	packed := gzipped(t, r...)
	m := int(len(gzipped(t, r[0])))
	m3 := m + len(gzipped(t, r[1]))
	without := func(from, to int) []byte { return append(bytes.Clone(packed[:from]), packed[to:]...) }
	stored := func(s string) []byte { // a member with one stored block
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.NoCompression)
		_, _ = io.WriteString(z, s)
		_ = z.Close()
		return b.Bytes()
	}
	big := stored(warc("resource", "http://a.example/", "text/plain", strings.Repeat("x", 60_000)))
	const lost = "LOST"
	for _, test := range []struct {
		name string
		data []byte
		want []string
	}{
		{"magic", flip(packed, m), []string{fromWire[0], lost, fromWire[2]}},
		{"method", flip(packed, m+2), []string{fromWire[0], lost, fromWire[2]}},
		{"first bytes", flip(packed, m+11), []string{fromWire[0], lost, fromWire[2]}},
		{"middle", flip(packed, (m+m3)/2), []string{fromWire[0], lost, fromWire[2]}},
		{"checksum", flip(packed, m3-8), []string{fromWire[0], lost, fromWire[2]}},
		{"a byte is missing", without((m+m3)/2, (m+m3)/2+1), []string{fromWire[0], lost, fromWire[2]}},
		{"most is missing", without(m+40, m3), []string{fromWire[0], lost, fromWire[2]}},
		{"all but the magic is missing", without(m+3, m3), []string{fromWire[0], lost, fromWire[2]}},
		{"trailer is missing", without(m3-8, m3), []string{fromWire[0], lost, fromWire[2]}},
		{"zeros inside", concat(packed[:m+50], make([]byte, 100_000), packed[m+50:]), []string{fromWire[0], lost, fromWire[2]}},
		{"a member that swallows the next ones", concat(packed[:m], big[:500], packed[m3:]), []string{fromWire[0], lost, fromWire[2]}},
	} {
		t.Run("gzip/"+test.name, func(t *testing.T) {
			got := readAs(t, "x.warc.gz", bytes.NewReader(test.data), Options{})
			skipped := len(test.data) - (len(packed) - m3) - m
			wantProblem(t, got, 1, fmt.Sprintf("record 2 at byte %d: damaged compressed data", m), fmt.Sprintf("; %d bytes of the file skipped", skipped))
			wantLines(t, test.name, append(got[:1:1], got[min(2, len(got)):]...), test.want[0], test.want[2])
		})
	}
	t.Run("gzip/end in a member", func(t *testing.T) {
		got := readAs(t, "x", bytes.NewReader(packed[:m3-20]), Options{})
		wantProblem(t, got, 1, fmt.Sprintf("record 2 at byte %d: damaged compressed data", m), fmt.Sprintf("; %d bytes of the file skipped", m3-20-m))
		wantLines(t, "before", got[:1], fromWire[0])
	})
	t.Run("gzip/end in a trailer", func(t *testing.T) {
		got := readAs(t, "x", bytes.NewReader(packed[:m3-3]), Options{})
		wantProblem(t, got, 2, fmt.Sprintf("record 2 at byte %d: damaged compressed data", m), fmt.Sprintf("; %d bytes of the file skipped", m3-3-m))
		wantLines(t, "before", got[:2], fromWire[:2]...)
	})
	t.Run("gzip/first member", func(t *testing.T) {
		for _, data := range [][]byte{packed[10:], flip(packed, 0), flip(packed, 20), append([]byte("nonsense"), packed[m-9:]...)} {
			got := readAs(t, "x.warc.gz", bytes.NewReader(data), Options{})
			wantProblem(t, got, 0, "record 1 at byte 0: damaged compressed data", fmt.Sprintf("; %d bytes of the file skipped", len(data)-len(packed)+m))
			wantLines(t, "behind", got[1:], fromWire[1:]...)
		}
	})
	t.Run("gzip/cut off in the content of a member", func(t *testing.T) {
		got := readAs(t, "x.warc.gz", bytes.NewReader(gzipped(t, r[0], r[1][:block2+5], r[2], "WARC/1.0\r\nWARC-")), Options{})
		wantLines(t, "cut", got, fromWire[0], at(2, int64(m), "the next record begins after 5 of the 47 bytes of its block"), fromWire[2],
			strings.Replace(at(3, int64(m+len(gzipped(t, r[1][:block2+5]))+len(gzipped(t, r[2]))), "15 bytes that belong to no record were skipped"), "\n", "", 1))
	})
	t.Run("gzip/one stream", func(t *testing.T) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, r[0])
		_ = z.Flush() // what is behind does not matter to the first record
		n := b.Len()
		_, _ = io.WriteString(z, r[1]+r[2])
		_ = z.Close()
		got := readAs(t, "x.warc.gz", bytes.NewReader(b.Bytes()[:n+120]), Options{})
		wantProblem(t, got, 2, "record 3 at byte 0: damaged compressed data after", fmt.Sprintf("; %d bytes of the file skipped", n+120))
		wantLines(t, "before", got[:2], fromWire[:2]...)
	})
	t.Run("gzip/ARC", func(t *testing.T) {
		members := []string{arc("filedesc://x.arc", "text/plain", "1 0 x\nURL\n"), arc("http://a.example/", "text/plain", "A"), arc("http://b.example/", "text/plain", "B")}
		data := gzipped(t, members...)
		got := readAs(t, "x.arc.gz", bytes.NewReader(flip(data, len(gzipped(t, members[0]))+30)), Options{})
		wantProblem(t, got, 0, "record 2 at byte", "bytes of the file skipped")
		wantLines(t, "behind", got[1:], "3 http://b.example/ B")
	})
	t.Run("zstd", func(t *testing.T) {
		data := append(zstandard(t, whole), zstandard(t, whole)...)
		got := readAs(t, "x.warc.zst", bytes.NewReader(data[:len(data)-5]), Options{})
		wantProblem(t, got, 3, "record 3 at byte 526: ", "damaged compressed data")
		wantLines(t, "before", got[:3], fromWire...)
	})
	t.Run("reader fails", func(t *testing.T) {
		broken := errors.New("the disk is broken")
		for n := range len(packed) {
			got := readAs(t, "x.warc.gz", io.MultiReader(bytes.NewReader(packed[:n]), &failing{broken}), Options{})
			if len(got) == 0 || !strings.Contains(strings.Join(got, "\n"), "the disk is broken") {
				t.Fatalf("after %d bytes: got %q, want the error of the disk", n, got)
			}
		}
		got := readAs(t, "x.warc", io.MultiReader(strings.NewReader(whole[:third+5]), &failing{broken}), Options{})
		wantProblem(t, got, 2, "record 3 at byte", "the disk is broken")
	})
}

type failing struct{ err error }

// TestReadLongRecords wants records beyond the limit to be skipped without being held.
func TestReadLongRecords(t *testing.T) {
	before, after := wire()[0], wire()[2]
	const limit, size = 1 << 20, 300 << 20
	long := func(fields ...string) io.Reader {
		head := response("200 OK", "", fields...)
		h := strings.Replace(warc("response", "http://a.example/", "application/http", head), fmt.Sprint("Content-Length: ", len(head)),
			fmt.Sprint("Content-Length: ", len(head)+size), 1)
		return io.MultiReader(strings.NewReader(before+strings.TrimSuffix(h, "\r\n\r\n")), io.LimitReader(letters{}, size), strings.NewReader("\r\n\r\n"+after))
	}
	behind := "3" + fromWire[2][1:]
	for _, test := range []struct {
		name string
		data io.Reader
		want []string
	}{
		{"text", long(plainText), []string{fromWire[0], "record 2 at byte 293: record too long: 314572845 bytes, at most 1048576 are read (MaxRecordBytes)", behind}},
		{"video", long("Content-Type: video/mp4"), []string{fromWire[0], "2 skipped: video/mp4", behind}},
	} {
		runtime.GC()
		var m0, m1 runtime.MemStats
		runtime.ReadMemStats(&m0)
		got := readAs(t, "x.warc", test.data, Options{MaxRecordBytes: limit, Workers: 1})
		runtime.ReadMemStats(&m1)
		wantLines(t, test.name, got, test.want...)
		if allocated := m1.TotalAlloc - m0.TotalAlloc; allocated > 8*limit {
			t.Errorf("%s: %d bytes allocated, want a few times the limit of %d", test.name, allocated, limit)
		}
	}
}

// letters are letters without end.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// TestReadLies wants many headers that claim long blocks to cost no more than their bytes: 50,000 times 60 MB would take minutes.
func TestReadLies(t *testing.T) {
	t.Parallel()
	lie := "WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 60000000\r\n\r\ntext"
	arcLie := "http://a.example/ 192.0.2.1 20260102030405 text/plain 60000000\ntext"
	const n = 50_000
	started := time.Now()
	for _, test := range []struct{ name, data string }{
		{"x.warc", strings.Repeat(lie, n)},
		{"x.arc", arc("filedesc://x", "text/plain", "") + strings.Repeat(arcLie, n)},
		{"x.warc.gz", string(gzipped(t, strings.Repeat(lie, n)))},
		{"members.warc.gz", string(bytes.Repeat(gzipped(t, lie), n))},
	} {
		got := readAs(t, test.name, strings.NewReader(test.data), Options{})
		if len(got) != n {
			t.Errorf("%s: %d problems, want %d; the last is %s", test.name, len(got), n, got[len(got)-1])
		}
	}
	if took := time.Since(started); took > time.Minute {
		t.Errorf("took %v, want some seconds", took)
	}
}

func TestReadTooLong(t *testing.T) {
	t.Parallel()
	const limit = 100
	for _, size := range []int{limit, limit + 1, blockBytes - 1, blockBytes, blockBytes + 1, 3 * blockBytes} {
		for _, lineEnd := range []string{"\n", "\n\n", ""} {
			t.Run(fmt.Sprintf("%d/%q", size, lineEnd), func(t *testing.T) {
				t.Parallel()
				line := `{"id":"l","text":"` + strings.Repeat("x", size-len(`{"id":"l","text":""}`)) + `"}`
				data := lineA + "\n" + line + lineEnd
				want := []string{"-:1@0 a=alpha", fmt.Sprintf("-:2: line too long: %d bytes, at most 100 are read (MaxLineBytes)", size)}
				if size <= limit {
					want[1] = "-:2@26 l=" + strings.Repeat("x", size-len(`{"id":"l","text":""}`))
				}
				if lineEnd != "" {
					want = append(want, fmt.Sprintf("-:%d@%d b=beta", 2+len(lineEnd), len(data)),
						fmt.Sprintf("-:%d@%d c=gamma", 3+len(lineEnd), len(data+lineB)+1))
					data += lineB + "\n" + lineC
				}
				opts := Options{MaxLineBytes: limit}
				wantLines(t, "one read", readString(t, data, opts), want...)
				opts.Stdin = &trickle{data: []byte(data), sizes: []int{1, 7, 26, 4096, blockBytes}}
				wantLines(t, "many reads", lines(t, "", Read(t.Context(), []string{"-"}, opts)), want...)
			})
		}
	}
	t.Run("is not ErrNotObject", func(t *testing.T) {
		t.Parallel()
		opts := stdin("{" + strings.Repeat("x", 200))
		opts.MaxLineBytes = limit
		for _, err := range Read(t.Context(), []string{"-"}, opts) {
			if !errors.Is(err, ErrTooLong) || errors.Is(err, ErrNotObject) {
				t.Errorf("Read: %v, want ErrTooLong alone", err)
			}
		}
	})
	t.Run("line longer than the buffer, within the limit", func(t *testing.T) {
		t.Parallel()
		text := strings.Repeat("x", 5*blockBytes/2)
		got := readString(t, lineA+"\n"+`{"id":"l","text":"`+text+"\"}\n"+lineB, Options{})
		wantLines(t, "lines", got, "-:1@0 a=alpha", "-:2@26 l="+text, fmt.Sprintf("-:3@%d b=beta", 26+20+len(text)+1))
	})
	t.Run("text file", func(t *testing.T) {
		t.Parallel()
		wantLines(t, "101 bytes", readString(t, strings.Repeat("x", 101), Options{MaxTextFileBytes: limit}),
			"-: text file too long: more than 100 bytes (MaxTextFileBytes)")
		wantLines(t, "100 bytes", readString(t, strings.Repeat("x", 15)+"\n"+strings.Repeat("y", 84), Options{MaxTextFileBytes: limit}),
			"-:0@0 "+article.DeriveID("", strings.Repeat("x", 15)+"\n"+strings.Repeat("y", 84))+"="+
				strings.Repeat("x", 15)+"\n"+strings.Repeat("y", 84))
	})
}

// trickle gives its data in reads of the given sizes, in turn.
type trickle struct {
	data  []byte
	sizes []int
	next  int
}

func (r *trickle) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.data[:min(len(r.data), r.sizes[r.next%len(r.sizes)])])
	r.data = r.data[n:]
	r.next++
	return n, nil
}

// A bomb of one endless line must cost no memory: 1 GiB of zeros, one MiB compressed.
func TestReadBomb(t *testing.T) {
	if testing.Short() {
		t.Skip("decompresses 1 GiB")
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, lineA+"\n{"); err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 1 << 10 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := lines(t, "", Read(t.Context(), []string{"-"}, Options{Stdin: &packed, MaxLineBytes: 1 << 20}))
	runtime.ReadMemStats(&after)
	wantLines(t, "bomb", got, "-:1@0 a=alpha", "-:2: line too long: 1073741825 bytes, at most 1048576 are read (MaxLineBytes)")
	if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
		t.Errorf("reading a bomb with a limit of 1 MiB a line allocated %d MiB in all, want at most 32", used>>20)
	}
}

func TestReadDamaged(t *testing.T) {
	t.Parallel()
	var whole strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&whole, "{\"id\":\"%d\",\"text\":\"%x\"}\n", i, i*i*7919)
	}
	text := strings.Repeat("A text that is cut.\n", 1000)
	noSum := gzipped(t, lineA+"\n"+lineB)
	for _, test := range []struct {
		name      string
		data      []byte
		least     int // records before the problem
		most      int
		cause     error
		fileIsBad bool // the problem comes before any line
	}{
		{"gzip, cut in the middle", half(gzipped(t, whole.String())), 5000, 15000, io.ErrUnexpectedEOF, false},
		{"gzip, without its check sum", noSum[:len(noSum)-8], 2, 2, io.ErrUnexpectedEOF, false},
		{"gzip, wrong check sum", flip(noSum, len(noSum)-6), 2, 2, gzip.ErrChecksum, false},
		{"gzip, only the magic", []byte{0x1f, 0x8b}, 0, 0, ErrDamaged, true},
		{"gzip, second member cut", half2(t, lineA+"\n", whole.String()), 1, 19999, io.ErrUnexpectedEOF, false},
		{"gzip, rubbish behind it", append(gzipped(t, lineA+"\n"), "rubbish that is longer than a header"...), 1, 1, gzip.ErrHeader, false},
		{"zstd, cut in the middle", half(zstandard(t, whole.String())), 1, 19999, io.ErrUnexpectedEOF, false},
		{"zstd, only the magic", []byte{0x28, 0xb5, 0x2f, 0xfd}, 0, 0, ErrDamaged, true},
		{"text, cut", half(gzipped(t, text)), 0, 0, io.ErrUnexpectedEOF, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			bad := write(t, folder, "bad", test.data)
			good := write(t, folder, "good", gzipped(t, lineC))
			records, problems := 0, []*Problem{}
			for r, err := range Read(t.Context(), []string{bad, good, bad}, Options{}) {
				var p *Problem
				switch {
				case errors.As(err, &p):
					problems = append(problems, p)
				case err != nil:
					t.Fatalf("error %v, want a Problem", err)
				case r.Origin.File == good:
					if len(problems) != 1 {
						t.Errorf("%d problems before the next file, want 1", len(problems))
					}
				default:
					records++
				}
			}
			if len(problems) != 2 {
				t.Fatalf("problems %v, want one for each time the file is read", problems)
			}
			p := problems[0]
			if !errors.Is(p, ErrDamaged) || !errors.Is(p, test.cause) || p.File != bad {
				t.Errorf("problem %v, want ErrDamaged and %v of the file bad", p, test.cause)
			}
			if n := records / 2; n < test.least || n > test.most || records%2 != 0 {
				t.Errorf("%d records before %v, want %d to %d", n, p, test.least, test.most)
			} else if want := n + 1; !test.fileIsBad && p.Line != want && p.Line != n {
				t.Errorf("problem in line %d, want %d", p.Line, want)
			}
		})
	}
	t.Run("zstd, window too large", func(t *testing.T) {
		t.Parallel()
		huge := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x98, 0x01, 0x00, 0x00} // window descriptor: 2^29 bytes
		for _, err := range Read(t.Context(), []string{"-"}, stdin(string(huge))) {
			if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "--long") {
				t.Errorf("Read: %v, want ErrFormat and a hint", err)
			}
		}
	})
}

func half2(t *testing.T, first, second string) []byte {
	return append(gzipped(t, first), half(gzipped(t, second))...)
}

func flip(b []byte, at int) []byte {
	c := bytes.Clone(b)
	c[at] ^= 0xff
	return c
}
