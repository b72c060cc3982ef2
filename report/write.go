package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/dedupe-news/dedupe/spell"
)

//go:embed page.html
var pageSource string

//go:embed style.css
var styleSource string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"grouped":  spell.Grouped,
	"counted":  spell.Counted,
	"percent":  percent,
	"size":     byteSize,
	"duration": duration,
	"moment":   moment,
	"strip":    stripOf,
}).Parse(pageSource))

// contentPolicy lets a browser load and run nothing at all. The hash allows our style, and no other; charts need none, for SVG says
// where things are by attributes that are not style.
var contentPolicy = func() string {
	hash := sha256.Sum256([]byte(styleSource))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'"
}()

// Write writes r to w as a page in HTML, of less than [MaxPageBytes]. It shows r.Short(), and carries it as JSON.
//
// Nothing in r makes it fail, sums that do not agree included: errors are those of w. The page is written in one call of
// w.Write. Write may be called concurrently.
func Write(w io.Writer, r Report) error {
	page, err := render(r)
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if _, err := w.Write(page); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func render(r Report) ([]byte, error) {
	short := r.Short()
	figures, err := figuresJSON(short)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	v := viewOf(tame(short))
	v.Policy, v.Style, v.Figures = contentPolicy, template.CSS(styleSource), template.JS(figures)
	if err := pageTemplate.Execute(&b, v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// figuresJSON is r as JSON that is safe inside a script element, and in which nothing is hidden: such characters are escaped.
func figuresJSON(r Report) (string, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, c := range string(text) {
		switch {
		case !hidden(c):
			b.WriteRune(c)
		case c > 0xffff:
			c -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+c>>10, 0xdc00+c&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.String(), nil
}
