// Package rehearsal contains the bundled sample app and creates a git repository of it,
// with history and tags.
package rehearsal

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// The sample at its newest version, and how its history came to it.
//
//go:embed all:sample all:history
var bundled embed.FS

// origin is the address of the sample's source. Nothing is fetched from there.
const origin = "https://github.com/hughkantsime/runsodin.git"

// history is history/history.yaml: the releases, oldest first. sample/ is the tree of
// the last one. Each earlier tree is the next newer one without the absent files and
// with the files of history/<tag>/ on top.
type history struct {
	Releases []release `yaml:"releases"`
}

type release struct {
	Tag       string   `yaml:"tag"`
	Annotated bool     `yaml:"annotated"`
	Absent    []string `yaml:"absent"`
	Commits   []commit `yaml:"commits"`
}

// commit changes the given files and folders to their state in its release; the last
// commit of a release changes all other files and the version.
type commit struct {
	Message string    `yaml:"message"`
	Author  string    `yaml:"author"`
	Date    time.Time `yaml:"date"`
	Paths   []string  `yaml:"paths"`
}

// tree is the content of files by path.
type tree map[string][]byte

// Materialise makes dir a git repository with the sample's history and its newest tag
// checked out. A repository from an earlier run is reset to that state; ignored files
// in it, such as installed packages, are kept.
func Materialise(ctx context.Context, runner *run.Runner, dir string) error {
	bundle, err := imported()
	if err != nil {
		return fmt.Errorf("the bundled history: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, step := range []struct {
		args  []string
		input []byte
	}{
		{args: []string{"init", "--quiet", "--initial-branch=main"}},
		{args: []string{"config", "remote.origin.url", origin}},
		{args: []string{"fast-import", "--quiet", "--force"}, input: bundle.stream},
		{args: []string{"checkout", "--quiet", "--force", "main"}},
		{args: []string{"reset", "--quiet", "--hard", bundle.newest}},
		{args: []string{"clean", "--quiet", "-fd"}},
	} {
		if _, err := runner.Run(ctx, run.Command{
			For:     "rehearse",
			Dir:     dir,
			Quiet:   true,
			Timeout: time.Minute,
			Args: append(
				[]string{"git", "--git-dir=" + filepath.Join(dir, ".git"), "--work-tree=" + dir},
				step.args...),
			Stdin: step.input,
		}); err != nil {
			return fmt.Errorf("make the sample's repository: %w", err)
		}
	}
	return nil
}

// bundle is the history in the format of git-fast-import(1), and its newest tag.
type bundle struct {
	stream []byte
	newest string
}

// imported is the bundled history, which is computed once.
var imported = sync.OnceValues(func() (bundle, error) {
	stream, newest, err := importStream()
	return bundle{stream, newest}, err
})

// importStream writes the history in the format of git-fast-import(1) and returns the
// newest tag.
func importStream() ([]byte, string, error) {
	data, err := bundled.ReadFile("history/history.yaml")
	if err != nil {
		return nil, "", err
	}
	var story history
	if err := yaml.UnmarshalWithOptions(data, &story, yaml.Strict()); err != nil {
		return nil, "", err
	}
	trees, err := story.trees()
	if err != nil {
		return nil, "", err
	}
	writer := &importer{}
	for i, release := range story.Releases {
		before := trees[i]
		if i > 0 {
			before = versioned(trees[i], story.Releases[i-1].Tag)
		}
		if err := writer.release(release, before, versioned(trees[i], release.Tag)); err != nil {
			return nil, "", fmt.Errorf("%s: %w", release.Tag, err)
		}
	}
	writer.printf("done\n")
	return writer.out.Bytes(), story.Releases[len(story.Releases)-1].Tag, nil
}

// trees returns the tree of each release.
func (h history) trees() ([]tree, error) {
	if len(h.Releases) == 0 {
		return nil, errors.New("history.yaml has no releases")
	}
	trees := make([]tree, len(h.Releases))
	newest, err := load("sample")
	if err != nil {
		return nil, err
	}
	last := len(trees) - 1
	trees[last] = newest
	for i := last - 1; i >= 0; i-- {
		overlay, err := load("history/" + h.Releases[i].Tag)
		if err != nil {
			return nil, err
		}
		trees[i] = maps.Clone(trees[i+1])
		maps.DeleteFunc(trees[i], func(file string, _ []byte) bool { return within(file, h.Releases[i].Absent) })
		maps.Copy(trees[i], overlay)
	}
	return trees, nil
}

func load(root string) (tree, error) {
	files := tree{}
	err := fs.WalkDir(bundled, root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := bundled.ReadFile(file)
		files[strings.TrimPrefix(file, root+"/")] = data
		return err
	})
	return files, err
}

// versioned returns a tree with the version of a tag in its version files.
func versioned(files tree, tag string) tree {
	sample, err := app.Default("")
	if err != nil {
		panic(err) // the built-in defaults are tested
	}
	versionFiles := append(slices.Clone(sample.Config.VersionFiles),
		app.VersionFile{Path: "backend/openapi.json", Pattern: `"info":\s*\{[^}]*"version":\s*"([^"]+)"`})
	result := maps.Clone(files)
	for _, versionFile := range versionFiles {
		if data, ok := result[versionFile.Path]; ok {
			if written, err := versionFile.Write(data, strings.TrimPrefix(tag, "v")); err == nil {
				result[versionFile.Path] = written
			}
		}
	}
	return result
}

// within reports whether a file is one of the paths or below one of them.
func within(file string, paths []string) bool {
	return slices.ContainsFunc(paths, func(p string) bool {
		p = path.Clean(p)
		return p == "." || file == p || strings.HasPrefix(file, p+"/")
	})
}

// importer writes a fast-import stream.
type importer struct {
	out   bytes.Buffer
	mark  int
	state tree // the content of the newest commit
}

func (w *importer) printf(format string, args ...any) { fmt.Fprintf(&w.out, format, args...) }

func (w *importer) data(content []byte) {
	w.printf("data %d\n", len(content))
	w.out.Write(content)
	w.out.WriteByte('\n')
}

func (w *importer) release(release release, before, after tree) error {
	for i, commit := range release.Commits {
		target := before
		if i == len(release.Commits)-1 {
			target, commit.Paths = after, []string{"."}
		}
		if err := w.commit(commit, target); err != nil {
			return err
		}
	}
	if !release.Annotated {
		w.printf("reset refs/tags/%s\nfrom :%d\n\n", release.Tag, w.mark)
		return nil
	}
	last := release.Commits[len(release.Commits)-1]
	w.printf("tag %s\nfrom :%d\ntagger %s %d +0000\n", release.Tag, w.mark, last.Author, last.Date.Unix())
	w.data([]byte("O.D.I.N. " + release.Tag + "\n"))
	return nil
}

func (w *importer) commit(commit commit, target tree) error {
	next := tree{}
	for file, content := range w.state {
		if !within(file, commit.Paths) {
			next[file] = content
		}
	}
	for file, content := range target {
		if within(file, commit.Paths) {
			next[file] = content
		}
	}
	if maps.EqualFunc(next, w.state, bytes.Equal) {
		return fmt.Errorf("the commit %q changes nothing", strings.SplitN(commit.Message, "\n", 2)[0])
	}
	w.printf("commit refs/heads/main\nmark :%d\n", w.mark+1)
	w.printf(
		"author %s %d +0000\ncommitter %s %d +0000\n",
		commit.Author,
		commit.Date.Unix(),
		commit.Author,
		commit.Date.Unix(),
	)
	w.data([]byte(strings.TrimRight(commit.Message, "\n") + "\n"))
	if w.mark > 0 {
		w.printf("from :%d\n", w.mark)
	}
	w.printf("deleteall\n")
	for _, file := range slices.Sorted(maps.Keys(next)) {
		mode := "100644"
		if bytes.HasPrefix(next[file], []byte("#!")) {
			mode = "100755" // embedded files have no mode
		}
		w.printf("M %s inline %s\n", mode, file)
		w.data(next[file])
	}
	w.printf("\n")
	w.mark++
	w.state = next
	return nil
}
