package simulation

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
)

// fault is a way in which a request goes wrong.
type fault struct {
	name   string
	effect bool // the request has its effect all the same
	// answer is what the run gets in place of got, which is nil without effect.
	answer func(c *call, got *recorded) reply
	after  time.Duration // how late the answer is
	twice  bool          // the request arrives twice
}

const (
	secondary = `{"message":"You have exceeded a secondary rate limit. ` +
		`Please wait a few minutes before you try again."}`
	sorry = `{"message":"it did not work out"}`
)

func refused(status int, header http.Header, body string) func(*call, *recorded) reply {
	return func(c *call, _ *recorded) reply { return says(c, status, header.Clone(), body) }
}

func reset(*call, *recorded) reply { return reply{err: errReset} }

// faults are all of them.
var faults = []fault{
	{name: "500", answer: refused(http.StatusInternalServerError, nil, sorry)},
	{name: "502", answer: refused(http.StatusBadGateway, nil, sorry)},
	{
		name:   "503, to be asked again in 2 s",
		answer: refused(http.StatusServiceUnavailable, http.Header{"Retry-After": {"2"}}, sorry),
	},
	{name: "409", answer: refused(http.StatusConflict, nil, sorry)},
	{name: "422", answer: refused(http.StatusUnprocessableEntity, nil, sorry)},
	{
		name:   "429, to be asked again in 1 s",
		answer: refused(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, sorry),
	},
	{
		name:   "429, to be asked again in an hour",
		answer: refused(http.StatusTooManyRequests, http.Header{"Retry-After": {"3600"}}, sorry),
	},
	{name: "403, the secondary rate limit", answer: refused(http.StatusForbidden, nil, secondary)},
	{name: "the request was lost", answer: reset},
	{name: "the answer was lost", answer: reset, effect: true},
	{name: "500, but it was done", answer: refused(http.StatusInternalServerError, nil, sorry), effect: true},
	{name: "502, but it was done", answer: refused(http.StatusBadGateway, nil, sorry), effect: true},
	{name: "the answer was cut short", answer: cut, effect: true},
	{name: "the answer came late", answer: whole, effect: true, after: 20 * time.Second},
	{name: "the answer came too late", answer: whole, effect: true, after: 40 * time.Second},
	{name: "no answer", answer: whole, effect: false, after: 40 * time.Second},
	{name: "it arrived twice", answer: whole, effect: true, twice: true},
}

// chooseFault takes one that may happen to a request.
func chooseFault(random *rand.Rand, c *call) *fault {
	for {
		f := &faults[random.IntN(len(faults))]
		if f.twice && !repeatable(c) {
			continue
		}
		return f
	}
}

// repeatable reports whether something between a run and a server may send a
// request again by itself: what is idempotent by its method (RFC 9110, 9.2.2).
func repeatable(c *call) bool {
	blob := strings.Contains(c.request.URL.Path, "/blobs/uploads/") // its upload ends with the first
	return c.request.Method != http.MethodPost && c.request.Method != http.MethodPatch && !blob
}

// list reports whether GitHub's answer may lag behind.
func list(c *call) bool {
	return c.service == standin.GitHub && c.request.Method == http.MethodGet &&
		(strings.HasSuffix(c.request.URL.Path, "/releases") || strings.Contains(c.request.URL.Path, "/releases/tags/"))
}
