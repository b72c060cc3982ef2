package crawl

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dedupe-news/dedupe/article"
)

var update = flag.Bool("update", false, "write the files in testdata anew")

// archives are small WARC, WET, WAT and ARC files, good and bad, which are not part of this repository.
const archives = "../../shared/data/warc"

// pageAsIs stands for an extraction. The golden holds sizes and hashes, since the texts belong to others.
func pageAsIs(page []byte, _, _ string) (Page, error) {
	return Page{Article: article.Article{Text: string(page)}}, nil
}

// TestArchivesGolden reads every file in archives: what is kept of each, what is skipped and why, and what is wrong with it.
func TestArchivesGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(archives + "/*/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("skipped: no files in ", archives)
	}
	var got strings.Builder
	for _, file := range files {
		got.WriteString(summary(t, file))
	}
	const golden = "testdata/warc.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("archives (-golden +got; -update writes it anew):\n%s", diff)
	}
}

// TestArchivesAsWarcio wants the records that warcio finds in its own files, by its test_archiveiterator.py. We differ where it refuses
// a file: gzip that has not a member a record is read.
func TestArchivesAsWarcio(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(archives); err != nil {
		t.Skip("skipped: ", err)
	}
	example := []string{"warcinfo", "warcinfo", "response", "request", "revisit", "request"}
	for _, test := range []struct {
		file     string
		want     []string
		problems int
	}{
		{"example.warc", example, 0},
		{"example.warc.gz", example, 0},
		{"example-bad-non-chunked.warc.gz", example, 0}, // refused by warcio
		{"example-bad.warc.gz.bad", []string{"warcinfo", "response", "request", "revisit", "request", "response"}, 0}, // refused by warcio
		{"example-iana.org-chunked.warc", []string{"warcinfo", "response", "request"}, 0},
		{"example-trunc.warc", []string{"warcinfo", "warcinfo", "response", "request"}, 1},
		{"example-resource.warc.gz", []string{"warcinfo", "warcinfo", "resource"}, 0},
		{"example.arc", []string{"warcinfo", "response"}, 0}, // the head of an ARC file is called arc_header there
		{"example.arc.gz", []string{"warcinfo", "response"}, 0},
		{"bad.arc", []string{"warcinfo", "response", "response", "response"}, 3}, // to warcio, a wrong length is 0
	} {
		f, err := os.Open(filepath.Join(archives, "warcio", test.file))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		seen, problems := &spy{recordForm: warcForm{}}, 0
		if strings.Contains(test.file, ".arc") {
			seen.recordForm = arcForm{}
		}
		opts := Options{}.withDefaults()
		p := startPipeline(1, func(p *pipeline) {
			s := newSource(opts, p)
			s.past.reset(f)
			s.raw.Reset(s.past)
			plain, compressed, err := s.decompress(test.file)
			if err != nil {
				t.Error(err)
			}
			s.plain.Reset(&stoppable{r: plain, pipe: p, compressed: compressed})
			s.readRecords(test.file, seen, s.membersOf(plain))
		})
		p.outcomes(t.Context(), nil, func(_ Record, err error) bool {
			if err != nil {
				problems++
			}
			return true
		})
		p.stop()
		if diff := cmp.Diff(test.want, seen.kinds); diff != "" || problems != test.problems {
			t.Errorf("%s: %d problems, want %d; kinds of records (-warcio +ours):\n%s", test.file, problems, test.problems, diff)
		}
	}
}

// spy notes the kinds of records.
type spy struct {
	recordForm
	kinds []string
}

func (s *spy) header(b []byte) (h recordHeader, size int, err error) {
	if h, size, err = s.recordForm.header(b); size > 0 || err != nil {
		s.kinds = append(s.kinds, h.kind)
	}
	return h, size, err
}

// summary tells what is read from a file: counts, the first articles, all problems.
func summary(t *testing.T, file string) string {
	t.Helper()
	const most = 2
	var out strings.Builder
	skipped, kept, problems := map[string]int{}, []string{}, []string{}
	opts := Options{HTML: pageAsIs, Skipped: func(_ Origin, reason string) { skipped[reason]++ }}
	for r, err := range Read(t.Context(), []string{file}, opts) {
		if err != nil {
			problems = append(problems, strings.TrimPrefix(err.Error(), archives+"/"))
			continue
		}
		kept = append(kept, fmt.Sprintf("record %d at byte %d: %s %s\n\t\ttext of %d bytes, %s", r.Origin.Record, r.Origin.Offset,
			r.Article.ID, r.Article.URL, len(r.Article.Text), article.DeriveID("", r.Article.Text)))
	}
	fmt.Fprintf(&out, "%s: %d kept, %d problems\n", strings.TrimPrefix(file, archives+"/"), len(kept), len(problems))
	for _, reason := range slices.Sorted(maps.Keys(skipped)) {
		fmt.Fprintf(&out, "\tskipped %d: %s\n", skipped[reason], reason)
	}
	for _, k := range kept[:min(most, len(kept))] {
		fmt.Fprintf(&out, "\t%s\n", k)
	}
	if len(kept) > most {
		fmt.Fprintf(&out, "\t… and the last of %d\n\t%s\n", len(kept), kept[len(kept)-1])
	}
	for _, p := range problems {
		fmt.Fprintf(&out, "\tproblem: %s\n", p)
	}
	return out.String()
}
