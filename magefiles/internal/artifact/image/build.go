package image

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Subject describes what an image is built from.
type Subject struct {
	Version    string // without v
	Commit     string
	CommitTime time.Time
	Tree       string // hash of the git tree that it is built from; "" if unknown
	Repository string // web address of the source, or ""
}

// Options say what to build an image from.
type Options struct {
	Engine  Engine
	Step    string // the step that shows the output; "" means image:build
	Image   app.Image
	Of      Subject
	Tag     string // the tag that the attestations name; "" means the version
	Source  string // a copy of the app's source
	Vendor  string // folder of wheels, the build context "vendor"; may be ""
	SBOM    []byte // SPDX JSON to attest for every platform; may be nil
	Dest    string // destination of the OCI layout
	NoCache bool
	Hint    func(string) // called with a hint at how the build could be faster; may be nil
}

// Build builds the image for all its platforms and writes an OCI image layout to
// Options.Dest. Its index.json is the image's own index: the SHA-256 of that file is
// the image's digest in a registry. An earlier layout in Options.Dest lends its layers
// to the build and is removed before it, so a failed build leaves no image.
func Build(ctx context.Context, runner *run.Runner, options Options) (Summary, error) {
	whole := options
	options.Dest += ".part"
	defer os.RemoveAll(options.Dest)
	if err := options.clear(); err != nil {
		return Summary{}, err
	}
	reuseLayers(whole.Dest, options.raw())
	if err := os.RemoveAll(whole.Dest); err != nil {
		return Summary{}, err
	}
	if err := options.export(ctx, runner); err != nil {
		return Summary{}, err
	}
	return Assemble([]string{options.Dest}, whole)
}

// Part builds the image for its platforms and writes BuildKit's export, the input of
// Assemble, to Options.Dest. An earlier export there is removed before the build.
func Part(ctx context.Context, runner *run.Runner, options Options) error {
	if err := options.clear(); err != nil {
		return err
	}
	return options.export(ctx, runner)
}

// raw returns the folder that BuildKit exports to.
func (o Options) raw() string { return o.Dest + ".buildkit" }

func (o Options) clear() error { return errors.Join(os.RemoveAll(o.raw()), os.RemoveAll(o.Dest)) }

// export builds the image and, when that has succeeded, moves BuildKit's export to Options.Dest.
func (o Options) export(ctx context.Context, runner *run.Runner) error {
	defer os.RemoveAll(o.raw())
	result, err := runner.Run(
		ctx,
		run.Command{
			For:     o.step(),
			Dir:     o.Source,
			Timeout: time.Duration(o.Image.Timeout),
			Args:    o.args(o.raw()),
			Env:     []string{fmt.Sprintf("SOURCE_DATE_EPOCH=%d", buildEpoch.Unix())},
			Reason:  reason,
		},
	)
	if err != nil {
		return err
	}
	if hint := o.hint(string(result.Stderr)); hint != "" && o.Hint != nil {
		o.Hint(hint)
	}
	return os.Rename(o.raw(), o.Dest)
}

func (o Options) step() string { return cmp.Or(o.Step, buildTarget) }

// args returns the command line of docker buildx build
// (https://docs.docker.com/reference/cli/docker/buildx/build/).
func (o Options) args(dest string) []string {
	args := []string{"docker", "buildx", "build",
		"--builder", o.Engine.Builder,
		"--platform", strings.Join(o.Image.Platforms, ","),
		"--file", filepath.Join(o.Source, filepath.FromSlash(o.Image.Dockerfile)),
		"--provenance", "mode=max",
		"--progress", "plain",
		"--output", "type=oci,tar=false,rewrite-timestamp=true,compression=uncompressed,name=" + o.reference() +
			",dest=" + dest}
	if o.NoCache {
		args = append(args, "--no-cache")
	}
	if o.Vendor != "" {
		args = append(args, "--build-context", "vendor="+o.Vendor)
	}
	labels := o.annotations()
	if o.Engine.NotForRelease != "" {
		labels[notForRelease] = o.Engine.NotForRelease
	}
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		args = append(args, "--label", key+"="+labels[key])
	}
	of := strings.NewReplacer("{version}", o.Of.Version, "{commit}", o.Of.Commit)
	for _, key := range slices.Sorted(maps.Keys(o.Image.Args)) {
		args = append(args, "--build-arg", key+"="+of.Replace(o.Image.Args[key]))
	}
	if o.Image.Target != "" {
		args = append(args, "--target", o.Image.Target)
	}
	return append(args, filepath.Join(o.Source, filepath.FromSlash(o.Image.Context)))
}

// reference returns the image's name and tag, the subject of its attestations.
func (o Options) reference() string { return o.Image.Name + ":" + cmp.Or(o.Tag, o.Of.Version) }

// annotations returns the image's pre-defined OCI annotations
// (https://github.com/opencontainers/image-spec/blob/main/annotations.md), and the tree
// that it is built from.
func (o Options) annotations() map[string]string {
	annotations := map[string]string{
		VersionKey:                         o.Of.Version,
		revisionKey:                        o.Of.Commit,
		"org.opencontainers.image.created": o.Of.CommitTime.Format(time.RFC3339),
	}
	if o.Of.Tree != "" {
		annotations[treeKey] = o.Of.Tree
	}
	if o.Of.Repository != "" {
		annotations["org.opencontainers.image.source"] = o.Of.Repository
	}
	return annotations
}
