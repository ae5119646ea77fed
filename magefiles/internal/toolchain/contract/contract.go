// Package contract compares the committed OpenAPI document with the actual routes of
// the application, which it gets from the running framework.
package contract

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
)

//go:embed routes.py
var routes []byte

// Failure is a module of the app that could not be imported.
type Failure struct {
	Module string
	File   string
	Error  string
}

// Spec gets the app's routes from the framework and returns them as an OpenAPI
// document. The app is imported from root (the checkout or a copy) by python in the
// environment env. If modules fail to import, other than those that the app declares
// optional, the error names them, since their routes would be missing.
func Spec(
	ctx context.Context,
	runner *run.Runner,
	temporary *scratch.Run,
	config app.Contract,
	target, root, python string,
	env []string,
	timeout time.Duration,
) ([]byte, error) {
	files, err := temporary.Dir("contract")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(files)
	script, output := filepath.Join(files, "routes.py"), filepath.Join(files, "routes.json")
	if err := os.WriteFile(script, routes, 0o600); err != nil {
		return nil, err
	}
	dir := filepath.Join(root, filepath.FromSlash(config.Directory))
	_, err = runner.Run(ctx, run.Command{For: target, Quiet: true, Log: true, Dir: dir, Timeout: timeout,
		Args: []string{python, script, config.App, output}, Env: append(env, config.Environ()...)})
	if err != nil {
		return nil, fmt.Errorf("get the routes of %s: %w", config.App, reason(err, output, config))
	}
	return readRoutes(output, root, config)
}

func readRoutes(file, root string, config app.Contract) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the app's routes: %w", err)
	}
	var answer struct {
		OpenAPI  json.RawMessage
		Failures []Failure
		Modules  []string
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, fmt.Errorf("read the app's routes: %w", err)
	}
	var lost []string
	for _, failure := range answer.Failures {
		if slices.Contains(config.OptionalModules, failure.Module) {
			continue
		}
		line := failure.Module
		if rel, err := filepath.Rel(root, failure.File); err == nil && failure.File != "" {
			line += " (" + filepath.ToSlash(rel) + ")"
		}
		lost = append(lost, line+": "+failure.Error)
	}
	if len(lost) > 0 {
		return nil, fmt.Errorf("modules of the app failed to import, and their routes are missing:\n  %s\n"+
			"Fix the import, or list the module under contract.optionalModules in %s", strings.Join(
			lost,
			"\n  ",
		), app.ConfigFile)
	}
	dir := filepath.Join(root, filepath.FromSlash(config.Directory))
	if err := expected(dir, config.Expect, answer.Modules, answer.OpenAPI); err != nil {
		return nil, err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, answer.OpenAPI, "", "  "); err != nil {
		return nil, err
	}
	indented.WriteByte('\n')
	return indented.Bytes(), nil
}
