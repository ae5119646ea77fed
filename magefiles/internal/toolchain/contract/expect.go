package contract

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// expected fails if the app lacks something that is expected of it: imported modules, or a number of routes. dir is
// the folder from which the modules are imported.
func expected(dir string, expect app.Expect, imported []string, openapi []byte) error {
	var problems []error
	for i, pattern := range expect.Modules {
		where := fmt.Sprintf("contract.expect.modules[%d]", i)
		modules, err := modulesOf(dir, pattern)
		if err != nil {
			return err
		}
		if len(modules) == 0 {
			problems = append(problems, fmt.Errorf("%s: there is no module %s", where, pattern))
		}
		var missing []string
		for _, module := range modules {
			if !slices.Contains(imported, module) {
				missing = append(missing, module)
			}
		}
		if len(missing) > 0 {
			problems = append(problems, fmt.Errorf("%s: the app does not import %s, so that their routes are missing",
				where, strings.Join(missing, ", ")))
		}
	}
	if expect.Routes > 0 {
		spec, err := loadSpec(openapi)
		if err != nil {
			return fmt.Errorf("read the app's own spec: %w", err)
		}
		if routes := len(endpoints(spec)); routes < expect.Routes {
			problems = append(
				problems,
				fmt.Errorf("contract.expect.routes: the app has %d routes, and %d are expected at "+
					"least; if they were removed on purpose, change the number", routes, expect.Routes),
			)
		}
	}
	return errors.Join(problems...)
}

// modulesOf lists the modules that match a pattern: the pattern itself if it has no *, or else those that have a
// file.
func modulesOf(dir, pattern string) ([]string, error) {
	if !strings.Contains(pattern, "*") {
		return []string{pattern}, nil
	}
	var modules []string
	parts := strings.ReplaceAll(pattern, ".", "/")
	for _, ending := range []string{".py", "/__init__.py"} {
		found, err := app.Glob(dir, parts+ending)
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			rel, err := filepath.Rel(dir, file)
			if err != nil {
				return nil, err
			}
			name := strings.TrimSuffix(filepath.ToSlash(rel), ending)
			if !strings.HasSuffix(name, "__init__") {
				modules = append(modules, strings.ReplaceAll(name, "/", "."))
			}
		}
	}
	slices.Sort(modules)
	return slices.Compact(modules), nil
}
