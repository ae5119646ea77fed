package run

import (
	"bytes"
	"io"
	"net/url"
	"strings"
)

// hidden stands where a secret was.
const hidden = "•••"

// Redactor takes secrets out of text, as they are and as a URL spells them.
type Redactor struct{ replacer *strings.Replacer }

// NewRedactor returns a Redactor for the secrets; empty ones are none.
func NewRedactor(secrets ...string) Redactor {
	var pairs []string
	for _, secret := range secrets {
		for _, spelling := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			if spelling != "" {
				pairs = append(pairs, spelling, hidden)
			}
		}
	}
	return Redactor{strings.NewReplacer(pairs...)}
}

// Text is text without the secrets.
func (r Redactor) Text(text string) string { return r.replacer.Replace(text) }

// Writer takes the secrets out of what is written to out, line by line: writes
// must be whole lines, as a Prefixer's are.
func (r Redactor) Writer(out io.Writer) io.Writer { return redacted{r, out} }

type redacted struct {
	redactor Redactor
	out      io.Writer
}

func (r redacted) Write(data []byte) (int, error) {
	if _, err := io.Copy(r.out, bytes.NewReader([]byte(r.redactor.Text(string(data))))); err != nil {
		return 0, err
	}
	return len(data), nil
}
