package simulation

import (
	"context"
	"net/http"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
)

const (
	repository = "hughkantsime/runsodin"
	token      = "ghp_t0kenOfTheSimulation0123456789abcdef"
	webhook    = "100000000000000001/webh00k_of-the-simulation"
)

var noContext = context.Background()

// create makes the stand-ins, and the repository with a tagged commit for each
// version, one upon the other.
func (s *sim) create() error {
	s.git = newGit()
	if err := first(s.git, map[string]string{"VERSION": before + "\n"}, "v"+before); err != nil {
		return err
	}
	head := s.git.refs["refs/heads/main"]
	for _, which := range s.script.releases {
		commit, err := s.git.PutCommit(
			noContext,
			commitOf(s.git.objects[head].commit.Tree, "feat: "+which.version+"\n", head),
		)
		if err != nil {
			return err
		}
		head = commit
		s.git.refs["refs/tags/v"+which.version] = commit
	}
	s.git.refs["refs/heads/main"] = head
	world, err := standin.InMemory(
		standin.Options{
			Repository: repository,
			Token:      token,
			Webhook:    webhook,
			Protected:  s.script.protected,
			Immutable:  s.script.immutable,
			Referrers:  s.script.referrers,
			Brief:      true,
		},
		s.git,
	)
	if err != nil {
		return err
	}
	s.world, s.handlers = world, map[string]http.Handler{}
	for _, service := range []string{standin.Registry, standin.GitHub, standin.Discord, standin.Chats} {
		s.handlers[service] = world.Handler(service)
	}
	return nil
}
