package announce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
)

// ErrUncertain is the error of a Post that may or may not have been made: there
// was no answer, a broken one, or one that tells of trouble. Posting again could
// tell everybody twice.
var ErrUncertain = errors.New("the announcement may have been posted, or not: look at the channel")

// Webhook is a channel's webhook.
type Webhook struct {
	address *url.URL // holds the secret
	token   string
	client  *http.Client
}

var webhookForm = regexp.MustCompile(`/webhooks/[0-9]+/([A-Za-z0-9_-]+)/?$`)

// New reads a webhook's address, as Discord shows it. An error does not repeat
// it: who knows it can post.
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
	form := webhookForm.FindStringSubmatch(parsed.Path)
	if form == nil {
		return nil, errors.New(
			"read DISCORD_WEBHOOK_URL: its path must end in /webhooks/ID/TOKEN; copy it from the channel's settings, Integrations, Webhooks",
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

// Alive tells, by an error, whether Discord knows the webhook. Nothing is posted.
// https://discord.com/developers/docs/resources/webhook#get-webhook-with-token
func (w *Webhook) Alive(ctx context.Context) error {
	status, body, err := w.send(ctx, http.MethodGet, "", nil)
	switch {
	case err != nil:
		return fmt.Errorf("look for the Discord webhook: %w", err)
	case status != http.StatusOK:
		return fmt.Errorf("look for the Discord webhook: %s", w.answer(status, body))
	}
	return nil
}

// Posted is a message that was posted: its id and its channel's.
type Posted struct{ Message, Channel string }

// Post posts a message and waits until Discord has it. If the error is
// ErrUncertain it may be there all the same; with any other error it is not.
// https://discord.com/developers/docs/resources/webhook#execute-webhook
func (w *Webhook) Post(ctx context.Context, p Payload) (Posted, error) {
	encoded, err := json.Marshal(p)
	if err != nil {
		return Posted{}, fmt.Errorf("post to Discord: %w", err)
	}
	status, body, err := w.send(ctx, http.MethodPost, "true", encoded)
	switch {
	case web.Unanswered(err):
		return Posted{}, fmt.Errorf("post to Discord: %w (%w)", ErrUncertain, err)
	case err != nil:
		return Posted{}, fmt.Errorf("post to Discord: %w", err)
	case web.Open(status):
		return Posted{}, fmt.Errorf("post to Discord: %w (it answered %d)", ErrUncertain, status)
	case status < 200 || status > 299:
		return Posted{}, fmt.Errorf("post to Discord: %s", w.answer(status, body))
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

// longestAnswer is more than Discord's answers have.
const longestAnswer = 1 << 20

// send talks to the webhook; its errors are without the address.
func (w *Webhook) send(ctx context.Context, method, wait string, body []byte) (status int, answer []byte, err error) {
	address := *w.address
	if wait != "" {
		query := address.Query()
		query.Set("wait", wait)
		address.RawQuery = query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, address.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, web.Bare(err)
	}
	// https://discord.com/developers/docs/reference#user-agent
	request.Header.Set("User-Agent", "DiscordBot (https://github.com/hughkantsime/odin-release, 1)")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := w.client.Do(request)
	if err != nil {
		return 0, nil, web.Bare(err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, longestAnswer))
	return response.StatusCode, answer, web.Bare(err)
}

// answer words a refusal.
func (w *Webhook) answer(status int, body []byte) string {
	switch status {
	case http.StatusNotFound, http.StatusUnauthorized:
		return "Discord knows no such webhook; make one in the channel's settings and put its address into DISCORD_WEBHOOK_URL"
	case http.StatusTooManyRequests:
		return "Discord takes no more requests for now; run this again in a few minutes"
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
