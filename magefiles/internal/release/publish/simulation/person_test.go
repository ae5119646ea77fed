package simulation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// hand is something that a person changes by hand.
type hand int

const (
	noHand hand = iota
	deleteFile
	editNotes
	moveLatest
	deleteDraft
	publishDraft
	addFile
	pushMain
	hands // how many there are
)

func (h hand) String() string {
	return [...]string{"nothing", "deletes a file of", "writes into the notes of", "moves latest away from",
		"deletes the draft of", "publishes the draft of", "adds a file to", "pushes to main during"}[h]
}

// found is a release as GitHub lists it.
type found struct {
	ID     int64
	Tag    string `json:"tag_name"`
	Body   string
	Draft  bool
	Assets []asset
}

// asset is a file of a release.
type asset struct {
	ID   int64
	Name string
}

// addedFile is what a person adds to a release.
const addedFile = "firmware.bin"

// byHand lets a person do something about a version.
func (s *sim) byHand(h hand, which released) {
	tag := "v" + which.version
	did := s.hand(h, tag, which.version)
	if did == "" {
		return
	}
	s.figures.hands++
	if s.truth.hands[tag] == nil {
		s.truth.hands[tag] = map[hand]bool{}
	}
	s.truth.hands[tag][h] = true
	s.logf(&run{name: "a person"}, "%s %s: %s", h, tag, did)
}

// hand does it, and says what; "" when there is nothing to do it to.
func (s *sim) hand(h hand, tag, version string) string {
	switch h {
	case moveLatest:
		return s.moveLatestByHand(version)
	case pushMain:
		return s.pushByHand()
	}
	release, there := s.releaseOf(tag)
	if !there {
		return ""
	}
	path := fmt.Sprintf("/repos/%s/releases/%d", repository, release.ID)
	if s.script.immutable && !release.Draft && (h == deleteFile || h == addFile) {
		return "" // GitHub lets nobody do that
	}
	switch h {
	case deleteFile:
		return s.deleteByHand(tag, release)
	case editNotes:
		s.truth.words[tag] = s.truth.words[tag] || s.truth.active[tag] == 0
		body, _ := json.Marshal(
			map[string]string{"body": release.Body + "\nP.S. by a person."},
		) // a string always encodes
		s.asPerson(http.MethodPatch, standin.GitHub, path, "", body)
	case deleteDraft:
		if !release.Draft {
			return ""
		}
		delete(s.truth.added, tag)
		delete(s.truth.words, tag)
		s.asPerson(http.MethodDelete, standin.GitHub, path, "", nil)
	case publishDraft:
		if !release.Draft {
			return ""
		}
		s.asPerson(http.MethodPatch, standin.GitHub, path, "", []byte(`{"draft":false}`))
	case addFile:
		if slices.ContainsFunc(release.Assets, func(a asset) bool { return a.Name == addedFile }) {
			return ""
		}
		s.truth.added[tag] = true
		s.asPerson(
			http.MethodPost,
			standin.GitHub,
			"/uploads"+path+"/assets?name="+addedFile,
			"application/octet-stream",
			[]byte("bits"),
		)
	}
	return fmt.Sprintf("release %d", release.ID)
}

func (s *sim) releaseOf(tag string) (found, bool) {
	var all []found
	_ = json.Unmarshal(
		s.asPerson(http.MethodGet, standin.GitHub, "/repos/"+repository+"/releases?per_page=100", "", nil),
		&all,
	) // it is a list
	for _, release := range all {
		if release.Tag == tag {
			return release, true
		}
	}
	return found{}, false
}

func (s *sim) deleteByHand(tag string, release found) string {
	for _, asset := range release.Assets {
		if strings.HasPrefix(asset.Name, "release.") {
			continue
		}
		if asset.Name == addedFile {
			delete(s.truth.added, tag)
		}
		s.truth.lost[tag+" "+asset.Name] = true
		s.truth.deleted++
		s.asPerson(
			http.MethodDelete,
			standin.GitHub,
			fmt.Sprintf("/repos/%s/releases/assets/%d", repository, asset.ID),
			"",
			nil,
		)
		return asset.Name
	}
	return ""
}

// moveLatestByHand lets latest name what another tool released.
func (s *sim) moveLatestByHand(version string) string {
	v := s.view()
	old := workshop.built[before][0].Image.Digest
	if s.script.first || v.tags["latest"] == "" || v.tags["latest"] != v.tags[version] {
		return ""
	}
	manifest := s.asPerson(http.MethodGet, standin.Registry, "/v2/"+repository+"/manifests/"+old, "", nil)
	s.asPerson(
		http.MethodPut,
		standin.Registry,
		"/v2/"+repository+"/manifests/latest",
		"application/vnd.oci.image.index.v1+json",
		manifest,
	)
	return "to " + before
}

// pushByHand commits something on the default branch.
func (s *sim) pushByHand() string {
	head := s.git.refs["refs/heads/main"]
	commit, err := s.git.PutCommit(
		noContext,
		commitOf(s.git.objects[head].commit.Tree, fmt.Sprintf("docs: more, on %.7s\n", head), head),
	)
	if err != nil {
		return ""
	}
	s.git.refs["refs/heads/main"] = commit
	return "a commit"
}

// asPerson makes a request that nobody disturbs, and gives the answer's body.
func (s *sim) asPerson(method, service, path, mediaType string, body []byte) []byte {
	request, err := http.NewRequestWithContext(noContext, method, path, bytes.NewReader(body))
	if err != nil {
		panic(err) // the address is one
	}
	request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	request.Header.Set("Authorization", "Bearer "+token)
	if service == standin.Registry {
		request.SetBasicAuth("person", token)
	}
	if mediaType != "" {
		request.Header.Set("Content-Type", mediaType)
	}
	got := &recorded{header: http.Header{}}
	s.handlers[service].ServeHTTP(got, request)
	if got.status >= http.StatusBadRequest {
		s.fail("a person can't %s %s: %d %s", method, path, got.status, got.body.String())
	}
	return got.body.Bytes()
}

// answer returns what a person says of announcements that are in override, after a
// look into the channels.
func (s *sim) answer(tag string) publish.Override {
	said := func(posted int) publish.Override {
		if posted > 0 {
			return publish.AlreadyPosted
		}
		return publish.PostAgain
	}
	v := s.view()
	if !s.script.elsewhere {
		return said(v.messages[tag])
	}
	return "discord:" + said(v.messages[tag]) + ",webhook:" + said(v.posts[tag])
}
