package scratch

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// OwnerLabel is a label on everything that a run creates in a container engine. Its value identifies the machine
// and the folder of the run.
const OwnerLabel = "io.github.hughkantsime.odin-release.owner"

// engineTimeout limits each command to the engine.
const engineTimeout = 20 * time.Second

// askTimeout limits the first command to an engine in a sweep, since each run waits for
// an engine that no longer exists.
const askTimeout = 5 * time.Second

// engineVariables select the engine that docker uses. Docker treats an empty one as
// unset (https://docs.docker.com/reference/cli/docker/#environment-variables).
var engineVariables = []string{
	"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS", "DOCKER_TLS_VERIFY",
}

// unsetEngine returns the environment in which docker uses its default engine, whatever this
// process's environment says.
func unsetEngine() []string {
	env := make([]string, len(engineVariables))
	for i, variable := range engineVariables {
		env[i] = variable + "="
	}
	return env
}

// Labels returns the arguments that label a container or a volume of this run. The
// first call also removes what killed runs left in the engine, even if their folder no
// longer exists.
func (r *Run) Labels(ctx context.Context, runner *run.Runner) ([]string, error) {
	own, err := r.own()
	if err != nil {
		return nil, err
	}
	name, err := owner(own)
	if err != nil {
		return nil, err
	}
	r.engine.Do(func() { err = r.begin(ctx, runner) })
	return []string{"--label", OwnerLabel + "=" + name}, err
}

// begin records which engine this run uses, and removes the leftovers of other runs
// there.
func (r *Run) begin(ctx context.Context, runner *run.Runner) error {
	if err := r.note(kindEngine, ""); err != nil {
		return err
	}
	for _, variable := range engineVariables {
		if value := runner.Getenv(variable); value != "" {
			if err := r.note(kindEngine, variable+"="+value); err != nil {
				return err
			}
		}
	}
	if err := (docker{runner, nil}).removeUnowned(ctx); err != nil && ctx.Err() == nil {
		r.warn("leftovers of killed runs in the container engine could not be removed: %v", err)
	}
	return nil
}

// docker returns the command line for one engine.
type docker struct {
	run *run.Runner
	env []string
}

func (d docker) command(ctx context.Context, args ...string) (string, error) {
	return d.run.Output(
		ctx,
		run.Command{For: "docker", Timeout: engineTimeout, Env: d.env, Args: append([]string{"docker"}, args...)},
	)
}

// answers caches, by the environment that selects an engine, why the engine does not answer; nil means that it
// does.
type answers map[string]error

// ask checks once whether an engine answers.
func (a answers) ask(ctx context.Context, d docker) error {
	key := strings.Join(d.env, "\n")
	err, asked := a[key]
	if !asked {
		_, err = d.run.Output(ctx, run.Command{For: "docker", Timeout: askTimeout, Env: d.env,
			Args: []string{"docker", "version", "--format", "{{.Server.Version}}"}})
		a[key] = err
	}
	return err
}

// remove removes the leftovers of a run, identified by its folder, and the images that
// it pulled.
func (d docker) remove(ctx context.Context, dir string, images []string) error {
	name, err := owner(dir)
	if err != nil {
		return err
	}
	if err := d.removeOf(ctx, name); err != nil {
		return err
	}
	for _, image := range images {
		_, err := d.command(ctx, "image", "rm", image)
		// An image that something else uses by now is kept.
		if err != nil && !gone().MatchString(err.Error()) && !strings.Contains(err.Error(), "conflict") {
			return err
		}
	}
	return nil
}

// kinds are the objects with labels, in the order in which they can be removed, since
// containers use the others. Each says how to list and remove them.
var kinds = []struct {
	list, remove []string
	name         string // its name in the listing
}{
	{[]string{"ps", "--all"}, []string{"rm", "--force", "--volumes"}, "{{.ID}}"},
	{[]string{"volume", "ls"}, []string{"volume", "rm", "--force"}, "{{.Name}}"},
	{[]string{"network", "ls"}, []string{"network", "rm"}, "{{.Name}}"},
}

// list lists the objects of a kind that have a label, in one of docker's formats.
func (d docker) list(ctx context.Context, kind []string, label, format string) ([]string, error) {
	out, err := d.command(ctx, slices.Concat(kind, []string{"--filter", "label=" + label, "--format", format})...)
	return strings.FieldsFunc(out, func(r rune) bool { return r == '\n' || r == '\r' }), err
}

// removeUnowned removes what earlier runs on this machine left behind, if their folder no longer exists or is no
// longer locked.
func (d docker) removeUnowned(ctx context.Context) error {
	seen := map[string]bool{}
	var problems []error
	for _, kind := range kinds {
		owners, err := d.list(ctx, kind.list, OwnerLabel, `{{.Label "`+OwnerLabel+`"}}`)
		problems = append(problems, err)
		for _, name := range owners {
			_, dir, _ := strings.Cut(name, ":")
			if own, err := owner(dir); seen[name] || err != nil || own != name {
				continue
			}
			seen[name] = true
			if dead(dir) {
				problems = append(problems, d.removeOf(ctx, name))
			}
		}
	}
	return errors.Join(problems...)
}

// dead reports whether the run of a folder has ended.
func dead(dir string) bool {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return true
	}
	lock, err := locked(dir)
	if err != nil || lock == nil {
		return false
	}
	return lock.Close() == nil
}

// gone matches the engine's errors for an object that does not exist or is being
// removed.
var gone = pattern.Lazy(`(?i)no such|not found|already in progress`)

// removeOf removes everything that an owner has in the engine.
func (d docker) removeOf(ctx context.Context, name string) error {
	for _, kind := range kinds {
		list, err := d.list(ctx, kind.list, OwnerLabel+"="+name, kind.name)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			continue
		}
		if _, err := d.command(ctx, append(kind.remove, list...)...); err != nil && !gone().MatchString(err.Error()) {
			return err
		}
	}
	return nil
}
