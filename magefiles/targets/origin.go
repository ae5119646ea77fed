package targets

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/app/doctor"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
)

// repositoryAt returns the repository on GitHub that a remote is, given as its address. The error
// says what the user can set instead.
func (o outside) repositoryAt(remote string) (github.Repository, error) {
	const instead = "set GITHUB_REPOSITORY to owner/name of the repository on GitHub"
	if remote == "" {
		return github.Repository{}, errors.New("there is no remote origin on GitHub; " + instead +
			", or origin to https://github.com/OWNER/NAME")
	}
	address, err := url.Parse(plan.WebAddress(remote))
	switch {
	case err != nil || address.Host == "":
		return github.Repository{}, fmt.Errorf("origin %s is not on GitHub; %s", remote, instead)
	case !o.isGitHub(address.Hostname()) && !isAlias(remote, address.Hostname()):
		return github.Repository{}, fmt.Errorf("origin is on %s, not on GitHub; %s", address.Hostname(), instead)
	}
	return github.ParseRepository(address.String())
}

// isGitHub reports whether a host is github.com, or that of the GitHub Enterprise server that the
// environment names.
func (o outside) isGitHub(host string) bool {
	hosts := []string{"github.com", "www.github.com", "ssh.github.com"}
	for _, named := range []string{o.server, o.api} {
		if address, err := url.Parse(named); err == nil && address.Hostname() != "" {
			hosts = append(hosts, address.Hostname(), strings.TrimPrefix(address.Hostname(), "api."))
		}
	}
	return slices.ContainsFunc(hosts, func(each string) bool { return strings.EqualFold(each, host) })
}

// isAlias reports whether a host is a name of the user's own, from ssh_config(5): it may stand for GitHub.
func isAlias(remote, host string) bool {
	return !strings.HasPrefix(remote, "http") && !strings.Contains(host, ".")
}

// here returns the app's repository on GitHub: the one that GitHub Actions names, else that of the
// remote origin with this address.
func (o outside) here(remote string) (github.Repository, error) {
	if o.repository != "" {
		return github.ParseRepository(o.repository)
	}
	return o.repositoryAt(remote)
}

// misnamed returns why the image of an app would be published as that of another app, or nil. It is
// for the repository at a remote; what goes to stand-ins only may have any name.
func (o outside) misnamed(of *app.App, remote string) error {
	if of.Foreign || o.alone {
		return nil
	}
	tree := doctor.Tree{App: of}
	if repository, err := o.here(remote); err == nil {
		tree.Repository = repository.String()
	}
	problem := doctor.ImageName(tree)
	if problem == nil {
		return nil
	}
	return fmt.Errorf("%s: %s; to correct it: %s", problem.Key, problem.What, problem.Fix)
}

// misnamedHere is misnamed for the repository of the session.
func misnamedHere(ctx context.Context, s *session) error {
	address, _ := s.inspected.address(ctx) // without one, the name must be set
	return s.outside.misnamed(s.app, address)
}
