package columns

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// readDamaged reads what may be no file at all. Whatever happens, there is no panic, errors are our own, and rows are JSON.
func readDamaged(t testing.TB, file []byte) ([]string, error) {
	t.Helper()
	f, err := Open(bytes.NewReader(file), int64(len(file)))
	if err == nil {
		const most = 10_000 // a few bytes can say that there are billions
		var got []string
		for g := range f.Groups() {
			for row, rowErr := range f.Group(g, 0) {
				if err = rowErr; err != nil || len(got) == most {
					break
				}
				if !json.Valid(row) || bytes.ContainsAny(row, "\n\r") {
					t.Errorf("a row is no line of JSON: %q", row)
				}
				got = append(got, string(row))
			}
			if err != nil || len(got) == most {
				break
			}
		}
		if err == nil {
			return got, nil
		}
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrUnsupported) {
			t.Errorf("Group: %v is neither ErrDamaged nor ErrUnsupported", err)
		}
		return got, err
	}
	if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrUnsupported) {
		t.Errorf("Open: %v is neither ErrDamaged nor ErrUnsupported", err)
	}
	return nil, err
}

// samples are small files of our own and of pyarrow.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	s := everything(t)
	row := `{"text":"é","bytes":"b","bool":true,"int32":1,"int64":2,"uint64":18446744073709551615,"int96":"2024-02-29T00:00:00Z","float":1.5,"double":-1,` +
		`"fixed":"YWJj","decimal":-12.50,"date":"2024-02-29","json":{"a":1},"list":[[1,2],null,[]],"structs":[{"a":"x","b":[1,2]},null],` +
		`"map":{"k":"v","l":null},"pairs":[[1,{"x":"y"}],[2,null]]}`
	little := `{"text":"","int64":0,"fixed":"YWJj","decimal":0,"pairs":[]}`
	out := map[string][]byte{"ours": write(t, s, row, little, row)}
	for _, name := range []string{"types.parquet", "encodings.parquet"} {
		file, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = file
	}
	return out
}

// bodies marks the bytes of a file that are those of pages, which have checksums.
func bodies(t testing.TB, file []byte) []bool {
	t.Helper()
	f := open(t, file)
	marks := make([]bool, len(file))
	for g := range f.groups {
		for i := range f.schema.leaves {
			meta := &f.groups[g].Columns[i].MetaData
			c := chunk{leaf: &f.schema.leaves[i], codec: meta.Codec, r: f.r, off: chunkStart(meta), left: meta.NumValues, unpack: new(decompressor)}
			c.end = c.off + meta.TotalCompressedSize
			for {
				p, err := c.nextPage()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				for j := range p.size {
					marks[p.off+int64(j)] = p.header.CRC != 0
				}
			}
		}
	}
	return marks
}

// TestFlippedBytes changes each byte of some files. A change in a page is always found, since pages have checksums. One elsewhere may
// be one that does not matter, or change a name.
func TestFlippedBytes(t *testing.T) {
	t.Parallel()
	for name, file := range samples(t) {
		marks := bodies(t, file)
		damaged := bytes.Clone(file)
		for i := range file {
			damaged[i] ^= 1 << (i % 8)
			_, err := readDamaged(t, damaged)
			if marks[i] && !errors.Is(err, ErrDamaged) {
				t.Errorf("%s: byte %d changed: %v, want ErrDamaged", name, i, err)
			}
			damaged[i] = file[i]
		}
	}
}

// TestTruncated cuts files at each byte. Nothing can be read then, for the footer is at the end.
func TestTruncated(t *testing.T) {
	t.Parallel()
	for name, file := range samples(t) {
		for i := range file {
			if _, err := readDamaged(t, file[:i]); !errors.Is(err, ErrDamaged) {
				t.Errorf("%s, the first %d of %d bytes: %v, want ErrDamaged", name, i, len(file), err)
			}
		}
	}
}

// TestRowsBeforeDamage checks that what is whole is yielded.
func TestRowsBeforeDamage(t *testing.T) {
	t.Parallel()
	want := manyRows(groupRows + 10)
	file := write(t, manySchema(t), want...)
	f := open(t, file)
	meta := f.groups[1].Columns[0].MetaData
	file[meta.DataPageOffset+meta.TotalCompressedSize-1] ^= 1
	got, err := rows(open(t, file))
	if !errors.Is(err, ErrDamaged) || !slices.Equal(got, want[:groupRows]) {
		t.Errorf("%d rows and %v, want %d and ErrDamaged", len(got), err, groupRows)
	}
}

// forge makes a file of one column with one page, as told.
func forge(t *testing.T, s Schema, header format.PageHeader, body []byte, meta format.ColumnMetaData, rows int64) []byte {
	t.Helper()
	page, err := encodeStruct(&header)
	if err != nil {
		t.Fatal(err)
	}
	file := append([]byte(magic), page...)
	file = append(file, body...)
	meta.Type = s.leaves[0].physical
	meta.Encoding, meta.PathInSchema = thrift.Slice[format.Encoding]{format.Plain}, thrift.Slice[string]{s.leaves[0].path[0]}
	meta.DataPageOffset = int64(len(magic))
	if meta.TotalCompressedSize == 0 {
		meta.TotalCompressedSize = int64(len(file) - len(magic))
	}
	file, err = appendFooter(file, &format.FileMetaData{
		Schema:    s.elements,
		NumRows:   rows,
		RowGroups: thrift.Slice[format.RowGroup]{{NumRows: rows, Columns: thrift.Slice[format.ColumnChunk]{{MetaData: meta}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func pageV1(values int32, encoding format.Encoding, compressed, plain int) format.PageHeader {
	return format.PageHeader{
		Type:                 format.DataPage,
		CompressedPageSize:   int32(compressed),
		UncompressedPageSize: int32(plain),
		DataPageHeader: thrift.New(format.DataPageHeader{
			NumValues: values, Encoding: encoding, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE,
		}),
	}
}

// TestForged checks that files which claim much are refused without much being allocated.
func TestForged(t *testing.T) {
	ints := schemaOf(t, col(required, "x", format.Int64, nil))
	strs := schemaOf(t, text(required, "x"))
	list := schemaOf(t, col(repeated, "x", format.Int64, nil))
	const many = 1<<31 - 1
	runOfMany := []byte{0xfe, 0xff, 0xff, 0xff, 0x0f} // the head of a run of 2³¹-1 equal numbers
	meta := format.ColumnMetaData{NumValues: many}
	codec := func(c format.CompressionCodec) format.ColumnMetaData {
		return format.ColumnMetaData{NumValues: many, Codec: c}
	}
	body := make([]byte, 100)
	deltas := []byte{0x80, 0x01, 0x04, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00} // 2³¹-1 numbers in blocks of 128
	endless := slices.Concat([]byte{6, 0, 0, 0}, runOfMany, []byte{1}, []byte{6, 0, 0, 0}, runOfMany, []byte{1})
	tests := []struct {
		name string
		file []byte
	}{
		{"values that are not there", forge(t, ints, pageV1(many, format.Plain, 100, 100), body, meta, many)},
		{"deltas that are not there", forge(t, ints, pageV1(many, format.DeltaBinaryPacked, 9, 9), deltas, meta, many)},
		{"lengths that are not there", forge(t, strs, pageV1(many, format.DeltaLengthByteArray, 9, 9), deltas, meta, many)},
		{"prefixes that are not there", forge(t, strs, pageV1(many, format.DeltaByteArray, 9, 9), deltas, meta, many)},
		{"a dictionary that is not there", forge(t, strs, pageV1(many, format.RLEDictionary, 6, 6), append([]byte{1}, runOfMany...), meta, many)},
		{"an endless row", forge(t, list, pageV1(many, format.DeltaBinaryPacked, len(endless)+9, len(endless)+9), append(endless, deltas...), meta, 1)},
		{"a page longer than the chunk", forge(t, ints, pageV1(many, format.Plain, many, many), body, meta, many)},
		{"a gigabyte of snappy", forge(t, ints, pageV1(many, format.Plain, 100, maxPageBytes), body, codec(format.Snappy), many)},
		{"a gigabyte of zstd", forge(t, ints, pageV1(many, format.Plain, 100, maxPageBytes), body, codec(format.Zstd), many)},
		{"a gigabyte of gzip", forge(t, ints, pageV1(many, format.Plain, 100, maxPageBytes), body, codec(format.Gzip), many)},
		{"a gigabyte of LZ4", forge(t, ints, pageV1(many, format.Plain, 100, maxPageBytes), body, codec(format.Lz4Raw), many)},
		{"more than a gigabyte", forge(t, ints, pageV1(many, format.Plain, 100, maxPageBytes+1), body, codec(format.Brotli), many)},
		{"chunk outside of the file", forge(t, ints, pageV1(1, format.Plain, 8, 8), body, format.ColumnMetaData{NumValues: 1, TotalCompressedSize: 1 << 40}, 1)},
		{"a list in the footer", append([]byte("PAR1\x15\x02\x19\xfc\xff\xff\xff\xff\x07"), 9, 0, 0, 0, 'P', 'A', 'R', '1')},
	}
	for _, test := range tests {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := readDamaged(t, test.file); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", test.name, err)
		}
		runtime.ReadMemStats(&after)
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 8<<20 {
			t.Errorf("%s: %d bytes were allocated", test.name, allocated)
		}
	}
}

// TestLongPageHeader reads a header that does not fit into the window for headers: old writers put texts into it.
func TestLongPageHeader(t *testing.T) {
	t.Parallel()
	header := pageV1(1, format.Plain, 8, 8)
	header.DataPageHeader.V.Statistics.Max = bytes.Repeat([]byte("x"), 20*headerBytes)
	file := forge(t, schemaOf(t, col(required, "x", format.Int64, nil)), header, []byte{7, 0, 0, 0, 0, 0, 0, 0}, format.ColumnMetaData{NumValues: 1}, 1)
	if got := mustRows(t, open(t, file)); len(got) != 1 || got[0] != `{"x":7}` {
		t.Errorf("rows are %q, want one with 7", got)
	}
}

func TestUnsupported(t *testing.T) {
	t.Parallel()
	ints := schemaOf(t, col(required, "x", format.Int64, nil))
	file := func(meta format.ColumnMetaData) []byte {
		meta.NumValues = 1
		return forge(t, ints, pageV1(1, format.Plain, 8, 8), make([]byte, 8), meta, 1)
	}
	optionals := schemaOf(t, col(optional, "x", format.Int64, nil))
	bitPacked := pageV1(1, format.Plain, 8, 8)
	bitPacked.DataPageHeader.V.DefinitionLevelEncoding = format.BitPacked
	encrypted := append([]byte("PARE"), make([]byte, 4)...)
	tests := []struct {
		name string
		file []byte
	}{
		{"LZO", file(format.ColumnMetaData{Codec: format.LZO})},
		{"LZ4 of Hadoop", file(format.ColumnMetaData{Codec: format.Lz4})},
		{"BIT_PACKED", forge(t, optionals, bitPacked, make([]byte, 8), format.ColumnMetaData{NumValues: 1}, 1)},
		{"encrypted", append(encrypted, "PARE"...)},
	}
	for _, test := range tests {
		if _, err := readDamaged(t, test.file); !errors.Is(err, ErrUnsupported) || errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, want ErrUnsupported", test.name, err)
		}
	}
	if got, err := readDamaged(t, file(format.ColumnMetaData{})); err != nil || len(got) != 1 {
		t.Errorf("uncompressed: %q, %v, want one row", got, err)
	}
}

// TestErrorNamesPlace checks that one can find what is wrong.
func TestErrorNamesPlace(t *testing.T) {
	t.Parallel()
	file := write(t, Flat("a", "b"), `{"a":"some text","b":"more text"}`)
	f := open(t, file)
	off := f.groups[0].Columns[1].MetaData.DataPageOffset
	file[off+f.groups[0].Columns[1].MetaData.TotalCompressedSize-1] ^= 1
	want := fmt.Sprintf(`damaged Parquet file: row group 0: column "b": page at byte %d: checksum differs`, off)
	if _, err := rows(open(t, file)); err == nil || err.Error() != want {
		t.Errorf("error is %q, want %q", err, want)
	}
}
