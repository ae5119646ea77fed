package targets

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// artifacts are what dist holds of the release.
func (p publication) artifacts(ctx context.Context, out publish.Release) (publish.Artifacts, error) {
	built, err := build.Releasable(ctx, p.trees, out.Plan, p.builder.Purpose)
	if err != nil {
		return publish.Artifacts{}, err
	}
	ready := artifactsOf(p.app, built)
	if ready.Provenance, err = build.ImageProvenance(p.app); err != nil {
		return publish.Artifacts{}, err
	}
	return p.signed(out, ready)
}

// artifactsOf is what a build left, as it is published.
func artifactsOf(of *app.App, built build.Built) publish.Artifacts {
	list := publish.Artifacts{Dir: of.Path(app.DistDir), Files: built.Files, Image: built.Image}
	for _, each := range built.Images {
		list.Images = append(list.Images, publish.BuiltImage(each))
	}
	return list
}

// expected are the artifacts that a build will leave, for a drawing.
func (p publication) expected() publish.Artifacts {
	var built publish.Artifacts
	for _, each := range app.Images(p.app.Config) {
		if each.Key == "" {
			built.Image.Digest = "by its digest"
			continue
		}
		more := publish.BuiltImage{Name: each.Image.Name}
		more.Digest = "by its digest"
		built.Images = append(built.Images, more)
	}
	for _, name := range append(build.Attached(p.app.Config), build.ChecksumsFile) {
		built.Files = append(built.Files, artifact.File{Name: name})
		if p.app.Config.Signing.Key != "" {
			built.Files = append(built.Files, artifact.File{Name: name + signature.Suffix})
		}
	}
	return built
}
