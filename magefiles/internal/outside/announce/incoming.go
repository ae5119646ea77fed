package announce

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// incoming posts to an address that is a secret.
type incoming struct {
	vendor   string // for errors
	variable string // with the address
	secrets  []string
	address  *url.URL
	client   *http.Client
}

func newIncoming(kind, address string, transport http.RoundTripper) (incoming, error) {
	variable := Variable(kind)
	parsed, err := url.Parse(strings.TrimSpace(address))
	switch {
	case err != nil || parsed.Host == "" || parsed.User != nil || strings.Trim(parsed.Path, "/") == "":
		return incoming{}, fmt.Errorf(
			"read %s: it is not the address of a webhook, such as https://example.com/hooks/KEY",
			variable,
		)
	case parsed.Scheme != "https" && (parsed.Scheme != "http" || !loopback(parsed.Hostname())):
		return incoming{}, fmt.Errorf(
			"read %s: it must begin with https://, so that it is not sent in the clear",
			variable,
		)
	}
	parsed.Fragment = ""
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return incoming{
		variable: variable, secrets: Secrets(kind, address), address: parsed,
		client: &http.Client{Transport: transport, CheckRedirect: stay},
	}, nil
}

// post posts a body, and returns the answer of a server that accepted it.
func (h incoming) post(ctx context.Context, address *url.URL, mediaType string, body []byte) ([]byte, error) {
	status, answer, err := h.send(ctx, http.MethodPost, address, mediaType, body)
	if err := delivered(h.vendor, status, err, func() string { return h.refusal(status, answer) }); err != nil {
		return nil, err
	}
	return answer, nil
}

// send sends a request; its errors do not contain the address.
func (h incoming) send(
	ctx context.Context, method string, address *url.URL, mediaType string, body []byte,
) (status int, answer []byte, err error) {
	const agent = "odin-release (https://github.com/hughkantsime/odin-release)"
	return exchange(ctx, h.client, agent, method, address, mediaType, body)
}

// refusal describes a refusal, in one line and without the parts of the address.
func (h incoming) refusal(status int, body []byte) string {
	switch status {
	case http.StatusTooManyRequests:
		return "it accepts no more requests for now; try again in a few minutes"
	case http.StatusNotFound, http.StatusUnauthorized, http.StatusForbidden, http.StatusGone:
		return fmt.Sprintf("it answered %d%s: look whether %s is the address of a webhook that still exists",
			status, h.said(body), h.variable)
	}
	return fmt.Sprintf("it answered %d%s", status, h.said(body))
}

func (h incoming) said(body []byte) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(body), "")), " ")
	for _, secret := range h.secrets {
		text = strings.ReplaceAll(text, secret, "***")
	}
	if runes := []rune(text); len(runes) > 300 {
		text = string(runes[:300]) + "…"
	}
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// Secrets returns the parts of a channel's address that must be redacted, the longest first: the address itself,
// the end of its path if the service generates that, and parts of its path and query that look like keys.
func Secrets(kind, address string) []string {
	address = strings.TrimSpace(address)
	if address == "" {
		return nil
	}
	list := []string{address}
	parsed, err := url.Parse(address)
	if err != nil {
		return list
	}
	if path := parsed.RequestURI(); len(path) > shortestKey {
		list = append(list, path)
	}
	pieces := strings.Split(strings.Trim(parsed.Path, "/"), "/")
	if kind != KindWebhook && kind != KindNtfy { // their paths may end in a word that people choose
		list = append(list, pieces[len(pieces)-1])
	}
	for _, values := range parsed.Query() {
		pieces = append(pieces, values...)
	}
	for _, piece := range pieces {
		if len(piece) >= shortestKey {
			list = append(list, piece)
		}
	}
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(list)
}

// shortestKey is the length from which a part of an address may be a key. Shorter parts are words such as services,
// which output may contain.
const shortestKey = 10
