package verify

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// imageLabel is a label on everything that a verification creates. Its value is the image that is verified.
const imageLabel = "io.github.hughkantsime.odin-release.verify"

// ownPrefix is the prefix of the names of all containers and volumes.
const ownPrefix = "odin-release-verify-"

func uniqueName() string { return ownPrefix + strings.ToLower(rand.Text()) }

// clean removes the named containers or, without names, everything that was created,
// even after ctx has ended.
func (e *engine) clean(ctx context.Context, names ...string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTimeout)
	defer cancel()
	if len(names) > 0 {
		e.remove(ctx, names, nil, nil)
		e.containers = slices.DeleteFunc(e.containers, func(name string) bool { return slices.Contains(names, name) })
		return
	}
	e.remove(ctx, e.containers, e.volumes, e.networks)
	if len(e.fetched) > 0 {
		// An image that something else uses by now is kept.
		_, _ = e.docker(ctx, append([]string{"image", "rm"}, e.fetched...)...)
	}
}

// gone matches the engine's errors for an object that does not exist.
var gone = pattern.Lazy(`No such container|[Nn]o such network|network \S+ not found`)

// remove removes containers first, since they use the other objects.
func (e *engine) remove(ctx context.Context, containers, volumes, networks []string) {
	var problems []error
	if len(containers) > 0 {
		_, err := e.docker(ctx, append([]string{"rm", "--force", "--volumes"}, containers...)...)
		problems = append(problems, err)
	}
	if len(volumes) > 0 {
		_, err := e.docker(ctx, append([]string{"volume", "rm", "--force"}, volumes...)...)
		problems = append(problems, err)
	}
	if len(networks) > 0 {
		_, err := e.docker(ctx, append([]string{"network", "rm"}, networks...)...)
		problems = append(problems, err)
	}
	problems = slices.DeleteFunc(
		problems,
		func(err error) bool { return err == nil || gone().MatchString(err.Error()) },
	)
	if err := errors.Join(problems...); err != nil {
		e.log.Warnf(
			"%s: something could not be removed from the container engine (docker ps --all --filter label=%s): %v",
			e.platform,
			imageLabel,
			err,
		)
	}
}
