package download

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Each reader gets what its program prints without a terminal; lines that say nothing are left out.
func TestReaders(t *testing.T) {
	for name, each := range map[string]struct {
		read         Reader
		output, want string
	}{
		"uv 0.13": {UV(), `Using Python 3.11.7 environment at: venv
Resolved 12 packages in 394ms
Downloading ruff (10.2MiB)
Downloading numpy (16.1MiB)
 Downloaded ruff
 Downloaded numpy
Prepared 12 packages in 781ms
Installed 12 packages in 133ms
 + ruff==0.17.6`, `resolved 12 packages
0 B of 10.7 MB downloaded: ruff
0 B of 27.6 MB downloaded: ruff, numpy
10.7 MB of 27.6 MB downloaded: numpy
27.6 MB downloaded
prepared 12 packages
installed 12 packages`},
		"pip 26, raw": {Pip(), `Looking in links: /opt/wheels
Collecting numpy==2.4.6
  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl (16.9 MB)
Progress 262144 of 16918164
Collecting anyio
  Using cached anyio-4.16.0-py3-none-any.whl (134 kB)
Saved ./dl/anyio-4.16.0-py3-none-any.whl
  Downloading https://example.org/simple/pip/pip-26.3-py3-none-any.whl
Installing collected packages: numpy, anyio`, `file 1, numpy-2.4.6 (16.9 MB)
file 1, numpy-2.4.6: 262.1 kB of 16.9 MB
file 2, anyio-4.16.0 (134 kB)
file 3, pip-26.3
installing`},
		"npm 11, http": {NPM(), `npm http fetch GET 200 https://registry.npmjs.org/redent 7697ms (cache miss)
npm http fetch GET 200 https://registry.npmjs.org/zod/-/zod-4.6.7.tgz 12337ms (cache miss)
npm http fetch GET 503 https://registry.npmjs.org/jsdom/-/jsdom-29.1.1.tgz attempt 1 failed with 503
npm http fetch GET 200 https://registry.npmjs.org/jsdom/-/jsdom-29.1.1.tgz 15887ms (cache miss)
added 243 packages in 37s`, `1 package fetched
2 packages fetched`},
		"docker 20": {Layers(), `3.11-slim: Pulling from library/python
18e8f6447ab5: Already exists
bab8be405356: Pulling fs layer
bab8be405356: Download complete
bab8be405356: Pull complete
Digest: sha256:0a03d11065484f8185a3cb83d08a466404205b36993960ce103f94f04882f10d`,
			`pulling the image, 1 of 1 layers
pulling the image, 1 of 2 layers
pulling the image, 2 of 2 layers`},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for line := range strings.SplitSeq(each.output, "\n") {
				if text := each.read(line); text != "" {
					got = append(got, text)
				}
			}
			if diff := cmp.Diff(each.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What uv says of a failure is all but its progress.
func TestWithoutProgress(t *testing.T) {
	const failure = "error: No solution found when resolving dependencies\n  cause: Because x was not found"
	output := "Using Python 3.11.7 environment at: venv\nDownloading numpy (16.1MiB)\n" + failure + "\n"
	if got := WithoutProgress(output); got != failure {
		t.Errorf("%q, want %q", got, failure)
	}
	if got := WithoutProgress("Using Python 3.11.7\nResolved 2 packages in 3ms\n"); got != "" {
		t.Errorf("%q, want nothing", got)
	}
}

// statuses keeps what is shown.
type statuses struct {
	mu   sync.Mutex
	list []string
}

func (s *statuses) Write(data []byte) (int, error) { return len(data), nil }

func (s *statuses) Status(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, text)
}

// A folder is looked at while a program fills it, and what the program says stands before its size.
func TestFilling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "node_modules")
		var shown statuses
		line, stop := Filling(run.WithOutput(context.Background(), &shown), folder, NPM())
		defer stop()
		time.Sleep(1500 * time.Millisecond) // the folder does not exist yet
		line("npm http fetch GET 200 https://registry.npmjs.org/zod/-/zod-4.6.7.tgz 12337ms (cache miss)")
		if err := os.MkdirAll(filepath.Join(folder, "zod"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "zod", "index.js"), make([]byte, 2500), 0o644); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		stop()
		time.Sleep(time.Minute)
		want := []string{"1 package fetched", "1 package fetched, 2.5 kB in node_modules"}
		if diff := cmp.Diff(want, shown.list); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
