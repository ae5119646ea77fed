package standin

import (
	"context"
	"path"
	"regexp"
	"strings"
)

var hexadecimal = regexp.MustCompile(`^[0-9a-f]{4,40}$`)

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
	if hexadecimal.MatchString(name) {
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
	return len(hash) == 40 && hexadecimal.MatchString(hash) && o.Object(ctx, hash, kind) != ""
}
