package doctor

import (
	"fmt"
	"path"

	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/backend"
)

// locks returns the commands that write the app's locks.
func (t Tree) locks() backend.Locks { return backend.Locks{Read: t.read} }

// toolCommand returns the command that adds a tool to a lock. In a pyproject.toml the
// tool belongs in a group, since the image does not need it.
func (e pythonExamination) toolCommand(lock, tool, python string) string {
	source := e.locks().Source(lock)
	selection := e.locks().Developers(source, lock)
	where := source
	if path.Base(source) == "pyproject.toml" && selection == nil {
		selection = []string{"--group", source + ":dev"}
		where = "dev under [dependency-groups] of " + source
	}
	return fmt.Sprintf("add %s to %s, then: %s", tool, where, backend.CompileCommand(source, selection, python, lock))
}

// vendor checks the lock of the image's Python dependencies.
func (e *examination) vendor() {
	vendor := e.App.Config.Build.Vendor
	if vendor.Absent != "" {
		return
	}
	if backend.IsProjectLock(vendor.Lock) {
		dir := path.Dir(vendor.Lock)
		for _, file := range []string{path.Join(dir, "pyproject.toml"), vendor.Lock} {
			if reason := e.lacks(file); reason != "" {
				e.add("build.vendor.lock", backend.ProjectCommand(dir, file), "%s", reason)
				return
			}
		}
		return
	}
	const absent = "build: {vendor: {absent: why}}"
	command := backend.CompileCommand(vendor.Source, nil, vendor.Python, vendor.Lock)
	if reason := e.lacks(vendor.Source); reason != "" {
		e.add("build.vendor.source", "name another, or "+absent, "%s", reason)
		return
	}
	if reason := e.lacks(vendor.Lock); reason != "" {
		e.add("build.vendor.lock", command, "%s", reason)
		return
	}
	if _, err := backend.Pins(vendor.Lock, e.read(vendor.Lock)); err != nil {
		e.add("build.vendor.lock", command, "%v", err)
	}
}
