package index

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
)

// An index that was loaded and clustered is one to which all was added and that was reclustered: also if ids come again, and with articles
// that are refused.
func TestLoadIsAdd(t *testing.T) {
	t.Parallel()
	articles := edited(t, 3, 2)
	again := slices.Clone(articles[:40])
	for i := range again {
		if i%2 == 0 {
			again[i].Text += " with other words at its end"
		}
		again[i].Title = "again"
	}
	all := slices.Concat(articles, []article.Article{{ID: "wordless", Text: "…"}, {Text: "no id"}}, again, again[:5])
	for _, noText := range []bool{false, true} {
		t.Run(fmt.Sprint("NoText=", noText), func(t *testing.T) {
			t.Parallel()
			added := newIndex(t, Options{NoText: noText})
			if _, err := added.Add(context.Background(), all); err != nil {
				t.Fatal(err)
			}
			mustRecluster(t, added)
			x := newIndex(t, Options{NoText: noText})
			refused, err := x.Load(context.Background(), all)
			if err != nil {
				t.Fatal(err)
			}
			for i, err := range refused {
				if want := Refusal(all[i]); fmt.Sprint(err) != fmt.Sprint(want) {
					t.Errorf("Load() refused %q with %v, want %v", all[i].ID, err, want)
				}
			}
			mustRecluster(t, x)
			mustCheck(t, x, len(articles))
			wantSameClusters(t, "loaded", members(t, x), members(t, added))
			for _, a := range articles {
				want, err := added.Get(context.Background(), a.ID)
				got, errGot := x.Get(context.Background(), a.ID)
				if err = errors.Join(err, errGot); err != nil || got.Article != want.Article || got.Words != want.Words {
					t.Errorf("Get(%s) = %+v, want %+v; %v", a.ID, got, want, err)
				}
			}
			mustAdd(t, x, article.Article{ID: "later", Text: articles[0].Text + " and more"})
			if found := mustQuery(t, x, articles[0], QueryOptions{}); !slices.ContainsFunc(found, func(m Match) bool { return m.ID == "later" }) {
				t.Errorf("what is added later is not found: %+v", found)
			}
		})
	}
}

// Until it is clustered, an index that is being loaded answers nothing that it cannot know; it can be opened again, and go on.
func TestWhatIsLoadedCannotBeAsked(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	articles := wire(t)
	dir := t.TempDir()
	x, err := Open(dir, Options{Create: true, Job: "job"})
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range [][]article.Article{articles[:50], articles[50:]} {
		mustLoad(t, x, part...)
		if !x.IsLoading() || !x.CanLoad() {
			t.Errorf("after Load: IsLoading() = %v, CanLoad() = %v", x.IsLoading(), x.CanLoad())
		}
		calls := []error{
			second(x.Add(ctx, articles[:1])), second(x.Query(ctx, articles[0], QueryOptions{})), second(x.Get(ctx, articles[0].ID)),
			second(x.ClusterOf(ctx, articles[0].ID)), second(x.StoryOf(ctx, articles[0].ID)), second(x.Stats(ctx)), second(x.Check(ctx)), x.Remove(ctx, articles[0].ID),
			second(x.Ordinals([]string{articles[0].ID})), second(x.Article(1)),
		}
		for _, err := range x.Clusters(ctx, ClusterOptions{}) {
			calls = append(calls, err)
		}
		for k, err := range calls {
			if !errors.Is(err, ErrUnclustered) {
				t.Errorf("call %d: %v, want ErrUnclustered", k, err)
			}
		}
		cancelled, cancel := context.WithCancel(ctx)
		if _, err := x.Recluster(cancelled, func(int, int) { cancel() }); !errors.Is(err, context.Canceled) {
			t.Errorf("Recluster() that is cancelled: %v", err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		if x, err = Open(dir, Options{Job: "job"}); err != nil {
			t.Fatal(err)
		}
		if want := []int{50, len(articles)}[i]; x.Taken() != want {
			t.Errorf("Taken() = %d, want %d", x.Taken(), want)
		}
	}
	mustRecluster(t, x)
	mustCheck(t, x, len(articles))
	if _, err := x.Load(ctx, articles[:1]); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("Load() into an index with articles: %v, want ErrNotEmpty", err)
	}
	if err := errors.Join(x.EndJob(), x.Close()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, loadName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the load log is still there: %v", err)
	}
}

// What a crash leaves of the last frame is cut off; a log whose database is done is deleted.
func TestTornLoadLog(t *testing.T) {
	t.Parallel()
	articles := wire(t)
	dir := t.TempDir()
	x, err := Open(dir, Options{Create: true, Job: "job"})
	if err != nil {
		t.Fatal(err)
	}
	mustLoad(t, x, articles[:10]...)
	whole := x.log.size
	mustLoad(t, x, articles[10:20]...)
	end := x.log.size
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, loadName)
	log, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	damaged := slices.Clone(log)
	damaged[end-3] ^= 1
	for _, test := range []struct {
		what    string
		content []byte
		taken   int
	}{
		{"whole", log, 20},
		{"without its last byte", log[:end-1], 10},
		{"with another byte in its last frame", damaged, 10},
		{"cut in its last frame", log[:(whole+end)/2], 10},
		{"cut in the head of its last frame", log[:whole+5], 10},
		{"with zeros behind it", append(slices.Clone(log), make([]byte, 100)...), 20},
	} {
		if err := os.WriteFile(name, test.content, 0o666); err != nil {
			t.Fatal(err)
		}
		x, err := Open(dir, Options{Job: "job"})
		if err != nil {
			t.Fatal(err)
		}
		if x.Taken() != test.taken || x.NextOrdinal() != Ordinal(test.taken+1) {
			t.Errorf("a log %s: %d taken, want %d; next ordinal %d", test.what, x.Taken(), test.taken, x.NextOrdinal())
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	x, err = Open(dir, Options{Job: "job"})
	if err != nil {
		t.Fatal(err)
	}
	mustRecluster(t, x)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, log, 0o666); err != nil {
		t.Fatal(err)
	}
	x = openIndex(t, dir, Options{})
	mustCheck(t, x, 20)
}

// A head with its checksum is not trusted, and neither is a log that somebody changes while it is open.
func TestHostileLoadLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log, err := createLoadLog(dir, loadHead{Load: 1, Meta: meta{Format: FormatVersion, Scheme: scheme(true)}, State: state{Next: 0}})
	if err != nil {
		t.Fatal(err)
	}
	if err := log.file.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := openLoadLog(dir); !errors.Is(err, ErrCorrupt) {
		t.Errorf("openLoadLog() of a head whose state cannot be: %v, want ErrCorrupt", err)
	}
	for _, length := range []uint64{1 << 63, 1<<64 - 1, 1 << 40} {
		x := newIndex(t, Options{})
		begin := mustBeginLog(t, x)
		mustLoad(t, x, wire(t)[:10]...)
		if _, err := x.log.file.WriteAt(binary.BigEndian.AppendUint64(nil, length), begin+8); err != nil {
			t.Fatal(err)
		}
		if _, err := x.Recluster(context.Background(), nil); !errors.Is(err, ErrCorrupt) {
			t.Errorf("Recluster() with a frame of %d bytes: %v, want ErrCorrupt", length, err)
		}
	}
}

// A frame with its checksum is not trusted either: its state has to say how many articles it has.
func TestLoadLogWhoseFramesLie(t *testing.T) {
	t.Parallel()
	articles := wire(t)
	for _, test := range []struct {
		what           string
		taken, written int // articles of the last frame
	}{
		{"fewer articles than it says", 3, 2},
		{"more articles than it says", 2, 3},
		{"no articles, and numbers that fall", -1, 0},
	} {
		x := newIndex(t, Options{NoText: true})
		mustLoad(t, x, articles[:10]...)
		s := x.state
		s.Next = number(int(s.Next) + test.taken)
		if err := x.log.append(&s, x.ReadyToLoad(articles[10:][:test.written]).logged); err != nil {
			t.Fatal(err)
		}
		x.state.Next = s.Next
		if _, err := x.Recluster(context.Background(), nil); !errors.Is(err, ErrCorrupt) {
			t.Errorf("Recluster() with a frame that has %s: %v, want ErrCorrupt", test.what, err)
		}
	}
}

// mustBeginLog makes the load log, and returns where its first frame will begin.
func mustBeginLog(t *testing.T, x *Index) int64 {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.beginLoad(); err != nil {
		t.Fatal(err)
	}
	return x.log.size
}

// loadAsChild is the child that is killed: it loads what is missing of the corpus, clusters it, and says so.
func loadAsChild() {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	corpus, err := crashCorpus()
	fail(err)
	x, err := Open(os.Getenv("INDEX_TEST_DIR"), Options{Create: true, Job: "load"})
	fail(err)
	for part := range slices.Chunk(corpus[x.Taken():], crashAdd) {
		_, err := x.Load(context.Background(), part)
		fail(err)
	}
	if x.IsLoading() {
		_, err = x.Recluster(context.Background(), nil)
		fail(err)
	}
	fail(x.Close())
	fmt.Println("all")
}

// A process that is killed at any moment, also while the database is made, loses nothing; the result is that of one that was not.
func TestKilledLoadLosesNothing(t *testing.T) {
	if testing.Short() || raceBuild {
		t.Skip("killing processes takes a while, and finds no races: it is left to the full test of an ordinary build")
	}
	// Not parallel: for a moment a new process holds the locks of all indexes that are open in this one.
	corpus, err := crashCorpus()
	if err != nil {
		t.Fatal(err)
	}
	whole := newIndex(t, Options{})
	mustLoad(t, whole, corpus...)
	mustRecluster(t, whole)
	want := members(t, whole)
	begin := time.Now()
	if _, all := killed(t, t.TempDir(), time.Minute, "INDEX_TEST_LOAD=1"); !all {
		t.Fatal("the child did not come to its end")
	}
	longest := time.Since(begin)
	random := rand.New(rand.NewPCG(5, 6))
	for range 4 {
		dir := t.TempDir()
		for kills := 0; ; kills++ {
			most := longest + longest*time.Duration(kills)/10 // the machine may have become slower since
			if _, all := killed(t, dir, longest/20+time.Duration(random.Int64N(int64(most))), "INDEX_TEST_LOAD=1"); all {
				break
			}
			if kills == 100 {
				t.Fatal("the load does not come to its end")
			}
		}
		x := openIndex(t, dir, Options{})
		mustCheck(t, x, len(corpus))
		wantSameClusters(t, "loaded and killed", members(t, x), want)
	}
}

// The process that loaded articles knows which of them count without looking, and says the same as looking them up.
func TestLoaded(t *testing.T) {
	t.Parallel()
	articles := wire(t)[:40]
	changed := articles[3]
	changed.Text += " One more sentence stands here."
	again := changed
	again.Text += " And another one."
	articles = append(articles, articles[7], changed, articles[9], again, articles[7], articles[3])
	articles = append(articles, changed)
	ids := make([]string, len(articles))
	for i, a := range articles {
		ids[i] = a.ID
	}
	dir := t.TempDir()
	x, err := Open(dir, Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	mustLoad(t, x, articles[:20]...)
	mustLoad(t, x, articles[20:]...)
	if got := x.Loaded(1); got != nil {
		t.Errorf("before Recluster Loaded = %v, want nil", got)
	}
	mustRecluster(t, x)
	want, err := x.Ordinals(ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, first := range []Ordinal{1, 2, 41, 47, 48} {
		if got := x.Loaded(first); !slices.Equal(got, want[first-1:]) {
			t.Errorf("Loaded(%d) = %v, want %v as Ordinals", first, got, want[first-1:])
		}
	}
	if got := x.Loaded(49); got != nil {
		t.Errorf("Loaded(49) = %v, want nil: there are fewer", got)
	}
	mustRemove(t, x, articles[0].ID)
	if got := x.Loaded(1); got != nil {
		t.Errorf("after Remove Loaded = %v, want nil", got)
	}
	mustAdd(t, x, articles[0])
	if got := x.Loaded(1); got != nil {
		t.Errorf("after Remove and Add Loaded = %v, want nil", got)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if got := openIndex(t, dir, Options{}).Loaded(1); got != nil {
		t.Errorf("of an index that was opened again Loaded = %v, want nil", got)
	}
}

// Numbers of articles that were loaded before, and removed, lead to nothing.
func TestLoadedAfterRemoval(t *testing.T) {
	t.Parallel()
	articles := wire(t)[:9]
	x := newIndex(t, Options{})
	for round := range 2 {
		mustLoad(t, x, articles...)
		mustRecluster(t, x)
		first := Ordinal(1 + round*len(articles))
		if got := x.Loaded(first); len(got) != len(articles) || got[0] != first {
			t.Errorf("load %d: Loaded(%d) = %v, want %d rising ordinals", round, first, got, len(articles))
		}
		if got := x.Loaded(1); (got == nil) != (round > 0) {
			t.Errorf("load %d: Loaded(1) = %v", round, got)
		}
		if round == 0 {
			for _, a := range articles {
				mustRemove(t, x, a.ID)
			}
		}
	}
}
