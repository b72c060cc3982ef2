package bulk

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/crawl"
	"github.com/dedupe-news/dedupe/disk"
	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/match"
)

// A batch goes to the index and to the spool as soon as it has so many rows, or so many bytes of text or of rows. Results do not
// depend on it.
const (
	batchBytes  = 16 << 20
	batchEvents = 16 << 10
)

var batchRows = 1024 // tests make batches smaller

// taking is the first phase: reading, adding and spooling. While a batch is stored, the next one is read.
type taking struct {
	*job
	loads    bool // the index compares all articles later, together
	again    int  // articles that the index has of what is still to be read: it was killed before they were in the spool
	batch    batch
	articles []article.Article // of the rows of batch that are to be added
	rowOf    []int             // their places in batch.Rows
	raw      []byte            // the rows of batch
	text     int               // bytes of text in them
	last     place             // of the last outcome

	storing chan error // the batch before, and how that ends; nil: it is stored
	told    Progress   // once it is
	spare   []byte     // its rows; then the room for others
}

// take reads the inputs from where the spool ends.
func (j *job) take(ctx context.Context) (err error) {
	t := &taking{job: j, loads: j.index.CanLoad(), again: j.index.Taken() - j.taken, last: place{File: j.after.File}}
	defer func() { err = errors.Join(err, t.stored()) }()
	if t.again < 0 {
		return fmt.Errorf("%s: %w: the index does not have what the crawl gave it", j.opts.Work, ErrOtherCrawl)
	}
	if j.spool.size == 0 {
		t.missing()
	}
	if err := t.all(ctx); err != nil {
		return err
	}
	t.batch.Done, t.after = true, place{File: len(j.plan.Inputs)}
	return t.flush()
}

// all takes every outcome of reading. What is in the batch when it is cancelled is read again by the next run.
func (t *taking) all(ctx context.Context) error {
	for origin, o := range t.outcomes(ctx) {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := t.place(origin)
		if at != t.last && t.full() { // a place may have several outcomes, and reading goes on behind all of them
			if err := t.flush(); err != nil {
				return err
			}
		}
		t.advance(at)
		switch {
		case o.err != nil:
			var problem *crawl.Problem
			if !errors.As(o.err, &problem) {
				return o.err
			}
			t.skip(at, origin, "", problem.Err, problem.Error())
		case o.passed != "":
			t.batch.Events = append(t.batch.Events, event{place: at, Passed: o.passed})
		default:
			t.record(at, o.record)
		}
	}
	return ctx.Err()
}

func (t *taking) full() bool {
	return len(t.batch.Rows) >= batchRows || t.text >= batchBytes || len(t.raw) >= batchBytes || len(t.batch.Events) >= batchEvents
}

// missing notes the inputs that are not there.
func (t *taking) missing() {
	for _, p := range t.opts.Missing {
		t.skip(place{}, p.Origin, "", p.Err, p.Error())
		t.batch.Events[len(t.batch.Events)-1].Name = p.File
	}
}

// outcome is what reading found in one place.
type outcome struct {
	record crawl.Record
	err    error
	passed string
}

// outcomes reads what is left of the inputs, each with its place.
func (t *taking) outcomes(ctx context.Context) iter.Seq2[crawl.Origin, outcome] {
	return func(yield func(crawl.Origin, outcome) bool) {
		var names []string
		for _, in := range t.plan.Inputs[t.after.File:] {
			names = append(names, in.Name)
		}
		if len(names) == 0 {
			return
		}
		opts := t.opts.Crawl
		opts.Rows, opts.ReadBytes = t.plan.Rows, &t.read
		if t.after.Line > 0 || t.after.Record > 0 {
			opts.After = crawl.Origin{File: names[0], Line: t.after.Line, Record: t.after.Record, Offset: t.after.Offset}
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		more := true
		opts.Skipped = func(at crawl.Origin, reason string) {
			if more = more && yield(at, outcome{passed: reason}); !more {
				cancel()
			}
		}
		for record, err := range crawl.Read(ctx, names, opts) {
			if !more {
				return
			}
			at := record.Origin
			var problem *crawl.Problem
			if errors.As(err, &problem) {
				at = problem.Origin
			}
			if more = yield(at, outcome{record: record, err: err}); !more {
				return
			}
		}
	}
}

// place is an origin in the inputs of the plan.
func (t *taking) place(origin crawl.Origin) place {
	file := t.plan.fileOf(origin.File, min(t.last.File, len(t.plan.Inputs)-1))
	return place{File: file, Line: origin.Line, Record: origin.Record, Offset: origin.Offset}
}

// advance notes that everything up to a place has been taken.
func (t *taking) advance(at place) {
	t.last, t.after = at, at
	if at.Line == 0 && at.Record == 0 {
		t.after = place{File: at.File + 1} // a file of one article, or one of which nothing else can be read
	}
}

// record takes a row.
func (t *taking) record(at place, r crawl.Record) {
	if !t.opts.wants(&r.Article) {
		t.batch.Events = append(t.batch.Events, event{place: at, Out: true})
		return
	}
	a := &r.Article
	made := row{
		place: at, ID: a.ID, URL: a.URL, Site: a.Site, Title: a.Title, Text: len(a.Text), Bytes: len(r.Row),
	}
	if r.BadDate != "" && t.opts.OnBadDate != nil {
		t.opts.OnBadDate(r.Origin, r.BadDate)
	}
	if !a.Published.IsZero() {
		seconds := a.Published.Unix()
		made.Published = &seconds
	}
	t.raw = append(t.raw, r.Row...)
	t.text += len(a.Text)
	if t.again > 0 {
		t.again--
		if why := index.Refusal(r.Article); why != nil {
			t.refuse(&made, t.rows, why)
		}
	} else {
		t.articles, t.rowOf = append(t.articles, r.Article), append(t.rowOf, len(t.batch.Rows))
	}
	t.batch.Rows = append(t.batch.Rows, made)
	t.rows++
}

// skip notes what cannot be used.
func (t *taking) skip(at place, origin crawl.Origin, id string, why error, text string) {
	t.batch.Events = append(t.batch.Events, event{place: at, Reason: reasonOf(why), Text: text})
	if t.opts.OnSkip != nil {
		t.opts.OnSkip(origin, id, why)
	}
}

// refuse notes that the index cannot take the article of a row.
func (t *taking) refuse(r *row, number int, why error) {
	r.Refused = true
	t.refused = append(t.refused, number)
	problem := crawl.Problem{Origin: t.origin(r.place), Err: fmt.Errorf("id %q: %w", r.ID, why)}
	t.skip(r.place, problem.Origin, r.ID, why, problem.Error())
}

// flush hands the batch on to be stored, once the one before is.
func (t *taking) flush() error {
	if err := disk.Check(t.opts.Work, t.reserve()); err != nil {
		return fmt.Errorf("%s: %w", t.opts.Work, err)
	}
	load, err := t.intoIndex()
	if err := errors.Join(err, t.stored()); err != nil {
		return err
	}
	b := t.batch
	b.After, b.Copies = t.after, t.copies
	b.Bytes, b.Seconds = t.bytes+t.read.Load(), t.worked()
	t.told = Progress{Phase: "reading", Articles: t.rows, Copies: t.copies, Bytes: b.Bytes, TotalBytes: t.plan.total(), Seconds: b.Seconds}
	t.storing = make(chan error, 1)
	go func(stored chan<- error, rows []byte, again int) { stored <- t.store(load, &b, rows, again) }(t.storing, t.raw, t.again)
	clear(t.articles) // let go of the texts
	t.articles, t.rowOf, t.raw, t.spare, t.text, t.batch = t.articles[:0], t.rowOf[:0], t.spare[:0], t.raw, 0, batch{}
	return nil
}

// store writes a batch: to the index, if that does not have it yet (load), and then to the spool. It is not interrupted halfway.
func (t *taking) store(load *index.Batch, b *batch, rows []byte, again int) error {
	packed := make(chan []byte, 1)
	go func() { packed <- t.spool.pack(rows) }()
	var err error
	if load != nil {
		err = t.index.LoadBatch(context.Background(), load)
	}
	if packed := <-packed; err == nil {
		b.Taken = t.index.Taken() - again
		err = t.spool.append(b, packed)
	}
	return err
}

// stored waits until the batch that was handed on is stored.
func (t *taking) stored() error {
	if t.storing == nil {
		return nil
	}
	err := <-t.storing
	if t.storing = nil; err == nil {
		t.progress(t.told)
	}
	return err
}

// intoIndex gives the articles of the batch to the index. If that compares them later, they are made ready to be loaded.
func (t *taking) intoIndex() (load *index.Batch, err error) {
	var refused []error
	if t.loads {
		load = t.index.ReadyToLoad(t.articles)
		refused = load.Refused
	} else if refused, err = t.add(); err != nil {
		return nil, err
	}
	for i, why := range refused {
		if why != nil {
			at := t.rowOf[i]
			t.refuse(&t.batch.Rows[at], t.rows-len(t.batch.Rows)+at, why)
		}
	}
	return load, nil
}

// add adds the articles of the batch to the index, each compared with those before it.
func (t *taking) add() (refused []error, err error) {
	if err := t.stored(); err != nil { // who counts what the index took
		return nil, err
	}
	added, err := t.index.Add(context.Background(), t.articles)
	if err != nil {
		return nil, err
	}
	refused = make([]error, len(added))
	for i, result := range added {
		refused[i] = result.Err
		if m := result.Match; m != nil && m.Kind >= match.Excerpt {
			t.copies++
		}
	}
	return refused, nil
}

func (j *job) progress(p Progress) {
	if p.Phase == "reading" && p.TotalBytes > 0 {
		p.Done = min(1, float64(p.Bytes)/float64(p.TotalBytes))
	}
	if j.opts.OnProgress != nil {
		j.opts.OnProgress(p)
	}
}

// tell tells how far a phase behind the reading is.
func (j *job) tell(phase string, done float64) {
	j.progress(Progress{Phase: phase, Articles: j.rows, Bytes: j.bytes, TotalBytes: j.plan.total(), Seconds: j.worked(), Done: done})
}

// origin is a place as package crawl names it.
func (j *job) origin(p place) crawl.Origin {
	return crawl.Origin{File: j.plan.Inputs[p.File].Name, Line: p.Line, Record: p.Record, Offset: p.Offset}
}
