// Command minhash-lsh runs github.com/ekzhu/minhash-lsh as the drivers of the other peers run theirs (peer.py tells what they write):
//
//	minhash-lsh SETTING THRESHOLD INPUT OUT
//
// 128 hashes of 5-word shingles, Add, Index, Query, one after the other as its all-pairs command does it. "hit" takes every answer of
// the index, "checked" those whose estimated Jaccard reaches the threshold.
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	minhashlsh "github.com/ekzhu/minhash-lsh"
)

const (
	hashes = 128
	seed   = 42
	k      = 5
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: minhash-lsh SETTING THRESHOLD INPUT OUT")
		os.Exit(2)
	}
	if err := run(os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "minhash-lsh:", err)
		os.Exit(1)
	}
}

func run(argument, source, out string) error {
	threshold, err := strconv.ParseFloat(argument, 64)
	if err != nil {
		return err
	}
	var ids []string
	var signatures [][]uint64
	err = read(source, func(id, text string) {
		m := minhashlsh.NewMinhash(seed, hashes)
		for shingle := range shingles(text) {
			m.Push([]byte(shingle))
		}
		ids, signatures = append(ids, id), append(signatures, m.Signature())
	})
	if err != nil {
		return err
	}
	lsh := minhashlsh.NewMinhashLSH(hashes, threshold)
	for i, s := range signatures {
		lsh.Add(i, s)
	}
	lsh.Index()

	hit, err := newAnswers(filepath.Join(out, "hit"), ids)
	if err != nil {
		return err
	}
	checked, err := newAnswers(filepath.Join(out, "checked"), ids)
	if err != nil {
		return err
	}
	for i, s := range signatures {
		var all, similar []int
		for _, key := range lsh.Query(s) {
			if j := key.(int); j != i {
				all = append(all, j)
				if jaccard(s, signatures[j]) >= threshold {
					similar = append(similar, j)
				}
			}
		}
		if err := errors.Join(hit.add(i, all), checked.add(i, similar)); err != nil {
			return err
		}
	}
	return errors.Join(hit.close(), checked.close())
}

// read yields the articles of a file of JSON lines, plain or compressed with gzip.
func read(name string, yield func(id, text string)) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	var lines io.Reader = bufio.NewReader(f)
	if strings.HasSuffix(name, ".gz") {
		if lines, err = gzip.NewReader(lines); err != nil {
			return err
		}
	}
	for d := json.NewDecoder(lines); ; {
		var article struct{ ID, Text string }
		if err := d.Decode(&article); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		yield(article.ID, article.Text)
	}
}

// shingles are the distinct runs of k lower-case words of a text; of a shorter text, the whole.
func shingles(text string) map[string]struct{} {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '_'
	})
	set := make(map[string]struct{})
	for i := 0; i == 0 && len(words) > 0 || i+k <= len(words); i++ {
		set[strings.Join(words[i:min(i+k, len(words))], " ")] = struct{}{}
	}
	return set
}

// jaccard is the share of equal values of two signatures, an estimate.
func jaccard(a, b []uint64) float64 {
	equal := 0
	for i := range a {
		if a[i] == b[i] {
			equal++
		}
	}
	return float64(equal) / float64(len(a))
}

// answers writes the matches of each article as they come, and at the end their connected components.
type answers struct {
	dir     string
	ids     []string
	parent  []int
	file    *os.File
	matches *bufio.Writer
}

func newAnswers(dir string, ids []string) (*answers, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	f, err := os.Create(filepath.Join(dir, "matches.jsonl"))
	if err != nil {
		return nil, err
	}
	a := &answers{dir: dir, ids: ids, parent: make([]int, len(ids)), file: f, matches: bufio.NewWriter(f)}
	for i := range a.parent {
		a.parent[i] = i
	}
	return a, nil
}

func (a *answers) find(i int) int {
	for a.parent[i] != i {
		a.parent[i] = a.parent[a.parent[i]]
		i = a.parent[i]
	}
	return i
}

type member struct {
	ID string `json:"id"`
}

func (a *answers) add(i int, partners []int) error {
	if len(partners) == 0 {
		return nil
	}
	line := struct {
		ID      string   `json:"id"`
		Matches []member `json:"matches"`
	}{ID: a.ids[i]}
	for _, j := range partners {
		a.parent[a.find(i)] = a.find(j)
		line.Matches = append(line.Matches, member{a.ids[j]})
	}
	return json.NewEncoder(a.matches).Encode(line)
}

func (a *answers) close() error {
	if err := errors.Join(a.matches.Flush(), a.file.Close()); err != nil {
		return err
	}
	groups := make(map[int][]string)
	for i, id := range a.ids {
		groups[a.find(i)] = append(groups[a.find(i)], id)
	}
	f, err := os.Create(filepath.Join(a.dir, "clusters.jsonl"))
	if err != nil {
		return err
	}
	w := json.NewEncoder(f)
	for _, members := range groups {
		if len(members) > 1 {
			err = errors.Join(err, w.Encode(map[string][]string{"members": members}))
		}
	}
	return errors.Join(err, f.Close())
}
