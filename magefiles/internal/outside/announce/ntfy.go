package announce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// Ntfy is a topic of an ntfy server (https://docs.ntfy.sh/publish/#publish-as-json). Its
// address is that of the topic, perhaps with ?auth=… of the server's documentation.
type Ntfy struct {
	incoming

	root  *url.URL // of the server
	topic string
}

var topicForm = pattern.Lazy(`^[-_A-Za-z0-9]{1,64}$`)

func newNtfy(h incoming) (Channel, error) {
	root := *h.address
	root.RawPath, root.Path = "", strings.TrimSuffix(root.Path, "/")
	folder, topic := path.Split(root.Path)
	if !topicForm().MatchString(topic) {
		return nil, fmt.Errorf("read %s: its path must end in a topic, as in https://ntfy.sh/TOPIC", h.variable)
	}
	root.Path = folder
	return Ntfy{h, &root, topic}, nil
}

// ntfy's limits, in bytes (https://docs.ntfy.sh/publish/#limitations); a longer message would
// become a file.
const (
	maxNtfyMessage = 4096
	maxNtfyTitle   = 200
)

// NtfyMessage is the body of a request.
type NtfyMessage struct {
	Topic   string   `json:"topic"`
	Title   string   `json:"title"`
	Message string   `json:"message"`
	Tags    []string `json:"tags,omitempty"` // names of emoji become emoji before the title
	Click   string   `json:"click,omitempty"`
}

// ofNtfy is the style of plain text, in bytes.
var ofNtfy = style{
	escape: clipped(func(text string) int { return len(text) }),
	bold:   ofPlain.bold,
	link:   ofPlain.link,
	size:   func(text string) int { return len(text) },
	bullet: "• ",
}

// ForNtfy returns the announcement of a release. ntfy formats nothing in it.
func ForNtfy(r Release, topic string) NtfyMessage {
	message := NtfyMessage{
		Topic: topic, Title: ofNtfy.escape(ofNtfy.title(r), maxNtfyTitle), Tags: []string{"package"},
		Click: webAddress(r.URL),
	}
	end := pullPlainly(r)
	message.Message = joined(ofNtfy.changes(r, maxNtfyMessage-len(end)-8), end)
	if message.Message == "" {
		message.Message = message.Title // without one, ntfy would say "triggered"
	}
	return message
}

// Announce implements Channel.
func (n Ntfy) Announce(ctx context.Context, r Release) (Posted, error) {
	body, err := encode(ForNtfy(r, n.topic))
	if err != nil {
		return Posted{}, fmt.Errorf("post to ntfy: %w", err)
	}
	answer, err := n.post(ctx, n.root, "application/json", body)
	if err != nil {
		return Posted{}, err
	}
	var made struct {
		ID    string `json:"id"`
		Event string `json:"event"`
	}
	if err := json.Unmarshal(answer, &made); err != nil || made.ID == "" || made.Event != "message" {
		return Posted{}, fmt.Errorf("post to ntfy: %w (it answered without the message)", ErrUncertain)
	}
	return Posted{Message: made.ID}, nil
}

// Alive implements Channel.
// https://docs.ntfy.sh/config/#health-checks
func (n Ntfy) Alive(ctx context.Context) error {
	health := *n.root
	health.RawQuery, health.Path = "", n.root.Path+"v1/health"
	status, body, err := n.send(ctx, http.MethodGet, &health, "", nil)
	var said struct {
		Healthy bool `json:"healthy"`
	}
	switch {
	case err != nil:
		return fmt.Errorf("check the ntfy server: %w", err)
	case status != http.StatusOK || json.Unmarshal(body, &said) != nil || !said.Healthy:
		return fmt.Errorf("check the ntfy server: %s says that it is not healthy (%d): look whether %s is right",
			n.root.Host, status, n.variable)
	}
	return nil
}
