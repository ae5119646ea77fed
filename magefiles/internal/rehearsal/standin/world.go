// Package standin simulates the servers of a release, a registry, GitHub and chat services,
// on loopback, so that a rehearsal runs the same code as a release. Each change is on
// disk before it is acknowledged, so that stand-ins continue after a killed process.
package standin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// The names of the services for Options.Intercept.
const (
	Registry = "registry"
	GitHub   = "github"
	Discord  = "discord"
	Chats    = "chats" // Slack, Mattermost, ntfy, and a webhook of somebody's own
)

// DefaultWebhook is the invented webhook of a World whose Options name none.
const DefaultWebhook = "100000000000000001/rehearsal-webhook-of-no-channel"

// Options configure a World.
type Options struct {
	Dir           string   // where the state is stored
	Repository    string   // owner/name on GitHub
	Others        []string // further repositories on GitHub that accept dispatches: owner/name
	Git           string   // the bare repository behind GitHub's branches, tags and commits
	DefaultBranch string   // "" means main
	Token         string   // token that GitHub and the registry accept; required
	Webhook       string   // the secret part of the webhook, "ID/TOKEN"; "" means DefaultWebhook
	Protected     bool     // the default branch accepts changes through pull requests only
	Immutable     bool     // releases are immutable once they are published
	Referrers     bool     // the registry has the API for referrers, which ghcr.io does not have
	Brief         bool     // GitHub's answers omit most data about users, for fast tests
	// Intercept wraps a service, given by its name, to record, fail or kill requests; may be nil.
	Intercept func(service string, next http.Handler) http.Handler
	Run       *run.Runner // starts git
}

// World is the listening stand-ins.
type World struct {
	options  Options
	registry *registry
	gitHub   *gitHub
	discord  *discord
	chats    *chats
	servers  []*http.Server
	hosts    map[string]string // by service, host:port
}

// Open serves each stand-in on a free port of 127.0.0.1, with the state that an earlier
// World left in Options.Dir. An error names the invalid option or the state file that
// cannot be read.
func Open(ctx context.Context, o Options) (*World, error) {
	if err := o.complete(); err != nil {
		return nil, fmt.Errorf("open the stand-ins: %w", err)
	}
	w := &World{options: o, hosts: map[string]string{}}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("open the stand-ins: %w", err)
	}
	if err := w.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open the stand-ins: %w", err), w.Close())
	}
	return w, nil
}

func (o *Options) complete() error {
	if o.DefaultBranch == "" {
		o.DefaultBranch = "main"
	}
	if o.Webhook == "" {
		o.Webhook = DefaultWebhook
	}
	if o.Intercept == nil {
		o.Intercept = func(_ string, next http.Handler) http.Handler { return next }
	}
	switch {
	case strings.Count(o.Repository, "/") != 1:
		return fmt.Errorf("the repository is %q, expected owner/name", o.Repository)
	case strings.Count(o.Webhook, "/") != 1:
		return errors.New("the webhook's secret part is not of the form ID/TOKEN")
	case o.Token == "":
		return errors.New("no token to accept is named")
	}
	return nil
}

func (w *World) open(ctx context.Context) error {
	var err error
	w.registry, err = openRegistry(filepath.Join(w.options.Dir, Registry), w.options.Token, w.options.Referrers)
	if err != nil {
		return err
	}
	if w.gitHub, err = openGitHub(ctx, filepath.Join(w.options.Dir, GitHub), w.options); err != nil {
		return err
	}
	if w.discord, err = openDiscord(filepath.Join(w.options.Dir, Discord), w.options.Webhook); err != nil {
		return err
	}
	if w.chats, err = openChats(filepath.Join(w.options.Dir, Chats)); err != nil {
		return err
	}
	for _, service := range []string{Registry, GitHub, Discord, Chats} {
		if err := w.serve(ctx, service, w.Handler(service)); err != nil {
			return err
		}
	}
	return nil
}

// serve serves handler on its own port. GitHub's answers contain its address, so the
// address is set before the first request.
func (w *World) serve(ctx context.Context, service string, handler http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for %s: %w", service, err)
	}
	w.hosts[service] = listener.Addr().String()
	if service == GitHub {
		w.gitHub.site.listen(listener.Addr().String())
	}
	server := &http.Server{Handler: w.options.Intercept(service, handler), ReadHeaderTimeout: time.Minute}
	w.servers = append(w.servers, server)
	go func() { _ = server.Serve(listener) }() // Close ends it
	return nil
}

// Close stops listening and drops open connections. Acknowledged changes are kept.
func (w *World) Close() error {
	var all []error
	for _, server := range w.servers {
		all = append(all, server.Close())
	}
	if w.registry != nil {
		all = append(all, w.registry.close())
	}
	if w.gitHub != nil {
		w.gitHub.close()
	}
	if w.discord != nil {
		w.discord.close()
	}
	if w.chats != nil {
		w.chats.close()
	}
	return errors.Join(all...)
}

// Registry returns the registry's address, host:port. It speaks plain HTTP.
func (w *World) Registry() string { return w.hosts[Registry] }

// GitHub returns the root of GitHub's API, with a final slash.
func (w *World) GitHub() string { return "http://" + w.hosts[GitHub] + "/" }

// Webhook returns the address of the Discord webhook.
func (w *World) Webhook() string {
	return "http://" + w.hosts[Discord] + "/api/webhooks/" + w.options.Webhook
}

// Channel returns the address of a channel of a kind, such as slack.
func (w *World) Channel(kind string) string {
	if kind == Discord {
		return w.Webhook()
	}
	return "http://" + w.hosts[Chats] + chatPaths[kind]
}
