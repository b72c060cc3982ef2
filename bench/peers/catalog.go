package peers

import "slices"

// Peer is a detector and how it is installed and called.
type Peer struct {
	Name         string
	Version      string   // as it is installed
	Python       string   // interpreter of its environment; none: it is a Go program
	Requirements []string // of its environment, pinned
	Driver       string   // file or, of a Go program, folder in Config.Drivers
	Settings     []Setting
}

// Setting is one way of calling a peer, which may be tuned by a threshold.
type Setting struct {
	Name    string   // argument of the driver
	Title   string   // in tables
	Ways    []string // of reading its answers: folders that the driver writes; none: there is one
	Default string   // documented threshold; none: this setting is ours, and shown at other thresholds only
	Sweep   []string // all thresholds, the strictest first
	Large   []string // those that are run on a large set
	Try     string   // threshold whose speed is measured, where there is no default
	Slow    bool     // its speed is measured once
}

var (
	jaccards = []string{"0.9", "0.85", "0.8", "0.75", "0.7", "0.6", "0.5", "0.4", "0.3", "0.25", "0.2", "0.15", "0.1"}
	checked  = []string{"hit", "checked"}
)

// dedupe is the name of our own row.
const dedupe = "dedupe"

// Catalog is dedupe and its peers.
func Catalog() []Peer {
	return []Peer{
		{Name: dedupe, Version: "this commit", Settings: []Setting{
			{Name: "crawl", Title: "defaults"},
			{Name: "clusters", Title: "defaults, clusters only"},
			{Name: "add", Title: "defaults, `add` in the order of the file"},
			{Name: "no-text", Title: "`--no-text`"},
			{Name: "no-text-clusters", Title: "`--no-text`, clusters only"},
		}},
		{Name: "datasketch", Version: "2.0.0", Python: "python3", Requirements: []string{"datasketch==2.0.0"}, Driver: "run_datasketch.py",
			Settings: []Setting{{Name: "5-word", Title: "128 permutations, 5-word", Ways: checked, Default: "0.9", Sweep: jaccards,
				Large: []string{"0.9", "0.8", "0.5", "0.3", "0.2"}}}},
		{Name: "rensa", Version: "0.5.0", Python: "python3", Requirements: []string{"rensa==0.5.0"}, Driver: "run_rensa.py",
			Settings: []Setting{
				{Name: "split", Title: "README: inline, `split()`", Default: "0.8", Sweep: jaccards,
					Large: []string{"0.8", "0.7", "0.65", "0.6", "0.5"}},
				{Name: "5-word", Title: "inline, 5-word", Sweep: jaccards, Try: "0.6",
					Large: []string{"0.8", "0.6", "0.55", "0.5", "0.45", "0.3", "0.2"}},
			}},
		{Name: "gaoya", Version: "0.2.2", Python: "python3", Requirements: []string{"gaoya==0.2.2"}, Driver: "run_gaoya.py",
			Settings: []Setting{
				{Name: "constructor", Title: "constructor: 20 × 5, words", Default: "0.75", Sweep: jaccards,
					Large: []string{"0.75", "0.7", "0.65", "0.6", "0.55", "0.5"}},
				{Name: "example", Title: "documented example: 42 × 3, words", Default: "0.5", Sweep: jaccards, Large: []string{"0.5"}, Slow: true},
				{Name: "5-word", Title: "42 × 3, 5-word", Sweep: jaccards, Try: "0.55",
					Large: []string{"0.6", "0.55", "0.5", "0.45", "0.4", "0.3", "0.2"}},
			}},
		{Name: "daft", Version: "0.7.26", Python: "python3", Requirements: []string{"daft==0.7.26", "numpy==2.4.6"}, Driver: "run_daft.py",
			Settings: []Setting{{Name: "5-word", Title: "64 hashes, 5-word", Sweep: jaccards, Try: "0.7",
				Large: []string{"0.9", "0.7", "0.5", "0.3"}}}},
		{Name: "text-dedup", Version: "0.4.1", Python: "python3.12", Requirements: []string{"text-dedup==0.4.1"}, Driver: "run_text_dedup.py",
			Settings: []Setting{{Name: "readme", Title: "README: 240 permutations, 5-word, checked", Default: "0.7",
				Sweep: []string{"0.8", "0.7", "0.5", "0.4", "0.3", "0.25", "0.2"}, Large: []string{"0.7", "0.5"}, Slow: true}}},
		{Name: "datatrove", Version: "0.10.1", Python: "python3", Requirements: []string{"datatrove[io,processing]==0.10.1", "spacy==3.8.18"},
			Driver: "run_datatrove.py", Settings: []Setting{{Name: "default", Title: "stages 1–4, 5-word", Default: "14x8",
				Sweep: []string{"14x8", "20x5", "28x4", "38x3", "64x2"}, Large: []string{"14x8"}, Slow: true}}},
		{Name: "near-dupes", Version: "0.1.0", Python: "python3", Requirements: []string{"near-dupes==0.1.0"}, Driver: "run_near_dupes.py",
			Settings: []Setting{{Name: "default", Title: "3 characters, checked", Default: "0.85", Sweep: jaccards,
				Large: []string{"0.85", "0.8"}, Slow: true}}},
		{Name: "simhash", Version: "2.1.2", Python: "python3", Requirements: []string{"simhash==2.1.2"}, Driver: "run_simhash.py",
			Settings: []Setting{
				{Name: "words", Title: "64 bits, words", Default: "3", Sweep: []string{"1", "2", "3", "4", "5", "6", "8"}, Large: []string{"3"}, Slow: true},
				{Name: "own", Title: "64 bits, own features", Default: "3", Sweep: []string{"1", "2", "3", "4", "6", "8", "10", "12"}, Slow: true},
			}},
		{Name: "minhash-lsh", Version: "v0.0.0-20171225071031-5c06ee8586a1", Driver: "minhash-lsh",
			Settings: []Setting{{Name: "5-word", Title: "Go, 128 hashes, 5-word", Ways: checked, Default: "0.9", Sweep: jaccards,
				Large: []string{"0.9", "0.8", "0.7", "0.6", "0.5", "0.4", "0.3", "0.2"}}}},
	}
}

// sweep is all thresholds of a setting, the strictest first. A setting without any is run once, at "".
func (s Setting) sweep(large bool) []string {
	switch {
	case len(s.Sweep) == 0:
		return []string{""}
	case large:
		return s.Large
	}
	return s.Sweep
}

// thresholds are those of a sweep at which a setting is run: the default first, then, for the best, the others.
func (s Setting) thresholds(sweep []string, best bool) []string {
	if !slices.Contains(sweep, s.Default) {
		if best {
			return sweep
		}
		return nil
	}
	if !best {
		return []string{s.Default}
	}
	others := slices.DeleteFunc(slices.Clone(sweep), func(t string) bool { return t == s.Default })
	return append([]string{s.Default}, others...)
}

// timed is the threshold at which the speed is measured.
func (s Setting) timed() string {
	if s.Default != "" {
		return s.Default
	}
	return s.Try
}

// ways are the folders that the driver writes; "." is its output folder itself.
func (s Setting) ways() []string {
	if len(s.Ways) == 0 {
		return []string{"."}
	}
	return s.Ways
}
