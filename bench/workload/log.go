package workload

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// resultLog keeps results in a file, a line each.
type resultLog struct {
	results []Result
	file    *os.File
}

// openLog opens a log to read what it has and to add to it.
func openLog(name string) (l *resultLog, err error) {
	l = new(resultLog)
	if l.results, err = readLog(name); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l.file, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	return l, err
}

func readLog(name string) (results []Result, err error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	for d := json.NewDecoder(bufio.NewReader(f)); ; {
		var r Result
		if err := d.Decode(&r); err == io.EOF {
			return results, nil
		} else if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
}

// has says whether a workload was measured on a set at a commit.
func (l *resultLog) has(workload string, set Set, commit string) bool {
	for _, r := range l.results {
		if r.Workload == workload && r.Set == set.key() && r.Machine.Commit == commit {
			return true
		}
	}
	return false
}

// newest are the last results of each workload on each set.
func (l *resultLog) newest() (results []Result) {
	type key struct {
		workload string
		set      Set
	}
	at := make(map[key]int)
	for _, r := range l.results {
		k := key{r.Workload, r.Set}
		if i, known := at[k]; known {
			results[i] = r
			continue
		}
		at[k] = len(results)
		results = append(results, r)
	}
	return results
}

func (l *resultLog) add(r Result) error {
	r.Set = r.Set.key()
	l.results = append(l.results, r)
	return json.NewEncoder(l.file).Encode(r)
}

// Close closes the file.
func (l *resultLog) Close() error { return l.file.Close() }
