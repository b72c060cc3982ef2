// Package crawl reads crawl files: from JSON lines, tables (CSV, TSV, Parquet), archives of web pages (WARC, WET, ARC), HTML and
// plain text, compressed or not, in files, folders and on standard input, it makes one sequence of articles.
//
// # What is read
//
// Each input is a file, a folder, a pattern as in [path/filepath.Match] (unless a file has that very name), or "-" for standard
// input. A folder is walked in lexical order, with its subfolders; hidden files and folders and whatever is no regular file are left
// out, links to files are followed, links to folders are not. What matches a pattern is read in lexical order, hidden files only if
// the pattern spells their dot. [List] tells which files that makes.
// What a file holds is told by its content:
//
//   - gzip (also of several members), Zstandard, bzip2 and xz are decompressed, whatever the file is called; also Zstandard that
//     begins with its dictionary in a skippable frame, as ArchiveTeam and the Internet Archive write archives;
//   - what begins with "{" is JSON lines: one object a line, one article an object. A byte order mark, CRLF and blank lines do
//     not matter. [Fields] says which names the properties of an article have;
//   - what begins with "PAR1" is Parquet: one article a row. It must be a file, and not compressed as a whole;
//   - what begins with "WARC/" or "filedesc://" is an archive of web pages: WARC of any version, WET, or ARC. See below;
//   - what begins with "<!doctype html" or "<html", or has a name that ends in .html, .htm or .xhtml, is HTML: [Options].HTML takes
//     the one article from it. Without that it is refused;
//   - what has a name that ends in .csv or .tsv is a table, one article a row; so is any text whose first line is a header: two
//     or more names divided by tabs, commas or semicolons, one of them that of the text in [Fields]. See below;
//   - everything else is plain text: the whole file is one article, its id the path, its title the first line if that is
//     short. Text that is not valid UTF-8 is read as Windows-1252.
//
// A name that ends in .txt or in .jsonl or .ndjson (before .gz, .zst, .bz2, .xz) overrules the first byte; one that ends in .warc,
// .wet, .wat or .arc overrules a beginning that is damaged. Formats that would make no sense as text (PDF, zip…) are refused by name
// with [ErrFormat].
//
// # Tables
//
// The first row that is not blank is the header, whose names are those in [Fields]; without a column for the text the file is one
// Problem. It also tells what divides the fields: a tab, comma, semicolon or bar. Rows are as package encoding/csv has them: a field
// in quotes may hold line ends and separators, and doubled quotes; blank lines do not count. Quotes in a field that does not
// begin with one are letters. Tables are UTF-8, where U+FFFD stands for bytes that make no sense, or UTF-16 with a byte order mark.
//
// A row with another number of fields than the header is a Problem, [ErrRow]. So is one with a quoted field behind which something
// else stands than a separator, or that has no end within Options.MaxLineBytes. Nobody knows where such a row ends; so reading goes on
// at the line after the one where it began, and one stray quote costs one row. If the row really had several lines, each of the others
// may be a Problem too.
//
// # Archives
//
// A record of an archive is an article if it is a response with status 200, a resource or a conversion, and plain text; or HTML,
// from which [Options].HTML takes the article. Chunks and content codings (gzip, deflate, br, zstd) are undone, also where header
// and body disagree. The URL is the target URI, the id is derived from it, and the time of publication is unknown: the archive tells
// only when the page was fetched. [Options].Skipped hears of the others, and why each is none of ours.
//
// Archives are often damaged: crawlers are killed, files are cut off and put together. Reading goes on with the next record that
// can be found, in a gzip file with the next member; the Problem names the record, where it begins and how much was lost. A
// record that is not whole is no article, unless HTTP says that the page is. Of a gzip file without a member a record, all behind the damage is lost.
//
// # What may be wrong
//
// One bad line in ten million must not stop a crawl, and must not vanish either. So [Read] yields a [*Problem] in the place
// of each line, row, record or file that it cannot use, which names file, place and reason, and goes on; the caller counts, reports and
// decides. A date that cannot be understood is less than that: the article comes with an unknown time of publication and
// [Record].BadDate. Of a damaged Parquet file, the rows of a group behind the damage are lost; without its end, all are.
//
// # Going on
//
// Every record, Problem and skipped page has an [Origin]. Who keeps that of the last outcome can go on behind it later, with
// [Options].After, and gets exactly what he would have got. Only outcomes at one place, such as a damaged record and the page that
// could be saved from it, are not told apart.
//
// # Memory and speed
//
// Nothing is ever held whole but single lines, rows, records and text files, and those only up to a limit, so a compressed bomb costs
// time but no memory. Of Parquet, see package columns, it is a page of each column. Zstandard may ask for a window of 128 MiB, xz for 64
// MiB, which are what they use by default at most. Reading ahead is bounded too, to three megabytes a worker and three more, or one long line or record. One goroutine reads and
// decompresses, some parse ([Options].Workers); the order of articles and problems is that of the input all the same, and all
// goroutines have ended when the loop over the sequence has.
//
// The package does not itself extract text from HTML, removes no furniture and does not look for duplicates: two inputs with one id
// give two records.
package crawl

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"runtime"
	"sync/atomic"

	"github.com/dedupe-news/dedupe/article"
)

// Record is one article and where it was found.
type Record struct {
	Article article.Article
	Origin  Origin

	// BadDate is the date that the input gave, if [article.ParseTime] does not understand it; else empty. Article.Published is zero
	// then, as it is where no date is given.
	BadDate string

	// Row is the article as the input has it, a JSON object on one line; nil without [Options].Rows. Of JSON lines it is the line as
	// it stands in the file, without the line feed that ends it, blanks around it and byte order mark, and even if it is not valid UTF-8;
	// a carriage return before the line feed stays, so that CR LF is written as that again. Of a row
	// of a table it is an object of all columns in their order. Of a page and of plain text it is an object that we make, with
	// these keys as far as there is something to say: id, url, title, date and fetched (RFC 3339, UTC), date_from, source (the site),
	// language, text; date_from and language are those of [Page]. The bytes are the record's own, and may be kept.
	Row []byte
}

// Page is what [Options].HTML finds in an HTML page.
type Page struct {
	Article  article.Article
	Language string // as the page declares it; empty if it does not

	// DateFrom says where in the page Article.Published was found ("json-ld", "meta"); empty where nothing is known.
	DateFrom string
}

// Origin is a place in the inputs.
type Origin struct {
	File string // as named by the caller; a file found in a folder as folder + "/" + path; "-" is standard input
	Line int    // from 1 in JSON lines, and in tables, where it is the one on which the row begins; blank lines count; 0 elsewhere

	// Record is 0 but in WARC and ARC, where it counts from 1: records of all types, and damaged ones that are seen; and in Parquet,
	// where it is the row, from 1. Of damage in Parquet it is the last row that was lost.
	Record int

	// Offset is where the line or row begins in the decompressed file, from 0 (if that is UTF-16, then as it is in UTF-8). For a
	// record it is where the record begins in the file as it is: in gzip the offset of the member in which it begins, from which
	// `tail -c +$((offset+1)) | zcat` shows it. Only of records in Zstandard, bzip2 and xz it is the offset in the decompressed
	// file. It is 0 in Parquet, and for files of one article.
	Offset int64
}

// Limits that Options has by default.
const (
	DefaultMaxLineBytes     = 64 << 20
	DefaultMaxTextFileBytes = 64 << 20
	DefaultMaxRecordBytes   = 64 << 20
)

// Options says how to read. The zero value is good for JSON lines with the names of [DefaultFields].
type Options struct {
	// Fields are the names of the fields in JSON lines and Parquet, and of the columns in tables. An empty name means the one in [DefaultFields].
	Fields Fields

	// After, if it is not zero, is where an earlier Read was left: the origin of its last outcome, of a record, a Problem or one
	// skipped. Its File must be the first of the inputs, and the other options those of then. Of that file everything up to and
	// including that line or record is passed over, without outcomes. JSON lines, rows of tables and Parquet, and records are not parsed
	// then, but what stands before them is read and decompressed all the same, unless it is a plain file of JSON lines or Parquet.
	After Origin

	// ReadBytes is increased by the bytes that have been read of the files, as they are on disk; at the end of a file by all of
	// them, even if some were passed over. So it approaches the sum of [File].SizeBytes. It runs ahead of the records by what is
	// read ahead. nil: nobody wants to know.
	ReadBytes *atomic.Int64

	// Rows fills in [Record].Row, which costs a copy of every line, and for other formats the writing of it.
	Rows bool

	// Stdin is read for the input "-". Where it is nil, "-" gives a Problem.
	//
	// Its Read may block for long, on a terminal for one. If the loop ends meanwhile, it does not wait: one goroutine stays until
	// that Read returns, and what it read is lost.
	Stdin io.Reader

	// Workers is how many goroutines parse; 0 means GOMAXPROCS. It changes neither results nor their order.
	Workers int

	// MaxLineBytes is the length of the longest line to be read, without its line feed, and of the longest row of a table or of
	// Parquet, as JSON; 0 means DefaultMaxLineBytes. A longer line is skipped without being held, and gives a Problem. Lower it where memory is short: a line being parsed exists in several
	// copies, and lines of 63 MB in a row took 1.0 GB at the peak (two workers, default garbage collection).
	MaxLineBytes int

	// MaxTextFileBytes is the size of the largest plain text or HTML file to be read, decompressed; 0 means DefaultMaxTextFileBytes.
	MaxTextFileBytes int

	// MaxRecordBytes is the length of the longest record to be read in WARC and ARC files, and the most its body may be
	// decompressed to; 0 means DefaultMaxRecordBytes. A longer record is skipped without being held, and gives a Problem unless it
	// would have been skipped anyway. Up to three times as much is held while a record is read, and each worker may hold what it
	// decompressed.
	MaxRecordBytes int

	// HTML makes an article of a page in a WARC or ARC file, or of an HTML file: of its bytes, the value of its Content-Type (which
	// may be empty) and its URL; both are empty for a file. ID, URL and Site are filled in where they are empty: the id is derived
	// from the URL of the page; for a file from the URL that HTML found in it, or else it is the path. A page without text, or with
	// ErrNoText for an error, is skipped and counted; any other error gives a Problem. It is called by all workers at once, and may
	// not keep the page. Where it is nil, pages are skipped and counted, and HTML files are refused with ErrFormat.
	HTML func(page []byte, contentType, url string) (Page, error)

	// Skipped is called for each record of a WARC or ARC file, and each HTML file ("no text"), that was passed over though nothing
	// is wrong with it: in the order of the input, between the steps of the sequence and in the same goroutine. There are few reasons, so they may be counted:
	// "HTTP 404" (any status but 200), a media type ("image/png"), "no media type", "malformed media type", "HTML" (if HTML is
	// nil), "coding compress" (a Content-Encoding that we do not read), "revisit", "continuation of a record", "unknown type of record",
	// "written by the crawler", "binary", "no text". Records that only tell about others (warcinfo, request, metadata) are not
	// counted.
	Skipped func(at Origin, reason string)
}

// Validate tells what is wrong with o: a negative number, or a field name with an empty part ("meta..url").
func (o Options) Validate() error {
	switch {
	case o.Workers < 0:
		return fmt.Errorf("crawl options: Workers is %d, want 0 or more", o.Workers)
	case o.MaxLineBytes < 0:
		return fmt.Errorf("crawl options: MaxLineBytes is %d, want 0 or more", o.MaxLineBytes)
	case o.MaxTextFileBytes < 0:
		return fmt.Errorf("crawl options: MaxTextFileBytes is %d, want 0 or more", o.MaxTextFileBytes)
	case o.MaxRecordBytes < 0:
		return fmt.Errorf("crawl options: MaxRecordBytes is %d, want 0 or more", o.MaxRecordBytes)
	}
	return o.Fields.validate()
}

// withDefaults replaces the zero values that stand for defaults.
func (o Options) withDefaults() Options {
	o.Fields = o.Fields.withDefaults()
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.MaxLineBytes == 0 {
		o.MaxLineBytes = DefaultMaxLineBytes
	}
	if o.MaxTextFileBytes == 0 {
		o.MaxTextFileBytes = DefaultMaxTextFileBytes
	}
	if o.MaxRecordBytes == 0 {
		o.MaxRecordBytes = DefaultMaxRecordBytes
	}
	return o
}

// Read returns the articles of the inputs, in the order of the inputs. Each step yields either a record and no error, or an
// error and the zero Record:
//
//   - a [*Problem] for each line, row, record, file or input that cannot be used; reading goes on behind it. Of a damaged file every
//     whole article before the damage is yielded first;
//   - the error of ctx, once and as the last value, when ctx is cancelled;
//   - the error of [Options.Validate], or that Options.After is in another file than the first input, as the only value.
//
// No inputs give no records. Every loop over the sequence reads the inputs anew (except for standard input, of which a second
// one finds the rest). Breaking out of the loop is fine at any time. The strings and the row of a record are its own, and may be kept.
func Read(ctx context.Context, inputs []string, opts Options) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if err := cmp.Or(opts.Validate(), opts.checkAfter(inputs)); err != nil {
			yield(Record{}, err)
			return
		}
		opts := opts.withDefaults()
		p := startPipeline(opts.Workers, func(p *pipeline) {
			newSource(opts, p).readAll(inputs)
		})
		defer p.stop()
		p.outcomes(ctx, opts.Skipped, yield)
	}
}
