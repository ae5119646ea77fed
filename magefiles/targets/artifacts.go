package targets

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// artifacts returns what dist holds of a release. They are signed if the app signs its releases.
func (p delivery) artifacts(ctx context.Context, out publish.Release) (publish.Artifacts, error) {
	built, err := build.Releasable(ctx, p.trees, out.Plan, p.builder.Purpose)
	if err != nil {
		return publish.Artifacts{}, err
	}
	ready := artifactsOf(p.app, built)
	if ready.Provenance, err = build.ImageProvenance(p.app); err != nil {
		return publish.Artifacts{}, err
	}
	return p.signing().signed(out, ready)
}

// artifactsOf returns what a build left, as it is published.
func artifactsOf(of *app.App, built build.Built) publish.Artifacts {
	list := publish.Artifacts{Dir: of.Path(app.DistDir), Files: built.Files, Image: built.Image}
	for _, each := range built.Images {
		list.Images = append(list.Images, publish.BuiltImage(each))
	}
	return list
}

// expectedArtifacts returns the artifacts that a build of an app will leave, for a drawing of the graph.
func expectedArtifacts(of *app.App) publish.Artifacts {
	var built publish.Artifacts
	for _, each := range app.Images(of.Config) {
		if each.Key == "" {
			built.Image.Digest = "by its digest"
			continue
		}
		more := publish.BuiltImage{Name: each.Image.Name}
		more.Digest = "by its digest"
		built.Images = append(built.Images, more)
	}
	for _, name := range append(build.Attached(of.Config), build.ChecksumsFile) {
		built.Files = append(built.Files, artifact.File{Name: name})
		if of.Config.Signing.Key != "" {
			built.Files = append(built.Files, artifact.File{Name: name + signature.Suffix})
		}
	}
	return built
}
