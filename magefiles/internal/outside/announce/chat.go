package announce

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
)

// ofPlain is the style of plain text. Its limits count characters.
var ofPlain = style{
	escape: clipped(units),
	bold:   func(text string) string { return text },
	link:   func(text, address string) string { return text + ": " + address },
	size:   units,
	bullet: "• ",
}

// clipped returns a function that writes foreign text as one line of at most room, measured with size.
func clipped(size func(string) int) func(text string, room int) string {
	return func(text string, room int) string {
		text = changelog.Plain(text)
		if size(text) <= room {
			return text
		}
		runes := []rune(text)
		for len(runes) > 0 && size(string(runes))+size("…") > room {
			runes = runes[:len(runes)-1]
		}
		return strings.TrimRight(string(runes), " ") + "…"
	}
}

// Slack is an incoming webhook of Slack
// (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
type Slack struct{ incoming }

// Slack's limits, in characters
// (https://docs.slack.dev/reference/block-kit/blocks/section-block and header-block).
const (
	maxSlackText   = 3000
	maxSlackHeader = 150
)

// SlackMessage is the body of a request.
type SlackMessage struct {
	Text   string       `json:"text"`   // for notifications
	Mrkdwn bool         `json:"mrkdwn"` // whether text has formatting
	Blocks []SlackBlock `json:"blocks"`
}

// SlackBlock is a part of a message.
type SlackBlock struct {
	Type string    `json:"type"` // header or section
	Text SlackText `json:"text"`
}

// SlackText is a text object
// (https://docs.slack.dev/reference/block-kit/composition-objects/text-object).
type SlackText struct {
	Type  string `json:"type"` // plain_text or mrkdwn
	Text  string `json:"text"`
	Emoji *bool  `json:"emoji,omitempty"` // whether :x: is an emoji, in plain_text
}

// ForSlack returns the announcement of a release. Foreign text is plain_text, in which Slack
// looks for no mention, link or formatting.
func ForSlack(r Release) SlackMessage {
	none := false
	plain := func(kind, text string) SlackBlock {
		return SlackBlock{Type: kind, Text: SlackText{Type: "plain_text", Text: text, Emoji: &none}}
	}
	title := clipped(units)(ofPlain.title(r), maxSlackHeader)
	message := SlackMessage{
		Text:   strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(title),
		Blocks: []SlackBlock{plain("header", title)},
	}
	for _, text := range []string{ofPlain.changes(r, maxSlackText), pullPlainly(r)} {
		if text != "" {
			message.Blocks = append(message.Blocks, plain("section", text))
		}
	}
	if link := webAddress(r.URL); link != "" {
		link = strings.ReplaceAll(link, "&", "&amp;")
		message.Blocks = append(message.Blocks, SlackBlock{
			Type: "section", Text: SlackText{Type: "mrkdwn", Text: "<" + link + "|" + everything + ">"},
		})
	}
	return message
}

// pullPlainly returns the command that pulls the image, or "" without an image.
func pullPlainly(r Release) string {
	if pull(r) == "" {
		return ""
	}
	text := "docker pull " + r.Image
	if digestForm().MatchString(r.Digest) {
		text += "\n" + r.Digest
	}
	return text
}

// Announce implements Channel.
func (s Slack) Announce(ctx context.Context, r Release) (Posted, error) {
	return s.say(ctx, ForSlack(r))
}

// Alive implements Channel. An incoming webhook can only be posted to.
func (s Slack) Alive(context.Context) error { return nil }

// say posts JSON to a webhook that answers "ok".
func (h incoming) say(ctx context.Context, message any) (Posted, error) {
	body, err := encode(message)
	if err != nil {
		return Posted{}, fmt.Errorf("post to %s: %w", h.vendor, err)
	}
	answer, err := h.post(ctx, h.address, "application/json", body)
	if err != nil {
		return Posted{}, err
	}
	if strings.TrimSpace(string(answer)) != "ok" {
		return Posted{}, fmt.Errorf(
			`post to %s: %w (its answer was not "ok"%s)`,
			h.vendor,
			ErrUncertain,
			h.said(answer),
		)
	}
	return Posted{}, nil
}

func encode(message any) ([]byte, error) {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(message)
	return []byte(out.String()), err
}

// Mattermost is an incoming webhook of Mattermost
// (https://developers.mattermost.com/integrate/webhooks/incoming).
type Mattermost struct{ incoming }

// MattermostMessage is the body of a request.
type MattermostMessage struct {
	Text string `json:"text"` // Markdown
}

// maxMattermost is less than 4000 characters, the limit of servers that have never migrated their database. Other
// servers accept 16383, and split longer messages into several posts.
const maxMattermost = 3900

// ofMattermost is the style of Mattermost, a dialect of Markdown.
var ofMattermost = style{
	escape: escapeMattermost,
	bold:   ofDiscord.bold,
	link:   ofDiscord.link,
	size:   units,
	bullet: "- ",
}

// escapeMattermost escapes foreign text so that Mattermost shows it literally: without mentions (@all), channels
// (~town), tags (#x), emoji (:x:), and addresses, which it recognizes without any formatting.
// https://docs.mattermost.com/end-user-guide/collaborate/format-messages.html
func escapeMattermost(text string, room int) string {
	clip := clipped(units)
	for most := room; ; most = most * 3 / 4 {
		var out strings.Builder
		for _, r := range clip(text, most) {
			switch {
			case strings.ContainsRune("\\`*_{}[]()#+-.!>~|<", r):
				out.WriteRune('\\')
				out.WriteRune(r)
				if r == '#' || r == '~' || r == '.' {
					out.WriteString(zeroWidth)
				}
			case r == '@' || r == ':':
				out.WriteRune(r)
				out.WriteString(zeroWidth)
			default:
				out.WriteRune(r)
			}
		}
		if units(out.String()) <= room || most == 0 {
			return out.String()
		}
	}
}

// ForMattermost returns the announcement of a release.
func ForMattermost(r Release) MattermostMessage {
	text := "#### " + ofMattermost.title(r)
	end := pull(r)
	text = joined(text, ofMattermost.description(r, webAddress(r.URL), maxMattermost-units(text)-units(end)-4))
	return MattermostMessage{Text: joined(text, end)}
}

// Announce implements Channel.
func (m Mattermost) Announce(ctx context.Context, r Release) (Posted, error) {
	return m.say(ctx, ForMattermost(r))
}

// Alive implements Channel. An incoming webhook can only be posted to.
func (m Mattermost) Alive(context.Context) error { return nil }
