package announce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// ErrUncertain is the error of a Post that may or may not have succeeded: there was no
// response, a broken one, or a server error. Posting again could announce the release
// twice.
var ErrUncertain = errors.New("it is unknown whether the announcement was posted: look at the channel")

// Webhook is the webhook of a Discord channel
// (https://discord.com/developers/docs/resources/webhook#execute-webhook).
type Webhook struct {
	address *url.URL // contains the secret
	token   string
	client  *http.Client
}

var webhookForm = pattern.Lazy(`/webhooks/[0-9]+/([A-Za-z0-9_-]+)/?$`)

// New parses a webhook's address as Discord shows it. An error does not contain the
// address, since whoever knows it can post.
func New(address string, transport http.RoundTripper) (*Webhook, error) {
	parsed, err := url.Parse(strings.TrimSpace(address))
	if err != nil || parsed.Host == "" || parsed.User != nil {
		return nil, errors.New(
			"read DISCORD_WEBHOOK_URL: it is not a web address; expected https://discord.com/api/webhooks/ID/TOKEN",
		)
	}
	if parsed.Scheme != "https" && (parsed.Scheme != "http" || !loopback(parsed.Hostname())) {
		return nil, errors.New(
			"read DISCORD_WEBHOOK_URL: it must begin with https://, so that its token is not sent in the clear",
		)
	}
	form := webhookForm().FindStringSubmatch(parsed.Path)
	if form == nil {
		return nil, errors.New(
			"read DISCORD_WEBHOOK_URL: its path must end in /webhooks/ID/TOKEN; copy it from the channel's " +
				"settings, Integrations, Webhooks",
		)
	}
	parsed.Path, parsed.RawPath, parsed.Fragment = strings.TrimSuffix(parsed.Path, "/"), "", ""
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Webhook{
		address: parsed,
		token:   form[1],
		client:  &http.Client{Transport: transport, CheckRedirect: stay},
	}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Alive returns an error if Discord does not know the webhook. It posts nothing.
// https://discord.com/developers/docs/resources/webhook#get-webhook-with-token
func (w *Webhook) Alive(ctx context.Context) error {
	status, body, err := w.send(ctx, http.MethodGet, "", nil)
	switch {
	case err != nil:
		return fmt.Errorf("check the Discord webhook: %w", err)
	case status != http.StatusOK:
		return fmt.Errorf("check the Discord webhook: %s", w.answer(status, body))
	}
	return nil
}

// Posted is a message that was posted: the ids of the message and the channel.
type Posted struct{ Message, Channel string }

// Post posts a message and waits until Discord has stored it. If the error is
// ErrUncertain, the message may have been posted; with any other error it was not.
// https://discord.com/developers/docs/resources/webhook#execute-webhook
func (w *Webhook) Post(ctx context.Context, p Payload) (Posted, error) {
	encoded, err := json.Marshal(p)
	if err != nil {
		return Posted{}, fmt.Errorf("post to Discord: %w", err)
	}
	status, body, err := w.send(ctx, http.MethodPost, "true", encoded)
	if err := delivered("Discord", status, err, func() string { return w.answer(status, body) }); err != nil {
		return Posted{}, err
	}
	var made struct {
		ID      string `json:"id"`
		Channel string `json:"channel_id"`
	}
	if err := json.Unmarshal(body, &made); err != nil || made.ID == "" {
		return Posted{}, fmt.Errorf("post to Discord: %w (it answered %d, without the message)", ErrUncertain, status)
	}
	return Posted{Message: made.ID, Channel: made.Channel}, nil
}

// Announce posts the announcement of a release.
func (w *Webhook) Announce(ctx context.Context, r Release) (Posted, error) {
	return w.Post(ctx, Message(r))
}

// send sends a request to the webhook; its errors do not contain the address.
func (w *Webhook) send(ctx context.Context, method, wait string, body []byte) (status int, answer []byte, err error) {
	address := *w.address
	if wait != "" {
		query := address.Query()
		query.Set("wait", wait)
		address.RawQuery = query.Encode()
	}
	mediaType := ""
	if body != nil {
		mediaType = "application/json"
	}
	// https://discord.com/developers/docs/reference#user-agent
	const agent = "DiscordBot (https://github.com/hughkantsime/odin-release, 1)"
	return exchange(ctx, w.client, agent, method, &address, mediaType, body)
}

// answer describes a refusal.
func (w *Webhook) answer(status int, body []byte) string {
	switch status {
	case http.StatusNotFound, http.StatusUnauthorized:
		return "Discord knows no such webhook; make one in the channel's settings and put its address into " +
			"DISCORD_WEBHOOK_URL"
	case http.StatusTooManyRequests:
		return "Discord accepts no more requests for now; try again in a few minutes"
	}
	var said struct {
		Message string          `json:"message"`
		Code    int             `json:"code"`
		Errors  json.RawMessage `json:"errors"`
	}
	text := http.StatusText(status)
	if json.Unmarshal(body, &said) == nil && said.Message != "" {
		text = fmt.Sprintf("%s (%d) %s", said.Message, said.Code, said.Errors)
	}
	text = strings.ReplaceAll(strings.Join(strings.Fields(text), " "), w.token, "***")
	if runes := []rune(text); len(runes) > 500 {
		text = string(runes[:500]) + "…"
	}
	return fmt.Sprintf("Discord answered %d: %s", status, text)
}
