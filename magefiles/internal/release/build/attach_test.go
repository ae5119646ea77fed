package build

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
)

// Files of the tree and of the build are attached under their names, with their checksums.
func TestAttach(t *testing.T) {
	in := place(t, map[string]string{
		"install/install.sh": "#!/bin/sh\n", "install/install.ps1": "exit\n", "docs/manual.pdf": "%PDF",
		"docs/notes.md": "no\n", "dist/frontend/map.json": "{}\n", "dist/" + SBOMFile: "{}\n",
	})
	in.App.Config.Publish.Attach = []string{"install/*", "./docs/*.pdf", "dist/frontend/map.json"}
	for range 2 { // also where there are files of an earlier build
		if err := Attach(in); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Finish(in.App, decided); err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(in.App.Path(app.DistDir, ChecksumsFile))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(sums)) {
		_, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		names = append(names, name)
	}
	if got := strings.Join(names, " "); got != "install.ps1 install.sh manual.pdf map.json "+SBOMFile {
		t.Errorf("checksums.txt has %s", got)
	}
	files, err := measured(in.App)
	if err != nil || len(files) != 6 || files[1].Name != "install.ps1" || files[1].Size != 5 {
		t.Errorf("%+v, %v", files, err)
	}
	changed := in.App.Path(app.DistDir, artifact.AttachedDir, "install.sh")
	if err := os.WriteFile(changed, []byte("rm -rf /\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := measured(in.App); err == nil || !strings.Contains(err.Error(), "install.sh is not what was built") {
		t.Errorf("a file that was changed: %v", err)
	}
	if err := os.RemoveAll(filepath.Dir(changed)); err != nil {
		t.Fatal(err)
	}
	if _, err := measured(in.App); err == nil || !strings.Contains(err.Error(), "run build") {
		t.Errorf("files that were deleted: %v", err)
	}
}

func TestAttachRefuses(t *testing.T) {
	for pattern, want := range map[string]string{
		"nothing/*":            "publish.attach[0]: nothing/*: there is no such file",
		"dist/frontend/none":   "publish.attach[0]: dist/frontend/none: there is no such file",
		"files/*.sh":           "publish.attach[0]: two files are called a.sh",
		"[a-z]*/*.sh":          "publish.attach[0]: two files are called a.sh",
		"files/link":           "publish.attach[0]: link is empty, or is not a regular file",
		"files/empty":          "publish.attach[0]: empty is empty, or is not a regular file",
		"files/out of a space": `publish.attach[0]: the file "out of a space" cannot be attached: GitHub`,
		"files/open*":          "publish.attach[0]: openapi.json is a file that the pipeline makes itself",
		"files/made.tar":       "publish.attach[0]: made.tar is made by build.files",
	} {
		in := place(t, map[string]string{
			"files/a.sh": "1\n", "files/A.sh": "2\n", "more/a.sh": "3\n", "files/empty": "",
			"files/out of a space": "x", "files/openapi.json": "{}", "files/made.tar": "x",
		})
		in.App.Config.Build.Files = []app.Files{{Outputs: []string{"made.tar"}}}
		if err := os.Symlink("/etc/passwd", in.App.Path("files", "link")); err != nil {
			t.Fatal(err)
		}
		in.App.Config.Publish.Attach = []string{pattern}
		if err := Attach(in); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, expected %s", pattern, err, want)
		}
	}
}
