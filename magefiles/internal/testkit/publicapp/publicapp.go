// Package publicapp makes the repository of an app that was not made for this pipeline. It has the shape, the
// history and the oddities of a repository that has grown for years. None of its commits has a release.yaml.
package publicapp

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// The newest tree, what differs in older ones, and the commits.
//
//go:embed all:tree all:older history.yaml
var bundled embed.FS

// Config is the release.yaml of the app, to be used with -config.
//
//go:embed release.yaml
var Config []byte

// Origin is the address of the repository. Nothing is fetched from there.
const Origin = "https://github.com/hughkantsime/odin.git"

// Branches that only tags keep are imported below this name.
const aside = "refs/aside/"

// Make makes dir, which must not exist, a repository with main at its newest tag, v1.9.3.
func Make(ctx context.Context, runner *run.Runner, dir string) error {
	stream, branches, err := importStream()
	if err != nil {
		return fmt.Errorf("the history of the public app: %w", err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	type step struct {
		args  []string
		input []byte
	}
	steps := []step{
		{args: []string{"init", "--quiet", "--initial-branch=main"}},
		{args: []string{"config", "remote.origin.url", Origin}},
		{args: []string{"fast-import", "--quiet"}, input: stream},
		{args: []string{"reset", "--quiet", "--hard", "main"}},
	}
	for _, branch := range branches {
		if branch != "main" {
			steps = append(steps, step{args: []string{"update-ref", "-d", aside + branch}})
		}
	}
	for _, each := range steps {
		command := run.Command{For: "test", Dir: dir, Quiet: true, Timeout: time.Minute,
			Args: append([]string{"git"}, each.args...), Stdin: each.input}
		if _, err := runner.Run(ctx, command); err != nil {
			return fmt.Errorf("make the repository of the public app: %w", err)
		}
	}
	return nil
}

// history is history.yaml.
type history struct {
	States  []state  `yaml:"states"`
	Commits []commit `yaml:"commits"`
}

// state is a tree of the app by its version.
type state struct {
	Version string   `yaml:"version"`
	Absent  []string `yaml:"absent"`
	Copies  string   `yaml:"copies"` // the version in the files that are behind VERSION
}

// commit is a commit with the tree of a version. The files below Paths are already those
// of the newest one.
type commit struct {
	On        string   `yaml:"on"`
	From      string   `yaml:"from"`
	Version   string   `yaml:"version"`
	Paths     []string `yaml:"paths"`
	Message   string   `yaml:"message"`
	Tags      []string `yaml:"tags"`
	Annotated []string `yaml:"annotated"`
}

// tree is the content of files by path.
type tree map[string]string

func read() (history, map[string]tree, error) {
	var story history
	data, err := bundled.ReadFile("history.yaml")
	if err == nil {
		err = yaml.UnmarshalWithOptions(data, &story, yaml.Strict())
	}
	if err != nil {
		return story, nil, err
	}
	files, err := load("tree")
	if err != nil {
		return story, nil, err
	}
	maps.Copy(files, largeFiles)
	trees := map[string]tree{}
	for _, each := range story.States {
		older, err := load("older/" + each.Version)
		if err != nil {
			return story, nil, err
		}
		files = maps.Clone(files)
		maps.DeleteFunc(files, func(file, _ string) bool { return within(file, each.Absent) })
		maps.Copy(files, older)
		trees[each.Version] = stamped(files, each)
	}
	return story, trees, nil
}

// largeFiles are the files that a clone without Git LFS has in place of a model, and the attributes for it. They
// are not files of this repository, because Git LFS would track them here.
var largeFiles = tree{
	".gitattributes": "*.onnx filter=lfs diff=lfs merge=lfs -text\n",
	"backend/modules/vision/model.onnx": "version https://git-lfs.github.com/spec/v1\n" +
		"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345678\n",
}

// load reads the files below a folder, or none if the folder does not exist.
func load(root string) (tree, error) {
	files := tree{}
	err := fs.WalkDir(bundled, root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := bundled.ReadFile(file)
		files[strings.TrimPrefix(file, root+"/")] = string(data)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return files, nil
	}
	return files, err
}

// behind are the files whose version nobody kept up to date.
var behind = map[string][]string{
	"docker-compose.yml": {"O.D.I.N. v1.8.9"}, "frontend/package.json": {`"version": "1.9.1"`},
	"frontend/package-lock.json": {`"version": "1.9.1"`}, "frontend/public/sw.js": {"odin-v1.9.1"},
	"install/install.sh": {`"1.9.2"`}, "install/install.ps1": {`"1.9.1"`},
}

// stamped returns a tree with its version written into it.
func stamped(files tree, of state) tree {
	files = maps.Clone(files)
	files["VERSION"] = of.Version + "\n"
	files["docker-compose.yml"] = strings.Replace(files["docker-compose.yml"], ":v1.9.3", ":v"+of.Version, 1)
	_, log, _ := strings.Cut(files["CHANGELOG.md"], "## ["+of.Version+"]")
	head, _, _ := strings.Cut(files["CHANGELOG.md"], "## [")
	files["CHANGELOG.md"] = head + "## [" + of.Version + "]" + log
	for file, places := range behind {
		for _, place := range places {
			if of.Copies != "" {
				text := place[:strings.IndexAny(place, "0123456789")] + of.Copies
				if strings.HasSuffix(place, `"`) {
					text += `"`
				}
				files[file] = strings.Replace(files[file], place, text, 2)
			}
		}
	}
	return files
}

// treeOf returns the tree of a commit. Commits older than the oldest state cannot be built.
func (c commit) treeOf(trees map[string]tree, newest string) tree {
	files, buildable := trees[c.Version]
	if !buildable {
		return tree{"README.md": "# Print farm\n", "VERSION": c.Version + "\n", "subject.txt": c.Message + "\n"}
	}
	if len(c.Paths) == 0 {
		return files
	}
	files = maps.Clone(files)
	for file, content := range trees[newest] {
		if within(file, c.Paths) {
			files[file] = content
		}
	}
	return files
}

// within reports whether a file is one of the paths or below one of them.
func within(file string, paths []string) bool {
	return slices.ContainsFunc(paths, func(p string) bool {
		return file == p || strings.HasPrefix(file, path.Clean(p)+"/")
	})
}
