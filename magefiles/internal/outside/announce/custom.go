package announce

import (
	"context"
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// Custom is any webhook, with a template for its requests.
type Custom struct {
	incoming

	template app.Template
}

// maxChanges is the maximum length of {changes}, in characters.
const maxChanges = 3000

// values returns the values of a template's placeholders, as plain text.
func values(r Release) map[string]string {
	image, digest := "", ""
	if pull(r) != "" {
		image = r.Image
		if digestForm().MatchString(r.Digest) {
			digest = r.Digest
		}
	}
	return map[string]string{
		"{title}": ofPlain.title(r), "{app}": ofPlain.escape(r.App, maxTitle), "{version}": r.Version, "{tag}": r.Tag,
		"{commit}": r.Commit, "{url}": webAddress(r.URL), "{changes}": ofPlain.changes(r, maxChanges),
		"{image}": image, "{digest}": digest,
	}
}

// Announce implements Channel.
func (c Custom) Announce(ctx context.Context, r Release) (Posted, error) {
	body, mediaType, err := c.template.Fill(values(r))
	if err != nil {
		return Posted{}, fmt.Errorf("post to %s: %w", c.vendor, err)
	}
	_, err = c.post(ctx, c.address, mediaType, body)
	return Posted{}, err
}

// Alive implements Channel. It does nothing, since a server need not support any request besides the post.
func (c Custom) Alive(context.Context) error { return nil }
