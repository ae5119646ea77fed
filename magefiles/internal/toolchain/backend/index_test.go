package backend

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// wheel returns a wheel of a distribution that contains one module.
func wheel(t *testing.T, name, version string) []byte {
	t.Helper()
	var content bytes.Buffer
	archive := zip.NewWriter(&content)
	info := name + "-" + version + ".dist-info/"
	for file, text := range map[string]string{
		name + ".py":      "VALUE = 1\n",
		info + "METADATA": "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n",
		info + "WHEEL":    "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		info + "RECORD":   "",
	} {
		entry, err := archive.Create(file)
		if err == nil {
			_, err = entry.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

// index serves the wheels as a simple index (PEP 503) does.
func index(t *testing.T, wheels map[string][]byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.Trim(strings.TrimPrefix(r.URL.Path, "/simple/"), "/")
		if data, ok := wheels[name]; ok {
			_, _ = w.Write(data)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		for file, data := range wheels {
			if strings.HasPrefix(file, name+"-") {
				fmt.Fprintf(w, "<a href=\"/simple/%s#sha256=%x\">%s</a>\n", file, sha256.Sum256(data), file)
			}
		}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/simple"
}

// TestAnotherIndex installs and exports a uv project where the index has another address
// than the one in its lock, and refuses a lock that is stale there.
func TestAnotherIndex(t *testing.T) {
	home, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	wheels := map[string][]byte{"tiny-1.0-py3-none-any.whl": wheel(t, "tiny", "1.0")}
	first, second := index(t, wheels), index(t, wheels)
	root := testkit.Files(t, map[string]string{"api/pyproject.toml": "[project]\nname = \"shop\"\nversion = \"1.0\"\n" +
		"requires-python = \">=3.8\"\ndependencies = [\"tiny\"]\n"})
	with := func(index string) projects {
		runner := testkit.Runner()
		kit := tools.Tools{Run: runner, Cache: cache.Dir(filepath.Join(home, "odin-release"))}
		if _, err := kit.Python(t.Context(), "test"); err != nil { // from the usual index
			t.Fatal(err)
		}
		runner.Env = append(runner.Env, "UV_DEFAULT_INDEX="+index, "UV_CACHE_DIR="+t.TempDir())
		return projects{Toolchain{
			App: &app.App{Root: root}, Run: runner, Cache: cache.Dir(t.TempDir()), Tools: kit,
			Scratch: testkit.Scratch(t),
		}}
	}
	there, here := with(first), with(second)
	uv, err := there.UV(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	project := filepath.Join(root, "api")
	if err := there.uv(t.Context(), "test", uv, "lock", "--quiet", "--project", project); err != nil {
		t.Fatal(err)
	}
	before := read(t, filepath.Join(root, "api/uv.lock"))
	for name, of := range map[string]projects{"there": there, "here": here} {
		elsewhere, err := of.checkUV(t.Context(), "test", uv, "api/uv.lock")
		if err != nil || elsewhere != (name == "here") {
			t.Errorf("%s: %t, %v", name, elsewhere, err)
		}
	}
	of := app.Environment{Project: "api"}
	dir := t.TempDir()
	if err := here.Toolchain.install(t.Context(), "test", uv, dir, of); err != nil {
		t.Fatal(err)
	}
	if _, err := here.Run.Run(t.Context(), run.Command{For: "test",
		Args: []string{filepath.Join(dir, "venv/bin/python"), "-c", "import tiny"}}); err != nil {
		t.Error(err)
	}
	if exported := read(t, filepath.Join(dir, "requirements.txt")); strings.Contains(exported, "http") ||
		!strings.HasPrefix(exported, "tiny==1.0") {
		t.Errorf("exported:\n%s", exported)
	}
	if after := read(t, filepath.Join(root, "api/uv.lock")); after != before {
		t.Errorf("the lock was changed:\n%s", after)
	}
	writeFile(t, root, "api/uv.lock", strings.ReplaceAll(before, "1.0", "0.9"))
	if _, err := here.checkUV(t.Context(), "test", uv, "api/uv.lock"); err == nil ||
		!strings.Contains(err.Error(), "api/uv.lock does not fit its pyproject.toml") {
		t.Errorf("a stale lock: %v", err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
