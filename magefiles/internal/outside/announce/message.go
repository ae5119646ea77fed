// Package announce posts a release to the channel of a chat service, or to any webhook:
// Discord, Slack, Mattermost, ntfy and others.
package announce

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// Release is the content of an announcement. All texts are plain and may come from
// anywhere.
type Release struct {
	App, Version, Tag, URL, Commit string

	Image, Digest string // how to pull the image: name:version, and sha256:…; "" when the app has no image
	Prerelease    bool
	Upgrading     []string // the steps of an upgrade, in order; breaking ones start with "Breaking: "
	Sections      []Section
	Contributors  []string
}

// Section is a group of changes.
type Section struct {
	Title   string
	Entries []string
}

// Payload is the request body of a webhook.
type Payload struct {
	Embeds          []Embed         `json:"embeds"`
	AllowedMentions AllowedMentions `json:"allowed_mentions"`
}

// AllowedMentions says who is pinged: nobody if Parse is empty, whatever the text.
// https://discord.com/developers/docs/resources/message#allowed-mentions-object
type AllowedMentions struct {
	Parse []string `json:"parse"`
}

// Embed is Discord's card.
// https://discord.com/developers/docs/resources/message#embed-object
type Embed struct {
	Title       string  `json:"title"`
	URL         string  `json:"url,omitempty"`
	Description string  `json:"description,omitempty"`
	Color       int     `json:"color"`
	Fields      []Field `json:"fields,omitempty"`
}

// Field is a named part of an embed.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Discord's limits, in characters. Discord counts code points (its staff in
// https://github.com/discord/discord-api-docs/issues/1315). We count UTF-16 code units; a text never has fewer of
// these, so the limits hold either way.
// https://discord.com/developers/docs/resources/message#embed-object-embed-limits
const (
	maxTitle       = 256
	maxDescription = 4096
	maxValue       = 1024
	maxURL         = 2048
	// All texts together may have 6000 characters: title, description and the two
	// fields stay below that by their own limits.
)

// The colours of the stripe at the side.
const (
	green  = 0x2ECC71
	orange = 0xE67E22
)

// Message returns the announcement of a release as one embed: the steps of an upgrade, the changes, how to pull the
// image, the contributors. It keeps Discord's limits for any input: lists are cut after an entry and say how many
// more there are. Foreign text cannot mention, link or format anything.
func Message(r Release) Payload {
	embed := Embed{Title: ofDiscord.title(r), URL: webAddress(r.URL), Color: green}
	if r.Prerelease {
		embed.Color = orange
	}
	embed.Description = ofDiscord.description(r, embed.URL, maxDescription)
	if command := pull(r); command != "" {
		embed.Fields = append(embed.Fields, Field{Name: "Image", Value: command})
	}
	if names := contributors(r.Contributors); names != "" {
		embed.Fields = append(embed.Fields, Field{Name: "Contributors", Value: names})
	}
	return Payload{Embeds: []Embed{embed}, AllowedMentions: AllowedMentions{Parse: []string{}}}
}

// title returns the title of the release; it is never empty.
func (s style) title(r Release) string {
	version := r.Version
	if version == "" {
		version = r.Tag
	}
	text := strings.TrimSpace(s.escape(r.App, maxTitle/2) + " " + s.escape(version, maxTitle/4))
	switch {
	case text == "":
		text = "A new release"
	case r.Prerelease:
		text += " (prerelease)"
	}
	return text
}

// webAddress returns an address if Discord accepts it, else "": with an invalid one
// Discord would refuse the whole message.
func webAddress(text string) string {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "https" && parsed.Scheme != "http" || parsed.Hostname() == "" ||
		parsed.User != nil ||
		len(text) > maxURL/4 {
		return ""
	}
	if strings.ContainsFunc(
		text,
		func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("()<>[]\\`|*\"", r) },
	) {
		return ""
	}
	return text
}

var (
	imageForm  = pattern.Lazy(`^[A-Za-z0-9]+(?:[._:/-]+[A-Za-z0-9_]+)*$`)
	digestForm = pattern.Lazy(`^sha256:[0-9a-f]{64}$`)
)

// pull returns the command that pulls the image, "" if there is no image or its name is
// invalid.
func pull(r Release) string {
	if len(r.Image) > 400 || !imageForm().MatchString(r.Image) {
		return ""
	}
	command := fmt.Sprintf("```\ndocker pull %s\n```", r.Image)
	if digestForm().MatchString(r.Digest) {
		command += fmt.Sprintf("\n`%s`", r.Digest)
	}
	return command
}

// contributors lists as many names as fit.
func contributors(names []string) string {
	const room = maxValue / 2
	var shown []string
	for _, name := range names {
		if name = escape(name, 64); name != "" {
			shown = append(shown, name)
		}
	}
	text := ""
	for i, name := range shown {
		more := fmt.Sprintf(" … and %d more", len(shown)-i)
		if units(text)+units(name)+2+units(more) > room {
			return text + more
		}
		if text != "" {
			text += ", "
		}
		text += name
	}
	return text
}
