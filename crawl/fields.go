package crawl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dedupe-news/dedupe/article"
)

// Fields are the names which the properties of an article have in the objects of JSON lines and of Parquet, and in the headers of
// tables (CSV, TSV).
//
// A dot reaches into an object: "meta.url" is the field url of the object meta, or a field that is called "meta.url" itself,
// which comes first where both exist; in the header of a table a dot is a letter like others. One name may serve twice: ID and URL may both be "url".
//
// Values are strings, or numbers, which are taken as they are written. A field that is missing or null is not given; an id,
// URL, site or date that is empty or only space is not given either.
type Fields struct {
	ID    string
	Text  string
	Title string
	URL   string
	Date  string
	Site  string
}

// DefaultFields returns id, text, title, url, date and source.
func DefaultFields() Fields {
	return Fields{ID: "id", Text: "text", Title: "title", URL: "url", Date: "date", Site: "source"}
}

// property is the index of a property of an article, in the order in which their problems are reported.
type property int

const (
	propertyID property = iota
	propertyText
	propertyTitle
	propertyURL
	propertyDate
	propertySite
	properties
)

// flags are the words by which the user of the command names fields.
var flags = [properties]string{"--id-field", "--text-field", "--title-field", "--url-field", "--date-field", "--site-field"}

func (f Fields) names() [properties]string {
	return [properties]string{f.ID, f.Text, f.Title, f.URL, f.Date, f.Site}
}

func (f Fields) withDefaults() Fields {
	d := DefaultFields()
	for _, field := range []struct{ name, byDefault *string }{
		{&f.ID, &d.ID}, {&f.Text, &d.Text}, {&f.Title, &d.Title}, {&f.URL, &d.URL}, {&f.Date, &d.Date}, {&f.Site, &d.Site},
	} {
		if *field.name == "" {
			*field.name = *field.byDefault
		}
	}
	return f
}

func (f Fields) validate() error {
	for i, name := range f.names() {
		if name != "" && slices.Contains(strings.Split(name, "."), "") {
			return fmt.Errorf("crawl options: field name %q (%s) has an empty part", name, flags[i])
		}
	}
	return nil
}

// selector picks the properties of an article out of objects. It is not changed once made, and shared by the workers.
type selector struct {
	names [properties]string
	paths [properties][]string
}

func newSelector(f Fields) *selector {
	sel := &selector{names: f.names()}
	for p, name := range sel.names {
		sel.paths[p] = strings.Split(name, ".")
	}
	return sel
}

// given returns what an object says of a property; "" if nothing.
func (sel *selector) given(o *object, p property) (string, error) {
	raw := o.find([]string{sel.names[p]})
	if raw == nil && len(sel.paths[p]) > 1 {
		raw = o.find(sel.paths[p])
	}
	s, kind := text(raw)
	if kind != "" {
		return "", fmt.Errorf("%w: field %q is %s, want a string or a number (%s names another)",
			ErrFieldType, sel.names[p], kind, flags[p])
	}
	return s, nil
}

// record makes a record of an object; its Origin is left to the caller.
func (sel *selector) record(o *object) (Record, error) {
	var given [properties]string
	for p := range properties {
		var err error
		if given[p], err = sel.given(o, p); err != nil {
			return Record{}, err
		}
	}
	return sel.recordOf(given)
}

// recordOf makes a record of what is given of an article.
func (sel *selector) recordOf(given [properties]string) (Record, error) {
	a := article.Article{
		ID:    given[propertyID],
		Text:  given[propertyText],
		Title: given[propertyTitle],
		URL:   strings.TrimSpace(given[propertyURL]),
		Site:  strings.TrimSpace(given[propertySite]),
	}
	if strings.TrimSpace(a.Text) == "" {
		return Record{}, sel.noText(a.ID)
	}
	if strings.TrimSpace(a.ID) == "" {
		a.ID = article.DeriveID(a.URL, a.Text)
	}
	if err := checkID(a.ID); err != nil {
		return Record{}, err
	}
	if a.Site == "" {
		a.Site = article.SiteOf(a.URL)
	}
	r := Record{Article: a}
	if date := given[propertyDate]; strings.TrimSpace(date) != "" {
		var err error
		if r.Article.Published, err = article.ParseTime(date); err != nil {
			r.BadDate = date
		}
	}
	return r, nil
}

// noText is the error for a record without text. It names the record if it can: at this point most users learn that their
// text field has another name.
func (sel *selector) noText(id string) error {
	name := sel.names[propertyText]
	if id == "" || len(id) > MaxIDBytes {
		return fmt.Errorf("record has %w in field %q (%s names another)", ErrNoText, name, flags[propertyText])
	}
	return fmt.Errorf("record %q has %w in field %q (%s names another)", id, ErrNoText, name, flags[propertyText])
}

// MaxIDBytes is the length of the longest id.
const MaxIDBytes = 1024

func checkID(id string) error {
	if len(id) > MaxIDBytes {
		return fmt.Errorf("%w: %d bytes, at most %d are allowed; it begins with %q", ErrLongID, len(id), MaxIDBytes, id[:32])
	}
	return nil
}
