package testkit

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What a client gets for each trouble, and whether its request took effect.
func TestTroubles(t *testing.T) {
	for _, test := range []struct {
		trouble Trouble
		status  int    // 0 for no answer
		after   string // Retry-After
		body    string // a part of it
		err     error  // of the answer or its body
		effect  bool
	}{
		{trouble: InternalError, status: 500, body: refusal},
		{trouble: BadGateway, status: 502, body: refusal},
		{trouble: TooManyRequests, status: 429, after: "1", body: refusal},
		{trouble: SecondaryLimit, status: 403, body: "secondary rate limit"},
		{trouble: ShortLimit, status: 403, after: "1", body: "secondary rate limit"},
		{trouble: ConnectionReset, err: syscall.ECONNRESET},
		{trouble: ConnectionClosed, err: io.EOF},
		{trouble: TimeOut, err: context.DeadlineExceeded},
		{trouble: Truncated, status: 201, body: "half ", err: io.ErrUnexpectedEOF, effect: true},
		{trouble: LostByReset, err: syscall.ECONNRESET, effect: true},
		{trouble: LostByClose, err: io.EOF, effect: true},
	} {
		t.Run(test.trouble.Name, func(t *testing.T) {
			t.Parallel()
			effect := make(chan bool, 2)
			server := httptest.NewServer(
				test.trouble.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					effect <- true
					w.WriteHeader(http.StatusCreated)
					_, _ = io.WriteString(w, "half of it")
				})),
			)
			defer server.Close()
			status, after, body, err := post(t, server.URL)
			if status != test.status || after != test.after || !errors.Is(err, test.err) ||
				!strings.Contains(body, test.body) {
				t.Errorf("status %d, Retry-After %q, body %q, error %v", status, after, body, err)
			}
			if (len(effect) == 1) != test.effect {
				t.Errorf("it took effect %d times", len(effect))
			}
		})
	}
}

func post(t *testing.T, url string) (status int, after, body string, err error) {
	t.Helper()
	client := http.Client{Timeout: 2 * time.Second}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("please"))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, "", "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, answer.Header.Get("Retry-After"), string(text), err
}
