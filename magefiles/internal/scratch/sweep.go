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

	"github.com/hughkantsime/odin-release/magefiles/internal/run"
)

// Sweep removes what killed runs left. It looks at the container engine only
// when one of them used it. What cannot be removed stays for the next run, and
// warn is told.
func (r *Run) Sweep(ctx context.Context, runner *run.Runner) {
	entries, err := os.ReadDir(r.root)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.warn("what a killed run may have left is not removed: %v", err)
	}
	for _, entry := range entries {
		if err := r.removeDead(ctx, runner, filepath.Join(r.root, entry.Name())); err != nil {
			r.warn("a killed run left something that cannot be removed now: %v", err)
		}
	}
}

// removeDead removes what a run left, unless it lives.
func (r *Run) removeDead(ctx context.Context, runner *run.Runner, dir string) error {
	lock, err := locked(dir)
	if err != nil || lock == nil {
		return err
	}
	defer lock.Close()
	env, engine := unsetEngine(), false // the journal lists only what was set
	var images []string
	var problems []error
	for _, each := range journal(dir) {
		switch each.Kind {
		case kindFolder:
			if strings.HasPrefix(filepath.Base(each.Name), outside) {
				problems = append(problems, os.RemoveAll(each.Name))
			}
		case kindEngine:
			engine = true
			if each.Name != "" {
				env = append(env, each.Name)
			}
		case kindImage:
			images = append(images, each.Name)
		}
	}
	if engine {
		problems = append(problems, (docker{runner, env}).remove(ctx, dir, images))
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// journal is what a run noted. A line that was cut off by a crash says nothing.
func journal(dir string) []made {
	data, err := os.ReadFile(filepath.Join(dir, journalName))
	if err != nil {
		return nil // it made nothing elsewhere
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

// owner is the value of the label on what a run makes in an engine: other
// machines may use the same engine.
func owner(dir string) (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("name the owner of what is made: %w", err)
	}
	return host + ":" + dir, nil
}
