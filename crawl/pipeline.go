package crawl

import (
	"context"
	"sync"
)

// A pipeline has three stages: one producer, which reads and cuts the inputs into jobs; workers, which run the jobs; and the
// consumer, who gets the outcomes in the order of the jobs. Formats know only emit and stopping.
//
// Order costs one queue: the producer sends every job to the workers and to the consumer, who waits for the jobs in turn.
// Memory is bounded by tokens, which stand for tokenBytes of input each: a job holds some from its emission until its outcomes
// have been consumed. A job that would need more than there are takes all, and so waits until it is alone.
type pipeline struct {
	jobs   chan *job // to the workers
	queue  chan *job // the same jobs, to the consumer
	tokens chan struct{}
	done   chan struct{} // closed by stop
	wait   sync.WaitGroup
}

// A decompressor gives 32 KiB at a time. 4 MiB a worker are enough to go on reading while the consumer is busy with some thousand articles.
const (
	tokenBytes      = 32 << 10
	tokensPerWorker = 128
)

// job is a piece of input on its way.
type job struct {
	run      func([]outcome) []outcome // appends what the piece holds; called once, in any goroutine
	tokens   int
	outcomes []outcome
	ready    chan struct{} // closed when outcomes are there
}

// outcome is what Read yields in one step.
type outcome struct {
	record  Record
	err     error
	skipped string // not yielded: a record that was passed over, why; only record.Origin is set
}

// origin returns where it was found.
func (o outcome) origin() Origin {
	if p, ok := o.err.(*Problem); ok {
		return p.Origin
	}
	return o.record.Origin
}

// startPipeline starts produce and the workers. The caller must call stop.
func startPipeline(workers int, produce func(*pipeline)) *pipeline {
	tokens := tokensPerWorker * (workers + 1)
	p := &pipeline{
		jobs:   make(chan *job, tokens),
		queue:  make(chan *job, tokens),
		tokens: make(chan struct{}, tokens),
		done:   make(chan struct{}),
	}
	p.wait.Go(func() {
		defer close(p.queue)
		defer close(p.jobs)
		produce(p)
	})
	for range workers {
		p.wait.Go(func() {
			for j := range p.jobs {
				if !p.stopping() {
					j.outcomes = j.run(nil)
				}
				j.run = nil // and with it the input
				close(j.ready)
			}
		})
	}
	return p
}

// emit hands on a piece of input of the given size. It reports whether to go on; if not, the outcome is of no interest to
// anybody any more. Only the producer calls it.
func (p *pipeline) emit(sizeBytes int, run func([]outcome) []outcome) bool {
	j := &job{
		run:    run,
		tokens: min(sizeBytes/tokenBytes+1, cap(p.tokens)),
		ready:  make(chan struct{}),
	}
	for range j.tokens {
		select {
		case p.tokens <- struct{}{}:
		case <-p.done:
			return false
		}
	}
	// Both queues have room for as many jobs as there are tokens, so these do not block.
	p.jobs <- j
	p.queue <- j
	return !p.stopping()
}

// report emits a single problem.
func (p *pipeline) report(at Origin, err error) bool {
	return p.emit(0, func(out []outcome) []outcome {
		return append(out, outcome{err: &Problem{Origin: at, Err: err}})
	})
}

// stopping reports whether the consumer has left. What reads for long without emitting anything has to ask.
func (p *pipeline) stopping() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// outcomes yields everything in order, until the producer is done, the consumer has enough or ctx is cancelled. What
// was passed over goes to skipped instead, if that is not nil.
func (p *pipeline) outcomes(ctx context.Context, skipped func(Origin, string), yield func(Record, error) bool) {
	for j := p.next(ctx); j != nil; j = p.next(ctx) {
		for _, o := range j.outcomes {
			if ctx.Err() != nil {
				break
			}
			switch {
			case o.skipped == "":
				if !yield(o.record, o.err) {
					return
				}
			case skipped != nil:
				skipped(o.record.Origin, o.skipped)
			}
		}
		for range j.tokens {
			<-p.tokens
		}
	}
	if err := ctx.Err(); err != nil {
		yield(Record{}, err)
	}
}

// next waits for the next job to be run. It returns nil at the end, and when ctx is cancelled.
func (p *pipeline) next(ctx context.Context) *job {
	if ctx.Err() != nil {
		return nil
	}
	select {
	case j, ok := <-p.queue:
		if !ok {
			return nil
		}
		select {
		case <-j.ready:
			return j
		case <-ctx.Done():
		}
	case <-ctx.Done():
	}
	return nil
}

// stop makes the producer and the workers end, and waits for them.
func (p *pipeline) stop() {
	close(p.done)
	p.wait.Wait()
}
