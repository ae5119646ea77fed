//go:build scenario

package targets_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

// compiledFiles are a source distribution with native code.
var compiledFiles = map[string]string{
	"PKG-INFO": "Metadata-Version: 2.2\nName: tinycode\nVersion: 1.0\nRequires-Python: >=3.10\n",
	"pyproject.toml": "[build-system]\nrequires = [\"setuptools>=61\"]\nbuild-backend = \"setuptools.build_meta\"\n" +
		"[project]\nname = \"tinycode\"\nversion = \"1.0\"\nrequires-python = \">=3.10\"\n",
	"setup.py": "from setuptools import Extension, setup\n\n" +
		"setup(ext_modules=[Extension(\"tinycode\", [\"tinycode.c\"])])\n",
	"tinycode.c": `#include <Python.h>

static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, "the answer"}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "tinycode", 0, -1, methods};

PyMODINIT_FUNC PyInit_tinycode(void) { return PyModule_Create(&module); }
`,
}

// sourceArchive returns the source distribution as an index has it.
func sourceArchive(t *testing.T) []byte {
	t.Helper()
	var packed bytes.Buffer
	compressed := gzip.NewWriter(&packed)
	archive := tar.NewWriter(compressed)
	for _, name := range []string{"PKG-INFO", "pyproject.toml", "setup.py", "tinycode.c"} {
		content := compiledFiles[name]
		err := archive.WriteHeader(&tar.Header{Name: "tinycode-1.0/" + name, Mode: 0o644, Size: int64(len(content))})
		if err == nil {
			_, err = archive.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := compressed.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// index serves one source distribution as PEP 503 has it, and returns the address.
func index(t *testing.T, packed []byte) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /simple/tinycode/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<!DOCTYPE html><a href=\"/tinycode-1.0.tar.gz#sha256=%x\">tinycode-1.0.tar.gz</a>",
			sha256.Sum256(packed))
	})
	mux.HandleFunc("GET /tinycode-1.0.tar.gz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(packed) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + "/simple/"
}

// baseImage returns the reference of an official image with its digest, or of what the test bed has instead.
func baseImage(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "../../scripts/testbed-image", name).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return strings.TrimSpace(string(out))
}

// compiledApp returns an app that needs native code of which there is a source distribution only.
func compiledApp(packed []byte, compiler string) tinyapp.Shape {
	return tinyapp.Shape{Name: "compiled", Files: map[string]string{
		"requirements.in":   "tinycode==1.0\n",
		"requirements.lock": fmt.Sprintf("tinycode==1.0 \\\n    --hash=sha256:%x\n", sha256.Sum256(packed)),
		"release.yaml": `checks:
  - {name: "backend:lint", absent: none}
  - {name: "backend:typeCheck", absent: none}
  - {name: "frontend:lint", absent: none}
  - {name: "frontend:typeCheck", absent: none}
suites:
  - {name: "backend:unit", absent: none}
  - {name: "backend:integration", absent: none}
  - {name: "frontend:test", absent: none}
contract: {absent: none}
migrations: {absent: none}
versionFiles: [{path: VERSION}]
build:
  frontend: {absent: none}
  image: {name: ghcr.io/ada/shop}
  vendor: {source: requirements.in, lock: requirements.lock, sdists: [tinycode]` + compiler + `}
verify: {settle: 1s, health: /health, page: {absent: none}, processes: {absent: none}, probe: {absent: none}}
announce: {name: Shop}
docs: {rebuild: {absent: none}}
`,
		"Dockerfile": `FROM python:3.11-slim
ARG TARGETARCH SOURCE_DATE_EPOCH
RUN --mount=type=bind,from=vendor,target=/vendor --network=none python3 -m pip install --no-index --no-compile \
    --no-deps --require-hashes --target /lib/app -r /vendor/linux-$TARGETARCH/native.txt && \
    PYTHONPATH=/lib/app python3 -B -c 'import tinycode; assert tinycode.answer() == 42'
COPY serve.py VERSION /
ENV PYTHONPATH=/lib/app PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 8000
CMD ["python3", "/serve.py"]
`,
		"serve.py": `import http.server, json, tinycode
version = open("/VERSION").read().strip()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"status": "ok", "version": version, "answer": tinycode.answer()}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("", 8000), Handler).serve_forever()
`,
	}}
}

// TestNightlyCompiled releases an app with native code of which there is a source distribution only: without a
// compiler the error says what to set, and with one the image has the module on both platforms.
func TestNightlyCompiled(t *testing.T) {
	packed := sourceArchive(t)
	env := []string{"UV_EXTRA_INDEX_URL=" + index(t, packed), "PIP_EXTRA_INDEX_URL=" + index(t, packed)}
	alone := compiledApp(packed, "").Write(t, sampleFolder)
	refused := pipeline(t, alone, env, "build")
	if want := "build: {vendor: {compiler: 'python:3.11@sha256:"; refused.code != 1 ||
		!strings.Contains(refused.stderr, want) {
		t.Errorf("code %d, %q does not say %q", refused.code, refused.stderr, want)
	}
	dir := compiledApp(packed, ", compiler: '"+baseImage(t, "python:3.11")+"'").Write(t, sampleFolder)
	released := pipeline(t, dir, env, "rehearse")
	if released.code != 0 {
		t.Fatalf("code %d\n%s", released.code, released.stderr)
	}
	vendor := filepath.Join(dir, "dist/rehearsal/app/dist/vendor")
	for platform, machine := range map[string]string{"linux-amd64": "x86_64", "linux-arm64": "aarch64"} {
		wheel := filepath.Join(vendor, platform, "tinycode-1.0-cp311-cp311-linux_"+machine+".whl")
		data, err := os.ReadFile(wheel)
		if err != nil {
			t.Error(err)
			continue
		}
		if lock := readFile(t, filepath.Join(vendor, platform, "requirements.txt")); !strings.Contains(lock,
			fmt.Sprintf("tinycode==1.0 \\\n    --hash=sha256:%x", sha256.Sum256(data))) {
			t.Errorf("%s: the lock does not have the hash of the wheel:\n%s", platform, lock)
		}
	}
}
