package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCarrierChangesTheVersionAndNothingElse(t *testing.T) {
	for name, test := range map[string]struct {
		carrier Carrier
		before  string // «» marks each version
		fails   string
	}{
		"package.json":       {Carrier{Path: "frontend/package.json"}, "{\n\t\"dependencies\": {\"version\": \"9.9.9\"},\r\n\t\"version\" : \"«1.0.0»\",\n \"x\": [{\"version\": \"2\"}]}", ""},
		"package-lock.json":  {Carrier{Path: "package-lock.json"}, `{"version": "«1.0.0»", "packages": {"": {"name": "a", "version": "«1.0.0»"}, "node_modules/b": {"version": "1.0.0"}}}`, ""},
		"lock without root":  {Carrier{Path: "package-lock.json"}, `{"version": "1.0.0"}`, "1 of its 2 version entries"},
		"no version":         {Carrier{Path: "package.json"}, `{"name": "a"}`, "0 of its 1 version entries"},
		"version a number":   {Carrier{Path: "package.json"}, `{"version": 1}`, "0 of its 1"},
		"cut off":            {Carrier{Path: "package.json"}, `{"version": "1.0.0"`, "unexpected"},
		"pyproject.toml":     {Carrier{Path: "pyproject.toml"}, "# version = \"0\"\n[build-system]\nversion = \"3\"\r\n[project] # the app\nname = \"a\"\nversion  = '«1.0.0»' # here\n[tool.x]\nversion = \"4\"", ""},
		"poetry":             {Carrier{Path: "pyproject.toml"}, "[tool.poetry]\nversion = \"«1.0.0»\"\n", ""},
		"dynamic":            {Carrier{Path: "pyproject.toml"}, "[project]\ndynamic = [\"version\"]\n", "no version in [project]"},
		"VERSION":            {Carrier{Path: "VERSION"}, "«1.0.0»\r\n", ""},
		"VERSION with v":     {Carrier{Path: "VERSION"}, "v«1.0.0»", ""},
		"VERSION empty":      {Carrier{Path: "VERSION"}, "\n", "first line is empty"},
		"pattern":            {Carrier{Path: "a.ts", Pattern: `V = '([^']+)'`}, "const V = '«1.0.0»' // 1.0.0\n", ""},
		"pattern twice":      {Carrier{Path: "a.ts", Pattern: `V = '([^']+)'`}, "V = '1' V = '2'", "matches 2 times"},
		"pattern not at all": {Carrier{Path: "a.ts", Pattern: `V = '([^']+)'`}, "", "matches 0 times"},
	} {
		t.Run(name, func(t *testing.T) {
			plain := strings.NewReplacer("«", "", "»", "").Replace(test.before)
			got, err := test.carrier.Write([]byte(plain), "2.10.0-rc.1")
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) || !strings.Contains(err.Error(), test.carrier.Path) {
					t.Errorf("error %v, expected %q", err, test.fails)
				}
				return
			}
			want := strings.ReplaceAll(test.before, "«1.0.0»", "2.10.0-rc.1")
			if err != nil || string(got) != want {
				t.Errorf("got  %q\nwant %q\n%v", got, want, err)
			}
			again, err := test.carrier.Write(got, "2.10.0-rc.1")
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
	found := &App{Root: root, Config: Config{Carriers: []Carrier{{Path: "package.json"}, {Path: "none", Pattern: "(x)", Optional: true}, {Path: "VERSION"}}}}
	if err := found.WriteVersion(root, "2.0.0"); err == nil {
		t.Error("no error")
	}
	if data, _ := os.ReadFile(filepath.Join(root, "package.json")); string(data) != `{"version": "1.0.0"}` {
		t.Errorf("package.json was written: %s", data)
	}
	found.Config.Carriers[2].Path = "missing/VERSION"
	if err := found.WriteVersion(root, "2.0.0"); err == nil || !strings.Contains(err.Error(), "version carrier missing/VERSION") {
		t.Errorf("error %v", err)
	}
}

func FuzzCarrier(f *testing.F) {
	f.Add("package.json", `{"version": "1.0.0"}`)
	f.Add("package-lock.json", `{"version": "1", "packages": {"": {"version": "1"}}}`)
	f.Add("pyproject.toml", "[project]\nversion = \"1\"\n")
	f.Add("VERSION", "v1.0.0\n")
	f.Add("package.json", `{"a":{"version":"\u0022"},"version":"\"\\"}`)
	f.Fuzz(func(t *testing.T, path, content string) {
		if !knownCarrier(path) {
			return // not a file whose format is known
		}
		carrier := Carrier{Path: path}
		written, err := carrier.Write([]byte(content), "3.2.1")
		if err != nil {
			return
		}
		before, err := carrier.locate([]byte(content))
		if err != nil {
			t.Fatal(err)
		}
		after, err := carrier.locate(written)
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

func TestStageRefusesLFSPointers(t *testing.T) {
	root := t.TempDir()
	write(t, root, "logo.png", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
	found := &App{Root: root}
	err := found.Stage(filepath.Join(root, "dist", "source"), []string{"logo.png"}, "1.0.0")
	if err == nil || !strings.Contains(err.Error(), "stage logo.png: it is a Git LFS pointer") {
		t.Errorf("error %v", err)
	}
}

func TestStageCopiesWhatIsThere(t *testing.T) {
	root := t.TempDir()
	write(t, root, "VERSION", "1.0.0\n")
	write(t, root, "deep/run", "#!/bin/sh\n")
	if err := os.Chmod(filepath.Join(root, "deep", "run"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("run", filepath.Join(root, "deep", "link")); err != nil {
		t.Fatal(err)
	}
	found := &App{Root: root, Config: Config{Carriers: []Carrier{{Path: "VERSION"}}}}
	staged := filepath.Join(root, "dist", "source")
	if err := found.Stage(staged, []string{"VERSION", "deep/run", "deep/link", "deleted"}, "2.0.0"); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(filepath.Join(staged, "VERSION")); string(data) != "2.0.0\n" {
		t.Errorf("VERSION: %q", data)
	}
	if data, _ := os.ReadFile(filepath.Join(root, "VERSION")); string(data) != "1.0.0\n" {
		t.Errorf("the app's own VERSION: %q", data)
	}
	info, err := os.Stat(filepath.Join(staged, "deep", "run"))
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("mode %v, %v", info, err)
	}
	if target, err := os.Readlink(filepath.Join(staged, "deep", "link")); err != nil || target != "run" {
		t.Errorf("link to %q, %v", target, err)
	}
}
