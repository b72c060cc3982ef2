package crawl

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"

	"github.com/dedupe-news/dedupe/article"
)

// readFileAs reads data as the file of a name, which is left out of the outcomes.
func readFileAs(t testing.TB, name string, data []byte, opts Options) []string {
	t.Helper()
	folder := t.TempDir()
	got := lines(t, folder, Read(t.Context(), []string{write(t, folder, name, data)}, opts))
	for i := range got {
		got[i] = strings.ReplaceAll(strings.TrimPrefix(got[i], name+":"), folder+"/", "")
	}
	return got
}

func TestReadTable(t *testing.T) {
	t.Parallel()
	const broken = ": malformed row: a quoted field has no end, or something stands behind it; read on with the next line"
	for _, test := range []struct {
		name, file, data string
		want             []string
	}{
		{"commas", "x.csv", "id,text\na,alpha\nb,beta\n", []string{"2@8 a=alpha", "3@16 b=beta"}},
		{"no line end at the end", "x.csv", "id,text\na,alpha", []string{"2@8 a=alpha"}},
		{"CRLF", "x.csv", "id,text\r\na,alpha\r\nb,\"be\r\nta\"\r\n", []string{"2@9 a=alpha", "3@18 b=be\nta"}},
		{"tabs", "x.tsv", "id\ttext\na\tal,pha\n", []string{"2@8 a=al,pha"}},
		{"tabs, called CSV", "x.csv", "id\ttext\na\tal,pha\n", []string{"2@8 a=al,pha"}},
		{"commas, called TSV", "x.tsv", "id,text\na,al\tpha\n", []string{"2@8 a=al\tpha"}},
		{"semicolons", "x.csv", "id;text\na;1,5\n", []string{"2@8 a=1,5"}},
		{"bars", "x.csv", "id|text\na|alpha\n", []string{"2@8 a=alpha"}},
		{"one column", "x.csv", "text\nA plane landed safely.\n", []string{"2@5 t-46acf8cb22c3cb28=A plane landed safely."}},
		{"one column, called TSV", "x.tsv", "text\nA plane, landed; safely.\n", []string{"2@5 " + article.DeriveID("", "A plane, landed; safely.") + "=A plane, landed; safely."}},
		{"the separator that makes a column text", "x.csv", "a;b;c,text,id\n1;2;3,alpha,a\n", []string{"2@14 a=alpha"}},
		{"byte order mark", "x.csv", "\ufeff\"id\",text\na,alpha\n", []string{"2@13 a=alpha"}},
		{"blank lines", "x.csv", "\n\r\nid,text\n\na,alpha\n\r\nb,beta\n\n", []string{"5@12 a=alpha", "7@22 b=beta"}},
		{"names with blanks and quotes", "x.csv", " id , \"text\"\na,alpha\n", []string{
			`1: no text: no column is called "text"; there are "id", "\"text\"" (--text-field names another)`}},
		{"name on two lines", "x.csv", "id,\"te\nxt\",text\na,x,alpha\n", []string{"3@16 a=alpha"}},
		{"quotes", "x.csv", "id,text\na,\"one \"\"two\"\",\n three\"\nb,\"\"\"\"\nc,beta\n", []string{
			"2@8 a=one \"two\",\n three", "4@32 b=\"", "5@39 c=beta"}},
		{"quotes that are letters", "x.csv", "id,text\na,5\" of snow\nb,he said \"no\"\n", []string{"2@8 a=5\" of snow", "3@21 b=he said \"no\""}},
		{"blank before a quote", "x.csv", "id,text\na, \"alpha\"\n", []string{"2@8 a= \"alpha\""}},
		{"empty text", "x.csv", "id,text\na,\nb,\" \"\n", []string{
			`2: record "a" has no text in field "text" (--text-field names another)`,
			`3: record "b" has no text in field "text" (--text-field names another)`}},
		{"wrong number of fields", "x.csv", "id,text\na\nb,beta,x\n\"c\nd\",e,f\ng,gamma\n", []string{
			"2: malformed row: number of fields is 1, of the header 2",
			"3: malformed row: number of fields is 3, of the header 2",
			"4: malformed row: number of fields is 3, of the header 2",
			"6@29 g=gamma"}},
		{"stray quote at the beginning of a field", "x.csv", "id,text\na,\"alpha\nb,beta\nc,\"gamma\"\nd,delta\n", []string{
			"2" + broken, "3@17 b=beta", "4@24 c=gamma", "5@34 d=delta"}},
		{"stray quote, none behind it", "x.csv", "id,text\na,\"alpha\nb,beta\nc,gamma", []string{
			"2" + broken, "3@17 b=beta", "4@24 c=gamma"}},
		{"text behind a quoted field", "x.csv", "id,text\na,\"al\"pha\nb,beta\n", []string{"2" + broken, "3@18 b=beta"}},
		{"row on several lines, wrong in the last", "x.csv", "id,text\na,\"al\npha\nbet\"a\nc,gamma\n", []string{
			"2" + broken,
			"3: malformed row: number of fields is 1, of the header 2",
			"4: malformed row: number of fields is 1, of the header 2",
			"5@24 c=gamma"}},
		{"carriage returns inside", "x.csv", "id,text\na,al\rpha\nb,\"be\rta\"\nc,\"x\"\r\rd\n", []string{"2@8 a=al\rpha", "3@17 b=be\rta", "4" + broken}},
		{"invalid UTF-8", "x.csv", "id,text\na\xff,al\xc3\x28\xff\xfepha\n", []string{"2@8 a\ufffd=al\ufffd(\ufffd\ufffdpha"}},
		{"NUL", "x.csv", "id,text\na,al\x00pha\n", []string{"2@8 a=al\x00pha"}},
		{"no text column", "x.csv", "id,body\na,alpha\n", []string{
			`1: no text: no column is called "text"; there are "id", "body" (--text-field names another)`}},
		{"header with a wrong quote", "x.csv", "id,\"text\na,alpha\n", []string{"1: header" + broken}},
		{"nothing", "x.csv", "", []string{"1: the file has no text, and no header"}},
		{"blank lines only", "x.csv", "\n\r\n", []string{"3: the file has no text, and no header"}},
		{"header only", "x.csv", "id,text\n", nil},
		{"begins with a brace", "x.csv", "{,text,id\n1,alpha,a\n", []string{"2@10 a=alpha"}},
		{"by content", "x", "id,text\na,alpha\n", []string{"2@8 a=alpha"}},
		{"by content, tabs", "x.dat", "title\ttext\tid\nT\talpha\ta\n", []string{"2@14 a=alpha"}},
		{"by content, quoted", "x.dat", "\"id\";\"text\"\n\"a\";\"alpha\"\n", []string{"2@12 a=alpha"}},
		{"by content, blank lines before", "x", "\ufeff\n\nid,text\na,alpha\n", []string{"4@13 a=alpha"}},
		{"a list in a text", "x", "words, text, pictures\nBody", []string{"0@0 x=words, text, pictures\nBody"}},
		{"a list without the name of the text", "x", "id,body\nBody", []string{"0@0 x=id,body\nBody"}},
		{"text by name", "x.txt", "id,text\na,alpha\n", []string{"0@0 x.txt=id,text\na,alpha\n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantLines(t, test.name, readFileAs(t, test.file, []byte(test.data), Options{}), test.want...)
		})
	}
}

func TestReadTableColumns(t *testing.T) {
	t.Parallel()
	const data = "meta.url,text,,text,when,n,\"a \"\"b\"\"\",column3\n" +
		"https://www.bbc.co.uk/x,\"Al\tpha <é>\n\",x,second,2016-09-20,7,\"\",y\n"
	opts := stdin(data)
	opts.Rows, opts.Fields = true, Fields{URL: "meta.url", Date: "when"}
	want := Record{
		Article: article.Article{URL: "https://www.bbc.co.uk/x", Site: "bbc.co.uk", Text: "Al\tpha <é>\n",
			Published: time.Date(2016, 9, 20, 0, 0, 0, 0, time.UTC)},
		Origin: Origin{File: "x.csv", Line: 2, Offset: 45},
		Row: []byte(`{"meta.url":"https://www.bbc.co.uk/x","text":"Al\tpha <é>\n","column3_":"x","column4":"second","when":"2016-09-20",` +
			`"n":"7","a \"b\"":"","column3":"y"}`),
	}
	want.Article.ID = article.DeriveID(want.Article.URL, "")
	path := write(t, t.TempDir(), "x.csv", []byte(data))
	n := 0
	for got, err := range Read(t.Context(), []string{path}, opts) {
		got.Origin.File = "x.csv"
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("error %v, record (-want +got):\n%s", err, diff)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}

func TestReadTableUTF16(t *testing.T) {
	t.Parallel()
	const data = "id\ttext\r\na\t\"„Alpha“\r\n\"\r\nb\tbeta\r\n"
	for _, endianness := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
		packed, err := unicode.UTF16(endianness, unicode.UseBOM).NewEncoder().String(data)
		if err != nil {
			t.Fatal(err)
		}
		wantLines(t, "UTF-16", readFileAs(t, "x.csv", []byte(packed), Options{}), "2@9 a=„Alpha“\n", "4@28 b=beta")
	}
}

func TestReadTableTooLong(t *testing.T) {
	t.Parallel()
	const limit = 40
	long := strings.Repeat("x", 50)
	for _, test := range []struct {
		name, data string
		want       []string
	}{
		{"line", "id,text\na," + long + "\nb,beta\n", []string{
			"2: line too long: 52 bytes, at most 40 are read (MaxLineBytes)", "3@61 b=beta"}},
		{"last line", "id,text\nb,beta\na," + long, []string{
			"2@8 b=beta", "3: line too long: 52 bytes, at most 40 are read (MaxLineBytes)"}},
		{"line of a quoted field", "id,text\na,\"" + long + "\n\"\nb,beta\n", []string{
			"2: line too long: 53 bytes, at most 40 are read (MaxLineBytes)",
			"3: " + errQuote.Error(), "4@64 b=beta"}},
		{"row on several lines", "id,text\na,\"" + long[:20] + "\n" + long[:20] + "\"\nb,beta\n", []string{
			"2: " + errQuote.Error(), "3: malformed row: number of fields is 1, of the header 2", "4@54 b=beta"}},
		{"row of just the limit", "id,text\na,\"" + long[:18] + "\n" + long[:17] + "\"\nb,beta\n", []string{
			"2@8 a=" + long[:18] + "\n" + long[:17], "4@49 b=beta"}},
		{"header", "id,text," + long + "\na,alpha,x\n", []string{"1: header: line too long: more than 40 bytes"}},
		{"header without an end", "id,text," + strings.Repeat(long, 10), []string{"1: header: line too long: more than 40 bytes"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantLines(t, test.name, readFileAs(t, "x.csv", []byte(test.data), Options{MaxLineBytes: limit}), test.want...)
		})
	}
}

// However the quotes stand, time is about linear in the size: each of these tables takes a scan that looks for the end of every row
// anew some minutes.
func TestReadTableHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("millions of problems")
	}
	const size = 1 << 20
	for _, test := range []struct{ name, line string }{
		{"open in every line", "x,\"\n"},
		{"open and closed the other way round", "x\",\"\n"},
		{"closed and open", "\",\"\n"},
		{"letters and open", "x\",\"x\n"},
		{"doubled", "x\"\",\"\"\"\n"},
		{"many fields", strings.Repeat("\"\",", 1<<18) + "\n"},
		{"many quotes", strings.Repeat("\"\"", 1<<18) + "\n"},
		{"many letters", "x" + strings.Repeat("\"", 1<<18) + "\n"},
		{"blank lines", "\n"},
		{"carriage returns", "\r"},
		{"one line of quotes", "\""},
		{"one line of open quotes", ",\""},
	} {
		for _, header := range []string{"", "id,text\n", "id,text\nx,\""} {
			data := header + strings.Repeat(test.line, size/len(test.line))
			start := time.Now()
			n := len(readFileAs(t, "x.csv", []byte(data), Options{}))
			if took := time.Since(start); took > 8*time.Second {
				t.Errorf("%s behind %q: %d outcomes took %v", test.name, header, n, took)
			}
		}
	}
}

func TestReadTableCutOff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, data string
		want       []string
	}{
		{"in a row", "id,text\na,alpha\nb,be", []string{"2@8 a=alpha", "3: "}},
		{"in a quoted field", "id,text\na,alpha\nb,\"be\nta\n", []string{"2@8 a=alpha", "3: "}},
		{"in the header", "id,te", []string{"1: "}},
	} {
		packed := gzipped(t, test.data)
		got := readFileAs(t, "x.csv.gz", packed[:len(packed)-8], Options{})
		if n := len(got); n != len(test.want) || !strings.HasPrefix(got[n-1], test.want[n-1]+ErrDamaged.Error()) {
			t.Errorf("%s: %q, want %q and damage", test.name, got, test.want)
		} else {
			wantLines(t, test.name, got[:n-1], test.want[:n-1]...)
		}
	}
}

// FuzzTable compares a table with what encoding/csv finds in it, where that finds no fault, and with what comes of it in small pieces.
func FuzzTable(f *testing.F) {
	for _, data := range []string{
		"a,alpha\nb,\"be\"\"ta\"\n", "\"a\nb\",c\r\n\n\r\nd,\"\r\n\"", "x\",\"\nx,\"\n", "a,b,c\n\"a\"b,c\n", "\xff,\"\xc3\"\r", ",\n,\"\"",
	} {
		f.Add([]byte(data), byte(len(data)))
	}
	f.Fuzz(func(t *testing.T, data []byte, chunk byte) {
		all := append([]byte("id,text\n"), data...)
		opts := Options{Workers: 1, MaxLineBytes: 1 << 10, Rows: true, Stdin: bytes.NewReader(all)}
		got := fuzzOutcomes(t, opts)
		opts.Workers, opts.Stdin = 3, &trickle{data: all, sizes: []int{8 + int(chunk), 1, 2, 64}}
		if diff := cmp.Diff(got, fuzzOutcomes(t, opts)); diff != "" {
			t.Fatalf("one worker and one read, three workers and many reads differ:\n%s", diff)
		}
		if len(data) > 1<<10 {
			return
		}
		r := csv.NewReader(bytes.NewReader(data))
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			return
		}
		scan, h := rowScan{separator: ',', limit: 1 << 10}, header{separator: ','}
		for rest := data; len(rest) > 0; {
			size, kind := scan.next(rest, true)
			row := trimLineEnd(rest[:size])
			if rest = rest[size:]; len(row) == 0 {
				continue
			}
			var cells []string
			for _, field := range h.split(nil, row) {
				cells = append(cells, cell(field))
			}
			if len(rows) == 0 || kind != rowWhole {
				t.Fatalf("%q: row %q of kind %d, encoding/csv has %d rows more", data, cells, kind, len(rows))
			}
			for i, want := range rows[0] {
				rows[0][i] = string([]rune(want))
			}
			if diff := cmp.Diff(rows[0], cells); diff != "" {
				t.Fatalf("%q (-encoding/csv +ours):\n%s", data, diff)
			}
			rows = rows[1:]
		}
		if len(rows) > 0 {
			t.Fatalf("%q: encoding/csv has %q more", data, rows)
		}
	})
}

// BenchmarkTable reads 64 MB of CSV with a quoted text of 3 KB a row.
func BenchmarkTable(b *testing.B) {
	var data bytes.Buffer
	w := csv.NewWriter(&data)
	rng := rand.New(rand.NewPCG(1, 2))
	_ = w.Write([]string{"id", "url", "title", "date", "text"})
	for i := range 20000 {
		text := strings.Repeat(fmt.Sprintf("The council of %x voted, \"at last\", for the bridge.\n", rng.Uint32()), 60)
		_ = w.Write([]string{fmt.Sprint(i), "https://www.bbc.co.uk/x", "The bridge", "2016-09-20", text})
	}
	w.Flush()
	path := filepath.Join(b.TempDir(), "x.csv")
	if err := os.WriteFile(path, data.Bytes(), 0o644); err != nil {
		b.Fatal(err)
	}
	for _, rows := range []bool{false, true} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("rows=%t/workers=%d", rows, workers), func(b *testing.B) {
				b.SetBytes(int64(data.Len()))
				b.ReportAllocs()
				for b.Loop() {
					for _, err := range Read(b.Context(), []string{path}, Options{Workers: workers, Rows: rows}) {
						if err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
	b.Run("encoding/csv", func(b *testing.B) {
		b.SetBytes(int64(data.Len()))
		for b.Loop() {
			r := csv.NewReader(bytes.NewReader(data.Bytes()))
			for _, err := r.Read(); err != io.EOF; _, err = r.Read() {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
