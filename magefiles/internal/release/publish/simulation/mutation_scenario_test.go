//go:build scenario

package simulation

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mutation is a defect that is seeded into package publish: a text of one of its
// files that is replaced.
type mutation struct{ name, file, from, to string }

// mutations are defects that a release could have. Each has to be found.
var mutations = []mutation{
	{
		"the version is named before the image is verified",
		"publish.go",
		"return record, r.attach(ctx, draft, found.Record, record, built)\n}",
		"if err := r.attach(ctx, draft, found.Record, record, built); err != nil {\n\t\treturn record, err\n\t}\n\treturn record, r.nameVersion(ctx, draft, record)\n}",
	},
	{
		"what was verified is not compared with what is recorded",
		"promote.go",
		"if err := record.verifiedBy(healthy); err != nil {",
		"if false {\n\t\tvar err error",
	},
	{
		"the announcement is not recorded before it is posted",
		"tell.go",
		"if err := r.store(ctx, release, &record); err != nil {\n\t\treturn record, err // nothing",
		"if false {\n\t\tvar err error\n\t\treturn record, err // nothing",
	},
	{
		"an announcement without an answer counts as not posted",
		"tell.go",
		"case errors.Is(err, announce.ErrUncertain):",
		"case false:",
	},
	{
		"an announcement that is in override is posted again",
		"tell.go",
		"override != NoOverride {",
		"true {\n\t\toverride = PostAgain",
	},
	{
		"latest is not looked at again after it was moved",
		"moving.go",
		"if err := r.retag(ctx, name, line.tag, now, target.record.Image.Digest); err != nil {\n\t\t\treturn err\n\t\t}",
		"return r.retag(ctx, name, line.tag, now, target.record.Image.Digest)",
	},
	{
		"latest leaves a higher release",
		"moving.go",
		"return false, nil\n\t}\n\tr.Say(\"%s stays at",
		"return false, nil\n\t}\n\treturn false, nil\n\tr.Say(\"%s stays at",
	},
	{
		"a release that was not proven counts as healthy",
		"candidates.go",
		"read != nil && read.healthy()",
		"read != nil",
	},
	{"a prerelease counts as stable", "candidates.go", "v.Stable() && line", "line"},
	{"a file that is there counts as whole", "attach.go", "return sum == file.SHA256, err", "return sum != \"\", err"},
	{"files that are missing are not missed", "found.go", "whole := false", "whole := true"},
	{"each release gets the badge", "badge.go", "latest = follows", "latest = follows || true"},
	{
		"the version on the default branch goes back",
		"carriers.go",
		"err == nil && ahead != \"\"",
		"err == nil && ahead == \"no\"",
	},
	{"a record that another run changed is overwritten", "store.go", "default:\n\t\treturn errChanged", "default:"},
	{
		"a promotion does not look whether it was taken back meanwhile",
		"promote.go",
		"if err != nil || now == nil || now.RolledBack == \"\" {",
		"if true {\n\t\t_ = now",
	},
	{
		"a rollback goes to what was there before",
		"standing.go",
		"if err != nil || best == nil {\n\t\treturn before, err",
		"if true {\n\t\treturn before, err",
	},
}

// foundAt is the seed that found a defect.
var foundAt = regexp.MustCompile(`seed (\d+): (.*)`)

// Each seeded defect is found within 1,000 seeds.
func TestNightlyMutations(t *testing.T) {
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			binary := mutated(t, m)
			command := exec.CommandContext(t.Context(), binary, "-test.run", "^TestSimulation$", "-from=1", "1000")
			command.Dir = t.TempDir()
			out, err := command.CombinedOutput()
			found := foundAt.FindSubmatch(out)
			if err == nil || found == nil {
				t.Fatalf("1000 seeds did not find that %s (%v):\n%.2000s", m.name, err, out)
			}
			fmt.Printf("found by seed %s: %s: %.160s\n", found[1], m.name, found[2])
		})
	}
}

// mutated builds these tests with a defect in package publish.
func mutated(t *testing.T, m mutation) string {
	t.Helper()
	dir := t.TempDir()
	file, err := filepath.Abs(filepath.Join("..", m.file))
	mustNot(t, err)
	content, err := os.ReadFile(file)
	mustNot(t, err)
	if n := strings.Count(string(content), m.from); n != 1 {
		t.Fatalf("%s has the text to be replaced %d times, expected once: %q", m.file, n, m.from)
	}
	changed := filepath.Join(dir, m.file)
	mustNot(t, os.WriteFile(changed, []byte(strings.Replace(string(content), m.from, m.to, 1)), 0o644))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{file: changed}})
	mustNot(t, err)
	mustNot(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o644))
	binary := filepath.Join(dir, "simulation.test")
	build := exec.CommandContext(
		t.Context(),
		"go",
		"test",
		"-c",
		"-vet=off",
		"-overlay",
		filepath.Join(dir, "overlay.json"),
		"-o",
		binary,
		".",
	)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build with the defect: %v\n%s", err, out)
	}
	return binary
}
