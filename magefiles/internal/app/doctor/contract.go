package doctor

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// contract checks the module that is imported for the app's routes, and the spec.
func contract(e *examination) {
	contract := e.App.Config.Contract
	if contract.Absent != "" {
		return
	}
	const absent = "contract: {absent: why}"
	if reason := e.lacksFolder(contract.Directory); reason != "" {
		e.add("contract.directory", "name another, or "+absent, "%s", reason)
	} else if module, _, _ := strings.Cut(contract.App, ":"); !e.hasModule(contract, module) {
		e.add("contract.app", "name another, or "+absent, "%s has no module %s", contract.Directory, module)
	}
	if reason := e.lacks(contract.Spec.Value); reason != "" && contract.Spec.Absent == "" {
		e.add(
			"contract.spec",
			"run backend:contract, which writes the app's own spec, then: cp dist/test/openapi.json "+
				contract.Spec.Value+"; or contract: {spec: {absent: why}}",
			"%s",
			reason,
		)
	}
}

// hasModule reports whether a module exists where it is imported from. It does not
// search installed packages or PYTHONPATH.
func (t Tree) hasModule(contract app.Contract, module string) bool {
	if contract.Env["PYTHONPATH"] != "" || t.App.Config.Environments[contract.Environment].Project != "" {
		return true
	}
	file := path.Join(contract.Directory, strings.ReplaceAll(module, ".", "/"))
	return t.lacks(file+".py") == "" || t.lacks(file) == ""
}

// endpoints returns the paths of the committed spec with their methods; nil without a
// readable spec.
func (t Tree) endpoints() map[string]map[string]any {
	if t.App.Config.Contract.Absent != "" || t.App.Config.Contract.Spec.Absent != "" {
		return nil
	}
	var spec struct {
		Paths map[string]map[string]any
	}
	read := json.Unmarshal
	if path.Ext(t.App.Config.Contract.Spec.Value) != ".json" {
		read = yaml.Unmarshal
	}
	if read(t.read(t.App.Config.Contract.Spec.Value), &spec) != nil {
		return nil
	}
	return spec.Paths
}
