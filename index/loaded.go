package index

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
)

// loaded is the source of an index that is being loaded: the load log, which is read in the order of numbers, with what is to be known of an
// article besides.
type loaded struct {
	x         *Index
	at        []int64      // by number: where in the log the article begins, 0: there is none; and where the log ends
	published []uint64     // by number: as dates returns it, which takes it
	dropped   bitset       // numbers of articles that do not count
	replaced  []uint64     // number of an article that does not count, because its id came again, and of the one that does
	holder    []number     // by number: the holder with its words; 0: it is one itself
	ids       *keyedSorter // number and digest under each id
	digests   *keyedSorter // number under each digest
	articles  int
	holders   int
	rooms     sync.Pool // of *[]byte: to read into
}

// openLoaded finds out which articles of the log count, and which are exact copies. Close it, also after an error.
func (r *reclustering) openLoaded() (*loaded, error) {
	buffers := r.x.budget.sorting / 4
	l := &loaded{
		x: r.x, at: make([]int64, r.next+1), published: make([]uint64, r.next), dropped: newBitset(int(r.next)), holder: make([]number, r.next),
		ids: newKeyedSorter(r.dir, buffers, r.x.workers), digests: newKeyedSorter(r.dir, buffers, r.x.workers),
	}
	r.from = l
	if err := l.locate(r); err != nil {
		return l, fmt.Errorf("load log: %w", err)
	}
	if err := l.dropOld(r); err != nil {
		return l, err
	}
	return l, l.findCopies(r)
}

func (l *loaded) close() error { return errors.Join(l.ids.close(), l.digests.close()) }

// frame is a frame of the log.
type frame struct {
	span
	first, next number // its first article, and that behind its last one
}

// locate finds where each article is, and when it was published, and sorts ids and digests.
func (l *loaded) locate(r *reclustering) error {
	frames, err := l.frames(r.next)
	if err != nil {
		return err
	}
	l.at[r.next] = l.x.log.size
	errs := make([]error, len(frames))
	l.x.parallel(len(frames), func(i int) {
		if errs[i] = r.ctx.Err(); errs[i] == nil {
			errs[i] = l.locateIn(frames[i])
		}
	})
	return firstError(errs)
}

// frames finds the frames, which together have all numbers up to next.
func (l *loaded) frames(next number) ([]frame, error) {
	log := l.x.log
	var frames []frame
	n := log.head.State.Next
	for at := log.begin; at < log.size; {
		end, ok := log.frameEnd(at, log.size)
		if !ok {
			return nil, fmt.Errorf("%w: there is no frame at byte %d", ErrCorrupt, at)
		}
		s, err := log.frameState(at, end)
		if err != nil {
			return nil, err
		}
		if s.Next < n {
			return nil, fmt.Errorf("%w: numbers fall", ErrCorrupt)
		}
		frames = append(frames, frame{span{at, end}, n, s.Next})
		at, n = end, s.Next
	}
	if n != next {
		return nil, fmt.Errorf("%w: it has articles up to number %d, and %d were expected", ErrCorrupt, n, next)
	}
	return frames, nil
}

// locateIn is locate for the articles of a frame.
func (l *loaded) locateIn(f frame) error {
	room := l.room()
	defer l.rooms.Put(room)
	b, err := l.read(f.span, room)
	if err != nil {
		return err
	}
	if !isSummed(b) {
		return fmt.Errorf("%w: the frame at byte %d does not have its checksum", ErrCorrupt, f.from)
	}
	ids, digests := l.ids.writer(), l.digests.writer()
	defer ids.release()
	defer digests.release()
	d := decoder{b: b[frameHeader:]}
	d.bytes(d.count(1))
	var value []byte
	n := f.first
	for ; d.err == nil && len(d.b) > 0 && n < f.next; n++ {
		l.at[n] = f.to - int64(len(d.b))
		var a loggedArticle
		if a, d.b, d.err = decodeLogged(d.b, l.x.keepsText()); d.err != nil {
			break
		}
		h, err := decodeHead(a.record)
		if err != nil {
			return fmt.Errorf("article number %d: %w", n, err)
		}
		l.published[n] = h.rising()
		value = append(binary.BigEndian.AppendUint32(value[:0], n), h.digest...)
		if err := errors.Join(ids.add(keyed{h.id(), value}), digests.add(keyed{h.digest, value[:numberBytes]})); err != nil {
			return err
		}
	}
	if d.end() == nil && n != f.next {
		d.fail("it has fewer articles than it says")
	}
	return d.err
}

// numberBytes is the size of a number where it does not depend on how large it is.
const numberBytes = 4

// number is the number with which a value of ids or digests begins.
func (k keyed) number() number { return binary.BigEndian.Uint32(k.value) }

// dropOld leaves out the articles whose id came again: with the same words the first counts, else the last.
func (l *loaded) dropOld(r *reclustering) error {
	var id, digest []byte // of the last one that counts
	var n number
	var old []number // those before it, or with its words, that do not
	settle := func() {
		for _, o := range old {
			l.dropped.add(o)
			l.replaced = append(l.replaced, uint64(o)<<32|uint64(n))
		}
		old = old[:0]
	}
	err := l.ids.finish(r.ctx, func(k keyed, _ int64) error {
		switch {
		case n == 0 || !bytes.Equal(k.key, id):
			settle()
			l.articles++
		case bytes.Equal(k.value[numberBytes:], digest):
			old = append(old, k.number())
			return nil
		default:
			old = append(old, n)
		}
		n, id, digest = k.number(), append(id[:0], k.key...), append(digest[:0], k.value[numberBytes:]...)
		return nil
	})
	settle()
	return err
}

// findCopies finds the holders and their exact copies.
func (l *loaded) findCopies(r *reclustering) error {
	var digest []byte // of the last holder
	var holder number
	return l.digests.finish(r.ctx, func(k keyed, _ int64) error {
		n := k.number()
		if l.dropped.has(n) {
			return nil
		}
		if holder != 0 && bytes.Equal(k.key, digest) {
			l.holder[n] = holder
			return nil
		}
		holder, digest = n, append(digest[:0], k.key...)
		l.holders++
		return nil
	})
}

func (l *loaded) dates(*reclustering) (holder []number, published []uint64, err error) {
	holder = make([]number, len(l.holder))
	for i := range holder {
		if n := number(i); l.has(n) {
			holder[n] = cmp.Or(l.holder[n], n)
		}
	}
	published, l.published = l.published, nil
	return holder, published, nil
}

func (l *loaded) has(n number) bool { return l.at[n] != 0 && !l.dropped.has(n) }

func (l *loaded) byID() iter.Seq2[number, error] {
	return func(yield func(number, error) bool) {
		err := l.eachID(func(_ []byte, n number) error {
			if !yield(n, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(0, err)
		}
	}
}

// eachID calls do with the ids, in order, and the numbers of their articles.
func (l *loaded) eachID(do func(id []byte, n number) error) error {
	for k, err := range l.ids.all() {
		if err == nil && l.has(k.number()) {
			err = do(k.key, k.number())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eachHolder calls do with the digests of the holders, in order, and their numbers.
func (l *loaded) eachHolder(do func(d digest, n number) error) error {
	for k, err := range l.digests.all() {
		if err == nil && l.has(k.number()) && l.holder[k.number()] == 0 {
			err = do(digest(k.key), k.number())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// windowBytes of the log are read at once, or one article that is larger.
const windowBytes = 1 << 20

// each calls do with the articles of the numbers from from to to (exclusive), in their order. do may not keep them.
func (l *loaded) each(from, to number, do func(n number, a loggedArticle) error) error {
	room := l.room()
	defer l.rooms.Put(room)
	for from < to {
		end := from + 1
		for end < to && l.at[end+1]-l.at[from] <= windowBytes {
			end++
		}
		b, err := l.read(span{l.at[from], l.at[end]}, room)
		if err != nil {
			return err
		}
		for n := from; n < end; n++ {
			if !l.has(n) {
				continue
			}
			a, _, err := decodeLogged(b[l.at[n]-l.at[from]:], l.x.keepsText())
			if err != nil {
				return fmt.Errorf("article number %d: %w", n, err)
			}
			if err := do(n, a); err != nil {
				return err
			}
		}
		from = end
	}
	return nil
}

func (l *loaded) room() *[]byte {
	room, ok := l.rooms.Get().(*[]byte)
	if !ok {
		room = new([]byte)
	}
	return room
}

// read reads a part of the log into room.
func (l *loaded) read(s span, room *[]byte) ([]byte, error) {
	b := grown(room, int(s.to-s.from))
	_, err := l.x.log.file.ReadAt(b, s.from)
	return b, err
}

// grown is room for n bytes, made larger where it is not enough.
func grown(room *[]byte, n int) []byte {
	*room = slices.Grow((*room)[:0], n)
	return (*room)[:n]
}

func (l *loaded) heads(from, to number, do func(n number, h *recordHead) error) error {
	return l.each(from, to, func(n number, a loggedArticle) error {
		h, err := decodeHead(a.record)
		if err != nil {
			return fmt.Errorf("article number %d: %w", n, err)
		}
		h.holder, h.prints = l.holder[n], a.prints
		return do(n, &h)
	})
}

func (l *loaded) text(n number) (string, error) {
	room := l.room()
	defer l.rooms.Put(room)
	b, err := l.read(span{l.at[n], l.at[n+1]}, room)
	if err != nil {
		return "", err
	}
	a, _, err := decodeLogged(b, l.x.keepsText())
	if err != nil {
		return "", fmt.Errorf("article number %d: %w", n, err)
	}
	return l.x.decompress(n, a.text)
}

// exact is the number of exact copies.
func (l *loaded) exact() int { return l.articles - l.holders }

// copies are holder and number of each exact copy, sorted.
func (l *loaded) copies() []uint64 {
	var list []uint64
	for n, holder := range l.holder {
		if holder != 0 {
			list = append(list, uint64(holder)<<32|uint64(n))
		}
	}
	slices.SortFunc(list, cmp.Compare[uint64])
	return list
}
