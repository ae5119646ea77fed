package simulation

import (
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// check holds what must be so after each request against what is there.
func (t *truth) check(s *sim) {
	v := s.view()
	for digest := range t.proven {
		if !t.seen[digest] {
			s.fail("%s is recorded as healthy, and nobody saw it healthy", short(digest))
		}
	}
	for tag, digest := range v.tags {
		t.checkName(s, tag, digest)
	}
	if old := v.releases["v"+before]; !s.script.first &&
		(len(old) != 1 || old[0].Draft || v.tags[before] != workshop.built[before][0].Image.Digest) {
		s.fail("the release v%s, which another tool made, is not what it was: %+v", before, old)
	}
	for _, which := range s.script.releases {
		t.checkRelease(s, v, which)
	}
	for _, tag := range v.state.GitHub.LateWrites {
		// A person who publishes a draft, or takes a file away, makes a run complete the release.
		if did := t.hands[tag]; !did[publishDraft] && !did[deleteFile] && !did[addFile] {
			s.fail("a file of the release %s was written after it was out", tag)
		}
	}
}

// checkName checks that a name leads to an image that may have it.
func (t *truth) checkName(s *sim, tag, digest string) {
	is, known := workshop.version[digest]
	stable := !strings.Contains(is, "-")
	fine := is == before || t.proven[digest]
	switch {
	case !known:
		s.fail("%s names %s, which nobody built", tag, digest)
	case strings.Count(tag, ".") >= 2 && is != tag:
		s.fail("%s names the image of %s", tag, is)
	case !fine:
		s.fail("%s names %s (%s), which is not recorded as healthy", tag, is, short(digest))
	case strings.Count(tag, ".") >= 2: // a version
	case tag != "latest" && !strings.HasPrefix(is, tag+"."):
		s.fail("%s names the image of %s", tag, is)
	case !stable:
		s.fail("%s names a prerelease, %s", tag, is)
	case is != before && s.view().tags[is] != digest:
		s.fail("%s names %s, and its version %s does not", tag, short(digest), is)
	}
}

// checkRelease checks what is out of a version, and what was said of it.
func (t *truth) checkRelease(s *sim, v view, which released) {
	tag := "v" + which.version
	release, out := v.public(tag)
	if v.messages[tag] > 1 || v.posts[tag] > 1 {
		s.fail("%s was announced %d times, and elsewhere %d times", tag, v.messages[tag], v.posts[tag])
	}
	if v.messages[tag]+v.posts[tag] > 0 && !out {
		s.fail("%s was announced, and is not out", tag)
	}
	if pinned := t.pinned[which.version]; pinned != "" && v.tags[which.version] != pinned {
		s.fail("%s was %s when it came out, and is %s now", which.version, short(pinned), short(v.tags[which.version]))
	}
	if !out || t.hands[tag][publishDraft] {
		return
	}
	record, stored := v.record(release)
	switch {
	case !stored:
		s.fail("the release %s is out without a record", tag)
		return
	case !record.Proven:
		s.fail("the release %s is out, and its record does not say that it is healthy", tag)
	case v.tags[which.version] != record.Image.Digest:
		s.fail(
			"the release %s is out as %s, and the registry has %q as %s",
			tag,
			short(record.Image.Digest),
			short(v.tags[which.version]),
			which.version,
		)
	case release.Prerelease != record.Prerelease:
		s.fail("the release %s is out, and whether it is a prerelease is wrong", tag)
	}
	t.pinned[which.version] = v.tags[which.version]
	for _, digest := range t.unsigned(s, v, *record.Image) {
		s.fail("the release %s is out, and its image %s is not signed", tag, short(digest))
	}
	for _, file := range record.Files {
		if !holds(release, file.Name, file.SHA256) && !t.lost[tag+" "+file.Name] {
			s.fail("the release %s is out without its %s", tag, file.Name)
		}
	}
}

// unsigned returns the manifests of an image that are to be signed, and are not.
func (t *truth) unsigned(s *sim, v view, image publish.Image) []string {
	if !s.script.signed {
		return nil
	}
	digests := []string{image.Digest}
	for _, platform := range image.Platforms {
		digests = append(digests, platform.Digest)
	}
	return slices.DeleteFunc(digests, func(digest string) bool {
		return v.state.Registry[0].Attached[digest] == 1
	})
}

func holds(release standin.Release, name, sum string) bool {
	for _, asset := range release.Assets {
		if asset.Name == name {
			return asset.SHA256 == sum && asset.State == "uploaded"
		}
	}
	return false
}

func parsed(text string) version.Version {
	v, err := version.ParseTag("v" + strings.TrimPrefix(text, "v"))
	if err != nil {
		panic(err) // the simulation's own versions are fine
	}
	return v
}
