// Package cosign runs cosign, to check the signatures that the pipeline makes.
package cosign

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const (
	module  = "github.com/sigstore/cosign/v3/cmd/cosign"
	version = "v3.1.3"
)

// Program returns the path of cosign, which is compiled once for all checkouts: that takes
// some minutes.
func Program(t testing.TB) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "odin-release", "tools", "cosign-"+version) // where scripts/test has its tools
	program := filepath.Join(dir, "cosign")
	if _, err := os.Stat(program); err == nil {
		return program
	}
	half := fmt.Sprintf("%s.%d", dir, os.Getpid())
	defer os.RemoveAll(half)
	install := exec.CommandContext(t.Context(), "go", "install", module+"@"+version)
	install.Env = append(os.Environ(), "GOBIN="+half, "GOFLAGS=", "CGO_ENABLED=0")
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("install cosign: %v\n%s", err, out)
	}
	if err := os.Rename(half, dir); err != nil {
		if _, there := os.Stat(program); there != nil { // another test was faster
			t.Fatal(err)
		}
	}
	return program
}

// Run runs cosign without any of the user's files, and returns its output.
func Run(ctx context.Context, program, home string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, program, args...)
	command.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "COSIGN_PASSWORD=", "COSIGN_YES=true"}
	out, err := command.CombinedOutput()
	return string(out), err
}

// isolated is set in the process that Isolated starts.
const isolated = "ODIN_RELEASE_ISOLATED"

// Isolated runs a test in a separate process, in a network namespace that only has loopback. It reports whether
// this is that process; if not, the test has already been run there, and the caller returns.
func Isolated(t *testing.T) bool {
	t.Helper()
	if os.Getenv(isolated) != "" {
		return true
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	inside := exec.CommandContext(t.Context(), "unshare", "--map-root-user", "--net", "sh", "-c",
		`ip link set lo up && exec "$0" -test.run "^$1\$" -test.v`, program, t.Name())
	inside.Env = append(os.Environ(), isolated+"=1")
	out, err := inside.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("in the namespace: %v", err)
	}
	return false
}
