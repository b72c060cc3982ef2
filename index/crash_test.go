package index

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/shingle"
)

const crashAdd = 5 // articles that the child adds in one call

// crashCorpus is the wire corpus six times, each time under other ids and with another word in each
// paragraph: enough for seals and merges (see TestMain).
func crashCorpus() ([]article.Article, error) {
	originals, err := wireOnce()
	if err != nil {
		return nil, err
	}
	var corpus []article.Article
	for round := range 6 {
		random := rand.New(rand.NewPCG(uint64(round), 3))
		for _, a := range originals {
			a.ID = fmt.Sprintf("%s/%d", a.ID, round)
			a.Published = a.Published.Add(time.Duration(round) * time.Hour)
			paragraphs := strings.Split(a.Text, "\n")
			for i, p := range paragraphs {
				if words := shingle.Scan(p); words.Len() > 0 {
					w := random.IntN(words.Len())
					paragraphs[i] = p[:words.Starts[w]] + fmt.Sprintf("edited%d", round) + p[words.Ends[w]:]
				}
			}
			a.Text = strings.Join(paragraphs, "\n")
			corpus = append(corpus, a)
		}
	}
	return corpus, nil
}

// addAsChild is the child that is killed: it adds the corpus to the index of INDEX_TEST_DIR, and prints
// each id that Add acknowledged. Where INDEX_TEST_CHURN is set it then removes, adds again, sets other thresholds and reclusters
// without end.
func addAsChild() {
	if os.Getenv("INDEX_TEST_LOAD") != "" {
		loadAsChild()
		return
	}
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	ctx := context.Background()
	corpus, err := crashCorpus()
	fail(err)
	x, err := Open(os.Getenv("INDEX_TEST_DIR"), Options{Create: true})
	fail(err)
	if os.Getenv("INDEX_TEST_CHURN") != "" {
		churn(ctx, x, corpus, fail)
	}
	for part := range slices.Chunk(corpus, crashAdd) {
		added, err := x.Add(ctx, part)
		fail(err)
		var out strings.Builder
		for _, a := range added {
			fail(a.Err)
			out.WriteString(a.ID + "\n")
		}
		os.Stdout.WriteString(out.String())
	}
	fail(x.Close())
	fmt.Println("all")
}

func churn(ctx context.Context, x *Index, corpus []article.Article, fail func(error)) {
	for i := 0; ; i++ {
		first := i * 37 % (len(corpus) - 20)
		part := corpus[first : first+20]
		var ids []string
		for _, a := range part {
			if _, err := x.Get(ctx, a.ID); err == nil {
				ids = append(ids, a.ID)
			}
		}
		fail(x.Remove(ctx, ids...))
		_, err := x.Add(ctx, part)
		fail(err)
		fmt.Println("churned")
		switch i % 3 {
		case 1:
			_, err := x.Recut(ctx, Thresholds{Story: float64(i%2) / 2})
			fail(err)
			fmt.Println("recut")
		case 2:
			_, err := x.Recluster(ctx, nil)
			fail(err)
			fmt.Println("reclustered")
		}
	}
}

// killed runs a child for so long and returns the lines that it printed; all says that it came to its end.
func killed(t *testing.T, dir string, after time.Duration, env ...string) (lines []string, all bool) {
	t.Helper()
	cmd := child(t, "add", append(env, "INDEX_TEST_DIR="+dir)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // it may have ended already
	defer timer.Stop()
	read := bufio.NewReader(out)
	for {
		line, err := read.ReadString('\n')
		if err != nil {
			if err != io.EOF {
				t.Error(err)
			}
			break // what was cut off in the middle of a line was not acknowledged
		}
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	err = cmd.Wait()
	all = len(lines) > 0 && lines[len(lines)-1] == "all"
	if code := cmd.ProcessState.ExitCode(); code > 0 {
		t.Errorf("the child failed: %v", err)
	}
	if all {
		lines = lines[:len(lines)-1]
	}
	return lines, all
}

// A process that is killed at any moment of an add loses nothing that it acknowledged and leaves nothing by
// halves; when the add is finished, the clusters are those of one that was not interrupted.
func TestKilledAddLosesNothing(t *testing.T) {
	if testing.Short() || raceBuild {
		t.Skip("killing processes takes a while, and finds no races: it is left to the full test of an ordinary build")
	}
	// Not parallel: for a moment a new process holds the locks of all indexes that are open in this one.
	corpus, err := crashCorpus()
	if err != nil {
		t.Fatal(err)
	}
	whole := filled(t, Options{}, corpus)
	want := members(t, whole)
	mustCheck(t, whole, len(corpus))

	begin := time.Now()
	if lines, all := killed(t, t.TempDir(), time.Minute); !all || len(lines) != len(corpus) {
		t.Fatalf("the child added %d articles, want %d", len(lines), len(corpus))
	}
	longest := time.Since(begin)

	random := rand.New(rand.NewPCG(1, 4))
	moment := func() time.Duration { return longest/20 + time.Duration(random.Int64N(int64(longest/2))) }
	const crashRounds = 20
	dir := t.TempDir()
	finished, kills := 0, 0
	for kills < crashRounds || finished == 0 {
		lines, all := killed(t, dir, moment())
		if !all {
			kills++
		}
		if kills > 10*crashRounds {
			t.Fatal("the add does not come to its end")
		}
		n := afterKill(t, dir, corpus, lines)
		if n < len(corpus) {
			continue
		}
		finished++
		x := openIndex(t, dir, Options{})
		wantSameClusters(t, "finished", members(t, x), want)
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		if kills >= crashRounds || t.Failed() {
			break
		}
		dir = t.TempDir()
	}

	// Removals, updates, other thresholds and reclustering are cut off as well.
	mustRecluster(t, whole)
	want = members(t, whole)
	if err := whole.Close(); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		killed(t, whole.dir, longest/20+moment(), "INDEX_TEST_CHURN=1")
		x, err := Open(whole.dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		report, err := x.Check(context.Background())
		if err != nil || len(report.Problems) > 0 || report.Articles < len(corpus)-20 {
			t.Errorf("Check() after a kill: %d articles, problems %+v, %v", report.Articles, report.Problems, err)
		}
		mustAdd(t, x, corpus...)
		mustCheck(t, x, len(corpus))
		if _, err := x.Recut(context.Background(), Thresholds{}); err != nil {
			t.Fatal(err)
		}
		mustCheck(t, x, len(corpus))
		mustRecluster(t, x)
		wantSameClusters(t, "after churn and Recluster", members(t, x), want)
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// afterKill checks the index in dir, of which at least the articles acknowledged must be there, and returns
// how many articles it has: the first of the corpus, in whole calls of Add.
func afterKill(t *testing.T, dir string, corpus []article.Article, acknowledged []string) int {
	t.Helper()
	x, err := Open(dir, Options{})
	if errors.Is(err, ErrNoIndex) && len(acknowledged) == 0 {
		return 0 // killed before it began
	}
	if err != nil {
		t.Fatal(err)
	}
	report, err := x.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Problems) > 0 {
		t.Errorf("Check() after a kill: %d problems, such as %+v", len(report.Problems), report.Problems[0])
	}
	n := report.Articles
	if n < len(acknowledged) || n%crashAdd != 0 && n < len(corpus) {
		t.Errorf("%d articles are there, in calls of %d; %d were acknowledged", n, crashAdd, len(acknowledged))
	}
	for i, a := range corpus {
		e, err := x.Get(context.Background(), a.ID)
		switch {
		case i < n && (err != nil || e.Article != a):
			t.Errorf("Get(%s) = %.300v, %v, want the article: it is number %d of %d", a.ID, e, err, i, n)
		case i >= n && !errors.Is(err, ErrNotFound):
			t.Errorf("Get(%s): %v, though only %d articles are there", a.ID, err, n)
		}
	}
	for i, id := range acknowledged {
		if id != corpus[i].ID {
			t.Errorf("acknowledged as number %d: %s, want %s", i, id, corpus[i].ID)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	return n
}
