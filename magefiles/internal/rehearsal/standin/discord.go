package standin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
)

// discord accepts messages for one webhook
// (https://discord.com/developers/docs/resources/webhook).
type discord struct {
	file    string
	webhook string // ID/TOKEN
	mu      sync.Mutex
	closed  bool
	posted  []json.RawMessage // payloads, in order
}

// The channel and the server that the webhook belongs to.
const (
	channelID = "100000000000000002"
	guildID   = "100000000000000003"
	firstID   = 200000000000000000 // of messages
)

func openDiscord(dir, webhook string) (*discord, error) {
	d := &discord{file: filepath.Join(dir, "messages.json"), webhook: webhook}
	return d, restore(d.file, &d.posted)
}

func (d *discord) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
}

func (d *discord) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, found := strings.CutPrefix(r.URL.Path, "/api/")
	if version, after, cut := strings.Cut(rest, "/"); cut && strings.HasPrefix(version, "v") {
		rest = after // /api/v10/webhooks/… is the same
	}
	id, token, named := strings.Cut(strings.TrimPrefix(rest, "webhooks/"), "/")
	wantID, wantToken, _ := strings.Cut(d.webhook, "/")
	switch {
	case !found || !strings.HasPrefix(rest, "webhooks/"):
		d.answer(w, http.StatusNotFound, object{"message": "404: Not Found", "code": 0})
	case id != wantID:
		d.answer(w, http.StatusNotFound, object{"message": "Unknown Webhook", "code": 10015})
	case !named || token != wantToken:
		d.answer(w, http.StatusUnauthorized, object{"message": "Invalid Webhook Token", "code": 50027})
	case r.Method == http.MethodGet:
		d.answer(
			w,
			http.StatusOK,
			object{
				"id":             id,
				"type":           1,
				"name":           "Releases",
				"avatar":         nil,
				"channel_id":     channelID,
				"guild_id":       guildID,
				"application_id": nil,
				"token":          token,
				"url":            "https://discord.com/api/webhooks/" + d.webhook,
			},
		)
	case r.Method == http.MethodPost:
		d.post(w, r)
	default:
		d.answer(w, http.StatusMethodNotAllowed, object{"message": "405: Method Not Allowed", "code": 0})
	}
}

func (d *discord) post(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // cut short
	}
	var message payload
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") || json.Unmarshal(body, &message) != nil {
		d.answer(w, http.StatusBadRequest, object{"message": "The request body contains invalid JSON.", "code": 50109})
		return
	}
	if wrong := message.check(); wrong != nil {
		d.answer(w, http.StatusBadRequest, wrong)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	posted := slices.Concat(d.posted, []json.RawMessage{body})
	if err := save(d.file, posted); err != nil {
		d.answer(w, http.StatusInternalServerError, object{"message": err.Error(), "code": 0})
		return
	}
	d.posted = posted
	if r.URL.Query().Get("wait") != "true" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	id, _, _ := strings.Cut(d.webhook, "/")
	d.answer(
		w,
		http.StatusOK,
		object{
			"id":               fmt.Sprint(firstID + len(posted)),
			"type":             0,
			"channel_id":       channelID,
			"webhook_id":       id,
			"content":          message.Content,
			"embeds":           or(message.raw.Embeds, json.RawMessage("[]")),
			"attachments":      []any{},
			"mentions":         []any{},
			"mention_roles":    []any{},
			"mention_everyone": false,
			"pinned":           false,
			"tts":              false,
			"flags":            0,
			"edited_timestamp": nil,
			"timestamp":        time.Now().UTC().Format(time.RFC3339),
			"components":       []any{},
			"author": object{
				"id":            id,
				"username":      "Releases",
				"avatar":        nil,
				"discriminator": "0000",
				"bot":           true,
			},
		},
	)
}

func or(value, fallback json.RawMessage) json.RawMessage {
	if value == nil {
		return fallback
	}
	return value
}

func (d *discord) answer(w http.ResponseWriter, status int, body object) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may have disconnected
}

// messages returns the posted payloads in a uniform layout.
func (d *discord) messages() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []string
	for _, body := range d.posted {
		var out bytes.Buffer
		if json.Indent(&out, body, "", "  ") == nil {
			all = append(all, out.String())
		}
	}
	return all
}

// payload is the part of a message that has limits
// (https://discord.com/developers/docs/resources/message#embed-object-embed-limits).
type payload struct {
	Content string  `json:"content"`
	Embeds  []embed `json:"embeds"`
	raw     struct {
		Embeds json.RawMessage `json:"embeds"`
	}
}

type embed struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Footer      struct {
		Text string `json:"text"`
	} `json:"footer"`
	Author struct {
		Name string `json:"name"`
	} `json:"author"`
	Fields []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"fields"`
}

// UnmarshalJSON keeps the embeds as they were sent, besides the fields to check.
func (p *payload) UnmarshalJSON(data []byte) error {
	type plain payload
	if err := json.Unmarshal(data, (*plain)(p)); err != nil {
		return err
	}
	return json.Unmarshal(data, &p.raw)
}

// check returns Discord's error body, nil when the message is within limits.
func (p *payload) check() object {
	if p.Content == "" && len(p.Embeds) == 0 {
		return object{"message": "Cannot send an empty message", "code": 50006}
	}
	problems := object{}
	limit := func(most, length int, path ...string) {
		if length > most {
			note(problems, "BASE_TYPE_MAX_LENGTH", fmt.Sprintf("Must be %d or fewer in length.", most), path...)
		}
	}
	required := func(text string, path ...string) {
		if strings.TrimSpace(text) == "" {
			note(problems, "BASE_TYPE_REQUIRED", "This field is required", path...)
		}
	}
	limit(2000, characters(p.Content), "content")
	limit(10, len(p.Embeds), "embeds")
	total := 0
	for i, e := range p.Embeds {
		at := fmt.Sprint(i)
		for _, part := range []struct {
			name, text string
			most       int
		}{
			{"title", e.Title, 256},
			{"description", e.Description, 4096},
			{"footer.text", e.Footer.Text, 2048},
			{"author.name", e.Author.Name, 256},
		} {
			limit(part.most, characters(part.text), append([]string{"embeds", at}, strings.Split(part.name, ".")...)...)
			total += characters(part.text)
		}
		limit(25, len(e.Fields), "embeds", at, "fields")
		for k, field := range e.Fields {
			path := []string{"embeds", at, "fields", fmt.Sprint(k)}
			required(field.Name, append(path, "name")...)
			required(field.Value, append(path, "value")...)
			limit(256, characters(field.Name), append(path, "name")...)
			limit(1024, characters(field.Value), append(path, "value")...)
			total += characters(field.Name) + characters(field.Value)
		}
	}
	if total > 6000 {
		note(problems, "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000", "embeds")
	}
	if len(problems) == 0 {
		return nil
	}
	return object{"message": "Invalid Form Body", "code": 50035, "errors": problems}
}

// characters counts strictly: a character beyond the basic plane counts as two, since
// the documentation names no unit.
func characters(text string) int { return len(utf16.Encode([]rune(strings.TrimSpace(text)))) }

// note adds a problem at its place in the tree of Discord's error.
func note(tree object, code, message string, path ...string) {
	for _, name := range path {
		below, ok := tree[name].(object)
		if !ok {
			below = object{}
			tree[name] = below
		}
		tree = below
	}
	listed, _ := tree["_errors"].([]object)
	tree["_errors"] = append(listed, object{"code": code, "message": message})
}
