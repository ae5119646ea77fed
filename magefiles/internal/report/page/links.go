package page

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// links makes web addresses for commits and files of a release.
type links struct{ repository, commit, folder string }

func linksOf(r *Release) links {
	if r == nil || !strings.HasPrefix(r.Repository, "https://") {
		return links{}
	}
	return links{r.Repository, r.Commit, r.Folder}
}

var (
	hash     = pattern.Lazy(`^[0-9a-f]{7,40}$`)
	fileLine = pattern.Lazy(`^(.+?)(?::([0-9]+))?$`)
)

// where returns the address of a commit, or of a file with a line, or "" if it has none.
func (l links) where(place string) string {
	if hash().MatchString(place) {
		return l.ToCommit(place)
	}
	if found := fileLine().FindStringSubmatch(place); found != nil && strings.ContainsAny(place, "./") {
		return l.file(found[1], found[2])
	}
	return ""
}

// ToCommit returns the address of a commit, or "" if it has none.
func (l links) ToCommit(commit string) string {
	if l.repository == "" {
		return ""
	}
	return l.repository + "/commit/" + url.PathEscape(commit)
}

// file returns the address of a file, at a line unless line is "".
func (l links) file(name, line string) string {
	if l.repository == "" || l.commit == "" {
		return ""
	}
	parts := strings.Split(path.Join(l.folder, name), "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	address := fmt.Sprintf("%s/blob/%s/%s", l.repository, url.PathEscape(l.commit), strings.Join(parts, "/"))
	if line != "" && line != "0" {
		address += "#L" + line
	}
	return address
}

// place is a text that may be a link.
type place struct{ Text, Address string }

// Place returns a place, which is a commit, or a file with a line.
func (l links) Place(where string) place { return place{where, l.where(where)} }

// Line returns the place of a line of a file; 0 means the whole file.
func (l links) Line(name string, line int) place {
	if line <= 0 {
		return place{name, l.file(name, "")}
	}
	return place{fmt.Sprintf("%s:%d", name, line), l.file(name, fmt.Sprint(line))}
}
