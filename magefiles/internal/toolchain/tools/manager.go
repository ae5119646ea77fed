package tools

import (
	"context"
	"crypto/sha1" //nolint:gosec // what package.json names may be older than its weaknesses
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/manager"
)

// Manager returns the folder with the program of a package manager, set up from the npm registry on first use. A
// manager that the pipeline pins, or whose hash package.json names, is compared with that; any other one with the
// registry's own hash. It returns "" for npm, which comes with Node.js. env is the environment of Node.js.
func (t Tools) Manager(ctx context.Context, target string, of manager.Manager, env []string) (string, error) {
	from := of.Source
	if from.Name == "" {
		return "", nil
	}
	key := cache.Key(runtime.GOOS, runtime.GOARCH, from.Name, from.Version, from.Integrity, from.Hash)
	dir, err := t.Cache.Make(ctx, "managers", key, func(dir string) error {
		npm := func(args ...string) error {
			_, err := t.Run.Run(ctx, run.Command{For: target, Dir: dir, Env: env, Quiet: true, Log: true,
				Timeout: 5 * time.Minute, Args: append([]string{"npm"}, args...)})
			return err
		}
		// npm compares the archive with the registry's hash.
		err := npm("pack", "--loglevel=error", "--pack-destination", dir, from.Name+"@"+from.Version)
		if err != nil {
			return err
		}
		packed, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
		if err != nil || len(packed) != 1 {
			return fmt.Errorf("npm pack left %d archives", len(packed))
		}
		if err := authentic(from, packed[0]); err != nil {
			return err
		}
		// The scripts of the manager's own package install the program for this platform.
		err = npm("install", "--prefix", dir, "--no-save", "--no-package-lock", "--no-audit", "--no-fund",
			"--loglevel=error", "--ignore-scripts=false", packed[0])
		if err != nil || from.Hash == "" || from.Hashed == "" {
			return err
		}
		return matches(from, filepath.Join(dir, "node_modules", filepath.FromSlash(from.Name+"/"+from.Hashed)))
	})
	if err != nil {
		return "", fmt.Errorf("set up %s %s: %w", of.Name, from.Version, err)
	}
	return filepath.Join(dir, "node_modules", ".bin"), nil
}

// authentic compares the archive of a manager with the known hashes.
func authentic(from manager.Source, archive string) error {
	if from.Hash != "" && from.Hashed == "" {
		if err := matches(from, archive); err != nil {
			return err
		}
	}
	if from.Integrity == "" {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(from.Integrity, "sha512-"))
	if err != nil {
		return fmt.Errorf("the pinned integrity is malformed: %w", err)
	}
	pinned := manager.Source{Hash: "sha512." + hex.EncodeToString(raw)}
	if matches(pinned, archive) != nil {
		return errors.New("the registry's archive is not the one that the pipeline pins")
	}
	return nil
}

// hashes are the algorithms that packageManager may name.
var hashes = map[string]func() hash.Hash{
	"sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
}

// matches compares a file with the manager's hash.
func matches(from manager.Source, file string) error {
	algorithm, want, _ := strings.Cut(from.Hash, ".")
	begin, known := hashes[algorithm]
	if !known {
		return fmt.Errorf("packageManager in package.json names a hash of the unknown kind %s", algorithm)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	sum := begin()
	sum.Write(data)
	if got := hex.EncodeToString(sum.Sum(nil)); got != want {
		return fmt.Errorf("it is not what packageManager in package.json names: %s %s, expected %s",
			algorithm, got, want)
	}
	return nil
}
