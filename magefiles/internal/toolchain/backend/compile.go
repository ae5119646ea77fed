package backend

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// compilers pins what may build a wheel from a source distribution with native code.
//
//go:embed compilers.lock
var compilers []byte

// compileFile is the part of a Dockerfile that builds the wheels of source distributions, after FROM and the
// sources. The build has only the sources, the compiler's image and pinned tools, and no network. The sources are
// always in the same folder, and there is no debug information, which would contain the names of temporary folders.
const compileFile = `COPY tools /tools
RUN --network=none \
    export ` + wheelEpoch + ` PYTHONHASHSEED=0 PIP_NO_INDEX=1 PIP_FIND_LINKS=/tools PIP_NO_CACHE_DIR=1 \
        PIP_DISABLE_PIP_VERSION_CHECK=1 CFLAGS=-g0 CXXFLAGS=-g0 TZ=UTC LC_ALL=C.UTF-8 \
    && for name in $(cd /sources && ls); do \
        folder=/build/${name%.tar.gz} && mkdir -p "$folder" && \
        tar -xzf "/sources/$name" -C "$folder" --strip-components=1 --no-same-owner && \
        python3 -m pip wheel --no-deps --wheel-dir /wheels "$folder" || exit 1; \
    done
FROM scratch
COPY --from=compile /wheels /
`

// compileWheels builds the wheels of source distributions in a container for the platform, and returns their
// folder. The image with the compiler is pinned by its digest, the sources by the hashes in the lock, and the build
// tools by the pipeline.
func (t vendoring) compileWheels(ctx context.Context, bin string, to fetched, sources []byte) (string, error) {
	work := filepath.Join(to.dir, sourcesFolder)
	tools := fetched{dir: filepath.Join(work, "tools"), platform: to.platform}
	list, wheels := filepath.Join(work, "sources.txt"), filepath.Join(work, "wheels")
	if err := errors.Join(os.MkdirAll(tools.dir, 0o755), os.WriteFile(list, sources, 0o644)); err != nil {
		return "", err
	}
	files, err := t.locate(ctx, bin, list, sources)
	if err != nil {
		return "", fmt.Errorf("find the source distributions of build.vendor.sdists: %w", err)
	}
	if err := t.fetch(ctx, bin, tools, compilers); err != nil {
		return "", fmt.Errorf("fetch what builds wheels: %w", err)
	}
	var dockerfile strings.Builder
	fmt.Fprintf(&dockerfile, "FROM %s AS compile\n", t.App.Config.Build.Vendor.Compiler)
	for _, file := range files {
		fmt.Fprintf(&dockerfile, "ADD --checksum=sha256:%s %s /sources/\n", file.hash, file.url)
	}
	dockerfile.WriteString(compileFile)
	if err := os.WriteFile(filepath.Join(work, "Dockerfile"), []byte(dockerfile.String()), 0o644); err != nil {
		return "", err
	}
	if err := t.in.Export(ctx, work, to.platform, wheels); err != nil {
		return "", fmt.Errorf("compile the wheels of build.vendor.sdists: %w", err)
	}
	return wheels, nil
}

// sourceFile is the address and hash of a source distribution.
type sourceFile struct{ url, hash string }

// locate asks the index for the addresses of the source distributions in a lock, without running any of their code.
// list is the file with the lock.
func (t vendoring) locate(ctx context.Context, bin, list string, lock []byte) ([]sourceFile, error) {
	answer, err := t.Run.Output(ctx, run.Command{For: vendorTarget, Dir: t.App.Root, Timeout: 5 * time.Minute,
		Args: []string{
			filepath.Join(bin, "uv"), "pip", "compile", list, "--quiet", "--no-deps", "--no-binary", ":all:",
			"--format", "pylock.toml", "--python-platform", "linux",
			"--python-version", t.App.Config.Build.Vendor.Python,
		}})
	if err != nil {
		return nil, err
	}
	return located(answer, lock)
}

// archiveName matches the address of a source distribution (PEP 625) that can be written in a Dockerfile.
var archiveName = pattern.Lazy(`^https?://[^\s"'\\$]+/[A-Za-z0-9._+-]+\.tar\.gz$`)

// located parses a lock file of PEP 751 whose packages are source distributions. The hash of each must be in the
// app's lock.
func located(answer string, lock []byte) ([]sourceFile, error) {
	var parsed struct {
		Packages []struct {
			Name  string
			Sdist struct {
				URL    string
				Hashes struct{ SHA256 string }
			}
		}
	}
	if err := toml.Unmarshal([]byte(answer), &parsed); err != nil {
		return nil, fmt.Errorf("read the answer of uv: %w", err)
	}
	var files []sourceFile
	for _, each := range parsed.Packages {
		file := sourceFile{each.Sdist.URL, each.Sdist.Hashes.SHA256}
		switch {
		case !archiveName().MatchString(file.url):
			return nil, fmt.Errorf("%s has no source distribution that is a .tar.gz of an index, but %q", each.Name,
				file.url)
		case file.hash == "" || !bytes.Contains(lock, []byte("--hash=sha256:"+file.hash)):
			return nil, fmt.Errorf(
				"%s: the lock does not have the hash of its source distribution, sha256:%s",
				each.Name,
				file.hash,
			)
		}
		files = append(files, file)
	}
	return files, nil
}
