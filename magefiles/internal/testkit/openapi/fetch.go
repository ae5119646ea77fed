package openapi

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// The npm package with GitHub's description, by version and content
// (npm view @octokit/openapi@VERSION dist.integrity).
const (
	pkg       = "@octokit/openapi@23.0.2"
	integrity = "sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg=="
	member    = "package/generated/api.github.com.json"
)

// fetch returns the whole description, from the cache or from npm. It sets up Node.js
// in the cache if the machine has none.
func fetch(ctx context.Context, store cache.Dir) ([]byte, error) {
	dir, err := store.Make(
		ctx,
		"openapi",
		cache.Key(integrity),
		func(dir string) error { return download(ctx, store, dir) },
	)
	if err != nil {
		return nil, fmt.Errorf("get GitHub's API description (`npm pack %s` must work on this machine): %w", pkg, err)
	}
	return os.ReadFile(filepath.Join(dir, filepath.Base(member)))
}

func download(ctx context.Context, store cache.Dir, dir string) error {
	runner := &run.Runner{Env: run.Environ(os.Environ()), Out: io.Discard}
	bin, err := tools.Tools{Run: runner, Cache: store, MayInstall: tools.CanInstall(runner)}.Node(ctx, "contract")
	if err != nil {
		return err
	}
	path := runner.Getenv("PATH")
	if bin != "" {
		path = bin + string(filepath.ListSeparator) + path
	}
	if _, err := runner.Run(
		ctx,
		run.Command{For: "contract", Dir: dir, Quiet: true, Timeout: 5 * time.Minute, Env: []string{"PATH=" + path},
			Args: []string{"npm", "pack", "--loglevel=error", "--pack-destination", dir, pkg}},
	); err != nil {
		return err
	}
	packed, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(packed) != 1 {
		return fmt.Errorf("npm pack left %d packages in %s, expected one", len(packed), dir)
	}
	defer os.Remove(packed[0])
	return unpack(packed[0], integrity, filepath.Join(dir, filepath.Base(member)))
}

// unpack writes one file of a package, if the package is the pinned one.
func unpack(packed, pinned, to string) error {
	data, err := os.ReadFile(packed)
	if err != nil {
		return err
	}
	sum := sha512.Sum512(data)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != pinned {
		return fmt.Errorf("the package %s is not the pinned one: its integrity is %s, expected %s", pkg, got, pinned)
	}
	file, err := os.Open(packed)
	if err != nil {
		return err
	}
	defer file.Close() // only read
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("the package %s has no %s", pkg, member)
		}
		if err != nil {
			return err
		}
		if header.Name != member {
			continue
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o644)
	}
}
