package testkit

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
)

// Trouble is a way in which one request fails.
type Trouble struct {
	Name string
	Wrap func(next http.Handler) http.Handler // wraps the handler that would respond
}

// Troubles in which a request has no effect.
var (
	InternalError   = instead("500", refuse(http.StatusInternalServerError, "", refusal))
	BadGateway      = instead("502", refuse(http.StatusBadGateway, "", refusal))
	TooManyRequests = instead("429", refuse(http.StatusTooManyRequests, "1", refusal))
	SecondaryLimit  = instead(
		"secondary limit, no time named",
		refuse(http.StatusForbidden, "", secondary),
	) // GitHub then asks to wait for a minute
	ShortLimit       = instead("secondary limit", refuse(http.StatusForbidden, "1", secondary))
	ConnectionReset  = instead("connection reset", Reset)
	ConnectionClosed = instead("connection closed", hangUp)
	TimeOut          = instead("time-out", Stall)
)

// Troubles in which a request takes effect, but the client cannot know that.
var (
	Truncated   = Trouble{"truncated body", truncated}
	LostByReset = lost("answer lost, reset", Reset)
	LostByClose = lost("answer lost, closed", hangUp)
)

const (
	refusal   = "refused by the test"
	secondary = `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try ` +
		`again.",` +
		`"documentation_url":` +
		`"https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`
)

// Reset resets a connection.
func Reset(w http.ResponseWriter, _ *http.Request) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = connection.(*net.TCPConn).SetLinger(0)
	_ = connection.Close()
}

// Stall does not answer until the client disconnects.
func Stall(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client has disconnected
	<-r.Context().Done()
}

// hangUp closes a connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// refuse answers with a status and a Retry-After in seconds.
func refuse(status int, seconds, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if seconds != "" {
			w.Header().Set("Retry-After", seconds)
		}
		if status == http.StatusForbidden {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func instead(name string, answer http.HandlerFunc) Trouble {
	return Trouble{name, func(http.Handler) http.Handler { return answer }}
}

// lost executes the request and closes the connection instead of answering.
func lost(name string, end http.HandlerFunc) Trouble {
	return Trouble{name, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(httptest.NewRecorder(), r)
			end(w, r)
		})
	}}
}

// truncated executes the request and sends half of the response's body, with a Content-Length that is larger than
// the whole. A response without a body is lost.
func truncated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		for key, values := range answer.Header() {
			w.Header()[key] = values
		}
		body := answer.Body.Bytes()
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+10))
		w.WriteHeader(answer.Code)
		if n, err := w.Write(body[:len(body)/2]); n > 0 && err == nil {
			_ = http.NewResponseController(w).Flush() // panic discards what has not been flushed
		}
		panic(http.ErrAbortHandler)
	})
}
