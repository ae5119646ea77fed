package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// compiler stands in for go: it compiles a program that prints the name under which it
// was compiled, which Mage's help shows.
const compiler = `#!/bin/sh
[ "$1 $2 $3" = "tool mage -compile" ] || exit 1
printf '#!/bin/sh\necho %s "$@"\n' "$(basename "$4")" >"$4"
chmod +x "$4"
`

// The pipeline is compiled under its own name. Standard error says that it is compiled,
// and how long that takes, the first time and after a change.
func TestPipelineIsCompiledUnderItsName(t *testing.T) {
	home, bin := t.TempDir(), t.TempDir()
	script, err := os.ReadFile("pipeline")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"scripts", "magefiles"} {
		if err := os.Mkdir(filepath.Join(home, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for file, content := range map[string]string{filepath.Join(home, "scripts", "pipeline"): string(script),
		filepath.Join(bin, "go"): compiler, filepath.Join(home, "go.mod"): "", filepath.Join(home, "go.sum"): ""} {
		if err := os.WriteFile(file, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"pipeline: compiling it, which takes a minute or two the first time\n", "",
		"pipeline: compiling it again, since its source has changed\n"} {
		if strings.Contains(want, "again") {
			if err := os.WriteFile(filepath.Join(home, "magefiles", "new.go"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		command := exec.CommandContext(t.Context(), filepath.Join(home, "scripts", "pipeline"), "-h", "lint")
		command.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		var told strings.Builder
		command.Stderr = &told
		out, err := command.Output()
		if err != nil || string(out) != "pipeline -h lint\n" || told.String() != want {
			t.Errorf("%v: printed %q, told %q, expected %q", err, out, told.String(), want)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(home, "dist", "compile.*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
