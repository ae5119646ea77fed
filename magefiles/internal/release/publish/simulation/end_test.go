package simulation

import (
	"errors"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// standing returns the versions that may be named by latest and the like: recorded
// as healthy and not rolled back. gone are those that were rolled back.
func (s *sim) standing(v view) (standing map[string]string, gone []string) {
	standing = map[string]string{}
	if !s.script.first {
		standing[before] = workshop.built[before][0].Image.Digest
	}
	for _, which := range s.script.releases {
		for _, release := range v.releases["v"+which.version] {
			record, stored := v.record(release)
			switch {
			case !stored || !record.Proven || record.Prerelease:
			case record.RolledBack != "":
				gone = append(gone, which.version)
			default:
				standing[which.version] = record.Image.Digest
			}
		}
	}
	return standing, gone
}

// highest returns the highest of the versions that begin with a prefix, "" when there
// is none.
func highest(versions map[string]string, prefix string) (best string) {
	for version := range versions {
		if strings.HasPrefix(version, prefix) && (best == "" || parsed(version).Compare(parsed(best)) > 0) {
			best = version
		}
	}
	return best
}

// checkNames checks that each moving tag, and GitHub's badge, is the highest
// healthy version's.
func (s *sim) checkNames(v view) {
	standing, gone := s.standing(v)
	lines := map[string]string{"latest": ""}
	for version := range standing {
		if version != before {
			parts := strings.Split(version, ".")
			lines[parts[0]+"."+parts[1]] = parts[0] + "." + parts[1] + "."
		}
	}
	for tag, prefix := range lines {
		best := highest(standing, prefix)
		if best == "" && len(gone) > 0 {
			continue // what was rolled back had nothing before it, and stays
		}
		if want := standing[best]; v.tags[tag] != want {
			s.fail(
				"%s is %s (%q), expected %s (%s)",
				tag,
				workshop.version[v.tags[tag]],
				short(v.tags[tag]),
				best,
				short(want),
			)
		}
	}
	best := highest(standing, "")
	if want := "v" + best; best != "" && v.badge() != want && !s.publishedByHand() {
		s.fail("GitHub's badge is on %q, expected %s", v.badge(), want)
	}
}

func (s *sim) publishedByHand() bool {
	for _, did := range s.truth.hands {
		if did[publishDraft] {
			return true
		}
	}
	return false
}

// checkEnd checks what there is when everything was run to its end.
func (s *sim) checkEnd(outcome []error) {
	v := s.view()
	for i, which := range s.script.releases {
		tag := "v" + which.version
		if outcome[i] != nil {
			s.checkRefusal(v, which, outcome[i])
			continue
		}
		release, out := v.public(tag)
		if !out && s.rolledBack(v, tag) {
			continue
		}
		if !out {
			s.fail("%s is not out at the end, though its run ended well", tag)
			continue
		}
		s.checkComplete(v, which, release)
	}
	if !s.deletedByHand() {
		s.checkNames(v)
	}
	s.checkBranch(v, outcome)
}

// rolledBack reports whether a version's record says that it was rolled back.
func (s *sim) rolledBack(v view, tag string) bool {
	for _, release := range v.releases[tag] {
		if record, _ := v.record(release); record.RolledBack != "" {
			return true
		}
	}
	return false
}

func (s *sim) deletedByHand() bool {
	for _, did := range s.truth.hands {
		if did[deleteDraft] {
			return true
		}
	}
	return false
}

// checkRefusal checks that a release that did not come out had a reason.
func (s *sim) checkRefusal(v view, which released, err error) {
	tag := "v" + which.version
	text := err.Error()
	refused := strings.Contains(text, "release the next")
	switch hands := s.truth.hands[tag]; {
	case errors.Is(err, errUnhealthy):
		if _, out := v.public(tag); out && !hands[publishDraft] {
			s.fail("%s is out, and not healthy", tag)
		}
		return
	case refused && strings.Contains(text, "was rolled back"):
		return
	case refused && (hands[deleteDraft] || hands[publishDraft]):
		return
	case refused && s.script.immutable && s.truth.late[tag]:
		return
	}
	s.fail("%s can't be completed: %v", tag, err)
}

// checkComplete checks that nothing of a release that came out is missing.
func (s *sim) checkComplete(v view, which released, release standin.Release) {
	tag := "v" + which.version
	record, stored := v.record(release)
	if !stored {
		s.fail("%s has no record at the end", tag)
		return
	}
	if hands := s.truth.hands[tag]; len(v.releases[tag]) != 1 && !hands[publishDraft] && !hands[addFile] &&
		!hands[editNotes] {
		s.fail("%s has %d releases at the end", tag, len(v.releases[tag]))
	}
	wanted := len(record.Files)
	for _, name := range s.ownFiles() {
		if record.RolledBack == "" && (!s.script.immutable || !s.truth.hands[tag][publishDraft]) ||
			slices.ContainsFunc(release.Assets, func(a standin.Asset) bool { return a.Name == name }) {
			wanted++
		}
	}
	for _, file := range record.Files {
		named := func(a standin.Asset) bool { return a.Name == file.Name }
		switch {
		case holds(release, file.Name, file.SHA256):
		case record.RolledBack != "" && !slices.ContainsFunc(release.Assets, named):
			wanted-- // nobody completes what was rolled back
		case record.RolledBack != "":
		default:
			s.fail("%s lacks %s at the end", tag, file.Name)
		}
	}
	added := func(r standin.Release) bool {
		return slices.ContainsFunc(r.Assets, func(a standin.Asset) bool { return a.Name == addedFile })
	}
	if added(release) {
		wanted++
	}
	if s.truth.added[tag] && !slices.ContainsFunc(v.releases[tag], added) { // a second draft stays for it
		s.fail("%s lacks the file that a person added", tag)
	}
	if len(release.Assets) != wanted {
		s.fail("%s has %d files at the end, expected %d: %+v", tag, len(release.Assets), wanted, release.Assets)
	}
	written := func(r standin.Release) bool { return strings.Contains(r.Body, "P.S. by a person.") }
	if s.truth.words[tag] && !slices.ContainsFunc(v.releases[tag], written) {
		s.fail("what a person wrote into the notes of %s is gone", tag)
	}
	if !strings.Contains(release.Body, record.Image.Digest) && record.RolledBack == "" &&
		!s.truth.hands[tag][publishDraft] {
		s.fail("the notes of %s do not name its image", tag)
	}
	if withdrawn := strings.HasSuffix(release.Name, "(withdrawn)"); withdrawn != (record.RolledBack != "") {
		s.fail(
			"the release %s is called %q, and its record says it was rolled back: %q",
			tag,
			release.Name,
			record.RolledBack,
		)
	}
	if record.RolledBack == "" {
		s.checkNotified(v, which, record)
	}
}

// ownFiles returns the files of a release that its record does not list.
func (s *sim) ownFiles() []string {
	if s.script.signed {
		return []string{publish.StateFile, publish.StateFile + signature.Suffix}
	}
	return []string{publish.StateFile}
}

// checkNotified checks that everybody was notified of a release, once.
func (s *sim) checkNotified(v view, which released, record publish.State) {
	tag := "v" + which.version
	if v.messages[tag] != 1 || record.Announced.State != "posted" {
		s.fail("%s was announced %d times, and its record says %q", tag, v.messages[tag], record.Announced.State)
	}
	second := record.Announcements[announce.KindWebhook].State
	if s.script.elsewhere && (v.posts[tag] != 1 || second != "posted") {
		s.fail("%s was announced elsewhere %d times, and its record says %q", tag, v.posts[tag], second)
	}
	rebuilt := slices.ContainsFunc(
		v.state.GitHub.Dispatches,
		func(d standin.Dispatch) bool { return strings.Contains(d.Payload, `"`+tag+`"`) },
	)
	if rebuilt != which.docs {
		s.fail("%s: whether the docs were rebuilt is %v, expected %v", tag, rebuilt, which.docs)
	}
}

// checkBranch checks that the default branch, or a pull request to it, has the
// highest version that came out.
func (s *sim) checkBranch(v view, outcome []error) {
	highest := before
	for i, which := range s.script.releases {
		for _, release := range v.releases["v"+which.version] {
			if record, _ := v.record(
				release,
			); record.RolledBack != "" ||
				outcome[i] != nil && record.VersionFiles != "" {
				return // it may have written its version, or not
			}
		}
		if outcome[i] == nil && !strings.Contains(which.version, "-") &&
			parsed(which.version).Compare(parsed(highest)) > 0 {
			highest = which.version
		}
	}
	branch := "main"
	if s.script.protected && highest != before {
		branch = "odin-release/v" + highest
	}
	hash, _ := s.git.Inside(noContext, s.git.refs["refs/heads/"+branch], "VERSION")
	if got := strings.TrimSpace(string(s.git.objects[hash].content)); got != highest {
		s.fail("VERSION on %s is %q, expected %q", branch, got, highest)
	}
	open := map[string]int{}
	for _, pull := range v.state.GitHub.Pulls {
		if open[pull.Head]++; open[pull.Head] > 1 {
			s.fail("%s was proposed twice", pull.Head)
		}
	}
}
