package index

import "iter"

// recentPostings are the postings of the tail, by key. Nearly all keys have one, which stands in the table itself, so that a look-up touches one
// line of the processor's cache; the others hang on it as a list. To go through them it is for many at the same time, as long as nobody changes it. The
// zero value is empty and ready.
type recentPostings struct {
	slots []recentSlot
	used  int // slots
	more  []recentPosting
}

// recentSlot is a place in the table.
type recentSlot struct {
	key  uint32
	used bool
	recentPosting
}

// recentPosting is a posting under a key.
type recentPosting struct {
	number number // 0: there is none
	next   uint32 // place in more of the next one, and one more; 0: it is the last
}

// first is one of the postings under key.
func (t *recentPostings) first(key uint64) recentPosting {
	if len(t.slots) == 0 {
		return recentPosting{}
	}
	return t.slot(uint32(key)).recentPosting
}

// after is the posting that comes after p.
func (t *recentPostings) after(p recentPosting) recentPosting {
	if p.next == 0 {
		return recentPosting{}
	}
	return t.more[p.next-1]
}

// appendUnder appends the numbers under key to dst.
func (t *recentPostings) appendUnder(dst []number, key uint64) []number {
	for p := t.first(key); p.number != 0; p = t.after(p) {
		dst = append(dst, p.number)
	}
	return dst
}

// has says whether n is posted under key.
func (t *recentPostings) has(key uint64, n number) bool {
	p := t.first(key)
	for p.number != 0 && p.number != n {
		p = t.after(p)
	}
	return p.number != 0
}

// all yields all postings.
func (t *recentPostings) all() iter.Seq[posting] {
	return func(yield func(posting) bool) {
		for _, s := range t.slots {
			for p := s.recentPosting; p.number != 0; p = t.after(p) {
				if !yield(posting{uint64(s.key), p.number}) {
					return
				}
			}
		}
	}
}

// add enters a posting that is not there.
func (t *recentPostings) add(key uint64, n number) {
	if 2*(t.used+1) > len(t.slots) {
		t.grow()
	}
	s := t.slot(uint32(key))
	if !s.used {
		s.key, s.used = uint32(key), true
		t.used++
	}
	if s.number == 0 {
		s.number = n
		return
	}
	t.more = append(t.more, recentPosting{n, s.next})
	s.next = uint32(len(t.more))
}

// remove takes a posting away, and says whether it was there.
func (t *recentPostings) remove(key uint64, n number) bool {
	if !t.has(key, n) {
		return false
	}
	p := &t.slot(uint32(key)).recentPosting
	for p.number != n {
		p = &t.more[p.next-1]
	}
	*p = t.after(*p)
	return true
}

// reset makes t empty. It keeps its memory.
func (t *recentPostings) reset() {
	clear(t.slots)
	t.used, t.more = 0, t.more[:0]
}

// slot is where key stands, or would.
func (t *recentPostings) slot(key uint32) *recentSlot {
	mask := len(t.slots) - 1
	i := int(key*0x9E3779B1>>7) & mask
	for t.slots[i].used && t.slots[i].key != key {
		i = (i + 1) & mask
	}
	return &t.slots[i]
}

func (t *recentPostings) grow() {
	old := t.slots
	t.slots = make([]recentSlot, max(1024, 2*len(old)))
	for _, s := range old {
		if s.used {
			*t.slot(s.key) = s
		}
	}
}
