// Package detect looks at the files of an app and writes its first release.yaml, which
// says how the app differs from the defaults.
package detect

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/app/doctor"
)

// Checkout is the checkout that is examined.
type Checkout struct {
	App        *app.App // its root; its configuration is not used
	Files      []string // tracked by git, or new and not ignored
	Repository string   // owner/name on GitHub, "" when unknown
	Version    string   // of the last release, such as 1.2.3; "" when there is none
	Released   []string // versions that have a tag
}

// Found is a release.yaml for a checkout.
type Found struct {
	App       *app.App // the checkout with that file
	Content   []byte   // of the file
	Facts     []Fact
	Questions []Question
}

// Fact is what was found, and in which file or why.
type Fact struct{ What, Value, Why string }

// Question is a setting that the files do not decide.
type Question struct {
	Keys   []string // in release.yaml, as doctor names them
	Text   string
	Advice string // the line or command that answers it
}

// String formats the question as one line.
func (q Question) String() string { return strings.Join(q.Keys, ", ") + ": " + q.Text }

// Asks reports whether a setting, such as verify.probe.path, is the answer to a question.
func (f Found) Asks(key string) bool {
	return slices.ContainsFunc(f.Questions, func(question Question) bool {
		return slices.ContainsFunc(question.Keys, func(asked string) bool {
			rest, is := strings.CutPrefix(key, asked)
			return is && (rest == "" || rest[0] == '.' || rest[0] == '[')
		})
	})
}

// Look finds the settings of a checkout. What doctor would report about them is a
// question in the file, unless it is one already. The error says what the checkout lacks.
func Look(checkout Checkout) (Found, error) {
	s, err := look(checkout)
	if err != nil {
		return Found{}, err
	}
	first, err := s.write(nil)
	if err != nil {
		return Found{}, err
	}
	problems := doctor.Examine(doctor.Tree{
		App: first.App, Files: checkout.Files, Repository: checkout.Repository, Released: checkout.Released,
	})
	return s.write(s.open(problems))
}

// open turns doctor's problems into questions: those with the same cause into one, and
// none that a question of the search names already.
func (s *search) open(problems []doctor.Problem) []Question {
	var list []Question
	for _, problem := range problems {
		if s.asks(problem.Key) {
			continue
		}
		text, _, _ := strings.Cut(problem.What, "; it is used by ")
		at := slices.IndexFunc(list, func(q Question) bool {
			return q.Text == text && section(q.Keys[0]) == section(problem.Key)
		})
		if at >= 0 {
			list[at].Keys = append(list[at].Keys, problem.Key)
			continue
		}
		list = append(list, Question{[]string{problem.Key}, text, problem.Fix})
	}
	return list
}

func (s *search) asks(key string) bool {
	return slices.ContainsFunc(s.questions, func(q Question) bool { return slices.Contains(q.Keys, key) })
}

// section returns the key of release.yaml's top level that a key belongs to.
func section(key string) string {
	if at := strings.IndexAny(key, ".["); at >= 0 {
		return key[:at]
	}
	return key
}

// search is the state of a search.
type search struct {
	tree
	defaults  app.Config
	python    python
	node      node
	image     image
	compose   []compose
	lines     map[string][]string // YAML, by section
	facts     []Fact
	questions []Question
}

func look(checkout Checkout) (*search, error) {
	defaults, err := app.Default(checkout.App.Root)
	if err != nil {
		return nil, err
	}
	s := &search{tree: newTree(checkout), defaults: defaults.Config, lines: map[string][]string{}}
	s.compose = imageSearch{s}.findCompose()
	s.python, s.node = pythonSearch{s}.findPython(), nodeSearch{s}.findNode()
	if err := s.sides(); err != nil {
		return nil, err
	}
	if !s.python.found && !s.node.found && len(s.named("Dockerfile*")) == 0 {
		return nil, errors.New("there is nothing to release here: no Python project, no package.json and " +
			"no Dockerfile; run init in the root of the app")
	}
	imageSearch{s}.findImage()
	imageSearch{s}.identity()
	imageSearch{s}.versionTag()
	buildSearch{s}.build()
	stepSearch{s}.environments()
	stepSearch{s}.checks()
	stepSearch{s}.suites()
	stepSearch{s}.contract()
	versionSearch{s}.versions()
	otherSearch{s}.migrations()
	otherSearch{s}.settings()
	otherSearch{s}.docs()
	verifySearch{s}.verify()
	return s, nil
}

// sides sets the folders of the backend and the frontend, which the defaults follow.
func (s *search) sides() error {
	var set []string
	for _, side := range []struct {
		key, folder, usual string
		found              bool
	}{
		{"backend", s.python.dir, s.defaults.Backend.Directory, s.python.found},
		{"frontend", s.node.dir, s.defaults.Frontend.Directory, s.node.found},
	} {
		if side.found && side.folder != side.usual {
			s.set(side.key, "%s: {directory: %s}", side.key, scalar(side.folder))
			set = append(set, s.lines[side.key]...)
		}
	}
	moved, err := s.App.With(app.ConfigFile, []byte(strings.Join(set, "\n")))
	if err == nil {
		s.defaults = moved.Config
	}
	return err
}

func (s *search) set(section, format string, args ...any) {
	s.lines[section] = append(s.lines[section], fmt.Sprintf(format, args...))
}

func (s *search) fact(what, value, why string) { s.facts = append(s.facts, Fact{what, value, why}) }

func (s *search) ask(key, text, advice string) {
	s.questions = append(s.questions, Question{[]string{key}, text, advice})
}

// askOnce is ask for what is found in several places of a file.
func (s *search) askOnce(key, text, advice string) {
	if !slices.ContainsFunc(s.questions, func(q Question) bool { return q.Text == text }) {
		s.ask(key, text, advice)
	}
}
