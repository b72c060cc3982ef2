package index

import "fmt"

// flight is a commit that is under way while the articles that come next are compared and added: to sync a transaction takes about as long as to
// make the next one. What comes next sees what is in flight as its parent.
type flight struct {
	done chan struct{} // closed when the commit is durable, or failed
	err  error         // … then it can be read
	next *changes      // what comes after it; nil once somebody goes on with it
}

// launch commits c in the background, as soon as the commit before has landed; resume gives what comes after. x.mu is held for writing.
func (c *changes) launch() error {
	x := c.x
	if err := x.land(); err != nil {
		return err
	}
	f := &flight{done: make(chan struct{})}
	if len(c.blocks) > 0 { // of which those who come next would read the old ones from the disk
		if err := c.commit(); err != nil {
			return err
		}
		close(f.done)
		f.next = x.begin()
	} else {
		if err := c.finish(); err != nil {
			return x.breaks(err)
		}
		f.next = x.begin()
		f.next.parent, c.parent = c, nil
		go func() {
			f.err = c.write()
			close(f.done)
		}()
	}
	f.next.gone = c.gone
	x.flight = f
	return nil
}

// breaks says that nothing can go on after a write failed.
func (x *Index) breaks(err error) error {
	x.broken = fmt.Errorf("an earlier write failed, open the index again: %w", err)
	return err
}

// resume returns what comes after the commit in flight, or after all that is on the disk. x.mu is held for writing.
func (x *Index) resume() *changes {
	if x.flight == nil {
		return x.begin()
	}
	c := x.flight.next
	x.flight.next = nil
	return c
}

// land waits for the commit in flight. x.mu is held for writing.
func (x *Index) land() error {
	f := x.flight
	if f == nil {
		return nil
	}
	<-f.done
	if f.next != nil {
		f.next.discard()
	}
	x.flight = nil
	if f.err != nil {
		return x.breaks(f.err)
	}
	return nil
}

// landed waits for the commit in flight, if there is one, and returns its error. x.mu is held, for reading at least.
func (x *Index) landed() error {
	if x.flight == nil {
		return nil
	}
	<-x.flight.done
	return x.flight.err
}
