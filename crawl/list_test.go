package crawl

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tree writes files of one text each, some hidden, into a folder.
func tree(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"b.txt", "a/2.txt", "a/10.txt", "a.txt", "c/.hidden.txt", "c/d/e.txt", ".git/config.txt", "[x].txt", "e/.x"} {
		write(t, folder, name, []byte("x"))
	}
	return folder
}

func TestListIsReadsOrder(t *testing.T) {
	t.Parallel()
	folder := tree(t)
	for _, test := range []struct {
		name   string
		inputs []string
		want   []string
	}{
		{"folder", []string{""}, []string{"[x].txt", "a/10.txt", "a/2.txt", "a.txt", "b.txt", "c/d/e.txt"}},
		{"files", []string{"b.txt", "a.txt"}, []string{"b.txt", "a.txt"}},
		{"pattern", []string{"*.txt"}, []string{"[x].txt", "a.txt", "b.txt"}},
		{"pattern of folders and files", []string{"[a-b]*"}, []string{"a/10.txt", "a/2.txt", "a.txt", "b.txt"}},
		{"pattern with folders in it", []string{"*/*.txt"}, []string{"a/10.txt", "a/2.txt"}},
		{"pattern of hidden files", []string{"c/.h*", ".*/*"}, []string{"c/.hidden.txt", ".git/config.txt"}},
		{"file that looks like a pattern", []string{"[x].txt"}, []string{"[x].txt"}},
		{"pattern without a match", []string{"x*", "b.txt"}, []string{"x*: no files match the pattern: file does not exist", "b.txt"}},
		{"pattern that is none", []string{"x["}, []string{"x[: syntax error in pattern"}},
		{"missing", []string{"x", "c/y"}, []string{"x: no such file or directory", "c/y: no such file or directory"}},
		{"folder without files", []string{"e"}, []string{"e: no files in the folder, hidden ones left out"}},
		{"hidden folder that is named", []string{".git"}, []string{".git/config.txt"}},
		{"nothing", nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var inputs []string
			for _, input := range test.inputs {
				inputs = append(inputs, strings.TrimSuffix(folder+"/"+input, "/"))
			}
			listed := []string{}
			files, problems := List(inputs)
			for _, f := range files {
				if f.SizeBytes != 1 || time.Since(f.Modified).Abs() > time.Hour {
					t.Errorf("List: %+v, want 1 byte, modified just now", f)
				}
				listed = append(listed, strings.TrimPrefix(f.Name, folder+"/"))
			}
			for _, p := range problems {
				listed = append(listed, strings.TrimPrefix(p.Error(), folder+"/"))
			}
			read := []string{}
			for r, err := range Read(t.Context(), inputs, Options{}) {
				if err != nil {
					read = append(read, strings.TrimPrefix(err.Error(), folder+"/"))
				} else {
					read = append(read, strings.TrimPrefix(r.Origin.File, folder+"/"))
				}
			}
			wantLines(t, "Read", read, test.want...)
			slicesEqualAsSets(t, "List", listed, test.want)
		})
	}
}

// slicesEqualAsSets: List gives problems behind files.
func slicesEqualAsSets(t *testing.T, what string, got, want []string) {
	t.Helper()
	split := func(all []string) (files, problems []string) {
		for _, s := range all {
			if strings.Contains(s, ": ") {
				problems = append(problems, s)
			} else {
				files = append(files, s)
			}
		}
		return files, problems
	}
	gotFiles, gotProblems := split(got)
	wantFiles, wantProblems := split(want)
	if diff := cmp.Diff(wantFiles, gotFiles) + cmp.Diff(wantProblems, gotProblems); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestListOnceEach(t *testing.T) {
	t.Parallel()
	folder := tree(t)
	files, problems := List([]string{folder + "/b.txt", "-", folder + "/*.txt", folder + "/b.txt", "-"})
	var got []string
	for _, f := range files {
		got = append(got, strings.TrimPrefix(f.Name, folder+"/"))
	}
	wantLines(t, "List", got, "b.txt", "-", "[x].txt", "a.txt")
	if len(problems) != 0 || (files[1] != File{Name: "-"}) {
		t.Errorf("List: problems %v, standard input %+v", problems, files[1])
	}
}

func TestListCauses(t *testing.T) {
	t.Parallel()
	folder := tree(t)
	for input, want := range map[string]error{
		"x*": ErrNoFiles, "y*": fs.ErrNotExist, "e": ErrNoFiles, "x": fs.ErrNotExist, "x[": filepath.ErrBadPattern,
	} {
		input = folder + "/" + input
		files, problems := List([]string{input})
		if len(files) != 0 || len(problems) != 1 || !errors.Is(problems[0], want) || problems[0].File != input {
			t.Errorf("List(%s) = %v, %v, want one problem because of %v", input, files, problems, want)
		}
	}
}

func TestListHasNoSizeOfAPipe(t *testing.T) {
	t.Parallel()
	files, problems := List([]string{os.DevNull})
	if len(files) != 1 || len(problems) != 0 || files[0].SizeBytes != 0 {
		t.Errorf("List(%s) = %+v, %v", os.DevNull, files, problems)
	}
}

func TestFilesFrom(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, data string
		want       []string
	}{
		{"nothing", "", nil},
		{"lines", "a\nb c\n d \n", []string{"a", "b c", " d "}},
		{"no line end at the end", "a\nb", []string{"a", "b"}},
		{"blank lines", "\n a\n \t\n\r\n\nb\n", []string{" a", "b"}},
		{"CRLF", "a\r\nb\r\n", []string{"a", "b"}},
		{"byte order mark", "\ufeffa\n", []string{"a"}},
		{"NUL", "a\x00b\nc\x00 \x00\x00d\r", []string{"a", "b\nc", " ", "d\r"}},
	} {
		got, err := FilesFrom(strings.NewReader(test.data))
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: FilesFrom(%q): %v (-want +got):\n%s", test.name, test.data, err, diff)
		}
	}
	broken := errors.New("broken")
	if got, err := FilesFrom(iotest.ErrReader(broken)); !errors.Is(err, broken) || got != nil {
		t.Errorf("FilesFrom = %v, %v, want the error of the reader", got, err)
	}
}

func TestReadFolder(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	folder := filepath.Join(root, "crawl")
	for _, name := range []string{"b.txt", "a/2.txt", "a/10.txt", "a.txt", "c/.hidden.txt", "c/d/e.txt", ".git/config.txt", "z.txt"} {
		write(t, folder, name, []byte("x"))
	}
	outside := write(t, root, "outside/o.txt", []byte("o"))
	for link, target := range map[string]string{"link.txt": outside, "linked": filepath.Dir(outside), "loop": folder, "gone.txt": "nowhere"} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Skip("no symbolic links: ", err)
		}
	}
	if err := os.Symlink(folder, filepath.Join(root, "named")); err != nil {
		t.Fatal(err)
	}
	names := []string{"a/10.txt", "a/2.txt", "a.txt", "b.txt", "c/d/e.txt", "gone.txt", "link.txt", "z.txt"}
	for _, test := range []struct{ name, input, prefix string }{
		{"folder", folder, folder + "/"},
		{"folder with a slash", folder + "/", folder + "/"},
		{"folder as given", root + "/./crawl", root + "/./crawl/"},
		{"folder behind a link", root + "/named", root + "/named/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := []string{}
			for _, name := range names {
				switch name {
				case "gone.txt":
					want = append(want, test.prefix+name+": no such file or directory")
				case "link.txt":
					want = append(want, test.prefix+name+":0@0 "+test.prefix+name+"=o")
				default:
					want = append(want, test.prefix+name+":0@0 "+test.prefix+name+"=x")
				}
			}
			wantLines(t, test.input, lines(t, "", Read(t.Context(), []string{test.input}, Options{})), want...)
		})
	}
	t.Run("hidden, but named", func(t *testing.T) {
		t.Parallel()
		name := folder + "/.git"
		wantLines(t, name, lines(t, folder, Read(t.Context(), []string{name}, Options{})), ".git/config.txt:0@0 .git/config.txt=x")
	})
}

func TestReadInputs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	a := write(t, folder, "a.jsonl", []byte(lineA))
	b := write(t, folder, "b.jsonl", []byte(lineB))
	missing := filepath.Join(folder, "missing")
	t.Run("order, missing file, twice the same", func(t *testing.T) {
		t.Parallel()
		got := lines(t, folder, Read(t.Context(), []string{b, missing, "-", a, b, "-"}, stdin(lineC)))
		wantLines(t, "inputs", got, "b.jsonl:1@0 b=beta", "missing: no such file or directory", "-:1@0 c=gamma",
			"a.jsonl:1@0 a=alpha", "b.jsonl:1@0 b=beta")
	})
	t.Run("causes", func(t *testing.T) {
		t.Parallel()
		for input, want := range map[string]error{missing: fs.ErrNotExist, "-": ErrNoStdin} {
			for _, err := range Read(t.Context(), []string{input}, Options{}) {
				var p *Problem
				if !errors.Is(err, want) || !errors.As(err, &p) || p.File != input {
					t.Errorf("Read(%s): %v, want a Problem of that input because of %v", input, err, want)
				}
			}
		}
	})
	t.Run("unreadable file and folder", func(t *testing.T) {
		t.Parallel()
		if os.Getuid() == 0 {
			t.Skip("root may read everything")
		}
		folder := t.TempDir()
		write(t, folder, "a/x.txt", []byte("x"))
		write(t, folder, "b.txt", []byte("x"))
		write(t, folder, "c.txt", []byte("x"))
		if err := errors.Join(os.Chmod(folder+"/a", 0), os.Chmod(folder+"/b.txt", 0)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(folder+"/a", 0o755) })
		wantLines(t, "folder", lines(t, folder, Read(t.Context(), []string{folder}, Options{})),
			"a: permission denied", "b.txt: permission denied", "c.txt:0@0 c.txt=x")
	})
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		wantLines(t, "no inputs", lines(t, "", Read(t.Context(), nil, Options{})))
	})
	t.Run("again", func(t *testing.T) {
		t.Parallel()
		seq := Read(t.Context(), []string{a, b}, Options{})
		wantLines(t, "first loop", lines(t, folder, seq), "a.jsonl:1@0 a=alpha", "b.jsonl:1@0 b=beta")
		wantLines(t, "second loop", lines(t, folder, seq), "a.jsonl:1@0 a=alpha", "b.jsonl:1@0 b=beta")
	})
	t.Run("invalid options", func(t *testing.T) {
		t.Parallel()
		for _, opts := range []Options{
			{Workers: -1}, {MaxLineBytes: -1}, {MaxTextFileBytes: -1}, {Fields: Fields{URL: "meta..url"}}, {Fields: Fields{ID: "."}},
		} {
			got := lines(t, "", Read(t.Context(), []string{a}, opts))
			if err := opts.Validate(); err == nil || len(got) != 1 || got[0] != err.Error() {
				t.Errorf("Read with %+v: %v, want only the error of Validate, %v", opts, got, err)
			}
		}
	})
}
