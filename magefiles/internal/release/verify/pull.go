package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/download"
)

const pullTimeout = 15 * time.Minute

// helper is a credential helper
// (https://github.com/docker/docker-credential-helpers#development) that always answers
// with the credential in its environment.
const helper = `#!/bin/sh
[ "$1" = get ] || exit 1
printf '%s\n' "$ODIN_RELEASE_CREDENTIAL"
`

// fetcher fetches images into the engine, from the registry or a layout.
type fetcher struct {
	Check
	*engine
	scratch *scratch.Run
	loaded  map[string]string // the engine's names of images loaded from the layout, by digest
}

// obtain fetches the image of a digest into the engine.
func (f *fetcher) obtain(ctx context.Context, digest string) error {
	if f.Layout != "" {
		return f.load(ctx, digest)
	}
	return f.pull(ctx, digest)
}

// named returns the engine's name of an image.
func (f *fetcher) named(digest string) string {
	if name, ok := f.loaded[digest]; ok {
		return name
	}
	return f.Repository + "@" + digest
}

// pull pulls the image of a digest. It always names the platform, since an engine
// refuses an image of another one by default.
func (f *fetcher) pull(ctx context.Context, digest string) error {
	reference := f.Repository + "@" + digest
	if _, err := f.docker(ctx, "image", "inspect", "--format", "{{.Id}}", reference); err != nil {
		if err := f.scratch.Image(reference); err != nil {
			return err
		}
		f.fetched = append(f.fetched, reference)
	}
	env, done, err := f.login(ctx)
	if err != nil {
		return fmt.Errorf("pull %s: %w", reference, err)
	}
	defer done()
	run.Status(ctx, "pulling the image")
	_, err = f.run.Run(ctx, run.Command{For: verifyTarget, Timeout: pullTimeout, Env: env, Quiet: true,
		Args: []string{"docker", "pull", "--platform", f.Platform, reference},
		Line: download.Show(ctx, download.Layers())})
	err = plain("pull", err)
	if err != nil && f.foreign() && strings.Contains(err.Error(), "cannot be used on this platform") {
		return ErrCannotStart // such as windows on linux
	}
	if err != nil {
		return fmt.Errorf("pull %s: %w", reference, err)
	}
	return nil
}

// login returns the environment in which docker has the credential: a separate Docker
// configuration, which leaves the user's alone and names a helper, so that the password
// is in no file and no argument.
func (f *fetcher) login(ctx context.Context) (env []string, done func(), err error) {
	if f.Credential == nil {
		return nil, func() {}, nil
	}
	repository, err := name.NewRepository(f.Repository)
	if err != nil {
		return nil, nil, fmt.Errorf("%s is not the name of an image: %w", f.Repository, err)
	}
	// The user's configuration, which is not used here, may contain the engine's
	// address.
	engine, err := f.docker(ctx, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
	if err != nil {
		return nil, nil, err
	}
	answer, err := json.Marshal(map[string]string{"Username": f.Credential.User, "Secret": f.Credential.Password})
	if err != nil {
		return nil, nil, err
	}
	dir, err := f.writeHelper(serverKey(repository))
	if err != nil {
		return nil, nil, fmt.Errorf("prepare a login: %w", err)
	}
	return []string{"DOCKER_CONFIG=" + dir, "DOCKER_HOST=" + engine, "ODIN_RELEASE_CREDENTIAL=" + string(answer),
		"PATH=" + dir + string(os.PathListSeparator) + f.run.Getenv("PATH")}, func() { os.RemoveAll(dir) }, nil
}

// serverKey returns the name of a registry in Docker's configuration.
func serverKey(repository name.Repository) string {
	if host := repository.RegistryStr(); host != name.DefaultRegistry {
		return host
	}
	return "https://index.docker.io/v1/"
}

func (f *fetcher) writeHelper(server string) (dir string, err error) {
	if dir, err = f.scratch.Dir("login"); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	config, err := json.Marshal(map[string]any{"credHelpers": map[string]string{server: "odin-release"}})
	if err != nil {
		return dir, err
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), config, 0o600); err != nil {
		return dir, err
	}
	return dir, os.WriteFile(filepath.Join(dir, "docker-credential-odin-release"), []byte(helper), 0o700)
}
