package backend

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// builders pins what builds a wheel.
//
//go:embed builders.txt
var builders []byte

// split separates the blocks of a lock for the named distributions from the others.
func split(lock []byte, names []string) (others, named []byte, found []string) {
	within := false
	for line := range bytes.Lines(lock) {
		if match := pinLine().FindStringSubmatch(strings.TrimSpace(string(line))); match != nil {
			name := normalised(match[1])
			if within = slices.ContainsFunc(names, func(each string) bool { return normalised(each) == name }); within {
				found = append(found, name)
			}
		}
		if within {
			named = append(named, line...)
		} else {
			others = append(others, line...)
		}
	}
	return others, named, found
}

// sources returns the part of a lock that build.vendor.sdists names, and the rest.
func (t vendoring) sources(lock []byte) (others, named []byte, err error) {
	vendor := t.App.Config.Build.Vendor
	others, named, found := split(lock, vendor.Sdists)
	for _, name := range vendor.Sdists {
		if !slices.Contains(found, normalised(name)) {
			return nil, nil, fmt.Errorf("build.vendor.sdists names %s, which is not in %s", name, vendor.Lock)
		}
	}
	return others, named, nil
}

// sourcesFolder is a folder in which wheels are built. It is not vendored.
const sourcesFolder = ".sources"

// wheelEpoch is the time of the files in a wheel that is built: 1980-01-02, as in the image.
const wheelEpoch = "SOURCE_DATE_EPOCH=315619200"

// buildWheels builds the wheels of source distributions below dir, checked against the hashes in the lock, and
// returns their folder. The same source gives the same wheel, since the build tools are pinned and files have a
// fixed time. A wheel for this machine only is refused, since the image has several platforms.
func (t vendoring) buildWheels(ctx context.Context, pip, dir string, sources []byte) (string, error) {
	work := filepath.Join(dir, sourcesFolder)
	list, constraints, built := filepath.Join(work, "sources.txt"), filepath.Join(work, "builders.txt"),
		filepath.Join(work, "wheels")
	if err := errors.Join(os.MkdirAll(built, 0o755), os.WriteFile(list, sources, 0o644),
		os.WriteFile(constraints, builders, 0o644)); err != nil {
		return "", err
	}
	if _, err := t.Run.Run(ctx, run.Command{For: vendorTarget, Dir: work, Quiet: true, Log: true,
		Timeout: 10 * time.Minute,
		Args: []string{
			pip, "wheel", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "--no-deps",
			"--no-binary", ":all:", "--require-hashes", "--build-constraint", constraints, "-r", list, "-w", built,
		},
		Env: []string{wheelEpoch, "PYTHONHASHSEED=0"},
	}); err != nil {
		return "", fmt.Errorf("build the wheels of build.vendor.sdists: %w\n%s", err, compileThere)
	}
	wheels, err := filepath.Glob(filepath.Join(built, "*.whl"))
	if err != nil {
		return "", err
	}
	for _, wheel := range wheels {
		if name := filepath.Base(wheel); !strings.HasSuffix(name, portableSuffix) {
			return "", fmt.Errorf(
				"the source distribution of %s builds %s, which fits only the machine that built it: use a version "+
					"that has wheels for all platforms\n%s", name[:strings.IndexByte(name, '-')], name, compileThere)
		}
	}
	return built, nil
}

// portableSuffix is the suffix of the name of a wheel for any machine (PEP 425).
const portableSuffix = "-none-any.whl"

// compileThere says how native code is compiled.
const compileThere = "If it has to be compiled, name an image with a compiler, by its digest: build: {vendor: " +
	"{compiler: 'python:3.11@sha256:…'}}"

// addWheels copies the built wheels to dir, and adds them to its requirements.txt with their hashes.
func addWheels(dir, built string) error {
	wheels, err := filepath.Glob(filepath.Join(built, "*.whl"))
	if err != nil {
		return err
	}
	requirements, err := os.OpenFile(filepath.Join(dir, "requirements.txt"), os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer requirements.Close()
	for _, wheel := range wheels {
		name := filepath.Base(wheel)
		data, err := os.ReadFile(wheel)
		if err != nil {
			return err
		}
		parts := strings.Split(name, "-")
		_, err = fmt.Fprintf(requirements, "%s==%s \\\n    --hash=sha256:%x\n",
			normalised(parts[0]), parts[1], sha256.Sum256(data))
		if err := errors.Join(err, os.WriteFile(filepath.Join(dir, name), data, 0o644)); err != nil {
			return err
		}
	}
	return requirements.Close()
}

// noWheel matches uv's message for a distribution that only exists as source.
var noWheel = pattern.Lazy(`([A-Za-z0-9][A-Za-z0-9._-]*)==\S+ has no (?:usable )?wheels`)

// withoutWheel says which distribution has no wheel, and which key allows building one.
func withoutWheel(err error) error {
	var failed *run.Error
	if !errors.As(err, &failed) {
		return err
	}
	match := noWheel().FindStringSubmatch(err.Error())
	if match == nil {
		return err
	}
	return fmt.Errorf("%s has no wheel for this platform: it may exist as a source distribution only\n"+
		"To build its wheel, name it in %s: build: {vendor: {sdists: [%s]}}", match[1], app.ConfigFile, match[1])
}
