package workload

import (
	"slices"
	"syscall"
	"time"
)

// Row is what one case of a workload came to.
type Row struct {
	Case           string
	Command        string // what was run: a call of the library, or a process
	Figures        []Figure
	MemoryMiB      float64 `json:",omitempty"` // highest peak of the resident set
	BytesAnArticle float64 `json:",omitempty"` // on the disk
	Counts         []Count `json:",omitempty"` // which do not depend on time
}

// Figure is what several runs came to.
type Figure struct {
	Name, Unit string
	Runs       []float64 // in their order
}

// Count is how many there were of something.
type Count struct {
	Name  string
	Value int
}

// note adds a run to the figure of a name.
func (r *Row) note(name, unit string, value float64) {
	i := slices.IndexFunc(r.Figures, func(f Figure) bool { return f.Name == name })
	if i < 0 {
		i = len(r.Figures)
		r.Figures = append(r.Figures, Figure{Name: name, Unit: unit})
	}
	r.Figures[i].Runs = append(r.Figures[i].Runs, value)
}

// noteLatencies adds a run of so many calls.
func (r *Row) noteLatencies(ms []float64) {
	ms = slices.Sorted(slices.Values(ms))
	for _, p := range []struct {
		name    string
		percent int
	}{{"p50", 50}, {"p90", 90}, {"p99", 99}} {
		r.note(p.name, "ms", ms[(len(ms)-1)*p.percent/100])
	}
}

// noteMemory keeps the highest peak.
func (r *Row) noteMemory(mib float64) { r.MemoryMiB = max(r.MemoryMiB, mib) }

// count adds to a count.
func (r *Row) count(name string, n int) {
	i := slices.IndexFunc(r.Counts, func(c Count) bool { return c.Name == name })
	if i < 0 {
		i = len(r.Counts)
		r.Counts = append(r.Counts, Count{Name: name})
	}
	r.Counts[i].Value += n
}

// figure is the figure of a name.
func (r *Row) figure(name string) (Figure, bool) {
	i := slices.IndexFunc(r.Figures, func(f Figure) bool { return f.Name == name })
	if i < 0 {
		return Figure{}, false
	}
	return r.Figures[i], true
}

func (f Figure) median() float64 {
	sorted := slices.Sorted(slices.Values(f.Runs))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// watch measures time and processor time of this process.
type watch struct {
	begun              time.Time
	cpu                float64
	seconds, processor float64 // between all calls of start and stop
}

func (w *watch) start() { w.begun, w.cpu = time.Now(), processorSeconds() }

func (w *watch) stop() {
	w.seconds += time.Since(w.begun).Seconds()
	w.processor += processorSeconds() - w.cpu
}

// processorSeconds is what this process took so far; 0 where it is unknown.
func processorSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// noteProcessor adds the processor time that each of n calls or articles took on average: less than time it depends on what others do.
func (r *Row) noteProcessor(seconds float64, n int, of string) {
	r.note("processor", "ms "+of, seconds*1000/float64(n))
}

// milliseconds is how long a call takes.
func milliseconds(call func() error) (float64, error) {
	begun := time.Now()
	err := call()
	return time.Since(begun).Seconds() * 1000, err
}
