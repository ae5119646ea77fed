package run

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// hidden stands where a secret was.
const hidden = "•••"

// Redactor takes secrets out of text: as they are, and as URLs, JSON and
// Base64 spell them.
type Redactor struct {
	mu        sync.RWMutex
	replacer  *strings.Replacer
	spellings []string
}

// NewRedactor returns a Redactor for the secrets; empty ones are none.
func NewRedactor(secrets ...string) *Redactor {
	r := &Redactor{replacer: strings.NewReplacer()}
	r.Learn(secrets...)
	return r
}

// Learn adds secrets that are known only now. What is written from then on is
// without them.
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

// knows is what is looked for, the longest first.
func (r *Redactor) knows() (*strings.Replacer, []string) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.replacer, r.spellings
}

// spelled is a secret in all the ways that it may be written.
func spelled(secret string) []string {
	spellings := []string{secret, url.QueryEscape(secret), url.PathEscape(secret)}
	if quoted, err := json.Marshal(secret); err == nil {
		spellings = append(spellings, string(quoted[1:len(quoted)-1]))
	}
	return append(spellings, encoded(secret)...)
}

// encoded is what Base64 makes of a secret that is a part of a longer text, as
// the password in a Basic authorization is: it depends on how many bytes come
// before. What the bytes around it have a share in is left out.
// An address spells some of Base64's characters in its own way.
func encoded(secret string) []string {
	var spellings []string
	for before := range 3 {
		text := strings.Repeat("x", before) + secret
		whole := text[:len(text)/3*3] // in groups of three bytes
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			spelling := encoding.EncodeToString([]byte(whole))[(before+2)/3*4:]
			if len(spelling) >= 8 { // less would be found by chance
				spellings = append(spellings, spelling, url.QueryEscape(spelling))
			}
		}
	}
	return spellings
}

// Text is text without the secrets.
func (r *Redactor) Text(text string) string {
	replacer, _ := r.knows()
	return replacer.Replace(text)
}

// Writer takes the secrets out of what is written to out, however it is cut
// into writes: an end that may begin a secret waits for the next write, or for
// Close.
func (r *Redactor) Writer(out io.Writer) io.WriteCloser { return &redacted{redactor: r, out: out} }

type redacted struct {
	redactor *Redactor
	out      io.Writer
	mu       sync.Mutex
	held     []byte
}

// Write passes on what cannot be a part of a secret.
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

// Close passes on what waited. The underlying writer stays open.
func (r *redacted) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err := io.Copy(r.out, strings.NewReader(r.redactor.Text(string(r.held))))
	r.held = nil
	return err
}

// complete is how much of a text can be passed on: neither does the rest begin
// a secret, nor is one cut in two.
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
