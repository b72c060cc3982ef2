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
