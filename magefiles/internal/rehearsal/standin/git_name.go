package standin

import (
	"context"
	"path"
	"regexp"
	"strings"
)

var hexadecimal = regexp.MustCompile(`^[0-9a-f]{4,40}$`)

func (g *gitHub) commit(ctx context.Context, name string) string {
	return g.git.Object(ctx, name, "commit")
}

// anyCommit resolves the names of commits that GitHub's API accepts: a branch, a tag,
// heads/…, tags/… or a hash. It refuses git's other spellings.
func (g *gitHub) anyCommit(ctx context.Context, name string) string {
	if name == "" || path.Clean(name) != name || strings.ContainsAny(name, "^~:?*[\\@ ") {
		return ""
	}
	candidates := []string{"refs/heads/" + name, "refs/tags/" + name, "refs/" + name}
	if hexadecimal.MatchString(name) {
		candidates = append(candidates, name)
	}
	for _, candidate := range candidates {
		if hash := g.commit(ctx, candidate); hash != "" {
			return hash
		}
	}
	return ""
}
