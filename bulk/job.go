package bulk

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/disk"
	"github.com/dedupe-news/dedupe/index"
)

// job is a crawl under way. Its directory holds the plan, the spool, and the index if that is temporary.
type job struct {
	opts  Options
	plan  plan
	index *index.Index
	spool *spool
	lock  *os.File

	// of all batches in the spool
	rows    int
	refused []int // of these: rows that the index cannot take, rising
	copies  int   // when they were added
	after   place
	taken   int // articles that the index took
	bytes   int64
	seconds float64
	done    bool

	read  atomic.Int64 // bytes, in this run
	began time.Time    // this run
}

// plan is what a crawl must go on with as it began. It is written before anything is added to the index.
type plan struct {
	Version int          `json:"version"`
	Job     string       `json:"job"` // its name in the index
	Began   time.Time    `json:"began"`
	Index   string       `json:"index"` // absolute; empty: temporary
	First   uint32       `json:"first"` // ordinals from here on are of this crawl
	NoText  bool         `json:"no_text"`
	Rows    bool         `json:"rows"` // are in the spool
	Asked   []string     `json:"asked"`
	Inputs  []input      `json:"inputs"`
	Fields  crawl.Fields `json:"fields"`
	Since   time.Time    `json:"since"`
	Until   time.Time    `json:"until"`
}

type input struct {
	Name     string    `json:"name"`
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified"`
}

const (
	planVersion = 2
	planName    = "plan.json"
	spoolName   = "spool"
	lockName    = "lock"
	indexName   = "index"
)

// openJob begins a crawl, or opens the one that is to be resumed.
func openJob(opts Options) (_ *job, err error) {
	j := &job{opts: opts, began: time.Now()}
	fresh, err := j.place()
	defer func() {
		if err != nil {
			err = errors.Join(err, j.close())
			if fresh {
				err = errors.Join(err, os.RemoveAll(opts.Work)) // nothing has been done
			}
		}
	}()
	if err != nil {
		return nil, err
	}
	if fresh {
		if err := j.begin(); err != nil {
			return nil, err
		}
	} else if err := j.resume(); err != nil {
		return nil, err
	}
	j.spool, err = openSpool(filepath.Join(opts.Work, spoolName), j.enter)
	return j, err
}

// place looks at the directory of the job and at the outputs, and says whether to begin anew.
func (j *job) place() (fresh bool, err error) {
	work := j.opts.Work
	if err := j.distinct(); err != nil {
		return false, err
	}
	_, err = os.Stat(filepath.Join(work, planName))
	if err == nil {
		if err := j.lockWork(); err != nil {
			return false, err
		}
	}
	switch {
	case err == nil && j.opts.Resume:
		return false, nil
	case err == nil && !j.opts.Force:
		return false, fmt.Errorf("%s: %w", work, ErrUnfinished)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return false, err
	case err != nil && j.opts.Resume:
		return false, fmt.Errorf("%s: %w", work, ErrNothingToResume)
	}
	for _, name := range j.opts.outputs() {
		if _, err := os.Lstat(name); err == nil && name != "-" && !j.opts.Force {
			return false, fmt.Errorf("output %s: %w", name, ErrExists)
		}
	}
	if err := os.RemoveAll(work); err != nil {
		return false, err
	}
	if err := os.MkdirAll(work, 0o777); err != nil {
		return false, err
	}
	return true, j.lockWork()
}

// distinct returns ErrIsInput if an output is an input, by whatever name.
func (j *job) distinct() error {
	for _, name := range j.opts.outputs() {
		out, err := os.Stat(name)
		if name == "-" || err != nil {
			continue
		}
		for _, in := range j.opts.Inputs {
			if info, err := os.Stat(in.Name); err == nil && os.SameFile(out, info) {
				return fmt.Errorf("output %s: %w", name, ErrIsInput)
			}
		}
	}
	return nil
}

// lockWork makes sure that no other process works in Work, as long as this one lives.
func (j *job) lockWork() error {
	var err error
	if j.lock != nil {
		err = j.lock.Close() // of the directory that was removed
	}
	if err == nil {
		j.lock, err = os.OpenFile(filepath.Join(j.opts.Work, lockName), os.O_RDWR|os.O_CREATE, 0o666)
	}
	if err != nil {
		return err
	}
	if err := unix.Flock(int(j.lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return fmt.Errorf("%s: %w", j.opts.Work, ErrRunning)
	}
	return nil
}

// begin opens the index and writes the plan.
func (j *job) begin() error {
	plan, err := j.opts.plan()
	if err != nil {
		return err
	}
	j.plan = plan
	j.plan.Began = j.began.UTC().Truncate(time.Second)
	work, err := filepath.Abs(j.opts.Work)
	if err != nil {
		return err
	}
	j.plan.Job = fmt.Sprintf("%s, begun %s", work, j.began.UTC().Format(time.RFC3339Nano))
	if err := disk.Check(j.opts.Work, j.reserve()); err != nil {
		return fmt.Errorf("%s: %w", j.opts.Work, err)
	}
	if err := j.openIndex(); err != nil {
		return err
	}
	j.plan.First = uint32(j.index.NextOrdinal())
	if other := j.index.Unfinished(); other.Name != "" && other.Taken > 0 {
		if !j.opts.Force {
			return fmt.Errorf("%w: %s, which has added %d articles to the index", ErrUnfinished, other.Name, other.Taken)
		}
		j.plan.First = uint32(other.First) // no output has them
	}
	if err := j.keepSchema(); err != nil {
		return err
	}
	content, err := json.MarshalIndent(j.plan, "", "\t")
	if err != nil {
		return err
	}
	return writeSynced(filepath.Join(j.opts.Work, planName), content)
}

// plan is that of a crawl with these options.
func (o *Options) plan() (plan, error) {
	p := plan{
		Version: planVersion, NoText: o.IndexOptions.NoText, Rows: o.Out != "" && !o.DryRun, Asked: o.Asked, Fields: o.Crawl.Fields,
		Since: o.Since, Until: o.Until,
	}
	for _, f := range o.Inputs {
		p.Inputs = append(p.Inputs, input{f.Name, f.SizeBytes, f.Modified.UTC()})
	}
	var err error
	if o.Index != "" {
		p.Index, err = filepath.Abs(o.Index)
	}
	return p, err
}

func (j *job) reserve() int64 { return cmp.Or(j.opts.ReserveBytes, disk.ReserveBytes) }

func (j *job) openIndex() error {
	opts := j.opts.IndexOptions
	opts.Create, opts.Job, opts.ReserveBytes = true, j.plan.Job, j.reserve()
	var err error
	j.index, err = index.Open(cmp.Or(j.plan.Index, filepath.Join(j.opts.Work, indexName)), opts)
	return err
}

// resume reads the plan and holds it against what is asked for.
func (j *job) resume() error {
	name := filepath.Join(j.opts.Work, planName)
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, &j.plan); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if j.plan.Version != planVersion {
		return fmt.Errorf("%s: %w: it was begun by another version of dedupe", name, ErrOtherCrawl)
	}
	asked, err := j.opts.plan()
	if err != nil {
		return err
	}
	if err := j.plan.differs(&asked); err != nil {
		return fmt.Errorf("%s: %w", j.opts.Work, err)
	}
	if err := j.plan.unchanged(); err != nil {
		return err
	}
	return j.openIndex()
}

// differs returns ErrOtherCrawl, with the first difference, if the crawl cannot go on as it is asked for.
func (p *plan) differs(asked *plan) error {
	date := func(t time.Time) string {
		if t.IsZero() {
			return "not given"
		}
		return t.UTC().Format(time.RFC3339)
	}
	for _, f := range []struct{ what, was, asked string }{
		{"its index", cmp.Or(p.Index, "a temporary one"), cmp.Or(asked.Index, "a temporary one")},
		{"--no-text", fmt.Sprint(p.NoText), fmt.Sprint(asked.NoText)},
		{"the names of its fields", fmt.Sprint(p.Fields), fmt.Sprint(asked.Fields)},
		{"--since", date(p.Since), date(asked.Since)},
		{"--until", date(p.Until), date(asked.Until)},
		{"its inputs", strings.Join(p.Asked, " "), strings.Join(asked.Asked, " ")},
	} {
		if f.was != f.asked {
			return fmt.Errorf("%w: %s was %s, now it is %s", ErrOtherCrawl, f.what, f.was, f.asked)
		}
	}
	if asked.Rows && !p.Rows {
		return fmt.Errorf("%w: it was begun without --out, and keeps no rows", ErrOtherCrawl)
	}
	return nil
}

// unchanged returns ErrChanged if an input is not as it was when the crawl began.
func (p *plan) unchanged() error {
	for _, in := range p.Inputs {
		if in.Modified.IsZero() { // standard input
			continue
		}
		info, err := os.Stat(in.Name)
		if err != nil {
			return fmt.Errorf("%s: %w: %w", in.Name, ErrChanged, err)
		}
		if info.Mode().IsRegular() && info.Size() != in.Bytes || !info.ModTime().Equal(in.Modified) {
			return fmt.Errorf("%s: %w", in.Name, ErrChanged)
		}
	}
	return nil
}

// enter takes a batch into the counts.
func (j *job) enter(b *batch) error {
	for i := range b.Rows {
		if b.Rows[i].Refused {
			j.refused = append(j.refused, j.rows+i)
		}
	}
	j.rows += len(b.Rows)
	if b.After.File > len(j.plan.Inputs) {
		return fmt.Errorf("%w: it is of another crawl", errSpool)
	}
	j.copies, j.after, j.taken, j.bytes, j.seconds, j.done = b.Copies, b.After, b.Taken, b.Bytes, b.Seconds, b.Done
	return nil
}

// close closes what is open. Nothing is lost by it.
func (j *job) close() error {
	var errs []error
	if j.spool != nil {
		errs = append(errs, j.spool.close())
	}
	if j.index != nil {
		errs = append(errs, j.index.Close())
	}
	if j.lock != nil {
		errs = append(errs, j.lock.Close())
	}
	return errors.Join(errs...)
}

// writeSynced writes a file that is there as a whole or not at all.
func writeSynced(name string, content []byte) error {
	file, err := os.Create(beside(name))
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(beside(name), name)
}

// fileOf returns the index in the inputs of the file that comes next, at from or later.
func (p *plan) fileOf(name string, from int) int {
	i := slices.IndexFunc(p.Inputs[from:], func(in input) bool { return in.Name == name })
	return from + max(i, 0)
}

// total is the size of all inputs; 0 if one of them is standard input.
func (p *plan) total() int64 {
	sum := int64(0)
	for _, in := range p.Inputs {
		if in.Name == "-" {
			return 0
		}
		sum += in.Bytes
	}
	return sum
}

// WorkOf returns the directory that a crawl uses by default: beside the first of its outputs that is a file.
func WorkOf(outputs ...string) (string, bool) {
	for _, name := range outputs {
		if name != "" && name != "-" {
			return strings.TrimSuffix(name, string(filepath.Separator)) + workSuffix, true
		}
	}
	return "", false
}

// worked is the seconds of work on the crawl, over all of its runs.
func (j *job) worked() float64 { return j.seconds + time.Since(j.began).Seconds() }

// IsWork reports whether a path is, or lies in, the directory of a crawl that is not finished.
func IsWork(path string) bool {
	for dir := path; ; dir = filepath.Dir(dir) {
		if strings.HasSuffix(dir, workSuffix) {
			if _, err := os.Stat(filepath.Join(dir, planName)); err == nil {
				return true
			}
		}
		if filepath.Dir(dir) == dir {
			return false
		}
	}
}

const workSuffix = ".crawl"
