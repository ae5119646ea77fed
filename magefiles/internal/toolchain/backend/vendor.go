package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

const vendorTarget = "backend:vendor"

// machines are the names of the images' architectures in wheels.
var machines = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}

// newestGlibc is the newest glibc 2.x that a vendored wheel may need. Debian 12 has
// 2.36; current manylinux wheels are built for 2.28.
const newestGlibc = 28

// Vendor checks the lock and puts its wheels into dest: one folder per platform
// (linux-amd64, …), which also contains the lock of that platform. The lock is there in two parts
// too: native.txt beside it, and portable.txt, whose wheels are the same on all platforms.
func (t Toolchain) Vendor(ctx context.Context, dest string, platforms []string) error {
	return run.Named(vendorTarget, vendoring{t}.vendor(ctx, dest, platforms))
}

// vendoring checks the lock of the image and fetches its wheels.
type vendoring struct{ Toolchain }

func (t vendoring) vendor(ctx context.Context, dest string, platforms []string) error {
	pins, err := shipped(t.App)
	if err != nil {
		return err
	}
	uv, err := t.UV(ctx, vendorTarget)
	if err != nil {
		return err
	}
	if err := errors.Join(t.checkLock(ctx, uv, pins), checkTested(t.App, pins)); err != nil {
		return err
	}
	staged := dest + ".tmp"
	if err := errors.Join(os.RemoveAll(staged), os.RemoveAll(dest)); err != nil {
		return err
	}
	var folders []string
	for _, platform := range platforms {
		folder := strings.ReplaceAll(platform, "/", "-")
		folders = append(folders, folder)
		wheels, err := t.wheels(ctx, platform)
		if err != nil {
			return fmt.Errorf("wheels for %s: %w", platform, err)
		}
		if err := copyFiles(wheels, filepath.Join(staged, folder)); err != nil {
			return err
		}
	}
	if err := writeLists(staged, folders); err != nil {
		return err
	}
	return os.Rename(staged, dest)
}

// wheels returns a cached folder with the wheels of the lock for one platform.
func (t vendoring) wheels(ctx context.Context, platform string) (string, error) {
	vendor := t.App.Config.Build.Vendor
	lock, err := os.ReadFile(t.App.Path(vendor.Lock))
	if err != nil {
		return "", err
	}
	bin, err := t.Tools.Python(ctx, vendorTarget)
	if err != nil {
		return "", err
	}
	_, arch, _ := strings.Cut(platform, "/")
	machine, ok := machines[arch]
	if !ok {
		return "", fmt.Errorf("no wheels are known for this architecture; known are amd64 and arm64")
	}
	dir, err := t.Cache.Make(ctx, "wheels", cache.Key(platform, vendor.Python, string(lock)), func(dir string) error {
		requirements := filepath.Join(dir, "requirements.txt")
		for _, args := range [][]string{
			{filepath.Join(
				bin,
				"uv",
			), "pip", "compile", t.App.Path(vendor.Lock), "--python-platform", machine + "-manylinux_2_28",
				"--python-version", vendor.Python, "--generate-hashes", "--no-header", "--no-annotate",
				"--only-binary", ":all:", "-o", requirements},
			slices.Concat([]string{filepath.Join(
				bin,
				"pip",
			), "download", "--quiet", "--disable-pip-version-check", "--no-deps",
				"--require-hashes", "--only-binary", ":all:", "-r", requirements, "-d", dir}, wheelTags(
				machine,
				vendor.Python,
			)),
		} {
			if _, err := t.Run.Run(
				ctx,
				run.Command{For: vendorTarget, Args: args, Dir: t.App.Root, Quiet: true, Timeout: 10 * time.Minute},
			); err != nil {
				return err
			}
		}
		return nil
	})
	return dir, err
}

// wheelTags returns pip's options for the wheels that a CPython on a glibc machine
// accepts (PEP 600, PEP 425).
func wheelTags(machine, python string) []string {
	cp := "cp" + strings.ReplaceAll(python, ".", "")
	tags := []string{
		"--implementation",
		"cp",
		"--python-version",
		python,
		"--abi",
		cp,
		"--abi",
		"abi3",
		"--abi",
		"none",
	}
	for minor := newestGlibc; minor >= 5; minor-- {
		tags = append(tags, "--platform", fmt.Sprintf("manylinux_2_%d_%s", minor, machine))
	}
	return append(tags, "--platform", "manylinux2014_"+machine)
}

// copyFiles copies the visible files of a folder to another.
func copyFiles(from, to string) error {
	if err := errors.Join(os.MkdirAll(to, 0o755), os.Chmod(to, 0o755)); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(from, entry.Name()))
		if err != nil {
			return err
		}
		file := filepath.Join(to, entry.Name())
		// The image contains the mode too, so it must not depend on the umask.
		if err := errors.Join(os.WriteFile(file, data, 0o644), os.Chmod(file, 0o644)); err != nil {
			return err
		}
	}
	return nil
}
