package crawl_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/crawl"
)

func ExampleRead() {
	input := `{"id": 1, "text": "A plane landed safely.", "url": "https://www.bbc.co.uk/news/uk-1", "date": "2016-09-20"}
{"id": 2, "body": "The text of this one has another name."}
{"id": 3, "text": "Nobody was hurt.", "date": "yesterday"}
`
	opts := crawl.Options{Stdin: strings.NewReader(input)}
	for record, err := range crawl.Read(context.Background(), []string{"-"}, opts) {
		var problem *crawl.Problem
		switch {
		case errors.As(err, &problem):
			fmt.Println("skipped", problem)
		case err != nil:
			log.Fatal(err)
		default:
			a := record.Article
			fmt.Printf("line %d: %q of site %q, published %s\n", record.Origin.Line, a.Text, a.Site, a.Published.Format("2006-01-02"))
			if record.BadDate != "" {
				fmt.Printf("  its date was not understood: %s\n", record.BadDate)
			}
		}
	}
	// Output:
	// line 1: "A plane landed safely." of site "bbc.co.uk", published 2016-09-20
	// skipped -:2: record "2" has no text in field "text" (--text-field names another)
	// line 3: "Nobody was hurt." of site "", published 0001-01-01
	//   its date was not understood: yesterday
}

// An archive of web pages, here of two records and damaged, with an extraction of articles from HTML that is not much of one.
func ExampleOptions_archives() {
	archive := "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://www.bbc.co.uk/news/uk-1\r\nContent-Type: application/http\r\n" +
		"Content-Length: 76\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Landed</title><p>A plane.\r\n\r\n" +
		"WARC/1.0\r\nWARC-Type: revisit\r\nContent-Length: 0\r\n\r\n\r\n\r\n" +
		"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 100\r\n\r\nThe crawler was killed he"
	opts := crawl.Options{
		Stdin: strings.NewReader(archive),
		HTML: func(page []byte, contentType, url string) (crawl.Page, error) {
			title, body, _ := strings.Cut(string(page), "</title><p>")
			return crawl.Page{Article: article.Article{Title: strings.TrimPrefix(title, "<title>"), Text: body}}, nil
		},
		Skipped: func(at crawl.Origin, reason string) { fmt.Printf("record %d passed over: %s\n", at.Record, reason) },
	}
	for record, err := range crawl.Read(context.Background(), []string{"-"}, opts) {
		var problem *crawl.Problem
		switch {
		case errors.As(err, &problem):
			fmt.Println("damaged", problem)
		case err != nil:
			log.Fatal(err)
		default:
			a := record.Article
			fmt.Printf("record %d: %s %q, %q\n", record.Origin.Record, a.URL, a.Title, a.Text)
		}
	}
	// Output:
	// record 1: https://www.bbc.co.uk/news/uk-1 "Landed", "A plane."
	// record 2 passed over: revisit
	// damaged -: record 3 at byte 270: damaged record: the file ends after 25 of the 100 bytes of its block
}

func ExampleFields() {
	input := `{"meta": {"url": "https://www.bbc.co.uk/news/uk-1", "when": 1474329600}, "body": "A plane landed safely."}`
	opts := crawl.Options{
		Stdin:  strings.NewReader(input),
		Fields: crawl.Fields{Text: "body", URL: "meta.url", Date: "meta.when"}, // the other names are the default ones
	}
	for record, err := range crawl.Read(context.Background(), []string{"-"}, opts) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(record.Article.ID, record.Article.Published)
	}
	// Output:
	// u-dcdb46f76e6667f2 2016-09-20 00:00:00 +0000 UTC
}

func ExampleProblem() {
	for _, err := range crawl.Read(context.Background(), []string{"-"}, crawl.Options{Stdin: strings.NewReader("{\n")}) {
		var problem *crawl.Problem
		if errors.As(err, &problem) && errors.Is(err, crawl.ErrNotObject) {
			fmt.Println(problem.File, problem.Line, problem.Offset)
			fmt.Println(problem)
		}
	}
	// Output:
	// - 1 0
	// -:1: not a JSON object: unexpected end of JSON input
}

// A table, with each row as JSON, of which the second is malformed.
func ExampleOptions_table() {
	opts := crawl.Options{
		Stdin:  strings.NewReader("headline;body;date\nLanded;\"A plane; it landed.\";2016-09-20\nCrashed\n"),
		Fields: crawl.Fields{Text: "body", Title: "headline"},
		Rows:   true,
	}
	for record, err := range crawl.Read(context.Background(), []string{"-"}, opts) {
		if err != nil {
			fmt.Println("skipped", err)
			continue
		}
		fmt.Printf("line %d: %s\n", record.Origin.Line, record.Row)
	}
	// Output:
	// line 2: {"headline":"Landed","body":"A plane; it landed.","date":"2016-09-20"}
	// skipped -:3: malformed row: number of fields is 1, of the header 3
}

// Whoever keeps the origin of what was read last can go on behind it.
func ExampleOptions_after() {
	const input = "{\"id\": 1, \"text\": \"A plane landed.\"}\n{\"id\": 2, \"text\": \"Nobody was hurt.\"}\n"
	var last crawl.Origin
	for record, err := range crawl.Read(context.Background(), []string{"-"}, crawl.Options{Stdin: strings.NewReader(input)}) {
		if err != nil {
			log.Fatal(err)
		}
		last = record.Origin
		break // something happened
	}
	for record, err := range crawl.Read(context.Background(), []string{"-"}, crawl.Options{Stdin: strings.NewReader(input), After: last}) {
		fmt.Println(record.Origin.Line, record.Article.Text, err)
	}
	// Output:
	// 2 Nobody was hurt. <nil>
}

func ExampleList() {
	files, problems := crawl.List([]string{"-", "no/such/*.jsonl"})
	for _, file := range files {
		fmt.Println(file.Name, file.SizeBytes)
	}
	for _, problem := range problems {
		fmt.Println(problem)
	}
	// Output:
	// - 0
	// no/such/*.jsonl: no files match the pattern: file does not exist
}

func ExampleFilesFrom() {
	names, err := crawl.FilesFrom(strings.NewReader("crawl/1.warc.gz\n\ncrawl/2.warc.gz\r\n"))
	fmt.Printf("%q %v\n", names, err)
	// Output:
	// ["crawl/1.warc.gz" "crawl/2.warc.gz"] <nil>
}
