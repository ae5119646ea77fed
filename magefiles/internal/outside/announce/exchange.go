package announce

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
)

// longestAnswer is longer than any response of these services.
const longestAnswer = 1 << 20

// exchange sends a request to an address that is a secret; its errors do not contain the
// address.
func exchange(
	ctx context.Context, client *http.Client, agent, method string, address *url.URL, mediaType string, body []byte,
) (status int, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, method, address.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, web.Bare(err)
	}
	request.Header.Set("User-Agent", agent)
	if mediaType != "" {
		request.Header.Set("Content-Type", mediaType)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, web.Bare(err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, longestAnswer))
	return response.StatusCode, answer, web.Bare(err)
}

// delivered returns why a message was not posted, or nil if it was. The error is ErrUncertain if the message may
// have been posted.
func delivered(vendor string, status int, err error, refusal func() string) error {
	switch {
	case web.Unanswered(err):
		return fmt.Errorf("post to %s: %w (%w)", vendor, ErrUncertain, err)
	case err != nil:
		return fmt.Errorf("post to %s: %w", vendor, err)
	case web.Open(status):
		return fmt.Errorf("post to %s: %w (it answered %d)", vendor, ErrUncertain, status)
	case status < 200 || status > 299:
		return fmt.Errorf("post to %s: %s", vendor, refusal())
	}
	return nil
}
