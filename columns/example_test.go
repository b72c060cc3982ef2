package columns_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"

	"github.com/dedupe-news/dedupe/columns"
)

func Example() {
	var file bytes.Buffer
	schema := columns.New(
		columns.Column{Name: "url", Kind: columns.String},
		columns.Column{Name: "published", Kind: columns.Time},
		columns.Column{Name: "words", Kind: columns.Int},
	)
	w := columns.NewWriter(&file, schema)
	for _, row := range []string{
		`{"url": "https://example.com/1", "published": "2016-09-20T08:30:00+02:00", "words": 312}`,
		`{"url": "https://example.com/2", "words": "many"}`,
		`{"url": "https://example.com/3"}`,
	} {
		switch err := w.Write([]byte(row)); {
		case errors.Is(err, columns.ErrSchema):
			fmt.Println(err)
		case err != nil:
			log.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}

	f, err := columns.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		log.Fatal(err)
	}
	for g := range f.Groups() {
		for row, err := range f.Group(g, 0) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%s\n", row)
		}
	}
	// Output:
	// row does not fit the schema: column "words": want an integer of 64 bits, got "many"
	// {"url":"https://example.com/1","published":"2016-09-20T06:30:00Z","words":312}
	// {"url":"https://example.com/3","published":null,"words":null}
}

func ExampleFlat() {
	fmt.Print(columns.Flat("id", "text"))
	// Output:
	// message schema {
	//   optional binary id (STRING);
	//   optional binary text (STRING);
	// }
}
