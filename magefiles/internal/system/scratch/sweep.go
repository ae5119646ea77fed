package scratch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// keptFor is how long objects in an engine that cannot be reached stay listed.
const keptFor = 7 * 24 * time.Hour

// Sweep removes what killed runs left behind. It accesses the container engine only if one of them used it. It
// calls warn for what cannot be removed; the next run tries again. Objects in an engine are given up after seven
// days.
func (r *Run) Sweep(ctx context.Context, runner *run.Runner) {
	entries, err := os.ReadDir(r.root)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.warn("leftovers of killed runs could not be removed: %v", err)
	}
	engines := answers{}
	for _, entry := range entries {
		dir := filepath.Join(r.root, entry.Name())
		if err := r.removeDead(ctx, runner, engines, dir); err != nil {
			r.warn("leftovers of a killed run cannot be removed now: %s: %v", dir, err)
		}
	}
}

// removeDead removes what a run left behind, unless the run is alive.
func (r *Run) removeDead(ctx context.Context, runner *run.Runner, engines answers, dir string) error {
	lock, err := locked(dir)
	if err != nil || lock == nil {
		return err
	}
	defer lock.Close()
	folder, err := lock.Stat()
	if err != nil {
		return err
	}
	left := leftBy(dir)
	var problems []error
	for _, each := range left.folders {
		problems = append(problems, os.RemoveAll(each))
	}
	if left.engine {
		err := left.removeFrom(ctx, docker{runner, left.env}, engines, dir)
		if err != nil && ctx.Err() == nil && time.Since(folder.ModTime()) > keptFor {
			r.warn(
				"leftovers of a killed run in a container engine could not be removed for seven days and are "+
					"given up: %s, images %q: %v",
				dir,
				left.images,
				err,
			)
			err = nil
		}
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// left is what a run left outside of its folder.
type left struct {
	folders, images []string
	engine          bool     // whether it used an engine
	env             []string // the engine: a value for each of engineVariables
}

// leftBy returns what the journal of a folder lists.
func leftBy(dir string) left {
	list := left{env: unsetEngine()} // the journal lists only variables that were set
	for _, each := range journal(dir) {
		switch each.Kind {
		case kindFolder:
			if strings.HasPrefix(filepath.Base(each.Name), outside) {
				list.folders = append(list.folders, each.Name)
			}
		case kindEngine:
			list.engine = true
			if each.Name != "" {
				list.env = append(list.env, each.Name)
			}
		case kindImage:
			list.images = append(list.images, each.Name)
		}
	}
	return list
}

// removeFrom removes the objects in the engine, if it answers.
func (l left) removeFrom(ctx context.Context, d docker, engines answers, dir string) error {
	if err := engines.ask(ctx, d); err != nil {
		return err
	}
	return d.remove(ctx, dir, l.images)
}

// journal returns the lines of a run's journal. It ignores a line that a crash cut off.
func journal(dir string) []made {
	data, err := os.ReadFile(filepath.Join(dir, journalName))
	if err != nil {
		return nil // the run created nothing elsewhere
	}
	var list []made
	for line := range bytes.Lines(data) {
		var each made
		if json.Unmarshal(line, &each) == nil {
			list = append(list, each)
		}
	}
	return list
}

// owner returns the value of the label on what a run creates in an engine, which other
// machines may use too.
func owner(dir string) (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("determine the owner label: %w", err)
	}
	return host + ":" + dir, nil
}
