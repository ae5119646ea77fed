package standin

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// chats accepts messages for one channel of each service besides Discord. It is as strict
// as the services' own descriptions:
//
//   - Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and
//     https://docs.slack.dev/reference/block-kit/blocks
//   - Mattermost: https://developers.mattermost.com/integrate/webhooks/incoming
//   - ntfy: https://docs.ntfy.sh/publish
type chats struct {
	file   string // "" to store nothing
	mu     sync.Mutex
	closed bool
	posted []Post
}

// Post is a message in a channel.
type Post struct {
	Kind string `json:"kind"`
	Body string `json:"body"` // of the request
	Text string `json:"text"` // as the service shows it
}

// The keys of the channels are invented.
const (
	chatKey   = "rehearsal-key-of-nobody-at-all"
	chatTopic = "rehearsal-topic-of-nobody"
)

var chatPaths = map[string]string{
	"slack":      "/services/T00000000/B00000000/" + chatKey,
	"mattermost": "/hooks/" + chatKey,
	"ntfy":       "/" + chatTopic,
	"webhook":    "/own/" + chatKey,
}

func openChats(dir string) (*chats, error) {
	c := &chats{file: filepath.Join(dir, "posts.json")}
	return c, restore(c.file, &c.posted)
}

func (c *chats) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
}

func (c *chats) all() []Post {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.posted)
}

// chatAnswer is the answer of a service.
type chatAnswer struct {
	status int
	body   any      // text, or an object for JSON
	shown  []string // the texts of the resulting posts; none if the request is refused
}

func (c *chats) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // cut short
	}
	isJSON := strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
	kind, answer := "", chatAnswer{status: http.StatusNotFound, body: "404 page not found"}
	switch path := r.URL.Path; {
	case path == "/v1/health" && r.Method == http.MethodGet:
		answer = chatAnswer{status: http.StatusOK, body: object{"healthy": true}}
	case r.Method != http.MethodPost:
		answer = chatAnswer{status: http.StatusMethodNotAllowed, body: "method not allowed"}
	case strings.HasPrefix(path, "/services/"):
		kind, answer = "slack", slackAnswer(path, isJSON, body)
	case strings.HasPrefix(path, "/hooks/"):
		kind, answer = "mattermost", mattermostAnswer(path, isJSON, body)
	case path == chatPaths["webhook"]:
		kind, answer = "webhook", chatAnswer{http.StatusAccepted, "", []string{string(body)}}
	case path == "/":
		kind, answer = "ntfy", ntfyAnswer(body)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	for _, text := range answer.shown {
		c.posted = append(c.posted, Post{Kind: kind, Body: string(body), Text: text})
	}
	if c.file != "" && len(answer.shown) > 0 {
		if err := save(c.file, c.posted); err != nil {
			answer = chatAnswer{status: http.StatusInternalServerError, body: err.Error()}
		}
	}
	answer.write(w)
}

func (a chatAnswer) write(w http.ResponseWriter) {
	if text, is := a.body.(string); is {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, text) // the client may have disconnected
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body)
}

// The limits of Slack, in characters and blocks.
const (
	slackHeader = 150
	slackText   = 3000
	slackBlocks = 50
)

func slackAnswer(path string, isJSON bool, body []byte) chatAnswer {
	var message struct {
		Text   string `json:"text"`
		Blocks []struct {
			Type string `json:"type"`
			Text struct{ Type, Text string }
		} `json:"blocks"`
	}
	refuse := func(status int, why string) chatAnswer { return chatAnswer{status: status, body: why} }
	switch {
	case path != chatPaths["slack"]:
		return refuse(http.StatusNotFound, "no_service")
	case !isJSON || json.Unmarshal(body, &message) != nil:
		return refuse(http.StatusBadRequest, "invalid_payload")
	case message.Text == "" && len(message.Blocks) == 0:
		return refuse(http.StatusBadRequest, "no_text")
	case len(message.Blocks) > slackBlocks:
		return refuse(http.StatusBadRequest, "invalid_blocks")
	}
	shown := message.Text
	for i, block := range message.Blocks {
		most, kinds := slackText, []string{"plain_text", "mrkdwn"}
		if block.Type == "header" {
			most, kinds = slackHeader, kinds[:1]
		}
		length := characters(block.Text.Text)
		if block.Type != "header" && block.Type != "section" || !slices.Contains(kinds, block.Text.Type) ||
			length == 0 || length > most {
			return refuse(http.StatusBadRequest, "invalid_blocks")
		}
		if i == 0 {
			shown = ""
		}
		shown += block.Text.Text + "\n"
	}
	return chatAnswer{http.StatusOK, "ok", []string{shown}}
}

// mattermostPost is the longest post of a server whose database was never changed.
const mattermostPost = 4000

func mattermostAnswer(path string, isJSON bool, body []byte) chatAnswer {
	var message struct {
		Text string `json:"text"`
	}
	refuse := func(id, why string) chatAnswer {
		return chatAnswer{
			status: http.StatusBadRequest,
			body: object{
				"id":             id,
				"message":        why,
				"detailed_error": "",
				"request_id":     "r1",
				"status_code":    http.StatusBadRequest,
			},
		}
	}
	switch {
	case path != chatPaths["mattermost"]:
		return refuse("web.incoming_webhook.invalid.app_error", "Invalid webhook.")
	case !isJSON || json.Unmarshal(body, &message) != nil:
		return refuse("api.webhook.incoming.parse.app_error", "Unable to parse incoming data.")
	case message.Text == "":
		return refuse("web.incoming_webhook.text.app_error", "No text specified.")
	}
	var posts []string // a long message becomes several posts
	for runes := []rune(message.Text); len(runes) > 0; {
		end := min(len(runes), mattermostPost)
		posts, runes = append(posts, string(runes[:end])), runes[end:]
	}
	return chatAnswer{http.StatusOK, "ok", posts}
}

// The limits of ntfy, in bytes.
const (
	ntfyMessage = 4096
	ntfyBody    = 2 * ntfyMessage
)

var ntfyTopic = pattern.Lazy(`^[-_A-Za-z0-9]{1,64}$`)

func ntfyAnswer(body []byte) chatAnswer {
	var message struct{ Topic, Title, Message, Click string }
	refuse := func(code int, why string) chatAnswer {
		return chatAnswer{
			status: code / 100,
			body:   object{"code": code, "http": code / 100, "error": why, "link": "https://ntfy.sh/docs/publish/"},
		}
	}
	switch {
	case len(body) > ntfyBody:
		return refuse(41303, "JSON body too large")
	case !utf8.Valid(body) || json.Unmarshal(body, &message) != nil:
		return refuse(40024, "invalid request: request body must be message JSON")
	case !ntfyTopic().MatchString(message.Topic):
		return refuse(40009, "invalid request: topic invalid")
	case message.Topic != chatTopic:
		return refuse(40301, "forbidden")
	case len(message.Message) > ntfyMessage: // it would become a file
		return refuse(40014, "invalid request: attachments not allowed")
	}
	if message.Message == "" {
		message.Message = "triggered"
	}
	shown := strings.TrimPrefix(message.Title+"\n"+message.Message, "\n")
	return chatAnswer{http.StatusOK, object{
		"id": fmt.Sprintf("%012x", len(message.Message)), "time": 1, "event": "message", "topic": message.Topic,
		"title": message.Title, "message": message.Message,
	}, []string{shown}}
}
