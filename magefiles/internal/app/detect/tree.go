package detect

import (
	"bytes"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// most is the size of a file above which it is not searched.
const most = 1 << 20

// tree answers questions about the files of a checkout.
type tree struct {
	Checkout
	known map[string]bool
}

// newTree leaves out files that git tracks but that were deleted.
func newTree(checkout Checkout) tree {
	t := tree{checkout, map[string]bool{}}
	t.Files = nil
	for _, file := range checkout.Files {
		if _, err := os.Lstat(checkout.App.Path(file)); err == nil {
			t.Files, t.known[file] = append(t.Files, file), true
		}
	}
	return t
}

func (t tree) has(file string) bool { return t.known[path.Clean(file)] }

// hasFolder reports whether a folder has a file that git does not ignore.
func (t tree) hasFolder(dir string) bool { return len(t.under(dir)) > 0 }

// under lists the files in a folder, and in those below it.
func (t tree) under(dir string) []string {
	var list []string
	for _, file := range t.Files {
		if within(file, dir) {
			list = append(list, file)
		}
	}
	return list
}

func within(file, dir string) bool {
	return dir == "." || file == dir || strings.HasPrefix(file, dir+"/")
}

// named lists the files whose base name matches one of the patterns, those that are
// nearest to the root first.
func (t tree) named(patterns ...string) []string {
	var list []string
	for _, file := range t.Files {
		if slices.ContainsFunc(patterns, func(pattern string) bool {
			matched, err := path.Match(pattern, path.Base(file))
			return err == nil && matched
		}) {
			list = append(list, file)
		}
	}
	slices.SortStableFunc(list, func(a, b string) int {
		if difference := strings.Count(a, "/") - strings.Count(b, "/"); difference != 0 {
			return difference
		}
		return strings.Compare(a, b)
	})
	return list
}

// read returns the text of a file, or "" if it does not exist, is large, or is binary. The file that is being
// written is never read, so a second search has the same result.
func (t tree) read(file string) string {
	if !t.has(file) || file == app.ConfigFile {
		return ""
	}
	info, err := os.Stat(t.App.Path(file))
	if err != nil || !info.Mode().IsRegular() || info.Size() > most {
		return ""
	}
	data, err := os.ReadFile(t.App.Path(file))
	if err != nil || bytes.IndexByte(data, 0) >= 0 {
		return ""
	}
	return string(data)
}

// match returns the place of the first match of a pattern in a file, such as
// Dockerfile:3, and its groups; nil if there is none.
func (t tree) match(file string, pattern *regexp.Regexp) (place string, groups []string) {
	text := t.read(file)
	at := pattern.FindStringIndex(text)
	if at == nil {
		return "", nil
	}
	return placeOf(file, text, at[0]), pattern.FindStringSubmatch(text)
}

func placeOf(file, text string, at int) string {
	return file + ":" + number(1+strings.Count(text[:at], "\n"))
}

// isTest reports whether a file is one of a test or an example.
func isTest(file string) bool {
	for _, part := range strings.Split(file, "/") {
		if part == "tests" || part == "test" || part == "examples" || strings.HasPrefix(part, "test_") {
			return true
		}
	}
	return strings.HasSuffix(file, "_test.py") || path.Base(file) == "conftest.py"
}

// workflows lists the workflows of GitHub Actions.
func (t tree) workflows() []string {
	return slices.DeleteFunc(t.named("*.yml", "*.yaml"), func(file string) bool {
		return path.Dir(file) != ".github/workflows"
	})
}
