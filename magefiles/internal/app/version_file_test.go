package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
)

func TestVersionFileChangesTheVersionAndNothingElse(t *testing.T) {
	for name, test := range map[string]struct {
		versionFile VersionFile
		before      string // «» marks each version
		fails       string
	}{
		"package.json": {
			VersionFile{Path: "frontend/package.json"},
			"{\n\t\"dependencies\": {\"version\": \"9.9.9\"},\r\n\t\"version\" : \"«1.0.0»\",\n \"x\": " +
				"[{\"version\": \"2\"}]}",
			"",
		},
		"package-lock.json": {
			VersionFile{Path: "package-lock.json"},
			`{"version": "«1.0.0»", "packages": {"": {"name": "a", "version": "«1.0.0»"}, "node_modules/b": ` +
				`{"version": "1.0.0"}}}`,
			"",
		},
		"lock without root": {
			VersionFile{Path: "package-lock.json"},
			`{"version": "1.0.0"}`,
			"1 of its 2 version entries",
		},
		"no version":       {VersionFile{Path: "package.json"}, `{"name": "a"}`, "0 of its 1 version entries"},
		"version a number": {VersionFile{Path: "package.json"}, `{"version": 1}`, "0 of its 1"},
		"cut off":          {VersionFile{Path: "package.json"}, `{"version": "1.0.0"`, "unexpected"},
		"pyproject.toml": {
			VersionFile{Path: "pyproject.toml"},
			"# version = \"0\"\n[build-system]\nversion = \"3\"\r\n[project] # the app\nname = \"a\"\nversion  = " +
				"'«1.0.0»' # here\n[tool.x]\nversion = \"4\"",
			"",
		},
		"poetry and project": {
			VersionFile{Path: "pyproject.toml"},
			"[tool.poetry]\nversion = \"«1.0.0»\"\n" +
				"[project]\nlist = [\n  [\"a\", \"b\"],\n]\nversion = \"«1.0.0»\"\n",
			"",
		},
		"poetry": {VersionFile{Path: "pyproject.toml"}, "[tool.poetry]\nversion = \"«1.0.0»\"\n", ""},
		"dynamic": {
			VersionFile{Path: "pyproject.toml"},
			"[project]\ndynamic = [\"version\"]\n",
			"no version in [project]",
		},
		"VERSION":           {VersionFile{Path: "VERSION"}, "«1.0.0»\r\n", ""},
		"VERSION with v":    {VersionFile{Path: "VERSION"}, "v«1.0.0»", ""},
		"VERSION, blanks":   {VersionFile{Path: "VERSION"}, "\uFEFF v«1.0.0» \t\r\n", ""},
		"package.json, BOM": {VersionFile{Path: "package.json"}, "\uFEFF{\"version\": \"«1.0.0»\"}", ""},
		"text of lines": {
			VersionFile{Path: "pyproject.toml"},
			"[project]\ndescription = \"\"\"\nversion = \"5\"\n\\\"\"\"\"\nversion = \"«1.0.0»\"\n",
			"",
		},
		"odd strings": {
			VersionFile{Path: "pyproject.toml"},
			"[project]\na = '''x'''\nb = \"#\\\"\" # \"\"\"\nversion = \"«1.0.0»\"\n",
			"",
		},
		"a triple string": {
			VersionFile{Path: "pyproject.toml"},
			"[project]\nversion = \"\"\"1.0.0\"\"\"\n",
			"no version in [project]",
		},
		"another's version": {
			VersionFile{Path: "pyproject.toml"},
			"[project]\ndynamic = [\"version\"]\n[[tool.x]]\nversion = \"9\"\n",
			"no version in [project]",
		},
		"VERSION empty": {VersionFile{Path: "VERSION"}, "\n", "first line is empty"},
		"pattern": {
			VersionFile{Path: "a.ts", Pattern: `V = '([^']+)'`},
			"const V = '«1.0.0»' // 1.0.0\n",
			"",
		},
		"pattern twice": {
			VersionFile{Path: "a.ts", Pattern: `V = '([^']+)'`},
			"V = '1' V = '2'",
			"matches 2 times",
		},
		"every match": {
			VersionFile{Path: "a.ts", Pattern: `V = '([^']+)'`, Every: true},
			"V = '«1.0.0»' V = '«1.0.0»'\r\nV = '«1.0.0»'",
			"",
		},
		"not read back": {
			VersionFile{Path: "a.ts", Pattern: `V = (\d+\.\d+\.\d+)`},
			"V = 1.0.0",
			"could be written but not read back",
		},
		"group not in match": {
			VersionFile{Path: "a.ts", Pattern: `V = x|W = (\d+)`},
			"V = x",
			"matches without its group",
		},
		"uv.lock": {
			VersionFile{Path: "uv.lock"},
			"version = 1\nrequires-python = \">=3.11\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource " +
				"= { registry = \"x\" }\n\n[[package]]\nname = \"odin\"\nversion = \"«1.0.0»\"\r\nsource = { " +
				"editable = \".\" }\ndependencies = [\n    { name = \"b\" },\n]\n\n[package.metadata]\nversion = " +
				"\"9\"\n\n[[package]]\nname = \"z\"\nversion = \"2\"\n",
			"",
		},
		"uv.lock, virtual": {
			VersionFile{Path: "backend/uv.lock"},
			"[[package]]\nsource = { virtual = \".\" }\nversion = \"«1.0.0»\"",
			"",
		},
		"uv.lock of others": {
			VersionFile{Path: "uv.lock"},
			"version = 1\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = { virtual = \"../b\" }\n",
			"no version of the project itself",
		},
		"pattern not at all": {VersionFile{Path: "a.ts", Pattern: `V = '([^']+)'`}, "", "matches nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			plain := strings.NewReplacer("«", "", "»", "").Replace(test.before)
			got, err := test.versionFile.Write([]byte(plain), "2.10.0-rc.1")
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) ||
					!strings.Contains(err.Error(), test.versionFile.Path) {
					t.Errorf("error %v, expected %q", err, test.fails)
				}
				return
			}
			want := strings.ReplaceAll(test.before, "«1.0.0»", "2.10.0-rc.1")
			if err != nil || string(got) != want {
				t.Errorf("got  %q\nwant %q\n%v", got, want, err)
			}
			again, err := test.versionFile.Write(got, "2.10.0-rc.1")
			if err != nil || !bytes.Equal(again, got) {
				t.Errorf("a second run changed it: %q, %v", again, err)
			}
		})
	}
}

func TestWriteVersionIsAllOrNone(t *testing.T) {
	root := t.TempDir()
	write(t, root, "package.json", `{"version": "1.0.0"}`)
	write(t, root, "VERSION", "\n")
	found := &App{
		Root: root,
		Config: Config{
			VersionFiles: []VersionFile{
				{Path: "package.json"},
				{Path: "none", Pattern: "(x)", Optional: true},
				{Path: "VERSION"},
			},
		},
	}
	if _, err := found.WriteVersion(root, "2.0.0"); err == nil {
		t.Error("no error")
	}
	if data, _ := os.ReadFile(filepath.Join(root, "package.json")); string(data) != `{"version": "1.0.0"}` {
		t.Errorf("package.json was written: %s", data)
	}
	found.Config.VersionFiles[2].Path = "missing/VERSION"
	if _, err := found.WriteVersion(
		root,
		"2.0.0",
	); err == nil ||
		!strings.Contains(err.Error(), "version file missing/VERSION") {
		t.Errorf("error %v", err)
	}
}

func TestWriteVersionTellsWhatWasBehind(t *testing.T) {
	root := t.TempDir()
	write(t, root, "package.json", `{"version": "1.0.0"}`)
	write(t, root, "VERSION", "2.0.0\n")
	write(t, root, "real.ts", "A = '1.0.0'; B = '1.0.0'\r\n")
	if err := os.Chmod(filepath.Join(root, "real.ts"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real.ts", filepath.Join(root, "link.ts")); err != nil {
		t.Fatal(err)
	}
	found := &App{Root: root, Config: Config{VersionFiles: []VersionFile{{Path: "package.json"}, {Path: "VERSION"},
		{Path: "link.ts", Pattern: `A = '(.*?)'`}, {Path: "link.ts", Pattern: `B = '(.*?)'`}}}}
	places, err := found.VersionPlaces(root)
	want := []VersionPlace{
		{"package.json", 1, "1.0.0"},
		{"VERSION", 1, "2.0.0"},
		{"link.ts", 1, "1.0.0"},
		{"link.ts", 1, "1.0.0"},
	}
	if diff := cmp.Diff(want, places); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
	for run, want := range [][]string{{"package.json", "link.ts"}, nil} {
		behind, err := found.WriteVersion(root, "2.0.0")
		if diff := cmp.Diff(want, behind); diff != "" || err != nil {
			t.Errorf("run %d (-want +got):\n%s%v", run, diff, err)
		}
	}
	if data, _ := os.ReadFile(filepath.Join(root, "real.ts")); string(data) != "A = '2.0.0'; B = '2.0.0'\r\n" {
		t.Errorf("real.ts: %q", data)
	}
	if info, err := os.Lstat(filepath.Join(root, "link.ts")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is no longer one: %v, %v", info, err)
	}
	if info, err := os.Stat(filepath.Join(root, "real.ts")); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("mode %v, %v", info, err)
	}
	entries, err := os.ReadDir(root)
	written, _ := filepath.Glob(filepath.Join(root, DistDir, "[^.]*"))
	if err != nil || len(entries) != 5 || len(written) > 0 {
		t.Errorf("files were left behind: %v, %v, %v", entries, written, err)
	}
}

func TestWriteVersionStaysInTheApp(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	write(t, outside, "VERSION", "1.0.0\n")
	if err := os.Symlink(filepath.Join(outside, "VERSION"), filepath.Join(root, "VERSION")); err != nil {
		t.Fatal(err)
	}
	found := &App{Root: root, Config: Config{VersionFiles: []VersionFile{{Path: "VERSION"}}}}
	if _, err := found.WriteVersion(
		root,
		"2.0.0",
	); err == nil ||
		!strings.Contains(err.Error(), "outside of the app") {
		t.Errorf("error %v", err)
	}
	if data, _ := os.ReadFile(filepath.Join(outside, "VERSION")); string(data) != "1.0.0\n" {
		t.Errorf("it was written: %s", data)
	}
}

func TestReplacementGoesBackWhenItFailsHalfWay(t *testing.T) {
	root := t.TempDir()
	replaced := replacement{}
	for _, name := range []string{"a", "b", "c"} {
		write(t, root, name, "old")
		replaced.set(filepath.Join(root, name), []byte("old"), []byte("new"))
	}
	err := replaced.commit(
		func(like string, data []byte) (string, error) { return newLike(t.TempDir(), like, data) },
		func(from, to string) error {
			if filepath.Base(to) == "b" {
				return errors.New("no space left")
			}
			return os.Rename(from, to)
		},
	)
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("error %v", err)
	}
	entries, _ := os.ReadDir(root)
	for _, entry := range entries {
		if data, _ := os.ReadFile(filepath.Join(root, entry.Name())); string(data) != "old" {
			t.Errorf("%s: %s", entry.Name(), data)
		}
	}
	if len(entries) != 3 {
		t.Errorf("files were left behind: %v", entries)
	}
}

func FuzzVersionFile(f *testing.F) {
	f.Add("package.json", `{"version": "1.0.0"}`)
	f.Add("package-lock.json", `{"version": "1", "packages": {"": {"version": "1"}}}`)
	f.Add("pyproject.toml", "[project]\nversion = \"1\"\n")
	f.Add("VERSION", "v1.0.0\n")
	f.Add(
		"pyproject.toml",
		"[project]\na = \"\"\"\nversion = \"1\"\n\"\"\"\nb = '''x''' # \"\nversion = '1'\n[[tool.x]]\nversion = "+
			"\"2\"\n",
	)
	f.Add("uv.lock", "[[package]]\nname = \"odin\"\nversion = \"1.9.3\"\nsource = { editable = \".\" }\n")
	f.Add("package.json", "{\r\n\t\"name\": \"odin — frontend\",\r\n\t\"version\": \"1.9.3\"\r\n}")
	f.Add("package.json", `{"a":{"version":"\u0022"},"version":"\"\\"}`)
	f.Fuzz(func(t *testing.T, path, content string) {
		versionFile := VersionFile{Path: path}
		if !knownVersionFile(path) {
			versionFile = VersionFile{Path: path, Pattern: `ersion\W*([\w.-]+)`, Every: len(path)%2 == 0}
		}
		written, err := versionFile.Write([]byte(content), "3.2.1")
		if err != nil {
			return
		}
		if versionFile.Pattern == "" && strings.HasSuffix(path, "package.json") {
			var decoded map[string]any
			valid := json.Valid(bytes.TrimPrefix([]byte(content), []byte(byteOrderMark)))
			if err := json.Unmarshal(
				bytes.TrimPrefix(written, []byte(byteOrderMark)),
				&decoded,
			); valid &&
				(err != nil || decoded["version"] != "3.2.1") {
				t.Fatalf("%q became %q, which npm would read as %q, %v", content, written, decoded["version"], err)
			}
		}
		if versionFile.Pattern == "" && strings.HasSuffix(path, "pyproject.toml") {
			checkTOML(t, content, written)
		}
		before, err := versionFile.locate([]byte(content))
		if err != nil {
			t.Fatal(err)
		}
		after, err := versionFile.locate(written)
		if err != nil || len(after) != len(before) {
			t.Fatalf("%q became %q: %v", content, written, err)
		}
		shift := 0
		for i := range after {
			if string(written[after[i].from:after[i].to]) != "3.2.1" || after[i].from != before[i].from+shift {
				t.Fatalf("%q became %q", content, written)
			}
			shift += len("3.2.1") - (before[i].to - before[i].from)
		}
	})
}

// checkTOML compares with a TOML library: if the content was TOML, so is the result,
// and its version is the new one.
func checkTOML(t *testing.T, content string, written []byte) {
	t.Helper()
	if toml.Unmarshal([]byte(content), new(map[string]any)) != nil {
		return
	}
	var decoded struct {
		Project, Tool struct {
			Version any
			Poetry  struct{ Version any }
		}
	}
	if err := toml.Unmarshal(
		written,
		&decoded,
	); err != nil ||
		decoded.Project.Version != "3.2.1" && decoded.Tool.Poetry.Version != "3.2.1" {
		t.Fatalf("%q became %q: %v", content, written, err)
	}
}
