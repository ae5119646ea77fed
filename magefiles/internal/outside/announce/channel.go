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
	// Alive fails if the channel is known not to accept messages. It posts nothing.
	Alive(ctx context.Context) error
}

// The kinds of channels, of app.ChannelKinds.
const (
	KindDiscord    = "discord"
	KindSlack      = "slack"
	KindMattermost = "mattermost"
	KindNtfy       = "ntfy"
	KindWebhook    = "webhook"
)

// Variable is the environment variable that has the address of a kind's channel.
func Variable(kind string) string {
	switch kind {
	case KindNtfy:
		return "NTFY_URL"
	case KindWebhook:
		return "ANNOUNCE_WEBHOOK_URL"
	}
	return strings.ToUpper(kind) + "_WEBHOOK_URL"
}

// Open opens a channel at an address, which is a secret: whoever knows it can post, and an
// error does not contain it.
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
