package announce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// many returns n entries of so many characters.
func many(n, length int) []string {
	entries := make([]string, n)
	for i := range entries {
		entries[i] = fmt.Sprintf("%d %s", i+1, strings.Repeat("x", length))
	}
	return entries
}

var hostile = []string{
	"@everyone @here <@1234> <@!1234> <@&99> <#5>",
	"[free](https://evil.example) and https://evil.example/x or <https://evil.example>",
	"||spoiler|| **bold** __under__ ~~gone~~ *it* _it_ \\ \\",
	"```\ncode\n``` and `more`",
	"# heading",
	"-# small",
	"> quote",
	">>> all of it",
	"- item",
	"+ item",
	"12. item",
	"12) item",
	":smile: a:b <:x:1> <a:x:1> <t:1700000000:R> </cmd:1> <id:customize>",
	"one\ntwo\r\n@everyone\u2028three",
	"steam://run discord://x mailto:a@b.example",
	"\u202eright to left\u200b\x00\x1b[31m",
	"\xff\xfe not UTF-8",
	"   ",
	"",
}

var releases = map[string]Release{
	"small": {
		App:       "O.D.I.N.",
		Version:   "1.7.3",
		Tag:       "v1.7.3",
		URL:       "https://github.com/hughkantsime/runsodin/releases/tag/v1.7.3",
		Image:     "ghcr.io/hughkantsime/runsodin:1.7.3",
		Digest:    digest,
		Upgrading: []string{"Breaking: The printers API takes ids, not names", "Set ODIN_REGION"},
		Sections: []Section{
			{"Features", []string{"printers: show the queue's length", "an_underscored_name works"}},
			{"Fixes", []string{"#12: no more crashes at 50% load"}},
		},
		Contributors: []string{"Ada Lovelace", "gr_ace"},
	},
	"prerelease without an image": {
		App:        "O.D.I.N.",
		Version:    "1.8.0-rc.1",
		Tag:        "v1.8.0-rc.1",
		Prerelease: true,
		URL:        "https://github.com/o/r/releases/tag/v1.8.0-rc.1",
	},
	"big": {
		App: strings.Repeat(
			"App",
			300,
		),
		Version:    strings.Repeat("1.", 300),
		Tag:        "v1",
		URL:        "https://github.com/o/r/releases/tag/v1",
		Image:      "ghcr.io/" + strings.Repeat("n", 390),
		Digest:     digest,
		Prerelease: true,
		Upgrading:  slices.Concat(many(60, 100), many(1, 5000)),
		Sections: []Section{
			{"Features", many(500, 60)},
			{strings.Repeat("F", 400), many(3, 4000)},
			{"Empty", nil},
			{"Others", many(40, 10)},
		},
		Contributors: many(200, 90),
	},
	"many sections": {App: "App", Version: "1", URL: "https://github.com/o/r", Sections: func() (all []Section) {
		for i := range 100 {
			all = append(all, Section{fmt.Sprintf("Section %d", i+1), many(2, 200)})
		}
		return all
	}()},
	"hostile": {
		App:     "@everyone",
		Version: "<@1>",
		Tag:     "v1",
		URL:     "https://github.com/o/r/) [x](https://evil.example",
		Image:   "x`\n@everyone",
		Digest:  "sha256:`@here`",
		Upgrading: append(
			[]string{"Breaking: @here **"},
			hostile...),
		Sections:     []Section{{"**@everyone**\n# x", hostile}, {"", []string{"x"}}},
		Contributors: hostile,
	},
	"nothing": {},
}

func TestMessages(t *testing.T) {
	for name, release := range releases {
		t.Run(name, func(t *testing.T) {
			payload := Message(release)
			check(t, payload)
			var out bytes.Buffer
			encoder := json.NewEncoder(&out)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", "  ")
			if err := encoder.Encode(payload); err != nil {
				t.Fatal(err)
			}
			testkit.Golden(t, "testdata/"+strings.ReplaceAll(name, " ", "-")+".json", out.String())
		})
	}
}

var (
	mention = regexp.MustCompile(`@(everyone|here)|<@|<#|<t:|<a?:\w|</\w|<id:`)
	address = regexp.MustCompile(`[a-zA-Z]://`)
	own     = regexp.MustCompile(`\n*\[Everything about this release\]\(https?://[^\s()]*\)$`)
	// characters made ordinary by a backslash
	harmless = regexp.MustCompile(`\\[^0-9A-Za-z\s]`)
	// our own formatting, in its place
	bullet   = regexp.MustCompile(`(?m)^- (\*\*Breaking:\*\*)?`)
	heading  = regexp.MustCompile(`(?m)^\*\*([^*\n]+)\*\*$`)
	meaning  = regexp.MustCompile("[*_~|`<>\\[\\]#\\\\]|(?m:^\\s*(-|\\+|>|-#|\\d+\\.(?: |$)))")
	pullForm = regexp.MustCompile("^```\ndocker pull [A-Za-z0-9._:/-]+\n```(\n`sha256:[0-9a-f]{64}`)?$")
)

// check checks a message against Discord's limits, and searches it for mentions, links
// or formatting that are not ours.
func check(t *testing.T, p Payload) {
	t.Helper()
	if p.AllowedMentions.Parse == nil || len(p.AllowedMentions.Parse) != 0 || len(p.Embeds) != 1 {
		t.Fatalf("%+v", p)
	}
	e := p.Embeds[0]
	limit := func(what, text string, least, most int) {
		if !utf8.ValidString(text) || units(text) > most || units(strings.TrimSpace(text)) < least {
			t.Errorf("the %s has %d units, expected %d to %d: %q", what, units(text), least, most, text)
		}
	}
	limit("title", e.Title, 1, maxTitle)
	limit("description", e.Description, 0, maxDescription)
	limit("address", e.URL, 0, maxURL)
	foreign(t, e.Title)
	foreign(t, own.ReplaceAllString(e.Description, ""))
	sum := units(e.Title) + units(e.Description)
	for _, field := range e.Fields {
		limit("field's name", field.Name, 1, 256)
		limit("field's value", field.Value, 1, maxValue)
		sum += units(field.Name) + units(field.Value)
		if field.Name == "Image" {
			if !pullForm.MatchString(field.Value) {
				t.Errorf("the command is %q", field.Value)
			}
			continue
		}
		foreign(t, field.Value)
	}
	if sum > 6000 || len(e.Fields) > 25 {
		t.Errorf("%d units in all, %d fields", sum, len(e.Fields))
	}
}

func foreign(t *testing.T, text string) {
	t.Helper()
	// Even without the backslashes nobody is mentioned.
	if found := mention.FindString(
		strings.ReplaceAll(text, `\`, ""),
	); strings.Contains(found, "e") &&
		strings.HasPrefix(found, "@") {
		t.Errorf("%q mentions: %q", found, text)
	}
	if found := address.FindString(text); found != "" {
		t.Errorf("%q links: %q", found, text)
	}
	plain := harmless.ReplaceAllString(text, "x")
	plain = heading.ReplaceAllString(bullet.ReplaceAllString(plain, ""), "$1")
	if found := meaning.FindString(plain); found != "" || mention.MatchString(plain) {
		t.Errorf("%q has a meaning in %q, of %q", found, plain, text)
	}
}

func FuzzMessage(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, 3, 100)
	}
	f.Add("😀", 200, 3000)
	f.Add("@", 40, 5000)
	f.Fuzz(func(t *testing.T, text string, entries, times int) {
		entries, times = max(0, min(entries, 200)), max(0, min(times, 5000))
		long := strings.Repeat(text, min(times, 5000/(len(text)+1)))
		list := slices.Concat(
			[]string{text, long, breaking + text, breaking + long},
			slices.Repeat([]string{text}, entries),
		)
		check(t, Message(Release{
			App: text, Version: long, Tag: text, URL: text, Image: text, Digest: text, Upgrading: list,
			Sections: []Section{{text, list}, {long, list[:1]}, {"x", []string{text + " " + text}}}, Contributors: list,
		}))
		check(
			t,
			Message(
				Release{
					URL:      "https://github.com/" + text,
					Image:    long,
					Digest:   digest,
					Sections: slices.Repeat([]Section{{long, list[:4]}}, min(entries, 30)),
				},
			),
		)
	})
}
