package standin

import (
	"fmt"
	"io"
	"net/http"
)

// memoryHosts are the invented addresses of stand-ins that do not listen.
var memoryHosts = map[string]string{Registry: "127.0.0.1:1001", GitHub: "127.0.0.1:1002", Discord: "127.0.0.1:1003",
	Chats: "127.0.0.1:1004"}

// InMemory returns stand-ins that do not listen and write nothing to disk: Handler
// answers for them, one request at a time. It ignores Options.Dir, Git, Run and
// Intercept; repository is the git repository behind GitHub. It is for tests that
// simulate thousands of releases.
func InMemory(o Options, repository Git) (*World, error) {
	if err := o.complete(); err != nil {
		return nil, fmt.Errorf("make stand-ins in memory: %w", err)
	}
	w := &World{
		options:  o,
		hosts:    memoryHosts,
		registry: newRegistry(o.Token, o.Referrers),
		gitHub:   newGitHub(o, repository, assetBytes{}),
		discord:  &discord{webhook: o.Webhook},
		chats:    &chats{},
	}
	w.registry.journal = discarded{io.Discard}
	w.gitHub.site.listen(w.hosts[GitHub])
	return w, nil
}

// Handler returns the handler of a service by name.
func (w *World) Handler(service string) http.Handler {
	return map[string]http.Handler{Registry: w.registry, GitHub: w.gitHub, Discord: w.discord, Chats: w.chats}[service]
}

// discarded is a journal that is not stored.
type discarded struct{ io.Writer }

func (discarded) Close() error { return nil }
