package announce

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// Channel is a place where a release is announced.
type Channel interface {
	// Announce posts the announcement of a release. If the error is ErrUncertain, it may
	// have been posted; with any other error it was not.
	Announce(ctx context.Context, r Release) (Posted, error)
	// Alive returns an error if the channel is known not to accept messages. It posts nothing.
	Alive(ctx context.Context) error
}

// The kinds of channels, as in app.ChannelKinds.
const (
	KindDiscord    = "discord"
	KindSlack      = "slack"
	KindMattermost = "mattermost"
	KindNtfy       = "ntfy"
	KindWebhook    = "webhook"
)

// Variable returns the name of the environment variable with the address of a channel of this kind.
func Variable(kind string) string {
	switch kind {
	case KindNtfy:
		return "NTFY_URL"
	case KindWebhook:
		return "ANNOUNCE_WEBHOOK_URL"
	}
	return strings.ToUpper(kind) + "_WEBHOOK_URL"
}

// Open opens a channel at an address. The address is a secret, since anyone who knows it can post; errors do not
// contain it.
func Open(to app.Destination, address string, transport http.RoundTripper) (Channel, error) {
	kind := to.Kind
	if kind == KindDiscord {
		return New(address, transport)
	}
	h, err := newIncoming(kind, address, transport)
	if err != nil {
		return nil, err
	}
	switch kind {
	case KindSlack:
		h.vendor = "Slack"
		return Slack{h}, nil
	case KindMattermost:
		h.vendor = "Mattermost"
		return Mattermost{h}, nil
	case KindNtfy:
		h.vendor = "ntfy"
		return newNtfy(h)
	case KindWebhook:
		h.vendor = "the webhook"
		template, err := app.ParseTemplate(to.Body, app.AnnouncementPlaceholders)
		return Custom{h, template}, err
	}
	return nil, fmt.Errorf("there is no channel of the kind %q", kind)
}
