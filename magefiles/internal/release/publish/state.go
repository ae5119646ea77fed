package publish

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// StateFile is the state's file: in dist, in the record of the release and, as it was when
// the release went out, with the release.
const StateFile = "release.json"

// State is what was done for a release, as release.json holds it: enough to go
// on from a machine that has nothing else. It holds no times: of two runs that
// did the same, it is the same.
type State struct {
	Version string `json:"version"`
	Tag     string `json:"tag"`
	Commit  string `json:"commit"`
	// Release is GitHub's id of the release. A person may delete a draft: the state is not
	// that of the next one.
	Release      int64           `json:"release,omitempty"`
	Prerelease   bool            `json:"prerelease"`
	Image        *Image          `json:"image,omitempty"`    // nil when the app has none
	Images       []Image         `json:"images,omitempty"`   // besides that
	Files        []artifact.File `json:"files"`              // that are with the release
	Attested     []string        `json:"attested,omitempty"` // types of what is said of the image, and signed
	Notes        string          `json:"notes,omitempty"`    // SHA-256 of what the commits tell in the notes
	Healthy      []verify.Health `json:"healthy,omitempty"`
	Proven       bool            `json:"proven"`                 // the image is healthy on each of its platforms
	Approved     *Approved       `json:"approved,omitempty"`     // nil if no person had to approve it
	Moved        []Move          `json:"moved,omitempty"`        // moving tags, and what they named before
	Badge        string          `json:"badge,omitempty"`        // the tag that was GitHub's latest release before
	Docs         string          `json:"docs,omitempty"`         // how it ended: see the states
	VersionFiles string          `json:"versionFiles,omitempty"` // a state, or the pull request that brings them
	Announced    Announced       `json:"announced"`              // how far the announcement on Discord has come
	// Announcements are those in other channels, by kind. One without a state is to be made.
	Announcements map[string]Announced `json:"announcements,omitempty"`
	RolledBack    string               `json:"rolledBack,omitempty"` // why it was rolled back
	Forced        string               `json:"forced,omitempty"`     // why it was, although users cannot go back

	base string // the commit that it was read from; "" when it is new
	sum  string // SHA-256 of what that holds
}

// Published returns the state as it is when the release goes out: what is known of it then, and
// never changes.
func (s State) Published() State {
	s.Docs, s.VersionFiles, s.RolledBack, s.Forced, s.Release = "", "", "", "", 0
	s.Announced, s.Announcements = Announced{}, nil
	s.base, s.sum = "", ""
	return s
}

// phase says in a few words how far the release is.
func (s State) phase() string {
	switch {
	case s.RolledBack != "":
		return "rolled back"
	case s.notified():
		return "notified"
	case s.Docs != "" || s.VersionFiles != "" || s.Announced.State != "":
		return "being announced"
	case s.Proven:
		return "healthy"
	}
	return "recorded"
}

// Image is the image of a release.
type Image struct {
	Name      string           `json:"name"`
	Tag       string           `json:"tag,omitempty"` // of the version, "" when that is the version itself
	Digest    string           `json:"digest"`
	Platforms []image.Platform `json:"platforms"`
}

// Move is a moving tag on its way to a release.
type Move struct {
	Tag   string `json:"tag"`             // such as latest
	Image string `json:"image,omitempty"` // the name of the image, "" for the app's own
	Line  string `json:"line,omitempty"`  // X or X.Y of its versions, "" for all or when that is the tag itself
	From  string `json:"from"`            // digest that it named before, or ""
	Was   string `json:"was"`             // version of that, "" when it says none
}

// States of a notification.
const (
	stateDone    = "done"
	statePosted  = "posted"
	statePosting = "posting" // begun; whether it was done can't be known
	stateNone    = "not needed"
)

// DocsElsewhere is the state of docs whose command another job runs.
const DocsElsewhere = "left to another job"

// Announced is the state of the announcement. A message can't be looked up, so
// it is recorded before it is posted and after.
type Announced struct {
	State   string `json:"state,omitempty"`
	By      string `json:"by,omitempty"`      // the run that has begun it, by a random name
	Message string `json:"message,omitempty"` // the service's id of it, if it told one
}

// over reports whether nothing is left to be announced.
func (a Announced) over() bool { return a.State == statePosted || a.State == stateNone }

// announced returns how far the announcement in a kind of channel has come.
func (s State) announced(kind string) Announced {
	if kind == announce.KindDiscord {
		return s.Announced
	}
	return s.Announcements[kind]
}

// announce sets it. Copies of the state keep theirs.
func (s *State) announce(kind string, to Announced) {
	if kind == announce.KindDiscord {
		s.Announced = to
		return
	}
	s.Announcements = maps.Clone(s.Announcements)
	if s.Announcements == nil {
		s.Announcements = map[string]Announced{}
	}
	s.Announcements[kind] = to
}

// notified reports whether nobody is left to be notified.
func (s State) notified() bool {
	return s.RolledBack != "" ||
		s.Docs != "" && s.VersionFiles != "" && s.Announced.over() && s.announcedEverywhere()
}

// announcedEverywhere reports whether nothing is left to be announced besides Discord.
func (s State) announcedEverywhere() bool {
	for _, each := range s.Announcements {
		if !each.over() {
			return false
		}
	}
	return true
}

// verifiedBy checks that an image was seen healthy on all of its platforms, by
// the digests that are recorded: another run may have recorded another build
// while this one was verified.
func (s State) verifiedBy(healthy []verify.Health) error {
	for _, name := range s.names() {
		image := s.image(name)
		for _, platform := range image.Platforms {
			seen := func(h verify.Health) bool {
				return h.Image == name && h.Platform == platform.Name && h.Digest == platform.Digest
			}
			if !slices.ContainsFunc(healthy, seen) {
				return fmt.Errorf("%s@%s (%s) of %s was not verified; run postRelease",
					image.Name, platform.Digest, platform.Name, s.Tag)
			}
		}
	}
	return nil
}

// ImageTag returns the image tag of the version.
func (s State) ImageTag() string {
	if s.Image == nil {
		return s.Version
	}
	return cmp.Or(s.Image.Tag, s.Version)
}

// Named returns the image by the tag of the version, as in ghcr.io/ada/shop:1.8.0.
func (s State) Named() string { return s.Image.Name + ":" + s.ImageTag() }

// healthy reports whether the record allows the release to be promoted.
func (s State) healthy() bool { return s.Proven && s.RolledBack == "" }

// JSON returns the record as release.json has it.
func (s State) JSON() []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(s) // plain values always encode
	return out.Bytes()
}

// errUnreadable says that a release.json is not as we write it.
var errUnreadable = errors.New("read " + StateFile)

// ParseState reads what JSON wrote. A record of a newer odin-release may have
// more in it: that is refused, not lost.
func ParseState(data []byte) (State, error) {
	var read struct {
		State
		Carriers string `json:"carriers"` // what versionFiles was called by earlier versions of odin-release
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read); err != nil {
		return State{}, fmt.Errorf("%w: %w; was it written by a newer odin-release?", errUnreadable, err)
	}
	state := read.State
	state.VersionFiles = cmp.Or(state.VersionFiles, read.Carriers)
	if _, err := version.ParseTag(state.Tag); err != nil || state.Commit == "" {
		return State{}, fmt.Errorf("%w: it is not the record of a release", errUnreadable)
	}
	return state, nil
}

// newState returns the state of what is about to be published.
func newState(r Release, built Artifacts) State {
	state := State{
		Version:    r.Plan.Version,
		Tag:        r.Plan.Tag,
		Commit:     r.Plan.Commit,
		Prerelease: r.Plan.Prerelease,
		Files:      built.Files,
		Notes:      sumOf([]byte(notesOf(r))),
	}
	for _, to := range r.Config.Announce.To {
		if r.Config.Announce.Absent == "" && to.Kind != announce.KindDiscord {
			state.announce(to.Kind, Announced{})
		}
	}
	if r.Key != nil {
		for _, claim := range built.Claims {
			state.Attested = append(state.Attested, claim.Type)
		}
	}
	for _, each := range built.images() {
		name := cmp.Or(each.Name, r.Config.Build.Image.Name)
		image := Image{Name: name, Digest: each.Digest, Platforms: each.Platforms}
		if tag := imageTag(r); tag != state.Version {
			image.Tag = tag
		}
		if state.Image == nil {
			state.Image = &image
		} else {
			state.Images = append(state.Images, image)
		}
	}
	return state
}
