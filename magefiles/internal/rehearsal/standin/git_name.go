package standin

import (
	"context"
	"path"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

var hexadecimal = pattern.Lazy(`^[0-9a-f]{4,40}$`)

// objects finds objects of a git repository by the names that GitHub accepts.
type objects struct{ Git }

func (o objects) commit(ctx context.Context, name string) string {
	return o.Object(ctx, name, "commit")
}

// anyCommit resolves the names of commits that GitHub's API accepts: a branch, a tag,
// heads/…, tags/… or a hash. It refuses git's other spellings.
func (o objects) anyCommit(ctx context.Context, name string) string {
	if name == "" || path.Clean(name) != name || strings.ContainsAny(name, "^~:?*[\\@ ") {
		return ""
	}
	candidates := []string{"refs/heads/" + name, "refs/tags/" + name, "refs/" + name}
	if hexadecimal().MatchString(name) {
		candidates = append(candidates, name)
	}
	for _, candidate := range candidates {
		if hash := o.commit(ctx, candidate); hash != "" {
			return hash
		}
	}
	return ""
}

// exists reports whether a full hash names an object of a kind.
func (o objects) exists(ctx context.Context, hash, kind string) bool {
	return len(hash) == 40 && hexadecimal().MatchString(hash) && o.Object(ctx, hash, kind) != ""
}

// releaseID is the id of the release in a record: it depends on retries.
var releaseID = pattern.Lazy(`\n *"release": \d+,`)

// records returns the refs below refs/odin-release/ with their files, which are in no folder.
func (o objects) records(ctx context.Context) ([]Record, error) {
	refs, err := o.Refs(ctx, "refs/odin-release/")
	if err != nil {
		return nil, err
	}
	var all []Record
	for _, ref := range refs {
		commit, err := o.Commit(ctx, ref[1])
		if err != nil {
			return nil, err
		}
		entries, err := o.Tree(ctx, commit.Tree, false)
		if err != nil {
			return nil, err
		}
		record := Record{Name: ref[0], Files: map[string]string{}}
		for _, entry := range entries {
			content, err := o.Blob(ctx, entry.Hash)
			if err != nil {
				return nil, err
			}
			record.Files[entry.Path] = releaseID().ReplaceAllString(string(content), "")
		}
		all = append(all, record)
	}
	return all, nil
}
