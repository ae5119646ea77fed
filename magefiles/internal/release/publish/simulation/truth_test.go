package simulation

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// truth is what really happened, which only the simulation knows.
type truth struct {
	records map[string]publish.State // by their content
	seen    map[string]bool          // digests that were seen healthy
	proven  map[string]bool          // digests that are recorded as proven
	pinned  map[string]string        // digests of versions whose release came out
	lost    map[string]bool          // "tag file" that a person deleted
	hands   map[string]map[hand]bool // what a person did to a tag's release
	active  map[string]int           // runs of a tag
	added   map[string]bool          // tags to whose release a person added a file
	words   map[string]bool          // tags into whose notes a person wrote while no run was active
	deleted int                      // files that persons deleted, each time
	late    map[string]bool          // tags of which a person deleted a file when it was too late to see it
}

func newTruth() *truth {
	return &truth{
		records: map[string]publish.State{},
		seen:    map[string]bool{},
		proven:  map[string]bool{},
		pinned:  map[string]string{},
		lost:    map[string]bool{},
		hands:   map[string]map[hand]bool{},
		active:  map[string]int{},
		added:   map[string]bool{},
		words:   map[string]bool{},
		late:    map[string]bool{},
	}
}

// follow notes a release that goes out although a person has deleted a file of it: the run
// looked for the last time before that.
func (t *truth) follow(c *call) {
	_, id, of := strings.Cut(c.request.URL.Path, "/releases/")
	if _, err := strconv.Atoi(id); !of || err != nil {
		return
	}
	switch {
	case c.request.Method == http.MethodGet:
		c.by.seen = t.deleted
	case c.request.Method == http.MethodPatch && bytes.Contains(c.body, []byte(`"draft":false`)):
		t.late[c.by.tag] = t.late[c.by.tag] || c.by.seen < t.deleted
	}
}

// look reports whether an image is healthy, and remembers that it was looked at.
func (t *truth) look(s *sim, r *run, which released, digest string) bool {
	for edition, built := range workshop.built[which.version] {
		if built.Image.Digest == digest && which.healthy[edition] {
			t.seen[digest] = true
			s.logf(r, "sees that %s is healthy", short(digest))
			return true
		}
	}
	s.logf(r, "sees that %s is not healthy", short(digest))
	return false
}

func short(digest string) string { return digest[:min(len(digest), 19)] }

// view is what the stand-ins hold, as the invariants ask for it.
type view struct {
	state    standin.State
	tags     map[string]string // of the image: digests
	releases map[string][]standin.Release
	messages map[string]int           // by tag
	posts    map[string]int           // in the second channel, by tag
	records  map[string]publish.State // by tag
}

func (s *sim) view() view {
	state, err := s.world.State(noContext)
	if err != nil {
		s.fail("the stand-ins can't be looked at: %v", err)
	}
	v := view{state, map[string]string{}, map[string][]standin.Release{}, map[string]int{}, map[string]int{},
		map[string]publish.State{}}
	for _, record := range state.GitHub.Records {
		v.records[record.Name] = s.truth.read(s, record)
	}
	for _, post := range state.Posts {
		v.posts[post.Text]++
	}
	for _, repository := range state.Registry {
		for _, tag := range repository.Tags {
			v.tags[tag.Name] = tag.Digest
		}
	}
	for _, release := range state.GitHub.Releases {
		v.releases[release.Tag] = append(v.releases[release.Tag], release)
	}
	for _, text := range state.Messages {
		var message struct{ Embeds []struct{ URL string } }
		if err := json.Unmarshal([]byte(text), &message); err != nil || len(message.Embeds) != 1 {
			s.fail("a message can't be read: %s", text)
			continue
		}
		v.messages[message.Embeds[0].URL[strings.LastIndex(message.Embeds[0].URL, "/")+1:]]++
	}
	return v
}

// public returns a tag's release if it is out.
func (v view) public(tag string) (standin.Release, bool) {
	for _, release := range v.releases[tag] {
		if !release.Draft {
			return release, true
		}
	}
	return standin.Release{}, false
}

// badge returns the tag with GitHub's badge, "" when none has it.
func (v view) badge() string {
	for _, release := range v.state.GitHub.Releases {
		if release.Latest {
			return release.Tag
		}
	}
	return ""
}

// read returns the state in a record, and learns what it says.
func (t *truth) read(s *sim, record standin.Record) publish.State {
	content := record.Files[publish.StateFile]
	if known, is := t.records[content]; is {
		return known
	}
	state, err := publish.ParseState([]byte(content))
	if err != nil {
		s.fail("the record of %s can't be read: %v", record.Name, err)
	}
	t.records[content] = state
	if state.Proven && state.Image != nil {
		t.proven[state.Image.Digest] = true
	}
	return state
}

// record returns what is recorded of a release; false when nothing is.
func (v view) record(release standin.Release) (publish.State, bool) {
	state, is := v.records[release.Tag]
	return state, is
}
