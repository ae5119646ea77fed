package evidence

import (
	"context"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/settings"
)

// settings finds settings that are new or were removed: environment variables and
// Compose files.
func (r Range) settings(ctx context.Context, changes []git.Change, found *Evidence) error {
	before, after := variables{}, variables{}
	for _, change := range changes {
		read := r.variablesOf(change.Path)
		if read == nil {
			continue
		}
		for revision, names := range map[string]variables{r.From: before, r.To: after} {
			data, err := r.Repo.Content().File(ctx, revision, change.Path)
			if err != nil {
				return err
			}
			names.add(change.Path, read(data))
		}
	}
	if err := r.variables(ctx, before, after, found); err != nil {
		return err
	}
	for _, change := range changes {
		if app.Within(change.Path, r.Config.Settings.Compose) {
			if err := r.compose(ctx, change.Path, found); err != nil {
				return err
			}
		}
	}
	return nil
}

// variables are environment variables by name, with a place that reads them.
type variables map[string]string

func (v variables) add(file string, names settings.Names) {
	for name, line := range names {
		place := fmt.Sprintf("%s:%d", file, line)
		if known, ok := v[name]; !ok || place < known {
			v[name] = place
		}
	}
}

// variablesOf returns the function that finds the variables in a file, or nil if the file cannot have any. Tests
// set the environment rather than read it.
func (r Range) variablesOf(file string) func([]byte) settings.Names {
	base := path.Base(file)
	switch {
	case app.Within(file, r.Config.Settings.Environment):
		return settings.Dotenv
	case path.Ext(file) == ".py" && app.Within(file, r.Config.Settings.Code) && !isTest(file, base):
		return settings.Python
	}
	return nil
}

func isTest(file, base string) bool {
	return strings.HasPrefix(base, "test_") || base == "conftest.py" ||
		slices.Contains(strings.Split(path.Dir(file), "/"), "tests")
}

func (r Range) variables(ctx context.Context, before, after variables, found *Evidence) error {
	for _, difference := range []struct {
		has, hasNot variables
		elsewhere   string // the revision in which an unchanged file may have it too
		text        string
	}{
		{after, before, r.From, "`%s` is a new environment variable (%s)"},
		{before, after, r.To, "the environment variable `%s` is no longer read (it was in %s)"},
	} {
		var others variables
		for _, name := range slices.Sorted(maps.Keys(difference.has)) {
			if _, both := difference.hasNot[name]; both {
				continue
			}
			if others == nil {
				var err error
				if others, err = r.allVariables(ctx, difference.elsewhere); err != nil {
					return err
				}
			}
			if _, there := others[name]; !there {
				found.Steps = append(found.Steps, Step{Text: fmt.Sprintf(difference.text, name, difference.has[name])})
			}
		}
	}
	return nil
}

// allVariables returns the variables in all files of a revision.
func (r Range) allVariables(ctx context.Context, revision string) (variables, error) {
	all := variables{}
	files, err := r.Repo.Content().Files(ctx, revision)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		read := r.variablesOf(file)
		if read == nil {
			continue
		}
		data, err := r.Repo.Content().File(ctx, revision, file)
		if err != nil {
			return nil, err
		}
		all.add(file, read(data))
	}
	return all, nil
}

// compose describes how a Compose file changed.
func (r Range) compose(ctx context.Context, file string, found *Evidence) error {
	var said [2]settings.Compose
	var required [2]map[string]bool
	for i, revision := range []string{r.From, r.To} {
		data, err := r.Repo.Content().File(ctx, revision, file)
		if err != nil {
			return err
		}
		if said[i], err = settings.ReadCompose(data); err != nil {
			found.Notices = append(
				found.Notices,
				fmt.Sprintf("%s was not compared: at %s: %s", file, revision, changelog.Plain(err.Error())),
			)
			return nil
		}
		required[i] = said[i].Variables()
	}
	for _, name := range slices.Sorted(maps.Keys(required[1])) {
		if required[1][name] && !required[0][name] {
			found.Steps = append(
				found.Steps,
				Step{Text: fmt.Sprintf("set `%s`: %s does not start without it", name, file)},
			)
		}
	}
	r.forgetOwnTag(said)
	for _, sentence := range said[1].Since(said[0]) {
		if impliedByRequired(sentence, required) {
			continue
		}
		found.Steps = append(found.Steps, Step{Text: file + ": " + sentence})
	}
	return nil
}

// forgetOwnTag removes the tags of the app's images from both Compose files, since each release changes them.
func (r Range) forgetOwnTag(said [2]settings.Compose) {
	for _, each := range app.Images(r.Config) {
		own := each.Image.Name + ":"
		for place, value := range said[0] {
			if strings.HasSuffix(place, ".image") && strings.HasPrefix(value, own) &&
				strings.HasPrefix(said[1][place], own) {
				said[0][place], said[1][place] = own, own
			}
		}
	}
}

// impliedByRequired reports whether a sentence only says that a variable in a service's environment is new. The
// request to set that variable already says so.
func impliedByRequired(sentence string, required [2]map[string]bool) bool {
	for name := range required[1] {
		if required[1][name] && !required[0][name] &&
			regexp.MustCompile("\\.environment\\."+name+"` is new: `\\$\\{"+name+":?\\?").MatchString(sentence) {
			return true
		}
	}
	return false
}
