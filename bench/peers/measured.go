package peers

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/dedupe-news/dedupe/bench/process"
	"github.com/dedupe-news/dedupe/gold"
)

// Measured is one run of a peer, the whole job on one set at one threshold.
type Measured struct {
	Set, Peer, Setting, Threshold string
	Commit                        string `json:",omitempty"` // of dedupe; of others the version does not change
	Round                         int    `json:",omitempty"` // 0: for quality; from 1: for speed
	process.Usage
	Failed string            `json:",omitempty"` // why there are no scores
	Scores map[string]Scores `json:",omitempty"` // by way of reading the answers
}

// Scores are those of the tasks that the answers allow.
type Scores map[gold.Task]gold.Score

// runLog keeps what was measured in a file, a line a run, so that what was interrupted can be resumed.
type runLog struct {
	runs []Measured
	file *os.File
}

// openLog opens a log: as it is, or empty.
func openLog(name string, resume bool) (*runLog, error) {
	l := new(runLog)
	if resume {
		var err error
		if l.runs, err = readLog(name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	mode := os.O_TRUNC
	if resume {
		mode = os.O_APPEND
	}
	var err error
	l.file, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|mode, 0o666)
	return l, err
}

func readLog(name string) (runs []Measured, err error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	for d := json.NewDecoder(bufio.NewReader(f)); ; {
		var m Measured
		if err := d.Decode(&m); err == io.EOF {
			return runs, nil
		} else if err != nil {
			return nil, err
		}
		runs = append(runs, m)
	}
}

// find returns the run of the same set, peer, setting, threshold, commit and round.
func (l *runLog) find(of Measured) (Measured, bool) {
	for _, m := range l.runs {
		if m.Set == of.Set && m.Peer == of.Peer && m.Setting == of.Setting && m.Threshold == of.Threshold && m.Commit == of.Commit && m.Round == of.Round {
			return m, true
		}
	}
	return Measured{}, false
}

// of are the runs of other peers, and those of dedupe at a commit.
func (l *runLog) of(commit string) []Measured {
	return slices.DeleteFunc(slices.Clone(l.runs), func(m Measured) bool { return m.Peer == dedupe && m.Commit != commit })
}

func (l *runLog) add(m Measured) error {
	l.runs = append(l.runs, m)
	return json.NewEncoder(l.file).Encode(m)
}

// Close closes the file.
func (l *runLog) Close() error { return l.file.Close() }
