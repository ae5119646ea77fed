package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// refused reports whether the server temporarily refused a request without executing
// it: too many requests (429), or GitHub's 403 for the same reason.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
// https://discord.com/developers/docs/topics/rate-limits
func (o *outcome) refused() bool {
	switch o.status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		return o.header.Get("Retry-After") != "" || o.header.Get("X-Ratelimit-Remaining") == "0" || o.secondary()
	}
	return false
}

// secondary reports whether the response is GitHub's secondary rate limit, which does
// not say how long to wait.
func (o *outcome) secondary() bool {
	if o.status != http.StatusForbidden && o.status != http.StatusTooManyRequests {
		return false
	}
	body := bytes.ToLower(o.body)
	return bytes.Contains(body, []byte("secondary rate limit")) ||
		bytes.Contains(body, []byte("secondary-rate-limits")) ||
		bytes.Contains(body, []byte("abuse-rate-limits"))
}

// trouble reports whether a status is a temporary failure of the server.
func (o *outcome) trouble() bool {
	switch o.status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable,
		http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return true
	}
	return o.err != nil
}

// asked returns how long the server asked to wait, and whether it did.
func (o *outcome) asked(now time.Time) (time.Duration, bool) {
	if !o.refused() && !o.trouble() || o.header == nil {
		return 0, false
	}
	for _, read := range []func(*outcome, time.Time) time.Duration{retryAfter, rateLimitReset, discordReset} {
		if wait := read(o, now); wait > 0 {
			return wait, true
		}
	}
	return 0, false
}

// retryAfter parses Retry-After, seconds or a date
// (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after).
func retryAfter(o *outcome, now time.Time) time.Duration {
	value := o.header.Get("Retry-After")
	if date, err := http.ParseTime(value); err == nil {
		return date.Sub(now)
	}
	return seconds(value)
}

// rateLimitReset returns when GitHub's primary limit is reset. If requests remain,
// another limit refused the request, and the time does not apply.
func rateLimitReset(o *outcome, now time.Time) time.Duration {
	if o.header.Get("X-Ratelimit-Remaining") != "0" || o.header.Get("X-Ratelimit-Reset-After") != "" {
		return 0
	}
	at, err := strconv.ParseInt(o.header.Get("X-Ratelimit-Reset"), 10, 64)
	if err != nil {
		return 0
	}
	return time.Unix(at, 0).Sub(now)
}

// discordReset reads the wait that Discord asks for, with fractions of a second.
func discordReset(o *outcome, _ time.Time) time.Duration {
	var said struct {
		RetryAfter float64 `json:"retry_after"`
	}
	if json.Unmarshal(o.body, &said) == nil && said.RetryAfter > 0 {
		return fraction(said.RetryAfter)
	}
	return seconds(o.header.Get("X-Ratelimit-Reset-After"))
}

func seconds(text string) time.Duration {
	value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || value != value {
		return 0
	}
	return fraction(value)
}

// fraction parses a number of seconds, at most a year: a larger one would overflow.
func fraction(value float64) time.Duration {
	return time.Duration(min(value, 365*24*3600) * float64(time.Second))
}
