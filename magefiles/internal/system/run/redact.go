package run

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// hidden replaces a secret.
const hidden = "•••"

// Redactor removes secrets from text, including their forms in URLs, JSON, HTML and Base64.
type Redactor struct {
	mu        sync.RWMutex
	replacer  *strings.Replacer
	spellings []string
}

// NewRedactor returns a Redactor for the secrets; empty ones are ignored.
func NewRedactor(secrets ...string) *Redactor {
	r := &Redactor{replacer: strings.NewReplacer()}
	r.Learn(secrets...)
	return r
}

// Learn adds secrets that become known later. They are removed from everything written
// from then on.
func (r *Redactor) Learn(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	spellings := slices.Clone(r.spellings)
	for _, secret := range secrets {
		if secret != "" {
			spellings = append(spellings, spelled(secret)...)
		}
	}
	// Longer ones first: one secret may be a part of another.
	slices.SortFunc(spellings, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	r.spellings = slices.Compact(spellings)
	pairs := make([]string, 0, 2*len(r.spellings))
	for _, spelling := range r.spellings {
		pairs = append(pairs, spelling, hidden)
	}
	r.replacer = strings.NewReplacer(pairs...)
}

// knows lists what is searched for, the longest first.
func (r *Redactor) knows() (*strings.Replacer, []string) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.replacer, r.spellings
}

// spelled returns a secret in all forms in which it may be written.
func spelled(secret string) []string {
	spellings := []string{secret, url.QueryEscape(secret), url.PathEscape(secret)}
	if quoted, err := json.Marshal(secret); err == nil {
		spellings = append(spellings, string(quoted[1:len(quoted)-1]))
	}
	return slices.Concat(spellings, inHTML(secret), encoded(secret))
}

// inHTML returns a secret as html/template and goldmark escape it.
func inHTML(secret string) []string {
	escaped := html.EscapeString(secret)
	return []string{
		escaped, strings.ReplaceAll(escaped, "+", "&#43;"),
		strings.NewReplacer("&#34;", "&quot;", "&#39;", "'").Replace(escaped),
	}
}

// encoded returns the Base64 of a secret inside a longer text, such as the password in
// a Basic authorization. It depends on how many bytes precede the secret. Characters
// that also encode neighbouring bytes are left out. URLs escape some of Base64's
// characters.
func encoded(secret string) []string {
	var spellings []string
	for before := range 3 {
		text := strings.Repeat("x", before) + secret
		whole := text[:len(text)/3*3] // in groups of three bytes
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			spelling := encoding.EncodeToString([]byte(whole))
			spelling = spelling[min((before+2)/3*4, len(spelling)):]
			if len(spelling) >= 8 { // a shorter string would match by chance
				spellings = append(spellings, spelling, url.QueryEscape(spelling))
			}
		}
	}
	return spellings
}

// Text returns text without the secrets.
func (r *Redactor) Text(text string) string {
	replacer, _ := r.knows()
	return replacer.Replace(text)
}

// Writer removes the secrets from what is written to out, even if a secret is split
// between writes: an end that may start a secret is held back until the next write or
// Close.
func (r *Redactor) Writer(out io.Writer) io.WriteCloser { return &redacted{redactor: r, out: out} }

type redacted struct {
	redactor *Redactor
	out      io.Writer
	mu       sync.Mutex
	held     []byte
}

// Write passes on what cannot be part of a secret.
func (r *redacted) Write(data []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := string(r.held) + string(data)
	end := r.redactor.complete(text)
	r.held = []byte(text[end:])
	if _, err := io.Copy(r.out, strings.NewReader(r.redactor.Text(text[:end]))); err != nil {
		return 0, err
	}
	return len(data), nil
}

// Close passes on what was held back. The underlying writer stays open.
func (r *redacted) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err := io.Copy(r.out, strings.NewReader(r.redactor.Text(string(r.held))))
	r.held = nil
	return err
}

// complete returns how much of a text can be passed on: the rest must not start a
// secret, and no secret may be split.
func (r *Redactor) complete(text string) int {
	_, spellings := r.knows()
	end := len(text)
	for _, spelling := range spellings {
		for length := min(len(spelling)-1, len(text)); length > len(text)-end; length-- {
			if strings.HasSuffix(text, spelling[:length]) {
				end = len(text) - length
			}
		}
	}
	for moved := true; moved; {
		moved = false
		for _, spelling := range spellings {
			from := max(0, end-len(spelling)+1)
			if at := strings.Index(text[from:min(len(text), end+len(spelling)-1)], spelling); at >= 0 && from+at < end {
				end, moved = from+at, true
			}
		}
	}
	return end
}
