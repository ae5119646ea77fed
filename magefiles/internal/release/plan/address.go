package plan

import (
	"net/url"
	"regexp"
	"strings"
)

// scpLike is git's short form of an SSH address: user@host:path.
var scpLike = regexp.MustCompile(`^(?:[^@/]+@)?([^:/]+):([^/].*)$`)

// webAddress turns a git remote into the address that a browser would open,
// without credentials; a local path gives "".
func webAddress(remote string) string {
	if match := scpLike.FindStringSubmatch(remote); match != nil {
		remote = "ssh://" + match[1] + "/" + match[2]
	}
	parsed, err := url.Parse(remote)
	if err != nil || parsed.Host == "" {
		return ""
	}
	host := parsed.Hostname()
	if strings.HasPrefix(parsed.Scheme, "http") {
		host = parsed.Host // an SSH port is not the web's
	}
	return "https://" + host + strings.TrimSuffix(parsed.Path, ".git")
}
