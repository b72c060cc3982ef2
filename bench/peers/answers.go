package peers

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/dedupe-news/dedupe/gold"
)

// scoreAll scores what a run wrote into out, for each way of reading its answers: copies.jsonl and stories.jsonl, or
// clusters.jsonl in the place of both, and matches.jsonl if it is there.
func scoreAll(truth gold.Gold, out string, ways []string) (map[string]Scores, error) {
	all := make(map[string]Scores)
	for _, way := range ways {
		scores := make(Scores)
		for _, task := range gold.Tasks {
			reported, err := readAnswers(filepath.Join(out, way), task)
			if errors.Is(err, fs.ErrNotExist) && task == gold.Matches {
				continue
			} else if err != nil {
				return nil, err
			}
			scores[task] = truth.Score(task, reported)
		}
		all[way] = scores
	}
	return all, nil
}

// readAnswers reads the pairs that were reported for a task.
func readAnswers(dir string, task gold.Task) (gold.Reported, error) {
	name := filepath.Join(dir, string(task)+".jsonl")
	if task == gold.Matches {
		return readMatches(name)
	}
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		name = filepath.Join(dir, "clusters.jsonl")
	}
	return readClusters(name)
}

// readClusters reads lines of {"members": [...]}.
func readClusters(name string) (*gold.Clusters, error) {
	clusters := new(gold.Clusters)
	err := eachLine(name, func(line struct{ Members []id }) {
		members := make([]string, len(line.Members))
		for i, m := range line.Members {
			members[i] = string(m)
		}
		clusters.Add(members)
	})
	return clusters, err
}

// readMatches reads lines of {"id": "...", "matches": [...]}.
func readMatches(name string) (*pairs, error) {
	p := &pairs{number: make(map[string]uint64)}
	err := eachLine(name, func(line struct {
		ID      string
		Matches []id
	}) {
		for _, m := range line.Matches {
			p.add(line.ID, string(m))
		}
	})
	p.sort()
	return p, err
}

// id is an id, alone or in an object.
type id string

// UnmarshalJSON reads "a" or {"id": "a"}.
func (i *id) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, (*string)(i))
	}
	var object struct{ ID *string }
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	if object.ID == nil {
		return fmt.Errorf("%s has no id", text)
	}
	*i = id(*object.ID)
	return nil
}

// eachLine yields the objects of a file of JSON lines.
func eachLine[Line any](name string, yield func(Line)) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	for d := json.NewDecoder(bufio.NewReader(f)); ; {
		var line Line
		if err := d.Decode(&line); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		yield(line)
	}
}

// pairs is a set of pairs in eight bytes each, for some peers report many millions.
type pairs struct {
	number map[string]uint64 // of an id, below 2^32
	ids    []string          // by number
	sorted []uint64          // two numbers each, once sort was called
}

func (p *pairs) add(a, b string) {
	if a != b {
		p.sorted = append(p.sorted, p.code(gold.PairOf(a, b)))
	}
}

func (p *pairs) code(pair gold.Pair) (code uint64) {
	for _, id := range pair {
		n, known := p.number[id]
		if !known {
			n = uint64(len(p.ids))
			p.number[id], p.ids = n, append(p.ids, id)
		}
		code = code<<32 | n
	}
	return code
}

func (p *pairs) sort() {
	slices.Sort(p.sorted)
	p.sorted = slices.Compact(p.sorted)
}

// Has reports whether a pair was reported.
func (p *pairs) Has(pair gold.Pair) bool {
	a, okA := p.number[pair[0]]
	b, okB := p.number[pair[1]]
	_, found := slices.BinarySearch(p.sorted, a<<32|b)
	return okA && okB && found
}

// Len is the number of pairs.
func (p *pairs) Len() int { return len(p.sorted) }

// All yields the pairs.
func (p *pairs) All() iter.Seq[gold.Pair] {
	return func(yield func(gold.Pair) bool) {
		for _, code := range p.sorted {
			if !yield(gold.Pair{p.ids[code>>32], p.ids[code&(1<<32-1)]}) {
				return
			}
		}
	}
}
