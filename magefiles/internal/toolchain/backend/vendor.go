package backend

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/download"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

const vendorTarget = "backend:vendor"

// machines are the names of the images' architectures in wheels.
var machines = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}

// newestGlibc is the newest glibc 2.x that a vendored wheel may need. Debian 12 has
// 2.36; current manylinux wheels are built for 2.28.
const newestGlibc = 28

// Containers run builds in containers, such as BuildKit.
type Containers interface {
	// Export builds the Dockerfile in dir, which is also the build context, for a platform, and writes the files of
	// its last stage to dest.
	Export(ctx context.Context, dir, platform, dest string) error
}

// Vendor checks the lock and writes its wheels to dest: one folder per platform (linux-amd64, …), which also
// contains the lock of that platform. That lock is also written in two parts: native.txt in the same folder, and
// portable.txt in dest for the wheels that are the same on all platforms. Native code is compiled in containers.
// Vendor returns the lock as a requirements file with hashes.
func (t Toolchain) Vendor(ctx context.Context, dest string, platforms []string, in Containers) ([]byte, error) {
	lock, err := vendoring{t, in}.vendor(ctx, dest, platforms)
	return lock, run.Named(vendorTarget, err)
}

// vendoring checks the lock of the image and fetches its wheels.
type vendoring struct {
	Toolchain
	in Containers
}

func (t vendoring) vendor(ctx context.Context, dest string, platforms []string) ([]byte, error) {
	vendor := t.App.Config.Build.Vendor
	if _, err := os.Stat(t.App.Path(vendor.Lock)); errors.Is(err, fs.ErrNotExist) {
		return nil, missingVendor(vendor)
	}
	uv, err := t.UV(ctx, vendorTarget)
	if err != nil {
		return nil, err
	}
	lock, err := t.lock(ctx, uv)
	if err != nil {
		return nil, err
	}
	staged := dest + ".tmp"
	if err := errors.Join(os.RemoveAll(staged), os.RemoveAll(dest)); err != nil {
		return nil, err
	}
	var folders []string
	for _, platform := range platforms {
		folder := strings.ReplaceAll(platform, "/", "-")
		folders = append(folders, folder)
		wheels, err := t.wheels(ctx, platform, lock)
		if err != nil {
			return nil, fmt.Errorf("wheels for %s: %w", platform, err)
		}
		if err := copyFiles(wheels, filepath.Join(staged, folder)); err != nil {
			return nil, err
		}
	}
	if err := writeLists(staged, folders); err != nil {
		return nil, err
	}
	return lock, os.Rename(staged, dest)
}

// lock returns the image's lock as a requirements file, after checking it. The lock of a project is exported.
func (t vendoring) lock(ctx context.Context, uv string) ([]byte, error) {
	vendor := t.App.Config.Build.Vendor
	file := t.App.Path(vendor.Lock)
	if IsProjectLock(vendor.Lock) {
		dir, err := t.Scratch.Dir("lock")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		file = filepath.Join(dir, "requirements.lock")
		if path.Base(vendor.Lock) == poetryLockFile {
			err = projects{t.Toolchain}.exportPoetry(ctx, vendorTarget, vendor.Lock, file, "--only", "main")
		} else {
			err = projects{t.Toolchain}.exportUV(ctx, vendorTarget, uv, vendor.Lock, file)
		}
		if err != nil {
			return nil, err
		}
	}
	lock, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the lock: %w", err)
	}
	pins, err := Pins(vendor.Lock, lock)
	if err != nil {
		return nil, err
	}
	if !IsProjectLock(vendor.Lock) {
		err = t.checkLock(ctx, uv, pins)
	}
	return lock, errors.Join(err, checkTested(t.App, pins))
}

// wheels returns a cached folder with the wheels of the lock for one platform.
func (t vendoring) wheels(ctx context.Context, platform string, lock []byte) (string, error) {
	vendor := t.App.Config.Build.Vendor
	bin, err := t.Tools.Python(ctx, vendorTarget)
	if err != nil {
		return "", err
	}
	others, sources, err := t.sources(lock)
	if err != nil {
		return "", err
	}
	parts := []string{platform, vendor.Python, string(lock)}
	if len(sources) > 0 {
		parts = append(parts, string(sources), string(builders), tools.PythonPins())
	}
	if vendor.Compiler != "" {
		parts = append(parts, vendor.Compiler, string(compilers), compileFile)
	}
	run.Status(ctx, "looking for the wheels of %s", platform)
	defer run.EndStatus(ctx)
	return t.Cache.Make(ctx, "wheels", cache.Key(parts...), func(dir string) error {
		to := fetched{dir: dir, platform: platform, partly: len(sources) > 0}
		if err := t.fetch(ctx, bin, to, others); err != nil || len(sources) == 0 {
			return err
		}
		defer os.RemoveAll(filepath.Join(dir, sourcesFolder))
		var wheels string
		if vendor.Compiler == "" {
			wheels, err = t.buildWheels(ctx, filepath.Join(bin, "pip"), dir, sources)
		} else {
			wheels, err = t.compileWheels(ctx, bin, to, sources)
		}
		if err != nil {
			return err
		}
		return addWheels(dir, wheels)
	})
}

// fetched says where wheels are downloaded to.
type fetched struct {
	dir, platform string
	partly        bool // whether their dependencies may be missing
}

// fetch downloads the wheels of a lock for a platform, and writes the lock of that platform
// to requirements.txt beside them.
func (t vendoring) fetch(ctx context.Context, bin string, to fetched, lock []byte) error {
	_, arch, _ := strings.Cut(to.platform, "/")
	machine, ok := machines[arch]
	if !ok {
		return fmt.Errorf("no wheels are known for this architecture; known are amd64 and arm64")
	}
	python := t.App.Config.Build.Vendor.Python
	requirements, whole := filepath.Join(to.dir, "requirements.txt"), filepath.Join(to.dir, ".whole.txt")
	if err := os.WriteFile(whole, lock, 0o644); err != nil {
		return err
	}
	compile := []string{
		filepath.Join(bin, "uv"), "pip", "compile", whole,
		"--python-platform", machine + "-manylinux_2_28", "--python-version", python,
		"--generate-hashes", "--no-header", "--no-annotate", "--only-binary", ":all:", "-o", requirements,
	}
	if to.partly {
		compile = append(compile, "--no-deps")
	}
	get := []string{
		filepath.Join(bin, "pip"), "download", "--progress-bar=raw", "--disable-pip-version-check", "--no-deps",
		"--require-hashes", "--only-binary", ":all:", "-r", requirements, "-d", to.dir,
	}
	for _, args := range [][]string{compile, append(get, wheelTags(machine, python)...)} {
		if _, err := t.Run.Run(
			ctx,
			run.Command{
				For:     vendorTarget,
				Args:    args,
				Dir:     t.App.Root,
				Quiet:   true,
				Log:     true,
				Timeout: 10 * time.Minute,
				Env:     []string{"PYTHONUNBUFFERED=1"},
				Line:    download.Show(ctx, download.Pip()),
			},
		); err != nil {
			return withoutWheel(err)
		}
	}
	return nil
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

// copyFiles copies the visible files of a folder to another one.
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
		if err := writeVendored(filepath.Join(to, entry.Name()), data); err != nil {
			return err
		}
	}
	return nil
}

// writeVendored writes a file of the vendor folder. The image contains the mode too, so it
// must not depend on the umask.
func writeVendored(file string, data []byte) error {
	return errors.Join(os.WriteFile(file, data, 0o644), os.Chmod(file, 0o644))
}
