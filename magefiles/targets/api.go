package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/checks"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// specFile is the file of a cache entry with the routes of an app at a commit.
const specFile = "openapi.json"

// importer imports the app at earlier commits, for the OpenAPI documents that it generates.
type importer struct {
	app     *app.App
	repo    git.Repo
	run     *run.Runner
	scratch *scratch.Run
	cache   cache.Dir
	place   *work.Place
	screen  *report.Screen
}

// apiAt returns the OpenAPI document of the app at a revision. It is made once for a commit, in a copy
// that is removed, since an app may write files when it is imported.
func (p importer) apiAt(ctx context.Context, revision string) ([]byte, error) {
	commit, err := p.repo.Resolve(ctx, revision)
	if err != nil {
		return nil, err
	}
	config := p.app.Config
	prefix, err := p.repo.WorkTree().Prefix(ctx)
	if err != nil {
		return nil, err
	}
	about, err := json.Marshal([]any{
		config.Contract, build.ContractSuite(config), config.Environments[config.Contract.Environment],
	})
	if err != nil {
		return nil, err
	}
	key := cache.Key(commit, prefix, string(about), tools.Pins(), p.place.Backend.Tools.Interpreters())
	dir, err := p.cache.Make(ctx, "api", key, func(dir string) error {
		p.screen.Log.Infof("plan: importing the app at %s, for its routes; the result is kept", git.Short(commit))
		spec, err := p.importAt(ctx, commit)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, specFile), spec, 0o644)
	})
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, specFile))
}

// importAt returns the OpenAPI document of the app at a commit. An earlier commit is imported with its own
// release.yaml, if it has one, and without the contract.expect of today.
func (p importer) importAt(ctx context.Context, commit string) (spec []byte, err error) {
	top, prefix, err := p.repo.WorkTree().Top(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := p.scratch.Dir("api")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := rehearsal.Checkout(ctx, p.run, top, dir, commit); err != nil {
		return nil, err
	}
	root := filepath.Join(dir, filepath.FromSlash(prefix))
	if _, err := os.Stat(root); err != nil {
		return nil, fmt.Errorf("%s has no folder %s", git.Short(commit), strings.TrimSuffix(prefix, "/"))
	}
	place := p.place.At(root, p.screen.Errs)
	defer func() { err = errors.Join(err, place.Backend.Forget(root)) }()
	head, err := p.repo.Head(ctx)
	if err != nil {
		return nil, err
	}
	if head.Hash != commit {
		earlier, _ := p.app.Earlier(root)
		if earlier.Config.Contract.Absent != "" {
			return nil, errors.New("it says that there was no API: " + earlier.Config.Contract.Absent)
		}
		earlier.Config.Contract.Expect = app.Expect{}
		place.App, place.Source, place.Backend.App = earlier, earlier, earlier
	}
	return checks.Spec(ctx, place, build.ContractSuite(place.App.Config))
}
