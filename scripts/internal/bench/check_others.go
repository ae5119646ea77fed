package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// work is one step of releaseCheck as Turborepo and Task are told of it. Their command only writes the output: a cached
// run does not run it, so that the comparison is of what each program does to find out that nothing has changed. They
// are told of fewer and smaller outputs than releaseCheck has, which is to their advantage.
type work struct {
	name    string
	inputs  []string
	outputs []string
	needs   []string
}

var (
	backendFiles  = []string{"backend/**", "release.yaml"}
	frontendFiles = []string{
		"frontend/src/**",
		"frontend/public/**",
		"frontend/*.js",
		"frontend/*.json",
		"frontend/*.ts",
		"frontend/*.html",
	}
	everything = []string{"backend/**", "frontend/src/**", "frontend/public/**", "frontend/*", "deploy/**", "docs/**",
		"*.md", "*.yml", "Dockerfile"}
)

// works are the steps of the sample's releaseCheck.
var works = []work{
	{name: "backend-lint", inputs: backendFiles},
	{name: "backend-typecheck", inputs: backendFiles},
	{name: "frontend-lint", inputs: frontendFiles},
	{name: "frontend-typecheck", inputs: frontendFiles},
	{name: "backend-unit", inputs: backendFiles, outputs: []string{"out/backend-unit.xml"}},
	{name: "backend-integration", inputs: backendFiles, outputs: []string{"out/backend-integration.xml"}},
	{name: "frontend-test", inputs: frontendFiles, outputs: []string{"out/frontend-test.xml"}},
	{name: "backend-contract", inputs: backendFiles, outputs: []string{"out/contract.json"}},
	{name: "frontend-build", inputs: frontendFiles, outputs: []string{"out/frontend.tar.gz"}},
	{name: "backend-vendor", inputs: []string{"backend/requirements.lock"}, outputs: []string{"out/vendor.tar.gz"}},
	{name: "openapi", inputs: backendFiles, outputs: []string{"out/openapi.json"}},
	{name: "sbom", inputs: everything, outputs: []string{"out/sbom.spdx.json"}},
	{name: "image", inputs: everything, outputs: []string{"out/image.oci"}, needs: []string{"backend-vendor", "sbom"}},
	{name: "checksums", outputs: []string{"out/checksums.txt"}, inputs: []string{"release.yaml"},
		needs: []string{"image", "frontend-build", "openapi"}},
}

func (w work) command() string {
	commands := []string{"mkdir -p out"}
	for _, output := range w.outputs {
		commands = append(commands, "echo "+w.name+" > "+output)
	}
	return strings.Join(commands, " && ")
}

// fillOthers gives each program a repository of the sample with its configuration, and runs it once.
func (c *check) fillOthers(ctx context.Context) error {
	say("the same steps for turbo and task")
	for _, other := range []struct {
		dir   string
		files func() (map[string]string, error)
		run   *invocation
	}{
		{"turbo", turboFiles, c.turboRun()}, {"task", taskFiles, c.taskRun()},
	} {
		dir := filepath.Join(c.dir, other.dir)
		if err := c.newApp(ctx, dir); err != nil {
			return err
		}
		files, err := other.files()
		if err != nil {
			return err
		}
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
				return err
			}
		}
		for _, args := range [][]string{{"add", "--all"}, {"commit", "--quiet", "--no-verify", "-m", "bench"}} {
			if _, err := gitIn(ctx, dir, nil, append(identity, args...)...); err != nil {
				return err
			}
		}
		for range 2 {
			if _, err := other.run.run(ctx); err != nil {
				return err
			}
		}
		if !other.run.cached() {
			return fmt.Errorf("%s does not find everything cached:\n%s", other.dir, other.run.out.String())
		}
	}
	return nil
}

// turboRun returns the program itself, without the node that its package starts it with.
func (c *check) turboRun() *invocation {
	args := []string{"run", "--output-logs=none"}
	for _, each := range works {
		args = append(args, each.name)
	}
	run := command(filepath.Join(c.dir, "turbo"), c.turbo, args...).with(
		"TURBO_TELEMETRY_DISABLED=1", "DO_NOT_TRACK=1", "TURBO_NO_UPDATE_NOTIFIER=1")
	run.proof = fmt.Sprintf("%d cached, %d total", len(works), len(works))
	return run
}

func (c *check) taskRun() *invocation {
	args := make([]string, len(works))
	for i, each := range works {
		args[i] = each.name
	}
	run := command(filepath.Join(c.dir, "task"), c.task, append([]string{"--parallel"}, args...)...)
	run.proof = "up to date"
	return run
}

// turboFiles configure Turborepo (https://turborepo.dev/docs/reference/configuration).
func turboFiles() (map[string]string, error) {
	scripts, tasks := map[string]string{}, map[string]any{}
	for _, each := range works {
		scripts[each.name] = each.command()
		tasks[each.name] = map[string]any{
			"inputs": each.inputs, "outputs": append([]string{}, each.outputs...),
			"dependsOn": append([]string{}, each.needs...),
		}
	}
	packages, err := json.MarshalIndent(map[string]any{
		"name": "sample", "private": true, "packageManager": "npm@11.0.0", "scripts": scripts,
	}, "", "  ")
	if err != nil {
		return nil, err
	}
	turbo, err := json.MarshalIndent(map[string]any{"tasks": tasks}, "", "  ")
	return map[string]string{
		"package.json": string(
			packages,
		),
		"turbo.json":        string(turbo),
		".gitignore":        "out/\n.turbo/\nnode_modules/\ndist/\n",
		"package-lock.json": `{"name": "sample", "lockfileVersion": 3, "packages": {"": {"name": "sample"}}}`,
	}, err
}

// taskFiles configure Task (https://taskfile.dev/reference/schema), with checksums as it has by default.
func taskFiles() (map[string]string, error) {
	tasks := map[string]any{}
	for _, each := range works {
		tasks[each.name] = map[string]any{
			"method": "checksum", "sources": each.inputs, "generates": append([]string{}, each.outputs...),
			"deps": append([]string{}, each.needs...), "cmds": []string{each.command()},
		}
	}
	file, err := json.MarshalIndent(map[string]any{"version": "3", "tasks": tasks}, "", "  ") // JSON is YAML
	return map[string]string{"Taskfile.yml": string(file), ".gitignore": "out/\n.task/\nnode_modules/\ndist/\n"}, err
}
