package extract_test

import (
	"fmt"

	"github.com/dedupe-news/dedupe/extract"
)

func ExampleHTML() {
	page := []byte(`<html lang="en"><head>
<title>Last crossing for the Marguerite | Halden Courier</title>
<meta property="article:published_time" content="2019-11-19T07:45:00+01:00">
</head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<h1>Last crossing for the Marguerite</h1>
<p>The ferry that has linked the bay with the outer islands since 1962 will sail for the last time on Sunday.</p>
<p>Repairs would cost an estimated 3.4 million crowns, the harbour board said, more than the ship is worth.</p>
<div class="newsletter"><p>Get our letter every morning.</p></div>
</body></html>`)
	p, err := extract.HTML(page, "text/html; charset=utf-8", "https://www.courier.example/ferry")
	fmt.Println(p.Title)
	fmt.Println(p.Text)
	fmt.Println(p.Site, p.Language, p.Published, "from", p.PublishedFrom, err)
	// Output:
	// Last crossing for the Marguerite
	// The ferry that has linked the bay with the outer islands since 1962 will sail for the last time on Sunday.
	// Repairs would cost an estimated 3.4 million crowns, the harbour board said, more than the ship is worth.
	// courier.example en 2019-11-19 06:45:00 +0000 UTC from meta <nil>
}
