package plan

import (
	"net/url"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// scpLike is git's short form of an SSH address: user@host:path.
var scpLike = pattern.Lazy(`^(?:[^@/]+@)?([^:/]+):([^/].*)$`)

// WebAddress returns the web address of a git remote, without credentials, or "" for a
// local path.
func WebAddress(remote string) string {
	if match := scpLike().FindStringSubmatch(remote); match != nil {
		remote = "ssh://" + match[1] + "/" + match[2]
	}
	parsed, err := url.Parse(remote)
	if err != nil || parsed.Host == "" {
		return ""
	}
	host := parsed.Hostname()
	if strings.HasPrefix(parsed.Scheme, "http") {
		host = parsed.Host // the port of an SSH address is not that of the web server
	}
	return "https://" + host + strings.TrimSuffix(parsed.Path, ".git")
}
