package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// changes are the files that are changed, one at a time, and which steps may run again for each: those of its side, the
// image, and what says which release it is of.
var changes = []struct {
	file, text string
	own        []string
}{
	{"frontend/src/App.tsx", "\n// changed\n", []string{"frontend:lint", "frontend:typeCheck", "frontend:test",
		"frontend:build"}},
	{"backend/app/health.py", "\n# changed\n", []string{"backend:lint", "backend:typeCheck", "backend:unit",
		"backend:integration", "backend:contract", "backend:vendor", "vendor.tar.gz", "openapi.json"}},
}

// afterAny are the steps that run again after any change.
var afterAny = []string{"version and changelog", "builder", "sbom.spdx.json", "image:build", "checksums"}

// measureChanges lists which steps run again after one changed file.
func (c *check) measureChanges(ctx context.Context) error {
	for _, change := range changes {
		steps, err := c.stepsAfter(ctx, filepath.Join(c.app(), filepath.FromSlash(change.file)), change.text)
		if err != nil {
			return err
		}
		var foreign []string
		for _, step := range steps {
			if !slices.Contains(change.own, step) && !slices.Contains(afterAny, step) {
				foreign = append(foreign, step)
			}
		}
		c.table.text("changed "+change.file, strings.Join(steps, ", "),
			"only "+strings.SplitN(change.file, "/", 2)[0]+", the image and what depends on it",
			len(foreign) == 0 && slices.Contains(steps, "image:build"))
	}
	return nil
}

// stepsAfter returns the steps that would run with a text added to a file, which is restored.
func (c *check) stepsAfter(ctx context.Context, file, text string) (steps []string, err error) {
	before, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, append(slices.Clone(before), text...), 0o644); err != nil {
		return nil, err
	}
	defer func() {
		if restored := os.WriteFile(file, before, 0o644); err == nil {
			err = restored
		}
	}()
	listed := command(c.app(), c.pipeline, "releaseCheck", "-dry")
	if _, err := listed.run(ctx); err != nil {
		return nil, err
	}
	return toDo(listed.out.String()), nil
}

// column is what is between the columns of a table on the screen.
var column = regexp.MustCompile(`\s{2,}`)

// toDo returns the steps that a dry run lists as to do.
func toDo(listing string) []string {
	var steps []string
	for line := range strings.Lines(listing) {
		fields := column.Split(strings.TrimSpace(line), -1)
		if len(fields) >= 3 && fields[2] == "to do" {
			steps = append(steps, fields[1])
		}
	}
	return steps
}

// node is a step as graph -format=json has it.
type node struct {
	Step    string   `json:"step"`
	Phase   string   `json:"phase"`
	Group   bool     `json:"group"`
	InOrder bool     `json:"inOrder"`
	Needs   []string `json:"needs"`
}

// span is when a step ran, as dist/timeline has it.
type span struct {
	Phase string    `json:"phase"`
	Name  string    `json:"name"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// trace returns the graph of releaseCheck in a folder, and how long each of its steps ran.
func (c *check) trace(ctx context.Context, dir string) ([]node, map[string]time.Duration, error) {
	drawn := command(dir, c.pipeline, "graph", "-target=releaseCheck", "-format=json")
	if _, err := drawn.run(ctx); err != nil {
		return nil, nil, err
	}
	var nodes []node
	text := drawn.out.Bytes()
	if err := json.Unmarshal(text[max(0, bytes.IndexByte(text, '[')):], &nodes); err != nil {
		return nil, nil, fmt.Errorf("the graph of releaseCheck: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "dist", "timeline", "*.json"))
	if err != nil {
		return nil, nil, err
	}
	took := map[string]time.Duration{}
	for _, file := range files {
		var each span
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, err
		}
		if err := json.Unmarshal(data, &each); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		took[each.Name] = each.End.Sub(each.Start)
	}
	return nodes, took, nil
}

// critical returns the longest chain of steps that wait for each other; a group that is in order is the
// chain of its parts. Steps are listed after what they need.
func critical(nodes []node, took map[string]time.Duration) time.Duration {
	until := map[string]time.Duration{}
	var last time.Duration
	for _, each := range nodes {
		var needs time.Duration
		for _, need := range each.Needs {
			if each.InOrder {
				needs += until[need]
			} else {
				needs = max(needs, until[need])
			}
		}
		if !each.Group {
			needs += took[each.Step]
		}
		until[each.Step] = needs
		last = needs
	}
	return last
}
