package build

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// place returns where a step of an app without image, backend and frontend works.
func place(t *testing.T, files map[string]string) work.Place {
	t.Helper()
	const config = `contract: {absent: none}
build: {image: {absent: none}, vendor: {absent: none}, frontend: {absent: none}}
`
	files[app.ConfigFile] = config + files[app.ConfigFile]
	found, err := app.Find(testkit.Files(t, files))
	if err != nil {
		t.Fatal(err)
	}
	made := work.Place{App: found, Source: found, Run: testkit.Runner(), Scratch: testkit.Scratch(t)}
	made.Backend.App, made.Frontend.App = found, found
	return made
}

var decided = plan.Plan{
	Version: "1.2.0", Commit: "abc", CommitTime: time.Unix(1780000000, 0), Repository: "https://example.org/ada/shop",
}

// A command has the version and the time of the commit, and its outputs are in dist.
func TestFiles(t *testing.T) {
	in := place(t, map[string]string{})
	entry := app.Files{
		Name:    "programs",
		Outputs: []string{"a.tar", "b.tar"},
		Command: []string{
			"sh",
			"-c",
			`cd "$OUTPUT_DIR" && echo "$VERSION $SOURCE_DATE_EPOCH $GOOS" | tee a.tar >b.tar`,
		},
		Env: map[string]string{"GOOS": "linux"},
	}
	for range 2 { // also where there are files of an earlier build
		if err := Files(t.Context(), in, entry, decided); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range entry.Outputs {
		got, err := os.ReadFile(in.App.Path(app.DistDir, name))
		if string(got) != "1.2.0 1780000000 linux\n" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	left, err := os.ReadDir(in.App.Path(app.DistDir))
	if len(left) != 3 || err != nil { // with .gitignore
		t.Errorf("dist has %v, %v", left, err)
	}
}

// What a command writes is what release.yaml says, or an error.
func TestFilesOtherThanDeclared(t *testing.T) {
	for script, want := range map[string]string{
		"exit 3":                              "programs: sh exited with code 3",
		"true":                                "programs: sh did not write its output a.tar to $OUTPUT_DIR",
		"cd $OUTPUT_DIR; echo | tee a.tar >c": "programs: sh wrote c to $OUTPUT_DIR, which is not among",
		"touch $OUTPUT_DIR/a.tar":             "programs: the output a.tar is empty, or is not a regular file",
		"ln -s /etc/passwd $OUTPUT_DIR/a.tar": "programs: the output a.tar is empty, or is not a regular file",
		"mkdir $OUTPUT_DIR/a.tar":             "programs: the output a.tar is empty, or is not a regular file",
	} {
		in := place(t, map[string]string{})
		entry := app.Files{Name: "programs", Outputs: []string{"a.tar"}, Command: []string{"sh", "-c", script}}
		err := Files(t.Context(), in, entry, decided)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, expected %s", script, err, want)
		}
		if left, err := os.ReadDir(in.App.Path(app.DistDir)); len(left) != 1 || err != nil {
			t.Errorf("%s: dist has %v, %v", script, left, err)
		}
	}
}

// No output can take the place of what the pipeline itself attaches.
func TestFilesAreNotTheOwn(t *testing.T) {
	found, err := app.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(Attached(found.Config), ChecksumsFile, RecordFile) {
		root := testkit.Files(t, map[string]string{
			app.ConfigFile: "build: {files: [{name: a, command: [b], outputs: [" + name + "]}]}\n",
		})
		if _, err := app.Find(
			root,
		); err == nil ||
			!strings.Contains(err.Error(), "is a file that the pipeline makes itself") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The files are attached, and the SBOM names the repository and lists the modules.
func TestFilesOfARelease(t *testing.T) {
	in := place(t, map[string]string{
		"backend/requirements.lock": "a==1\n", "go.mod": "module example.org/shop\n\nrequire example.org/a v1.0.0\n",
	})
	in.App.Config.Build.Files = []app.Files{
		{
			Name:    "a",
			Outputs: []string{"a.tar"},
			Modules: "go.mod",
		},
		{Name: "b", Outputs: []string{"z.tar"}, Modules: "go.mod"},
	}
	if got := Attached(in.App.Config); !slices.Equal(got, []string{"a.tar", SBOMFile, "z.tar"}) {
		t.Errorf("attached: %v", got)
	}
	listing, err := SBOM(t.Context(), in, decided)
	want := []string{"1 Go modules, pinned in go.mod"}
	if err != nil || !slices.Equal(listing.Listed, want) || len(listing.Omitted) > 0 {
		t.Errorf("listed: %q, omitted: %q, %v", listing.Listed, listing.Omitted, err)
	}
	var bill struct{ Name string }
	data, err := os.ReadFile(filepath.Join(in.App.Root, app.DistDir, SBOMFile))
	if err == nil {
		err = json.Unmarshal(data, &bill)
	}
	if bill.Name != "shop-1.2.0" || err != nil {
		t.Errorf("the SBOM is of %s, %v", bill.Name, err)
	}
}
