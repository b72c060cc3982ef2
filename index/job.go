package index

import (
	"errors"
	"fmt"
)

// beginJob makes job the one under way; empty: none.
func (x *Index) beginJob(job string) {
	if x.job = job; job == "" || job == x.state.Job {
		return
	}
	if x.state.Job != "" {
		x.unfinished = Job{x.state.Job, Ordinal(x.state.JobFirst), x.state.Taken}
	}
	x.state.Job, x.state.JobFirst, x.state.Taken = job, x.state.Next, 0
}

// Job is a long job that was begun with Options.Job.
type Job struct {
	Name  string  // empty: there is none
	First Ordinal // what it added has this ordinal or a higher one
	Taken int     // articles that Add took for it
}

// Unfinished is the job that was under way when the index was opened for another one, and was not ended with EndJob.
// It is forgotten when the new one adds something.
func (x *Index) Unfinished() Job { return x.unfinished }

// EndJob says that the job of Options.Job is finished: nobody will go on with it.
func (x *Index) EndJob() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.alive(); err != nil || x.job == "" {
		return err
	}
	x.job, x.state.Job, x.state.JobFirst, x.state.Taken = "", "", 0, 0
	if x.log != nil {
		if err := x.log.append(&x.state, nil); err != nil {
			return fmt.Errorf("end job in index %s: %w", x.dir, err)
		}
		return nil
	}
	c := x.begin()
	defer c.discard()
	if err := errors.Join(x.checkDisk(), c.commit()); err != nil {
		return fmt.Errorf("end job in index %s: %w", x.dir, err)
	}
	return nil
}

// took counts an article that Add is done with, whether it could be added or not. The
// count goes to disk with what the article changed.
func (x *Index) took() {
	if x.job != "" {
		x.state.Taken++
	}
}

// Taken is the number of articles that Add took under the name Options.Job, in this process and in earlier ones; 0 without a
// name. All articles that it counts are durable, once Add returned, and after a crash it counts exactly those that are.
func (x *Index) Taken() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.job == "" {
		return 0
	}
	return x.state.Taken
}
