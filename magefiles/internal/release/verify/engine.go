package verify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// engine is the container engine, with what a verification created in it.
type engine struct {
	run      *run.Runner
	log      Log
	platform string   // the platform that is verified
	own      string   // the engine's native platform
	labels   []string // of everything that is created

	containers, volumes, networks, fetched []string // to be removed; fetched are images
}

// nativePlatform returns the platform that the engine runs without emulation.
func (e *engine) nativePlatform(ctx context.Context) (string, error) {
	platform, err := e.docker(ctx, "version", "--format", "{{.Server.Os}}/{{.Server.Arch}}")
	if err != nil {
		return "", fmt.Errorf(
			"cannot reach a container engine: %w; start Docker, or install it: "+
				"https://docs.docker.com/engine/install/", err)
	}
	return platform, nil
}

// foreign reports whether the platform is not the engine's native one, ignoring
// variants.
func (e *engine) foreign() bool {
	return e.platform != e.own && !strings.HasPrefix(e.platform, e.own+"/")
}

// engineError is a failure of the container engine, which says nothing about the image.
type engineError struct{ error }

func (e *engineError) Unwrap() error { return e.error }

// docker runs docker without showing its output; its errors have one line.
func (e *engine) docker(ctx context.Context, args ...string) (string, error) {
	out, err := e.run.Output(
		ctx,
		run.Command{For: verifyTarget, Timeout: engineTimeout, Args: append([]string{"docker"}, args...)},
	)
	if err != nil {
		err = &engineError{plain(args[0], err)}
	}
	return out, err
}

// plain turns the error of a docker command into one line: the engine's answer,
// otherwise the last line of output.
func plain(verb string, err error) error {
	var failed *run.Error
	if !errors.As(err, &failed) {
		return err
	}
	if failed.Cause != nil {
		return fmt.Errorf("docker %s: %w", verb, failed.Cause)
	}
	said := strings.Split(failed.Tail, "\n")
	reason := said[len(said)-1]
	for _, line := range said {
		if _, answer, ok := strings.Cut(line, "Error response from daemon: "); ok {
			reason = answer
		}
	}
	return fmt.Errorf("docker %s exited with code %d: %s", verb, failed.Code, printable(reason))
}

// newVolume creates an empty volume. Like create, it is not cancelled with ctx.
func (e *engine) newVolume(ctx context.Context) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	name := uniqueName()
	e.volumes = append(e.volumes, name)
	_, err := e.docker(context.WithoutCancel(ctx), append(append([]string{"volume", "create"}, e.labels...), name)...)
	return name, err
}
