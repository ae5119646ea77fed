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
// files, or of a package that it builds on, that is replaced.
type mutation struct{ name, file, from, to string }

// mutations are defects that a release could have. Each has to be found.
var mutations = []mutation{
	{
		"the version is named before the image is verified",
		"contents.go",
		"return append(list, inTurn(p.inDraft, inDraft...)...)",
		"return append(append(list, inTurn(p.inDraft, inDraft...)...)," +
			"&retag{p.release.Registry, p.release.Plan.Version, \"\", p.built.Image.Digest, \"\"})",
	},
	{
		"what was verified is not compared with what is recorded",
		"published.go",
		"if err := next.verifiedBy(p.healthy); err != nil {",
		"if false {\n\t\tvar err error",
	},
	{
		"the announcement is not recorded before it is posted",
		"announcement.go",
		"if err := states.store(ctx, release, state); err != nil {\n\t\treturn err // nothing",
		"if false {\n\t\tvar err error\n\t\treturn err // nothing",
	},
	{
		"an announcement without an answer counts as not posted",
		"announcement.go",
		"case errors.Is(err, announce.ErrUncertain):",
		"case false:",
	},
	{
		"an announcement that is in doubt is posted again",
		"announcement.go",
		"!a.failed && said != NoOverride {",
		"!a.failed {\n\t\tsaid = PostAgain",
	},
	{
		"latest is not looked at again after it was moved",
		"move_tag.go",
		"repeat(ctx, move, m.look, ",
		"repeat(ctx, move, func(context.Context) (step.State, error) { return isDone(\"\"), nil }, ",
	},
	{
		"latest leaves a higher release",
		"move_tag.go",
		"return fmt.Sprintf(\"it stays at",
		"return \"\", nil\n\treturn fmt.Sprintf(\"it stays at",
	},
	{
		"a release that was not proven counts as healthy",
		"candidates.go",
		"Healthy: state.Proven, RolledBack: state.RolledBack != \"\"}",
		"Healthy: true}",
	},
	{"a prerelease counts as stable", "../rank/rank.go", "case !c.Version.Stable(), ", "case "},
	{"a file that is there counts as whole", "files.go", "return sum == file.SHA256, err", "return sum != \"\", err"},
	{"files that are missing are not missed", "snapshot.go", "whole := false", "whole := true"},
	{"each release gets the badge", "make_public.go", "latest = follows", "latest = follows || true"},
	{
		"the version on the default branch goes back",
		"version_files.go",
		"err == nil && ahead != \"\"",
		"err == nil && ahead == \"no\"",
	},
	{
		"a state that another run changed is overwritten",
		"record_state.go",
		"if e.head != e.state.base {\n\t\treturn errChanged",
		"if false {\n\t\treturn errChanged",
	},
	{
		"a promotion does not look whether it was rolled back meanwhile",
		"stands_still.go",
		"if err != nil || now == nil || now.RolledBack == \"\" {",
		"if true {\n\t\t_ = now",
	},
	{
		"a rollback goes to what was there before",
		"move_back.go",
		"if err != nil || best == nil {\n\t\treturn before, err",
		"if true {\n\t\treturn before, err",
	},
	{
		"the state of a draft that a person deleted counts as that of the next one",
		"states.go",
		"k.state.Release != release.ID",
		"false",
	},
	{
		"a file is attached after the release is out",
		"contents.go",
		"list := append(p.attachingState(), p.signed()...)",
		"list := p.signed()\n\tdefer func() { list = append(list, p.attachingState()...) }()",
	},
	{
		"a finished release does not look what its tag names",
		"move_tag.go",
		"doneIf(now == m.shared.state.image(m.image).Digest, unknown.Why)",
		"isDone(\"\")",
	},
}

// foundAt is the seed that found a defect.
var foundAt = regexp.MustCompile(`seed (\d+): (.*)`)

// Each defect can still be made: a change of package publish has not removed its place.
func TestScenarioMutationsApply(t *testing.T) {
	for _, m := range mutations {
		m.applied(t)
	}
}

// applied returns the file with the defect.
func (m mutation) applied(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", m.file))
	mustNot(t, err)
	if n := strings.Count(string(content), m.from); n != 1 {
		t.Fatalf("%s has the text to be replaced %d times, expected once: %q", m.file, n, m.from)
	}
	return strings.Replace(string(content), m.from, m.to, 1)
}

// Each seeded defect is found within 2,000 seeds.
func TestNightlyMutations(t *testing.T) {
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			binary := mutated(t, m)
			command := exec.CommandContext(t.Context(), binary, "-test.run", "^TestSimulation$", "-from=1", "2000")
			command.Dir = t.TempDir()
			out, err := command.CombinedOutput()
			found := foundAt.FindSubmatch(out)
			if err == nil || found == nil {
				t.Fatalf("2000 seeds did not find that %s (%v):\n%.2000s", m.name, err, out)
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
	changed := filepath.Join(dir, filepath.Base(m.file))
	mustNot(t, os.WriteFile(changed, []byte(m.applied(t)), 0o644))
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
