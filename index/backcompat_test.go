package index

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

// backcompat has one closed index of each format version that was released, as NAME.tar.zst, with the
// articles of backcompatIDs, added on 2026-11-23. It is written with -update and, once that version is
// released, never again.
const backcompat = "testdata/backcompat"

var backcompatIDs = []string{
	"en-ferry-wire", "en-ferry-exact", "en-ferry-trim", "en-ferry-rewrite", "de-bruecke-wire", "de-bruecke-kurz", "zh-dianchi-wire", "fr-vendanges",
}

// An index of every format version opens, is whole, and knows its clusters.
func TestOldIndexesOpen(t *testing.T) {
	articles := byID(t, wire(t), backcompatIDs...)
	added := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	wantStories := membership{
		stories: map[string]string{}, copies: map[string]string{},
	}
	for _, id := range backcompatIDs[:4] {
		wantStories.stories[id] = "en-ferry-exact en-ferry-rewrite en-ferry-trim en-ferry-wire"
	}
	for _, id := range backcompatIDs[:3] {
		wantStories.copies[id] = "en-ferry-exact en-ferry-trim en-ferry-wire"
	}
	for _, id := range backcompatIDs[4:6] {
		wantStories.stories[id] = "de-bruecke-kurz de-bruecke-wire"
		wantStories.copies[id] = "de-bruecke-kurz de-bruecke-wire"
	}
	if *update {
		writeBackcompat(t, "v1", articles, added)
	}
	for _, name := range []string{"v1"} {
		dir := t.TempDir()
		unpack(t, filepath.Join(backcompat, name+".tar.zst"), dir)
		x := openIndex(t, dir, Options{})
		mustCheck(t, x, len(articles))
		wantSameClusters(t, name, members(t, x), wantStories)
		for _, a := range articles {
			e, err := x.Get(context.Background(), a.ID)
			if err != nil || !reflect.DeepEqual(e.Article, a) || !e.Added.Equal(added) {
				t.Errorf("%s: Get(%s) = %+v, %v, want %+v, added %v", name, a.ID, e, err, a, added)
			}
			a.ID = "asking"
			if got := mustQuery(t, x, a, QueryOptions{MinKind: match.Exact}); len(got) == 0 {
				t.Errorf("%s: Query(%s) does not find it", name, e.Article.ID)
			}
		}
		for _, a := range mustAdd(t, x, wire(t)...) {
			if want := wantStories.stories[a.ID]; want != "" && a.Status != Unchanged {
				t.Errorf("%s: Add(%s) = %+v, want unchanged", name, a.ID, a)
			}
		}
		mustCheck(t, x, 103)
	}
}

func writeBackcompat(t *testing.T, name string, articles []article.Article, added time.Time) {
	t.Helper()
	dir := t.TempDir()
	was := now
	now = func() time.Time { return added }
	defer func() { now = was }()
	x, err := Open(dir, Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	mustAdd(t, x, articles...)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	compress, err := zstd.NewWriter(&packed, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewWriter(compress)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		header := &tar.Header{Name: e.Name(), Mode: 0o644, Size: int64(len(data)), ModTime: added}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), compress.Close(), os.MkdirAll(backcompat, 0o777)); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(backcompat, name+".tar.zst"), packed.String())
}

func unpack(t *testing.T, path, dir string) {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%v: write it with go test ./index -run %s -update", err, t.Name())
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plain, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	archive := tar.NewReader(plain)
	for {
		header, err := archive.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, header.Name), string(data))
	}
}
