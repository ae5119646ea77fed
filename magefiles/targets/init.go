package targets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/app/detect"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// initial writes the first release.yaml of an app.
type initial struct{ *session }

// Init looks at the files of an app, and writes a release.yaml with comments.
//
// It shows what it found and why. What the files do not decide is a question in release.yaml; doctor checks the
// answers. An existing release.yaml is not changed: init compares it with what it finds, and fails if a setting differs
// that is not the answer to a question. With -config, it does so with that file.
//
// Example: init
func Init(ctx context.Context) error {
	asked := shared
	if _, err := os.Stat(asked.config); errors.Is(err, fs.ErrNotExist) {
		asked.config = "" // it is about to be written
	}
	found, err := asked.findAny(false)
	if err != nil {
		return complained(err)
	}
	path := cmp.Or(shared.config, found.Path(app.ConfigFile))
	return withApp(ctx, found, func(ctx context.Context, p *session) error { return initial{p}.init(ctx, path) })
}

// init writes what it finds to a file, or compares it with that.
func (p initial) init(ctx context.Context, path string) error {
	if err := hasFolder(path); err != nil {
		return err
	}
	found, err := p.look(ctx)
	if err != nil {
		return err
	}
	rows := make([][]string, len(found.Facts))
	for i, fact := range found.Facts {
		rows[i] = []string{fact.What, fact.Value, fact.Why}
	}
	p.screen.Table("Found in "+p.app.Root, []string{"what", "found", "why"}, rows)
	err = create(path, found.Content)
	if errors.Is(err, fs.ErrExist) {
		return p.compare(found, p.app.Rel(path))
	}
	if err == nil {
		p.showQuestions(found, p.app.Rel(path))
	}
	return err
}

// hasFolder makes sure that a file can be made where its path says, before everything is shown that would be in it.
func hasFolder(path string) error {
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil {
		return fmt.Errorf("write %s: the folder %[2]s does not exist: mkdir -p %[2]s, and run init again", path, folder)
	} else if !info.IsDir() {
		return fmt.Errorf("write %s: %s is not a folder", path, folder)
	}
	return nil
}

// look finds the settings of the app.
func (p initial) look(ctx context.Context) (detect.Found, error) {
	files, err := p.repo.WorkTree().Files(ctx)
	if err != nil {
		if errors.Is(err, git.ErrNoRepository) {
			err = fmt.Errorf("%w; without a repository, run git init", err)
		}
		return detect.Found{}, fmt.Errorf("list the files that git does not ignore: %w", err)
	}
	checkout := detect.Checkout{
		App:        p.app,
		Files:      files,
		Repository: ownRepository(ctx, p.repo, p.outside),
		Released:   released(ctx, p.repo),
	}
	tags, err := p.repo.Tags(ctx, "")
	if err != nil {
		return detect.Found{}, err
	}
	var newest version.Version
	for _, tag := range tags {
		released, err := version.ParseLegacyTag(tag.Name)
		if err == nil && (checkout.Version == "" || released.Compare(newest) > 0) {
			newest, checkout.Version = released, released.String()
		}
	}
	return detect.Look(checkout)
}

// create writes a file that must not exist.
func create(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

// showQuestions lists what is left to decide in the file that was written.
func (p initial) showQuestions(found detect.Found, name string) {
	out := p.screen.Out
	if len(found.Questions) == 0 {
		fmt.Fprintf(out, "\n%s is written. Check it with doctor, and commit it.\n%s\n", name, workflows)
		return
	}
	fmt.Fprintf(out, "\n%s is written, with a question for each of these settings:\n\n", name)
	for _, question := range found.Questions {
		fmt.Fprintf(out, "  %s\n", question)
	}
	fmt.Fprintf(out, "\nAnswer them in the file, check it with doctor, and commit it.\n%s\n", workflows)
}

// workflows says what else an app adds.
const workflows = "The workflows that release it, and that check pull requests: " +
	"https://github.com/hughkantsime/odin-release#adopt-it"

// compare shows in which settings the release.yaml that exists differs from what was found.
func (p initial) compare(found detect.Found, name string) error {
	differences := slices.DeleteFunc(app.Differences(p.app.Config, found.App.Config), func(each app.Difference) bool {
		// What init does not know, the app's developer has answered. The folder of a side is only where the defaults
		// are, and those are compared.
		return found.Asks(each.Key) || each.Key == "backend.directory" || each.Key == "frontend.directory"
	})
	if len(differences) == 0 {
		fmt.Fprintf(p.screen.Out, "\n%s agrees with what was found, and was not changed.\n", name)
		return nil
	}
	rows := make([][]string, len(differences))
	for i, each := range differences {
		rows[i] = []string{each.Key, cmp.Or(each.Before, "not set"), cmp.Or(each.After, "not set")}
	}
	p.screen.Table("Settings that differ", []string{"key", "in " + name, "found"}, rows)
	return fmt.Errorf(
		"%s exists and was not changed, and %d of its settings differ from what was found, as listed above; "+
			"correct those that are wrong, or move the file away and run init again",
		name,
		len(differences),
	)
}
