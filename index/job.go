package index

// beginJob makes job the one under way; empty: none.
func (x *Index) beginJob(job string) {
	if x.job = job; job != "" && job != x.state.Job {
		x.state.Job, x.state.Taken = job, 0
	}
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
