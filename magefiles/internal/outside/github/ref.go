package github

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// Messages of GitHub about a ref that it did not change.
var (
	refMoved   = []string{"not a fast forward", "not a fast-forward"}
	refExists  = []string{"reference already exists"}
	refMissing = []string{"reference does not exist"}
	// Messages of branch protection and rule sets, as far as they are known:
	// https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository
	refProtected = []string{
		"protected", "rule violation", "rulesets", "through a pull request", "required status check",
		"approving review", "not authorized to push", "verified signature", "merge queue",
	}
)

// refuses reports whether GitHub did not change a ref, with one of these messages.
func refuses(err error, signs []string) bool {
	status := statusOf(err)
	if status != http.StatusForbidden && status != http.StatusUnprocessableEntity {
		return false
	}
	answer := answerOf(err)
	said := strings.ToLower(answer.Message + " " + answer.DocumentationURL)
	return slices.ContainsFunc(signs, func(sign string) bool { return strings.Contains(said, sign) })
}

// refCommit returns the commit of a ref, whose name is without "refs/"; "" if there is none.
func (c *connection) refCommit(ctx context.Context, name, what string) (string, error) {
	found, _, err := c.api.Git.GetRef(ctx, c.repository.Owner, c.repository.Name, name)
	if isMissing(err) {
		return "", nil
	}
	if err != nil {
		return "", c.fail(err, contentsRead, "get the %s", what)
	}
	return found.GetObject().GetSHA(), nil
}

// deleteRef deletes a ref. It succeeds if there is none.
func (c *connection) deleteRef(ctx context.Context, name, what string) error {
	_, err := c.api.Git.DeleteRef(ctx, c.repository.Owner, c.repository.Name, name)
	if err == nil || statusOf(err) == http.StatusNotFound || refuses(err, refMissing) {
		return nil
	}
	return c.fail(err, contentsWrite, "delete the %s", what)
}
