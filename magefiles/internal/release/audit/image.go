package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// called is how an image is called: the app's own one just "image", and others by their names.
type called struct {
	name string
	own  bool
}

// in puts the name of a further image behind a text.
func (c called) in(text string) string {
	if c.own {
		return text
	}
	return text + " (" + c.name + ")"
}

// image checks what the registry serves of an image, and that it is signed.
func (i *inspection) image(ctx context.Context, image publish.Image, called called) {
	from, err := i.Registry(image.Name)
	if err != nil {
		i.add(called.in("image"), image.Name, err)
		return
	}
	tag := i.state.ImageTag()
	named, err := from.Digest(ctx, tag)
	if err = NotChecked(err); err == nil && named != image.Digest && (i.Draft == nil || named != "") {
		err = fmt.Errorf("%s:%s is %q, and the record says %s", image.Name, tag, named, image.Digest)
	}
	i.add(called.in("image "+tag), image.Digest, err)
	if i.Draft == nil { // the moving tags follow when it is made public
		i.rows = append(i.rows, called.moved(ctx, from, image.Digest, i.state)...)
	}
	says, err := isVersion(ctx, from, image.Digest, i.state.Version)
	i.add(called.in("version of the image"), says, err)
	platforms, err := from.Platforms(ctx, image.Digest)
	if err = answered(err); err == nil && len(platforms) != len(image.Platforms) {
		err = fmt.Errorf("it has %d platforms, and the record says %d", len(platforms), len(image.Platforms))
	}
	for _, each := range image.Platforms {
		problem := err
		if problem == nil && platforms[each.Name] != each.Digest {
			problem = fmt.Errorf("it is %q, and the record says %s", platforms[each.Name], each.Digest)
		}
		i.add(called.in("image for "+each.Name), each.Digest, problem)
	}
	if i.key == nil {
		i.absent(called.in("what is attached to the image"), unsigned(i.state, called.own))
		return
	}
	i.attested(ctx, from, called.in("the image"), image.Digest)
	for _, each := range image.Platforms {
		i.attested(ctx, from, called.in(each.Name), each.Digest)
	}
}

// moved looks at what the tags lead to that were moved to the release: to its image, or to that of
// another release since. What says that it is this version must be its image.
func (c called) moved(ctx context.Context, from *registry.Repository, digest string, of publish.State) []Row {
	var rows []Row
	says := map[string]Row{} // by digest: several tags lead to the same
	for _, move := range of.Moved {
		if c.own != (move.Image == "") || !c.own && move.Image != c.name {
			continue
		}
		now, err := from.Digest(ctx, move.Tag)
		row, known := says[now]
		switch {
		case err != nil:
			row = Row{Problem: NotChecked(err)}
		case known:
		case now == digest:
			row = Row{Seen: digest}
		case now == "":
			row = Row{Absent: "there is no such tag any more"}
		default:
			row = other(ctx, from, now, of.Version)
		}
		if err == nil {
			says[now] = row
		}
		row.What = c.in("image " + move.Tag)
		rows = append(rows, row)
	}
	return rows
}

// other returns what an image says that it is, which must not be a version that another image is.
func other(ctx context.Context, from *registry.Repository, digest, version string) Row {
	switch says, err := from.Version(ctx, digest); {
	case err != nil:
		return Row{Problem: answered(err)}
	case says == "":
		return Row{Absent: "it names " + digest + ", which does not say what it is"}
	case strings.TrimPrefix(says, "v") == version:
		return Row{Problem: fmt.Errorf("it names %s, which says that it is %s, and is not its image", digest, says)}
	default:
		return Row{Absent: "it names " + says}
	}
}

// isVersion checks that an image says itself which version it is: a signature of another version's
// image would hold, too.
func isVersion(ctx context.Context, from *registry.Repository, digest, version string) (says string, err error) {
	says, err = from.Version(ctx, digest)
	if err = answered(err); err == nil && says != version {
		err = fmt.Errorf("the image says that it is %q", says)
	}
	return says, err
}

// unsigned says what of an image is not signed, in a release that no key has signed.
func unsigned(state publish.State, own bool) string {
	switch {
	case recorded(state, build.PublicKeyFile):
		return "there is no key to check it with"
	case !recorded(state, build.ImageProvenanceFile):
		return "no key has signed the image, or an SBOM or VEX of it"
	case !own:
		return "no key has signed the image, or an SBOM or VEX of it, and GitHub attests only the app's own image"
	}
	return "no key has signed an SBOM or VEX of it, and GitHub attests the image as a whole"
}

// claims are what may be said of an image, by the file with the predicate; "" for none.
var claims = []struct{ what, predicateType, file string }{
	{"signature", signature.Signed, ""},
	{"SBOM", signature.SPDX, build.SBOMFile},
	{"provenance", signature.Provenance, ""},
	{"VEX", signature.VEX, ""},
}

// attested checks that what the record says of a manifest is said of it, signed by the key.
func (i *inspection) attested(ctx context.Context, from *registry.Repository, what, digest string) {
	list, err := from.Referrers().List(ctx, digest)
	for _, claim := range claims {
		if claim.predicateType != signature.Signed && !slices.Contains(i.state.Attested, claim.predicateType) {
			continue
		}
		problem := answered(err)
		if problem == nil {
			problem = i.claimed(ctx, from, list, digest, claim.predicateType, i.content[claim.file])
		}
		i.add(claim.what+" of "+what, digest, problem)
	}
}

var errUnsigned = errors.New("there is none by this key")

// claimed looks for a statement among the referrers of a manifest. What somebody else has
// attached there is passed over.
func (i *inspection) claimed(
	ctx context.Context, from *registry.Repository, list []registry.Referrer, digest, kind string, predicate []byte,
) error {
	problem := errUnsigned
	for _, each := range list {
		if each.PredicateType != kind {
			continue
		}
		bundle, is, err := from.Referrers().Read(ctx, each.Digest)
		if err != nil || !is {
			problem = errors.Join(problem, answered(err))
			continue
		}
		said, err := signature.Check(bundle.Content, *i.key, digest, kind)
		if err == nil && predicate != nil && !sameJSON(said.Predicate, predicate) {
			err = errors.New("it is another one than the file of the release")
		}
		if err == nil {
			return nil
		}
		problem = errors.Join(problem, err)
	}
	return problem
}

// sameJSON reports whether two texts are the same but for white space.
func sameJSON(a, b []byte) bool {
	var one, other bytes.Buffer
	return json.Compact(&one, a) == nil && json.Compact(&other, b) == nil && bytes.Equal(one.Bytes(), other.Bytes())
}
